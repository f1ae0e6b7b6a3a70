"""Are the calendars that people really have read as they were meant?

Each test is one kind of difficulty that other programs were reported to have.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.files.problems import Lost
from connectors.model.records import Response, Status
from tests.support.facts.files import (
    ANA,
    DANA,
    ME,
    Read,
    at,
    calendar,
    event,
    guest,
    imported_file,
    organizer,
)

BERLIN = "TZID=Europe/Berlin"


def table(result: Read) -> dict[str, tuple[int | None, bool]]:
    """Of each meeting: its start, and whether it is a stub."""
    return {one.recurrence_id: (one.start_at, one.stub) for one in result.meetings}


def there(result: Read) -> list[str]:
    return sorted(one.recurrence_id for one in result.meetings if not one.stub)


def answers(result: Read) -> dict[str, Response]:
    return {one.address: one.response for one in result.meetings[0].guests}


def zone(tzid: str, *, summer: str = "+0200", winter: str = "+0100", dated: bool = True) -> str:
    begins = ("DTSTART:20001029T030000", "DTSTART:20000326T020000") if dated else ("", "")
    lines = [
        "BEGIN:VTIMEZONE",
        f"TZID:{tzid}",
        "BEGIN:STANDARD",
        begins[0],
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        f"TZOFFSETFROM:{summer}",
        f"TZOFFSETTO:{winter}",
        "END:STANDARD",
        "BEGIN:DAYLIGHT",
        begins[1],
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        f"TZOFFSETFROM:{winter}",
        f"TZOFFSETTO:{summer}",
        "END:DAYLIGHT",
        "END:VTIMEZONE",
    ]
    return "\r\n".join(line for line in lines if line)


@pytest.mark.parametrize(
    "value",
    [
        "mailto:dana@client.example",
        "MAILTO: dana@client.example",
        "mailto:dana%40client.example",
        "dana%40client.example",
        "mailto:dana%2Bcrm@client.example",
        "mailto:Dana Kim <dana@client.example>",
        "Dana Kim <mailto:dana@client.example>",
        'mailto:"Kim, Dana" <dana@client.example>',
        "mailto:dana@client.example?subject=Re:%20x",
        "mailto:mailto:dana@client.example",
        "Mailto:MAILTO:dana@client.example",
        "mailto:'dana@client.example'",
        '"mailto:dana@client.example"',
        "mailto:<dana@client.example>",
        "mailto:dana@client.example\\,sam@client.example",
        "mailto://dana@client.example",
        "mailto:dana@client.example (Dana)",
        " dana@Client.Example ",
        "mailto%3Adana%40client.example",
        "mailto:\u200bdana@client.example\u00a0",
        "mailto:dana @ client.example",
        "mailto:dana&#64;client.example",
        "mailto:?to=dana@client.example&amp;subject=x",
        "mailto:=dana@client.example",
        "mailto:dana@client.example/",
        "mailto:dana%40client.example?cc=sam@acme.example",
        "mailto:dana@client.example#1",
        "mailto:\u202adana@client.example\u202c",
        "mailto:[dana@client.example]",
        "mailto:{dana@client.example}",
        ":mailto:dana@client.example",
        "https://calendar.client.example/principals/users/dana@client.example/",
        "/principals/users/dana%40client.example/",
    ],
)
def test_an_address_is_one_person_in_every_form_of_its_uri(tmp_path: Path, value: str) -> None:
    data = calendar(event(organizer(ME), f"ATTENDEE;PARTSTAT=DECLINED:{value}"))
    assert answers(imported_file(tmp_path, "a.ics", data)) == {DANA: Response.DECLINED}


def test_a_name_with_an_apostrophe_keeps_it(tmp_path: Path) -> None:
    data = calendar(event(organizer(ME), "ATTENDEE:mailto:o'neil@client.example"))
    assert list(answers(imported_file(tmp_path, "a.ics", data))) == ["o'neil@client.example"]


@pytest.mark.parametrize(
    "params",
    [
        "CUTYPE=INDIVIDUAL;CN=Client: Dana Kim;ROLE=REQ-PARTICIPANT;PARTSTAT=DECLINED",
        'CN=Dana "Dee" Kim;PARTSTAT=DECLINED',
        'CN="Dana \\"Dee\\" Kim";PARTSTAT=DECLINED',
        'CN=Dana;SCHEDULE-STATUS="3.7;Invalid Calendar User";INVALID USER";PARTSTAT=DECLINED',
        'CN=5" Dana;PARTSTAT=DECLINED;X-A=6" b',
        'CN=O"Kim;PARTSTAT=DECLINED;SENT-BY="mailto:ana@client.example"',
        "CN=Kim: Dana: Client;PARTSTAT=DECLINED;SENT-BY=mailto:ana@client.example",
        "CN=mailto:dana@client.example;PARTSTAT=DECLINED",
        'X-NOTE="a:b;PARTSTAT=ACCEPTED";PARTSTAT=DECLINED',
        "CN=Dana;partstat=declined",
        "PARTSTAT=DECLINED;;CN=Dana",
        ";PARTSTAT=DECLINED",
        "CN=Dana;PARTSTAT=DECLINE",
        'X-RESPONSE-COMMENT="sorry: not today";PARTSTAT=DECLINED',
    ],
)
@pytest.mark.parametrize(
    "value", ["mailto:dana@client.example", "mailto:mailto:dana@client.example"]
)
def test_an_answer_is_read_behind_stray_colons_and_quotes(
    tmp_path: Path, params: str, value: str
) -> None:
    data = calendar(event(organizer(ME), f"ATTENDEE;{params}:{value}"))
    assert answers(imported_file(tmp_path, "a.ics", data)) == {DANA: Response.DECLINED}


@pytest.mark.parametrize("said", ["NEEDS ACTION", "NEEDS_ACTION", "needsaction", "Needs-Action"])
def test_an_open_answer_is_open_however_it_is_spelled(tmp_path: Path, said: str) -> None:
    data = calendar(event(organizer(ME), guest(DANA, said)))
    assert answers(imported_file(tmp_path, "a.ics", data)) == {DANA: Response.NONE}


@pytest.mark.parametrize("width", [*range(58, 80), 128])
@pytest.mark.parametrize("blank", ["", " ", "\t"])
def test_guests_are_read_where_folds_have_lost_their_blank(
    tmp_path: Path, width: int, blank: str
) -> None:
    line = (
        "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=DECLINED;RSVP=TRUE;CN=Dana Kim;"
        "X-NUM-GUESTS=0:mailto:dana@client.example"
    )
    pieces = [line[at : at + width] for at in range(0, len(line), width)]
    data = calendar(event(organizer(ME), f"\r\n{blank}".join(pieces)))
    assert answers(imported_file(tmp_path, "a.ics", data)) == {DANA: Response.DECLINED}


@pytest.mark.parametrize("name", ["NOTE", "note", "EVENT-ID", "TIMEZONE;VALUE=TEXT"])
def test_a_property_that_nobody_knows_is_no_part_of_the_guest_before_it(
    tmp_path: Path, name: str
) -> None:
    line = guest(DANA, "DECLINED", CUTYPE="INDIVIDUAL", ROLE="REQ-PARTICIPANT", RSVP="TRUE")
    data = calendar(event(organizer(ME), f"{line}\r\n{name}:see you there", guest(ANA, "ACCEPTED")))
    found = answers(imported_file(tmp_path, "a.ics", data))
    assert found == {DANA: Response.DECLINED, ANA: Response.ACCEPTED}


def test_a_guest_whom_nobody_can_read_makes_the_list_incomplete(tmp_path: Path) -> None:
    data = calendar(event(organizer(ME), guest(DANA, "ACCEPTED"), "ATTENDEE;CN=Omar;RSVP=TRUE"))
    (seen,) = imported_file(tmp_path, "a.ics", data).meetings
    assert not seen.guests_complete


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("DECLINED", Response.DECLINED),
        ("CONFIRMED", Response.ACCEPTED),
        ("SENT", Response.NONE),
        ("NEEDS ACTION", Response.NONE),
    ],
)
def test_the_answers_of_vcalendar_are_read(tmp_path: Path, said: str, meant: Response) -> None:
    data = calendar(event(organizer(ME), f"ATTENDEE;ROLE=ATTENDEE;STATUS={said}:{DANA}"))
    assert answers(imported_file(tmp_path, "a.ics", data)) == {DANA: meant}


def test_an_address_without_a_scheme_is_found_behind_a_stray_colon(tmp_path: Path) -> None:
    line = "ATTENDEE;CN=Client: Dana;PARTSTAT=DECLINED:dana@client.example"
    result = imported_file(tmp_path, "a.ics", calendar(event(organizer(ME), line)))
    assert answers(result) == {DANA: Response.DECLINED}


def test_a_list_among_the_guests_hides_its_members(tmp_path: Path) -> None:
    listed = guest("team@client.example", "ACCEPTED", CUTYPE="GROUP")
    data = calendar(event(organizer(ME), guest(DANA, "ACCEPTED"), listed))
    assert not imported_file(tmp_path, "a.ics", data).meetings[0].guests_complete


STAND_IN = "2_GEYTAMRWHE4DEMJRGAZDMOJYGL3ZWMGHH@imip.me.com"


def test_icloud_s_organiser_is_whom_it_names_beside_its_own_address(tmp_path: Path) -> None:
    chair = guest(DANA, "ACCEPTED", ROLE="CHAIR", EMAIL=DANA)
    data = calendar(event(organizer(STAND_IN, EMAIL=DANA), guest(ME, "ACCEPTED"), chair))
    (seen,) = imported_file(tmp_path, "a.ics", data).meetings
    assert seen.organizer == DANA
    assert [(one.address, one.is_organizer) for one in seen.guests] == [(ME, False), (DANA, True)]


def test_a_guest_s_own_address_holds_whatever_stands_beside_it(tmp_path: Path) -> None:
    data = calendar(event(organizer(DANA, EMAIL=ANA), guest(ME, "ACCEPTED")))
    (seen,) = imported_file(tmp_path, "a.ics", data).meetings
    assert seen.organizer == DANA


def test_google_s_unknown_organiser_is_nobody(tmp_path: Path) -> None:
    nobody = "unknownorganizer@calendar.google.com"
    data = calendar(event(organizer(nobody), guest(ME, "ACCEPTED"), guest(nobody, "NEEDS-ACTION")))
    (seen,) = imported_file(tmp_path, "a.ics", data).meetings
    assert (seen.organizer, [one.address for one in seen.guests]) == ("", [ME])
    assert not seen.guests_complete


def folded(text: str, inside: str) -> bytes:
    """A fold between the two bytes of a letter."""
    raw = text.encode()
    place = raw.index(inside.encode()) + 1
    return raw[:place] + b"\r\n " + raw[place:]


def test_lines_are_unfolded_before_their_letters_are_read(tmp_path: Path) -> None:
    text = calendar(event("SUMMARY:Gespräch für Müller", guest(DANA, CN="Jürgen"))).decode()
    (seen,) = imported_file(tmp_path, "a.ics", folded(text, "ü")).meetings
    assert (seen.subject, seen.guests[0].name) == ("Gespräch für Müller", "Jürgen")


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xe2\x80"])
def test_one_bad_byte_costs_its_own_line_at_most(tmp_path: Path, bad: bytes) -> None:
    lines = (f"SUMMARY:{'Grüße'}", "LOCATION:BAD", guest("juergen@müller.example", CN="Jürgen"))
    data = calendar(event(*lines)).replace(b"BAD", b"Z" + bad)
    (seen,) = imported_file(tmp_path, "a.ics", data).meetings
    assert (seen.subject, seen.guests[0].name) == ("Grüße", "Jürgen")
    assert seen.guests[0].address == "juergen@xn--mller-kva.example"


def test_problems_name_the_right_line_where_bytes_had_to_be_unfolded(tmp_path: Path) -> None:
    text = calendar(event("SUMMARY:für"), event("DTSTART:nonsense", uid="b")).decode()
    result = imported_file(tmp_path, "a.ics", folded(text, "ü"))
    line = folded(text, "ü").split(b"\r\n").index(b"UID:b")
    assert f"line {line}" in result.problems[0].place


@pytest.mark.parametrize("tzid", ["GMT", "UTC", "Z", "EST", "MST", "HST", "CET", "UTC+1", "Berlin"])
def test_the_file_s_own_rules_beat_a_name_that_means_several_zones(
    tmp_path: Path, tzid: str
) -> None:
    data = calendar(zone(tzid), event(f"DTSTART;TZID={tzid}:20260714T100000"))
    assert imported_file(tmp_path, "a.ics", data).meetings[0].start_at == at("2026-07-14 08:00")


@pytest.mark.parametrize(
    ("tzid", "expected"),
    [
        ("America/New_York", "2026-07-14 14:00"),
        ("Eastern Standard Time", "2026-07-14 14:00"),
        ("Tokyo Standard Time", "2026-07-14 01:00"),
    ],
)
def test_a_full_name_beats_the_file_s_own_rules(tmp_path: Path, tzid: str, expected: str) -> None:
    data = calendar(zone(tzid), event(f"DTSTART;TZID={tzid}:20260714T100000"))
    assert imported_file(tmp_path, "a.ics", data).meetings[0].start_at == at(expected)


@pytest.mark.parametrize(
    ("tzid", "expected"),
    [
        ("europe/berlin", "2026-11-02 09:00"),
        ("EUROPE/BERLIN", "2026-11-02 09:00"),
        ("america/new york", "2026-11-02 15:00"),
        ("w. europe standard time", "2026-11-02 09:00"),
        ('"Dublin, Edinburgh, Lisbon, London"', "2026-11-02 10:00"),
        ('"Greenwich Mean Time : Dublin, Edinburgh, Lisbon, London"', "2026-11-02 10:00"),
        ('"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"', "2026-11-02 09:00"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome", "2026-11-02 09:00"),
        ("(UTC-05:00) Eastern Time (US & Canada)", "2026-11-02 15:00"),
        ('"(GMT-08:00) Pacific Time (US & Canada); Tijuana"', "2026-11-02 18:00"),
        ('"(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi"', "2026-11-02 04:30"),
        ("+100", "2026-11-02 09:00"),
        ("UTC+1", "2026-11-02 09:00"),
        ("GMT-0330", "2026-11-02 13:30"),
        ("(UTC+01:00)", "2026-11-02 09:00"),
        ("MEZ", "2026-11-02 09:00"),
        ("(UTC+01:00) Mitteleuropäische Zeit", "2026-11-02 09:00"),
        ("CEST", "2026-11-02 09:00"),
        ('"(GMT+01.00) Sarajevo/Warsaw/Zagreb"', "2026-11-02 09:00"),
        ("Europe-Berlin", "2026-11-02 09:00"),
        ("Europe_Berlin", "2026-11-02 09:00"),
        ("America_New_York", "2026-11-02 15:00"),
        ("US-Eastern", "2026-11-02 15:00"),
        ('"(UTC-05:00) Eastern Time (US and Canada)"', "2026-11-02 15:00"),
        ("(UTC-03:00) Brasília", "2026-11-02 13:00"),
        ("'Europe/Berlin'", "2026-11-02 09:00"),
        ("Western European Time", "2026-11-02 10:00"),
    ],
)
def test_a_zone_is_found_by_every_name_that_means_one(
    tmp_path: Path, tzid: str, expected: str
) -> None:
    data = calendar(event(f"DTSTART;TZID={tzid}:20261102T100000"))
    assert imported_file(tmp_path, "a.ics", data).meetings[0].start_at == at(expected)


@pytest.mark.parametrize(
    "tzid",
    [
        '"London, Tokyo"',
        '"(UTC+05:00) Berlin, Rome"',
        "Somewhere",
        "US-Somewhere",
        "Europe_Germany",
    ],
)
def test_a_name_that_could_mean_several_zones_is_named_and_not_guessed(
    tmp_path: Path, tzid: str
) -> None:
    result = imported_file(
        tmp_path, "a.ics", calendar(event(f"DTSTART;TZID={tzid}:20261102T100000"))
    )
    assert not result.meetings
    assert result.reasons(Lost.EVENT)


def test_a_zone_is_found_in_another_calendar_of_the_file(tmp_path: Path) -> None:
    one = event("DTSTART;TZID=House Zone:20260714T100000")
    data = calendar(zone("House Zone")) + calendar(one)
    assert imported_file(tmp_path, "a.ics", data).meetings[0].start_at == at("2026-07-14 08:00")
    several = calendar(zone("House Zone", summer="+0500")) + calendar(zone("House Zone"))
    result = imported_file(tmp_path, "b.ics", several + calendar(one))
    assert not result.meetings
    assert "several ways" in result.problems[0].reason


def written(*lines: str, like: str = "") -> str:
    """The zone with lines of it written otherwise: `TZOFFSETFROM:` leaves a line out."""
    text = zone("Own")
    for line in lines:
        name, _, value = line.partition(":")
        old = next(one for one in text.split("\r\n") if one.startswith(f"{name}:") and like in one)
        text = text.replace(old, line if value else "", 1).replace("\r\n\r\n", "\r\n")
    return text


OWN = {
    "the last Sunday as a position": written("RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=SU;BYSETPOS=-1"),
    "no interval": written("RRULE:FREQ=YEARLY;INTERVAL=0;BYDAY=-1SU;BYMONTH=10"),
    "a count": written("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10;COUNT=100"),
    "no count": written("RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10;COUNT=0"),
    "no offset before": written("TZOFFSETFROM:", like="+0200"),
    "no end": zone("Own").replace("\r\nEND:VTIMEZONE", ""),
    "an empty one before it": "BEGIN:VTIMEZONE\r\nTZID:Own\r\nEND:VTIMEZONE\r\n" + zone("Own"),
    "twice, since 1601": "\r\n".join(
        [zone("Own"), written("DTSTART:16010101T030000", "DTSTART:16010101T020000", like="2000")]
    ),
    "a comma": zone("Own").replace("TZID:Own", "TZID:Own\\, house"),
}


@pytest.mark.parametrize("kind", OWN)
@pytest.mark.parametrize(("wall", "hour"), [("20260714T100000", 8), ("20261102T100000", 9)])
def test_zone_rules_are_followed_where_only_one_thing_can_be_meant(
    tmp_path: Path, kind: str, wall: str, hour: int
) -> None:
    tzid = '"Own, house"' if kind == "a comma" else "Own"
    data = calendar(OWN[kind], event(f"DTSTART;TZID={tzid}:{wall}"))
    (seen,) = imported_file(tmp_path, "a.ics", data).meetings
    assert seen.start_at == at(f"{wall[:4]}-{wall[4:6]}-{wall[6:8]} {hour:02}:00")


def test_zone_rules_that_end_by_a_count_before_their_time_are_refused(tmp_path: Path) -> None:
    own = written("DTSTART:16010101T030000", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10;COUNT=3")
    result = imported_file(
        tmp_path, "a.ics", calendar(own, event("DTSTART;TZID=Own:20261102T100000"))
    )
    assert not result.meetings
    assert result.reasons(Lost.EVENT)


@pytest.mark.parametrize(("wall", "hour"), [("20260714T100000", 8), ("20261102T100000", 9)])
def test_zone_rules_without_a_first_date_are_followed(tmp_path: Path, wall: str, hour: int) -> None:
    data = calendar(zone("Own", dated=False), event(f"DTSTART;TZID=Own:{wall}"))
    (seen,) = imported_file(tmp_path, "a.ics", data).meetings
    assert seen.start_at == at(f"{wall[:4]}-{wall[4:6]}-{wall[6:8]} {hour:02}:00")


@pytest.mark.parametrize("offsets", [("+200", "+100"), ("+02:00", "+01:00"), ("+2", "+1")])
def test_zone_offsets_are_read_with_three_digits_and_with_colons(
    tmp_path: Path, offsets: tuple[str, str]
) -> None:
    own = zone("Own", summer=offsets[0], winter=offsets[1])
    data = calendar(own, event("DTSTART;TZID=Own:20261102T100000"))
    assert imported_file(tmp_path, "a.ics", data).meetings[0].start_at == at("2026-11-02 09:00")


def test_the_calendar_s_zone_holds_for_times_without_one(tmp_path: Path) -> None:
    named = "X-WR-TIMEZONE:America/New_York"
    data = calendar(named, event("DTSTART:20261102T100000"))
    assert imported_file(tmp_path, "a.ics", data).meetings[0].start_at == at("2026-11-02 15:00")
    utc = calendar(named, event("DTSTART:20261102T100000Z"))
    assert imported_file(tmp_path, "b.ics", utc).meetings[0].start_at == at("2026-11-02 10:00")


def weekly(*lines: str, rule: str = "FREQ=WEEKLY;COUNT=4") -> str:
    return event(
        f"DTSTART;{BERLIN}:20261102T100000",
        f"DTEND;{BERLIN}:20261102T103000",
        *([f"RRULE:{rule}"] if rule else []),
        *lines,
    )


MONDAYS = [f"202611{day:02}T090000Z" for day in (2, 9, 16, 23, 30)]


@pytest.mark.parametrize(
    ("rule", "count"),
    [
        ("RSCALE=GREGORIAN;FREQ=WEEKLY;COUNT=4;SKIP=OMIT", 4),
        ("FREQ=WEEKLY;COUNT=0;INTERVAL=1;BYDAY=MO;UNTIL=20261130", 5),
        ("FREQ=WEEKLY;UNTIL=20261130T235959Z;COUNT=-1;INTERVAL=1;BYDAY=MO", 5),
        ("FREQ=WEEKLY;INTERVAL=0;BYDAY=MO;UNTIL=20261130", 5),
        ("FREQ=WEEKLY;INTERVAL=-1;UNTIL=20261123T090000Z", 4),
        ("SKIP=FORWARD;FREQ=WEEKLY;COUNT=2", 2),
        ("RRULE:FREQ=WEEKLY;COUNT=2", 2),
        ('FREQ=WEEKLY;COUNT="2"', 2),
        ("FREQ=WEEKLY;COUNT=2;WKST=;SKIP=", 2),
        ("FREQ=WEEKLY\\;COUNT=2", 2),
        ('RSCALE="GREGORIAN";FREQ=WEEKLY;COUNT=2', 2),
        ("FREQ=WEEKLY;COUNT=2;UNTIL=99991231T235959Z", 2),
        ("FREQ=WEEKLY;UNTIL=2026-11-23", 4),
        ("FREQ=WEEKLY;UNTIL=2026-11-23T10:00:00", 4),
    ],
)
def test_a_rule_is_followed_where_only_one_thing_can_be_meant(
    tmp_path: Path, rule: str, count: int
) -> None:
    result = imported_file(tmp_path, "a.ics", calendar(weekly(rule=rule)))
    assert there(result) == MONDAYS[:count]
    assert not result.problems


@pytest.mark.parametrize(
    "rule", ["FREQ=WEEKLY;COUNT=0;UNTIL=20261031T220000Z;BYDAY=MO", "FREQ=HOURLY;UNTIL=20261031"]
)
def test_a_series_that_ended_before_it_began_is_not_there(tmp_path: Path, rule: str) -> None:
    start = f"EXDATE;{BERLIN}:20261102T100000"
    assert not there(imported_file(tmp_path, "a.ics", calendar(weekly(start, rule=rule))))
    assert not there(imported_file(tmp_path, "b.ics", calendar(weekly(rule=rule))))


@pytest.mark.parametrize("rule", ["FREQ=HOURLY", "nonsense", "RSCALE=HEBREW;FREQ=YEARLY"])
@pytest.mark.parametrize(
    "excluded", [f"EXDATE;{BERLIN}:20261102T100000", "EXDATE;VALUE=DATE:20261102"]
)
def test_what_is_excluded_is_not_there_also_where_the_rule_is_refused(
    tmp_path: Path, rule: str, excluded: str
) -> None:
    result = imported_file(tmp_path, "a.ics", calendar(weekly(excluded, rule=rule)))
    assert there(result) == []
    assert result.reasons(Lost.EVENT)


@pytest.mark.parametrize(
    "exclusion",
    [
        "EXDATE:20261109T090000Z;20261201T090000Z",
        "EXDATE;TZID=Nowhere:20261109T100000",
        f"EXDATE;{BERLIN}:20261109T100000/PT30M",
        f"EXDATE;{BERLIN}:20261109T100000/nonsense",
        f"EXDATE;{BERLIN}:,20261109T100000,",
        "EXDATE:20261109T080000Z",
        f"EXDATE;{BERLIN}:20261109T090000",
        "EXDATE;TZID=Europe/London:20261109T100000",
    ],
)
def test_an_excluded_date_is_read_however_its_list_is_written(
    tmp_path: Path, exclusion: str
) -> None:
    result = imported_file(tmp_path, "a.ics", calendar(weekly(exclusion)))
    assert there(result) == [MONDAYS[0], *MONDAYS[2:4]]


def test_a_period_whose_end_cannot_be_read_is_as_long_as_the_others(tmp_path: Path) -> None:
    data = calendar(weekly(f"RDATE;VALUE=PERIOD;{BERLIN}:20261109T140000/nonsense", rule=""))
    spans = [
        (one.end_at or 0) - (one.start_at or 0)
        for one in imported_file(tmp_path, "a.ics", data).meetings
    ]
    assert spans == [30 * 60 * 10**6] * 2


@pytest.mark.parametrize("period", ["20261109T140000/PT2H", "20261109T140000/20261109T160000"])
def test_an_added_period_has_its_own_end(tmp_path: Path, period: str) -> None:
    data = calendar(weekly(f"RDATE;VALUE=PERIOD;{BERLIN}:{period}", rule=""))
    spans = [
        (one.end_at or 0) - (one.start_at or 0)
        for one in imported_file(tmp_path, "a.ics", data).meetings
    ]
    assert spans == [30 * 60 * 10**6, 2 * 3600 * 10**6]


@pytest.mark.parametrize(
    "named",
    [
        "RECURRENCE-ID;VALUE=DATE:20261116",
        "RECURRENCE-ID:20261116",
        f"RECURRENCE-ID;{BERLIN}:20261116T000000",
        "RECURRENCE-ID:20261116T000000",
        "RECURRENCE-ID:20261116T000000Z",
        "RECURRENCE-ID:20261115T230000Z",
        "RECURRENCE-ID;TZID=Nowhere:20261116T100000",
        # Hours that the series does not have: of another zone, of summer time, of before it was moved.
        "RECURRENCE-ID:20261116T100000Z",
        "RECURRENCE-ID:20261116T080000Z",
        f"RECURRENCE-ID;{BERLIN}:20261116T090000",
        "RECURRENCE-ID;TZID=Europe/London:20261116T100000",
    ],
)
def test_an_override_that_names_the_day_is_of_that_day_s_occurrence(
    tmp_path: Path, named: str
) -> None:
    moved = event(named, f"DTSTART;{BERLIN}:20261116T150000", "DURATION:PT30M")
    for order in ((weekly(), moved), (moved, weekly())):
        result = imported_file(tmp_path, "a.ics", calendar(*order))
        assert there(result) == MONDAYS[:4]
        assert table(result)["20261116T090000Z"] == (at("2026-11-16 14:00"), False)


@pytest.mark.parametrize(
    "named",
    [
        f"RECURRENCE-ID;{BERLIN}:20261116T100000",
        "RECURRENCE-ID:20261116T090000Z",
        "RECURRENCE-ID;VALUE=DATE:20261116",
        "RECURRENCE-ID;TZID=Nowhere:20261116T100000",
    ],
)
@pytest.mark.parametrize("start", ["DTSTART;TZID=Nowhere:20261116T150000", "DTSTART:nonsense"])
def test_a_changed_occurrence_that_cannot_be_read_is_not_where_the_series_had_it(
    tmp_path: Path, named: str, start: str
) -> None:
    """It was moved, nobody knows to when: that it took place at its old hour would be made up."""
    result = imported_file(tmp_path, "a.ics", calendar(weekly(), event(named, start)))
    assert sorted(table(result)) == [*MONDAYS[:2], MONDAYS[3]]
    assert result.reasons(Lost.EVENT)


def test_an_override_in_the_wall_time_of_its_series_is_of_that_day(tmp_path: Path) -> None:
    moved = event("RECURRENCE-ID:20261116T100000", "DTSTART:20261116T140000Z", "DURATION:PT30M")
    result = imported_file(tmp_path, "a.ics", calendar(weekly(), moved))
    assert there(result) == MONDAYS[:4]
    assert table(result)["20261116T090000Z"] == (at("2026-11-16 14:00"), False)


@pytest.mark.parametrize(
    "lines",
    [
        # Another day, another override of that day, a date that was added, a day that was taken out.
        (f"RECURRENCE-ID;{BERLIN}:20261118T090000",),
        (f"RECURRENCE-ID;{BERLIN}:20261109T090000",),
    ],
)
def test_an_override_of_no_occurrence_takes_none_away(
    tmp_path: Path, lines: tuple[str, ...]
) -> None:
    other = event(*lines, f"DTSTART;{BERLIN}:20261118T150000")
    result = imported_file(tmp_path, "a.ics", calendar(weekly(), override(), other))
    assert len(there(result)) == 5
    added = weekly(f"RDATE;{BERLIN}:20261116T090000")
    extra = event(f"RECURRENCE-ID;{BERLIN}:20261116T090000", f"DTSTART;{BERLIN}:20261116T080000")
    assert len(there(imported_file(tmp_path, "b.ics", calendar(added, extra)))) == 5


def test_a_series_at_midnight_is_overridden_at_midnight(tmp_path: Path) -> None:
    master = event(
        f"DTSTART;{BERLIN}:20261102T000000", "DURATION:PT30M", "RRULE:FREQ=WEEKLY;COUNT=2"
    )
    moved = event(f"RECURRENCE-ID;{BERLIN}:20261109T000000", f"DTSTART;{BERLIN}:20261109T150000")
    result = imported_file(tmp_path, "a.ics", calendar(master, moved))
    assert there(result) == ["20261101T230000Z", "20261108T230000Z"]


EXCLUDED = f"EXDATE;{BERLIN}:20261109T100000"


def override(*lines: str) -> str:
    return event(
        f"RECURRENCE-ID;{BERLIN}:20261109T100000", f"DTSTART;{BERLIN}:20261110T140000", *lines
    )


@pytest.mark.parametrize(
    ("series", "moved", "holds"),
    [
        (("SEQUENCE:0",), ("SEQUENCE:1",), True),
        (("SEQUENCE:2",), ("SEQUENCE:1",), False),
        (("LAST-MODIFIED:20261001T080000Z",), ("LAST-MODIFIED:20261002T080000Z",), True),
        (("LAST-MODIFIED:20261003T080000Z",), ("LAST-MODIFIED:20261002T080000Z",), False),
        (("DTSTAMP:20261003T080000Z",), ("DTSTAMP:20261002T080000Z",), False),
        ((), (), True),
    ],
)
def test_of_an_exclusion_and_an_override_the_newer_holds(
    tmp_path: Path, series: tuple[str, ...], moved: tuple[str, ...], holds: bool
) -> None:
    data = calendar(weekly(EXCLUDED, *series), override(*moved))
    seen = table(imported_file(tmp_path, "a.ics", data))["20261109T090000Z"]
    assert seen == ((at("2026-11-10 13:00"), False) if holds else (None, True))


def test_one_uid_for_several_meetings_is_named_and_none_vanishes(tmp_path: Path) -> None:
    days = ("20261102T090000Z", "20261109T090000Z", "20261116T090000Z")
    data = calendar(*(event(f"SUMMARY:Call {day}", start=day) for day in days))
    result = imported_file(tmp_path, "a.ics", data)
    assert there(result) == sorted(days)
    assert any("one UID for several meetings" in reason for reason in result.reasons())


@pytest.mark.parametrize("sequences", [(0, 1, 0), (0, 0, 0)])
@pytest.mark.parametrize("start", ["20261102T090000Z", ""])
def test_whoever_gives_way_under_a_shared_uid_is_named(
    tmp_path: Path, sequences: tuple[int, ...], start: str
) -> None:
    days = ("20261102T090000Z", "20261109T090000Z", "20261116T090000Z")
    entries = [
        event(f"SUMMARY:Call {number}", f"SEQUENCE:{sequence}", start=start or day)
        for number, (day, sequence) in enumerate(zip(days, sequences, strict=True))
    ]
    result = imported_file(tmp_path, "a.ics", calendar(*entries))
    assert len(result.meetings) + len(result.reasons(Lost.DETAIL)) >= 3


def test_older_versions_of_one_meeting_are_no_loss(tmp_path: Path) -> None:
    entries = [
        event("SUMMARY:Call", f"SEQUENCE:{n}", start=f"2026110{n + 2}T090000Z") for n in (0, 1)
    ]
    result = imported_file(tmp_path, "a.ics", calendar(*entries))
    assert (len(result.meetings), result.problems) == (1, [])


def test_a_calendar_in_an_unknown_zone_is_named_and_its_times_are_not_guessed(
    tmp_path: Path,
) -> None:
    floating = event("DTSTART:20261102T100000")
    known = event("DTSTART:20261102T100000Z", uid="b")
    result = imported_file(tmp_path, "a.ics", calendar("X-WR-TIMEZONE:Nowhere", floating, known))
    assert [one.series_uid for one in result.meetings] == ["b"]
    assert result.reasons(Lost.EVENT)


def test_an_exclusion_of_an_evening_in_utc_is_of_that_evening_alone(tmp_path: Path) -> None:
    daily = event(
        "DTSTART;TZID=America/New_York:20261030T190000",
        "RRULE:FREQ=DAILY;COUNT=7",
        "EXDATE:20261104T000000Z",
    )
    result = imported_file(tmp_path, "a.ics", calendar(daily))
    assert [one.recurrence_id for one in result.meetings if one.stub] == ["20261104T000000Z"]


def outlook(summary: str, *lines: str) -> bytes:
    return calendar(event(f"SUMMARY:{summary}", "STATUS:CONFIRMED", organizer(DANA), *lines))


FREE = ("TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:FREE")


@pytest.mark.parametrize(
    "title",
    [
        "Canceled: Vendor sync",
        "Cancelled: x",
        "Abgesagt: x",
        "Annulé : x",
        "CANCELADO: x",
        "Inställt: x",
        "Peruutettu: x",
        "Odwołane: x",
        "キャンセル済み: x",
        "[EXT] Canceled: x",
        "FW: Canceled: x",
        "Cancelled - Vendor sync",
        "Storniert: x",
        "(Canceled) x",
        "İPTAL EDİLDİ: x",
        "Törölve: x",
        "Ακυρώθηκε: x",
        "取り消し済み: x",
        "בוטל: x",
        "Отменена: x",
        "Cancel·lat: x",
    ],
)
def test_outlook_s_copy_of_a_cancelled_meeting_says_only_that_it_is_gone(
    tmp_path: Path, title: str
) -> None:
    (seen,) = imported_file(tmp_path, "a.ics", outlook(title, *FREE)).meetings
    assert (seen.status, seen.stub, seen.actor) == (Status.REMOVED, True, "")


def test_a_title_alone_cancels_nothing(tmp_path: Path) -> None:
    busy = imported_file(tmp_path, "a.ics", outlook("Canceled: Vendor sync")).meetings[0]
    for title in ("Cancelled orders - review", "Storno - process", "Re: cancellations"):
        (seen,) = imported_file(tmp_path, "c.ics", outlook(title, *FREE)).meetings
        assert seen.status is Status.CONFIRMED
    free = imported_file(tmp_path, "b.ics", outlook("Cancelled orders review", *FREE)).meetings[0]
    assert (busy.status, free.status) == (Status.CONFIRMED, Status.CONFIRMED)


def instance(day: str) -> str:
    """An Exchange UID of one occurrence that was sent by itself, or of the series ("")."""
    year, month, date = (int(day[:4]), int(day[4:6]), int(day[6:])) if day else (0, 0, 0)
    return f"040000008200E00074C5B7101A82E008{year:04X}{month:02X}{date:02X}{'0' * 24}AB"


def test_occurrences_that_were_sent_by_themselves_stay_apart(tmp_path: Path) -> None:
    days = ("20261116", "20261123", "20261130")
    events = [event(uid=instance(day), start=f"{day}T090000Z") for day in days]
    result = imported_file(tmp_path, "a.ics", calendar(*events))
    assert len({one.series_uid for one in result.meetings}) == 1
    assert table(result) == {
        day: (at(f"{day[:4]}-{day[4:6]}-{day[6:]} 09:00"), False) for day in days
    }


def test_a_series_and_a_changed_occurrence_keep_their_ids_of_the_hour(tmp_path: Path) -> None:
    master = event("RRULE:FREQ=WEEKLY;COUNT=2", uid=instance(""))
    other = event(
        "RECURRENCE-ID:20261130T090000Z", uid=instance("20261130"), start="20261130T110000Z"
    )
    result = imported_file(tmp_path, "a.ics", calendar(master, other))
    starts = {one.start_at for one in result.meetings if not one.stub}
    assert at("2026-11-30 11:00") in starts
    assert {"20261123T090000Z", "20261130T090000Z"} == set(table(result))


@pytest.mark.parametrize("name", ["DTSTAMP", "LAST-MODIFIED", "CREATED"])
def test_a_stamp_that_is_a_date_is_no_moment(tmp_path: Path, name: str) -> None:
    stamped = event(f"{name};VALUE=DATE:20261120")
    (seen,) = imported_file(tmp_path, "a.ics", calendar(stamped)).meetings
    assert at("2026-11-20 00:00") not in (seen.updated_at, seen.created_at, seen.acted_at)
    assert not seen.updated_exact


@pytest.mark.parametrize(
    ("start", "exclusion", "left"),
    [
        ("20261123T090000Z", "EXDATE:20261124T000000Z", ["20261123T090000Z", "20261125T090000Z"]),
        (
            "20261123T090000Z",
            f"EXDATE;{BERLIN}:20261124T000000",
            ["20261123T090000Z", "20261125T090000Z"],
        ),
        # A series at midnight has its own: only the one that is named goes.
        ("20261123T000000Z", "EXDATE:20261124T000000Z", ["20261123T000000Z", "20261125T000000Z"]),
        (
            "20261123T000000Z",
            f"EXDATE;{BERLIN}:20261124T000000",
            ["20261123T000000Z", "20261124T000000Z", "20261125T000000Z"],
        ),
    ],
)
def test_an_exclusion_of_a_midnight_is_one_of_the_day(
    tmp_path: Path, start: str, exclusion: str, left: list[str]
) -> None:
    series = event("RRULE:FREQ=DAILY;COUNT=3", exclusion, start=start)
    assert there(imported_file(tmp_path, "a.ics", calendar(series))) == left
