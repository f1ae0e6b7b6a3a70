"""On which occurrences does a series fall inside the horizon?

RRULE, RDATE, EXDATE (and the old EXRULE) by RFC 5545 3.8.5, evaluated by dateutil in the wall
time of the series. Calendars from strangers may hold rules that yield millions of occurrences, or
search for one that never comes; so every rule is bounded before it runs, and a file has a budget.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, YEARLY, rrule, weekday  # type: ignore[import-untyped]

#: Occurrences of one series inside the horizon: a daily one over 13 years.
MOST_OCCURRENCES = 5_000
#: Days that one rule may walk through before the horizon ends: daily since 1600 has 155,000.
MOST_DAYS = 200_000
#: Times a day that one rule may name; a meeting has one.
MOST_TIMES = 24
_LONGEST_RULE = 2_000
_LAST_YEAR = 9000
#: Added for a rule that may search to the end of the calendar for a day that never comes.
_EXPENSIVE = 2_000

_FREQUENCIES = {"DAILY": DAILY, "WEEKLY": WEEKLY, "MONTHLY": MONTHLY, "YEARLY": YEARLY}
_DAYS_IN = {DAILY: 1, WEEKLY: 7, MONTHLY: 30, YEARLY: 365}
_WEEKDAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_WEEKDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$")
_LISTS = {
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYHOUR": (0, 23),
    "BYMINUTE": (0, 59),
    "BYSECOND": (0, 60),
    "BYSETPOS": (-366, 366),
}


class BadRule(ValueError):
    """A rule that is none, or that is refused because it could run away."""


@dataclass
class Budget:
    """What the series of one file may cost together [steps], and until when [s, steady].

    A step is one day, week, month or year that a rule walks through: some microseconds.
    `occurrences` inside the horizon become records: sixty daily series over three years.
    """

    steps: int = 4_000_000
    occurrences: int = 60_000
    seconds: float = 60.0
    steady: Callable[[], float] = time.monotonic
    _began: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.steady()

    def spend(self, steps: int) -> None:
        """Raises BadRule once the file's series have cost too much."""
        self.steps -= steps
        if self.steps < 0 or self.steady() - self._began > self.seconds:
            raise BadRule("the series of this file together repeat too often: the rest is refused")

    def met(self) -> None:
        """One more occurrence. Raises BadRule once the file's series have too many together."""
        self.occurrences -= 1
        if self.occurrences < 0:
            raise BadRule("the series of this file together repeat too often: the rest is refused")


@dataclass(frozen=True, slots=True)
class Rule:
    """One parsed RRULE. `until` is inclusive: a wall time, a UTC time (`until_utc`) or a date."""

    frequency: int
    interval: int
    count: int | None
    until: datetime | None
    until_utc: bool
    until_date: bool
    lists: dict[str, tuple[int, ...]]
    days: tuple[weekday, ...]
    week_start: int


def parse(text: str) -> Rule:
    """An RRULE value. Raises BadRule where it is none, or repeats within a day without end."""
    if len(text) > _LONGEST_RULE:
        raise BadRule("a rule that is too long")
    parts: dict[str, str] = {}
    # Some escape the semicolons as in a text, or put values in quotes.
    text = text.replace("\\;", ";").replace('"', "").strip()
    for part in text.removeprefix("RRULE:").rstrip(";").split(";"):
        key, equals, value = part.partition("=")
        if not equals:
            raise BadRule("a rule that cannot be read")
        parts[key.strip().upper()] = value.strip().upper()
    named = parts.pop("FREQ", "")
    if named in ("HOURLY", "MINUTELY", "SECONDLY"):
        raise BadRule("a series that repeats within the day: no meeting does, so it is refused")
    if named not in _FREQUENCIES:
        raise BadRule("a rule without a frequency")
    # Programs that write COUNT=0 or COUNT=-1 mean no count, and INTERVAL=0 every one.
    count = _number(parts.pop("COUNT", ""), "COUNT", 10**9)
    interval = _number(parts.pop("INTERVAL", ""), "INTERVAL", 10_000)
    _scale(parts, named)
    until, until_utc, until_date = _until(parts.pop("UNTIL", ""))
    start = parts.pop("WKST", "") or "MO"
    days = tuple(_weekday(day) for day in parts.pop("BYDAY", "").split(",") if day)
    lists = {
        key: tuple(_in_list(value, key, lowest, highest) for value in parts.pop(key).split(","))
        for key, (lowest, highest) in _LISTS.items()
        if key in parts
    }
    if any(not key.startswith("X-") for key in parts) or start not in _WEEKDAYS:
        raise BadRule("a rule with a part that RFC 5545 does not know")
    times = 1
    for key in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        times *= len(set(lists.get(key, (0,))))
    if times > MOST_TIMES:
        raise BadRule("a series that repeats many times a day: no meeting does, so it is refused")
    return Rule(
        _FREQUENCIES[named],
        interval or 1,
        count,
        until,
        until_utc,
        until_date,
        lists,
        days,
        _WEEKDAYS[start],
    )


def _scale(parts: dict[str, str], frequency: str) -> None:
    """RSCALE and SKIP of RFC 7529 change nothing in a Gregorian rule that skips what is not there."""
    scale, skip = parts.pop("RSCALE", "GREGORIAN"), parts.pop("SKIP", "") or "OMIT"
    if scale not in ("GREGORIAN", "GREGORY", "ISO8601"):
        raise BadRule("a rule of another calendar than the Gregorian")
    if skip != "OMIT" and frequency in ("MONTHLY", "YEARLY"):
        raise BadRule("a rule that moves days which a month does not have")


def _number(text: str, name: str, highest: int) -> int | None:
    """A positive number; None where it is missing, zero or negative."""
    if not text:
        return None
    if not re.fullmatch(r"[+-]?[0-9]{1,11}", text):
        raise BadRule(f"a rule whose {name} is no number")
    value = int(text)
    if value > highest:
        raise BadRule(f"a rule whose {name} cannot be")
    return value if value > 0 else None


def ends(text: str) -> Rule | None:
    """Of a rule that is refused, all that can still be trusted: its UNTIL; None without one."""
    found = re.search(r"(?:^|;)\s*UNTIL\s*=\s*([0-9TZ]{8,16})\s*(?:;|$)", text, re.IGNORECASE)
    try:
        until, until_utc, until_date = _until(found[1].upper() if found else "")
    except BadRule:
        return None
    if until is None:
        return None
    return Rule(DAILY, 1, None, until, until_utc, until_date, {}, (), 0)


def _in_list(text: str, name: str, lowest: int, highest: int) -> int:
    if not re.fullmatch(r"[+-]?\d{1,3}", text.strip()):
        raise BadRule(f"a rule whose {name} is no number")
    value = int(text)
    if not lowest <= value <= highest or (value == 0 and lowest < 0):
        raise BadRule(f"a rule whose {name} cannot be")
    return value


def _weekday(text: str) -> weekday:
    found = _WEEKDAY.match(text.strip())
    if not found or (found[1] and int(found[1]) == 0):
        raise BadRule("a rule with a day that is none")
    return weekday(_WEEKDAYS[found[2]], int(found[1]) if found[1] else None)


def _until(text: str) -> tuple[datetime | None, bool, bool]:
    if not text:
        return None, False, False
    for shape, is_utc, is_date in (
        ("%Y%m%dT%H%M%SZ", True, False),
        ("%Y%m%dT%H%M%S", False, False),
        ("%Y%m%d", False, True),
        ("%Y%m%dZ", False, True),
        ("%Y%m%dT%H%MZ", True, False),
        ("%Y-%m-%dT%H:%M:%SZ", True, False),
        ("%Y-%m-%dT%H:%M:%S", False, False),
        ("%Y-%m-%d", False, True),
    ):
        try:
            until = datetime.strptime(text, shape)  # noqa: DTZ007
            # An end that never comes leaves no room for an offset.
            return until.replace(year=min(until.year, _LAST_YEAR)), is_utc, is_date
        except ValueError:
            continue
    raise BadRule("a rule whose UNTIL is no date")


def walls(
    rule: Rule,
    first: datetime,
    low: datetime,
    high: datetime,
    budget: Budget,
    utc_of: Callable[[datetime], datetime],
) -> Iterator[datetime]:
    """The wall times of a rule in [low, high), in order.

    `first` is DTSTART, itself always part of the series where the rule is an RRULE (RFC 5545
    3.8.5.3); that is for the caller. `utc_of` turns a wall time into naive UTC, for an UNTIL in
    UTC. Raises BadRule where the rule costs more than it may.
    """
    end = high if rule.until is None else min(high, rule.until + timedelta(days=2))
    if end < first:
        return
    walked = (end - first).days // rule.interval + 1
    if walked > MOST_DAYS:
        raise BadRule("a series that began too long ago to be followed")
    lists = dict(rule.lists)
    days = rule.days
    months: tuple[int, ...] = ()
    dates: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    if rule.frequency == DAILY:
        # Daily rules only ever *limit* by date (RFC 5545 3.3.10), so the limits are applied here:
        # dateutil would search to the year 9999 for a day that never comes.
        if "BYYEARDAY" in lists or "BYWEEKNO" in lists:
            raise BadRule("a daily rule with parts that RFC 5545 forbids in it")
        months, dates = lists.pop("BYMONTH", ()), lists.pop("BYMONTHDAY", ())
        weekdays, days = tuple(day.weekday for day in days), ()
    elif rule.frequency == WEEKLY:
        if set(lists) & {"BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"}:
            raise BadRule("a weekly rule with parts that RFC 5545 forbids in it")
        if "BYSETPOS" not in lists:
            months = lists.pop("BYMONTH", ())
        days = tuple(weekday(day.weekday) for day in days)
    # The other rules may search in vain as well, but for 8,000 years or 96,000 months at most.
    searching = bool(set(lists) & {"BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"})
    steps = walked // _DAYS_IN[rule.frequency] + 1
    budget.spend(steps + (_EXPENSIVE if searching else 0))
    series = rrule(
        rule.frequency,
        first,
        interval=rule.interval,
        wkst=rule.week_start,
        until=end,
        bymonth=lists.get("BYMONTH"),
        bymonthday=lists.get("BYMONTHDAY"),
        byyearday=lists.get("BYYEARDAY"),
        byweekno=lists.get("BYWEEKNO"),
        byweekday=days or None,
        byhour=lists.get("BYHOUR"),
        byminute=lists.get("BYMINUTE"),
        bysecond=tuple(min(second, 59) for second in lists["BYSECOND"])
        if "BYSECOND" in lists
        else None,
        bysetpos=lists.get("BYSETPOS"),
    )
    counted = 0
    met = False
    for wall in series:
        if (months and wall.month not in months) or (weekdays and wall.weekday() not in weekdays):
            continue
        if dates and wall.day not in dates and wall.day - _month_length(wall) - 1 not in dates:
            continue
        if not met:
            # DTSTART is the first of the series even where the rule would not name it.
            met = True
            counted += wall != first
        counted += 1
        if rule.count is not None and counted > rule.count:
            return
        if wall >= high or after(wall, rule, utc_of):
            return
        if wall >= low:
            budget.met()
            yield wall


def _month_length(wall: datetime) -> int:
    following = date(wall.year + wall.month // 12, wall.month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


def after(wall: datetime, rule: Rule, utc_of: Callable[[datetime], datetime]) -> bool:
    """Does a wall time lie behind the rule's UNTIL, which is inclusive?"""
    if rule.until is None:
        return False
    if rule.until_date:
        return wall.date() > rule.until.date()
    return (utc_of(wall) if rule.until_utc else wall) > rule.until
