"""Which mails does a Gmail mailbox hold, and what changed since the last look?

facts/google.md 2.1 to 2.3. The history id is taken before the first list, so that nothing falls
between the two. Ids are listed at once and fetched later, in the order that the store asks for, by
`fetch` (connectors.google.fetching).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.errors import CursorLost, ItemGone, ProviderError
from connectors.base import Listed, Page, Window
from connectors.google.client import Google, Json, account_of, confirm_owner
from connectors.google.fetching import fetched
from connectors.google.listing import everything
from connectors.google.ordering import NEVER, band, in_order
from connectors.google.parse_message import (
    ASKED_HEADERS,
    MESSAGE_MASK,
    SILENT,
    label_change,
)
from connectors.model.records import LabelChange

_LISTED_A_PAGE = 500
_MOST_PAGES = 20_000
#: So many messages are asked for their date before ids are believed to tell it.
_SAMPLES = 3


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


@dataclass
class GoogleMail:
    """A MailSource (connectors.base) over one login.

    `in_flight`: requests under way at once; 0 chooses: two keep pace with 300 messages a minute
    (today's quota), six with the 3,000 of old projects. `addresses`: the owner's own, normalised; a
    full round under another account's login raises AuthError (empty: not looked at). `sought`: the
    times whose mail a report needs most, asked for when a full round is planned.
    """

    google: Google
    in_flight: int = 0
    addresses: frozenset[str] = frozenset()
    sought: Callable[[], Sequence[Window]] = tuple
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
        # Two at once keep pace with 300 messages a minute, six with old projects' 3,000.
        workers = self.in_flight or (2 if self.google.prices.get >= 20 else 6)
        yield from fetched(self.google, wanted, self._names, workers)

    def _everything(self, since: int) -> Iterator[Page]:
        profile = self.google.profile()
        confirm_owner(account_of(profile), self.addresses)
        newest = str(profile.get("historyId") or "")
        if not newest.isdecimal():
            raise ProviderError("Gmail's profile holds no history id")
        self._learn_labels(anew=True)
        now = self.google.transport.clock.micros()
        sought = self.sought()
        samples = _SAMPLES if sought else 0
        listing = everything(
            self.google, self._label_ids, tuple(self._names), since, samples=samples
        )
        window = None if listing.since is None else Window(listing.since, now)
        wanted = in_order(listing, now, sought)
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
