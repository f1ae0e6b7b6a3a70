"""Which zone does a name mean that Windows, a calendar program or the IANA gave?"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from tzlocal.windows_tz import win_tz

#: CLDR's table of Windows' names, as tzlocal ships it.
WINDOWS = {name.lower(): zone for name, zone in win_tz.items()}
_UTC = frozenset(
    {"z", "utc", "gmt", "etc/utc", "etc/gmt", "tzone://microsoft/utc", "coordinated universal time"}
)


def is_utc(name: str) -> bool:
    """Is this one of the names under which UTC is written?"""
    return name.lower() in _UTC


def by_windows_name(name: str) -> ZoneInfo | None:
    """The zone that Windows calls so (`W. Europe Standard Time`); None where it calls none so."""
    key = WINDOWS.get(name.lower())
    return ZoneInfo(key) if key else None


def by_iana_name(key: str) -> ZoneInfo | None:
    """The zone of an IANA name; None where it is none. Never raises."""
    try:
        return ZoneInfo(key)
    except (LookupError, ValueError, OSError):
        # OSError: the key names a folder of the zone data, or is too long a file name.
        return None
