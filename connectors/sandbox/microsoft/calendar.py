"""How does Graph answer questions about calendars?

calendarView, its delta, single events and the instances of a series. Facts: facts/microsoft.md 1.1,
1.2, 8: occurrences are slim in a delta; a deleted occurrence leaves no trace but the series sent
anew; `@removed` stands for deleted and for moved out of the window alike.
"""

from __future__ import annotations

from tzlocal.windows_tz import win_tz

from connectors.sandbox.microsoft.calendar_event import Entry, changed, entries, find, render, slim
from connectors.sandbox.microsoft.methods import (
    Ask,
    Refused,
    not_found,
    paged,
    selected,
    unknown_property,
)
from connectors.sandbox.microsoft.values import Json, instant, pack, unpack
from connectors.sandbox.world.people import Calendar

#: Deltas of calendars pay no attention to small page sizes (facts 8).
_SMALLEST = 10
_UNSELECTABLE = {"createdDateTime", "lastModifiedDateTime"}


def answer(ask: Ask) -> Json:
    """One answer to a calendar method."""
    name = ask.method.id
    if name == "calendars.list":
        return paged(ask, ask.account.calendars, _calendar, ask.size(10, 1000))
    if name == "events.get":
        return _event(ask, _entry(ask))
    if name == "events.instances":
        master = _entry(ask)
        if not master.master:
            raise Refused(400, "ErrorInvalidRequest", "The event is no series master.")
        inside = entries(ask.state, ask.account, master.calendar, _window(ask))
        mine = [one for one in inside if one.meeting.uid == master.meeting.uid]
        return paged(ask, mine, lambda one: _event(ask, one), ask.size(10, 1000))
    calendar = _chosen(ask)
    if name == "calendarView.list":
        found = entries(ask.state, ask.account, calendar, _window(ask))
        return paged(ask, found, lambda one: _viewed(ask, one), ask.size(10, 1000))
    return _delta(ask, calendar)


def _calendar(calendar: Calendar) -> Json:
    return {
        "id": pack("c", calendar.id),
        "name": calendar.title,
        "color": "auto",
        "canEdit": calendar.role in ("owner", "writer"),
        "canViewPrivateItems": calendar.role == "owner",
        "isDefaultCalendar": calendar.primary,
        "owner": {"name": calendar.title, "address": calendar.owner},
    }


def _chosen(ask: Ask) -> str:
    wanted = ask.values.get("calendar") or ""
    for calendar in ask.account.calendars:
        if (not wanted and calendar.primary) or wanted == pack("c", calendar.id):
            return calendar.id
    raise not_found()


def _window(ask: Ask) -> tuple[int, int]:
    try:
        start, end = (instant(ask.query[name]) for name in ("startDateTime", "endDateTime"))
    except KeyError as missing:
        text = f"This request requires a time window: {missing} is missing."
        raise Refused(400, "ErrorInvalidParameter", text) from None
    except ValueError:
        raise Refused(400, "ErrorInvalidParameter", "The time window is not valid.") from None
    return start, end


def _entry(ask: Ask) -> Entry:
    parts = unpack(ask.values["event"])
    if len(parts) != 4 or parts[0] != "e":
        raise Refused(400, "ErrorInvalidIdMalformed", "Id is malformed.")
    _, calendar, uid, original = parts
    if not any(one.id == calendar for one in ask.account.calendars):
        raise not_found()
    key = original if isinstance(original, int) else None
    found = find(ask.state, ask.account, str(calendar), str(uid), key)
    if found is None:
        raise not_found()
    return found


def _event(ask: Ask, entry: Entry) -> Json:
    names = [name for name in ask.query.get("$select", "").split(",") if name]
    full = render(entry, ask.immutable, body=_body(ask), zone=win_tz.get(ask.zone, ask.zone))
    for name in names:
        if name not in full and name not in ("body", "bodyPreview", "originalStart"):
            raise unknown_property(name, "Event")
    return selected(full, names)


def _viewed(ask: Ask, entry: Entry) -> Json:
    shown = _event(ask, entry)
    if ask.query.get("$select"):
        # facts 1.1: these two come only without $select
        shown = {name: value for name, value in shown.items() if name not in _UNSELECTABLE}
    return shown


def _body(ask: Ask) -> bool:
    return ask.may("Calendars.Read")


def _delta(ask: Ask, calendar: str) -> Json:
    """A page of a round. Tokens hold the window and the version from which the next round goes on."""
    known = ask.token("$skiptoken") or ask.token("$deltatoken")
    if known:
        start, end, since, until, skip, turn = (int(str(part)) for part in known[1:])
        if "$deltatoken" in ask.query:
            until = ask.state.version
    else:
        start, end = _window(ask)
        since, until, skip, turn = -1, ask.state.version, 0, 0
    lines = _lines(ask, calendar, (start, end), since)
    size = max(ask.size(10, 1000), _SMALLEST)
    shape = ask.shape
    after = skip if shape in ("empty_page", "repeated_page") else skip + size
    page: Json = {"value": [] if shape == "empty_page" else lines[skip : skip + size]}
    drop = ("startDateTime", "endDateTime", "$skiptoken", "$deltatoken")
    if after < len(lines) or shape:
        # facts 8: a repeated page comes with an ever new link
        token = pack("d", start, end, since, until, after, turn + 1)
        page["@odata.nextLink"] = ask.link(drop=drop, skiptoken=token)
    else:
        token = pack("d", start, end, until, until, 0, 0)
        page["@odata.deltaLink"] = ask.link(drop=drop, deltatoken=token)
    return page


def _lines(ask: Ask, calendar: str, window: tuple[int, int], since: int) -> list[Json]:
    """Everything in the window, or what changed after a version."""
    state, account = ask.state, ask.account
    if since < 0:
        inside = entries(state, account, calendar, window, masters=True)
        return [_line(ask, entry) for entry in inside]
    lines: list[Json] = []
    touched = list(changed(state, calendar, since))
    inside = entries(state, account, calendar, window, masters=True) if touched else []
    for uid in touched:
        mine = [entry for entry in inside if entry.meeting.uid == uid]
        lines += [_line(ask, entry) for entry in mine]
        if not mine:
            # Deleted, or moved out of the window: the same line says both.
            gone = pack("e", calendar, uid, None, immutable=ask.immutable)
            lines.append(
                {
                    "@odata.type": "#microsoft.graph.event",
                    "id": gone,
                    "@removed": {"reason": "deleted"},
                }
            )
    return lines


def _line(ask: Ask, entry: Entry) -> Json:
    if entry.kind == "occurrence":
        return slim(entry, ask.immutable)
    return _event(ask, entry)
