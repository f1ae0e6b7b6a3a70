"""Does a mail with the subject `noshow stop` end the reports, once said, until it is taken back?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from connectors.sandbox.world.world import World
from tests.support.providers.house import KATE, House, house_with_google

DANA = "dana@client.example"
MONDAY = datetime(2026, 11, 16, 6, 30, tzinfo=UTC)


def small_world() -> World:
    """Kate and Dana, a few mails."""
    world = World(MONDAY - timedelta(days=90))
    world.account(KATE, "Kate Lind")
    world.human(DANA, "Dana Kim")
    for week in range(3):
        world.mail(MONDAY - timedelta(days=60 - week), KATE, DANA, "Offer")
    world.advance_to(MONDAY - timedelta(days=1))
    return world


def week_later(house: House, weeks: int) -> list[str]:
    """The next Monday's runs; returns what lies in the report folder now."""
    assert house.world is not None
    house.world.advance_to(MONDAY + timedelta(days=7 * weeks))
    assert house.type("sync").code == 0
    assert house.type("run-due").code in (0, 3)
    return sorted(path.name[:-4] for path in house.reports.glob("*.eml"))


def last_text(folder: Path, stem: str) -> str:
    mail = message_from_bytes((folder / f"{stem}.eml").read_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def test_stop_is_said_once_and_start_brings_the_next_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house_with_google(tmp_path, monkeypatch, small_world()) as house:
        world = house.world
        assert world is not None
        assert house.type("sync").code == 0
        first = week_later(house, 0)
        assert [name[:15] for name in first] == ["2026-W46-weekly"]
        world.mail(world.now + timedelta(hours=1), KATE, KATE, "noshow stop")
        second = week_later(house, 1)
        (note,) = set(second) - set(first)
        assert "-stop-" in note
        assert "Stopped: you get no more reports." in last_text(house.reports, note)
        assert week_later(house, 2) == second, "it is said once"
        world.mail(world.now + timedelta(hours=1), KATE, KATE, "Re: noshow START")
        (again,) = set(week_later(house, 3)) - set(second)
        assert again.startswith("2026-W49-weekly")
        assert "may have missed" not in last_text(house.reports, again)


def test_a_stranger_cannot_stop_the_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house_with_google(tmp_path, monkeypatch, small_world()) as house:
        world = house.world
        assert world is not None
        world.mail(world.now + timedelta(hours=1), DANA, KATE, "noshow stop")
        assert house.type("sync").code == 0
        (only,) = week_later(house, 0)
        assert only.startswith("2026-W46-weekly")
