"""What do the commands say of a login to Google that will end, or has ended?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.clock import to_micros
from connectors.auth.google.consent import SCOPES, Stored
from connectors.auth.vault import FileVault, entry_name
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.world.world import World
from tests.support.providers.google_office import DANA, MONDAY, at
from tests.support.providers.house import KATE, House

AUDIENCE = "https://console.cloud.google.com/auth/audience"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Kate's installation over a world with one meeting and a few mails."""
    world = World(MONDAY)
    world.account(KATE, "Kate Lind")
    world.human(DANA, "Dana Kim")
    world.invite(at(0, 1), DANA, [KATE], at(9), title="Budget")
    for hour in range(5):
        world.mail(at(0, hour), DANA, KATE, f"Offer {hour}")
    world.advance_to(at(1))
    with GoogleSandbox(world) as google:
        made = House(tmp_path / "house", monkeypatch, world, google)
        made.settings()
        yield made


def log_in(house: House, kind: Any = "production", purpose: str = "read", **changed: Any) -> None:
    """Kate's login of now, whose end is as the sandbox or the test tells it."""
    assert house.google is not None
    assert house.world is not None
    info = house.google.issue_token(KATE, SCOPES[purpose], kind)
    stored = Stored.from_authorized_user(info, purpose, to_micros(house.world.now))
    FileVault(house.paths.tokens).write(
        entry_name("google", KATE, purpose), replace(stored, **changed).entry()
    )


def dead_after(house: House, days: float) -> str:
    """What a sync says so many days after the login was given to an app in Testing."""
    assert house.google is not None
    assert house.world is not None
    log_in(house, "testing")
    assert house.type("sync").code == 0
    house.world.advance_to(at(1 + days))
    house.google.login.expire_access()
    typed = house.type("sync")
    assert typed.code == 4
    return typed.err


@pytest.mark.parametrize("days", [8, 39])
def test_a_login_that_died_of_testing_is_told_so_however_late_it_is_noticed(
    house: House, days: int
) -> None:
    house.settings(google={"testing": True})
    said = dead_after(house, days)
    assert "ended after 7 days" in said
    assert AUDIENCE in said
    assert "noshow connect google" in said
    assert "password" not in said


def test_without_a_word_in_the_settings_testing_is_only_probable(house: House) -> None:
    said = dead_after(house, 39)
    assert "probably the app is in Testing" in said
    assert "password was changed" in said
    assert AUDIENCE in said


def first_lines(house: House) -> str:
    """What the report says before it says what it has read, as one line."""
    above, found, _ = house.newest().partition("Why you get this")
    assert found
    return " ".join(above.split())


def in_both(house: House) -> tuple[str, str]:
    """A sync, then the report's first lines, and what doctor says."""
    assert house.type("sync").code == 0
    assert house.type("report", "--to", "folder").code in (0, 3)
    return first_lines(house), house.type("doctor").said


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=13, hours=20), "ends on 17 November, in 13 days: noshow connect google"),
        (
            timedelta(hours=20),
            "ends within a day, on 4 November. Log in now: noshow connect google",
        ),
    ],
    ids=["fourteen days", "one day"],
)
def test_an_end_that_is_near_stands_in_the_report_s_first_lines_and_in_doctor(
    house: House, left: timedelta, words: str
) -> None:
    assert house.world is not None
    given = to_micros(house.world.now - timedelta(days=60))
    log_in(house, consented_at=given, dies_at=to_micros(house.world.now + left))
    report, doctor = in_both(house)
    for said in (report, doctor):
        assert f"{KATE}: The login to Google {words}" in said
        assert "Testing" not in said
    assert "login in order" not in doctor
    assert house.type("doctor").code == 3


def test_an_end_in_twenty_days_is_not_yet_worth_a_word(house: House) -> None:
    assert house.world is not None
    log_in(house, dies_at=to_micros(house.world.now + timedelta(days=20)))
    report, doctor = in_both(house)
    assert "login" not in report
    assert "login in order" in doctor


def test_a_login_of_testing_is_warned_of_with_a_way_out_that_a_report_can_show(
    house: House,
) -> None:
    house.settings(google={"testing": True})
    log_in(house, "testing")
    for said in in_both(house):
        assert "ends on 10 November, in 6 days" in said
        assert "noshow connect google --explain shows where" in said
    shown = house.type("connect", "google", "--explain")
    assert AUDIENCE in shown.out


def test_the_end_of_the_login_for_sending_is_told_with_the_command_that_renews_it(
    house: House,
) -> None:
    assert house.world is not None
    house.settings(report={"deliver": ["folder", "provider"]})
    log_in(house)
    log_in(house, "production", "send", dies_at=to_micros(house.world.now + timedelta(days=5.5)))
    for said in in_both(house):
        assert "The login to Google for sending ends on" in said
        assert "in 5 days: noshow connect google --for sending" in said
