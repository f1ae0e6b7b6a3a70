"""What does this Google account show of what Google's documentation leaves open?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from config.clock import from_micros
from connectors.google.client import Google, Json
from connectors.google.json_values import instant
from connectors.transport.error_table import Asked
from jobs.setup.probe import Asking, Fact, Said, allowed, yes

_DAY = 86_400_000_000
#: So many of the newest mails show in which order a list comes.
_SOME = 10
_MASK = "nextPageToken,items(id,status,updated,recurringEventId,start,attendees(id))"
_PAGES = 4


def questions() -> tuple[Asking[Google], ...]:
    """What the reading login can be asked."""
    return (
        (Fact("google-search", "a search is refused to a login that sees headers alone"), _search),
        (Fact("google-order", "a list of mails has the newest first"), _order),
        (Fact("google-stubs", "a deleted meeting still has its start"), _stubs),
        (Fact("google-kept", "a deleted meeting is still listed after two weeks"), _kept),
        (Fact("google-updated-min", "changes of the last 28 days can be asked for"), _updated_min),
        (Fact("google-guest-id", "guests have an id beside their address"), _guest_id),
    )


def attendance_questions() -> tuple[Asking[Google], ...]:
    """What the login for attendance can be asked."""
    return ((Fact("google-meet", "this account may read its own Meet records"), _meet),)


def _search(google: Google) -> Said:
    return yes(not allowed(lambda: google.searched("in:sent")))


def _order(google: Google) -> Said:
    rows = google.messages("", "", everywhere=False).get("messages")
    ids = [str(row.get("id")) for row in rows or [] if isinstance(row, dict)][:_SOME]
    if len(ids) < 2:
        return Said.UNSEEN
    dates = [int(google.message(one, (), "id,internalDate").get("internalDate", 0)) for one in ids]
    return yes(dates == sorted(dates, reverse=True))


def _stubs(google: Google) -> Said:
    gone = [one for one in _entries(google, 30) if one.get("status") == "cancelled"]
    alone = [one for one in gone if not one.get("recurringEventId")]
    return yes(any("start" in one for one in alone)) if alone else Said.UNSEEN


def _kept(google: Google) -> Said:
    """Deleted more than two weeks ago, and shown; unseen where nothing of that age is known to be."""
    limit = google.transport.clock.micros() - 14 * _DAY
    gone = [one for one in _entries(google, 180) if one.get("status") == "cancelled"]
    at = [found for one in gone if (found := instant(one.get("updated"))) is not None]
    return Said.YES if any(one < limit for one in at) else Said.UNSEEN


def _updated_min(google: Google) -> Said:
    now = google.transport.clock.now()
    asked = {"updatedMin": (now - timedelta(days=28) + timedelta(hours=1)).isoformat()}
    return yes(allowed(lambda: _page(google, asked | {"maxResults": 1, "fields": "items/id"})))


def _guest_id(google: Google) -> Said:
    guests = [
        guest
        for one in _entries(google, 30)
        for guest in one.get("attendees") or []
        if isinstance(guest, dict)
    ]
    met = [one for one in _entries(google, 30) if one.get("attendees")]
    return yes(any(one.get("id") for one in guests)) if met else Said.UNSEEN


def _meet(google: Google) -> Said:
    return yes(allowed(lambda: google.conferences({"pageSize": 1})))


def _entries(google: Google, days: int) -> Iterator[Json]:
    """The meetings from so many days ago to so many days ahead, the deleted ones too."""
    now = google.transport.clock.micros()
    asked: dict[str, Any] = {
        "timeMin": from_micros(now - days * _DAY).isoformat(),
        "timeMax": from_micros(now + days * _DAY).isoformat(),
        "showDeleted": True,
        "maxResults": 250,
        "fields": _MASK,
    }
    for _ in range(_PAGES):
        answer = _page(google, asked)
        yield from (one for one in answer.get("items") or [] if isinstance(one, dict))
        if not answer.get("nextPageToken"):
            return
        asked["pageToken"] = answer["nextPageToken"]


def _page(google: Google, asked: dict[str, Any]) -> Json:
    return google.events("primary", Asked.LISTING, asked)
