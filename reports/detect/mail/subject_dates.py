"""Which day and hour does the subject of a calendar's mail name, whatever its language?

`Fri Nov 20, 2026 11am - 11:30am (CET) (ada@ours.example)` stands behind the title, in the zone of the
reader's calendar. Days are looked for, not read: a date alone never joins a mail to a meeting.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import pandas as pd
from babel.dates import get_month_names

from config.phrasing import plain

#: Whose calendar it is stands behind the date: its digits are no date.
_READER: Final = re.compile(r"\([^()]*@[^()]*\)?\s*$")
#: `10:00`, `10:30am`, `10am`, `10h30`, `10 Uhr`; ranges hold two of them.
_CLOCK: Final = re.compile(
    r"(?<![\d.])(?P<hour>\d{1,2})"
    r"(?:[:h](?P<minute>\d{2})(?:\s*(?P<half>[ap])\.?m\b)?|\s*(?P<short>[ap])\.?m\b|h\b|\s*uhr\b)",
    re.IGNORECASE,
)
_LANGUAGES: Final = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl")
_A_DAY: Final = pd.Timedelta(days=1)


def named(tail: object, moment: pd.Timestamp) -> str:
    """What of a start the date in Google's localised tail names: `hour`, only the `day`, or nothing."""
    if not isinstance(tail, str):
        return ""
    told = _READER.sub("", tail)
    if not _names_day(told, moment.year, moment.month, moment.day):
        return ""
    clock = _CLOCK.search(told)
    if clock is None:
        return "day"
    hour, minute = int(clock["hour"]), int(clock["minute"] or 0)
    half = (clock["half"] or clock["short"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return "hour" if (hour, minute) == (moment.hour, moment.minute) else "day"


def tells_day(tail: object) -> bool:
    """Does the tail name a day: in figures, with a month, or with a year and two more numbers?"""
    if not isinstance(tail, str):
        return False
    told = _CLOCK.sub(" ", _READER.sub("", tail))
    numbers = set(map(int, re.findall(r"\d+", told)))
    years = {number for number in numbers if 1990 <= number <= 2199}
    month = any(word in _months() for word in re.findall(r"[^\W\d_]+", told))
    return bool(years) and len(numbers) > (1 if month else 2)


def near(tail: str, moment: pd.Timestamp) -> bool:
    """May the tail mean this start (local)?"""
    told = named(tail, moment)
    date = _READER.sub("", tail).lower()
    if f"({moment.tzname()})".lower() in date and _CLOCK.search(date):
        return told == "hour"
    return told != "" or any(named(tail, moment + day) for day in (-_A_DAY, _A_DAY))


def _names_day(told: str, year: int, month: int, day: int) -> bool:
    """May the date in the tail be this day? The numbers of its clock are no days."""
    iso = re.search(r"\b(\d{4})-(\d{2})-(\d{2})\b", told)
    if iso:
        return tuple(map(int, iso.groups())) == (year, month, day)
    dated = _CLOCK.sub(" ", told)
    numbers = set(map(int, re.findall(r"\d+", dated)))
    years = {number for number in numbers if 1990 <= number <= 2199}
    words = set(re.findall(r"[^\W\d_]+", dated))
    months = {_months()[word] for word in words if word in _months()}
    return (
        day in numbers
        and (not years or year in years)
        and (not months or any(month in one for one in months))
    )


@lru_cache(maxsize=1)
def _months() -> dict[str, frozenset[int]]:
    """Month names and their short forms -> the months that they can mean in some language."""
    found: dict[str, set[int]] = {}
    for language in _LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, language).items():
                    found.setdefault(plain(name).rstrip("."), set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}
