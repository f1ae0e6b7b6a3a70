"""Which meetings do the calendars of a Google mailbox hold, and what changed since the last poll?

facts/google.md 1.1 and 1.2. A round is a chain of pages; only its last one carries the token for
the next round. A full round is bounded by `timeMin` alone (what may be combined with a later token
is not promised for more), and rounds from a token are not bounded at all: so the horizon is drawn
here. Only unmoved occurrences of series are cut at it, since endless series are what explodes
(700 rows for one touched series); a single meeting or a moved occurrence beyond it may be the move
of one that we know. Even those are named as `far`: one that had been moved to this side and went
back is stored. What enters the horizon later is found by `snapshot`, the nightly bounded list. In
the same way a touched series does not bring back what lies before the window.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from config.clock import from_micros
from config.errors import ConfigError, CursorLost, ProviderError
from connectors.google.calendar import machine_declines
from connectors.google.calendar.parse import (
    EVENT_MASK,
    Owner,
    is_named,
    meeting,
    original_start,
    shown_start,
)
from connectors.google.client import Google, Json
from connectors.interfaces import Failure, Page, Window
from connectors.model.records import MeetingSeen, Status
from connectors.transport.error_table import Asked

#: What must be the same in every request of a token's life (facts/google.md 1.1).
FROZEN: Mapping[str, Any] = {
    "singleEvents": True,
    "showDeleted": True,
    "timeZone": "UTC",
    "maxResults": 1000,
    "fields": f"nextPageToken,nextSyncToken,items({EVENT_MASK})",
}
#: A round of more pages than this does not end: 5 million events.
_MOST_PAGES = 5_000
PRIMARY = "primary"
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a round stands; as JSON it is the cursor.

    `token`: the sync token the round began from ("" for a full one). `page`: the next page's token
    ("" where the round is over). `start`, `end`: the window of a full round [µs UTC].
    """

    token: str = ""
    page: str = ""
    start: int = 0
    end: int = 0

    def written(self) -> str:
        return json.dumps([1, self.token, self.page, self.start, self.end])

    @classmethod
    def read(cls, cursor: str) -> Place:
        """Raises CursorLost for what no version of ours has written: a re-list heals it."""
        try:
            version, token, page, start, end = json.loads(cursor)
            if version != 1 or not (token or page):
                raise ValueError("not ours")
            return cls(str(token), str(page), int(start), int(end))
        except (ValueError, TypeError) as error:
            raise CursorLost("the stored calendar cursor cannot be read") from error


@dataclass
class GoogleCalendar:
    """A CalendarSource (connectors.interfaces) over one login.

    `chosen`: calendar ids from the settings. `addresses`: the owner's own, normalised.
    `colours`: {colour id: mark} where the owner marks meetings by colour. `page_size`: how many
    events a page may hold; it freezes with a sync token as the other parameters do.
    """

    google: Google
    chosen: Sequence[str] = (PRIMARY,)
    addresses: frozenset[str] = frozenset()
    colours: Mapping[str, str] = field(default_factory=dict)
    page_size: int = FROZEN["maxResults"]

    @property
    def _frozen(self) -> dict[str, Any]:
        return {**FROZEN, "maxResults": self.page_size}

    @property
    def parameters(self) -> str:
        """The hash of all that freezes with a sync token."""
        return hashlib.sha256(json.dumps(self._frozen, sort_keys=True).encode()).hexdigest()[:16]

    def calendars(self) -> tuple[str, ...]:
        """The chosen calendars, the primary one first, each once."""
        own = {PRIMARY, *self.addresses}
        return tuple(
            sorted(dict.fromkeys(self.chosen), key=lambda calendar: calendar.lower() not in own)
        )

    def pages(self, calendar: str, cursor: str | None, window: Window) -> Iterator[Page]:
        """Pages from the cursor on; None begins a full round over the window.

        Raises CursorLost where Google no longer knows the token, ConfigError where the login
        cannot see the calendar, else as `Transport.send`.
        """
        place = Place(start=window.start, end=window.end) if cursor is None else Place.read(cursor)
        begun_here = cursor is None
        seen: set[str] = set()
        while True:
            try:
                answer = self._list(calendar, place)
            except CursorLost:
                if not place.page or begun_here:
                    raise
                # Only the page token has aged: the round begins again, what is stored stays.
                place = Place(place.token, "", place.start, place.end)
                begun_here = True
                continue
            begun_here = True
            page = _next(answer, "nextPageToken")
            token = _next(answer, "nextSyncToken")
            full = not place.token
            bounds = Window(place.start, place.end) if full else None
            found = self._found(calendar, answer, window, full=full, bounds=bounds)
            if page:
                if page in seen or len(seen) >= _MOST_PAGES:
                    raise ProviderError("the calendar's list does not end: a page came twice")
                seen.add(page)
                place = Place(place.token, page, place.start, place.end)
                yield replace(found, cursor=place.written())
                continue
            if not token:
                yield found
                raise ProviderError("the calendar's last page came without a sync token")
            yield replace(found, cursor=Place(token=token).written(), last=True)
            return

    def snapshot(self, calendar: str, window: Window) -> Iterator[Page]:
        """A full listing of the window, without any token; the stored cursor stays."""
        parameters = {
            **self._frozen,
            "timeMin": _stamp(window.start),
            # Google reads whole seconds: rather one second too many than a start that is left out.
            "timeMax": _stamp(window.end + _SECOND - 1),
        }
        page = ""
        seen: set[str] = set()
        while True:
            more = {"pageToken": page} if page else {}
            answer = self._ask(calendar, {**parameters, **more}, Asked.LISTING)
            page = _next(answer, "nextPageToken")
            if page in seen or len(seen) >= _MOST_PAGES:
                raise ProviderError("the calendar's list does not end: a page came twice")
            seen.add(page)
            found = self._found(calendar, answer, window, full=True, bounds=window)
            yield replace(found, last=not page)
            if not page:
                return

    def _list(self, calendar: str, place: Place) -> Json:
        parameters = self._frozen
        if place.token:
            # Never with timeMin or timeMax: Google refuses the combination.
            parameters["syncToken"] = place.token
        else:
            parameters["timeMin"] = _stamp(place.start)
        if place.page:
            parameters["pageToken"] = place.page
        asked = Asked.CURSOR if place.token or place.page else Asked.LISTING
        return self._ask(calendar, parameters, asked)

    def _ask(self, calendar: str, parameters: Mapping[str, Any], asked: Asked) -> Json:
        try:
            return self.google.events(calendar, asked, parameters)
        except ProviderError as error:
            if error.status != 404 or isinstance(error, CursorLost):
                raise
            raise ConfigError(
                f"calendar number {self.calendars().index(calendar) + 1} of this mailbox does "
                "not exist, or its login cannot see it",
                hint="correct `calendars` of the mailbox in the settings; its own one is 'primary'",
            ) from error

    def _found(
        self, calendar: str, answer: Json, window: Window, *, full: bool, bounds: Window | None
    ) -> Page:
        """The answer's meetings, the occurrences outside the window, and what has no id."""
        owner = Owner(
            self.addresses,
            calendar == PRIMARY or calendar.lower() in self.addresses,
            self.colours,
        )
        now = self.google.transport.clock.micros()
        listed = answer.get("items")
        items = (
            [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
        )
        by_machine = machine_declines.at_once(items)
        seen: list[MeetingSeen] = []
        far: list[MeetingSeen] = []
        nameless = [item for item in items if not is_named(item)]
        for item in items:
            record = meeting(item, calendar, owner, now, by_machine)
            if record is not None:
                (far if _outside(record, item, window) else seen).append(record)
        return Page(
            meetings=tuple(seen),
            far=tuple(far),
            failed=(Failure("", "an entry without an id", final=True),) if nameless else (),
            full=full,
            window=bounds,
        )


def _outside(record: MeetingSeen, item: Json, window: Window) -> bool:
    """An occurrence that is nothing but the series going on, before or behind the window.

    A stub stays: it may end an occurrence that had been moved into it.
    """
    if record.status is Status.HIDDEN:
        # It has no series that could be told; endless ones would come whole.
        shown = shown_start(item)
        return shown is not None and not window.start <= shown < window.end
    start = record.start_at
    original = original_start(item) if item.get("recurringEventId") else None
    if record.stub or start is None or original is None:
        return False
    end = start if record.end_at is None else record.end_at
    before = end <= window.start and original < window.start
    return before or (start >= window.end and original >= window.end)


def _next(answer: Json, name: str) -> str:
    value = answer.get(name)
    return value if isinstance(value, str) else ""


def _stamp(micros: int) -> str:
    return from_micros(micros).strftime("%Y-%m-%dT%H:%M:%SZ")
