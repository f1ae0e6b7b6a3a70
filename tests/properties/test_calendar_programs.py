"""What a calendar program may do to an .ics changes no fact that is read from it.

RFC 5545 leaves to the program where lines are folded and how they end, in which order properties and
components stand, the case of names, which values are quoted, and what else it writes. Whatever one of
them does to a calendar here, the same meetings must come out.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.model.records import MeetingSeen
from tests.support.facts.files import imported

_ZONE = """BEGIN:VTIMEZONE
TZID:Büro West
BEGIN:STANDARD
DTSTART:20001029T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20000326T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
END:DAYLIGHT
END:VTIMEZONE"""
_EVENTS = (
    """BEGIN:VEVENT
UID:series-1@acme.example
SEQUENCE:2
DTSTAMP:20261101T080000Z
LAST-MODIFIED:20261020T080000Z
DTSTART;TZID=Büro West:20261012T100000
DTEND;TZID=Büro West:20261012T103000
RRULE:FREQ=WEEKLY;COUNT=9
EXDATE;TZID=Büro West:20261019T100000
RDATE;TZID=Büro West;VALUE=PERIOD:20261014T160000/PT45M
SUMMARY:Prüfung für München\\, Teil 2
ORGANIZER;CN=Me Myself:mailto:me@acme.example
ATTENDEE;CN=Dana Kim;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:mailto:dana@client.example
ATTENDEE;CN=Omar;PARTSTAT=DECLINED;SENT-BY=mailto:ana@client.example:mailto:omar@client.example
END:VEVENT""",
    """BEGIN:VEVENT
UID:series-1@acme.example
RECURRENCE-ID;TZID=Büro West:20261026T100000
SEQUENCE:3
DTSTAMP:20261102T080000Z
DTSTART;TZID=Büro West:20261026T140000
DURATION:PT1H
SUMMARY:Moved
ORGANIZER;CN=Me Myself:mailto:me@acme.example
ATTENDEE;PARTSTAT=TENTATIVE:mailto:dana@client.example
END:VEVENT""",
    """BEGIN:VEVENT
UID:single@client.example
DTSTAMP:20261103T080000Z
CREATED:20261001T080000Z
DTSTART:20261123T090000Z
DTEND:20261123T093000Z
STATUS:CANCELLED
TRANSP:TRANSPARENT
CLASS:PRIVATE
LOCATION:Main Street 1
SUMMARY:Lunch
ORGANIZER:mailto:dana@client.example
ATTENDEE;PARTSTAT=ACCEPTED:mailto:me@acme.example
END:VEVENT""",
    """BEGIN:VEVENT
UID:days@acme.example
DTSTAMP:20261104T080000Z
DTSTART;VALUE=DATE:20261207
DTEND;VALUE=DATE:20261209
SUMMARY:Fair
END:VEVENT""",
)

Lines = list[str]
Parts = list[Lines]


def _parts() -> Parts:
    return [part.split("\n") for part in (_ZONE, *_EVENTS)]


# What a program may do: each takes the parts of the calendar and gives them in another form.


def _order_of_properties(parts: Parts, random: Random) -> Parts:
    """Properties of an event in any order, but for guests, whose order is theirs."""
    made = []
    for part in parts:
        if part[0] != "BEGIN:VEVENT":
            made.append(part)
            continue
        inside = part[1:-1]
        guests = [line for line in inside if line.startswith("ATTENDEE")]
        random.shuffle(inside)
        ordered = iter(guests)
        inside = [next(ordered) if line.startswith("ATTENDEE") else line for line in inside]
        made.append([part[0], *inside, part[-1]])
    return made


def _order_of_components(parts: Parts, random: Random) -> Parts:
    """The zone behind the events that use it, the override before its series."""
    made = list(parts)
    random.shuffle(made)
    return made


def _case_of_names(parts: Parts, random: Random) -> Parts:
    def changed(line: str) -> str:
        name, mark, rest = line.partition(":")
        name, semicolon, parameters = name.partition(";")
        turned = "".join(random.choice((one.lower(), one.upper())) for one in name)
        if name in ("BEGIN", "END"):
            rest = random.choice((rest.lower(), rest.upper(), rest))
        return f"{turned}{semicolon}{parameters}{mark}{rest}"

    return [[changed(line) for line in part] for part in parts]


def _quotes(parts: Parts, random: Random) -> Parts:
    """Any value of a parameter may stand in quotes."""

    def quoted(line: str) -> str:
        for name in (
            "CN=Me Myself",
            "CN=Dana Kim",
            "CN=Omar",
            "TZID=Büro West",
            "PARTSTAT=ACCEPTED",
        ):
            if random.random() < 0.5:
                key, _, value = name.partition("=")
                line = line.replace(f";{name}", f';{key}="{value}"', 1)
        return line.replace(
            "SENT-BY=mailto:ana@client.example", 'SENT-BY="mailto:ana@client.example"'
        )

    return [[quoted(line) for line in part] for part in parts]


def _more_lines(parts: Parts, random: Random) -> Parts:
    """Alarms, properties of the program's own, long descriptions."""
    extra = (
        ["X-MADE-BY;X-WHY=because:Somebody's program"],
        ["DESCRIPTION:BEGIN:VEVENT\\nUID:none\\nDTSTART:20200101T000000Z\\nEND:VEVENT" + "x" * 300],
        ["BEGIN:VALARM", "TRIGGER:-PT15M", "ACTION:DISPLAY", "DURATION:PT5M", "END:VALARM"],
        ["X-ALT-DESC;FMTTYPE=text/html:<html>ATTENDEE;PARTSTAT=DECLINED:mailto:x@y.example</html>"],
        ["PRIORITY:5", "GEO:48.1;11.5", "ATTACH;VALUE=URI:https://files.example/a;b=c:d"],
    )
    made = []
    for part in parts:
        lines = list(part)
        if part[0] == "BEGIN:VEVENT":
            for block in random.sample(extra, random.randint(0, len(extra))):
                lines[-1:-1] = block
        made.append(lines)
    return made


def _another_calendar(parts: Parts, random: Random) -> Parts:
    """Several VCALENDARs in one file: the zone may lie in another than the events."""
    made = list(parts)
    at = random.randint(1, len(parts) - 1)
    made.insert(at, ["END:VCALENDAR", "", "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//b//EN"])
    return made


CHANGES: dict[str, Callable[[Parts, Random], Parts]] = {
    "order of properties": _order_of_properties,
    "order of components": _order_of_components,
    "case of names": _case_of_names,
    "quotes": _quotes,
    "more lines": _more_lines,
    "another calendar": _another_calendar,
}


def _written(parts: Parts, random: Random | None) -> bytes:
    """The file; with `random` folded anywhere, also inside a letter, and with any ends of lines."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//a//EN"]
    lines += [line for part in parts for line in part]
    lines.append("END:VCALENDAR")
    raw = [line.encode() for line in lines]
    if random is None:
        return b"\r\n".join(raw) + b"\r\n"
    end = random.choice((b"\r\n", b"\n", b"\r\n"))
    blank = random.choice((b" ", b"\t"))
    folded = []
    for line in raw:
        pieces = []
        while len(line) > 1 and random.random() < 0.6:
            cut = random.randint(1, min(len(line) - 1, 74))
            pieces.append(line[:cut])
            line = line[cut:]
        folded.append((end + blank).join([*pieces, line]))
    mark = random.choice((b"", b"\xef\xbb\xbf"))
    return mark + end.join(folded) + random.choice((b"", end, end + end))


def _read(data: bytes) -> tuple[list[MeetingSeen], list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "work.ics")
        path.write_bytes(data)
        os.utime(path, (1_795_000_000, 1_795_000_000))
        result = imported([path])
    facts = sorted(result.meetings, key=lambda one: (one.provider_id, one.recurrence_id))
    return facts, [one.reason for one in result.problems]


PLAIN, PROBLEMS = _read(_written(_parts(), None))


def test_the_calendar_as_it_stands_says_what_it_should() -> None:
    assert (len(PLAIN), PROBLEMS) == (12, [])
    assert len([one for one in PLAIN if one.stub]) == 1


@pytest.mark.parametrize("change", CHANGES)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
def test_one_habit_of_a_program_changes_no_fact(change: str, seed: int) -> None:
    random = Random(seed)
    assert _read(_written(CHANGES[change](_parts(), random), random)) == (PLAIN, [])


@given(seed=st.integers(0, 2**32))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_all_habits_together_change_no_fact(seed: int) -> None:
    random = Random(seed)
    parts = _parts()
    # The border between two calendars comes last: what is shuffled behind it is still inside.
    for change in CHANGES.values():
        parts = change(parts, random)
    assert _read(_written(parts, random)) == (PLAIN, [])
