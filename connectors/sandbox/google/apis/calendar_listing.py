"""Which entries of a calendar does a listing see?

The rules of showDeleted, singleEvents, deltas and windows: facts/google.md 1.1 and 1.2. A change of a
series makes a delta under singleEvents explode into all its occurrences, as it does at Google's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.sandbox.google.apis.calendar_event import Row
from connectors.sandbox.google.call import Call
from connectors.sandbox.world.meetings import Copy, Meeting, Touch
from connectors.sandbox.world.people import Calendar

_DAY = 86_400_000_000
#: The end of an endless series, for windows.
_FOREVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a listing asks for. `deleted`: cancelled entries too; instants in [µs UTC].

    `since`: only what changed after this version. `low` bounds the end, `high` the start.
    """

    single: bool
    deleted: bool
    since: int | None = None
    low: int | None = None
    high: int | None = None
    updated_min: int | None = None
    types: tuple[str, ...] = ()
    uid: str = ""
    text: str = ""
    private: tuple[str, ...] = ()
    id: str = ""


def rows(call: Call, calendar: Calendar, wanted: Wanted) -> list[Row]:
    """The entries, in no order that matters."""
    found = []
    for uid in call.state.calendars.get(calendar.id, ()):
        meeting = call.state.meetings[uid]
        copy = meeting.copies[calendar.id]
        if wanted.id and meeting.id != wanted.id:
            continue
        if not _fits(meeting, copy, wanted):
            continue
        # A removed copy stands as it was when its owner removed it.
        shown = copy.frozen or meeting
        maker = _single if shown.rule is None else (_expanded if wanted.single else _folded)
        found += [row for row in maker(call, shown, copy, wanted) if _inside(call, row, wanted)]
    return found


def _fits(meeting: Meeting, copy: Copy, wanted: Wanted) -> bool:
    if wanted.types and meeting.kind not in wanted.types:
        return False
    if wanted.uid and meeting.uid != wanted.uid:
        return False
    if wanted.text and wanted.text.casefold() not in meeting.title.casefold():
        return False
    held = {f"{name}={value}" for name, value in copy.private.items()}
    return held.issuperset(wanted.private)


def _inside(call: Call, row: Row, wanted: Wanted) -> bool:
    version = row.touch.version if call.quirks.rsvp_in_delta else row.touch.content_version
    updated = row.touch.updated if call.quirks.rsvp_moves_updated else row.touch.content_updated
    if wanted.since is not None and version <= wanted.since:
        return False
    if wanted.updated_min is not None and updated < wanted.updated_min:
        return False
    if wanted.low is not None and max(row.end, row.reach) <= wanted.low:
        return False
    return wanted.high is None or row.start < wanted.high


def _buried(call: Call, copy: Copy, original: int | None) -> bool:
    """Deleted entries "will eventually disappear" (facts/google.md 1.3)."""
    at = copy.gone_at.get(original)
    return at is not None and call.state.now - at > call.quirks.tombstone_days * _DAY


def _single(call: Call, meeting: Meeting, copy: Copy, wanted: Wanted) -> Iterator[Row]:
    deleted = bool(copy.gone.get(None))
    if deleted and (not wanted.deleted or _buried(call, copy, None)):
        return
    yield Row(meeting, copy, None, copy.touched[None], deleted, meeting.start, meeting.end)


def _later(copy: Copy, original: int) -> Touch:
    """An occurrence changed when it did, or when its series did."""
    whole, own = copy.touched[None], copy.touched.get(original)
    return own if own is not None and own.version > whole.version else whole


def _expanded(call: Call, meeting: Meeting, copy: Copy, wanted: Wanted) -> Iterator[Row]:
    gone = bool(copy.gone.get(None))
    if gone and (not wanted.deleted or _buried(call, copy, None)):
        return
    reach = call.quirks.series_window_days * _DAY // 2
    for original in meeting.originals():
        if gone and abs(original - copy.gone_at[None]) > reach:
            continue
        exception = meeting.exceptions.get(original)
        deleted = (
            gone or bool(copy.gone.get(original)) or (exception is not None and exception.cancelled)
        )
        if deleted and not wanted.deleted:
            continue
        start, end = meeting.slot(original)
        yield Row(meeting, copy, original, _later(copy, original), deleted, start, end)


def _folded(call: Call, meeting: Meeting, copy: Copy, wanted: Wanted) -> Iterator[Row]:
    """Masters and exceptions; cancelled exceptions come even without showDeleted."""
    gone = bool(copy.gone.get(None))
    if not gone or (wanted.deleted and not _buried(call, copy, None)):
        starts = meeting.originals()
        endless = meeting.rule is not None and meeting.rule.endless
        last = _FOREVER if endless or not starts else starts[-1] + meeting.length
        yield Row(
            meeting,
            copy,
            None,
            copy.touched[None],
            gone,
            meeting.start,
            meeting.end,
            master=True,
            reach=last,
        )
    if gone:
        return
    for original, touch in copy.touched.items():
        if original is None or original not in meeting.exceptions:
            continue
        exception = meeting.exceptions[original]
        deleted = exception.cancelled or bool(copy.gone.get(original))
        yield Row(meeting, copy, original, touch, deleted, exception.start, exception.end)
