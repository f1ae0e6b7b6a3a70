"""What does Graph show of a meeting in one calendar?

Renders a copy of the world's meeting as an `event`: the organiser's copy with everybody's answers,
a guest's copy with the own answer alone. Facts: facts/microsoft.md 1.2 to 1.6, 9. What Exchange does
differently from Google: a cancelled meeting disappears from its organiser's calendar and stays in
a guest's, marked `isCancelled`; so it does for a guest who was merely taken off the list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from config.clock import from_micros, to_micros
from connectors.sandbox.microsoft.values import (
    NEVER,
    NOT_RESPONDED,
    Json,
    global_object_id,
    pack,
    person,
    stamp,
    wall,
    windows,
)
from connectors.sandbox.world.mailboxes import digest
from connectors.sandbox.world.mails import PRIVATE
from connectors.sandbox.world.meetings import Copy, Meeting, Seat
from connectors.sandbox.world.people import Account, Human
from connectors.sandbox.world.state import State

_ANSWERS = {
    "accepted": "accepted",
    "declined": "declined",
    "tentative": "tentativelyAccepted",
    "needsAction": "notResponded",
}
_SHOWN = {"outOfOffice": "oof", "workingLocation": "workingElsewhere"}
_SENSITIVITY = {"private": "private", "confidential": "confidential"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of one calendar. `original` is None for a single meeting and for a master."""

    account: Account
    calendar: str
    meeting: Meeting
    copy: Copy
    original: int | None
    cancelled: bool
    master: bool

    @property
    def key(self) -> tuple[str, int | None]:
        return self.meeting.uid, self.original

    @property
    def slot(self) -> tuple[int, int]:
        return self.meeting.slot(self.original)

    @property
    def kind(self) -> str:
        if self.master:
            return "seriesMaster"
        if self.original is None:
            return "singleInstance"
        return "exception" if self.original in self.meeting.exceptions else "occurrence"

    def id(self, immutable: bool) -> str:
        return pack("e", self.calendar, *self.key, immutable=immutable)


def organises(account: Account, meeting: Meeting, calendar: str) -> bool:
    return account.owns(meeting.organizer) or meeting.organizer == calendar


def find(
    state: State, account: Account, calendar: str, uid: str, original: int | None
) -> Entry | None:
    """The entry as it stands, None where it has gone from this calendar."""
    meeting = state.meetings.get(uid)
    copy = meeting.copies.get(calendar) if meeting else None
    if meeting is None or copy is None:
        return None
    master = meeting.rule is not None and original is None
    whole, part = copy.gone.get(None, ""), copy.gone.get(original, "")
    ours = organises(account, meeting, calendar)
    gone = {"removed", "handed_over"} | ({"cancelled"} if ours else set())
    if whole in gone or part in gone:
        return None
    if original is not None and original not in meeting.originals():
        return None
    seen = copy.frozen or meeting
    return Entry(account, calendar, seen, copy, original, bool(whole or part), master)


def entries(
    state: State,
    account: Account,
    calendar: str,
    window: tuple[int, int] | None,
    *,
    masters: bool = False,
) -> list[Entry]:
    """What overlaps the window, single meetings first and then occurrences, each by its start."""
    found = []
    for uid in dict.fromkeys(state.calendars.get(calendar, ())):
        meeting = state.meetings[uid]
        keys = meeting.originals() if meeting.rule is not None else (None,)
        inside = []
        for original in keys:
            entry = find(state, account, calendar, uid, original)
            if entry is not None and (window is None or overlaps(entry, window)):
                inside.append(entry)
        master = find(state, account, calendar, uid, None)
        if masters and inside and master is not None and master.master:
            found.append(master)
        found += inside
    return sorted(found, key=lambda one: (one.original is not None, one.slot[0], one.meeting.uid))


def overlaps(entry: Entry, window: tuple[int, int]) -> bool:
    start, end = entry.slot
    return start < window[1] and max(end, start + 1) > window[0]


def changed(state: State, calendar: str, version: int) -> Iterator[str]:
    """The UIDs whose entries in this calendar changed after a version, in the order of change."""
    last = {}
    for uid in dict.fromkeys(state.calendars.get(calendar, ())):
        copy = state.meetings[uid].copies.get(calendar)
        newest = max((one.version for one in copy.touched.values()), default=0) if copy else 0
        if newest > version:
            last[uid] = newest
    return iter(sorted(last, key=lambda uid: last[uid]))


def slim(entry: Entry, immutable: bool) -> Json:
    """An unchanged occurrence as delta gives it: nothing but its place in the series."""
    full = render(entry, immutable, body=False)
    kept = ("@odata.type", "@odata.etag", "id", "seriesMasterId", "type", "start", "end")
    return {name: full[name] for name in kept}


def render(entry: Entry, immutable: bool, *, body: bool, zone: str = "UTC") -> Json:
    """The whole event. `body`: the token may read it (Calendars.Read), so it is there."""
    meeting, copy, account = entry.meeting, entry.copy, entry.account
    start, end = entry.slot
    touch = copy.touched.get(entry.original) or copy.touched[None]
    ours = organises(account, meeting, entry.calendar)
    seats = meeting.seats_of(entry.original)
    tag = f"{digest(entry.calendar, *entry.key, touch.version):016x}"
    shown = "UTC" if meeting.all_day else zone
    mark = copy.private.get("noshow", "")
    event: Json = {
        "@odata.type": "#microsoft.graph.event",
        "@odata.etag": f'W/"{tag}"',
        "id": entry.id(immutable),
        "createdDateTime": stamp(meeting.created, 7),
        "lastModifiedDateTime": stamp(touch.updated, 2),
        "changeKey": tag,
        "categories": [f"noshow: {mark}"] if mark else [],
        "iCalUId": global_object_id(meeting.uid, _day(entry)),
        "type": entry.kind,
        "seriesMasterId": pack("e", entry.calendar, meeting.uid, None, immutable=immutable)
        if entry.original is not None
        else None,
        "subject": f"Canceled: {meeting.title}" if entry.cancelled else meeting.title,
        "isAllDay": meeting.all_day,
        "isCancelled": entry.cancelled,
        "isDraft": False,
        "isOrganizer": ours,
        "hideAttendees": meeting.guests_hidden,
        "sensitivity": _SENSITIVITY.get(meeting.visibility, "normal"),
        "showAs": "free" if meeting.free or entry.cancelled else _SHOWN.get(meeting.kind, "busy"),
        "responseRequested": True,
        "originalStartTimeZone": windows(meeting.zone),
        "originalEndTimeZone": windows(meeting.zone),
        "start": wall(start, shown),
        "end": wall(end, shown),
        "organizer": person(Human(meeting.organizer, meeting.organizer_name)),
        "responseStatus": _own_status(seats, entry, ours),
        "attendees": _attendees(entry, seats, ours),
        "isOnlineMeeting": bool(meeting.conference),
        "onlineMeetingProvider": "teamsForBusiness" if meeting.conference else "unknown",
        "onlineMeeting": {"joinUrl": join_url(meeting)} if meeting.conference else None,
        "location": {"displayName": meeting.location, "locationType": "default"},
        "webLink": f"https://outlook.example/calendar/item/{tag}",
    }
    if entry.original is not None:
        event["originalStart"] = stamp(_original_start(entry))
    if body:
        event["body"] = {"contentType": "text", "content": f"{PRIVATE}: {meeting.description}"}
        event["bodyPreview"] = PRIVATE
    return event


def join_url(meeting: Meeting) -> str:
    """A Teams address with the characters that must be quoted once more in a filter."""
    code = meeting.conference.replace("-", "")
    return f"https://teams.microsoft.com/l/meetup-join/19%3ameeting_{code}%40thread.v2/0?context=x"


def _day(entry: Entry) -> datetime | None:
    if entry.original is None:
        return None
    zone = "UTC" if entry.meeting.all_day else entry.meeting.zone
    return from_micros(entry.original).astimezone(ZoneInfo(zone))


def _original_start(entry: Entry) -> int:
    """Exchange gives the original start of an all-day series in local midnight (facts 1.5)."""
    original = entry.original or 0
    if not entry.meeting.all_day:
        return original
    midnight = from_micros(original).replace(tzinfo=ZoneInfo(entry.account.zone))
    return to_micros(midnight)


def _own_status(seats: dict[str, Seat], entry: Entry, ours: bool) -> Json:
    """The answer of whose calendar it is, whoever reads it."""
    if ours:
        return {"response": "organizer", "time": NEVER}
    account = entry.account
    owners = (one.owner for one in account.calendars if one.id == entry.calendar)
    whose = next(owners, account.address)
    mine = account.owns(whose)
    held = (
        seat
        for seat in seats.values()
        if (account.owns(seat.address) if mine else seat.address == whose)
    )
    own = next(held, None)
    return _status(own) if own else {"response": "none", "time": NEVER}


def _status(seat: Seat) -> Json:
    answer = _ANSWERS[seat.response]
    if seat.responded_at is not None:
        return {"response": answer, "time": stamp(seat.responded_at, 3)}
    return {"response": answer, "time": NOT_RESPONDED if answer == "notResponded" else NEVER}


def _attendees(entry: Entry, seats: dict[str, Seat], ours: bool) -> list[Json]:
    meeting, account = entry.meeting, entry.account
    lines: list[Json] = []
    if not ours and seats:
        lines.append(
            {
                "type": "required",
                "status": {"response": "none", "time": NEVER},
                **person(Human(meeting.organizer, meeting.organizer_name)),
            }
        )
    for seat in seats.values():
        if seat.address == meeting.organizer:
            continue
        own = account.owns(seat.address)
        if meeting.guests_hidden and not ours and not own:
            continue
        line: Json = {
            "type": "resource" if seat.resource else "optional" if seat.optional else "required",
            "status": _status(seat) if ours else {"response": "none", "time": NEVER},
            **person(Human(seat.address, seat.name)),
        }
        if own and not ours:
            line["status"] = {"response": _ANSWERS[seat.response], "time": NEVER}
        if ours and seat.proposed_start is not None:
            length = entry.slot[1] - entry.slot[0]
            line["proposedNewTime"] = {
                "start": wall(seat.proposed_start),
                "end": wall(seat.proposed_start + length),
            }
        lines.append(line)
    return lines
