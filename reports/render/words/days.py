"""How are moments, days, spans and durations written, in the reader's zone and language?"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd
from babel.dates import format_datetime
from babel.numbers import format_decimal


@dataclass(frozen=True)
class Days:
    """Writes instants as local dates. `now` decides where a year must be said."""

    zone: str
    language: str
    now: pd.Timestamp

    def _write(self, at: pd.Timestamp, pattern: str) -> str:
        local = at.tz_convert(ZoneInfo(self.zone)).to_pydatetime(warn=False)
        return format_datetime(local, pattern, locale=self.language)

    def _year(self, at: pd.Timestamp) -> str:
        """The year, where leaving it out could mean another one."""
        return "" if abs((self.now - at).days) < 300 else " y"

    def stamp(self, at: pd.Timestamp) -> str:
        """`Tue 17 Nov 15:00`"""
        return self._write(at, f"EEE d MMM{self._year(at)} HH:mm")

    def weekday(self, at: pd.Timestamp) -> str:
        """`Tue 17 Nov`"""
        return self._write(at, f"EEE d MMM{self._year(at)}")

    def short(self, at: pd.Timestamp) -> str:
        """`17 Nov`"""
        return self._write(at, f"d MMM{self._year(at)}")

    def day(self, at: pd.Timestamp) -> str:
        """`17 November`"""
        return self._write(at, f"d MMMM{self._year(at)}")

    def clock(self, at: pd.Timestamp) -> str:
        """`15:00`"""
        return self._write(at, "HH:mm")

    def iso_day(self, at: pd.Timestamp) -> str:
        """`2026-11-17`, for comparing local days."""
        return self._write(at, "yyyy-MM-dd")

    def span(self, first: pd.Timestamp, last: pd.Timestamp, to: str) -> str:
        """`16 to 22 November 2026`, with months and years said once where they are one."""
        head = "d"
        if self._write(first, "yyyy") != self._write(last, "yyyy"):
            head = "d MMMM y"
        elif self._write(first, "MM") != self._write(last, "MM"):
            head = "d MMMM"
        return f"{self._write(first, head)} {to} {self._write(last, 'd MMMM y')}"

    def number(self, value: float, digits: int = 0) -> str:
        """`1,234` or `0.4`; a value that rounds to zero but is none is `< 0.1`."""
        pattern = "#,##0" + ("." + "#" * digits if digits else "")
        smallest = 10.0**-digits
        if 0 < value < smallest / 2:
            return f"< {format_decimal(smallest, pattern, locale=self.language)}"
        return format_decimal(round(value, digits), pattern, locale=self.language)
