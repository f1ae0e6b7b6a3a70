"""How does Graph answer questions about who was in an online meeting?

Facts: facts/microsoft.md 3, 9: only the organiser may ask; the 50 newest reports are listed, without
their records; guests bear no address and callers not even a name.
"""

from __future__ import annotations

import re

from connectors.sandbox.microsoft.calendar_event import join_url, organises
from connectors.sandbox.microsoft.login import TENANT
from connectors.sandbox.microsoft.methods import Ask, Refused, not_found, paged
from connectors.sandbox.microsoft.values import Json, pack, stamp, unpack
from connectors.sandbox.world.acts import Participant
from connectors.sandbox.world.mailboxes import digest
from connectors.sandbox.world.meetings import Meeting
from connectors.sandbox.world.state import Conference

_NEWEST = 50
_FILTER = re.compile(r"JoinWebUrl\s+eq\s+'([^']+)'", re.IGNORECASE)


def answer(ask: Ask) -> Json:
    """One answer about online meetings."""
    if ask.method.id == "onlineMeetings.list":
        match = _FILTER.fullmatch(ask.query.get("$filter", ""))
        if match is None:
            raise Refused(400, "InvalidArgument", "Filter by JoinWebUrl is needed.")
        for meeting in _mine(ask):
            if join_url(meeting) == match.group(1):
                return {"value": [_meeting(meeting)]}
        return {"value": []}
    code = unpack(ask.values["meeting"])
    held = [
        one
        for one in sorted(ask.state.conferences, key=lambda one: one.started, reverse=True)
        if code[1:] == [one.code] and one.uid in {meeting.uid for meeting in _mine(ask)}
    ]
    if ask.method.id == "attendanceReports.list":
        return paged(ask, held[:_NEWEST], lambda one: _report(one, records=False), 50)
    chosen = next((one for one in held if one.id == ask.values["report"]), None)
    if chosen is None:
        raise not_found()
    if ask.method.id == "attendanceRecords.list":
        return paged(ask, list(chosen.participants), _record, ask.size(50, 250))
    return _report(chosen, records=ask.query.get("$expand") == "attendanceRecords")


def _mine(ask: Ask) -> list[Meeting]:
    return [
        meeting
        for meeting in ask.state.meetings.values()
        if meeting.conference and organises(ask.account, meeting, ask.account.address)
    ]


def _meeting(meeting: Meeting) -> Json:
    return {
        "id": pack("t", meeting.conference),
        "creationDateTime": stamp(meeting.created),
        "startDateTime": stamp(meeting.start),
        "endDateTime": stamp(meeting.end),
        "joinWebUrl": join_url(meeting),
        "subject": meeting.title,
    }


def _report(held: Conference, *, records: bool) -> Json:
    shown: Json = {
        "id": held.id,
        "totalParticipantCount": len(held.participants),
        "meetingStartDateTime": stamp(held.started, 1),
        "meetingEndDateTime": stamp(held.ended),
    }
    shown["attendanceRecords"] = [_record(one) for one in held.participants] if records else []
    return shown


def _record(one: Participant) -> Json:
    number = f"{digest(one.name, one.identity, one.joined):016x}"
    known = one.identity == "signed_in" and bool(one.address)
    seconds = (one.left - one.joined) // 1_000_000
    shown_name = one.name
    if one.identity == "phone":
        shown_name = "+44 20 **** **12"
    elif not known:
        shown_name = f"{one.name} (Guest)"
    return {
        "id": number,
        "emailAddress": one.address if known else None if one.identity == "phone" else "",
        "role": "Attendee" if one.identity != "phone" else "None",
        "totalAttendanceInSeconds": seconds,
        "identity": {
            "id": number if known else None,
            "displayName": shown_name,
            "tenantId": TENANT if known else None,
        },
        "attendanceIntervals": [
            {
                "joinDateTime": stamp(one.joined),
                "leaveDateTime": stamp(one.left),
                "durationInSeconds": seconds,
            }
        ],
    }
