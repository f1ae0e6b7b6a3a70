"""Which ISO week is a report about?"""

from __future__ import annotations

from datetime import date, timedelta


def report_week(day: date) -> str:
    """The ISO week that a report of this local day is about, such as `2026-W47`.

    Monday to Thursday look back on the last week, Friday to Sunday on the current one.
    """
    year, week, _ = (day - timedelta(days=4)).isocalendar()
    return f"{year}-W{week:02d}"
