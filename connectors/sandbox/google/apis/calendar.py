"""What does the Calendar API answer? calendarList.list, events.list, events.get, events.instances.

Facts: facts/google.md 1.1 to 1.4. Tokens hold all they need, so that a client may stop between
two pages and go on later: a page token names the last entry and the version of the round's
beginning, and a sync token that version; what changes during a round comes again with the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.clock import to_micros
from connectors.sandbox.google import errors
from connectors.sandbox.google.apis.calendar_event import Row, View, event, instance_id
from connectors.sandbox.google.apis.calendar_listing import Wanted, rows
from connectors.sandbox.google.call import Call, pack, unpack
from connectors.sandbox.world.mailboxes import digest
from connectors.sandbox.world.people import Calendar

_DAY = 86_400_000_000
#: May not stand beside a sync token (facts/google.md 1.1).
_RESTRICTIONS = (
    "iCalUID",
    "orderBy",
    "privateExtendedProperty",
    "q",
    "sharedExtendedProperty",
    "timeMin",
    "timeMax",
    "updatedMin",
)
#: With these a full listing is no basis for a sync, and bears no token.
_NO_BASIS = tuple(name for name in _RESTRICTIONS if name not in ("timeMin", "timeMax"))
_FROZEN = ("singleEvents", "maxAttendees", "eventTypes", "showHiddenInvitations")
_LARGEST = 2500


@dataclass(frozen=True, slots=True)
class _Round:
    """One listing over all its pages: from which version, up to which, begun when [µs]."""

    since: int | None
    upto: int
    began: int
    after: list[Any] | None


def calendar_list(call: Call) -> dict[str, Any]:
    roles = ("freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner")
    least = roles.index(call.values.get("minAccessRole", "freeBusyReader"))
    size = min(call.values.get("maxResults", 100), 250)
    after = 0
    if "pageToken" in call.values:
        after = int(unpack(call.values["pageToken"], "pageToken").get("at", 0))
    chosen = [one for one in call.account.calendars if roles.index(one.role) >= least][after:]
    page = call.page(chosen, size, lambda one: [chosen.index(one) + 1 + after])
    items = [_entry(one) for one in page.rows]
    reply: dict[str, Any] = {"kind": "calendar#calendarList", "etag": _etag(call), "items": items}
    if page.again or page.cursor:
        reply["nextPageToken"] = pack({"at": page.cursor[0] if page.cursor else after})
    else:
        reply["nextSyncToken"] = pack({"list": call.state.version})
    return reply


def _entry(calendar: Calendar) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "kind": "calendar#calendarListEntry",
        "etag": f'"{digest(calendar.id, calendar.role)}"',
        "id": calendar.id,
        "summary": calendar.title,
        "timeZone": calendar.zone,
        "accessRole": calendar.role,
        "selected": True,
        "defaultReminders": [],
    }
    if calendar.primary:
        entry["primary"] = True
    return entry


def _etag(call: Call) -> str:
    return f'"p{digest(call.account.address, call.state.version):x}"'


def _calendar(call: Call) -> Calendar:
    found = call.state.calendar(call.account, call.path["calendarId"])
    if found is None:
        raise errors.not_found(calendar=True)
    return found


def _view(call: Call, calendar: Calendar, *, details: bool = True) -> View:
    zone = call.values.get("timeZone", calendar.zone)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise errors.bad_value("timeZone", "Invalid time zone.") from error
    return View(call.state, calendar, zone, call.quirks, call.values.get("maxAttendees"), details)


def _micros(value: datetime | None) -> int | None:
    return None if value is None else to_micros(value)


def events_list(call: Call) -> dict[str, Any]:
    calendar, values = _calendar(call), call.values
    frozen = digest(*(values.get(name) for name in _FROZEN))
    listing = _round(call, calendar, frozen)
    delta = listing.since is not None
    updated_min = _micros(values.get("updatedMin"))
    if updated_min is not None:
        if updated_min < call.state.now - call.quirks.updated_min_days * _DAY:
            raise errors.updated_min_too_old()
    low, high = _micros(values.get("timeMin")), _micros(values.get("timeMax"))
    if low is not None and high is not None and high <= low:
        raise errors.refusal(
            400,
            "timeRangeEmpty",
            "The specified time range is empty.",
            location="timeMax",
            rpc=False,
        )
    order = values.get("orderBy", "")
    if order == "startTime" and not values.get("singleEvents"):
        raise errors.refusal(
            400,
            "badRequest",
            "The requested ordering is not available for the particular query.",
            location="orderBy",
            rpc=False,
        )
    wanted = Wanted(
        single=bool(values.get("singleEvents")),
        deleted=bool(values.get("showDeleted")) or delta or updated_min is not None,
        since=listing.since,
        low=low,
        high=high,
        updated_min=updated_min,
        types=tuple(values.get("eventTypes", ())),
        uid=values.get("iCalUID", ""),
        text=values.get("q", ""),
        private=tuple(values.get("privateExtendedProperty", ())),
    )
    found = rows(call, calendar, wanted)

    def place(row: Row) -> list[Any]:
        if order == "startTime":
            return [row.start, *row.key]
        return [row.touch.updated, *row.key] if order == "updated" else list(row.key)

    found.sort(key=place)
    if listing.after is not None:
        found = [row for row in found if place(row) > listing.after]
    page = call.page(found, min(values.get("maxResults", 250), _LARGEST), place)
    if call.shape == "late_item":
        _withhold(call, calendar, page.rows)
    view = _view(call, calendar, details=not delta or bool(values.get("showDeleted")))
    reply: dict[str, Any] = {
        "kind": "calendar#events",
        "etag": _etag(call),
        "summary": calendar.title,
        "timeZone": view.zone,
        "accessRole": calendar.role,
        "defaultReminders": [],
        "items": [_item(call, row, view) for row in page.rows],
    }
    token = {
        "cal": calendar.id,
        "f": frozen,
        "since": listing.since,
        "upto": listing.upto,
        "began": listing.began,
    }
    if page.again or page.cursor:
        reply["nextPageToken"] = pack(
            token | {"after": listing.after if page.again else page.cursor}
        )
    elif not any(name in values for name in _NO_BASIS):
        reply["nextSyncToken"] = pack(
            {"cal": calendar.id, "f": frozen, "v": listing.upto, "at": listing.began}
        )
    return reply


def _round(call: Call, calendar: Calendar, frozen: int) -> _Round:
    values, state = call.values, call.state
    since = None
    if "syncToken" in values:
        if any(name in values for name in _RESTRICTIONS) or values.get("showDeleted") is False:
            raise errors.restrictions()
        held = unpack(values["syncToken"], "syncToken")
        if held.get("cal") != calendar.id or "v" not in held:
            raise errors.bad_value("syncToken", "Invalid sync token value.")
        oldest = state.now - call.quirks.sync_token_days * _DAY
        if held["at"] < oldest or held["v"] > state.version:
            raise errors.sync_lost()
        if held["f"] != frozen:
            # "Should be the same …to avoid undefined behavior": answered, and written down.
            call.misuse.append("events.list: parameters changed under a sync token")
        since = int(held["v"])
    if "pageToken" not in values:
        return _Round(since, state.version, state.now, None)
    held = unpack(values["pageToken"], "pageToken")
    if held.get("cal") != calendar.id or "upto" not in held or held["since"] != since:
        raise errors.bad_value("pageToken", "Invalid page token value.")
    return _Round(since, int(held["upto"]), int(held["began"]), held["after"])


def _withhold(call: Call, calendar: Calendar, page: list[Row]) -> None:
    """One entry is missing now, and comes with the next round as if it had just arrived."""
    for index in range(len(page) - 1, -1, -1):
        row = page[index]
        if row.original is None or row.original in row.copy.touched:
            call.state.retouch(row.meeting, calendar.id, row.original)
            del page[index]
            return


def _item(call: Call, row: Row, view: View) -> dict[str, Any]:
    made = event(row, view)
    if call.shape == "stubs" and row.deleted:
        return {"id": made["id"], "status": made["status"]}
    return made


def _everything(call: Call, calendar: Calendar, meeting_id: str, *, single: bool) -> list[Row]:
    wanted = Wanted(single=single, deleted=True, id=meeting_id)
    return rows(call, calendar, wanted)


def events_get(call: Call) -> dict[str, Any]:
    calendar = _calendar(call)
    asked = call.path["eventId"]
    base = asked.rsplit("_", 1)[0] if "_" in asked.lstrip("_") else asked
    for single, meeting_id in ((False, asked), (True, base)):
        for row in _everything(call, calendar, meeting_id, single=single):
            if instance_id(row.meeting, row.original) == asked:
                return event(row, _view(call, calendar))
    raise errors.not_found(calendar=True)


def events_instances(call: Call) -> dict[str, Any]:
    calendar, values = _calendar(call), call.values
    asked = call.path["eventId"]
    masters = _everything(call, calendar, asked, single=False)
    if not any(row.master and row.original is None for row in masters):
        raise errors.not_found(calendar=True)
    after = unpack(values["pageToken"], "pageToken")["after"] if "pageToken" in values else None
    low, high = _micros(values.get("timeMin")), _micros(values.get("timeMax"))
    found = [
        row
        for row in _everything(call, calendar, asked, single=True)
        if (not row.deleted or values.get("showDeleted"))
        and (low is None or row.end > low)
        and (high is None or row.start < high)
        and (after is None or list(row.key) > after)
    ]
    found.sort(key=lambda row: row.key)
    page = call.page(found, min(values.get("maxResults", 250), _LARGEST), lambda row: list(row.key))
    view = _view(call, calendar)
    items = [_item(call, row, view) for row in page.rows]
    if "originalStart" in values:
        items = [
            item
            for item in items
            if values["originalStart"] in (item.get("originalStartTime") or {}).values()
        ]
    reply: dict[str, Any] = {
        "kind": "calendar#events",
        "etag": _etag(call),
        "summary": calendar.title,
        "timeZone": view.zone,
        "accessRole": calendar.role,
        "defaultReminders": [],
        "items": items,
    }
    if page.again or page.cursor:
        reply["nextPageToken"] = pack({"after": after if page.again else page.cursor})
    return reply
