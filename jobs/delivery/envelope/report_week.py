"""Which ISO week is a report about, and when is that week's report due?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from config.clock import in_reach
from config.errors import ConfigError
from config.settings import WEEKDAYS, Settings
from reports.columns import iso_weeks


def report_week(day: date) -> str:
    """The ISO week that a scheduled report of this local day is about, such as `2026-W47`.

    Monday to Thursday look back on the last week, Friday to Sunday on the current one.
    """
    return iso_weeks.week_of(day - timedelta(days=4))


def last_complete(day: date) -> str:
    """The last ISO week that has ended before this local day."""
    return iso_weeks.week_of(day - timedelta(days=7))


def monday_of(week: str) -> date:
    """The day on which the week begins. Raises ConfigError where it is none."""
    try:
        monday = iso_weeks.monday_of(week)
        if not in_reach(monday):
            raise ValueError(week)
    except ValueError as error:
        raise ConfigError(f"{week!r} is no ISO week", hint="write it like 2026-W47") from error
    return monday


def due_at(week: str, settings: Settings) -> datetime:
    """When the schedule makes the report of this week [UTC]. Raises ConfigError."""
    weekday = WEEKDAYS.index(settings.schedule.report_day)
    day = monday_of(week) + timedelta(days=weekday)
    if report_week(day) != week:
        day += timedelta(days=7)
    return local(day, settings.schedule.report_time, ZoneInfo(settings.zone))


def local(day: date, clock: str, zone: ZoneInfo) -> datetime:
    """The instant [UTC] of a local wall time; in the spring gap moved by the gap's width.

    A time that comes twice in autumn is its first coming (PEP 495, fold=0). UTC, since Python
    holds no time of another zone equal to one that comes twice.
    """
    hour, minute = (int(part) for part in clock.split(":"))
    naive = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    return naive.astimezone(UTC)
