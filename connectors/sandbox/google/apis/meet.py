"""What does the Meet API answer? conferenceRecords, participants, sessions, spaces.

Facts: facts/google.md 3. Records die 30 days after the conference's end; participants bear no
address, only a name; a meeting's occurrences share one space.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from config.clock import from_micros, to_micros
from connectors.sandbox.google import errors
from connectors.sandbox.google.call import Call, pack, unpack
from connectors.sandbox.world.acts import Participant
from connectors.sandbox.world.mailboxes import digest
from connectors.sandbox.world.state import Conference

_DAY = 86_400_000_000
_LIFE = 30 * _DAY
_TERM = re.compile(
    r"^(space\.meeting_code|space\.name|start_time|end_time)\s*(=|>=|<=|>|<)\s*\"([^\"]*)\"$"
)


def _time(micros: int) -> str:
    return from_micros(micros).strftime("%Y-%m-%dT%H:%M:%SZ")


def _space(code: str) -> str:
    return f"spaces/{digest('space', code):016x}"


def _visible(call: Call) -> list[Conference]:
    """Past conferences of meetings that the account organises or is invited to, newest first."""
    found = []
    for one in call.state.conferences:
        meeting = call.state.meetings[one.uid]
        ours = any(call.account.owns(address) for address in (meeting.organizer, *meeting.seats))
        if ours and call.state.now - one.ended <= _LIFE:
            found.append(one)
    return sorted(found, key=lambda one: (-one.started, one.id))


def _resource(one: Conference) -> dict[str, Any]:
    return {
        "name": f"conferenceRecords/{one.id}",
        "startTime": _time(one.started),
        "endTime": _time(one.ended),
        "expireTime": _time(one.ended + _LIFE),
        "space": _space(one.code),
    }


def _matches(one: Conference, text: str) -> bool:
    for term in re.split(r"\s+AND\s+", text.strip()):
        match = _TERM.match(term.strip())
        if match is None:
            raise errors.bad_value("filter", "Invalid filter expression.")
        name, sign, value = match.groups()
        if name in ("space.meeting_code", "space.name"):
            own = one.code if name == "space.meeting_code" else _space(one.code)
            if sign != "=":
                raise errors.bad_value("filter", "Invalid filter operator.")
            if own != value:
                return False
            continue
        try:
            bound = to_micros(datetime.fromisoformat(value))
        except ValueError as error:
            raise errors.bad_value("filter", "Invalid time in filter.") from error
        moment = one.started if name == "start_time" else one.ended
        holds = {
            "=": moment == bound,
            ">=": moment >= bound,
            "<=": moment <= bound,
            ">": moment > bound,
            "<": moment < bound,
        }[sign]
        if not holds:
            return False
    return True


def records_list(call: Call) -> dict[str, Any]:
    text = call.values.get("filter", "")
    found = [one for one in _visible(call) if not text or _matches(one, text)]
    return _paged(call, "conferenceRecords", [_resource(one) for one in found], 25, 100)


def _paged(
    call: Call, key: str, items: list[dict[str, Any]], size: int, largest: int
) -> dict[str, Any]:
    start = 0
    if "pageToken" in call.values:
        start = int(unpack(call.values["pageToken"], "pageToken")["at"])
    size = min(call.values.get("pageSize") or size, largest)
    numbered = list(enumerate(items))[start:]
    page = call.page(numbered, size, lambda pair: [pair[0] + 1])
    reply: dict[str, Any] = {key: [item for _, item in page.rows]} if page.rows else {}
    if page.again or page.cursor:
        reply["nextPageToken"] = pack({"at": page.cursor[0] if page.cursor else start})
    return reply


def _record(call: Call, name: str) -> Conference:
    for one in _visible(call):
        if name.split("/")[:2] == ["conferenceRecords", one.id]:
            return one
    raise errors.not_found()


def records_get(call: Call) -> dict[str, Any]:
    return _resource(_record(call, call.path["name"]))


def participants_list(call: Call) -> dict[str, Any]:
    one = _record(call, call.path["parent"])
    items = [_participant(one, number) for number in range(len(one.participants))]
    return _paged(call, "participants", items, 100, 250)


def _participant(one: Conference, number: int) -> dict[str, Any]:
    who = one.participants[number]
    return {
        "name": f"conferenceRecords/{one.id}/participants/{number + 1}",
        "earliestStartTime": _time(who.joined),
        "latestEndTime": _time(who.left),
        **_identity(who),
    }


def _identity(who: Participant) -> dict[str, Any]:
    if who.identity == "signed_in":
        user = f"users/{digest('user', who.address) % 10**15}"
        return {"signedinUser": {"user": user, "displayName": who.name}}
    key = "phoneUser" if who.identity == "phone" else "anonymousUser"
    return {key: {"displayName": who.name}}


def sessions_list(call: Call) -> dict[str, Any]:
    parent = call.path["parent"]
    one = _record(call, parent)
    number = parent.rsplit("/", 1)[-1]
    if not number.isdecimal() or not 1 <= int(number) <= len(one.participants):
        raise errors.not_found()
    who = one.participants[int(number) - 1]
    items = [
        {
            "name": f"{parent}/participantSessions/1",
            "startTime": _time(who.joined),
            "endTime": _time(who.left),
        }
    ]
    return _paged(call, "participantSessions", items, 100, 250)


def spaces_get(call: Call) -> dict[str, Any]:
    """By id, or by the meeting code as an alias."""
    asked = call.path["name"].split("/", 1)[-1]
    for meeting in call.state.meetings.values():
        ours = any(call.account.owns(address) for address in (meeting.organizer, *meeting.seats))
        code = meeting.conference
        if ours and code and asked in (code, _space(code).split("/")[1]):
            return {
                "name": _space(code),
                "meetingUri": f"https://meet.google.com/{code}",
                "meetingCode": code,
                "config": {"accessType": "TRUSTED", "entryPointAccess": "ALL"},
            }
    raise errors.not_found()
