"""Is a Meet record read as what it is: who, how long, in which slot, and nothing invented?"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config.clock import to_micros
from config.errors import AuthError
from connectors.google.attendance import GoogleAttendance, Wanted
from connectors.google.calendar.audit_log import GoogleAudit
from connectors.interfaces import Window
from connectors.model.records import AttendanceSeen, Evidence, Method, Response, Status
from connectors.sandbox.server.faults import Fault
from connectors.sandbox.world.acts import Participant
from connectors.sandbox.world.recurrence import Rule
from tests.support.providers.google_office import (
    DANA,
    KATE,
    LEE,
    MONDAY,
    Office,
    at,
    google_at,
    meetings,
    office,
)
from tests.support.servers.scripted_http import Reply, Seen, failure, serving


def someone(name: str, start: datetime, minutes: int, kind: str = "signed_in") -> Participant:
    address = KATE if name == "Kate Lind" else ""
    return Participant(
        name,
        kind,  # type: ignore[arg-type]
        to_micros(start),
        to_micros(start + timedelta(minutes=minutes)),
        address,
    )


def records(one: Office, wanted: list[Wanted]) -> list[AttendanceSeen]:
    source = GoogleAttendance(one.google_for(one.login("attendance")))
    return [seen for page in source.pages(wanted) for seen in page.attendance]


def slots(one: Office) -> list[Wanted]:
    pages = list(one.calendar.pages("primary", None, one.window))
    return [
        (
            seen.series_uid,
            seen.recurrence_id,
            seen.online,
            Window(seen.start_at or 0, seen.end_at or 0),
        )
        for seen in meetings(pages).values()
    ]


def test_a_record_says_who_was_there_and_for_how_long(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        uid = one.world.invite(at(0), KATE, [DANA], at(3), title="Review", online=True)
        one.world.hold(
            at(3, 0.5),
            uid,
            [
                someone("Kate Lind", at(3), 22),
                someone("Dana K", at(3, 0.1), 13, "anonymous"),
                someone("+49 30 •••12", at(3), 5, "phone"),
            ],
        )
        one.world.advance_to(at(4))
        (seen,) = records(one, slots(one))
    assert (seen.series_uid, seen.recurrence_id) == (uid.lower(), "")
    kate, dana, phone = seen.participants
    assert (kate.name, kate.identity, kate.seconds) == ("Kate Lind", "signed_in", 22 * 60)
    assert (dana.name, dana.identity, dana.seconds) == ("Dana K", "anonymous", 13 * 60)
    assert (phone.name, phone.identity) == ("", "phone")
    assert {one_.address for one_ in seen.participants} == {""}
    assert dana.joined_at == to_micros(at(3, 0.1))


def test_a_record_of_a_series_belongs_to_the_occurrence_it_overlaps(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        uid = one.world.invite(
            at(0), KATE, [DANA], at(1), title="Weekly", rule=Rule("weekly"), online=True
        )
        for week in (0, 1):
            start = at(1 + 7 * week)
            one.world.hold(
                start + timedelta(minutes=20),
                uid,
                [someone("Kate Lind", start, 20)],
                occurrence=start,
            )
        one.world.advance_to(at(9))
        seen = records(one, slots(one))
        asked = one.sandbox.log.counts()["meet.conferenceRecords.list"]
    assert {one_.recurrence_id for one_ in seen} == {
        f"{at(1):%Y%m%dT%H%M%SZ}",
        f"{at(8):%Y%m%dT%H%M%SZ}",
    }
    assert asked == 1


def test_records_that_google_has_deleted_are_not_asked_for(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        uid = one.world.invite(at(0), KATE, [DANA], at(3), title="Review", online=True)
        one.world.hold(at(3, 0.5), uid, [someone("Kate Lind", at(3), 20)])
        one.world.advance_to(at(40))
        assert records(one, slots(one)) == []
        assert one.sandbox.log.counts()["meet.conferenceRecords.list"] == 0


def test_other_conferences_and_places_are_not_asked_for(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        one.world.advance_to(at(4))
        slot = Window(to_micros(at(3)), to_micros(at(3, 1)))
        assert records(one, [("a", "", online, slot) for online in ("", "zoom.us", "123")]) == []
        assert one.sandbox.log.counts()["meet.conferenceRecords.list"] == 0


def test_a_record_that_dies_while_it_is_read_changes_nothing(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        uid = one.world.invite(at(0), KATE, [DANA], at(3), title="Review", online=True)
        one.world.hold(at(3, 0.5), uid, [someone("Kate Lind", at(3), 20)])
        one.world.advance_to(at(4))
        one.sandbox.faults.add(Fault("not_found", where="meet.conferenceRecords.participants.list"))
        assert records(one, slots(one)) == []


def test_a_login_for_reading_cannot_read_attendance(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        one.world.invite(at(0), KATE, [DANA], at(3), title="Review", online=True)
        one.world.advance_to(at(4))
        with pytest.raises(AuthError):
            list(GoogleAttendance(one.google).pages(slots(one)))


def test_two_devices_at_once_are_one_presence_and_rejoining_adds_up() -> None:
    def answer(seen: Seen) -> Reply:
        minutes = [(0, 4), (2, 6), (20, 25)]
        if seen.path.endswith("participantSessions"):
            rows = [
                {
                    "startTime": f"{at(1) + timedelta(minutes=a):%Y-%m-%dT%H:%M:%SZ}",
                    "endTime": f"{at(1) + timedelta(minutes=b):%Y-%m-%dT%H:%M:%SZ}",
                }
                for a, b in minutes
            ]
            return Reply(body={"participantSessions": rows})
        if seen.path.endswith("participants"):
            name = "conferenceRecords/r/participants/1"
            return Reply(
                body={"participants": [{"name": name, "signedinUser": {"displayName": "K"}}]}
            )
        record = {
            "name": "conferenceRecords/r",
            "startTime": f"{at(1):%Y-%m-%dT%H:%M:%SZ}",
            "endTime": f"{at(1, 0.5):%Y-%m-%dT%H:%M:%SZ}",
        }
        return Reply(body={"conferenceRecords": [record]})

    slot = Window(to_micros(at(1)), to_micros(at(1, 0.5)))
    with serving(answer=answer) as script, google_at(script.url, now=at(2)) as google:
        (page,) = GoogleAttendance(google).pages([("u", "", "abc-defg-hij", slot)])
    assert page.attendance[0].participants[0].seconds == 11 * 60


def activity(name: str, actor: str, stamp: str = "2026-11-10T09:30:00Z", **values: str) -> object:
    parameters = [
        {"name": key, "intValue": value} if key.endswith("time") else {"name": key, "value": value}
        for key, value in values.items()
    ]
    return {
        "id": {"time": stamp},
        "actor": {"email": actor},
        "events": [{"name": name, "parameters": parameters}],
    }


def log(*activities: object) -> dict[str, list[object]]:
    """The activities by event name, as the server is asked for them."""
    found: dict[str, list[object]] = {}
    for one in activities:
        found.setdefault(one["events"][0]["name"], []).append(one)  # type: ignore[index]
    return found


def test_the_audit_log_gives_actor_and_second_of_acts_that_touch_us() -> None:
    held = log(
        activity(
            "change_event_guest_response",
            DANA,
            event_id="w8_20261116T090000Z",
            event_guest=DANA,
            event_response_status="declined",
            calendar_id=KATE,
            organizer_calendar_id=KATE,
        ),
        activity(
            "change_event_guest_response_auto",
            LEE,
            event_id="k3",
            event_guest=LEE,
            event_response_status="declined",
            calendar_id=LEE,
            organizer_calendar_id=KATE,
        ),
        activity("delete_event", KATE, event_id="k4", calendar_id=KATE, organizer_calendar_id=KATE),
        activity("delete_event", LEE, event_id="k5", calendar_id=LEE, organizer_calendar_id=KATE),
        activity(
            "change_event_start_time",
            KATE,
            event_id="k6",
            calendar_id=KATE,
            organizer_calendar_id=KATE,
            start_time=str(62135596800 + 1_795_000_000),
        ),
        activity(
            "delete_event",
            "boss@ourco.example",
            event_id="private",
            calendar_id="boss@ourco.example",
            organizer_calendar_id="boss@ourco.example",
        ),
    )

    def answer(seen: Seen) -> Reply:
        return Reply(body={"items": held.get(seen.query["eventName"][0], [])})

    with serving(answer=answer) as script, google_at(script.url, now=at(30)) as google:
        source = GoogleAudit(google, frozenset({KATE}))
        seen = [one for page in source.pages(to_micros(MONDAY)) for one in page.meetings]
    by_id = {one.provider_id: one for one in seen}
    assert set(by_id) == {"w8_20261116T090000Z", "k3", "k4", "k6"}
    answered = by_id["w8_20261116T090000Z"]
    assert (answered.series_uid, answered.recurrence_id) == ("w8@google.com", "20261116T090000Z")
    assert (answered.evidence, answered.method) == (Evidence.AUDIT, Method.REPLY)
    assert answered.acted_at == to_micros(datetime.fromisoformat("2026-11-10T09:30:00+00:00"))
    assert [(one.address, one.response) for one in answered.guests] == [(DANA, Response.DECLINED)]
    assert by_id["k3"].guests[0].machine
    assert (by_id["k4"].status, by_id["k4"].actor) == (Status.CANCELLED, KATE)
    assert by_id["k6"].start_at == 1_795_000_000_000_000


def test_the_audit_log_is_asked_for_180_days_at_most_and_page_by_page() -> None:
    def answer(seen: Seen) -> Reply:
        more = {} if "pageToken" in seen.query else {"nextPageToken": "2"}
        return Reply(body=more)

    with serving(answer=answer) as script, google_at(script.url, now=at(30)) as google:
        assert list(GoogleAudit(google, frozenset({KATE})).pages(0)) == []
    assert len(script.seen) == 8
    starts = {seen.query["startTime"][0] for seen in script.seen}
    assert starts == {f"{at(30) - timedelta(days=180):%Y-%m-%dT%H:%M:%SZ}"}


def test_who_is_no_administrator_must_log_in_as_one() -> None:
    with serving(failure(403, "insufficientPermissions")) as script:
        with google_at(script.url) as google, pytest.raises(AuthError):
            list(GoogleAudit(google, frozenset({KATE})).pages(0))
