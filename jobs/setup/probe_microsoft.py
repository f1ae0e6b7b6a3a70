"""What does this Microsoft 365 account show of what Graph's documentation leaves open?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from connectors.microsoft.client import Graph
from connectors.microsoft.times import mapping, rows, text
from jobs.setup.probe import Asking, Fact, Said, allowed, yes

_CAST = "id,microsoft.graph.eventMessage/meetingMessageType"


def questions() -> tuple[Asking[Graph], ...]:
    """What the reading login can be asked."""
    return (
        (Fact("graph-headers", "Mail.ReadBasic shows internetMessageHeaders"), _headers),
        (Fact("graph-cast", "properties of meeting mails can be selected by a cast"), _cast),
        (Fact("graph-cast-delta", "... also in a delta"), _cast_delta),
        (Fact("graph-expand", "a meeting mail's event can be expanded"), _expand),
        (Fact("graph-folder-delta", "mailFolders/delta shows folders below folders"), _folders),
        (Fact("graph-join-url", "Calendars.ReadBasic shows the link to join"), _join_url),
        (Fact("graph-guests", "Calendars.ReadBasic shows the guests"), _guests),
        (
            Fact("graph-events-delta", "events/delta is there without a calendar view"),
            _events_delta,
        ),
        (Fact("graph-span", "a calendar view may span two years"), _span),
        (Fact("graph-cancelled", "cancelledOccurrences can be asked of a series"), _cancelled),
        (Fact("graph-free", "a cancelled meeting's copy shows as free"), _free),
        (Fact("graph-prefix", 'a cancelled meeting\'s copy is titled "Canceled: ..."'), _prefix),
    )


def _headers(graph: Graph) -> Said:
    """Of received mail: one's own copies may have none. Lists may leave them out, items not."""
    answer = graph.get(
        "/mailFolders/inbox/messages", {"$top": "1", "$select": "id"}, name="/me/messages"
    )
    for one in rows(answer.get("value")):
        options = {"$select": "id,internetMessageHeaders"}
        shown = graph.get(f"/messages/{text(one.get('id'))}", options, name="/me/messages/{id}")
        return yes(bool(shown.get("internetMessageHeaders")))
    return Said.UNSEEN


def _cast(graph: Graph) -> Said:
    return _accepted(graph, "/messages", {"$top": "1", "$select": _CAST})


def _cast_delta(graph: Graph) -> Said:
    return _accepted(graph, "/mailFolders/inbox/messages/delta", {"$select": _CAST})


def _expand(graph: Graph) -> Said:
    answer = graph.get("/messages", {"$top": "100", "$select": "id"}, name="/me/messages")
    for one in rows(answer.get("value")):
        if "eventMessage" in text(one.get("@odata.type")):
            options = {
                "$select": "id",
                "$expand": "microsoft.graph.eventMessage/event($select=id,start)",
            }
            return _accepted(graph, f"/messages/{text(one.get('id'))}", options)
    return Said.UNSEEN


def _folders(graph: Graph) -> Said:
    answer: list[Mapping[str, Any]] = []
    options = {"$select": "id,parentFolderId"}
    if not allowed(lambda: answer.append(graph.get("/mailFolders/delta", options, name="folders"))):
        return Said.NO
    found = rows(answer[0].get("value"))
    ids = {text(one.get("id")) for one in found}
    return yes(any(text(one.get("parentFolderId")) in ids for one in found))


def _join_url(graph: Graph) -> Said:
    found = [one for one in _view(graph, "id,isOnlineMeeting,onlineMeeting") if one]
    online = [one for one in found if one.get("isOnlineMeeting") is True]
    shown = any(mapping(one.get("onlineMeeting")).get("joinUrl") for one in online)
    return yes(shown) if online else Said.UNSEEN


def _guests(graph: Graph) -> Said:
    found = _view(graph, "id,attendees")
    return yes(any(rows(one.get("attendees")) for one in found)) if found else Said.UNSEEN


def _events_delta(graph: Graph) -> Said:
    start, _ = _window(graph, 1)
    return _accepted(graph, "/events/delta", {"startDateTime": start})


def _span(graph: Graph) -> Said:
    start, end = _window(graph, 365)
    options = {"startDateTime": start, "endDateTime": end, "$top": "1", "$select": "id"}
    return _accepted(graph, "/calendarView", options)


def _cancelled(graph: Graph) -> Said:
    for one in _view(graph, "id,seriesMasterId"):
        master = text(one.get("seriesMasterId"))
        if master:
            return _accepted(graph, f"/events/{master}", {"$select": "id,cancelledOccurrences"})
    return Said.UNSEEN


def _free(graph: Graph) -> Said:
    gone = [one for one in _view(graph, "id,isCancelled,showAs") if one.get("isCancelled") is True]
    return yes(all(one.get("showAs") == "free" for one in gone)) if gone else Said.UNSEEN


def _prefix(graph: Graph) -> Said:
    gone = [one for one in _view(graph, "id,isCancelled,subject") if one.get("isCancelled") is True]
    said = all(text(one.get("subject")).startswith("Canceled:") for one in gone)
    return yes(said) if gone else Said.UNSEEN


def _accepted(graph: Graph, path: str, options: Mapping[str, str]) -> Said:
    return yes(allowed(lambda: graph.get(path, options, name="a probe")))


def _view(graph: Graph, chosen: str) -> list[Mapping[str, Any]]:
    """The meetings from 60 days ago to 30 days ahead, with the chosen properties."""
    start, end = _window(graph, 60)
    options = {"startDateTime": start, "endDateTime": end, "$top": "200", "$select": chosen}
    return list(rows(graph.get("/calendarView", options, name="a probe").get("value")))


def _window(graph: Graph, days: int) -> tuple[str, str]:
    now = graph.transport.clock.now()
    span = timedelta(days=days)
    return (
        (now - span).strftime("%Y-%m-%dT%H:%M:%SZ"),
        (now + span).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
