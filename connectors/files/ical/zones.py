"""Which time zone does a TZID mean?

IANA names, Windows names (CLDR's table, by tzlocal), names with a producer's prefix, fixed
offsets, and zones that the file itself defines in a VTIMEZONE (RFC 5545 3.6.5). A name that is
none of these is an error: a guessed zone would make a wrong notice out of a right one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.rrule import YEARLY, rrule, weekday  # type: ignore[import-untyped]
from tzlocal.windows_tz import win_tz

from connectors.files.ical.content_lines import Component

_WINDOWS = {name.lower(): zone for name, zone in win_tz.items()}
_OFFSET = re.compile(r"(?:UTC|GMT|Z)?\s*([+-])(\d{1,2})(?::?(\d{2}))?$", re.IGNORECASE)
_RENUMBERED = re.compile(r"[ _]\d{1,2}$")
_DAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$")
#: Rules are followed inside these years; outside them the nearest change holds.
_FROM, _UNTIL = 1969, 2100


class UnknownZone(ValueError):
    """A TZID that neither the tables nor the file explain."""


@lru_cache(maxsize=2000)
def iana(name: str) -> ZoneInfo | None:
    """The zone of an IANA or Windows name, however it is decorated; None where it is none."""
    name = name.strip().strip('"')
    if not name or len(name) > 200:
        return None
    for candidate in (name, _RENUMBERED.sub("", name)):
        windows = _WINDOWS.get(candidate.lower())
        if windows:
            return ZoneInfo(windows)
    if name.lower() in ("z", "utc", "gmt", "tzone://microsoft/utc", "coordinated universal time"):
        return ZoneInfo("UTC")
    # `/mozilla.org/20050126_1/Europe/Berlin`, `/freeassociation.../Tzfile/America/Indiana/Knox`
    parts = [part for part in name.split("/") if part]
    for first in range(max(0, len(parts) - 3), len(parts)):
        zone = _known("/".join(parts[first:]))
        if zone is not None and (first == 0 or first < len(parts) - 1):
            return zone
    return None


def _known(key: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(key)
    except (LookupError, ValueError, OSError):
        # OSError: the key names a folder of the zone data, or is too long a file name.
        return None


class DefinedZone(tzinfo):
    """A zone as a VTIMEZONE defines it. Only `fold=0` is known: the first of two equal times.

    A time that a change skips is read with the offset before it (RFC 5545 3.3.5).
    """

    def __init__(self, name: str, changes: list[tuple[datetime, timedelta, timedelta]]) -> None:
        self._name = name
        changes.sort(key=lambda change: change[0] - change[1])
        self._offsets = [changes[0][1]] + [after for _, _, after in changes]
        none = timedelta(0)
        self._walls = [onset + max(none, after - before) for onset, before, after in changes]
        self._instants = [onset - before for onset, before, _ in changes]

    def utcoffset(self, moment: datetime | None) -> timedelta:
        if moment is None:
            return self._offsets[0]
        return self._offsets[bisect_right(self._walls, moment.replace(tzinfo=None))]

    def dst(self, moment: datetime | None) -> None:
        return None

    def tzname(self, moment: datetime | None) -> str:
        return self._name

    def fromutc(self, moment: datetime) -> datetime:
        plain = moment.replace(tzinfo=None)
        offset = self._offsets[bisect_right(self._instants, plain)]
        return (plain + offset).replace(tzinfo=self)


class Zones:
    """The zones of one VCALENDAR: its own definitions and all that is known anyway."""

    def __init__(self, calendar: Component | None, floating: tzinfo) -> None:
        self.floating = floating
        self._defined: dict[str, Component] = {}
        self._found: dict[str, tzinfo] = {}
        for child in calendar.children if calendar else ():
            if child.name == "VTIMEZONE" and child.value("TZID"):
                self._defined.setdefault(child.value("TZID").strip('"'), child)

    def find(self, tzid: str) -> tzinfo:
        """The zone of a TZID. Raises UnknownZone."""
        tzid = tzid.strip().strip('"')
        zone = self._found.get(tzid)
        if zone is None:
            zone = self._found[tzid] = self._resolve(tzid)
        return zone

    def _resolve(self, tzid: str) -> tzinfo:
        zone = iana(tzid)
        if zone is not None:
            return zone
        definition = self._defined.get(tzid)
        if definition is not None:
            located = iana(definition.value("X-LIC-LOCATION"))
            return located if located is not None else defined(tzid, definition)
        offset = _OFFSET.match(tzid)
        if offset:
            hours, minutes = int(offset[2]), int(offset[3] or 0)
            if hours <= 14 and minutes < 60:
                span = timedelta(hours=hours, minutes=minutes)
                return timezone(-span if offset[1] == "-" else span)
        raise UnknownZone("a time zone that neither the file nor the tables explain")


def defined(name: str, component: Component) -> DefinedZone:
    """The zone that a VTIMEZONE defines. Raises UnknownZone where its rules cannot be followed."""
    changes: list[tuple[datetime, timedelta, timedelta]] = []
    for observance in component.children:
        if observance.name not in ("STANDARD", "DAYLIGHT"):
            continue
        before = _span(observance.value("TZOFFSETFROM"))
        after = _span(observance.value("TZOFFSETTO"))
        changes += [(onset, before, after) for onset in _onsets(observance)]
        if len(changes) > 5_000:
            raise UnknownZone("a time zone with too many changes")
    if not changes:
        raise UnknownZone("a time zone without any offset")
    return DefinedZone(name, changes)


def _span(text: str) -> timedelta:
    found = re.fullmatch(r"([+-]?)(\d{2})(\d{2})(\d{2})?", text)
    if not found or int(found[2]) > 24:
        raise UnknownZone("a time zone with an offset that is none")
    span = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    if span >= timedelta(hours=24):
        raise UnknownZone("a time zone with an offset that is none")
    return -span if found[1] == "-" else span


def _wall(text: str) -> datetime:
    try:
        text = text.strip().rstrip("Zz")
        shape = "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d"
        wall = datetime.strptime(text[:15], shape)  # noqa: DTZ007
        # Year 1, as .NET writes it, leaves no room for an offset.
        return wall.replace(year=max(wall.year, 1601))
    except ValueError as error:
        raise UnknownZone("a time zone with a change at no date") from error


def _onsets(observance: Component) -> list[datetime]:
    """When the observance begins, each time, in the wall time before the change."""
    first = _wall(observance.value("DTSTART"))
    onsets = [first]
    for extra in observance.every("RDATE"):
        onsets += [_wall(text) for text in extra.value.split(",")[:1000]]
    rule = observance.value("RRULE")
    if rule:
        onsets += _yearly(rule, first)
    return sorted(set(onsets))


def _yearly(rule: str, first: datetime) -> list[datetime]:
    """Zone rules are yearly ones with a month and a day; anything else is refused.

    So no definition can be a bomb: at most a few changes a year over 131 years.
    """
    if len(rule) > 200:
        raise UnknownZone("a time zone whose rule cannot be followed")
    parts = dict(part.upper().partition("=")[::2] for part in rule.split(";") if part)
    # Lotus Notes repeats the time of the first change in its rules.
    for key in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        if "," not in parts.get(key, ""):
            parts.pop(key, None)
    allowed = {"FREQ", "BYMONTH", "BYDAY", "BYMONTHDAY", "UNTIL", "INTERVAL", "WKST"}
    if parts.get("FREQ") != "YEARLY" or not set(parts) <= allowed:
        raise UnknownZone("a time zone whose rule cannot be followed")
    try:
        last = datetime(_UNTIL, 12, 31)  # noqa: DTZ001
        if "UNTIL" in parts:
            # In UTC; a day too many does no harm, for another observance follows.
            until = parts["UNTIL"] if "T" in parts["UNTIL"] else f"{parts['UNTIL']}T235959"
            last = min(last, _wall(until) + timedelta(days=1))
        months = [int(month) for month in parts.get("BYMONTH", str(first.month)).split(",")]
        days = [_weekday(day) for day in parts["BYDAY"].split(",")] if "BYDAY" in parts else None
        dates = (
            [int(day) for day in parts["BYMONTHDAY"].split(",")] if "BYMONTHDAY" in parts else None
        )
        interval = int(parts.get("INTERVAL", "1"))
        if interval != 1 or len(months) > 2 or len(days or ()) > 2:
            raise UnknownZone("a time zone whose rule cannot be followed")
        # Outlook begins its rules in 1601; the years before ours are left out.
        begin = first.replace(year=max(first.year, _FROM))
        return list(
            rrule(YEARLY, begin, until=last, bymonth=months, byweekday=days, bymonthday=dates)
        )
    except ValueError as error:
        raise UnknownZone("a time zone whose rule cannot be followed") from error


def _weekday(text: str) -> weekday:
    found = _DAY.match(text.strip())
    if not found:
        raise ValueError(text)
    return weekday(_DAYS[found[2]], int(found[1]) if found[1] else None)


def zone_name(zone: tzinfo) -> str:
    """The IANA name of a zone; "" for a fixed offset or a zone that a file defines."""
    if isinstance(zone, ZoneInfo):
        return zone.key
    return "UTC" if zone is UTC else ""
