"""What do the commands say of a login to Google that will end, or has ended?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.clock import to_micros
from connectors.auth.google_consent import SCOPES, Stored
from connectors.auth.vault import FileVault, entry_name
from connectors.sandbox.google import GoogleSandbox
from connectors.sandbox.world import World
from tests.google.office import DANA, MONDAY, at
from tests.jobs.house import KATE, House

AUDIENCE = "https://console.cloud.google.com/auth/audience"
NAME = entry_name("google", KATE, "read")


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


def log_in(house: House, kind: Any = "production", **changed: Any) -> None:
    """Kate's login of now, whose end is as the sandbox or the test tells it."""
    assert house.google is not None
    assert house.world is not None
    info = house.google.issue_token(KATE, SCOPES["read"], kind)
    stored = Stored.from_authorized_user(info, "read", to_micros(house.world.now))
    FileVault(house.paths.tokens).write(NAME, replace(stored, **changed).entry())


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
    """What stands above the report's first heading."""
    return house.newest().split("\n\n\n")[0][:1_500]


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=13, hours=20), "in 13 days"),
        (timedelta(hours=20), "within a day"),
    ],
    ids=["fourteen days", "one day"],
)
def test_an_end_that_is_near_stands_in_the_report_s_first_lines_and_in_doctor(
    house: House, left: timedelta, words: str
) -> None:
    assert house.world is not None
    log_in(house, dies_at=to_micros(house.world.now + left))
    assert house.type("sync").code == 0
    assert house.type("report", "--to", "folder").code in (0, 3)
    assert words in first_lines(house)
    doctor = house.type("doctor")
    assert words in doctor.said
    assert doctor.code == 3


def test_an_end_in_twenty_days_is_not_yet_worth_a_word(house: House) -> None:
    assert house.world is not None
    log_in(house, dies_at=to_micros(house.world.now + timedelta(days=20)))
    assert house.type("sync").code == 0
    assert house.type("report", "--to", "folder").code in (0, 3)
    assert "login" not in house.newest()
    doctor = house.type("doctor")
    assert "login in order" in doctor.out
