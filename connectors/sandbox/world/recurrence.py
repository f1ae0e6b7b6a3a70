"""On which original starts does a series fall?

A small part of RFC 5545: daily, weekly and monthly, with an interval, week days, a count or an end.
Starts are computed in wall time of the series' zone, so that 10:00 stays 10:00 through a change of
clocks, and returned as microseconds UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from config.clock import from_micros, to_micros

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
#: Google expands an endless series into about this many occurrences (facts/google.md 1.2).
ENDLESS = 730


@dataclass(frozen=True, slots=True)
class Rule:
    """How a series repeats. `days` are week days, 0 is Monday; `until` [µs UTC] is inclusive."""

    freq: Literal["daily", "weekly", "monthly"] = "weekly"
    interval: int = 1
    days: tuple[int, ...] = ()
    count: int | None = None
    until: int | None = None

    @property
    def endless(self) -> bool:
        return self.count is None and self.until is None

    def text(self) -> str:
        """The RRULE line, as Google and RFC 5545 write it."""
        parts = [f"FREQ={self.freq.upper()}"]
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.until is not None:
            parts.append(f"UNTIL={from_micros(self.until):%Y%m%dT%H%M%SZ}")
        if self.count is not None:
            parts.append(f"COUNT={self.count}")
        if self.days:
            parts.append("BYDAY=" + ",".join(_DAYS[day] for day in self.days))
        return "RRULE:" + ";".join(parts)

    def ending(self, last: int) -> Rule:
        """The same series, ended at this last start [µs UTC] (how a split leaves the first half)."""
        return replace(self, count=None, until=last)


@lru_cache(maxsize=4096)
def originals(rule: Rule, first: int, zone: str) -> tuple[int, ...]:
    """All original starts [µs UTC], ascending; an endless series is cut after `ENDLESS` of them."""
    limit = ENDLESS if rule.count is None else min(rule.count, ENDLESS)
    found: list[int] = []
    for wall in _walls(rule, from_micros(first).astimezone(ZoneInfo(zone))):
        start = to_micros(wall.astimezone(UTC))
        if start < first:
            continue
        if len(found) >= limit or (rule.until is not None and start > rule.until):
            break
        found.append(start)
    return tuple(found)


def _walls(rule: Rule, first: datetime) -> Iterator[datetime]:
    """Candidate starts in wall time without an end; those before the first are not cut here."""
    step = 0
    while True:
        if rule.freq == "daily":
            yield first + timedelta(days=step * rule.interval)
        elif rule.freq == "weekly":
            monday = first - timedelta(days=first.weekday())
            for day in sorted(rule.days or (first.weekday(),)):
                yield monday + timedelta(weeks=step * rule.interval, days=day)
        else:
            month = first.month - 1 + step * rule.interval
            year, month = first.year + month // 12, month % 12 + 1
            # RFC 5545: a month without that day is skipped.
            if first.day <= _days_in(year, month):
                yield first.replace(year=year, month=month)
        step += 1


def _days_in(year: int, month: int) -> int:
    after = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return (after - timedelta(days=1)).day
