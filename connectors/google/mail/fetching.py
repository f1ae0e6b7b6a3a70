"""How are listed messages fetched for the fewest units, so that none is lost to an error?

A thread is fetched whole where that is cheaper than its wanted messages one by one (facts/google.md
2.2). No batch requests: n calls in a batch cost n and fail together with "too many concurrent
requests"; some requests under way on kept connections (connectors.google.mail.lanes) reach any
quota that there is.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice

from config.errors import ItemGone, NoshowError
from connectors.google.client import Google, Json, Prices
from connectors.google.json_values import items
from connectors.google.mail.fetch_order import NEVER
from connectors.google.mail.lanes import MOST, Lanes
from connectors.google.mail.parse import ASKED_HEADERS, MESSAGE_MASK, message
from connectors.interfaces import Failure, Listed, Page
from connectors.model.records import MessageSeen
from connectors.transport.client import Unsettled

_FETCHED_A_PAGE = 25
#: So many jobs wait behind those under way.
_AHEAD = _FETCHED_A_PAGE
#: So many items in a row that fail by themselves are no longer a fault of the items.
_BAD_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class _Job:
    """One request to fetch: a whole thread, or one message (`thread` empty)."""

    ids: tuple[str, ...]
    thread: str = ""


@dataclass(slots=True)
class _Got:
    messages: list[MessageSeen] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    trouble: Unsettled | None = None

    @property
    def settled(self) -> int:
        return len(self.messages) + len(self.failed)

    def page(self) -> Page:
        return Page(messages=tuple(self.messages), failed=tuple(self.failed))


def fetched(
    google: Google,
    wanted: Sequence[Listed],
    names: Mapping[str, str],
    lanes: Lanes,
    own: frozenset[str] = frozenset(),
) -> Iterator[Page]:
    """Pages that settle each wanted id as a message or a failure; threads may bring more.

    `names`: the user's labels by id. `lanes`: how many requests are under way at once.
    `own`: the owner's addresses. What was
    fetched before an error is handed over first; so is what was under way, since it is paid for.
    """
    fetcher = _Fetcher(google, names, lanes, own)
    got = _Got()
    bad: list[Failure] = []
    in_a_row = 0
    with closing(fetcher.results(jobs(wanted, google.prices))) as results:
        for result in results:
            if isinstance(result, NoshowError):
                if got.settled:
                    yield got.page()
                raise result
            got.messages += result.messages
            if result.trouble:
                # Whose fault it is, the next ones tell: an outage counts against no message.
                bad += result.failed
                in_a_row += 1
                if in_a_row >= _BAD_IN_A_ROW:
                    if got.settled:
                        yield got.page()
                    raise result.trouble
                continue
            got.failed += bad + result.failed
            bad, in_a_row = [], 0
            if got.settled >= _FETCHED_A_PAGE:
                yield got.page()
                got = _Got()
    got.failed += bad
    if got.settled:
        yield got.page()


def jobs(wanted: Sequence[Listed], prices: Prices) -> Iterator[_Job]:
    """The cheapest requests for the wanted ids, in the order of the first of each thread."""
    threads: dict[str, list[str]] = {}
    for one in wanted:
        threads.setdefault(one.thread_id or one.provider_id, []).append(one.provider_id)
    known = {one.thread_id for one in wanted}
    for thread, listed in threads.items():
        ids = list(dict.fromkeys(listed))
        if thread in known and len(ids) > 1 and prices.thread <= len(ids) * prices.get:
            yield _Job(tuple(ids), thread)
        else:
            yield from (_Job((message_id,)) for message_id in ids)


class _Queue:
    """Which job may begin? None after the end, and none while some troubled ones wait to be seen."""

    def __init__(self) -> None:
        self._seen = 0
        self._troubled = 0
        self._ended = False
        self._changed = threading.Condition()

    def may_begin(self, number: int) -> bool:
        """May the job of this number, counted from 0, begin? Raises CancelledError after the end."""
        if self._ended:
            raise CancelledError
        return self._troubled < _BAD_IN_A_ROW or number <= self._seen

    def wait(self, number: int) -> None:
        """Until the job may begin."""
        with self._changed:
            self._changed.wait_for(lambda: self.may_begin(number))

    def done(self, *, troubled: bool) -> None:
        with self._changed:
            self._troubled += troubled

    def seen(self, *, troubled: bool) -> None:
        """The next result in order was looked at."""
        with self._changed:
            self._seen += 1
            self._troubled -= troubled
            self._changed.notify_all()

    def end(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()


@dataclass(frozen=True, slots=True)
class _Fetcher:
    google: Google
    names: Mapping[str, str]
    lanes: Lanes
    own: frozenset[str]
    queue: _Queue = field(default_factory=_Queue)

    def results(self, jobs: Iterator[_Job]) -> Generator[_Got | NoshowError, None, None]:
        """The jobs' results in order, many under way at once. An error ends it, as its last.

        Some jobs wait behind those under way, so that none stands still while a page is stored.
        """
        running: deque[Future[_Got]] = deque()
        numbered = enumerate(jobs)
        trouble: NoshowError | None = None
        with ThreadPoolExecutor(MOST, thread_name_prefix="gmail") as pool:
            try:
                while True:
                    if trouble is None:
                        room = self.lanes.width + _AHEAD - len(running)
                        for number, job in islice(numbered, max(room, 0)):
                            running.append(pool.submit(self._in_turn, number, job))
                    if not running:
                        break
                    try:
                        got = running.popleft().result()
                    except NoshowError as error:
                        # What is under way is paid for: it is taken before the error ends it.
                        trouble = trouble or error
                    except CancelledError:
                        pass
                    else:
                        self.queue.seen(troubled=got.trouble is not None)
                        yield got
                if trouble is not None:
                    yield trouble
            finally:
                self.queue.end()

    def _in_turn(self, number: int, job: _Job) -> _Got:
        while True:
            self.queue.wait(number)  # before a lane: who waits must hold none
            with self.lanes.one():
                if self.queue.may_begin(number):
                    try:
                        got = self._get(job)
                    except NoshowError:
                        # What has not begun would be paid for in vain.
                        self.queue.end()
                        raise
                    self.queue.done(troubled=got.trouble is not None)
                    return got

    def _get(self, job: _Job) -> _Got:
        got = _Got()
        try:
            if job.thread:
                self._get_thread(job, got)
            else:
                self._get_message(job.ids[0], got)
        except Unsettled as error:
            if not error.one_item:
                raise
            settled = {one.provider_id for one in got.messages}
            settled |= {one.provider_id for one in got.failed}
            reason = f"{error.status or 'no whole answer'} {error.reason}".strip()
            got.failed += [
                Failure(message_id, reason, final=False)
                for message_id in job.ids
                if message_id not in settled
            ]
            got.trouble = error
        return got

    def _get_message(self, message_id: str, got: _Got) -> None:
        try:
            item = self.google.message(message_id, ASKED_HEADERS, MESSAGE_MASK)
        except ItemGone:
            got.failed.append(Failure(message_id, "deleted", final=True, gone=True))
            return
        got.messages.append(message(item, self.names, self.own))

    def _get_thread(self, job: _Job, got: _Got) -> None:
        found: set[str] = set()
        answer: Json = {}
        try:
            answer = self.google.thread(job.thread, ASKED_HEADERS, MESSAGE_MASK)
        except ItemGone:
            pass
        except Unsettled as error:
            if not error.one_item:
                raise
        for item in items(answer.get("messages")):
            if not isinstance(item, dict) or not item.get("id"):
                continue
            is_wanted = item["id"] in job.ids
            if not is_wanted and not frozenset(items(item.get("labelIds"))).isdisjoint(NEVER):
                continue
            found.add(item["id"])
            got.messages.append(message(item, self.names, self.own))
        # Not in its thread may mean deleted or moved: only the message itself can tell. And where
        # the thread as a whole cannot be had, its messages perhaps can; if not even the first,
        # the others would only cost time.
        for message_id in job.ids:
            if message_id not in found:
                self._get_message(message_id, got)
