"""What does the domain's calendar log say? reports.activities.list of the Reports API.

Facts: facts/google.md 1.5 A. For an administrator alone, with a scope of its own; of the calendars of
the administrator's domain; some hours late, 180 days back; the newest first. Seconds are counted
from the year 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from config.clock import MICROSECONDS, from_micros, to_micros
from connectors.model import normal_forms
from connectors.sandbox.google import errors
from connectors.sandbox.google.apis.calendar_event import instance_id
from connectors.sandbox.google.call import Call, pack, unpack
from connectors.sandbox.world.acts import Act, Answer, Cancel, Move, Remove
from connectors.sandbox.world.meetings import Meeting

_HOUR = 3_600 * MICROSECONDS
_REACH = 180 * 24 * _HOUR
_YEAR_ONE = 62_135_596_800
_MOST = 1000
Row = dict[str, Any]


def activities_list(call: Call) -> Row:
    """One page. Raises Refused for who is no administrator, and for another log or person."""
    if call.account.address not in call.quirks.administrators:
        text = "Not Authorized to access this resource/api"
        raise errors.refusal(403, "forbidden", text, rpc=False)
    if call.path["userKey"] != "all" or call.path["applicationName"] != "calendar":
        raise errors.bad_value("userKey", "This sandbox has the calendar log of all users.")
    now = call.state.now
    since = max(_instant(call, "startTime", 0), now - _REACH)
    until = min(_instant(call, "endTime", now), now - int(call.quirks.audit_hours * _HOUR))
    wanted = call.values.get("eventName", "")
    rows = [
        (at, number, row)
        for number, (at, row) in enumerate(_rows(call))
        if since <= at <= until and wanted in ("", row["events"][0]["name"])
    ]
    rows.sort(key=lambda one: (-one[0], one[1]))
    token = call.values.get("pageToken")
    start = int(unpack(token, "pageToken")["at"]) if token else 0
    size = min(call.values.get("maxResults") or _MOST, _MOST)
    page = call.page(list(enumerate(rows))[start:], size, lambda pair: [pair[0] + 1])
    reply: Row = {"kind": "admin#reports#activities", "etag": f'"{call.state.version}"'}
    if page.rows:
        reply["items"] = [row for _, (_, _, row) in page.rows]
    if page.again or page.cursor:
        reply["nextPageToken"] = pack({"at": page.cursor[0] if page.cursor else start})
    return reply


def _instant(call: Call, name: str, otherwise: int) -> int:
    """A moment of the query [µs UTC]. Google takes it as text, and refuses what is none."""
    text = call.values.get(name)
    if text is None:
        return otherwise
    try:
        return to_micros(datetime.fromisoformat(str(text)))
    except ValueError as error:
        raise errors.bad_value(name, f"Invalid value '{text}'") from error


def _rows(call: Call) -> Iterator[tuple[int, Row]]:
    """Each act that the log knows, at its moment [µs UTC], the oldest first."""
    domain = normal_forms.domain_of(call.account.address)
    for act in call.world.script:
        if act.at > call.state.now:
            continue
        meeting = call.state.meetings.get(getattr(act, "uid", ""))
        told = _told(act, meeting, domain) if meeting is not None else None
        if meeting is None or told is None:
            continue
        name, actor, calendar, more = told
        event: Row = {
            "event_id": instance_id(meeting, getattr(act, "original", None)),
            "calendar_id": calendar,
            "organizer_calendar_id": meeting.organizer,
            "event_title": meeting.title,
            **more,
        }
        yield act.at, _activity(act, name, actor, event)


def _told(act: Act, meeting: Meeting, domain: str) -> tuple[str, str, str, Row] | None:
    """Name, actor, calendar and further parameters; None for what happened in no calendar of ours."""
    inside = normal_forms.domain_of(meeting.organizer) == domain
    if isinstance(act, Answer):
        if not inside and normal_forms.domain_of(act.who) != domain:
            return None
        name = "change_event_guest_response" + ("_auto" if act.machine else "")
        more = {"event_guest": act.who, "event_response_status": act.response}
        return name, act.by or act.who, meeting.organizer if inside else act.who, more
    if isinstance(act, Move) and inside:
        seconds = {"start_time": act.start, "end_time": act.end}
        shifted: Row = {key: one // MICROSECONDS + _YEAR_ONE for key, one in seconds.items()}
        actor = act.by or act.mover or meeting.organizer
        return "change_event_start_time", actor, meeting.organizer, shifted
    if isinstance(act, Cancel) and inside:
        return "delete_event", act.by or meeting.organizer, meeting.organizer, {}
    if isinstance(act, Remove) and normal_forms.domain_of(act.owner) == domain:
        return "delete_event", act.owner, act.owner, {}
    return None


def _activity(act: Act, name: str, actor: str, event: Row) -> Row:
    parameters = [
        {"name": key, "intValue": str(one)} if isinstance(one, int) else {"name": key, "value": one}
        for key, one in event.items()
    ]
    return {
        "kind": "admin#reports#activity",
        "id": {
            "time": from_micros(act.at).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "uniqueQualifier": str(act.at % 10**15),
            "applicationName": "calendar",
            "customerId": "C0sandbox",
        },
        "actor": {"callerType": "USER", "email": actor},
        "events": [{"type": "event_change", "name": name, "parameters": parameters}],
    }
