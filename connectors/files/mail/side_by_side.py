"""How are the mails of one large file read by several processes at once, as one would read them?

This process splits the file, which is quick, and hands batches of mails to others; what they read
comes back in the order of the file. Each batch is held until it has come back: where a process dies,
or fails at a mail, this one reads the batch itself, and ends as it would have ended alone.
"""

from __future__ import annotations

import copyreg
import marshal
import multiprocessing
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import fields, replace
from functools import partial
from itertools import repeat
from operator import attrgetter
from typing import Any

from config import hired
from config.hired import cores, without_collector
from connectors.files.mail.mbox import Raw
from connectors.files.mail.message import Context
from connectors.files.mail.readings import MailReader, Reading
from connectors.files.problems import Problem
from connectors.model.records import MessageSeen, Person

#: So many mails of a file are read alone, and so many more must be expected in it: before that, the
#: start of other processes costs more than it saves.
ALONE = 4_000
WORTH = 40_000
#: A batch: so many mails, or so many bytes of them.
MOST = 400
HEAVY = 2 << 20
#: So many batches are under way, more than a page of the store takes: the others go on while one stores.
AHEAD = 16
#: Beside the one that splits and stores: more than this many would wait for it.
WIDEST = 3

_RAW = attrgetter(*(one.name for one in fields(Raw)))


class Crew:
    """The processes that read mails for this one. A large file starts them; others do without."""

    def __init__(self) -> None:
        self._width = min(cores() - 1, WIDEST)
        self._pool: ProcessPoolExecutor | None = None
        self._broken = False

    def close(self) -> None:
        """Ends the processes, after the batches that they are at."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def each(
        self, raws: Iterator[Raw], context: Context, size: int
    ) -> Iterator[tuple[Raw, Reading | None]]:
        """Each mail of a file, with what a MailReader of this context reads of it, if it was read.

        None where the caller has to read it: in a small file and at the beginning of a large one
        (`size` [bytes]), where a process has failed at it, or where it asks what is known of a
        series. The problems of a reading are not yet reported. Raises what the raws raise, behind
        the same mails.
        """
        first = None
        for count, raw in enumerate(raws, 1):
            yield raw, None
            first = raw.offset if first is None else first
            if count == ALONE and self._width > 0:
                weight = max(1, (raw.offset + raw.size - first) // count)
                if (size - raw.offset) // weight >= WORTH:
                    break
        else:
            return
        yield from self._read_ahead(raws, context)

    def _read_ahead(
        self, raws: Iterator[Raw], context: Context
    ) -> Iterator[tuple[Raw, Reading | None]]:
        elsewhere = replace(context, known=None)
        waiting: deque[tuple[list[Raw], Future[bytes] | None]] = deque()
        batches = _batches(raws)
        failure: Exception | None = None
        more = True
        while more or waiting:
            while more and len(waiting) < AHEAD:
                try:
                    batch = next(batches, None)
                except Exception as error:  # noqa: BLE001
                    # What was split before comes first.
                    failure, batch = error, None
                if batch is None:
                    more = False
                else:
                    waiting.append((batch, self._submit(elsewhere, batch)))
            if waiting:
                batch, future = waiting.popleft()
                yield from zip(batch, self._result(batch, future), strict=True)
        if failure is not None:
            raise failure

    def _submit(self, context: Context, batch: list[Raw]) -> Future[bytes] | None:
        if self._broken:
            return None
        packed = marshal.dumps([_RAW(raw) for raw in batch])
        try:
            if self._pool is None:
                # Begun anew, not forked: a copy of open connections is of no use.
                begun = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(self._width, begun, _begin)
            with hired.undisturbed():
                return self._pool.submit(_work, context, packed)
        except (RuntimeError, OSError):
            # One has died (BrokenProcessPool), or none can be started here.
            self._broken = True
            return None

    def _result(self, batch: list[Raw], future: Future[bytes] | None) -> Iterable[Reading | None]:
        if future is not None:
            try:
                made: list[Reading | None] = pickle.loads(future.result())  # noqa: S301 - our own
                return made
            except BrokenProcessPool:
                self._broken = True
            except Exception:  # noqa: BLE001, S110
                # At one of these mails: whoever reads them again meets it behind those before it.
                pass
        return repeat(None, len(batch))


def _batches(raws: Iterable[Raw]) -> Iterator[list[Raw]]:
    """The mails in lists of bounded weight. Where the file is damaged, first what came before."""
    held: list[Raw] = []
    weight = 0
    try:
        for raw in raws:
            held.append(raw)
            weight += len(raw.header) + (len(raw.whole) if raw.whole is not None else 0)
            if len(held) >= MOST or weight >= HEAVY:
                yield held
                held, weight = [], 0
    except Exception:
        if held:
            yield held
        raise
    if held:
        yield held


# -- in the other processes ------------------------------------------------------------------


def _begin() -> None:
    hired.serve()
    # As the calls that make them: the usual way asks a frozen class for its fields each time.
    for kind in (Person, MessageSeen, Reading):
        values = attrgetter(*(one.name for one in fields(kind)))
        copyreg.pickle(kind, partial(_as_call, kind, values))


def _as_call(
    kind: type[Any], values: Callable[[Any], tuple[Any, ...]], one: Any
) -> tuple[type[Any], tuple[Any, ...]]:
    return kind, values(one)


def _work(context: Context, packed: bytes) -> bytes:
    """The readings of a batch; None for a mail that asks what is known of a series."""
    with without_collector():
        return pickle.dumps(_readings(context, packed), pickle.HIGHEST_PROTOCOL)


def _readings(context: Context, packed: bytes) -> list[Reading | None]:
    asked: list[str] = []
    problems: list[Problem] = []

    def known(series_uid: str) -> Sequence[str]:
        asked.append(series_uid)
        return ()

    reader = MailReader(replace(context, known=known), problems.append)
    made: list[Reading | None] = []
    for values in marshal.loads(packed):  # noqa: S302 - our own
        reading = reader.of_mailbox(Raw(*values))
        reading.problems = tuple(problems)
        problems.clear()
        made.append(None if asked else reading)
        asked.clear()
    return made
