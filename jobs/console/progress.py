"""How far is a job, how fast does it go, what has it cost, and how long will the rest take?

The rate is that of the last minute: a quota that fills up by the minute lets the first requests
through at once, and a rate since the start would promise for a long time what it cannot keep. Where
the provider counts units, what they cost a record and how many a minute are allowed bound the time
left from the first page on.
"""

from __future__ import annotations

import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobs.console import terminal

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

#: How far back the rate looks [s]: a minute is what the quotas count by.
WINDOW = 60.0


@dataclass(frozen=True, slots=True)
class Units:
    """A provider's quota units: `spent()` of one mailbox so far, `per_minute` allowed to it."""

    spent: Callable[[], int]
    per_minute: int


@dataclass(frozen=True, slots=True)
class _Mark:
    at: float
    done: int
    units: int


class Pace:
    """One stream's. `steady` is a clock in [s]; `units`: None where nothing is counted in units."""

    def __init__(self, steady: Callable[[], float], units: Units | None = None) -> None:
        self._steady = steady
        self._units = units
        self._before = self._spent()
        self._marks = deque([_Mark(steady(), 0, self._before)])

    def note(self, done: int, to_come: int) -> str:
        """Rate [records/s], units so far and time left, in words: `230/s, 1,240 units, 7 min left`.

        `done`: records so far; `to_come`: those that are known and still to be fetched. What is
        not known yet is left out.
        """
        now = _Mark(self._steady(), done, self._spent())
        if not self._marks[-1].done:
            # Naming what is to be fetched is no fetching: the rate begins with it.
            self._marks = deque([self._marks[-1]]) if done else deque([now])
        self._marks.append(now)
        while len(self._marks) > 2 and self._marks[1].at <= now.at - WINDOW:
            self._marks.popleft()
        first = self._marks[0]
        rate = (done - first.done) / max(now.at - first.at, 1e-6)
        words = [f"{rate:.0f}/s" if rate >= 10 else f"{rate:.1f}/s"] if done else []
        if self._units is not None:
            words.append(f"{now.units - self._before:,} units")
        left = self._left(now, first, rate, to_come)
        if left is not None:
            words.append(f"{lasting(left)} left")
        return ", ".join(words)

    def _left(self, now: _Mark, first: _Mark, rate: float, to_come: int) -> float | None:
        """How long the rest takes [s]: as it goes now, and no shorter than the quota allows."""
        if not to_come or rate <= 0:
            return None
        left = to_come / rate
        if self._units is not None:
            each = (now.units - first.units) / (now.done - first.done)
            left = max(left, to_come * each / self._units.per_minute * 60.0)
        return left

    def _spent(self) -> int:
        return self._units.spent() if self._units is not None else 0


def lasting(seconds: float) -> str:
    """How long that is, in words: 40 s, 3 min, 2 h 05 min."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


class Reporter:
    """Progress: bars on a terminal, else one line a unit of work on standard error."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._last: dict[str, str] = {}
        self._shown: ExitStack | None = None
        self._beginning = threading.Lock()

    @contextmanager
    def running(self) -> Iterator[Reporter]:
        """Show bars while the block runs, from the first unit of work on."""
        with ExitStack() as shown:
            self._shown = shown if not self.quiet and sys.stderr.isatty() else None
            try:
                yield self
            finally:
                self._bars, self._shown, self._tasks = None, None, {}
        self._flush()

    def __call__(self, unit: str, done: int, total: int | None = None, note: str = "") -> None:
        """`done` of `total` (None: unknown) of one unit of work, such as `mail of mailbox 1`."""
        if self.quiet:
            return
        if self._shown is None:
            of = f" of {total:,}" if total is not None else ""
            self._last[unit] = f"{unit}: {done:,}{of} {note}"
            return
        with self._beginning:
            # Mailboxes are read by several threads at once.
            if self._bars is None:
                self._bars = self._shown.enter_context(_bars())
        if unit not in self._tasks:
            named = terminal.clean(unit)
            self._tasks[unit] = self._bars.add_task(named, total=total, note=note)
        self._bars.update(self._tasks[unit], completed=done, total=total, note=note)

    def say(self, line: str) -> None:
        """One line, above the bars."""
        if self.quiet:
            return
        if self._bars is not None:
            self._bars.console.print(line)
        else:
            terminal.line(line, stderr=True)

    def _flush(self) -> None:
        if not self.quiet:
            for line in self._last.values():
                terminal.line(line.rstrip(), stderr=True)
        self._last = {}


def _bars() -> Progress:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        console=terminal.console(stderr=True),
        transient=True,
    )
