"""How are moments, days, spans and durations written, in the reader's zone and language?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import pandas as pd
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from config.sentences import filled, mark
from reports.render.language.catalogues import catalogue

# Date patterns (CLDR) are messages too: other languages write other dots. The year stands last.
_TAIL = " y"
_WEEKDAY, _FULL = mark("ccc d MMM y"), mark("EEEE d MMMM y")
_SHORT, _DAY, _DAY_ALONE = mark("d MMM y"), mark("d MMMM y"), mark("d")
_STAMP, _BRIEF = mark("{day}, {hour}"), mark("{day} {hour}")
#: From so many days on a date needs its year.
_YEAR = 300


@dataclass(frozen=True)
class Days:
    """Writes instants as local dates. `now` decides where a year must be said."""

    zone: str
    language: str
    now: pd.Timestamp

    def _write(self, at: pd.Timestamp, pattern: str) -> str:
        local = at.tz_convert(ZoneInfo(self.zone)).to_pydatetime(warn=False)
        return format_datetime(local, pattern, locale=self.language)

    def _pattern(self, at: pd.Timestamp, text: str) -> str:
        """A date in this language's pattern, with the year where another could be meant."""
        pattern = catalogue(self.language).gettext(text)
        far = abs((self.now - at).days) >= _YEAR
        return self._write(at, pattern if far else pattern.removesuffix(_TAIL))

    def stamp(self, at: pd.Timestamp) -> str:
        """`Tue 17 Nov, 15:00`"""
        return self._both(_STAMP, self.weekday(at), at)

    def full_stamp(self, at: pd.Timestamp) -> str:
        """`Tuesday 17 November, 15:00`"""
        return self._both(_STAMP, self.full(at), at)

    def brief(self, at: pd.Timestamp) -> str:
        """`Tue 15:00`"""
        return self._both(_BRIEF, self.short_name(at), at)

    def _both(self, text: str, day: str, at: pd.Timestamp) -> str:
        template = catalogue(self.language).gettext(text)
        return filled(template, {"day": day, "hour": self.clock(at)})

    def weekday(self, at: pd.Timestamp) -> str:
        """`Tue 17 Nov`"""
        return self._pattern(at, _WEEKDAY)

    def full(self, at: pd.Timestamp) -> str:
        """`Tuesday 17 November`"""
        return self._pattern(at, _FULL)

    def name(self, at: pd.Timestamp) -> str:
        """`Tuesday`"""
        return self._write(at, "EEEE")

    def short_name(self, at: pd.Timestamp) -> str:
        """`Tue`"""
        return self._write(at, "ccc")

    def short(self, at: pd.Timestamp) -> str:
        """`17 Nov`"""
        return self._pattern(at, _SHORT)

    def day(self, at: pd.Timestamp) -> str:
        """`17 November`"""
        return self._pattern(at, _DAY)

    def of_date(self, day: date) -> str:
        """`3 December`: a day that is no moment and has no zone."""
        pattern = catalogue(self.language).gettext(_DAY).removesuffix(_TAIL)
        return format_date(day, pattern, locale=self.language)

    def date(self, at: pd.Timestamp) -> str:
        """`17 November 2026`"""
        return self._write(at, catalogue(self.language).gettext(_DAY))

    def clock(self, at: pd.Timestamp) -> str:
        """`15:00`"""
        return self._write(at, "HH:mm")

    def iso_day(self, at: pd.Timestamp) -> str:
        """`2026-11-17`, for comparing local days."""
        return self._write(at, "yyyy-MM-dd")

    def span(self, first: pd.Timestamp, last: pd.Timestamp) -> tuple[str, str]:
        """`16` and `22 November 2026`: months and years said once where they are one."""
        whole = catalogue(self.language).gettext(_DAY)
        head = catalogue(self.language).gettext(_DAY_ALONE)
        if self._write(first, "yyyy") != self._write(last, "yyyy"):
            head = whole
        elif self._write(first, "MM") != self._write(last, "MM"):
            head = whole.removesuffix(_TAIL)
        return self._write(first, head), self._write(last, whole)

    def number(self, value: float, digits: int = 0) -> str:
        """`1,234` or `0.4`; a value that rounds to zero but is none is `< 0.1`."""
        pattern = "#,##0" + ("." + "#" * digits if digits else "")
        smallest = 10.0**-digits
        if 0 < value < smallest / 2:
            return f"< {format_decimal(smallest, pattern, locale=self.language)}"
        return format_decimal(round(value, digits), pattern, locale=self.language)
