"""Which mails does a Gmail mailbox hold, and what changed since the last look?

facts/google.md 2.1 to 2.3. The history id is taken before the first list, so that nothing falls
between the two. Ids are listed at once and fetched later, in the order that the store asks for, by
`fetch`: whole threads where that costs fewer units. No batch requests: n calls in a batch cost n
and fail together with "too many concurrent requests"; a few requests in flight on kept connections
reach any quota that there is.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from config.errors import CursorLost, ItemGone, NoshowError, ProviderError
from connectors.base import Failure, Listed, Page, Window
from connectors.google.client import Google, Json
from connectors.google.listing import NEVER, band, everything, in_order
from connectors.google.parse_message import (
    ASKED_HEADERS,
    MESSAGE_MASK,
    SILENT,
    label_change,
    message,
)
from connectors.model.records import LabelChange, MessageSeen
from connectors.transport.loop import Unsettled

_LISTED_A_PAGE = 500
_FETCHED_A_PAGE = 25
#: So many items in a row that fail by themselves are no longer a fault of the items.
_BAD_IN_A_ROW = 3
_MOST_PAGES = 20_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where the history stands; as JSON it is the cursor.

    `start`: the history id to go on from. `page`: the next page's token inside a round, and
    `newest` the history id that the round will end with.
    """

    start: str
    page: str = ""
    newest: str = ""

    def written(self) -> str:
        return json.dumps([1, self.start, self.page, self.newest])

    @classmethod
    def read(cls, cursor: str) -> Place:
        """Raises CursorLost for what no version of ours has written: a re-list heals it."""
        try:
            version, start, page, newest = json.loads(cursor)
            if version != 1 or not str(start).isdecimal():
                raise ValueError("not ours")
            return cls(str(start), str(page), str(newest))
        except (ValueError, TypeError) as error:
            raise CursorLost("the stored mail cursor cannot be read") from error


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


@dataclass
class GoogleMail:
    """A MailSource (connectors.base) over one login. `in_flight`: requests under way at once."""

    google: Google
    in_flight: int = 4
    _names: dict[str, str] = field(default_factory=dict, repr=False)
    _label_ids: tuple[str, ...] = field(default=(), repr=False)

    @property
    def parameters(self) -> str:
        """The hash of all that freezes with a history id: the headers and the mask."""
        frozen = json.dumps([ASKED_HEADERS, MESSAGE_MASK])
        return hashlib.sha256(frozen.encode()).hexdigest()[:16]

    def pages(self, cursor: str | None, since: int) -> Iterator[Page]:
        """Everything there is (None), or what changed since the cursor.

        A full round names what is to be fetched and every label that it saw; where it could leave
        out mail older than `since` [µs UTC] its window says so. Raises CursorLost for a history
        that Gmail no longer keeps, else as `Transport.send`.
        """
        if cursor is None:
            yield from self._everything(since)
        else:
            yield from self._changes(Place.read(cursor))

    def fetch(self, wanted: Sequence[Listed]) -> Iterator[Page]:
        """Pages that settle each wanted id. May also bring other messages of the same threads.

        A message that fails by itself is a failure and not the end; what was fetched before an
        error is handed over first. Raises as `Transport.send`.
        """
        self._learn_labels()
        got = _Got()
        bad = 0
        with closing(self._results(self._jobs(wanted))) as results:
            for result in results:
                if isinstance(result, NoshowError):
                    if got.settled:
                        yield got.page()
                    raise result
                got.messages += result.messages
                got.failed += result.failed
                bad = bad + 1 if result.trouble else 0
                if result.trouble and bad >= _BAD_IN_A_ROW:
                    yield got.page()
                    raise result.trouble
                if got.settled >= _FETCHED_A_PAGE:
                    yield got.page()
                    got = _Got()
        if got.settled:
            yield got.page()

    def _everything(self, since: int) -> Iterator[Page]:
        newest = str(self.google.profile().get("historyId") or "")
        if not newest.isdecimal():
            raise ProviderError("Gmail's profile holds no history id")
        self._learn_labels(anew=True)
        now = self.google.transport.clock.micros()
        listing = everything(self.google, self._label_ids, tuple(self._names), since)
        window = None if listing.since is None else Window(listing.since, now)
        wanted = in_order(listing, now)
        chunks = [
            wanted[at : at + _LISTED_A_PAGE] for at in range(0, len(wanted), _LISTED_A_PAGE)
        ] or [[]]
        for number, chunk in enumerate(chunks, 1):
            last = number == len(chunks)
            yield Page(
                listed=tuple(chunk),
                # Of what is stored already, the labels may have changed while nobody looked.
                changes=tuple(
                    label_change(one.provider_id, listing.labels[one.provider_id], self._names)
                    for one in chunk
                ),
                cursor=Place(newest).written() if last else None,
                last=last,
                full=True,
                window=window,
            )

    def _changes(self, place: Place) -> Iterator[Page]:
        self._learn_labels(anew=True)
        seen: set[str] = set()
        begun_here = not place.page
        while True:
            try:
                answer = self.google.history(place.start, place.page)
            except CursorLost:
                if begun_here:
                    raise
                # Only the page token has aged: the round begins again from its history id.
                place, begun_here = Place(place.start), True
                continue
            begun_here = True
            # The first page's id: whatever happens during the round is listed by the next one.
            newest = place.newest or str(answer.get("historyId") or place.start)
            page = str(answer.get("nextPageToken") or "")
            if page and (page in seen or len(seen) >= _MOST_PAGES):
                raise ProviderError("Gmail's history does not end: a page came twice")
            seen.add(page)
            place = Place(place.start, page, newest) if page else Place(newest)
            listed, changes, removed = self._news(answer)
            yield Page(
                listed=listed,
                changes=changes,
                removed=removed,
                cursor=place.written(),
                last=not page,
            )
            if not page:
                return

    def _news(
        self, answer: Json
    ) -> tuple[tuple[Listed, ...], tuple[LabelChange, ...], tuple[str, ...]]:
        """What one page of history says: to fetch, changed, deleted. The last word counts."""
        now = self.google.transport.clock.micros()
        records = [one for one in _list(answer.get("history")) if isinstance(one, dict)]
        listed: dict[str, Listed] = {}
        labels: dict[str, frozenset[str]] = {}
        removed: dict[str, None] = {}
        # Gmail leaves out empty lists, and whether it fills the labels in here is not promised:
        # no labels on one message mean "none" only where others on the page have some.
        filled = any("labelIds" in told for record in records for told, _, _ in _relabelled(record))
        for record in records:
            for entry in _list(record.get("messagesAdded")):
                told = _told(entry)
                now_on = frozenset(_list(told.get("labelIds")))
                if told.get("id") and now_on.isdisjoint(NEVER):
                    listed[told["id"]] = Listed(
                        provider_id=told["id"],
                        thread_id=str(told.get("threadId") or ""),
                        # News of the kind that the report needs go before all that is old.
                        priority=band(now_on, spoken=now_on.isdisjoint(_LATER)),
                        not_after=now,
                    )
            for told, added, taken in _relabelled(record):
                if (added | taken) <= SILENT or told["id"] in listed:
                    continue
                before = labels.get(told["id"], frozenset())
                if "labelIds" in told or filled:
                    before = frozenset(_list(told.get("labelIds")))
                elif told["id"] not in labels:
                    asked = self._labels_of(told["id"])
                    if asked is None:
                        removed[told["id"]] = None
                        continue
                    before = asked
                labels[told["id"]] = (before | added) - taken
            for entry in _list(record.get("messagesDeleted")):
                gone = _told(entry).get("id")
                if gone:
                    listed.pop(gone, None)
                    labels.pop(gone, None)
                    removed[gone] = None
        if any(_is_own(label) and label not in self._names for label in _all(labels)):
            self._learn_labels(anew=True)
        changes = tuple(
            label_change(message_id, now_on, self._names)
            for message_id, now_on in labels.items()
            if now_on.isdisjoint(NEVER)
        )
        return tuple(listed.values()), changes, tuple(removed)

    def _labels_of(self, message_id: str) -> frozenset[str] | None:
        """The labels of one message now; None where it is gone."""
        try:
            answer = self.google.message(message_id, (), "id,labelIds")
        except ItemGone:
            return None
        return frozenset(_list(answer.get("labelIds")))

    def _learn_labels(self, *, anew: bool = False) -> None:
        if self._label_ids and not anew:
            return
        rows = [row for row in _list(self.google.labels().get("labels")) if isinstance(row, dict)]
        self._label_ids = tuple(str(row.get("id")) for row in rows if row.get("id"))
        self._names = {
            str(row["id"]): str(row.get("name") or row["id"])
            for row in rows
            if row.get("id") and (row.get("type") == "user" or _is_own(str(row["id"])))
        }

    def _jobs(self, wanted: Sequence[Listed]) -> Iterator[_Job]:
        """The cheapest requests for the wanted ids, in the order of the first of each thread."""
        threads: dict[str, list[str]] = {}
        for one in wanted:
            threads.setdefault(one.thread_id or one.provider_id, []).append(one.provider_id)
        known = {one.thread_id for one in wanted}
        prices = self.google.prices
        for thread, listed in threads.items():
            ids = list(dict.fromkeys(listed))
            if thread in known and len(ids) > 1 and prices.thread <= len(ids) * prices.get:
                yield _Job(tuple(ids), thread)
            else:
                yield from (_Job((message_id,)) for message_id in ids)

    def _results(self, jobs: Iterator[_Job]) -> Generator[_Got | NoshowError, None, None]:
        """The jobs' results in order, a few under way at once. An error ends it, as its last."""
        workers = max(1, self.in_flight)
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
        got.messages.append(message(item, self._names))

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
        for item in _list(answer.get("messages")):
            if not isinstance(item, dict) or not item.get("id"):
                continue
            is_wanted = item["id"] in job.ids
            if not is_wanted and not frozenset(_list(item.get("labelIds"))).isdisjoint(NEVER):
                continue
            found.add(item["id"])
            got.messages.append(message(item, self._names))
        # Not in its thread may mean deleted or moved: only the message itself can tell. And where
        # the thread as a whole cannot be had, its messages perhaps can; if not even the first,
        # the others would only cost time.
        for message_id in job.ids:
            if message_id not in found:
                self._get_message(message_id, got)


_LATER = ("SPAM", "TRASH", "CATEGORY_PROMOTIONS", "CATEGORY_SOCIAL", "CATEGORY_FORUMS")


def _relabelled(record: Json) -> Iterator[tuple[Json, frozenset[str], frozenset[str]]]:
    """The messages that a history record relabels, with the labels added and taken."""
    changes: dict[str, tuple[Json, set[str], set[str]]] = {}
    for key, side in (("labelsAdded", 1), ("labelsRemoved", 2)):
        for entry in _list(record.get(key)):
            told = _told(entry)
            if not told.get("id"):
                continue
            change = changes.setdefault(told["id"], (told, set(), set()))
            labels = change[side]
            assert isinstance(labels, set)  # noqa: S101 - the two sides of the tuple
            labels.update(_list(entry.get("labelIds")))
    for told, added, taken in changes.values():
        yield told, frozenset(added), frozenset(taken)


def _told(entry: object) -> Json:
    told = entry.get("message") if isinstance(entry, dict) else None
    return told if isinstance(told, dict) else {}


def _is_own(label: str) -> bool:
    return label.startswith("Label_")


def _all(labels: Mapping[str, frozenset[str]]) -> Iterator[str]:
    for some in labels.values():
        yield from some


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
