"""Do directories name the mailboxes of a team, and does a refusal say what an administrator does?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.auth.google.consent import SCOPES
from connectors.sandbox.microsoft.directory import number
from connectors.sandbox.microsoft.login import APP_ROLES
from connectors.sandbox.server.faults import Fault
from jobs.console.outcome import Outcome
from jobs.context import opened
from jobs.team import find
from tests.support.providers.house import House
from tests.support.providers.team_office import Office, team_office

ADMIN = "google0@ourco.example"
BOTH = {
    "google_groups": ["sales@ourco.example"],
    "directory_account": ADMIN,
    "microsoft_groups": ["sales@ourco.example"],
}


@pytest.fixture(scope="module")
def whole() -> Iterator[Office]:
    with team_office(4) as made:
        made.world.account("boss@ourco.example", "Boss", aliases=("chief@ourco.example",))
        made.world.group(
            "north@ourco.example", ["google1@ourco.example", "microsoft1@ourco.example"]
        )
        inside = ["google0@ourco.example", "microsoft0@ourco.example", "google2@ourco.example"]
        guests = ["omar@client.example", "microsoft2@ourco.example", "north@ourco.example"]
        made.world.group("sales@ourco.example", [*inside, *guests])
        for who in ("google2@ourco.example", "microsoft2@ourco.example"):
            made.world.block(who)
        made.google.quirks.administrators = frozenset({ADMIN})
        made.google.quirks.directory_page = 2
        yield made


@pytest.fixture
def office(whole: Office) -> Iterator[Office]:
    yield whole
    whole.google.faults.clear()
    whole.microsoft.faults.clear()
    whole.microsoft.sign_in.app_roles = APP_ROLES
    whole.google.quirks.administrators = frozenset({ADMIN})


def found(house: House, **how: Any) -> tuple[Outcome, set[str]]:
    """What the directories bring, and whose mailboxes are read afterwards."""
    with house.patch.context() as patched:
        for name, value in house.variables().items():
            patched.setenv(name, value)
        with opened(quiet=True) as context:
            outcome = find.run(context, **how)
            return outcome, {box.address.partition("@")[0] for box in context.settings.mailbox}


def test_members_of_groups_and_of_groups_within_are_found_but_nobody_blocked_or_from_outside(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = office.house(tmp_path / "house", monkeypatch, named=False, team=BOTH)
    outcome, boxes = found(house)
    assert (outcome.code, outcome.problems) == (0, ())
    assert outcome.lines == ("google directory: 2 mailboxes", "microsoft directory: 2 mailboxes")
    assert boxes == {"google0", "google1", "microsoft0", "microsoft1"}
    assert office.google.log.counts()["directory.users.list"] == 3
    assert office.google.log.counts()["directory.members.list"] == 4
    # A later command knows them without asking anybody.
    office.google.log.clear()
    assert "4 mailboxes" in house.type("team", "status").out
    assert office.google.log.counts()["directory.users.list"] == 0


def test_everybody_is_found_but_those_who_are_left_out(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = {
        "google_everybody": True,
        "directory_account": ADMIN,
        "microsoft_everybody": True,
        "leave_out": ["chief@ourco.example", "microsoft3@ourco.example"],
    }
    house = office.house(tmp_path / "house", monkeypatch, named=False, team=plan)
    _, boxes = found(house)
    assert boxes == {"google0", "google1", "google3", "microsoft0", "microsoft1"}


def test_a_mailbox_of_the_settings_stays_as_the_settings_say(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = office.house(tmp_path / "house", monkeypatch, team=BOTH)
    _, boxes = found(house)
    assert boxes == {seller.partition("@")[0] for seller, _ in office.sellers}


def test_a_group_at_microsoft_can_be_named_by_its_object_id(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = {"microsoft_groups": [number("north@ourco.example")]}
    house = office.house(tmp_path / "house", monkeypatch, named=False, team=plan)
    assert found(house)[1] == {"microsoft1"}


@pytest.mark.parametrize("provider", ["google", "microsoft"])
def test_a_group_that_is_not_there_is_said(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    plan = BOTH | {"google_groups": [], "microsoft_groups": []}
    for name in ("nobody@ourco.example", *([number("x")] if provider == "microsoft" else [])):
        plan = plan | {f"{provider}_groups": [name]}
        house = office.house(tmp_path / name[:6], monkeypatch, named=False, team=plan)
        outcome, boxes = found(house)
        (problem,) = outcome.problems
        assert outcome.code == 3
        assert f"{provider}_groups" in problem or "object id" in problem
        assert boxes == set()


def test_google_s_refusals_say_what_an_administrator_does(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = BOTH | {"microsoft_groups": []}
    house = office.house(tmp_path / "house", monkeypatch, named=False, team=plan)
    office.google.quirks.administrators = frozenset()
    (problem,) = found(house)[0].problems
    assert "directory_account in [team]" in problem
    other = office.google.service_account(SCOPES["read"], "other@noshow.iam.gserviceaccount.com")
    (tmp_path / "house" / "key.json").write_text(json.dumps(other), "utf-8")
    (problem,) = found(house)[0].problems
    assert all(scope in problem for scope in SCOPES["directory"])
    shown = house.type("connect", "google", "--for", "directory", "--explain")
    assert all(scope in shown.out for scope in SCOPES["directory"]), shown.said


@pytest.mark.parametrize("without", ["User.Read.All", "GroupMember.Read.All"])
def test_microsoft_s_refusals_say_what_an_administrator_does(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, without: str
) -> None:
    plan = {"microsoft_groups": ["sales@ourco.example"]}
    house = office.house(tmp_path / "house", monkeypatch, named=False, team=plan)
    assert len(found(house)[1]) == 2
    office.microsoft.sign_in.app_roles = APP_ROLES - {without}
    outcome, boxes = found(house)
    (problem,) = outcome.problems
    assert "User.Read.All and GroupMember.Read.All" in problem
    # Whom it showed before is still read.
    assert len(boxes) == 2


def test_a_directory_that_suddenly_names_nobody_is_not_believed(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = BOTH | {"microsoft_groups": []}
    house = office.house(tmp_path / "house", monkeypatch, named=False, team=plan)
    found(house)
    office.world.group("empty@ourco.example", [])
    text = house.settings_file.read_text("utf-8")
    house.write(text.replace('google_groups = ["sales', 'google_groups = ["empty'))
    outcome, boxes = found(house)
    assert "named 2 mailboxes and now names none" in outcome.problems[0]
    assert len(boxes) == 2
    assert found(house, allow_empty=True)[1] == set()


@pytest.mark.parametrize("kind", ["empty_page", "server_error", "too_many"])
def test_pages_that_are_empty_late_or_refused_once_change_nothing(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    house = office.house(tmp_path / "house", monkeypatch, named=False, team=BOTH)
    faults = {"retry_after": 0.0} if kind == "too_many" else {}
    office.google.faults.add(Fault(kind, where="directory.*", times=1, **faults))  # type: ignore[arg-type]
    office.microsoft.faults.add(Fault(kind, where="groups.*", times=1, **faults))  # type: ignore[arg-type]
    outcome, boxes = found(house)
    assert outcome.problems == ()
    assert boxes == {"google0", "google1", "microsoft0", "microsoft1"}


def test_a_list_that_does_not_end_is_an_error(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = office.house(tmp_path / "house", monkeypatch, named=False, team=BOTH)
    office.google.faults.add(Fault("repeated_page", where="directory.users.list", times=None))
    office.microsoft.faults.add(
        Fault("repeated_page", where="groups.transitiveMembers", times=None)
    )
    outcome, boxes = found(house)
    assert [("does not end" in one) for one in outcome.problems] == [True, True]
    assert boxes == set()


def test_groups_without_who_may_read_them_are_a_mistake_in_the_settings(house: House) -> None:
    house.settings(team={"google_groups": ["sales@ourco.example"]})
    said = house.type("status")
    assert said.code == 2
    assert "directory_account" in said.err
