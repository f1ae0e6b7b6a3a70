"""Does the domain's audit log date what no mail told, under a consent of its own?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.google.server import AUDIT, CALENDAR, MAIL
from connectors.sandbox.server.faults import Fault
from connectors.sandbox.world.world import World
from connectors.store.tables.schema import observations
from tests.support.providers.google_office import DANA, LEE, MONDAY, at
from tests.support.providers.house import KATE, House, house_with_google
from tests.support.providers.sandbox_requests import ACTIVITIES, Asker

ADMIN = "admin@ourco.example"
JONAS = "jonas@ourco.example"


def world_of_acts() -> World:
    """Nobody is told of anything by mail: only the log knows when it was."""
    world = World(MONDAY)
    world.account(KATE, "Kate Lind")
    world.account(ADMIN, "Admin")
    world.human(DANA, "Dana Kim")
    world.human(LEE, "Lee Park")
    world.human(JONAS, "Jonas Weber")
    plan = world.invite(at(0, 1), KATE, [DANA], at(9), title="Plan", mail=False)
    world.answer(at(0, 2), plan, DANA, "accepted", mail=False)
    world.answer(at(3, 2.5), plan, DANA, "declined", mail=False)
    talk = world.invite(at(0, 1), KATE, [LEE], at(10), title="Talk", mail=False)
    world.move(at(3, 5), talk, at(11), mail=False)
    gone = world.invite(at(0, 1), KATE, [LEE], at(12), title="Gone", mail=False)
    world.cancel(at(3, 6), gone, mail=False)
    theirs = world.invite(at(0, 1), DANA, [KATE], at(13), title="Theirs", mail=False)
    world.answer(at(3, 7), theirs, KATE, "accepted", mail=False)
    world.cancel(at(3, 8), theirs, mail=False)
    private = world.invite(at(0, 1), JONAS, [LEE], at(9), title="Private", mail=False)
    world.cancel(at(3, 9), private, mail=False)
    world.advance_to(at(1))
    return world


@pytest.fixture
def audited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Kate's house, which may read the log; the administrator has consented to that alone."""
    with house_with_google(tmp_path, monkeypatch, world_of_acts()) as house:
        assert house.google is not None
        house.google.quirks.administrators = frozenset({ADMIN})
        house.settings(google={"audit_account": ADMIN})
        house.log_in("audit", ADMIN)
        yield house


def acts(house: House) -> list[tuple[Any, str, str]]:
    """What the store holds by the log: moment, method, actor."""
    with house.store() as store, store.database.reading() as connection:
        table = observations.c
        rows = connection.execute(observations.select().where(table.evidence == "audit")).all()
    return sorted((row.acted_at, row.method, row.actor) for row in rows)


def moment(days: float, hours: float = 0) -> int:
    return int(at(days, hours).timestamp()) * 1_000_000


def test_the_log_says_who_did_what_at_which_second_and_nothing_of_others(audited: House) -> None:
    assert audited.world is not None
    assert audited.type("sync").code == 0
    audited.world.advance_to(at(5))
    typed = audited.type("sync")
    assert typed.code == 0, typed.said
    found = acts(audited)
    assert (moment(3, 2.5), "reply", DANA) in found
    assert (moment(3, 5), "request", KATE) in found
    assert (moment(3, 6), "cancel", KATE) in found
    assert (moment(3, 7), "reply", KATE) in found
    assert JONAS not in {actor for _, _, actor in found}, "a colleague who is not read"
    assert moment(3, 8) not in {when for when, _, _ in found}, "it was not their calendar"
    again = audited.type("sync")
    assert (again.code, acts(audited)) == (0, found), "asked again, nothing counts twice"


def test_what_the_log_shows_late_is_read_by_a_later_look(audited: House) -> None:
    assert audited.world is not None
    assert audited.type("sync").code == 0
    audited.world.advance_to(at(3, 3))  # half an hour after the decline: the log is hours late
    assert audited.type("sync").code == 0
    assert moment(3, 2.5) not in {when for when, _, _ in acts(audited)}
    audited.world.advance_to(at(3, 12))
    assert audited.type("sync").code == 0
    assert moment(3, 2.5) in {when for when, _, _ in acts(audited)}


def test_without_its_own_consent_calendar_and_mail_are_read_and_the_gap_is_said(
    audited: House,
) -> None:
    for file in audited.paths.tokens.glob("*audit*"):
        file.unlink()
    typed = audited.type("sync")
    assert typed.code == 3
    assert "audit" in typed.err
    assert "noshow connect google" in typed.err
    assert "mail: " in typed.out
    assert acts(audited) == []
    doctor = audited.type("doctor")
    assert f"{ADMIN} is not logged in for audit" in doctor.err


def test_who_is_no_administrator_is_told_so(audited: House) -> None:
    assert audited.google is not None
    audited.google.quirks.administrators = frozenset()
    typed = audited.type("sync")
    assert typed.code == 3
    assert "audit" in typed.err
    audited.google.quirks.administrators = frozenset({ADMIN})
    assert audited.type("sync").code == 0


def test_a_log_that_breaks_is_made_up_for(audited: House) -> None:
    assert audited.google is not None
    assert audited.world is not None
    audited.world.advance_to(at(5))
    audited.google.faults.add(Fault("daily_403", where="reports.*", times=None))
    assert audited.type("sync").code == 3
    assert acts(audited) == []
    audited.google.faults.clear()
    assert audited.type("sync").code == 0
    assert (moment(3, 2.5), "reply", DANA) in acts(audited)


def test_each_consent_opens_its_own_door_and_no_other(audited: House) -> None:
    google = audited.google
    assert google is not None
    reader = Asker(google, CALENDAR, MAIL, who=ADMIN)
    assert reader.ask(ACTIVITIES).status_code == 403
    auditor = Asker(google, AUDIT, who=ADMIN)
    assert auditor.ask(ACTIVITIES).status_code == 200
    assert auditor.ask("gmail/v1/users/me/profile").status_code == 403
    kate = Asker(google, AUDIT, who=KATE)
    assert kate.ask(ACTIVITIES).status_code == 403


def test_the_log_comes_in_pages_the_newest_first_and_reaches_back_180_days(
    audited: House,
) -> None:
    google = audited.google
    assert google is not None
    assert audited.world is not None
    audited.world.advance_to(at(5))
    auditor = Asker(google, AUDIT, who=ADMIN)
    pages = list(auditor.pages(ACTIVITIES, maxResults=2))
    times = [one["id"]["time"] for page in pages for one in page.get("items", ())]
    assert len(pages) > 2
    assert times == sorted(times, reverse=True)
    (moved,) = auditor.get(ACTIVITIES, eventName="change_event_start_time")["items"]
    told = {
        one["name"]: one.get("value", one.get("intValue"))
        for one in moved["events"][0]["parameters"]
    }
    assert int(told["start_time"]) - 62_135_596_800 == int(at(11).timestamp())
    assert auditor.ask(ACTIVITIES, startTime="last week").status_code == 400
    audited.world.advance_to(at(5) + timedelta(days=181))
    assert "items" not in auditor.get(ACTIVITIES)
