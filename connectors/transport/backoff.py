"""How long does one request wait before it is tried again, and when does it give up?

Retry-After is obeyed to the second where it fits into the budget (RFC 9110 10.2.3, in seconds or
as a date); else the wait doubles, its second half left to chance so that many clients do not come
back together ("equal jitter",
https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Patience:
    """The budget of one logical request: `tries` attempts, all in all at most `seconds` [s].

    `first` and `longest` [s] bound the back-off. A Retry-After above `longest_told` [s] is not
    waited for: the mailbox stops for now, and the error says when to come back.
    """

    tries: int = 6
    seconds: float = 240.0
    first: float = 1.0
    longest: float = 60.0
    longest_told: float = 120.0
    unreached: float = 20.0
    """... but not longer than this where nobody could even be connected to [s]."""


@dataclass
class Reach:
    """Is there a network? Shared by all transports of a run, so that it is waited for once.

    After one request gave up because nobody could be connected to, the others try once; and for
    `quiet` seconds they do not even try.
    """

    quiet: float = 20.0
    _since: float | None = field(default=None)

    def lost(self, now: float) -> None:
        """A request has given up without a connection; `now` by the steady clock [s]."""
        self._since = now

    def found(self) -> None:
        """Somebody answered."""
        self._since = None

    @property
    def offline(self) -> bool:
        """Could nobody be connected to, and nobody since?"""
        return self._since is not None

    def hopeless(self, now: float) -> bool:
        """Is it too early to try again?"""
        return self._since is not None and now - self._since < self.quiet


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds to wait as a Retry-After header says [s], never below 0; None where it says nothing.

    Accepts whole or fractional seconds and an HTTP date (the present moment is `now`, aware).
    """
    text = value.strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        pass
    else:
        return seconds if 0 <= seconds < float("inf") else None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def backoff(attempt: int, patience: Patience, chance: random.Random) -> float:
    """Seconds before try number `attempt` + 1 [s]: between half and all of a doubling wait."""
    whole = min(patience.longest, patience.first * 2.0 ** (attempt - 1))
    return whole * (0.5 + chance.random() / 2)
