"""How did a job end, what does it say of what went wrong, and how does one stop it?"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING

from config.errors import NoshowError, ProviderError
from connectors.transport.hints import PROBE

if TYPE_CHECKING:
    from config.settings import Mailbox

DONE, BUG, USAGE, PARTLY, NOTHING = 0, 1, 2, 3, 4
INTERRUPTED, TERMINATED = 130, 143
#: How a run ends in the ledger that found another process at the same work, and did none.
BUSY = "busy"


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


def explained(box: Mailbox, error: NoshowError, name: str = "") -> Outcome:
    """An error of one mailbox, or one stream of it, as a line that says what to do."""
    place = f"{box.address}, {name}" if name else box.address
    # Whoever says that a login is missing or dead does not know whose: here it can be typed.
    whose = f" {box.provider} -m {box.address}" if error.hint.endswith("noshow connect") else ""
    next_step = error.hint + whose
    if not next_step and isinstance(error, ProviderError):
        # An answer that no documentation foresees: only asking piece by piece tells more.
        next_step = PROBE
    hint = f" -> {next_step}" if next_step else ""
    code = error.exit_code if error.exit_code != BUG else PARTLY
    return Outcome(code, problems=(f"{place}: {error.message}{hint}",))


class StopFlag:
    """Asked to stop? The first signal sets the flag, a second Ctrl-C ends at once.

    `asked`: who else may ask, where signals do not come to this process.
    """

    def __init__(self) -> None:
        self.code = DONE
        self.asked: Callable[[], bool] = lambda: False

    def __call__(self) -> bool:
        if self.code == DONE and self.asked():
            self.code = TERMINATED
        return self.code != DONE

    def stop(self, code: int = TERMINATED) -> None:
        self.code = code

    def _handle(self, number: int, _frame: FrameType | None) -> None:
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
