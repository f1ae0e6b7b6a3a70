"""Who works, who waits, and who is next? Threads that are held at a point, so that no order is luck."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from jobs.fetch.places import Place, Places

LONG = 60.0


class Crowd:
    """Mailboxes by name: each works until it is told to wait, to turn a page or to end."""

    def __init__(self, width: int, most: dict[str, int] | None = None) -> None:
        self.stopped = False
        self.places = Places(width, most or {}, lambda: self.stopped)
        self.began: list[str] = []
        self.changed = threading.Condition()

    def note(self, name: str) -> None:
        with self.changed:
            self.began.append(name)
            self.changed.notify_all()

    def until(self, *names: str) -> None:
        """Until these began, in this order, and no other."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.began) >= len(names), LONG)
            assert self.began == list(names)


class One:
    """One mailbox in a thread of its own; `do` says what comes next, `end` that it is done."""

    def __init__(self, crowd: Crowd, name: str, kind: str = "google") -> None:
        self.crowd, self.name = crowd, name
        self.page, self.rest, self.wake = (threading.Event() for _ in range(3))
        self.turns = 0
        self.place: Place = crowd.places.ask(kind)
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()

    def _work(self) -> None:
        with self.place:
            self.crowd.note(self.name)
            while True:
                assert self.page.wait(LONG)
                self.page.clear()
                if self.rest.is_set():
                    with self.place.away():
                        assert self.wake.wait(LONG)
                    self.rest.clear()
                elif self.turns:
                    self.turns -= 1
                    self.place.turn()
                else:
                    return
                self.crowd.note(self.name)

    def wait(self) -> None:
        """It has to wait for its quota."""
        self.rest.set()
        self.page.set()

    def turn(self) -> None:
        self.turns = 1
        self.page.set()

    def end(self) -> None:
        self.page.set()
        self.thread.join(LONG)
        assert not self.thread.is_alive()


@contextmanager
def crowd(*names: str, width: int) -> Iterator[tuple[Crowd, dict[str, One]]]:
    made = Crowd(width)
    yield made, {name: One(made, name) for name in names}
    made.stopped = True


def test_so_many_work_at_once_and_the_next_is_who_asked_first() -> None:
    with crowd("a", width=1) as (them, one):
        them.until("a")
        b, c = One(them, "b"), One(them, "c")
        one["a"].end()
        them.until("a", "b")
        b.end()
        them.until("a", "b", "c")
        c.end()


def test_who_waits_lets_others_work_and_comes_back_behind_them() -> None:
    with crowd("a", width=1) as (them, one):
        them.until("a")
        b, c = One(them, "b"), One(them, "c")
        one["a"].wait()
        them.until("a", "b")
        one["a"].wake.set()
        b.end()
        them.until("a", "b", "c")
        c.end()
        them.until("a", "b", "c", "a")
        one["a"].end()


def test_after_each_page_whoever_queues_has_a_turn() -> None:
    with crowd("a", width=1) as (them, one):
        them.until("a")
        b = One(them, "b")
        one["a"].turn()
        them.until("a", "b")
        b.turn()
        them.until("a", "b", "a")
        one["a"].end()
        them.until("a", "b", "a", "b")
        # Nobody queues: it goes on at once.
        b.turn()
        them.until("a", "b", "a", "b", "b")
        b.end()


def test_of_a_kind_that_shares_something_no_more_are_at_work_and_others_go_past() -> None:
    them = Crowd(3, {"microsoft": 1})
    a = One(them, "a", "microsoft")
    them.until("a")
    b = One(them, "b", "microsoft")
    c = One(them, "c")
    them.until("a", "c")
    # What only its own kind may not take is no reason to leave a place.
    c.turn()
    them.until("a", "c", "c")
    a.end()
    them.until("a", "c", "c", "b")
    b.end()
    c.end()


def test_its_threads_share_a_place_which_is_taken_again_before_any_goes_on() -> None:
    them = Crowd(1)
    asleep, wake = threading.Event(), threading.Event()

    def lane(place: Place) -> None:
        with place.away():
            asleep.set()
            assert wake.wait(LONG)
        them.note("lane")

    with them.places.ask("google") as place:
        second = threading.Thread(target=lane, args=(place,), daemon=True)
        with place.away():
            other = One(them, "b")
            them.until("b")
            # Another thread of the first waits too: it gives nothing away that is not its own.
            second.start()
            assert asleep.wait(LONG)
            third = One(them, "c")
            other.end()
            them.until("b", "c")
            # It comes back behind the one who has the place now.
            wake.set()
            third.end()
            them.until("b", "c", "lane")
        # And the first has it already.
        second.join(LONG)


def test_once_asked_to_stop_nobody_queues() -> None:
    with crowd("a", width=1) as (them, one):
        them.until("a")
        b = One(them, "b")
        them.stopped = True
        them.until("a", "b")
        one["a"].end()
        b.end()
