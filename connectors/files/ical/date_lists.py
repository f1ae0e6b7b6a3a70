"""Which dates do the lists of a series add (RDATE) and take out (EXDATE), RFC 5545 3.8.5?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from connectors.files.ical.date_times import MIDNIGHT, Moment, day_of, duration, moment_of
from connectors.files.ical.event import Entry
from connectors.files.ical.recurrence import BadRule
from connectors.files.ical.zones import UnknownZone

#: Dates of one RDATE or EXDATE list that are read.
_MOST_DATES = 20_000
#: Between the dates of a list; vCalendar 1.0 wrote semicolons.
_BETWEEN = re.compile(r"[,;]")
_ONE_DAY = timedelta(days=1) // timedelta(microseconds=1)


def added(master: Entry) -> dict[datetime, timedelta | None]:
    """Added occurrences as wall times in the master's zone, with a length of their own if any."""
    zone = master.start.zone
    found: dict[datetime, timedelta | None] = {}
    for moment, span in _dates(master, "RDATE"):
        if zone is None or moment.zone is None:
            # A date added to a timed series is meant at the series' time of day.
            day = moment.wall.date()
            found[datetime.combine(day, master.start.wall.time())] = span
        else:
            aware = moment.wall.replace(tzinfo=moment.zone)
            found[aware.astimezone(zone).replace(tzinfo=None)] = span
    return found


def exclusions(master: Entry, *, strict: bool = True) -> tuple[set[int], set[object]]:
    """(excluded instants [µs], excluded dates of a timed series, as Exchange writes them)."""
    instants: set[int] = set()
    days: set[object] = set()
    often = by_the_hour(master)
    for moment, _ in _dates(master, "EXDATE", strict=strict):
        if (moment.zone is None) is not (master.start.zone is None):
            days.add(moment.wall.date())
            continue
        instants.add(moment.micros())
        there = in_zone(moment, master)
        if often or there.time() == master.start.wall.time():
            continue
        if moment.wall.time() == MIDNIGHT:
            # The day, written as its midnight, as in the RECURRENCE-ID of some (see series).
            days.add(moment.wall.date())
        elif not master.component.every("RDATE"):
            # An hour that the series does not have, any more or in the zone in which it is written.
            days.add(there.date())
    return instants, days


def in_zone(named: Moment, master: Entry) -> datetime:
    """The wall time of a moment in the zone of the series."""
    there = named.original()
    if not isinstance(there, datetime) or master.start.zone is None:
        return named.wall
    return there.astimezone(master.start.zone).replace(tzinfo=None)


def by_the_hour(master: Entry) -> bool:
    """May an occurrence lie at midnight, or several on one day?"""
    rules = [line.value.upper() for line in master.component.every("RRULE")]
    often = any(word in rule for rule in rules for word in ("BYHOUR", "HOURLY", "MINUTELY"))
    if often or master.start.zone is None or master.start.wall.time() == MIDNIGHT:
        return True
    return master.start.micros() % _ONE_DAY == 0


def _dates(
    master: Entry, name: str, *, strict: bool = True
) -> Iterator[tuple[Moment, timedelta | None]]:
    """The moments of a list, with the length of those that are a PERIOD (RFC 5545 3.3.9).

    Without `strict` a value that cannot be read is passed over, and so is what stands behind the
    most dates that are read; with it, both raise (BadRule, ValueError).
    """
    count = 0
    for line in master.component.every(name):
        tzid = line.params.get("TZID", "")
        for text in _BETWEEN.split(line.value):
            count += 1
            if count > _MOST_DATES:
                if not strict:
                    return
                raise BadRule(f"a series with more than {_MOST_DATES} dates in a list")
            start, _, end = text.strip().partition("/")
            if not start:
                continue
            try:
                at = moment_of(start, tzid, master.zones, master.start.zone)
                span = _period(at, end, tzid, master) if end and name == "RDATE" else None
            except UnknownZone:
                if name != "EXDATE":
                    raise
                # Whichever zone it is: of that day's occurrence nothing is claimed.
                at, span = day_of(start, master.zones, master.start.zone), None
            except ValueError:
                if strict:
                    raise
                continue
            yield at, span


def _period(start: Moment, end: str, tzid: str, master: Entry) -> timedelta | None:
    """The length of a PERIOD by its end or duration; None, the series' own, where it is none."""
    try:
        if end.lstrip("+-")[:1] in "Pp":
            span = duration(end)
        else:
            until = moment_of(end, tzid, master.zones, master.start.zone)
            span = timedelta(microseconds=until.micros() - start.micros())
    except ValueError:
        return None
    return span if span > timedelta(0) else None
