"""Which requests did a sandbox get? The proof that every endpoint was asked over HTTP.

Holds no token, no query value and no body.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Logged:
    """One request. `method` is the provider's method id, `template` its path with names for values.

    `began` and `seconds` in [s] of the server's steady clock; `in_flight` counts requests of this
    server at that moment, itself included; `part` says that it came inside a batch; `fault` is
    the switch that struck it.
    """

    method: str
    verb: str
    template: str
    names: tuple[str, ...]
    mailbox: str
    units: int
    status: int
    began: float
    seconds: float
    in_flight: int
    part: bool = False
    fault: str = ""
    asked_page: bool = False


class RequestLog:
    """All requests in the order in which they were answered. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Logged] = []
        self._flying = 0

    def __iter__(self) -> Iterator[Logged]:
        with self._lock:
            return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def enter(self) -> int:
        """A request begins; returns how many are in flight with it."""
        with self._lock:
            self._flying += 1
            return self._flying

    def leave(self) -> None:
        with self._lock:
            self._flying -= 1

    def write(self, entry: Logged) -> None:
        with self._lock:
            self._entries.append(entry)

    def clear(self) -> None:
        """Forget what was logged so far."""
        with self._lock:
            self._entries.clear()

    def counts(self) -> Counter[str]:
        """How often each method was asked."""
        return Counter(entry.method for entry in self)

    def statuses(self) -> Counter[tuple[str, int]]:
        """How often each method was answered with each status (0: the connection broke)."""
        return Counter((entry.method, entry.status) for entry in self)

    def units(self, prefix: str = "") -> int:
        """Quota units charged for methods that begin with this prefix, such as `gmail.`."""
        return sum(entry.units for entry in self if entry.method.startswith(prefix))

    @property
    def peak(self) -> int:
        """The most requests that were ever in flight at once."""
        return max((entry.in_flight for entry in self), default=0)
