"""Which occurrences does one UID have inside the horizon, and which version of each holds?

Masters, overrides (RECURRENCE-ID), exclusions, additions and RANGE=THISANDFUTURE of RFC 5545,
by SEQUENCE and stamps where the file holds several versions of the same.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from config.clock import from_micros
from connectors.files.ical.date_lists import added, by_the_hour, exclusions, in_zone
from connectors.files.ical.date_times import MIDNIGHT, Moment, NoMoment, wall_micros
from connectors.files.ical.event import Entry
from connectors.files.ical.recurrence import (
    MOST_OCCURRENCES,
    BadRule,
    Budget,
    Rule,
    after,
    ends,
    parse,
    walls,
)
from connectors.files.ical.zones import UnknownZone
from connectors.files.problems import Lost
from connectors.interfaces import Window
from connectors.model import normal_forms

Complain = Callable[[int, str, Lost], None]
_DAY = timedelta(days=1)


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
    masters = _masters([one for one in versions if one.recurrence is None])
    overrides: dict[str, Entry] = {}
    for one in versions:
        if one.recurrence is None:
            continue
        one = _by_day(one, masters)
        key = one.recurrence_id()
        known = overrides.get(key)
        if known is None or known.version <= one.version:
            overrides[key] = one
    if not masters:
        # Lotus Notes sends the whole series as an override of its first occurrence.
        masters = [one for one in overrides.values() if one.repeats][:1]
        for master in masters:
            del overrides[master.recurrence_id()]
    for master in masters[1:]:
        complain(master.component.line, _SHARED_UID, Lost.DETAIL)
    for other in _left_out(versions, masters):
        complain(other.component.line, _OTHER_VERSION, Lost.DETAIL)
    excluded: set[str] = set()
    for master in masters:
        if not master.repeats:
            # Of several meetings with one UID each is known by its own start; an occurrence that
            # was sent by itself by the day in its UID, as in the other sources.
            own = normal_forms.recurrence_id(master.start.original())
            if len(masters) == 1 or own not in overrides:
                single = normal_forms.single_id(master.raw_uid)
                yield from _within(_plain(master, own if len(masters) > 1 else single), horizon)
            continue
        try:
            found = list(_expanded(master, overrides, horizon, budget))
        except (BadRule, NoMoment, UnknownZone, OverflowError) as error:
            line = master.component.line
            complain(line, f"{error}; only its own start is taken", Lost.EVENT)
            found = list(_refused(master, overrides, horizon))
        excluded |= {one.recurrence_id for one in found if one.excluded}
        found = _without_the_changed(found, master, overrides)
        yield from found
    for key, override in overrides.items():
        if key not in excluded:
            yield from _within(_plain(override, key), horizon, override.recurrence)


_SHARED_UID = "one UID for several meetings: each is taken by its own start"
_OTHER_VERSION = "another entry under the UID of a newer one: left out"
#: Meetings of one UID that are told apart.
_MOST_MASTERS = 1_000


def _masters(entries: list[Entry]) -> list[Entry]:
    """The entries that are no overrides: the newest version, and beside it those of the same
    SEQUENCE that start at another time, for they are other meetings (some programs give all
    of theirs one UID).
    """
    newest = max((one.sequence or 0 for one in entries), default=0)
    chosen: dict[int, Entry] = {}
    for one in entries:
        if (one.sequence or 0) == newest:
            start = one.start.micros()
            known = chosen.get(start)
            if known is None or known.version <= one.version:
                chosen[start] = one
    return list(chosen.values())[:_MOST_MASTERS]


def _left_out(versions: list[Entry], masters: list[Entry]) -> list[Entry]:
    """The entries that gave way to another of their UID though they seem to be no version of it: by
    their title or their guests.
    """
    taken = {id(one) for one in masters}
    told = {_told(one) for one in masters}
    others = [one for one in versions if one.recurrence is None and id(one) not in taken]
    return [one for one in others if _told(one) not in told][:_MOST_MASTERS] if masters else []


def _told(one: Entry) -> tuple[str, frozenset[str]]:
    guests = frozenset(line.value.strip().lower() for line in one.component.every("ATTENDEE"))
    return one.component.value("SUMMARY"), guests


def _by_day(one: Entry, masters: list[Entry]) -> Entry:
    """An override that names the day alone, or its midnight, is of the occurrence on that day."""
    named = one.recurrence
    master = next((master for master in masters if master.repeats), None)
    if named is None or master is None:
        return one
    start = master.start
    if start.zone is None:
        # A series of whole days, an override with a time of day.
        day = Moment(datetime.combine(named.wall.date(), start.wall.time()), None)
        return one if named.zone is None else replace(one, recurrence=day)
    if any("BYHOUR" in line.value.upper() for line in master.component.every("RRULE")):
        return one
    date = named.wall.date()
    if not one.by_day and named.zone is not None:
        wall = in_zone(named, master)
        if wall.time() == start.wall.time():
            return one
        if wall.time() == MIDNIGHT:
            date = wall.date()
        elif named.wall.time() != MIDNIGHT:
            return one
    return replace(one, recurrence=Moment(datetime.combine(date, start.wall.time()), start.zone))


def _without_the_changed(
    found: list[Occurrence], master: Entry, overrides: dict[str, Entry]
) -> list[Occurrence]:
    """The occurrences without those that an override changed under an hour that the series does not have
    (any more, or in the zone in which it is written): it is of that day's. `overrides` get their keys.
    """
    if by_the_hour(master) or master.component.every("RDATE"):
        return found
    there = {one.recurrence_id for one in found if not one.excluded}
    for key, override in list(overrides.items()):
        named = override.recurrence
        if named is None or named.zone is None:
            continue
        wall = in_zone(named, master)
        meant = Moment(datetime.combine(wall.date(), master.start.wall.time()), master.start.zone)
        its_key = normal_forms.recurrence_id(meant.original())
        if its_key in there and its_key not in overrides:
            overrides[its_key] = replace(overrides.pop(key), recurrence=meant)
            there.remove(its_key)
            found = [one for one in found if one.recurrence_id != its_key]
    return found


def _refused(master: Entry, overrides: dict[str, Entry], horizon: Window) -> Iterator[Occurrence]:
    """The own start of a series whose rule is refused, unless the series says it is not there."""
    key = normal_forms.recurrence_id(master.start.original())
    if key in overrides:
        return
    rules = [ends(line.value) for line in master.component.every("RRULE")[:10]]
    utc_of = _utc_of(master.start.zone)
    if rules and all(rule and after(master.start.wall, rule, utc_of) for rule in rules):
        return
    gone, gone_days = exclusions(master, strict=False)
    start = master.start.micros()
    if start in gone or master.start.wall.date() in gone_days:
        yield from _within(Occurrence(master, key, start, start, excluded=True), horizon)
    else:
        yield from _within(_plain(master, key), horizon)


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
    lengths = {wall: span for wall, span in added(master).items() if low <= wall < high}
    starts |= set(lengths)
    removed = _walls(master, "EXRULE", low, high, budget)
    gone, gone_days = exclusions(master)
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
        out = original in gone or wall.date() in gone_days or wall in removed
        if key in overrides and not (out and master.newer_than(overrides[key])):
            continue
        if out:
            yield Occurrence(master, key, original, original, excluded=True)
            continue
        at = bisect_right(since, original)
        holds = futures[at - 1] if at else master
        start = original if holds is master else _shifted(holds, wall, zone)
        span = (lengths.get(wall) if holds is master else None) or holds.span
        yield Occurrence(holds, key, start, start + span // timedelta(microseconds=1))


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
