"""Which meetings do the calendars of a Microsoft 365 mailbox hold, and what changed?

facts/microsoft.md 1.1, 1.2 and 8. Each round lists the whole rolling window by calendarView, which
shows every occurrence with its answers; what is stored and no longer listed has vanished, so that a
deleted occurrence is found although Graph says nothing of it. With `use_delta` a round first asks
calendarView/delta whether anything changed at all: nothing, and one request was the round; single
changes are read one by one; a changed series, a delta that does not end, or a window that has
rolled away from the delta's own leads back to the listing. A delta never decides what is gone:
`@removed` also stands for "moved out of the window", so each is asked for by its id.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from config.clock import from_micros
from config.errors import ConfigError, CursorLost, ProviderError
from connectors.interfaces import Failure, Page, Window
from connectors.microsoft.calendar.parse import MASTER, Owner, Unreadable, meeting
from connectors.microsoft.client import Endless, Graph, Part, unusable
from connectors.microsoft.times import Json, mapping, rows, text
from connectors.model import normal_forms
from connectors.model.records import MeetingSeen

log = logging.getLogger("noshow.microsoft")

PRIMARY = "primary"
#: calendarView gives 10 without it, and at most 1,000; delta pays no attention to small ones.
PAGE_SIZE = 500
_DAY = 86_400_000_000
#: The delta's own window reaches this much further, so that the rolling one stays inside it.
_AHEAD = 8 * _DAY
#: Deltas lose things (facts 8): so often everything is listed whatever they say.
_TRUSTED = 7 * _DAY
_MOST_DELTA_PAGES = 200
#: Where more changed than this, one listing is cheaper than asking for each.
_MOST_SINGLES = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where the rounds stand; as JSON it is the cursor.

    `link`: the delta link to go on from, "" without deltas. `end`: the end of its window, `listed`:
    when everything was listed last [both µs UTC].
    """

    link: str = ""
    end: int = 0
    listed: int = 0

    def written(self) -> str:
        return json.dumps([1, self.link, self.end, self.listed])

    @classmethod
    def read(cls, cursor: str) -> Place:
        """Raises CursorLost for what no version of ours has written: a re-list heals it."""
        try:
            version, link, end, listed = json.loads(cursor)
            if version != 1:
                raise ValueError("not ours")
            return cls(str(link), int(end), int(listed))
        except (ValueError, TypeError) as error:
            raise CursorLost("the stored calendar cursor cannot be read") from error


@dataclass(slots=True)
class _Changes:
    """What a delta round named. `anew`: more than can be told one by one."""

    whole: list[Json] = field(default_factory=list)
    slim: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    anew: bool = False


@dataclass
class MicrosoftCalendar:
    """A CalendarSource (connectors.interfaces) over one login.

    `chosen`: calendar names or ids from the settings. `addresses`: the owner's own, normalised.
    `zone`: the owner's IANA zone. `span_days`: the longest window of one request; Graph documents
    no limit. `page_size`: how many events a page may hold.
    """

    graph: Graph
    chosen: Sequence[str] = (PRIMARY,)
    addresses: frozenset[str] = frozenset()
    zone: str = "UTC"
    span_days: int = 180
    use_delta: bool = False
    page_size: int = PAGE_SIZE
    _ids: dict[str, str] = field(default_factory=dict, repr=False)
    _owners: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def parameters(self) -> str:
        """The hash of what a stored cursor depends on."""
        frozen = json.dumps([1, self.use_delta])
        return hashlib.sha256(frozen.encode()).hexdigest()[:16]

    def calendars(self) -> tuple[str, ...]:
        """The chosen calendars, the primary one first, each once."""
        return tuple(
            sorted(dict.fromkeys(self.chosen), key=lambda calendar: not self._is_primary(calendar))
        )

    def pages(self, calendar: str, cursor: str | None, window: Window) -> Iterator[Page]:
        """One round: a full one over the window, or (with `use_delta`) what changed since.

        Raises CursorLost where Graph no longer knows the delta, ConfigError where the login cannot
        see the calendar, else as `Transport.send`.
        """
        place = Place() if cursor is None else Place.read(cursor)
        now = self.graph.transport.clock.micros()
        if not self.use_delta:
            yield from self._listing(calendar, window, Place(listed=now))
            return
        fresh = place.link and place.end >= window.end and now - place.listed < _TRUSTED
        if fresh:
            changes, link = self._changed(place.link)
            if link and not changes.anew:
                yield from self._singles(calendar, changes, Place(link, place.end, place.listed))
                return
            if link:
                yield from self._listing(calendar, window, Place(link, place.end, now))
                return
        # The chain begins before the listing: what happens between the two is told once more.
        end = window.end + _AHEAD
        link = self._open(calendar, Window(window.start, end))
        yield from self._listing(calendar, window, Place(link, end, now))

    def snapshot(self, calendar: str, window: Window) -> Iterator[Page]:
        """A full listing of an explicit window; the stored cursor stays."""
        yield from self._listing(calendar, window, None)

    def _listing(self, calendar: str, window: Window, place: Place | None) -> Iterator[Page]:
        """Pages that list the window; the last one bears the cursor (facts 1.2: never midway)."""
        path = self._path(calendar) + "/calendarView"
        seen: dict[str, MeetingSeen] = {}
        try:
            for span in _spans(window, self.span_days * _DAY):
                for answer in self._view(calendar, path, span):
                    found, failed = self._records(calendar, rows(answer.get("value")))
                    fresh, doubled = _each_once(found, seen)
                    failed = (*failed, *doubled)
                    yield Page(meetings=fresh, failed=failed, full=True, window=window)
        except Endless as error:
            raise ProviderError(error.message) from error
        cursor = None if place is None else place.written()
        yield Page(cursor=cursor, last=True, full=True, window=window)

    def _view(self, calendar: str, path: str, span: Window) -> Iterator[Json]:
        # Without $select: with one, Graph leaves out when an event was made and changed (facts 1.1).
        options = {**_window_of(span), "$top": str(self.page_size)}
        try:
            yield from self.graph.pages(path, options, name="/me/calendarView")
        except CursorLost as error:
            raise ProviderError(error.message, status=error.status, reason=error.reason) from error
        except ProviderError as error:
            raise self._unknown(calendar, error) from error

    def _records(
        self, calendar: str, items: Sequence[Json]
    ) -> tuple[tuple[MeetingSeen, ...], tuple[Failure, ...]]:
        primary = self._is_primary(calendar)
        owner = Owner(self.addresses, primary, self.zone, "" if primary else self._whose(calendar))
        found, failed = [], []
        for item in items:
            try:
                record = meeting(item, calendar, owner)
            except Unreadable as error:
                failed.append(Failure(text(item.get("id")).strip(), str(error), final=True))
                continue
            if record is not None:
                found.append(record)
        return tuple(found), tuple(failed)

    def _open(self, calendar: str, window: Window) -> str:
        """A delta link that holds for the window; "" where there are no deltas that end.

        Some clouds offer none (facts 8). The listing does without, and finds a wrong calendar.
        """
        name = "/me/calendarView/delta"
        try:
            answer = self.graph.get(
                self._path(calendar) + "/calendarView/delta",
                _window_of(window),
                name=name,
                page=self.page_size,
            )
            return self._collect(answer)[1]
        except ProviderError as error:
            log.warning("%s: no deltas here (%s), the calendar is listed", name, error.status)
            return ""

    def _changed(self, link: str) -> tuple[_Changes, str]:
        """What a round from this link names, and the next link ("" where it does not end)."""
        name = "/me/calendarView/delta"
        pages, following = self._collect(self.graph.follow(link, name=name, page=self.page_size))
        changes = _Changes()
        for item in (one for page in pages for one in rows(page.get("value"))):
            item_id, kind = text(item.get("id")), item.get("type")
            if "@removed" in item:
                changes.removed.append(item_id)
            elif kind == MASTER:
                # Which occurrences it has lost is said nowhere: only a listing shows.
                changes.anew = True
            elif kind == "occurrence" or "attendees" not in item:
                changes.slim.append(item_id)
            else:
                changes.whole.append(item)
        asked = len(changes.slim) + len(changes.removed)
        changes.anew = changes.anew or asked > _MOST_SINGLES
        return changes, following

    def _collect(self, answer: Json) -> tuple[list[Json], str]:
        pages: list[Json] = []
        try:
            for page in self.graph.rest(answer, name="/me/calendarView/delta", page=self.page_size):
                pages.append(page)
                if len(pages) > _MOST_DELTA_PAGES:
                    raise Endless("/me/calendarView/delta: more pages than a calendar can fill")
        except Endless as error:
            log.warning("%s: the calendar is listed instead", error.message)
            return [], ""
        return pages, text(pages[-1].get("@odata.deltaLink"))

    def _singles(self, calendar: str, changes: _Changes, place: Place) -> Iterator[Page]:
        """Single changes: the thin ones are read whole, and what is gone is asked for by its id."""
        parts = [
            Part(item_id, f"/events/{quote(item_id, safe='')}", "/me/events/{id}")
            for item_id in dict.fromkeys(changes.slim + changes.removed)
        ]
        items, gone = list(changes.whole), []
        for told in self.graph.batch(parts) if parts else ():
            if told.status == 200:
                # Named as removed, and there: it has moved out of the window.
                items.append(told.body)
            elif told.status in (404, 410):
                gone.append(told.key)
            else:
                raise unusable(told, "/me/events/{id}")
        found, failed = self._records(calendar, items)
        yield Page(
            meetings=found,
            failed=failed,
            removed=tuple(gone),
            cursor=place.written(),
            last=True,
        )

    def _is_primary(self, calendar: str) -> bool:
        return calendar.lower() in {PRIMARY, *self.addresses}

    def _path(self, calendar: str) -> str:
        """The path of a calendar, found by its id or its name. Raises ConfigError."""
        if self._is_primary(calendar):
            return ""
        if not self._ids:
            for answer in self.graph.pages(
                "/calendars", {"$top": "100", "$select": "id,name,owner"}, name="/me/calendars"
            ):
                for row in rows(answer.get("value")):
                    found = text(row.get("id"))
                    self._ids[found] = found
                    self._ids.setdefault(text(row.get("name")).lower(), found)
                    whose = text(mapping(row.get("owner")).get("address"))
                    self._owners[found] = normal_forms.address(whose)
        known = self._ids.get(calendar) or self._ids.get(calendar.lower())
        if known is None:
            raise self._unknown(calendar, None)
        self._owners[calendar] = self._owners[known]
        return f"/calendars/{quote(known, safe='')}"

    def _whose(self, calendar: str) -> str:
        """Whose a calendar is that is not the main one: whoever shared it, or the reader."""
        if calendar not in self._owners:
            self._path(calendar)
        return self._owners[calendar]

    def _unknown(self, calendar: str, error: ProviderError | None) -> ProviderError | ConfigError:
        """The settings' fault where the calendar is not there; else the error as it is."""
        if error is not None and error.status != 404:
            return error
        return ConfigError(
            f"calendar number {self.calendars().index(calendar) + 1} of this mailbox does not "
            "exist, or its login cannot see it",
            hint="correct `calendars` of the mailbox in the settings; its own one is 'primary'",
        )


def _each_once(
    found: Sequence[MeetingSeen], seen: dict[str, MeetingSeen]
) -> tuple[tuple[MeetingSeen, ...], tuple[Failure, ...]]:
    """Those not `seen` yet, which are added to it; and a failure where one id names two meetings."""
    fresh, doubled = [], False
    for one in found:
        first = seen.setdefault(one.provider_id, one)
        if first is one:
            fresh.append(one)
        doubled |= (first.series_uid, first.recurrence_id) != (one.series_uid, one.recurrence_id)
    return tuple(fresh), (Failure("", "two entries under one id", final=True),) * doubled


def _spans(window: Window, longest: int) -> Iterator[Window]:
    """The window in pieces of at most `longest` [µs]."""
    start = window.start
    while start < window.end:
        end = min(window.end, start + longest)
        yield Window(start, end)
        start = end


def _window_of(window: Window) -> dict[str, str]:
    start, end = (
        from_micros(at).strftime("%Y-%m-%dT%H:%M:%SZ") for at in (window.start, window.end)
    )
    return {"startDateTime": start, "endDateTime": end}
