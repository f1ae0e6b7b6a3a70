"""How does Google write one event of one calendar?

Shapes: facts/google.md 1.3 (what survives a cancellation), 1.4 (fields), 7 (samples). `Quirks` holds
what is not documented or not confirmed, so that a client can be tried against both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from config.clock import from_micros
from connectors.sandbox.google.quirks import Quirks
from connectors.sandbox.world.mailboxes import digest
from connectors.sandbox.world.meetings import Copy, Meeting, Seat, Touch
from connectors.sandbox.world.people import Calendar
from connectors.sandbox.world.state import State

#: Up to so many guests see each other's answers (facts/google.md 1.4).
_PROPAGATED = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a listing: a single meeting, a master, an exception or an instance.

    `master` says that a whole series is meant, which ends at `reach` [µs UTC] (for windows only:
    its own end is that of its first occurrence). `deleted`: the entry is cancelled here.
    """

    meeting: Meeting
    copy: Copy
    original: int | None
    touch: Touch
    deleted: bool
    start: int
    end: int
    master: bool = False
    reach: int = 0

    @property
    def key(self) -> tuple[str, int]:
        return self.meeting.uid, -1 if self.original is None else self.original


@dataclass(frozen=True, slots=True)
class View:
    """For whom events are written: the calendar, the reply's zone, and what was asked."""

    state: State
    calendar: Calendar
    zone: str
    quirks: Quirks
    max_attendees: int | None = None
    details: bool = True


def instance_id(meeting: Meeting, original: int | None) -> str:
    """`<master>_<original start in UTC>`; the date alone for an all-day series."""
    if original is None:
        return meeting.id
    moment = from_micros(original)
    return (
        f"{meeting.id}_{moment:%Y%m%d}"
        if meeting.all_day
        else f"{meeting.id}_{moment:%Y%m%dT%H%M%SZ}"
    )


def stamp(micros: int) -> str:
    """RFC 3339 with milliseconds, as `created` and `updated` are written."""
    return from_micros(micros).strftime("%Y-%m-%dT%H:%M:%S.") + f"{micros // 1000 % 1000:03d}Z"


def event(row: Row, view: View) -> dict[str, Any]:
    """The event resource of one row."""
    meeting = row.copy.frozen or row.meeting
    updated = row.touch.updated if view.quirks.rsvp_moves_updated else row.touch.content_updated
    head: dict[str, Any] = {
        "kind": "calendar#event",
        # The etag is twice the µs of the last change (observed, facts/google.md 1.3).
        "etag": f'"{updated * 2}"',
        "id": instance_id(meeting, row.original),
        "status": "cancelled" if row.deleted else "confirmed",
    }
    if row.deleted:
        stub = _cancelled(row, meeting, view, head)
        if stub is not None:
            return stub
    if view.calendar.role in ("reader", "freeBusyReader") and (
        meeting.visibility in ("private", "confidential") or view.calendar.role == "freeBusyReader"
    ):
        return head | {"visibility": "private", **_times(row, meeting, view)}
    return head | _body(row, meeting, view, updated)


def _cancelled(
    row: Row, meeting: Meeting, view: View, head: dict[str, Any]
) -> dict[str, Any] | None:
    """The stub of a cancelled entry; None where this copy keeps its details."""
    if not view.quirks.stub_extras:
        head = {"id": head["id"], "status": head["status"]}
    if row.original is not None:
        if view.quirks.bare_instances:
            return head
        return head | {
            "recurringEventId": meeting.id,
            "originalStartTime": _moment(meeting, row.original, view),
        }
    why = row.copy.gone.get(None, "")
    organizes = meeting.organizer == row.copy.calendar
    if view.details and (why == "removed" or (why == "cancelled" and organizes)):
        return None
    if why == "uninvited" and view.quirks.wrong_start_on_removal:
        past = 7 * 86_400_000_000
        return head | {
            "start": _moment(meeting, row.start - past, view),
            "end": _moment(meeting, row.end - past, view),
        }
    return head


def _moment(meeting: Meeting, micros: int, view: View) -> dict[str, str]:
    if meeting.all_day:
        return {"date": from_micros(micros).strftime("%Y-%m-%d")}
    local = from_micros(micros).astimezone(ZoneInfo(view.zone))
    return {"dateTime": rfc3339(local), "timeZone": meeting.zone}


def rfc3339(local: datetime) -> str:
    """`2026-11-17T15:00:00+01:00`, and Z for UTC."""
    text = local.isoformat(timespec="seconds")
    return text[: -len("+00:00")] + "Z" if text.endswith("+00:00") else text


def _times(row: Row, meeting: Meeting, view: View) -> dict[str, Any]:
    return {"start": _moment(meeting, row.start, view), "end": _moment(meeting, row.end, view)}


def _body(row: Row, meeting: Meeting, view: View, updated: int) -> dict[str, Any]:
    exception = None if row.original is None else meeting.exceptions.get(row.original)
    organizer: dict[str, Any] = {"email": meeting.organizer}
    if meeting.organizer_name:
        organizer["displayName"] = meeting.organizer_name
    if meeting.organizer == view.calendar.id:
        organizer["self"] = True
    link = f"https://www.google.com/calendar/event?eid={digest(meeting.id, row.original):016x}"
    body: dict[str, Any] = {
        "htmlLink": link,
        "created": stamp(meeting.created),
        "updated": stamp(updated),
        "summary": meeting.title,
        "creator": organizer,
        "organizer": organizer,
        **_times(row, meeting, view),
        "iCalUID": meeting.uid,
        "sequence": exception.sequence if exception else meeting.sequence,
        "reminders": {"useDefault": True},
        "eventType": meeting.kind,
    }
    if meeting.description:
        body["description"] = meeting.description
    if meeting.location:
        body["location"] = meeting.location
    if row.master and meeting.rule is not None:
        body["recurrence"] = [meeting.rule.text()]
    if row.original is not None:
        body["recurringEventId"] = meeting.id
        body["originalStartTime"] = _moment(meeting, row.original, view)
    if meeting.free:
        body["transparency"] = "transparent"
    if meeting.visibility != "default":
        body["visibility"] = meeting.visibility
    if row.copy.color:
        body["colorId"] = row.copy.color
    if row.copy.private:
        body["extendedProperties"] = {"private": dict(row.copy.private)}
    if meeting.kind == "outOfOffice":
        body["outOfOfficeProperties"] = {
            "autoDeclineMode": "declineAllConflictingInvitations",
            "declineMessage": "Declined because I am out of office",
        }
    if meeting.conference:
        body |= _conference(meeting.conference)
    body |= _attendees(row, meeting, view)
    return body


def _conference(code: str) -> dict[str, Any]:
    uri = f"https://meet.google.com/{code}"
    return {
        "hangoutLink": uri,
        "conferenceData": {
            "conferenceId": code,
            "conferenceSolution": {"key": {"type": "hangoutsMeet"}, "name": "Google Meet"},
            "entryPoints": [{"entryPointType": "video", "uri": uri, "label": uri[8:]}],
        },
    }


def _attendees(row: Row, meeting: Meeting, view: View) -> dict[str, Any]:
    found: dict[str, Any] = {}
    organizes = meeting.organizer == view.calendar.id
    if meeting.guests_hidden:
        found["guestsCanSeeOtherGuests"] = False
    if meeting.guests_can_modify:
        found["guestsCanModify"] = True
    seats = list(meeting.seats_of(row.original).values())
    account = view.state.accounts.get(view.calendar.owner)
    mine = [seat for seat in seats if account is not None and account.owns(seat.address)]
    if meeting.guests_hidden and not organizes:
        seats = mine
    if view.max_attendees is not None and len(seats) > view.max_attendees:
        seats = mine
        found["attendeesOmitted"] = True
    # Answers reach the other guests' Google copies only where Google holds the meeting.
    # …and where no more than 200 are invited.
    foreign = view.state.human(meeting.organizer).system != "google"
    blind = not organizes and (foreign or len(seats) > _PROPAGATED)
    if seats:
        found["attendees"] = [
            _attendee(
                seat,
                meeting,
                own=seat in mine,
                known=not blind or seat in mine or seat.address == meeting.organizer,
            )
            for seat in seats
        ]
    return found


def _attendee(seat: Seat, meeting: Meeting, *, own: bool, known: bool) -> dict[str, Any]:
    response = seat.response if known else "needsAction"
    line: dict[str, Any] = {"email": seat.address, "responseStatus": response}
    if seat.name:
        line["displayName"] = seat.name
    if seat.address == meeting.organizer:
        line["organizer"] = True
    if own:
        line["self"] = True
    if seat.optional:
        line["optional"] = True
    if seat.resource:
        line["resource"] = True
    if seat.comment and known:
        line["comment"] = seat.comment
    return line
