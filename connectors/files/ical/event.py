"""What does one VEVENT say, before any series is expanded?

An `Entry` holds the times and the version of an event, and its lines for whoever makes a record
of it. Repairs of broken producers are here: a missing UID, an end before the start, an all-day
entry written with times.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from connectors.files.ical.content_lines import Component, Property
from connectors.files.ical.date_times import (
    MIDNIGHT,
    Moment,
    NoMoment,
    duration,
    in_utc,
    moment,
    moment_of,
    stamp,
)
from connectors.files.ical.zones import UnknownZone, Zones
from connectors.model import normal_forms

_DAY = timedelta(days=1)


@dataclass(slots=True)
class Entry:
    """One VEVENT with its times. `uid` is the series UID in normal form.

    `span` is the exact time from start to end; `recurrence` the RECURRENCE-ID, `future` says that
    it holds for this and all later occurrences; `by_day` that it named the day alone. `repaired` names what was mended, "" for nothing.
    """

    component: Component
    zones: Zones
    raw_uid: str
    uid: str
    start: Moment
    span: timedelta
    recurrence: Moment | None
    future: bool
    sequence: int | None
    stamp: int | None
    modified: int | None
    repaired: str = ""
    by_day: bool = False

    @property
    def version(self) -> tuple[int, int, int]:
        """What makes one version newer than another (RFC 5546 2.1.5): SEQUENCE, then DTSTAMP.

        LAST-MODIFIED stands before DTSTAMP: exports write the moment of the export into that.
        """
        return (self.sequence or 0, self.modified or 0, self.stamp or 0)

    def newer_than(self, other: Entry) -> bool:
        """By SEQUENCE, then by the stamps that both have (RFC 5546 2.1.5)."""
        for mine, theirs in (
            (self.sequence or 0, other.sequence or 0),
            (self.modified, other.modified),
            (self.stamp, other.stamp),
        ):
            if mine is not None and theirs is not None and mine != theirs:
                return mine > theirs
        return False

    @property
    def repeats(self) -> bool:
        return any(self.component.every(name) for name in ("RRULE", "RDATE"))

    def recurrence_id(self) -> str:
        """The key of this occurrence in normal form; "" for a single meeting or a master."""
        return (
            ""
            if self.recurrence is None
            else normal_forms.recurrence_id(self.recurrence.original())
        )


def whole_number(text: str) -> int | None:
    """A SEQUENCE; None where it is missing, no number or absurd."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def entry(component: Component, zones: Zones) -> Entry:
    """The entry of a VEVENT. Raises NoMoment or UnknownZone where its start cannot be known."""
    begins = component.first("DTSTART")
    if begins is None:
        raise NoMoment("an entry without a start")
    start = moment(begins, zones)
    if not start.all_day and _marked_all_day(component, start):
        start = Moment(start.wall, None)
    repaired = ""
    try:
        span = _span(component, start, zones)
    except ValueError:
        span, repaired = (_DAY if start.all_day else timedelta(0)), "an end that cannot be read"
    if span < timedelta(0):
        span, repaired = (_DAY if start.all_day else timedelta(0)), "an end before the start"
    recurrence, future, by_day = None, False, False
    again = component.first("RECURRENCE-ID")
    if again is not None:
        try:
            recurrence = moment(again, zones, start.zone)
            # The wall time of a series whose own zone is not told here: it says the day.
            by_day = start.zone is UTC and recurrence.zone is UTC and _floating(again)
        except UnknownZone:
            recurrence, by_day = moment_of(again.value, "", zones, start.zone), True
            repaired = (
                repaired or "an occurrence that is named in an unknown zone: taken by its day"
            )
        if recurrence.all_day and not start.all_day:
            # Some write only the date of the occurrence. The time of day is the series'
            # (series._by_day); where that is not known, the start's own.
            wall = recurrence.wall.replace(hour=start.wall.hour, minute=start.wall.minute)
            recurrence, by_day = Moment(wall, start.zone), True
            repaired = repaired or "an occurrence that is named by its date only"
        future = again.params.get("RANGE", "").upper() == "THISANDFUTURE"
    raw_uid = component.value("UID")
    if not raw_uid:
        raw_uid = _made_uid(component)
        repaired = repaired or "no UID: one was made of its start and title"
    return Entry(
        component=component,
        zones=zones,
        raw_uid=raw_uid,
        uid=normal_forms.series_uid(raw_uid[:1000]),
        start=start,
        span=span,
        recurrence=recurrence,
        future=future,
        sequence=whole_number(component.value("SEQUENCE")),
        stamp=stamp(component.first("DTSTAMP"), zones),
        modified=stamp(component.first("LAST-MODIFIED"), zones),
        repaired=repaired,
        by_day=by_day,
    )


def _floating(named: Property) -> bool:
    """Is it a time of day without any zone?"""
    return not named.params.get("TZID") and not in_utc(named) and "T" in named.value.upper()


def day_named(one: Entry, named: Property) -> date | None:
    """The day of the occurrence that is changed, where no more is told: as a date, as its midnight, or
    in a zone that nobody knows. None where its hour is told.
    """
    there = one.recurrence
    if there is None or there.zone is None:
        return None
    at_midnight = there.wall.time() == MIDNIGHT != one.start.wall.time()
    if one.by_day or (at_midnight and not in_utc(named)):
        return there.wall.date()
    return None


def _marked_all_day(component: Component, start: Moment) -> bool:
    marked = component.value("X-MICROSOFT-CDO-ALLDAYEVENT").upper() == "TRUE"
    return marked and start.wall.hour == 0 and start.wall.minute == 0


def _span(component: Component, start: Moment, zones: Zones) -> timedelta:
    ends = component.first("DTEND")
    if ends is not None:
        end = moment(ends, zones, start.zone)
        if start.all_day or end.all_day:
            # One of the two without a time of day: whole days, at least one.
            days = end.wall.date() - start.wall.date()
            return max(days, _DAY) if days >= timedelta(0) else days
        return timedelta(microseconds=end.micros() - start.micros())
    length = component.first("DURATION")
    if length is not None:
        return duration(length.value)
    return _DAY if start.all_day else timedelta(0)


def _made_uid(component: Component) -> str:
    """A UID for an entry without one: the same whenever the same file is read again."""
    parts = [component.value(name) for name in ("DTSTART", "DTEND", "SUMMARY", "ORGANIZER")]
    return "no-uid-" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
