"""How many requests may be in flight at once? At most four for one app, whatever mailbox.

facts/microsoft.md 4: Outlook counts per app (and says "MailboxConcurrency"). All graphs of one app
share one `Lanes`; a batch takes as many lanes as it has parts, because its parts run in parallel.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

MOST = 4


class Lanes:
    """A counter of requests in flight; first come, first served, so that no batch starves."""

    def __init__(self, width: int = MOST) -> None:
        self.width = max(1, min(width, MOST))
        self._free = self.width
        self._turn = threading.Condition()
        self._queue: deque[object] = deque()

    @contextmanager
    def take(self, number: int) -> Iterator[None]:
        """Hold `number` lanes (at most all of them) while the block runs."""
        wanted = min(number, self.width)
        ticket = object()
        with self._turn:
            self._queue.append(ticket)
            try:
                self._turn.wait_for(lambda: self._queue[0] is ticket and self._free >= wanted)
                self._free -= wanted
            finally:
                self._queue.remove(ticket)
                self._turn.notify_all()
        try:
            yield
        finally:
            with self._turn:
                self._free += wanted
                self._turn.notify_all()


_LANES: dict[str, Lanes] = {}
_GUARD = threading.Lock()


def lanes_of(app: str, width: int = MOST) -> Lanes:
    """The lanes of an app (its client id), one object for the whole process."""
    with _GUARD:
        return _LANES.setdefault(app, Lanes(width))
