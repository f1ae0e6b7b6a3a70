"""What became of each unit? All are given to a crew; a worker's death costs a repetition, no result.

A unit is a small value (a store and a number) and the work a function of a module, so that they reach
any machine. Units must bear to be done twice, and to be cut off anywhere: whatever reads or writes the
store does. A unit that was at work when a worker died is tried again alone, and one with which workers
die `KILLS` times is given up: it never takes the others down with it again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

from jobs.fleet.executors import Crew, Hire

U = TypeVar("U")
R = TypeVar("R")
#: So many workers may die with a unit before it is given up.
KILLS = 3
#: Stop is looked for so often [s].
_STEP = 0.5


@dataclass(frozen=True, slots=True)
class Ended(Generic[U, R]):
    """A unit's `result`; None where none came: `kills` workers died with it, or it never began."""

    unit: U
    result: R | None = None
    kills: int = 0


def spread(
    hire: Hire,
    work: Callable[[U], R],
    units: Sequence[U],
    *,
    alone: Iterable[U] = (),
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Ended[U, R]]:
    """Each unit's end, in the order in which they come.

    `alone`: units with which workers died before; they come last, one at a time. Once asked to stop,
    what runs ends after its page, and what has not begun ends without a result. What `work` raises is
    raised here.
    """
    waiting = deque(units)
    suspects: list[U] = []
    while waiting and not stop():
        with hire() as crew:
            yield from _together(crew, work, waiting, suspects, stop)
    for unit, before in (*((one, 1) for one in suspects), *((one, 0) for one in alone)):
        yield _alone(hire, work, unit, before, stop)
    yield from (Ended(unit) for unit in waiting)


def _together(
    crew: Crew,
    work: Callable[[U], R],
    waiting: deque[U],
    suspects: list[U],
    stop: Callable[[], bool],
) -> Iterator[Ended[U, R]]:
    """Take from `waiting` until nothing is left or the crew has broken; who was at work is suspect."""
    flying: dict[Future[R], U] = {}
    broken = False
    while flying or (waiting and not broken and not stop()):
        while waiting and not (broken or stop()) and len(flying) < (crew.width or len(flying) + 1):
            unit = waiting.popleft()
            try:
                flying[crew.executor.submit(work, unit)] = unit
            except crew.deaths:
                # It broke before this one was taken.
                waiting.appendleft(unit)
                broken = True
        if stop():
            _halt(crew, flying, waiting)
        done, _ = wait(flying, timeout=_STEP, return_when=FIRST_COMPLETED)
        for future in done:
            unit = flying.pop(future)
            try:
                result = future.result()
            except crew.deaths:
                suspects.append(unit)
                # A crew of a fixed width ends with its first death.
                broken = broken or crew.width is not None
            else:
                yield Ended(unit, result)


def _halt(crew: Crew, flying: dict[Future[R], U], waiting: deque[U]) -> None:
    """Ask what runs to end, and take back what does not run yet."""
    crew.halt()
    for future in [one for one in flying if one.cancel()]:
        waiting.append(flying.pop(future))


def _alone(
    hire: Hire, work: Callable[[U], R], unit: U, kills: int, stop: Callable[[], bool]
) -> Ended[U, R]:
    """A unit with nothing beside it, so that a death is surely its own."""
    while kills < KILLS and not stop():
        again: list[U] = []
        with hire() as crew:
            ends = list(_together(crew, work, deque([unit]), again, stop))
        if not again:
            return ends[0] if ends else Ended(unit, kills=kills)
        kills += 1
    return Ended(unit, kills=kills)
