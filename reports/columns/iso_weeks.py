"""Which ISO week is meant by `2026-W47`, and which one does a day lie in? The one reading of a week."""

from __future__ import annotations

from datetime import date, datetime


def week_of(day: date) -> str:
    """The ISO week that this day lies in, such as `2026-W47`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def monday_of(week: str) -> date:
    """The day on which the week begins. Raises ValueError where it is none."""
    return datetime.strptime(f"{week}-1", "%G-W%V-%u").date()  # noqa: DTZ007 - a date, no moment


def number_of(week: str) -> int:
    """Its number in the year: 47."""
    return int(week.rpartition("W")[2])
