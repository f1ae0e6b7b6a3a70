"""Do calendar files become the meetings that they hold?"""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.files.ical.calendar_file import calendar_id
from connectors.files.problems import Lost
from connectors.interfaces import Window
from connectors.model.records import Evidence, MeetingSeen, Method, Response, Status
from tests.support.facts.files import (
    DANA,
    ME,
    Read,
    at,
    calendar,
    event,
    guest,
    imported,
    imported_file,
    organizer,
)

BERLIN = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""


def starts(result: Read) -> list[int | None]:
    return [one.start_at for one in result.meetings if not one.stub]


def only(result: Read) -> MeetingSeen:
    assert len(result.meetings) == 1, result.problems
    return result.meetings[0]


def test_a_single_meeting_has_its_people_and_no_recurrence_id(tmp_path: Path) -> None:
    one = event(
        "DTEND:20261123T093000Z",
        "SUMMARY:Pilot\\, review",
        "SEQUENCE:2",
        "LAST-MODIFIED:20261110T080000Z",
        organizer(ME, CN="Me"),
        guest(DANA, "ACCEPTED", CN='"Kim, Dana"'),
        guest("room@acme.example", "ACCEPTED", CUTYPE="ROOM"),
    )
    seen = only(imported_file(tmp_path, "work.ics", calendar(one)))
    assert (seen.recurrence_id, seen.evidence, seen.method) == ("", Evidence.SNAPSHOT, Method.NONE)
    assert (seen.start_at, seen.end_at) == (at("2026-11-23 09:00"), at("2026-11-23 09:30"))
    assert seen.subject == "Pilot, review"
    assert (seen.organizer, seen.organizer_is_self, seen.sequence) == (ME, True, 2)
    assert (seen.updated_at, seen.updated_exact) == (at("2026-11-10 08:00"), True)
    dana, room = seen.guests
    assert (dana.address, dana.name, dana.response) == (DANA, "Kim, Dana", Response.ACCEPTED)
    assert room.resource
    assert not dana.resource


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("DTSTART:20260715T100000", "2026-07-15 08:00"),
        ("DTSTART;TZID=W. Europe Standard Time:20260715T100000", "2026-07-15 08:00"),
        ("DTSTART;TZID=Europe/London:20260715T100000", "2026-07-15 09:00"),
        (
            "DTSTART;TZID=/mozilla.org/20050126_1/America/New_York:20260715T100000",
            "2026-07-15 14:00",
        ),
        ('DTSTART;TZID="Eastern Standard Time 1":20260715T100000', "2026-07-15 14:00"),
        ("DTSTART;TZID=UTC+02:00:20260715T100000", "2026-07-15 08:00"),
        ("DTSTART;TZID=Customized Time Zone:20260715T100000", "2026-07-15 08:00"),
        ("DTSTART;TZID=Customized Time Zone:20261115T100000", "2026-11-15 09:00"),
        ("DTSTART:2026-07-15T10:00:00Z", "2026-07-15 10:00"),
        ("DTSTART:20260715T1000Z", "2026-07-15 10:00"),
        ("DTSTART;VALUE=DATE:20260715", "2026-07-15 00:00"),
    ],
)
def test_every_kind_of_time_is_the_right_instant(tmp_path: Path, line: str, expected: str) -> None:
    data = calendar(BERLIN.replace("\n", "\r\n"), event(line))
    assert starts(imported_file(tmp_path, "a.ics", data)) == [at(expected)]


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        # 2026-03-29: 02:30 does not exist; the offset before the gap holds (RFC 5545 3.3.5).
        ("20260329T023000", "2026-03-29 01:30"),
        ("20260329T030000", "2026-03-29 01:00"),
        # 2026-10-25: 02:30 exists twice; the first is meant.
        ("20261025T023000", "2026-10-25 00:30"),
        ("20261025T030000", "2026-10-25 02:00"),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Customized Time Zone"])
def test_the_two_nights_of_the_clock_change(
    tmp_path: Path, zone: str, wall: str, expected: str
) -> None:
    data = calendar(BERLIN.replace("\n", "\r\n"), event(f"DTSTART;TZID={zone}:{wall}"))
    assert starts(imported_file(tmp_path, "a.ics", data)) == [at(expected)]


def test_a_zone_that_nothing_explains_is_named_and_not_guessed(tmp_path: Path) -> None:
    result = imported_file(
        tmp_path,
        "a.ics",
        calendar(event("DTSTART;TZID=Nowhere/Land:20260715T100000"), event(uid="b")),
    )
    assert [one.series_uid for one in result.meetings] == ["b"]
    assert result.problems[0].lost is Lost.EVENT
    assert "line 4" in result.problems[0].place


def test_a_zone_definition_that_is_a_bomb_is_refused(tmp_path: Path) -> None:
    bomb = BERLIN.replace("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "FREQ=SECONDLY")
    one = event("DTSTART;TZID=Customized Time Zone:20260715T100000")
    result = imported_file(tmp_path, "a.ics", calendar(bomb, one))
    assert not result.meetings
    assert "rule cannot be followed" in result.problems[0].reason


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode("cp1252"),
        lambda text: text.replace("\r\n", "\n").encode(),
        lambda text: text.replace("\r\n", "\r").encode(),
    ],
    ids=["bom", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "lf", "cr"],
)
def test_encodings_and_line_ends_do_not_matter(tmp_path: Path, encode) -> None:  # type: ignore[no-untyped-def]
    text = calendar(event("SUMMARY:Grüße")).decode()
    assert only(imported_file(tmp_path, "a.ics", encode(text))).subject == "Grüße"


def test_a_series_is_expanded_in_wall_time_with_overrides_and_exclusions(tmp_path: Path) -> None:
    zone = "TZID=Europe/Berlin"
    master = event(
        f"DTSTART;{zone}:20261012T100000",
        f"DTEND;{zone}:20261012T110000",
        "RRULE:FREQ=WEEKLY;COUNT=4",
        f"EXDATE;{zone}:20261019T100000",
        guest(DANA, "ACCEPTED"),
    )
    moved = event(
        f"RECURRENCE-ID;{zone}:20261026T100000",
        f"DTSTART;{zone}:20261027T140000",
        f"DTEND;{zone}:20261027T150000",
        guest(DANA, "DECLINED"),
    )
    found = imported_file(tmp_path, "a.ics", calendar(master, moved)).meetings
    table = {one.recurrence_id: (one.status, one.start_at, one.stub) for one in found}
    assert table == {
        "20261012T080000Z": (Status.CONFIRMED, at("2026-10-12 08:00"), False),
        # Removed without a word: a stub that says no more than that.
        "20261019T080000Z": (Status.REMOVED, None, True),
        # After the clock change the key is still the original start.
        "20261026T090000Z": (Status.CONFIRMED, at("2026-10-27 13:00"), False),
        "20261102T090000Z": (Status.CONFIRMED, at("2026-11-02 09:00"), False),
    }
    assert found[-1].guests[0].response is Response.DECLINED


def test_this_and_future_moves_all_that_follow(tmp_path: Path) -> None:
    zone = "TZID=Europe/Berlin"
    master = event(f"DTSTART;{zone}:20261012T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=4")
    later = event(
        f"RECURRENCE-ID;{zone};RANGE=THISANDFUTURE:20261019T100000",
        f"DTSTART;{zone}:20261020T113000",
        "DURATION:PT30M",
        "SUMMARY:New",
    )
    found = imported_file(tmp_path, "a.ics", calendar(master, later)).meetings
    times = {one.recurrence_id: (one.start_at, one.subject) for one in found}
    assert times == {
        "20261012T080000Z": (at("2026-10-12 08:00"), ""),
        "20261019T080000Z": (at("2026-10-20 09:30"), "New"),
        "20261026T090000Z": (at("2026-10-27 10:30"), "New"),
        "20261102T090000Z": (at("2026-11-03 10:30"), "New"),
    }
    assert {one.end_at - one.start_at for one in found if one.subject} == {30 * 60 * 10**6}  # type: ignore[operator]


def test_only_the_horizon_is_expanded(tmp_path: Path) -> None:
    horizon = Window(at("2026-11-01 00:00"), at("2026-11-04 00:00"))
    data = calendar(event("RRULE:FREQ=DAILY", start="19950101T090000Z"))
    result = imported_file(tmp_path, "a.ics", data, horizon=horizon)
    assert starts(result) == [at(f"2026-11-0{day} 09:00") for day in (1, 2, 3)]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;COUNT=100000000",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=0,1,2,3,4,5;BYMINUTE=0,1,2,3,4;BYSECOND=0,1",
        "FREQ=DAILY;INTERVAL=20000",
        "FREQ=DAILY;COUNT=99999999999999999999",
        "FREQ=YEARLY;BYMONTH=13",
        "FREQ=DAILY;UNTIL=never",
        "nonsense",
        "FREQ=WEEKLY;BYDAY=" + ",".join(["MO"] * 2000),
    ],
)
def test_a_rule_that_runs_away_is_refused_and_named_and_its_start_is_kept(
    tmp_path: Path, rule: str
) -> None:
    result = imported_file(tmp_path, "a.ics", calendar(event(f"RRULE:{rule}"), event(uid="b")))
    assert {one.series_uid for one in result.meetings} == {"m1@acme.example", "b"}
    assert [one.lost for one in result.problems] == [Lost.EVENT]
    assert "line 4" in result.problems[0].place


def test_a_rule_that_never_comes_true_ends(tmp_path: Path) -> None:
    rules = ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"]
    data = calendar(*(event(f"RRULE:{rule}", uid=f"u{n}") for n, rule in enumerate(rules)))
    assert len(imported_file(tmp_path, "a.ics", data).meetings) == 2


def test_a_file_of_many_long_series_runs_out_of_its_budget_and_says_so(tmp_path: Path) -> None:
    one = event("RRULE:FREQ=DAILY", start="16100101T090000Z", uid="UID")
    data = calendar(*(one.replace("UID:UID", f"UID:u{number}") for number in range(40)))
    horizon = Window(at("2026-11-01 00:00"), at("2026-11-02 00:00"))
    result = imported_file(tmp_path, "a.ics", data, horizon=horizon)
    assert any("together repeat too often" in reason for reason in result.reasons(Lost.EVENT))


def test_of_two_versions_of_one_meeting_the_newer_holds(tmp_path: Path) -> None:
    old = event("SEQUENCE:1", "SUMMARY:old", "LAST-MODIFIED:20261120T000000Z")
    new = event("SEQUENCE:2", "SUMMARY:new", "LAST-MODIFIED:20261110T000000Z")
    for order in ((old, new), (new, old)):
        assert only(imported_file(tmp_path, "a.ics", calendar(*order))).subject == "new"


def test_a_newer_export_updates_the_same_copies_and_an_older_one_changes_nothing(
    tmp_path: Path,
) -> None:
    older = calendar(event("DTSTAMP:20261101T080000Z", "SUMMARY:before"))
    newer = calendar(event("DTSTAMP:20261108T080000Z", "SUMMARY:after"))
    first = imported_file(tmp_path / "1", "work.ics", older)
    second = imported_file(tmp_path / "2", "work (1).ics", newer, cursor=first.cursor)
    assert only(first).calendar_id == only(second).calendar_id
    assert only(first).provider_id == only(second).provider_id
    again = imported_file(tmp_path / "3", "work.ics", older, cursor=second.cursor)
    assert not again.meetings
    assert not again.problems
    oldest = calendar(event("DTSTAMP:20261031T080000Z", "SUMMARY:long before"))
    never_read = imported_file(tmp_path / "4", "work.ics", oldest, cursor=second.cursor)
    assert not never_read.meetings
    assert "older export" in never_read.problems[0].reason
    assert "another name" in never_read.problems[0].hint
    # The newer one once more is no older one.
    once_more = imported_file(tmp_path / "4", "work.ics", newer, cursor=again.cursor)
    assert len(once_more.meetings) == 1


def test_two_exports_in_one_import_are_read_from_old_to_new(tmp_path: Path) -> None:
    (tmp_path / "work.ics").write_bytes(
        calendar(event("DTSTAMP:20261108T080000Z", "SUMMARY:after"))
    )
    (tmp_path / "work (1).ics").write_bytes(
        calendar(event("DTSTAMP:20261101T080000Z", "SUMMARY:before"))
    )
    assert [one.subject for one in imported([tmp_path]).meetings] == ["before", "after"]


def test_a_stamp_later_than_the_file_does_not_make_an_export_the_newest_for_ever(
    tmp_path: Path,
) -> None:
    wrong = calendar(event("DTSTAMP:20990101T080000Z"), event(uid="b"))
    first = imported_file(tmp_path / "1", "work.ics", wrong)
    second = imported_file(
        tmp_path / "2", "work.ics", calendar(event(uid="b")), cursor=first.cursor
    )
    assert len(second.meetings) == 1


def test_calendar_ids_are_digests_that_survive_a_second_download() -> None:
    known = calendar_id("/a/b/Team plan.ics")
    for name in ("Team plan (2).ics", "team plan-2026-11-23.ics", "x.zip!/Takeout/Team plan.ics"):
        assert calendar_id(name) == known
    assert calendar_id("other.ics") != known
    assert calendar_id("any.ics", "REL-1") == calendar_id("renamed.ics", "REL-1") != known
    assert "team" not in known


def test_texts_of_a_calendar_are_not_kept(tmp_path: Path) -> None:
    one = event(
        "DESCRIPTION:SECRET words",
        "LOCATION:SECRET street 5",
        "COMMENT:SECRET",
        "CATEGORIES:SECRET,noshow: absent",
        guest(DANA, "DECLINED", X_RESPONSE_COMMENT="SECRET"),
    )
    seen = only(imported_file(tmp_path, "a.ics", calendar(one)))
    assert "SECRET" not in repr(seen)
    assert (seen.on_site, seen.mark) == (True, "absent")


@pytest.mark.parametrize(
    ("line", "on_site"),
    [
        ("LOCATION:Main street 5", True),
        ("LOCATION:https://meet.example/x", False),
        ("LOCATION:Microsoft Teams-Besprechung", False),
        ("LOCATION:Telefonisch", False),
        ("LOCATION:", False),
    ],
)
def test_a_conference_is_no_place_to_travel_to(tmp_path: Path, line: str, on_site: bool) -> None:
    assert only(imported_file(tmp_path, "a.ics", calendar(event(line)))).on_site is on_site


def test_a_google_meeting_has_the_code_that_the_calendar_api_gives(tmp_path: Path) -> None:
    line = "X-GOOGLE-CONFERENCE:https://meet.google.com/qab-rstu-vwx"
    assert only(imported_file(tmp_path, "a.ics", calendar(event(line)))).online == "qab-rstu-vwx"


def test_answers_are_unknown_where_the_producer_writes_none(tmp_path: Path) -> None:
    outlook = calendar(event(organizer(ME), guest(DANA)))
    assert only(imported_file(tmp_path, "a.ics", outlook)).guests[0].response is Response.UNKNOWN
    google = calendar(event(organizer(ME), guest(DANA), guest(ME, "ACCEPTED")))
    assert only(imported_file(tmp_path, "b.ics", google)).guests[0].response is Response.NONE


def test_guests_that_cannot_be_seen_make_the_list_incomplete(tmp_path: Path) -> None:
    nobody = calendar(event(organizer(DANA)))
    assert not only(imported_file(tmp_path, "a.ics", nobody)).guests_complete
    nameless = calendar(event(organizer(ME), guest(DANA, "ACCEPTED"), "ATTENDEE:invalid:nomail"))
    assert not only(imported_file(tmp_path, "b.ics", nameless)).guests_complete
    whole = calendar(event(organizer(ME), guest(DANA, "ACCEPTED")))
    assert only(imported_file(tmp_path, "c.ics", whole)).guests_complete


def test_one_export_stamp_for_all_entries_dates_no_change(tmp_path: Path) -> None:
    same = calendar(event(uid="a"), event(uid="b"))
    assert {one.updated_at for one in imported_file(tmp_path, "a.ics", same).meetings} == {None}
    own = calendar(event(uid="a"), event("DTSTAMP:20261102T080000Z", uid="b"))
    found = imported_file(tmp_path, "b.ics", own).meetings
    assert [one.updated_at for one in found] == [at("2026-11-01 08:00"), at("2026-11-02 08:00")]
    assert not any(one.updated_exact for one in found)


def test_broken_entries_are_mended_or_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    data = calendar(
        "BEGIN:VEVENT\r\nDTSTART:20261123T090000Z\r\nEND:VEVENT",
        event("DTEND:20261122T090000Z", uid="backwards"),
        event("DTSTART:someday", uid="lost"),
        event("X-MICROSOFT-CDO-ALLDAYEVENT:TRUE", uid="day", start="20261123T000000"),
        event("DESCRIPTION:a wrapped text that some producer broke without\r\nany fold", uid="e"),
        "BEGIN:VEVENT\r\nUID:cut\r\nDTSTART:20261123T090000Z",
    )
    result = imported_file(tmp_path, "a.ics", data)
    found = {one.series_uid: one for one in result.meetings}
    assert found["backwards"].end_at == found["backwards"].start_at
    assert found["day"].all_day
    assert "e" in found
    assert not {"lost", "cut"} & set(found)
    assert [uid for uid in found if uid.startswith("no-uid-")]
    assert len(result.reasons(Lost.EVENT)) == 2
    assert len(result.reasons(Lost.DETAIL)) == 2


def test_outlook_kinds_of_time_are_told_apart(tmp_path: Path) -> None:
    busy = "X-MICROSOFT-CDO-BUSYSTATUS"
    away = only(imported_file(tmp_path, "a.ics", calendar(event(f"{busy}:OOF"))))
    free = only(imported_file(tmp_path, "b.ics", calendar(event(f"{busy}:FREE"))))
    assert (away.kind, free.kind, free.free) == ("outOfOffice", "default", True)


def test_split_series_and_exchange_ids_have_one_series_uid(tmp_path: Path) -> None:
    data = calendar(
        event(uid="abc_R20261012T080000@google.com"),
        event("DTSTART:20261124T090000Z", uid="abc@google.com"),
    )
    assert {one.series_uid for one in imported_file(tmp_path, "a.ics", data).meetings} == {
        "abc@google.com"
    }


def test_something_else_in_a_calendar_file_is_named(tmp_path: Path) -> None:
    result = imported_file(tmp_path, "a.ics", b"<html>Sign in</html>")
    assert result.problems[0].lost is Lost.FILE
    assert "no calendar" in result.problems[0].reason


def test_a_reason_quotes_nothing_of_the_file(tmp_path: Path) -> None:
    text = calendar("BEGIN:DANA KIM\r\nX:1", event()).decode().replace("END:VCALENDAR", "")
    reasons = imported_file(tmp_path, "a.ics", text.encode()).reasons()
    assert reasons
    assert not any("DANA" in reason.upper() for reason in reasons)
