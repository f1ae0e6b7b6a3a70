"""Which moment does Graph mean?

Instants come with fractions of any width, and with sentinels for "never" (years 1 and 4501); wall
times come with the name of a zone, Windows' or IANA's. facts/microsoft.md 1.4 and 1.6.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from config.clock import from_micros, to_micros
from connectors.model import zone_names
from connectors.model.headers.header_values import plain

Json = Mapping[str, Any]

_FRACTION = re.compile(r"\.(\d{1,9})")
_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def text(value: object) -> str:
    """A string without what no store takes; "" for anything else."""
    return plain(value) if isinstance(value, str) else ""


def mapping(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def rows(value: object) -> list[Json]:
    """The objects in a list; [] for anything else."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def instant(value: object) -> int | None:
    """A `DateTimeOffset` [µs UTC]; None for a sentinel, an absurd or an unreadable one."""
    moment = _parsed(text(value))
    if moment is None:
        return None
    return _sane(moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC))


def wall(value: object) -> int | None:
    """A `dateTimeTimeZone` [µs UTC]; None where it is missing or its zone is unknown."""
    given = mapping(value)
    moment = _parsed(text(given.get("dateTime")))
    if moment is None:
        return None
    if moment.tzinfo is not None:
        return _sane(moment)
    zone = zone_named(text(given.get("timeZone")) or "UTC")
    return None if zone is None else _sane(moment.replace(tzinfo=zone))


def day(value: object) -> date | None:
    """The date of an all-day `dateTimeTimeZone`: it floats, whatever zone stands beside it."""
    moment = _parsed(text(mapping(value).get("dateTime")))
    return None if moment is None or not 1970 < moment.year < 2200 else moment.date()


def midnight(of: date) -> int:
    """Midnight UTC of a date [µs UTC]: how all-day entries and due dates are kept."""
    return to_micros(datetime(of.year, of.month, of.day, tzinfo=UTC))


def nearest_day(moment: int, zone: tzinfo | None) -> date:
    """The date that a midnight somewhere [µs UTC] means.

    Exchange writes the days of an all-day series, and due dates, as a midnight of the mailbox or
    of UTC. The given zone decides where it is midnight there; else the date nearest in UTC.
    """
    at = from_micros(moment)
    for candidate in (UTC, zone):
        if candidate is not None:
            local = at.astimezone(candidate)
            if (local.hour, local.minute) == (0, 0):
                return local.date()
    return (at + timedelta(hours=12)).date()


@lru_cache(maxsize=1000)
def zone_named(name: str) -> tzinfo | None:
    """The zone of a Windows or an IANA name; None where it is neither (`tzone://Microsoft/Custom`)."""
    name = name.strip()
    if zone_names.is_utc(name):
        return UTC
    return zone_names.by_windows_name(name) or zone_names.by_iana_name(name)


def iana(name: str) -> str:
    """The IANA name of a zone, "" where it has none."""
    zone = zone_named(name) if name else None
    return zone.key if isinstance(zone, ZoneInfo) else "UTC" if zone is not None else ""


def _parsed(written: str) -> datetime | None:
    # Graph writes up to seven digits, Python 3.11 reads up to six.
    short = _FRACTION.sub(lambda found: "." + found.group(1)[:6].ljust(6, "0"), written, count=1)
    try:
        return datetime.fromisoformat(short)
    except ValueError:
        return None


def _sane(moment: datetime) -> int | None:
    try:
        return to_micros(moment) if _EARLIEST <= moment <= _LATEST else None
    except OverflowError:
        return None
