"""How are listed messages fetched for the fewest units, so that none is lost to an error?

A thread is fetched whole where that is cheaper than its wanted messages one by one (facts/google.md
2.2). No batch requests: n calls in a batch cost n and fail together with "too many concurrent
requests"; a few requests under way on kept connections reach any quota that there is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field

from config.errors import ItemGone, NoshowError
from connectors.google.client import Google, Json, Prices
from connectors.google.json_values import items
from connectors.google.mail.fetch_order import NEVER
from connectors.google.mail.parse import ASKED_HEADERS, MESSAGE_MASK, message
from connectors.interfaces import Failure, Listed, Page
from connectors.model.records import MessageSeen
from connectors.transport.client import Unsettled

_FETCHED_A_PAGE = 25
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
    google: Google, wanted: Sequence[Listed], names: Mapping[str, str], workers: int
) -> Iterator[Page]:
    """Pages that settle each wanted id as a message or a failure; threads may bring more.

    `names`: the user's labels by id. `workers`: requests under way at once. What was fetched before
    an error is handed over first; so is what was under way, since it is paid for.
    """
    fetcher = _Fetcher(google, names)
    got = _Got()
    bad: list[Failure] = []
    in_a_row = 0
    with closing(fetcher.results(jobs(wanted, google.prices), workers)) as results:
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


@dataclass(frozen=True, slots=True)
class _Fetcher:
    google: Google
    names: Mapping[str, str]

    def results(
        self, jobs: Iterator[_Job], workers: int
    ) -> Generator[_Got | NoshowError, None, None]:
        """The jobs' results in order, a few under way at once. An error ends it, as its last."""
        running: deque[Future[_Got]] = deque()
        with ThreadPoolExecutor(workers, thread_name_prefix="gmail") as pool:
            try:
                trouble: NoshowError | None = None
                more = True
                while more or running:
                    while more and trouble is None and len(running) < workers:
                        job = next(jobs, None)
                        more = job is not None
                        if job is not None:
                            running.append(pool.submit(self._get, job))
                    if trouble is not None:
                        more = False
                    if not running:
                        break
                    try:
                        yield running.popleft().result()
                    except NoshowError as error:
                        # What is under way is paid for: it is taken before the error ends it.
                        trouble = trouble or error
                if trouble is not None:
                    yield trouble
            finally:
                for future in running:
                    future.cancel()

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
        got.messages.append(message(item, self.names))

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
            got.messages.append(message(item, self.names))
        # Not in its thread may mean deleted or moved: only the message itself can tell. And where
        # the thread as a whole cannot be had, its messages perhaps can; if not even the first,
        # the others would only cost time.
        for message_id in job.ids:
            if message_id not in found:
                self._get_message(message_id, got)
