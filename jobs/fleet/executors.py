"""Who does the work? Processes of this machine, or the workers of a Dask scheduler.

Whoever has units to be done asks for a `concurrent.futures.Executor` and nothing else. A crew is one
executor with the three things that no Executor says of itself: how many units it takes at once, by
which errors it says that a worker died, and how it is asked to stop.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from config import hired
from config.errors import ConfigError, TransientError
from config.settings import Settings

#: So long a scheduler may take to answer, and to show its first worker [s].
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Crew:
    """An executor at work. `width`: so many units at once, None: it queues them itself. `deaths`: the
    errors of a future whose worker died. `halt` asks running units to end after their page.
    """

    executor: Executor
    deaths: tuple[type[BaseException], ...]
    width: int | None = None
    halt: Callable[[], None] = lambda: None


#: Makes a crew; asked for again where the one before broke.
Hire = Callable[[], AbstractContextManager[Crew]]


def hiring(settings: Settings, units: int, *, apart: bool = False) -> Hire:
    """Whom the settings mean for so many units. `apart`: never this very process, which might die."""
    if settings.fleet.scheduler:
        return lambda: _cluster(settings.fleet.scheduler)
    # Two, also where there is one core: mostly they wait for answers.
    width = max(1, min(settings.sync.workers, max(2, os.cpu_count() or 1), units))
    # One after the other they are done here as well, without a second start of everything.
    return lambda: _processes(width) if apart or width > 1 else _thread()


@contextmanager
def _thread() -> Iterator[Crew]:
    """One thread of this process."""
    asked = threading.Event()
    _Asked.event = asked
    with ThreadPoolExecutor(1) as pool:
        yield Crew(pool, (), 1, asked.set)


@contextmanager
def _processes(width: int) -> Iterator[Crew]:
    """Processes of this machine, begun anew (not forked: a copy of open connections is of no use)."""
    spawning = multiprocessing.get_context("spawn")
    asked = spawning.Event()
    with ProcessPoolExecutor(
        width, mp_context=spawning, initializer=_begin, initargs=(asked,)
    ) as pool:
        try:
            yield Crew(pool, (BrokenProcessPool,), width, asked.set)
        finally:
            asked.set()


@contextmanager
def beside(width: int, ready: Callable[[], None]) -> Iterator[Crew]:
    """So many processes that begin at once, and are `ready` when that has run in each. Whatever they are
    at ends with whoever hired them: where that one fails or is stopped, nobody waits for them.
    """
    spawning = multiprocessing.get_context("spawn")
    dropped = spawning.Event()
    pool = ProcessPoolExecutor(
        width, mp_context=spawning, initializer=_begin_beside, initargs=(dropped,)
    )
    try:
        with hired.undisturbed():
            for _ in range(width):
                pool.submit(ready)
        yield Crew(pool, (BrokenProcessPool,), width, dropped.set)
    except BaseException:
        dropped.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


class _Flag(Protocol):
    """What both kinds of events are."""

    def is_set(self) -> bool: ...

    def wait(self) -> bool: ...


class _Asked:
    """Was this process asked to end after the page it is at?"""

    event: _Flag | None = None


def asked_to_stop() -> bool:
    """In a worker of this machine: has whoever hired it been asked to stop?"""
    return _Asked.event is not None and _Asked.event.is_set()


def _begin(asked: _Flag) -> None:
    """What a new process does first."""
    _Asked.event = asked
    hired.serve()


def _begin_beside(dropped: _Flag) -> None:
    hired.serve()
    threading.Thread(target=_end_when, args=(dropped,), daemon=True).start()


def _end_when(dropped: _Flag) -> None:
    dropped.wait()
    os._exit(1)


@contextmanager
def _cluster(scheduler: str) -> Iterator[Crew]:
    """The workers of a Dask scheduler. Raises ConfigError without Dask, TransientError without workers."""
    try:
        from distributed import Client
        from distributed.scheduler import KilledWorker
    except ImportError as error:
        raise ConfigError(
            "Dask is not installed",
            hint="in noshow's folder: pipx install --force '.[fleet,postgres]'",
        ) from error
    try:
        # Its own types say little.
        client: Any = Client(scheduler, timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise TransientError(
            "the fleet's scheduler does not answer",
            hint="start it (dask scheduler), or correct [fleet] scheduler",
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=_PATIENCE)
        except (OSError, TimeoutError) as error:
            raise TransientError(
                "the fleet's scheduler has no workers",
                hint="start some: dask worker, on any machine",
            ) from error
        # Pure tasks of equal arguments are done once; a mailbox is to be read each time.
        yield Crew(client.get_executor(pure=False), (KilledWorker,))
