"""When is it? Dates, times and durations of iCalendar values.

RFC 5545 3.3.4, 3.3.5, 3.3.6 and 3.3.9, with the deviations that are met: dashes and colons,
missing seconds, a time marked as a date, sentinels of the year 1 or 4501.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from config.clock import to_micros
from connectors.files.ical.content_lines import Property
from connectors.files.ical.zones import Zones, zone_name

_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})$")
_TIME = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?\s*"
    r"(Z|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)
_DURATION = re.compile(
    r"([+-])?P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?$",
    re.IGNORECASE,
)
#: Instants outside these years are sentinels or mistakes (connectors.model.frames accepts no other).
FIRST_YEAR, LAST_YEAR = 1970, 2199
_LONGEST = timedelta(days=3660)
#: What a day is written as where only times of day are.
MIDNIGHT = datetime.min.time()


class NoMoment(ValueError):
    """A value that is no date, time or duration."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A DATE (`zone` is None, `wall` its midnight) or a DATE-TIME (`wall` in its `zone`)."""

    wall: datetime
    zone: tzinfo | None

    @property
    def all_day(self) -> bool:
        return self.zone is None

    def micros(self) -> int:
        """Microseconds UTC; for a date, midnight UTC of it (the contract of MeetingSeen)."""
        return wall_micros(self.wall, self.zone)

    def original(self) -> date | datetime:
        """What normal.recurrence_id() wants: the date, or the aware start."""
        return self.wall.date() if self.zone is None else self.wall.replace(tzinfo=self.zone)

    @property
    def zone_name(self) -> str:
        return zone_name(self.zone) if self.zone is not None else ""


def in_utc(prop: Property) -> bool:
    """Is the date or time written in UTC?"""
    return prop.value.strip().upper().endswith("Z")


def wall_micros(wall: datetime, zone: tzinfo | None) -> int:
    """A wall time in a zone as microseconds UTC; without a zone, as if it were UTC."""
    return to_micros(wall.replace(tzinfo=zone if zone is not None else UTC))


def plausible(micros: int | None) -> int | None:
    """The instant, or None for a sentinel outside 1970 to 2199."""
    if micros is None or not _EARLIEST <= micros < _LATEST:
        return None
    return micros


_EARLIEST = to_micros(datetime(FIRST_YEAR, 1, 2, tzinfo=UTC))
_LATEST = to_micros(datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC))


def moment(prop: Property, zones: Zones, floating: tzinfo | None = None) -> Moment:
    """The moment of a DTSTART, DTEND, RECURRENCE-ID, ... property.

    A floating time is read in `floating`, else in the zones' own (the mailbox owner's).
    Raises NoMoment, or UnknownZone for a TZID that nothing explains.
    """
    return moment_of(prop.value, prop.params.get("TZID", ""), zones, floating)


def day_of(value: str, zones: Zones, floating: tzinfo | None = None) -> Moment:
    """The day that a value names, where nobody knows its zone. Raises NoMoment."""
    wall = moment_of(value, "", zones, floating).wall
    return Moment(wall.replace(hour=0, minute=0, second=0, microsecond=0), None)


def moment_of(value: str, tzid: str, zones: Zones, floating: tzinfo | None = None) -> Moment:
    """The same for one value of a list (EXDATE, RDATE)."""
    value = value.strip()
    try:
        found = _DATE.match(value)
        if found:
            year, month, day = (int(part) for part in found.groups())
            return Moment(datetime(year, month, day), None)  # noqa: DTZ001
        found = _TIME.match(value)
        if not found:
            raise NoMoment("no date or time")
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
        # 24:00 and the leap second are written now and then.
        extra = timedelta(seconds=1) if second == 60 else timedelta(0)
        if hour == 24:
            hour, extra = 0, extra + timedelta(days=1)
        wall = datetime(year, month, day, hour, minute, min(second, 59)) + extra  # noqa: DTZ001
    except (ValueError, OverflowError) as error:
        raise NoMoment("no date or time") from error
    if not 1600 < wall.year < 9000:
        raise NoMoment("a year that cannot be")
    mark = found[7]
    if mark and mark not in "zZ":
        digits = mark[1:].replace(":", "")
        span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return Moment(wall - span if mark[0] == "+" else wall + span, UTC)
    if mark:
        return Moment(wall, UTC)
    if tzid:
        return Moment(wall, zones.find(tzid))
    return Moment(wall, floating if floating is not None else zones.floating)


def stamp(prop: Property | None, zones: Zones) -> int | None:
    """A DTSTAMP, LAST-MODIFIED or CREATED in microseconds UTC; None where missing or absurd, and
    where it is a mere date, which is no moment (see `latest`).

    These are UTC by RFC 5545 3.8.7, so a stamp without its Z is read as UTC.
    """
    found = _stamped(prop, zones)
    return None if found is None or found.all_day else plausible(found.micros())


def latest(prop: Property | None, zones: Zones) -> int | None:
    """No later than this [µs UTC] a stamp can have been set: a date lasts until it ends in the
    last zone of the world. None where it is missing or absurd.
    """
    found = _stamped(prop, zones)
    if found is None:
        return None
    last = found.wall + timedelta(days=1, hours=12) if found.all_day else found.wall
    return plausible(wall_micros(last, found.zone))


def _stamped(prop: Property | None, zones: Zones) -> Moment | None:
    if prop is None:
        return None
    try:
        return moment(prop, zones, floating=UTC)
    except ValueError:
        return None


def duration(text: str) -> timedelta:
    """A DURATION. Raises NoMoment where it is none, or longer than ten years."""
    found = _DURATION.match(text.strip())
    if not found or not any(found.groups()[1:]):
        raise NoMoment("no duration")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    try:
        span = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError as error:
        raise NoMoment("no duration") from error
    if span > _LONGEST:
        raise NoMoment("a duration of more than ten years")
    return -span if found[1] == "-" else span
