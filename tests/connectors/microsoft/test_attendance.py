"""Is a Teams record taken for what it shows, for the right slot, and for nothing more?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.clock import to_micros
from connectors.interfaces import Window
from connectors.microsoft.attendance import MicrosoftAttendance
from connectors.microsoft.client import Forbidden, Graph
from connectors.model.records import AttendanceSeen
from connectors.sandbox.server.faults import Fault
from connectors.sandbox.world.acts import Participant
from connectors.sandbox.world.recurrence import Rule
from tests.support.providers.microsoft_office import DANA, KATE, LEE, Office, at, office

HALF = timedelta(minutes=30)


@pytest.fixture
def kate(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        yield made


def person(address: str, start: datetime, minutes: int = 25) -> Participant:
    joined = to_micros(start)
    return Participant(
        address.partition("@")[0], "signed_in", joined, joined + minutes * 60_000_000, address
    )


def records(kate: Office) -> list[AttendanceSeen]:
    """The records of all meetings that the calendar shows."""
    wanted = [
        (one.series_uid, one.recurrence_id, one.online, Window(one.start_at, one.end_at))
        for one in kate.meetings().values()
        if one.start_at is not None and one.end_at is not None
    ]
    source = MicrosoftAttendance(kate.graph_for(kate.login("attendance")))
    return [record for page in source.pages(wanted) for record in page.attendance]


def test_who_was_there_is_told_with_how_they_are_known(kate: Office) -> None:
    uid = kate.world.invite(at(0, 1), KATE, [DANA], at(3), title="Review", online=True)
    start = to_micros(at(3))
    people = [
        person(KATE, at(3)),
        Participant("Ines", "anonymous", start, start + 60_000_000),
        Participant("?", "phone", start, start + 30_000_000),
    ]
    kate.world.hold(at(3) + HALF, uid, people)
    kate.world.advance_to(at(4))
    (record,) = records(kate)
    assert (record.series_uid, record.recurrence_id) == (uid.lower(), "")
    assert record.started_at == start
    assert [(one.address, one.identity) for one in record.participants] == [
        (KATE, "signed_in"),
        ("", "anonymous"),
        ("", "phone"),
    ]
    assert [one.seconds for one in record.participants] == [1500, 60, 30]
    assert record.participants[0].joined_at == start


def test_each_session_belongs_to_the_occurrence_that_it_overlaps(kate: Office) -> None:
    rule = Rule("weekly", count=3)
    uid = kate.world.invite(at(0, 1), KATE, [DANA], at(1), title="W", rule=rule, online=True)
    for day in (1, 8):
        kate.world.hold(at(day) + HALF, uid, [person(KATE, at(day))], occurrence=at(day))
    # A test call between the occurrences is nobody's.
    kate.world.hold(at(3), uid, [person(KATE, at(3) - HALF)], occurrence=at(1))
    kate.world.advance_to(at(9))
    found = sorted(one.recurrence_id for one in records(kate))
    assert found == [f"{at(day):%Y%m%dT%H%M%SZ}" for day in (1, 8)]


def test_two_sessions_of_one_slot_are_two_records(kate: Office) -> None:
    uid = kate.world.invite(at(0, 1), KATE, [DANA], at(3), title="Review", online=True)
    kate.world.hold(at(3, 0.2), uid, [person(KATE, at(3), 10)])
    kate.world.hold(at(3) + HALF, uid, [person(DANA, at(3, 0.25), 10)])
    kate.world.advance_to(at(4))
    assert [one.participants[0].address for one in records(kate)] == [DANA, KATE]


def test_the_slot_of_a_meeting_somebody_else_organises_gives_nothing(kate: Office) -> None:
    uid = kate.world.invite(at(0, 1), LEE, [KATE], at(3), title="Theirs", online=True)
    kate.world.hold(at(3) + HALF, uid, [person(KATE, at(3))])
    kate.world.advance_to(at(4))
    assert records(kate) == []


def test_what_is_older_than_the_fifty_newest_reports_gives_nothing(kate: Office) -> None:
    rule = Rule("daily", count=55)
    uid = kate.world.invite(at(0, 1), KATE, [DANA], at(1), title="Daily", rule=rule, online=True)
    for day in range(1, 56):
        kate.world.hold(at(day) + HALF, uid, [person(KATE, at(day))], occurrence=at(day))
    kate.world.advance_to(at(57))
    assert len(records(kate)) == 50


def test_a_place_or_another_service_is_not_asked_for(kate: Office) -> None:
    source = MicrosoftAttendance(kate.graph_for(kate.login("attendance")))
    slot = Window(0, 1)
    wanted = [
        ("a", "", "abc-defg-hij", slot),
        ("b", "", "https://zoom.us/j/1", slot),
        ("c", "", "", slot),
    ]
    assert list(source.pages(wanted)) == []
    assert "onlineMeetings.list" not in kate.sandbox.log.counts()


def test_without_the_permission_it_is_said_once(kate: Office) -> None:
    kate.world.invite(at(0, 1), KATE, [DANA], at(3), title="Review", online=True)
    kate.world.advance_to(at(4))
    kate.sandbox.faults.add(Fault("forbidden", where="onlineMeetings.list", times=None))
    with pytest.raises(Forbidden):
        records(kate)


def test_one_refused_meeting_does_not_hide_the_others(kate: Office) -> None:
    for number in (3, 4):
        uid = kate.world.invite(at(0, 1), KATE, [DANA], at(number), title=f"{number}", online=True)
        kate.world.hold(at(number) + HALF, uid, [person(KATE, at(number))])
    kate.world.advance_to(at(5))
    kate.sandbox.faults.add(Fault("forbidden", where="attendanceReports.get"))
    assert len(records(kate)) == 1


def test_a_report_that_is_gone_when_asked_for_may_hold_anybody(kate: Office) -> None:
    """Two sessions of one slot: the one that can be read does not show who was in the other."""
    uid = kate.world.invite(at(0, 1), KATE, [DANA], at(3), title="Review", online=True)
    kate.world.hold(at(3, 0.2), uid, [person(KATE, at(3), 10)])
    kate.world.hold(at(3) + HALF, uid, [person(DANA, at(3, 0.25), 10)])
    kate.world.advance_to(at(4))
    kate.sandbox.faults.add(Fault("not_found", where="attendanceReports.get"))
    gone, read = records(kate)
    assert [(one.address, one.identity) for one in gone.participants] == [("", "anonymous")]
    assert [one.address for one in read.participants] == [KATE]


def test_a_session_an_hour_later_belongs_to_the_slot(kate: Office) -> None:
    """They agreed by phone to begin later: who came then was not absent."""
    uid = kate.world.invite(at(0, 1), KATE, [DANA], at(3), title="Review", online=True)
    kate.world.hold(at(3, 0.2), uid, [person(KATE, at(3), 10)])
    kate.world.hold(at(3, 2), uid, [person(KATE, at(3, 1.5)), person(DANA, at(3, 1.5))])
    kate.world.hold(at(4, 9), uid, [person(KATE, at(4, 8))])
    kate.world.advance_to(at(5))
    assert [len(one.participants) for one in records(kate)] == [2, 1]


def _incomplete(monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], None]) -> None:
    whole = Graph.get

    def get(self: Graph, *args: Any, **more: Any) -> Any:
        found = whole(self, *args, **more)
        if "attendanceRecords" in found:
            change(found)
        return found

    monkeypatch.setattr(Graph, "get", get)


def _held(kate: Office) -> None:
    uid = kate.world.invite(at(0, 1), KATE, [DANA], at(3), title="Review", online=True)
    kate.world.hold(at(3) + HALF, uid, [person(KATE, at(3)), person(DANA, at(3))])
    kate.world.advance_to(at(4))


def test_people_on_a_further_page_are_read(kate: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def change(found: dict[str, Any]) -> None:
        del found["attendanceRecords"][1:]

    _held(kate)
    _incomplete(monkeypatch, change)
    (record,) = records(kate)
    assert [one.address for one in record.participants] == [KATE, DANA]


def test_whoever_is_counted_and_not_shown_is_somebody_unknown(
    kate: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(found: dict[str, Any]) -> None:
        found["totalParticipantCount"] = 3

    _held(kate)
    _incomplete(monkeypatch, change)
    (record,) = records(kate)
    assert [one.address for one in record.participants] == [KATE, DANA, ""]


def test_a_session_that_goes_on_holds_somebody_unknown(
    kate: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(found: dict[str, Any]) -> None:
        found.update(attendanceRecords=[], totalParticipantCount=0)

    _held(kate)
    _incomplete(monkeypatch, change)
    (record,) = records(kate)
    assert [(one.address, one.identity) for one in record.participants] == [("", "anonymous")]
