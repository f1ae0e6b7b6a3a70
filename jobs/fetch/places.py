"""Which mailboxes are worked on at the same time, and who is next?

So many places, first come, first served. A mailbox that has to wait (for its quota, for as long as a
provider told it) gives its place to the next one and queues up again afterwards; one that has much to
be read does so after each page, where others wait. So neither a mailbox that is throttled nor the
first look at a big one keeps the others from being read, and a page later everybody has had a turn.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

#: Stop is looked for so often while one queues [s].
_STEP = 0.5


class Places:
    """The places of one run. `most`: no more of this kind at once, since they share something else.

    Once asked to stop, nobody queues any more: everybody ends after the page they are at.
    """

    def __init__(self, width: int, most: Mapping[str, int], stop: Callable[[], bool]) -> None:
        self._free = width
        self._most = dict(most)
        self._stop = stop
        self._inside: Counter[str] = Counter()
        self._queue: list[Place] = []
        self._changed = threading.Condition()

    def ask(self, kind: str) -> Place:
        """Queue up. The place is taken by the block of the result."""
        place = Place(self, kind)
        self.queue(place)
        return place

    def queue(self, place: Place) -> None:
        with self._changed:
            self._queue.append(place)

    def take(self, place: Place) -> None:
        """Wait until it is the turn of somebody who queues."""
        with self._changed:
            while not (self._is_next(place) or self._stop()):
                self._changed.wait(_STEP)
            self._queue.remove(place)
            self._free -= 1
            self._inside[place.kind] += 1
            self._changed.notify_all()

    def give(self, place: Place) -> None:
        """Leave it to the next one."""
        with self._changed:
            self._free += 1
            self._inside[place.kind] -= 1
            self._changed.notify_all()

    def wanted(self, place: Place) -> bool:
        """Could somebody who queues take this place?"""
        with self._changed:
            self._inside[place.kind] -= 1
            try:
                return any(self._has_room(one) for one in self._queue)
            finally:
                self._inside[place.kind] += 1

    def _is_next(self, place: Place) -> bool:
        if self._free <= 0:
            return False
        return next((one for one in self._queue if self._has_room(one)), None) is place

    def _has_room(self, place: Place) -> bool:
        return self._inside[place.kind] < self._most.get(place.kind, self._inside[place.kind] + 1)


class Place:
    """One mailbox's. Its threads share it: it is given away as soon as one of them has to wait, and
    taken again before that one goes on.
    """

    def __init__(self, places: Places, kind: str) -> None:
        self.kind = kind
        self._places = places
        self._door = threading.Lock()
        self._inside = False

    def __enter__(self) -> Place:
        self._places.take(self)
        self._inside = True
        return self

    def __exit__(self, *_: object) -> None:
        with self._door:
            if self._inside:
                self._inside = False
                self._places.give(self)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Somebody else may have the place while the block waits."""
        with self._door:
            if self._inside:
                self._inside = False
                self._places.give(self)
        try:
            yield
        finally:
            with self._door:
                if not self._inside:
                    self._places.queue(self)
                    self._places.take(self)
                    self._inside = True

    def turn(self) -> None:
        """After a page: let those who queue come first."""
        if self._places.wanted(self):
            with self.away():
                pass
