"""Does the lead see what concerns several sellers, nothing of their own side, and not before they know?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.providers.house import House
from tests.support.providers.team_office import Office, team_office

LEAD = "boss@ourco.example"


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with team_office(1) as made:
        yield made


def monday(office: Office, folder: Path, patch: pytest.MonkeyPatch, **team: object) -> House:
    """A house whose first Monday report has gone to the folder."""
    house = office.house(
        folder, patch, team={"lead": LEAD, **team}, policy={"coverage_weeks": 1}, sync={"workers": 1}
    )  # fmt: skip
    assert house.type("sync").code == 0
    return house


def mails(house: House) -> dict[str, str]:
    """The texts of the reports, by whom they go to."""
    return {path.name: path.read_text("utf-8") for path in sorted(house.reports.rglob("*.txt"))}


def test_sellers_are_told_and_then_the_lead_is_shown_whom_two_have_on_their_lists(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = monday(office, tmp_path / "house", monkeypatch)
    before = house.type("team", "report")
    assert before.code == 0
    assert "0 of 2 mailboxes stand behind this" in " ".join(before.out.split())
    assert "Omar" not in before.out
    ran = house.type("run-due")
    assert ran.code == 0, ran.said
    found = mails(house)
    own = [text for name, text in found.items() if "ourco" in name and "boss" not in name]
    assert len(own) == 2, found.keys()
    for text in own:
        assert f"Who else sees something: {LEAD} gets a short list" in " ".join(text.split())
    (view,) = [text for name, text in found.items() if "boss" in name]
    plain = " ".join(view.split())
    assert "Omar Haddad client.example: late on 2 of the team; 4 of 6 meetings" in plain
    for seller, _ in office.sellers:
        assert f"Mailbox of {seller}: " in plain
    assert plain.count("called off 2 hours before") == 4
    assert "Tue 27 Oct, 10:00: called off 2 hours before" in plain, view
    # No title, no id, no step, nothing that a seller owes.
    for own_side in ("Plan", "[", "owe", "You ", "question"):
        assert own_side not in view, own_side
    again = " ".join(house.type("team", "report").out.split())
    assert "late on 2 of the team; 4 of 6 meetings" in again


def test_without_a_lead_nobody_is_told_or_shown_anything(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = office.house(tmp_path / "house", monkeypatch, policy={"coverage_weeks": 1})
    assert house.type("sync").code == 0
    assert house.type("run-due").code == 0
    found = mails(house)
    assert len(found) == 2
    assert not any("Who else sees" in text for text in found.values())
    refused = house.type("team", "report")
    assert refused.code == 2
    assert "the lead's view is off" in refused.err


def test_another_lead_is_shown_nothing_until_sellers_were_told_of_them(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = monday(office, tmp_path / "house", monkeypatch)
    house.type("run-due")
    text = house.settings_file.read_text("utf-8")
    house.write(text.replace(LEAD, "other@ourco.example"))
    assert "0 of 2 mailboxes" in " ".join(house.type("team", "report").out.split())


def test_a_lead_where_owners_get_no_report_is_a_mistake_in_the_settings(house: House) -> None:
    house.settings(team={"lead": LEAD}, report={"recipients": ["kate@ourco.example"]})
    said = house.type("status")
    assert said.code == 2
    assert "[team] lead needs every owner" in said.err
