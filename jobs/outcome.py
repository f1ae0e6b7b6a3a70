"""How did a job end, how does one stop it, and where does it say how far it is?"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from jobs import terminal

DONE, BUG, USAGE, PARTLY, NOTHING = 0, 1, 2, 3, 4
INTERRUPTED, TERMINATED = 130, 143


@dataclass(frozen=True)
class Outcome:
    """What a job says when it ends. `code` is the exit code (design, section 6).

    `lines` are for the person at the terminal; `problems` name what is missing, one line each,
    without addresses of contacts, and are also kept with the run.
    """

    code: int = DONE
    lines: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def __add__(self, other: Outcome) -> Outcome:
        """Both together. One that has nothing to say adds nothing: it did no part of the work."""
        if _NOTHING_SAID in (self, other):
            return other if self == _NOTHING_SAID else self
        return Outcome(
            worst(self.code, other.code), self.lines + other.lines, self.problems + other.problems
        )


_NOTHING_SAID = Outcome()


def worst(*codes: int) -> int:
    """The exit code of several parts: a bug or a stop beats all, else done and failed is partly."""
    for final in (BUG, INTERRUPTED, TERMINATED, USAGE):
        if final in codes:
            return final
    if all(code == NOTHING for code in codes) and codes:
        return NOTHING
    return PARTLY if any(code in (PARTLY, NOTHING) for code in codes) else DONE


class StopFlag:
    """Asked to stop? The first signal sets the flag, a second Ctrl-C ends at once."""

    def __init__(self) -> None:
        self.code = DONE

    def __call__(self) -> bool:
        return self.code != DONE

    def stop(self, code: int = TERMINATED) -> None:
        self.code = code

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.code == INTERRUPTED and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.code = INTERRUPTED if number == signal.SIGINT else TERMINATED
        if number == signal.SIGINT and sys.stderr.isatty():
            sys.stderr.write("\nstopping after this page; press Ctrl-C again to stop at once\n")

    @contextmanager
    def listening(self) -> Iterator[StopFlag]:
        """Take SIGINT and SIGTERM for the time of the block."""
        before = {one: signal.signal(one, self._handle) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield self
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)


class Reporter:
    """Progress: bars on a terminal, else one line a unit of work on standard error."""

    def __init__(self, console: Console | None = None, *, quiet: bool = False) -> None:
        self.console = console or terminal.console(stderr=True)
        self.quiet = quiet
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._last: dict[str, str] = {}

    @contextmanager
    def running(self) -> Iterator[Reporter]:
        """Show bars while the block runs."""
        if self.quiet or not self.console.is_terminal:
            yield self
            self._flush()
            return
        with Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
        ) as progress:
            self._progress = progress
            try:
                yield self
            finally:
                self._progress, self._tasks = None, {}

    def __call__(self, unit: str, done: int, total: int | None = None, note: str = "") -> None:
        """`done` of `total` (None: unknown) of one unit of work, such as `mail of mailbox 1`."""
        if self.quiet:
            return
        if self._progress is None:
            of = f" of {total:,}" if total is not None else ""
            self._last[unit] = f"{unit}: {done:,}{of} {note}"
            return
        if unit not in self._tasks:
            named = terminal.clean(unit)
            self._tasks[unit] = self._progress.add_task(named, total=total, note=note)
        self._progress.update(self._tasks[unit], completed=done, total=total, note=note)

    def say(self, line: str) -> None:
        """One line, above the bars."""
        if not self.quiet:
            self.console.print(line)

    def _flush(self) -> None:
        if not self.quiet:
            for line in self._last.values():
                self.console.print(line.rstrip())
        self._last = {}
