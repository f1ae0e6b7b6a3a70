"""Which occurrences does one UID have inside the horizon, and which version of each holds?

Masters, overrides (RECURRENCE-ID), exclusions, additions and RANGE=THISANDFUTURE of RFC 5545,
by SEQUENCE and stamps where the file holds several versions of the same.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from config.clock import from_micros
from connectors.files.ical.date_times import Moment, NoMoment, moment_of, wall_micros
from connectors.files.ical.event import Entry
from connectors.files.ical.recurrence import (
    MOST_OCCURRENCES,
    BadRule,
    Budget,
    Rule,
    after,
    parse,
    walls,
)
from connectors.files.ical.zones import UnknownZone
from connectors.files.problems import Lost
from connectors.interfaces import Window
from connectors.model import normal_forms

Complain = Callable[[int, str, Lost], None]
_DAY = timedelta(days=1)
#: Dates of one RDATE or EXDATE list that are read.
_MOST_DATES = 20_000


@dataclass(slots=True)
class Occurrence:
    """One meeting: the entry that describes it, its key, its times [µs UTC].

    `excluded`: the series says that this occurrence is not there (EXDATE), and nothing more.
    """

    entry: Entry
    recurrence_id: str
    start: int
    end: int
    excluded: bool = False

    @property
    def rank(self) -> tuple[bool, tuple[int, int, int]]:
        """Which of two records of the same key holds: a present one, then the newer version."""
        return (not self.excluded, self.entry.version)


def occurrences(
    versions: list[Entry], horizon: Window, budget: Budget, complain: Complain
) -> Iterator[Occurrence]:
    """The occurrences of all entries that share a UID. Refused series are complained about."""
    master: Entry | None = None
    overrides: dict[str, Entry] = {}
    for one in versions:
        if one.recurrence is None:
            master = one if master is None or master.version <= one.version else master
            continue
        key = one.recurrence_id()
        known = overrides.get(key)
        if known is None or known.version <= one.version:
            overrides[key] = one
    if master is None:
        # Lotus Notes sends the whole series as an override of its first occurrence.
        master = next((one for one in overrides.values() if one.repeats), None)
        if master is not None:
            del overrides[master.recurrence_id()]
    if master is not None and not master.repeats:
        yield from _within(_plain(master, ""), horizon)
    elif master is not None:
        try:
            yield from _expanded(master, overrides, horizon, budget)
        except (BadRule, NoMoment, UnknownZone, OverflowError) as error:
            line = master.component.line
            complain(line, f"{error}; only its own start is taken", Lost.EVENT)
            original = normal_forms.recurrence_id(master.start.original())
            if original not in overrides:
                yield from _within(_plain(master, original), horizon)
    for key, override in overrides.items():
        yield from _within(_plain(override, key), horizon, override.recurrence)


def _plain(one: Entry, key: str) -> Occurrence:
    start = one.start.micros()
    return Occurrence(one, key, start, start + one.span // timedelta(microseconds=1))


def _within(
    occurrence: Occurrence, horizon: Window, original: Moment | None = None
) -> Iterator[Occurrence]:
    """The occurrence, if it starts, or was to start, inside the horizon."""
    starts = [occurrence.start] if original is None else [occurrence.start, original.micros()]
    if any(horizon.start <= start < horizon.end for start in starts):
        yield occurrence


def _expanded(
    master: Entry, overrides: dict[str, Entry], horizon: Window, budget: Budget
) -> Iterator[Occurrence]:
    zone = master.start.zone
    tz: tzinfo = zone if zone is not None else UTC
    # A day on both sides: the horizon is in UTC, the series in wall time.
    low = from_micros(horizon.start).astimezone(tz).replace(tzinfo=None) - _DAY
    high = from_micros(horizon.end).astimezone(tz).replace(tzinfo=None) + _DAY
    starts = _walls(master, "RRULE", low, high, budget)
    if not _over(master):
        starts.add(master.start.wall)
    starts |= {wall for wall in _listed(master, "RDATE") if low <= wall < high}
    removed = _walls(master, "EXRULE", low, high, budget)
    gone, gone_days = _exclusions(master)
    futures = sorted(
        (one for one in overrides.values() if one.future and one.recurrence is not None),
        key=lambda one: one.recurrence.micros() if one.recurrence else 0,
    )
    since = [one.recurrence.micros() for one in futures if one.recurrence is not None]
    for wall in sorted(starts):
        moment = Moment(wall, zone)
        original = moment.micros()
        if not horizon.start <= original < horizon.end:
            continue
        key = normal_forms.recurrence_id(moment.original())
        if key in overrides:
            continue
        if original in gone or wall.date() in gone_days or wall in removed:
            yield Occurrence(master, key, original, original, excluded=True)
            continue
        at = bisect_right(since, original)
        holds = futures[at - 1] if at else master
        start = original if holds is master else _shifted(holds, wall, zone)
        yield Occurrence(holds, key, start, start + holds.span // timedelta(microseconds=1))


def _shifted(override: Entry, wall: datetime, zone: tzinfo | None) -> int:
    """A later occurrence of RANGE=THISANDFUTURE: moved as far as the named one, in wall time."""
    named = override.recurrence
    if named is None:
        return wall_micros(wall, zone)
    there = override.start
    if there.zone is None or named.zone is None or zone is None:
        return wall_micros(wall + (there.wall - named.wall), zone)
    before = named.original()
    shift = there.wall - (
        before.astimezone(there.zone).replace(tzinfo=None)
        if isinstance(before, datetime)
        else named.wall
    )
    moved = wall.replace(tzinfo=zone).astimezone(there.zone).replace(tzinfo=None) + shift
    return wall_micros(moved, there.zone)


def _utc_of(zone: tzinfo | None) -> Callable[[datetime], datetime]:
    """Wall times of a zone as naive UTC."""

    def utc_of(wall: datetime) -> datetime:
        if zone is None:
            return wall
        return wall.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)

    return utc_of


def _over(master: Entry) -> bool:
    """Did the series end before it began? So some write one that was deleted from its start on."""
    rules = [parse(line.value) for line in master.component.every("RRULE")[:10]]
    utc_of = _utc_of(master.start.zone)
    return bool(rules) and all(after(master.start.wall, rule, utc_of) for rule in rules)


def _walls(
    master: Entry, name: str, low: datetime, high: datetime, budget: Budget
) -> set[datetime]:
    """All wall times of the master's rules of one kind. Raises BadRule."""
    utc_of = _utc_of(master.start.zone)
    found: set[datetime] = set()
    for line in master.component.every(name)[:10]:
        rule: Rule = parse(line.value)
        for wall in walls(rule, master.start.wall, low, high, budget, utc_of):
            found.add(wall)
            if len(found) > MOST_OCCURRENCES:
                raise BadRule(f"a series with more than {MOST_OCCURRENCES} occurrences")
    return found


def _dates(master: Entry, name: str) -> Iterator[Moment]:
    count = 0
    for line in master.component.every(name):
        for text in line.value.split(","):
            count += 1
            if count > _MOST_DATES:
                raise BadRule(f"a series with more than {_MOST_DATES} dates in a list")
            # A PERIOD is its start here; the length stays that of the series.
            start = text.partition("/")[0]
            if start.strip():
                yield moment_of(start, line.params.get("TZID", ""), master.zones, master.start.zone)


def _listed(master: Entry, name: str) -> set[datetime]:
    """Added occurrences as wall times in the master's zone."""
    zone = master.start.zone
    found = set()
    for moment in _dates(master, name):
        if zone is None or moment.zone is None:
            # A date added to a timed series is meant at the series' time of day.
            day = moment.wall.date()
            found.add(datetime.combine(day, master.start.wall.time()))
        else:
            aware = moment.wall.replace(tzinfo=moment.zone)
            found.add(aware.astimezone(zone).replace(tzinfo=None))
    return found


def _exclusions(master: Entry) -> tuple[set[int], set[object]]:
    """(excluded instants [µs], excluded dates of a timed series, as Exchange writes them)."""
    instants: set[int] = set()
    days: set[object] = set()
    for moment in _dates(master, "EXDATE"):
        if (moment.zone is None) is not (master.start.zone is None):
            days.add(moment.wall.date())
        else:
            instants.add(moment.micros())
    return instants, days
