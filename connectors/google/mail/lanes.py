"""How many messages are asked for at the same time? As many as the quota pays for.

A quota is used up by rate x latency requests under way, and neither is known before: projects differ
tenfold in what they may spend, and a mailbox over a satellite in how long an answer takes. So one is
added while nobody waits for units, and taken away when most do. Gmail bounds the requests of one
user at the same time, by a number that it does not publish (facts/google.md 2.2): who is answered
that there are too many halves them, and stays below.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from connectors.transport.client import Pressure

#: Beyond these, Gmail's bound for one user is near: batches of 25 are refused.
MOST = 16
#: Shares of the time under way that were spent waiting for units.
_IDLE, _FULL = 0.1, 0.5


class Lanes:
    """Lanes for requests, each taken by one thread at a time. `fixed`: never more, never fewer."""

    def __init__(
        self,
        first: int,
        pressure: Callable[[], Pressure],
        steady: Callable[[], float],
        *,
        fixed: bool = False,
    ) -> None:
        self.width = first
        self._most = first if fixed else MOST
        self._fixed = fixed
        self._pressure = pressure
        self._steady = steady
        self._before = pressure()
        self._busy = 0.0
        self._done = 0
        self._taken = 0
        self._free = threading.Condition()

    @contextmanager
    def one(self) -> Iterator[None]:
        """A lane for one request; waits until one is free."""
        with self._free:
            self._free.wait_for(lambda: self._taken < self.width)
            self._taken += 1
        began = self._steady()
        try:
            yield
        finally:
            with self._free:
                self._taken -= 1
                self._busy += self._steady() - began
                self._done += 1
                if not self._fixed and self._done >= 2 * self.width:
                    self._adapt()
                self._free.notify_all()

    def _adapt(self) -> None:
        """Once every lane has been used: more, fewer, or as many as now."""
        now = self._pressure()
        waited = (now.waited - self._before.waited) / max(self._busy, 1e-9)
        if now.crowded > self._before.crowded:
            self._most = max(1, self.width - 1)
            self.width = max(1, self.width // 2)
        elif waited < _IDLE:
            self.width = min(self.width + 1, self._most)
        elif waited > _FULL:
            self.width = max(1, self.width - 1)
        self._before, self._busy, self._done = now, 0.0, 0
