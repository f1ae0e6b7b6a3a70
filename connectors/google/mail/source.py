"""Which mails does a Gmail mailbox hold, and what changed since the last poll?

facts/google.md 2.1 to 2.3. The history id is taken before the first list, so that nothing falls
between the two. Ids are listed at once and fetched later, in the order that the store asks for, by
`fetch` (connectors.google.mail.fetching).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from config.errors import CursorLost, ItemGone, ProviderError
from connectors.google.client import Google, Json, account_of, confirm_owner
from connectors.google.json_values import items
from connectors.google.mail import history
from connectors.google.mail.fetch_order import NEVER, in_order
from connectors.google.mail.fetching import fetched
from connectors.google.mail.lanes import Lanes
from connectors.google.mail.listing import everything
from connectors.google.mail.parse import ASKED_HEADERS, MESSAGE_MASK, label_change
from connectors.interfaces import Listed, Page, Window
from connectors.model.headers.header_list import SINCE
from connectors.model.records import LabelChange

T = TypeVar("T")

_LISTED_A_PAGE = 500
_PRESENT_A_PAGE = 5_000
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
    """A MailSource (connectors.interfaces) over one login.

    `in_flight`: requests under way at once; 0: as many as the quota pays for. `addresses`: the owner's own, normalised; a
    full round under another account's login raises AuthError (empty: not looked at). `sought`: the
    times whose mail a report needs most, asked for when a full round is planned.
    """

    google: Google
    in_flight: int = 0
    addresses: frozenset[str] = frozenset()
    sought: Callable[[], Sequence[Window]] = tuple
    _names: dict[str, str] = field(default_factory=dict, repr=False)
    _label_ids: tuple[str, ...] = field(default=(), repr=False)
    _lanes: Lanes | None = field(default=None, repr=False)

    @property
    def parameters(self) -> str:
        """The hash of all that freezes with a history id: the first headers and the mask."""
        first = [one for one in ASKED_HEADERS if one not in SINCE]
        frozen = json.dumps([first, MESSAGE_MASK])
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
        lanes = self._open_lanes()
        yield from fetched(self.google, wanted, self._names, lanes, self.addresses)

    def _open_lanes(self) -> Lanes:
        """The lanes of this mailbox: what they have learned holds for the next batch too."""
        if self._lanes is None:
            # Two at once keep pace with 300 messages a minute, six with old projects' 3,000.
            first = self.in_flight or (2 if self.google.prices.get >= 20 else 6)
            steady = self.google.transport.clock.steady
            fixed = self.in_flight > 0
            self._lanes = Lanes(first, self.google.pressure, steady, fixed=fixed)
        return self._lanes

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
        labels, own = self._label_ids, tuple(self._names)
        listing = everything(self.google, labels, own, since, self._open_lanes(), samples=samples)
        window = None if listing.since is None else Window(listing.since, now)
        wanted = in_order(listing, now, sought)
        for present in _chunks(listing.older, _PRESENT_A_PAGE):
            yield Page(present=tuple(present), full=True, window=window)
        chunks = list(_chunks(wanted, _LISTED_A_PAGE)) or [[]]
        for number, chunk in enumerate(chunks, 1):
            last = number == len(chunks)
            yield Page(
                listed=tuple(chunk),
                # Of what is stored already, the labels may have changed while nobody looked.
                changes=tuple(
                    label_change(one.provider_id, listing.labels[one.provider_id], self._names)
                    for one in chunk
                    if one.provider_id not in listing.astray
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
        news = history.read(answer, self.google.transport.clock.micros(), self._labels_of)
        labels = news.labels
        if any(
            _is_own(label) and label not in self._names
            for told in labels.values()
            for label in told
        ):
            self._learn_labels(anew=True)
        changes = tuple(
            label_change(message_id, now_on, self._names)
            for message_id, now_on in labels.items()
            if now_on.isdisjoint(NEVER)
        )
        return tuple(news.listed.values()), changes, tuple(news.removed)

    def _labels_of(self, message_id: str) -> frozenset[str] | None:
        """The labels of one message now; None where it is gone."""
        try:
            answer = self.google.message(message_id, (), "id,labelIds")
        except ItemGone:
            return None
        return frozenset(items(answer.get("labelIds")))

    def _learn_labels(self, *, anew: bool = False) -> None:
        if self._label_ids and not anew:
            return
        rows = [row for row in items(self.google.labels().get("labels")) if isinstance(row, dict)]
        self._label_ids = tuple(str(row.get("id")) for row in rows if row.get("id"))
        self._names = {
            str(row["id"]): str(row.get("name") or row["id"])
            for row in rows
            if row.get("id") and (row.get("type") == "user" or _is_own(str(row["id"])))
        }


def _chunks(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for at in range(0, len(rows), size):
        yield rows[at : at + size]


def _is_own(label: str) -> bool:
    return label.startswith("Label_")
