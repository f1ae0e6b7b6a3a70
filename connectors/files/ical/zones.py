"""Which time zone does a TZID mean?

Full names (`zone_names`), fixed offsets, and zones that the file itself defines in a VTIMEZONE
(RFC 5545 3.6.5), which go before a name that is no full one. A name that is none of these is an
error: a guessed zone would make a wrong notice out of a right one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import YEARLY, rrule, weekday  # type: ignore[import-untyped]

from connectors.files.ical.content_lines import Component
from connectors.files.ical.zone_names import iana, is_full

_OFFSET = re.compile(
    r"\(?(?:UTC|GMT|Z)?\s*([+\-\u2212])(\d{1,2}?)(?::?(\d{2}))?\)?$", re.IGNORECASE
)
_DAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_DAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$")
#: Rules are followed inside these years; outside them the nearest change holds.
_FROM, _UNTIL = 1969, 2100
#: What two definitions of one name say of earlier times makes no difference.
_MATTERS = datetime(2000, 1, 1)  # noqa: DTZ001


class UnknownZone(ValueError):
    """A TZID that neither the tables nor the file explain."""


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

    def same(self, other: DefinedZone) -> bool:
        """Do both clocks show the same at all times that matter?"""
        return self._since() == other._since()

    def _since(self) -> tuple[timedelta, list[tuple[datetime, timedelta]]]:
        """The offset at the first moment that matters, and the changes behind it."""
        held = self._offsets[bisect_right(self._instants, _MATTERS)]
        changes, begin = [], held
        for instant, offset in zip(self._instants, self._offsets[1:], strict=True):
            if instant > _MATTERS and offset != held:
                changes.append((instant, offset))
                held = offset
        return begin, changes

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
    """The zones of one VCALENDAR: its own definitions, those of its file's others, and all that
    is known anyway. `floating` is the zone of times without one: X-WR-TIMEZONE where it is given.
    """

    def __init__(
        self,
        calendar: Component | None,
        floating: tzinfo,
        others: Mapping[str, list[Component]] | None = None,
    ) -> None:
        self._found: dict[str, tzinfo] = {}
        self._own = definitions([calendar] if calendar else [])
        self._others = others or {}
        self._floating = floating
        self._named = calendar.value("X-WR-TIMEZONE") if calendar else ""

    @property
    def floating(self) -> tzinfo:
        """The zone of times without one. Raises UnknownZone where the calendar names one that nobody knows."""
        return self.find(self._named) if self._named else self._floating

    def find(self, tzid: str) -> tzinfo:
        """The zone of a TZID. Raises UnknownZone."""
        tzid = _named(tzid)
        zone = self._found.get(tzid)
        if zone is None:
            zone = self._found[tzid] = self._resolve(tzid)
        return zone

    def _resolve(self, tzid: str) -> tzinfo:
        definitions = self._own.get(tzid.lower()) or self._others.get(tzid.lower()) or []
        if definitions and not is_full(tzid):
            # `GMT` with rules of its own is London to the one and Reykjavik to the other.
            return _agreed(tzid, definitions)
        zone = iana(tzid)
        if zone is not None:
            return zone
        if definitions:
            return _agreed(tzid, definitions)
        offset = _OFFSET.match(tzid)
        if offset:
            hours, minutes = int(offset[2]), int(offset[3] or 0)
            if hours <= 14 and minutes < 60:
                span = timedelta(hours=hours, minutes=minutes)
                return timezone(-span if offset[1] in "-\u2212" else span)
        raise UnknownZone("a time zone that neither the file nor the tables explain")


def definitions(calendars: Sequence[Component]) -> dict[str, list[Component]]:
    """The VTIMEZONEs of some calendars, by their TZID in lower case."""
    found: dict[str, list[Component]] = {}
    for calendar in calendars:
        for child in calendar.children:
            name = _named(child.value("TZID")).lower()
            if child.name == "VTIMEZONE" and name:
                found.setdefault(name, []).append(child)
    return found


def _named(tzid: str) -> str:
    return tzid.replace("\\,", ",").replace("\\;", ";").strip().strip("\"'").strip()


def _agreed(tzid: str, definitions: list[Component]) -> tzinfo:
    """What the definitions of one name say, if they all say the same. Raises UnknownZone."""
    located = iana(definitions[0].value("X-LIC-LOCATION"))
    if located is not None:
        return located
    definitions = [one for one in definitions if one.children] or definitions
    first = defined(tzid, definitions[0])
    for other in definitions[1:100]:
        if not first.same(defined(tzid, other)):
            raise UnknownZone("a time zone that the file defines in several ways")
    return first


def defined(name: str, component: Component) -> DefinedZone:
    """The zone that a VTIMEZONE defines. Raises UnknownZone where its rules cannot be followed."""
    changes: list[tuple[datetime, timedelta, timedelta]] = []
    observances = [one for one in component.children if one.name in ("STANDARD", "DAYLIGHT")]
    for observance in observances:
        after = _span(observance.value("TZOFFSETTO"))
        before = _span(observance.value("TZOFFSETFROM") or _other(observance, observances))
        alone = len(observances) == 1
        changes += [(onset, before, after) for onset in _onsets(observance, alone=alone)]
        if len(changes) > 5_000:
            raise UnknownZone("a time zone with too many changes")
    if not changes:
        raise UnknownZone("a time zone without any offset")
    return DefinedZone(name, changes)


def _other(observance: Component, observances: list[Component]) -> str:
    """The offset before a change that does not name it: that of the other observance, if there is one."""
    others = {one.value("TZOFFSETTO") for one in observances if one.name != observance.name}
    return (
        others.pop() if len(others) == 1 else observance.value("TZOFFSETTO") if not others else ""
    )


def _span(text: str) -> timedelta:
    found = re.fullmatch(r"([+\-\u2212]?)(\d{1,2}?)(?::?(\d{2})(?::?(\d{2}))?)?", text.strip())
    if not found or int(found[2]) > 24:
        raise UnknownZone("a time zone with an offset that is none")
    span = timedelta(hours=int(found[2]), minutes=int(found[3] or 0), seconds=int(found[4] or 0))
    if span >= timedelta(hours=24):
        raise UnknownZone("a time zone with an offset that is none")
    return -span if found[1] in ("-", "\u2212") else span


def _wall(text: str) -> datetime:
    try:
        text = text.strip().rstrip("Zz")
        shape = "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d"
        wall = datetime.strptime(text[:15], shape)  # noqa: DTZ007
        # Year 1, as .NET writes it, leaves no room for an offset.
        return wall.replace(year=max(wall.year, 1601))
    except ValueError as error:
        raise UnknownZone("a time zone with a change at no date") from error


#: When a change without DTSTART begins: the rule names the day, and clocks change in that hour.
_UNDATED = datetime(_FROM, 1, 1, 2)  # noqa: DTZ001


def _onsets(observance: Component, *, alone: bool) -> list[datetime]:
    """When the observance begins, each time, in the wall time before the change.

    `alone`: there is no other, so it holds whenever it began.
    """
    begins, rule = observance.value("DTSTART"), observance.value("RRULE")
    if begins:
        first = _wall(begins)
        onsets = [first]
    elif rule or observance.every("RDATE"):
        first, onsets = _UNDATED, []
    elif alone:
        return [_UNDATED]
    else:
        raise UnknownZone("a time zone with a change at no date")
    for extra in observance.every("RDATE"):
        onsets += [_wall(text) for text in extra.value.split(",")[:1000]]
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
    position = parts.pop("BYSETPOS", "")
    if position in ("-1", "1", "2", "3", "4") and re.fullmatch(r"[A-Z]{2}", parts.get("BYDAY", "")):
        parts["BYDAY"] = f"{position}{parts['BYDAY']}"
    elif position:
        raise UnknownZone("a time zone whose rule cannot be followed")
    allowed = {"FREQ", "BYMONTH", "BYDAY", "BYMONTHDAY", "UNTIL", "INTERVAL", "WKST", "COUNT"}
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
        interval, count = int(parts.get("INTERVAL", "1")), int(parts.get("COUNT", "0"))
        # As in the rules of meetings: no interval is every year, no count is no end.
        if (
            interval not in (0, 1)
            or (count > 0 and first.year < _FROM)
            or len(months) > 2
            or len(days or ()) > 2
        ):
            raise UnknownZone("a time zone whose rule cannot be followed")
        # Outlook begins its rules in 1601; the years before ours are left out.
        begin = first.replace(year=max(first.year, _FROM))
        found = rrule(YEARLY, begin, until=last, bymonth=months, byweekday=days, bymonthday=dates)
        return list(islice(found, count if count > 0 else None))
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
