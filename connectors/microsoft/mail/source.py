"""Which mails does a Microsoft 365 mailbox hold, and what changed since the last poll?

facts/microsoft.md 2.1 to 2.4. One delta chain a folder, over all folders but search folders, drafts
and the outbox. Lists carry the headers, so nothing waits to be fetched; meeting messages are read
once more for what they are about. A move between folders is "removed" here and "new" there: each
removed id is asked for before it counts as deleted. A chain that begins with a date shows 5,000
messages at most; what is older follows in slices of time. Links die when a round is left midway, so
a cursor holds only links of completed rounds: a folder begun is a folder begun anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from config.clock import from_micros
from config.errors import CursorLost, ProviderError
from connectors.interfaces import Failure, Listed, Page, Window
from connectors.microsoft.calendar.parse import Owner
from connectors.microsoft.client import Endless, Forbidden, Graph
from connectors.microsoft.mail.folders import Folder, fixed_ids, tree
from connectors.microsoft.mail.parse import (
    BASE,
    CASTS,
    HEADERS,
    Kind,
    Parsed,
    is_meeting_message,
    is_thin,
    parsed,
)
from connectors.microsoft.mail.single_reads import Reader
from connectors.microsoft.times import Json, instant, rows, text
from connectors.model.headers.mail_dates import LATEST
from connectors.model.records import MeetingSeen, MessageSeen

PAGE_SIZE = 250
#: A filtered delta shows this many messages and no more (facts 2.1).
MOST_FILTERED = 5_000
_SLICE = 30 * 86_400_000_000
_SECOND = 1_000_000
_FETCHED_A_PAGE = 40
_DELTA = "/me/mailFolders/{id}/messages/delta"
_LIST = "/me/mailFolders/{id}/messages"


@dataclass(slots=True)
class Chain:
    """How far one folder is. `link`: its delta link; `until` [µs UTC]: what is older than that
    still has to be listed in slices (0: nothing)."""

    kind: Kind
    link: str = ""
    until: int = 0


@dataclass(slots=True)
class Place:
    """Where the rounds stand; as JSON it is the cursor.

    `since` [µs UTC]: where the chains begin. `full`: a round over everything is under way.
    `fixed`: the ids of the fixed folders. `chains`: by folder id.
    """

    since: int
    full: bool = True
    fixed: dict[str, str] = field(default_factory=dict)
    chains: dict[str, Chain] = field(default_factory=dict)

    def written(self) -> str:
        chains = {key: [one.kind, one.link, one.until] for key, one in self.chains.items()}
        return json.dumps([1, self.since, self.full, self.fixed, chains])

    @classmethod
    def read(cls, cursor: str) -> Place:
        """Raises CursorLost for what no version of ours has written: a re-list heals it."""
        try:
            version, since, full, fixed, chains = json.loads(cursor)
            if version != 1:
                raise ValueError("not ours")
            return cls(
                int(since),
                bool(full),
                {str(key): str(value) for key, value in fixed.items()},
                {
                    str(key): Chain(kind, str(link), int(until))
                    for key, (kind, link, until) in chains.items()
                },
            )
        except (ValueError, TypeError, AttributeError) as error:
            raise CursorLost("the stored mail cursor cannot be read") from error


@dataclass(slots=True)
class Got:
    """What some ids turned out to be: mails, gone from the mailbox, or not to be read.

    `lacking`: what the mailbox does not tell of them (connectors.interfaces.Page). Of a list or a
    delta also `listed`, how many it showed, whatever they turned out to be, and `oldest` [µs UTC],
    the first of the moments by which it is sorted: not by a mail's own date.
    """

    found: list[Parsed] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    lacking: tuple[str, ...] | None = None
    listed: int = 0
    oldest: int | None = None

    @property
    def messages(self) -> tuple[MessageSeen, ...]:
        return tuple(one.message for one in self.found)

    @property
    def notices(self) -> tuple[MeetingSeen, ...]:
        return tuple(one.notice for one in self.found if one.notice is not None)

    def page(self) -> Page:
        return Page(
            meetings=self.notices,
            messages=self.messages,
            removed=tuple(self.gone),
            failed=tuple(self.failed),
            lacking=self.lacking,
        )


@dataclass
class MicrosoftMail:
    """A MailSource (connectors.interfaces) over one login.

    `addresses`: the owner's own, normalised. `zone`: the owner's IANA zone, in which the due date
    of a flag is a day. `page_size`: how many mails a page may hold; `most_filtered`: how many a
    filtered delta shows in all.
    """

    graph: Graph
    addresses: frozenset[str] = frozenset()
    zone: str = "UTC"
    page_size: int = PAGE_SIZE
    most_filtered: int = MOST_FILTERED
    _reader: Reader = field(init=False, repr=False)
    _kinds: dict[str, Kind] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._reader = Reader(self.graph)

    @property
    def parameters(self) -> str:
        """The hash of all that freezes with a delta link."""
        frozen = json.dumps([1, BASE, HEADERS, CASTS])
        return hashlib.sha256(frozen.encode()).hexdigest()[:16]

    def pages(self, cursor: str | None, since: int) -> Iterator[Page]:
        """Everything from `since` on (None), or what changed since the cursor.

        Raises CursorLost where a folder's chain is lost, else as `Transport.send`.
        """
        place = Place(since) if cursor is None else Place.read(cursor)
        began = self.graph.transport.clock.micros()
        place.fixed = place.fixed or fixed_ids(self.graph)
        folders = tree(self.graph, place.fixed)
        self._kinds = {one.id: one.kind for one in folders}
        self._settle(place, folders, since)
        window = Window(place.since, began) if place.full else None
        for folder in folders:
            for page in self._folder(folder, place):
                yield _in_round(page, place, window)
        full, place.full = place.full, False
        yield Page(cursor=place.written(), last=True, full=full, window=window)

    def fetch(self, wanted: Sequence[Listed]) -> Iterator[Page]:
        """Pages that settle each wanted id as a message or as gone."""
        self._learn()
        for at in range(0, len(wanted), _FETCHED_A_PAGE):
            ids = [one.provider_id for one in wanted[at : at + _FETCHED_A_PAGE]]
            got = self._read(ids)
            deleted = tuple(Failure(one, "deleted", final=True, gone=True) for one in got.gone)
            # What waited may be stored already, its deletion not yet verified: both are said.
            yield replace(got.page(), failed=(*deleted, *got.failed))

    def _settle(self, place: Place, folders: Sequence[Folder], since: int) -> None:
        """Fit the chains to the folders that there are, and to an earlier beginning."""
        place.chains = {one.id: place.chains[one.id] for one in folders if one.id in place.chains}
        for folder in folders:
            known = place.chains.get(folder.id)
            if known is not None and known.kind != folder.kind:
                # The folder was moved (into the deleted items, say): all its mails mean other
                # things now, and none of them is told anew.
                del place.chains[folder.id]
        if since < place.since:
            for chain in place.chains.values():
                chain.until = chain.until or place.since
            place.since = since

    def _folder(self, folder: Folder, place: Place) -> Iterator[Page]:
        """What is new in one folder; the pages that complete something bear the cursor."""
        chain = place.chains.get(folder.id)
        if chain is None:
            # In the place only once its round is complete: a cursor never passes what was not read.
            chain = Chain(folder.kind)
            count, oldest = 0, LATEST
            for got in self._begin(folder, place.since, chain):
                count += got.listed
                oldest = min(oldest, LATEST if got.oldest is None else got.oldest)
                yield got.page()
            if count >= self.most_filtered:
                # Where none of them says when it came, everything is listed again.
                chain.until = min(oldest, self.graph.transport.clock.micros() + _SLICE) + _SECOND
            place.chains[folder.id] = chain
            yield Page(cursor=place.written())
        elif chain.link:
            for got in self._go_on(chain):
                if got.found or got.gone or got.failed:
                    yield got.page()
        while chain.until > place.since:
            start = max(place.since, chain.until - _SLICE)
            for got in self._slice(folder, Window(start, chain.until)):
                yield got.page()
            chain.until = start
            yield Page(cursor=place.written())
        chain.until = 0

    def _begin(self, folder: Folder, since: int, chain: Chain) -> Iterator[Got]:
        """A chain's first round; its link is there once the last page was taken."""
        path = f"/mailFolders/{quote(folder.id, safe='')}/messages/delta"
        options = {
            "$select": self._reader.select(),
            "$filter": f"receivedDateTime ge {_stamp(since)}",
            "$orderby": "receivedDateTime desc",
        }
        try:
            answer = self.graph.get(path, options, name=_DELTA, page=self.page_size)
        except Forbidden:
            if not self._reader.without_headers():
                raise
            yield from self._begin(folder, since, chain)
            return
        for page in self._rest(answer, _DELTA):
            yield self._records(rows(page.get("value")))
            chain.link = text(page.get("@odata.deltaLink"))
        if not chain.link:
            raise ProviderError(f"{_DELTA}: the last page came without a delta link")

    def _go_on(self, chain: Chain) -> Iterator[Got]:
        """A later round: what is new, changed, or gone from the mailbox."""
        began = chain.link
        again = True
        while True:
            try:
                first = True
                following = ""
                answer = self.graph.follow(began, name=_DELTA, page=self.page_size)
                for page in self._rest(answer, _DELTA):
                    first = False
                    yield self._records(rows(page.get("value")))
                    following = text(page.get("@odata.deltaLink"))
            except CursorLost:
                # A link inside the round has aged: the round begins again, once.
                if first or not again:
                    raise
                again = False
                continue
            if not following:
                raise ProviderError(f"{_DELTA}: the last page came without a delta link")
            chain.link = following
            return

    def _slice(self, folder: Folder, window: Window) -> Iterator[Got]:
        """What lies in the folder from a time before the chain's reach."""
        path = f"/mailFolders/{quote(folder.id, safe='')}/messages"
        start, end = _stamp(window.start), _stamp(window.end)
        options = {
            "$select": self._reader.select(),
            "$filter": f"receivedDateTime ge {start} and receivedDateTime lt {end}",
            "$orderby": "receivedDateTime desc",
            "$top": str(self.page_size),
        }
        for page in self._rest(self.graph.get(path, options, name=_LIST), _LIST):
            yield self._records(rows(page.get("value")))

    def _rest(self, answer: dict[str, Any], name: str) -> Iterator[Json]:
        try:
            yield from self.graph.rest(answer, name=name, page=self.page_size)
        except Endless as error:
            raise ProviderError(error.message) from error

    def _records(self, items: Sequence[Json]) -> Got:
        """What a page of a list or a delta says; what it only names is read by its id."""
        plain: list[Json] = []
        again: list[str] = []
        listed: set[str] = set()
        for item in items:
            item_id = text(item.get("id"))
            removed = "@removed" in item
            if removed or is_thin(item) or is_meeting_message(item):
                again.append(item_id)
            else:
                plain.append(item)
            if not removed:
                listed.add(item_id)
        got = self._read(again)
        # Listed, and not there when asked for: it was deleted in between, or the mailbox's copies
        # are not of one mind yet. It waits, and the fetch decides.
        doubtful = [one for one in got.gone if one in listed]
        got.gone = [one for one in got.gone if one not in listed]
        got.failed += [Failure(one, "listed, but not found", final=False) for one in doubtful]
        got.found[:0] = [self._parsed(item) for item in plain]
        came = [instant(item.get("receivedDateTime")) for item in items]
        got.listed = len(items)
        got.oldest = min((one for one in came if one is not None), default=None)
        return got

    def _read(self, ids: Sequence[str]) -> Got:
        """Messages by their ids."""
        got = Got()
        for one in self._reader.read(ids):
            if one.item is not None:
                got.found.append(self._parsed(one.item))
            elif one.gone:
                got.gone.append(one.id)
            else:
                got.failed.append(Failure(one.id, one.reason, final=False))
        got.lacking = self._reader.lacking(read=bool(got.found))
        return got

    def _parsed(self, item: Json) -> Parsed:
        kind = self._kinds.get(text(item.get("parentFolderId")), "other")
        return parsed(item, kind, Owner(self.addresses, True, self.zone))

    def _learn(self) -> None:
        """The meaning of the folders, where no round has learnt it yet."""
        if not self._kinds:
            self._kinds = {one.id: one.kind for one in tree(self.graph, fixed_ids(self.graph))}


def _in_round(page: Page, place: Place, window: Window | None) -> Page:
    """The page as part of a round that lists everything, where it is one."""
    if not place.full:
        return page
    return replace(page, full=True, window=window)


def _stamp(micros: int) -> str:
    return from_micros(micros).strftime("%Y-%m-%dT%H:%M:%SZ")
