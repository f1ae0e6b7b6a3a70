"""Do other people's calendar files give the meetings that another library finds in them?

The files are icalendar's own collection of real and broken calendars; the other reader is
recurring-ical-events. Where the two differ on purpose, the file is listed with the reason.
"""

from __future__ import annotations

import warnings
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given, settings
from hypothesis import strategies as st

from config.clock import to_micros
from connectors.files.ical import calendar_file
from connectors.files.ical.recurrence import BadRule, Budget, parse, walls
from connectors.files.problems import Lost, Problem
from connectors.interfaces import Window
from tests.support.facts.files import calendar, event

LOW, HIGH = datetime(1990, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
FOLDER = Path(icalendar.__file__).parent / "tests"
FILES = sorted(FOLDER.rglob("*.ics")) if FOLDER.exists() else []

#: We are right, or both may be: (starts with us, starts with them) differ there.
DIFFERENT = {
    # Lotus Notes: a whole series inside an override; they see its first occurrence only.
    "issue_156_RDATE_with_PERIOD_TZID_khal.ics",
    "issue_156_RDATE_with_PERIOD_TZID_khal_2.ics",
    # RDATE with dates in a timed series, which RFC 5545 forbids: we take the series' time of day.
    "issue_1633_rdate_with_dates.ics",
    "issue_1633_rdate_with_dates_and_tzid.ics",
    # An X-EVENT component that is no VEVENT in a VCALENDAR.
    "issue_178_custom_component_contains_other.ics",
    # A zone that nothing explains: they read it as floating, we name it.
    "issue_526_calendar_with_different_events.ics",
    "issue_526_calendar_with_event_subset.ics",
    "issue_526_calendar_with_events.ics",
    "issue_526_calendar_with_shuffeled_events.ics",
    "issue_722_missing_VTIMEZONE_custom.ics",
}


def read(data: bytes, problems: list[Problem]) -> calendar_file.Export:
    return calendar_file.read(
        data,
        place="a.ics",
        written=None,
        me=frozenset(),
        floating=ZoneInfo("UTC"),
        report=problems.append,
    )


def ours(data: bytes) -> tuple[Counter[int | None], list[Problem]]:
    problems: list[Problem] = []
    export = read(data, problems)
    horizon = Window(to_micros(LOW), to_micros(HIGH))
    found = list(export.meetings(horizon, Budget(), problems.append))
    found += export.acts(frozenset(), lambda uid: [], horizon.end, problems.append)
    return Counter(one.start_at for one in found if not one.stub), problems


def theirs(data: bytes) -> Counter[int | None] | None:
    """Their starts; None where their library refuses the file."""
    found: Counter[int | None] = Counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for one in icalendar.Calendar.from_ical(data, multiple=True):
                for entry in recurring_ical_events.of(one).between(LOW, HIGH):
                    start = entry["DTSTART"].dt
                    if not isinstance(start, datetime):
                        start = datetime(start.year, start.month, start.day, tzinfo=UTC)
                    if start.tzinfo is None:
                        start = start.replace(tzinfo=UTC)
                    if LOW <= start < HIGH:
                        found[to_micros(start)] += 1
    except Exception:
        return None
    return found


@pytest.mark.skipif(not FILES, reason="this icalendar ships no test files")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_of_the_collection_is_read_whole_or_its_losses_are_named(path: Path) -> None:
    data = path.read_bytes()
    found, problems = ours(data)
    expected = theirs(data)
    if expected is not None and path.name not in DIFFERENT:
        assert found == expected
    entries = sum(
        line.strip().upper() == b"BEGIN:VEVENT" for line in data.replace(b"\r", b"\n").split(b"\n")
    )
    inside = b"VCALENDAR" in data and entries
    lost = [one for one in problems if one.lost is not Lost.DETAIL]
    # An entry is a meeting, or it is named, or it lies outside of the forty years.
    if inside and not found:
        assert lost or expected == Counter() or expected is None


def test_the_collection_is_there() -> None:
    """Icalendar has shipped its tests so far; if it stops, this says that the proof is gone."""
    assert len(FILES) > 100


DAYS = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
NUMBERED = st.builds("{}{}".format, st.sampled_from([1, 2, -1]), DAYS)


def listed(key: str, values: st.SearchStrategy[object]) -> st.SearchStrategy[str]:
    some = st.lists(values, min_size=1, max_size=3, unique=True)
    return st.one_of(st.just(""), some.map(lambda v: f";{key}=" + ",".join(map(str, v))))


RULES = st.one_of(
    st.builds(
        "FREQ=DAILY;INTERVAL={}{}{}{}".format,
        st.integers(1, 9),
        listed("BYDAY", DAYS),
        listed("BYMONTH", st.integers(1, 12)),
        listed("BYMONTHDAY", st.one_of(st.integers(1, 31), st.integers(-31, -1))),
    ),
    st.builds(
        "FREQ=WEEKLY;INTERVAL={}{}{};WKST={}".format,
        st.integers(1, 5),
        listed("BYDAY", DAYS),
        listed("BYMONTH", st.integers(1, 12)),
        DAYS,
    ),
    st.builds(
        "FREQ=MONTHLY;INTERVAL={}{}".format,
        st.integers(1, 5),
        st.one_of(
            listed("BYDAY", NUMBERED),
            listed("BYMONTHDAY", st.one_of(st.integers(1, 31), st.integers(-31, -1))),
            st.builds(";BYDAY=MO,TU,WE,TH,FR;BYSETPOS={}".format, st.sampled_from([1, -1, 3])),
        ),
    ),
    st.builds(
        "FREQ=YEARLY;INTERVAL={}{}{}".format,
        st.integers(1, 3),
        listed("BYMONTH", st.integers(1, 12)),
        listed("BYDAY", NUMBERED),
    ),
)
ENDS = st.one_of(
    st.just(""),
    st.integers(1, 60).map(";COUNT={}".format),
    st.integers(1, 28).map("{:02}".format).map(lambda day: f";UNTIL=202609{day}T100000Z"),
    st.integers(1, 28).map("{:02}".format).map(lambda day: f";UNTIL=202609{day}"),
)
NAMED = st.sampled_from(["Europe/Berlin", "America/New_York", "UTC", "Pacific/Auckland"])


@settings(max_examples=150)
@given(RULES, ENDS, NAMED, st.integers(0, 400), st.integers(0, 23))
def test_any_rule_gives_the_occurrences_that_the_other_library_finds(
    rule: str, end: str, zone: str, day: int, hour: int
) -> None:
    first = datetime.fromordinal(date(2025, 12, 1).toordinal() + day)
    begin = f"DTSTART;TZID={zone}:{first:%Y%m%d}T{hour:02}3000"
    if "UNTIL" in end and not end.endswith("Z"):
        # A date as the end of a timed series: they refuse it, so it is compared with all-day ones.
        begin = f"DTSTART;VALUE=DATE:{first:%Y%m%d}"
    elif "UNTIL" in end and zone == "UTC":
        begin = f"DTSTART:{first:%Y%m%d}T{hour:02}3000Z"
    low, high = datetime(2026, 3, 1, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC)
    data = calendar(event(begin, f"RRULE:{rule}{end}"))
    problems: list[Problem] = []
    export = read(data, problems)
    window = Window(to_micros(low), to_micros(high))
    found = sorted(one.start_at or 0 for one in export.meetings(window, Budget(), problems.append))
    assert not problems
    expected = []
    for entry in recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between(low, high):
        start = entry["DTSTART"].dt
        if not isinstance(start, datetime):
            start = datetime(start.year, start.month, start.day, tzinfo=UTC)
        if low <= start < high:
            expected.append(to_micros(start))
    matching = _first_fits(rule, first)
    if matching:
        assert found == sorted(expected)
    else:
        # Whether a DTSTART that its own rule would not name counts is undefined (RFC 5545
        # 3.8.5.3); we take it as the first, and of the others none that they do not have.
        assert set(found) <= set(expected) | {to_micros(_instant(begin))}


def _first_fits(rule: str, first: datetime) -> bool:
    one = parse(rule)
    found = list(
        walls(one, first, first, first.replace(year=first.year + 12), Budget(), lambda w: w)
    )
    return bool(found) and found[0] == first


def _instant(line: str) -> datetime:
    zone = line.split("TZID=")[1].split(":")[0] if "TZID=" in line else "UTC"
    text = line.split(":")[1].rstrip("Z")
    shape = "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d"
    return datetime.strptime(text, shape).replace(tzinfo=ZoneInfo(zone))


@given(st.text("FREQ=DAILYWKMONTH;BYCUSP,0123456789-+:TZ", max_size=60))
def test_any_text_is_a_bounded_rule_or_refused(text: str) -> None:
    first = datetime.fromisoformat("2026-01-01T09:00:00")
    with suppress(BadRule):
        list(
            walls(parse(text), first, first, first.replace(year=2027), Budget(), lambda wall: wall)
        )
