"""What time is it? The one clock, handed to whoever needs it.

`NOSHOW_NOW` (ISO 8601 with an offset) sets it for demonstrations and tests; nothing else in the
product asks the operating system for the wall time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from config.errors import ConfigError

MICROSECONDS = 1_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(moment: datetime) -> int:
    """An aware datetime as integer microseconds UTC since 1970, exactly (no float between)."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a zone")
    return (moment.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """Integer microseconds UTC since 1970 as an aware datetime in UTC."""
    return EPOCH + timedelta(microseconds=micros)


def in_reach(day: date) -> bool:
    """Can calendars reckon with this day, and with the years around it? (A year that is slipped is not.)"""
    return 1970 <= day.year < 2200


def _system_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Clock:
    """Wall time, a steady counter for durations, and a sleep; all three can be replaced.

    `now()` is aware and in UTC. `steady()` is in [s] and only ever compared with itself.
    """

    now_: Callable[[], datetime] = field(default=_system_now)
    steady_: Callable[[], float] = field(default=time.monotonic)
    sleep_: Callable[[float], None] = field(default=time.sleep)

    def now(self) -> datetime:
        return self.now_()

    def micros(self) -> int:
        """Now as integer microseconds UTC."""
        return to_micros(self.now_())

    def steady(self) -> float:
        return self.steady_()

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.sleep_(seconds)


def clock_from(environ: Mapping[str, str] | None = None) -> Clock:
    """The system's clock, or one that started at `NOSHOW_NOW` and runs on from there.

    Raises ConfigError where NOSHOW_NOW is no ISO 8601 moment with an offset.
    """
    text = (os.environ if environ is None else environ).get("NOSHOW_NOW", "")
    if not text:
        return Clock()
    try:
        origin = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(
            f"NOSHOW_NOW is {text!r}, which is no date and time",
            hint="write it like 2026-11-23T07:00:00+01:00, or unset it",
        ) from error
    if origin.tzinfo is None or not in_reach(origin):
        lacking = "has no offset from UTC" if origin.tzinfo is None else "no calendar reaches"
        raise ConfigError(
            f"NOSHOW_NOW is {text!r}, which {lacking}",
            hint="write it like 2026-11-23T07:00:00+01:00, or unset it",
        )
    began = time.monotonic()
    start = origin.astimezone(UTC)
    return Clock(now_=lambda: start + timedelta(seconds=time.monotonic() - began))
