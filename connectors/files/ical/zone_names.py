"""Which zone of the IANA tables does a name mean, however a program writes it?

IANA names in any letters, Windows names (CLDR's table, by tzlocal), names with a producer's
prefix, and the names that Windows shows (`(UTC+01:00) Amsterdam, Berlin, Bern, Rome`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from connectors.model.zone_names import WINDOWS

_RENUMBERED = re.compile(r"[ _]\d{1,2}$")
#: `UTC-11` is a Windows name as well, but says no more than an abbreviation does.
_SHORTEST_FULL = 8
_PARTED = re.compile(r"([A-Za-z]+)[-_]([^/]+)$")
_REGIONS = frozenset(
    [
        "Africa",
        "America",
        "Antarctica",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    ]
)
_DISPLAY = re.compile(
    r"\s*(?:\((?:UTC|GMT)\s*(?:(?P<sign>[+\-\u2212])(?P<hours>\d{1,2})(?:[:.]?(?P<minutes>\d{2}))?)?\)\s*)?"
    r"(?P<text>[^/]*[^/\d])$",
    re.IGNORECASE,
)
#: Shown names that no city explains, or whose cities have clocks of their own today.
_SHOWN = {
    "eastern time (us & canada)": "America/New_York",
    "eastern time": "America/New_York",
    "central time (us & canada)": "America/Chicago",
    "central time": "America/Chicago",
    "mountain time (us & canada)": "America/Denver",
    "mountain time": "America/Denver",
    "pacific time (us & canada)": "America/Los_Angeles",
    "pacific time": "America/Los_Angeles",
    "pacific time (us & canada); tijuana": "America/Los_Angeles",
    "atlantic time (canada)": "America/Halifax",
    "newfoundland": "America/St_Johns",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
    "arizona": "America/Phoenix",
    "indiana (east)": "America/Indiana/Indianapolis",
    "saskatchewan": "America/Regina",
    "central america": "America/Guatemala",
    "west central africa": "Africa/Lagos",
    "beijing, chongqing, hong kong, urumqi": "Asia/Shanghai",
    "irkutsk": "Asia/Irkutsk",
    "greenwich mean time": "Europe/London",
    "coordinated universal time": "UTC",
    "central european time": "Europe/Berlin",
    "western european time": "Europe/Lisbon",
    "central european standard time": "Europe/Berlin",
    "eastern european time": "Europe/Bucharest",
    # Written by German programs; no other zone is called so.
    "mitteleuropäische zeit": "Europe/Berlin",
    "mitteleuropäische sommerzeit": "Europe/Berlin",
    "osteuropäische zeit": "Europe/Bucharest",
    "westeuropäische zeit": "Europe/Lisbon",
    "mez": "Europe/Berlin",
    "mesz": "Europe/Berlin",
    "cest": "Europe/Berlin",
    "eest": "Europe/Bucharest",
}
#: Cities of the shown names that IANA does not list, and that stand alone in theirs.
_CITIES_TOO = {
    "edinburgh": "Europe/London",
    "osaka": "Asia/Tokyo",
    "sapporo": "Asia/Tokyo",
    "mumbai": "Asia/Kolkata",
    "new delhi": "Asia/Kolkata",
    "chennai": "Asia/Kolkata",
    "abu dhabi": "Asia/Dubai",
    "islamabad": "Asia/Karachi",
    "hanoi": "Asia/Bangkok",
    "canberra": "Australia/Sydney",
    "wellington": "Pacific/Auckland",
    "harare": "Africa/Harare",
    "pretoria": "Africa/Johannesburg",
    "brasilia": "America/Sao_Paulo",
    "brasília": "America/Sao_Paulo",
    "st. petersburg": "Europe/Moscow",
    "bern": "Europe/Zurich",
    "beijing": "Asia/Shanghai",
    "astana": "Asia/Almaty",
}


def _known(key: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(_spellings().get(key.replace(" ", "_").lower(), key))
    except (LookupError, ValueError, OSError):
        # OSError: the key names a folder of the zone data, or is too long a file name.
        return None


def is_full(name: str) -> bool:
    """Is it a name that means one zone alone, and no abbreviation, country, offset or city?"""
    return "/" in name or (len(name) >= _SHORTEST_FULL and name.lower() in WINDOWS)


@lru_cache(maxsize=2000)
def iana(name: str) -> ZoneInfo | None:
    """The zone of an IANA or Windows name, however it is decorated; None where it is none."""
    name = name.strip().strip('"')
    if not name or len(name) > 200:
        return None
    for candidate in (name, _RENUMBERED.sub("", name)):
        windows = WINDOWS.get(candidate.lower())
        if windows:
            return ZoneInfo(windows)
    if name.lower() in ("z", "utc", "gmt", "tzone://microsoft/utc", "coordinated universal time"):
        return ZoneInfo("UTC")
    parted = _PARTED.match(name)
    if parted and (parted[1].title() in _REGIONS or parted[1].upper() == "US"):
        # `Europe-Berlin`, `America_New_York`, `US-Eastern`: some write no slash into a name.
        zone = _known(f"{parted[1]}/{parted[2]}")
        if zone is not None:
            return zone
    # `/mozilla.org/20050126_1/Europe/Berlin`, `/freeassociation.../Tzfile/America/Indiana/Knox`
    parts = [part for part in name.split("/") if part]
    for first in range(max(0, len(parts) - 3), len(parts)):
        zone = _known("/".join(parts[first:]))
        if zone is not None and (first == 0 or first < len(parts) - 1):
            return zone
    return displayed(name)


@lru_cache(maxsize=1)
def _spellings() -> dict[str, str]:
    """IANA names by lower case; the first of two that differ in case alone does not occur."""
    return {name.lower(): name for name in available_timezones()}


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    """IANA names by the city they end in; a city of two zones is left out."""
    found: dict[str, str] = {}
    for name in sorted(available_timezones()):
        head, slash, city = name.rpartition("/")
        if slash and head.split("/")[0] in _REGIONS:
            city = city.replace("_", " ").lower()
            found[city] = "" if city in found and not _alike(found[city], name) else name
    return {city: name for city, name in found.items() if name}


#: Between these zones nobody has to choose: their clocks agree at all these moments.
_SAMPLES = [
    datetime(year, month, 15, tzinfo=UTC) for year in (2019, 2023, 2026) for month in range(1, 13)
]


def _alike(one: str, other: str) -> bool:
    a, b = ZoneInfo(one), ZoneInfo(other)
    return all(at.astimezone(a).utcoffset() == at.astimezone(b).utcoffset() for at in _SAMPLES)


def displayed(name: str) -> ZoneInfo | None:
    """The zone of a name as Windows shows it: `(UTC+01:00) Amsterdam, Berlin, Bern, Rome`.

    Its cities must share one clock, and the offset before them must be that clock's; else it
    could mean several zones, and means none.
    """
    # Exchange's older form parts the cities by slashes: `(GMT+01.00) Sarajevo/Warsaw/Zagreb`.
    found = _DISPLAY.match(name.replace("/", ",") if name.lstrip().startswith("(") else name)
    if not found:
        return None
    text = " ".join(found["text"].replace("_", " ").lower().split())
    known = _SHOWN.get(text.replace(" and ", " & "))
    if known is None:
        cities = [
            _CITIES_TOO.get(c.strip(), "") or _cities().get(c.strip(), "")
            for c in re.split(r"[,;]", text.rpartition(":")[2])
        ]
        named = [one for one in cities if one]
        if not named or any(not _alike(named[0], one) for one in named):
            return None
        known = named[0]
    zone = ZoneInfo(known)
    if found["sign"]:
        span = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
        wanted = -span if found["sign"] in "-\u2212" else span
        if wanted not in {at.astimezone(zone).utcoffset() for at in _SAMPLES[-12:]}:
            return None
    return zone
