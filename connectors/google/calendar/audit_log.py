"""Who answered, moved or deleted which meeting, and when exactly? The domain's own audit log.

Reports API, application `calendar` (facts/google.md 1.5 A): the one source that names the actor
and the second, for an administrator of a Workspace domain, up to 180 days back and some hours
late. It shows the whole domain; only acts that touch the mailboxes we read leave this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from config.clock import MICROSECONDS, from_micros
from config.errors import ProviderError
from connectors.google.calendar.parse import named_by
from connectors.google.client import Google, Json
from connectors.google.json_values import instant
from connectors.interfaces import Page
from connectors.model import normal_forms
from connectors.model.records import Evidence, Guest, MeetingSeen, Method, Response, Status

_REACH = 180 * 86_400 * MICROSECONDS
#: The log counts seconds from the year 1 (seen in samples, nowhere written down).
_YEAR_ONE = 62_135_596_800
_MOST_PAGES = 5_000

_ANSWERED = "change_event_guest_response"
_BY_MACHINE = "change_event_guest_response_auto"
_DELETED = "delete_event"
_MOVED = "change_event_start_time"
ASKED = (_ANSWERED, _BY_MACHINE, _DELETED, _MOVED)
_MASK = (
    "nextPageToken,items(id/time,id/uniqueQualifier,actor/email,"
    "events(name,parameters(name,value,intValue)))"
)
_RESPONSES = {
    "accepted": Response.ACCEPTED,
    "declined": Response.DECLINED,
    "tentative": Response.TENTATIVE,
    "needsaction": Response.NONE,
}


@dataclass
class GoogleAudit:
    """The calendar log over a login that was given for `audit`.

    `addresses`: the mailboxes that we read, normalised.
    """

    google: Google
    addresses: frozenset[str]

    def pages(self, since: int) -> Iterator[Page]:
        """The acts since a moment [µs UTC] (at most 180 days back), kind by kind.

        Raises AuthError where the login is no administrator's, else as `Transport.send`.
        """
        now = self.google.transport.clock.micros()
        start = max(since, now - _REACH)
        stamp = from_micros(start).strftime("%Y-%m-%dT%H:%M:%SZ")
        for name in ASKED:
            page = ""
            for _ in range(_MOST_PAGES):
                question = {
                    "eventName": name,
                    "startTime": stamp,
                    "maxResults": 1000,
                    "fields": _MASK,
                }
                if page:
                    question["pageToken"] = page
                answer = self.google.activities("calendar", question)
                meetings = tuple(self._acts(answer))
                if meetings:
                    yield Page(meetings=meetings)
                page = str(answer.get("nextPageToken") or "")
                if not page:
                    break
            else:
                raise ProviderError("the audit log does not end")

    def _acts(self, answer: Json) -> Iterator[MeetingSeen]:
        for item in _rows(answer.get("items")):
            at = instant(_mapping(item.get("id")).get("time"))
            actor = normal_forms.address(str(_mapping(item.get("actor")).get("email") or ""))
            for event in _rows(item.get("events")):
                told = _parameters(event)
                seen = _act(str(event.get("name")), at, actor, told)
                if seen is not None and self._touches_us(actor, told):
                    yield seen

    def _touches_us(self, actor: str, told: Mapping[str, str]) -> bool:
        named = (
            told.get("calendar_id"),
            told.get("organizer_calendar_id"),
            told.get("event_guest"),
        )
        return not self.addresses.isdisjoint(
            {actor, *(normal_forms.address(one) for one in named if one)}
        )


def _act(name: str, at: int | None, actor: str, told: Mapping[str, str]) -> MeetingSeen | None:
    """The record of one logged act; None where it lacks what makes it one."""
    event_id = told.get("event_id", "")
    if at is None or not event_id:
        return None
    organizer = normal_forms.address(told.get("organizer_calendar_id", ""))
    if normal_forms.domain_of(organizer).endswith("calendar.google.com"):
        organizer = ""
    method, status = Method.REQUEST, Status.CONFIRMED
    guests: tuple[Guest, ...] = ()
    start: int | None = None
    if name in (_ANSWERED, _BY_MACHINE):
        guest = normal_forms.address(told.get("event_guest", ""))
        response = _RESPONSES.get(told.get("event_response_status", "").lower().replace("_", ""))
        if not guest or response is None:
            return None
        method = Method.REPLY
        guests = (Guest(guest, response=response, responded_at=at, machine=name == _BY_MACHINE),)
        actor = actor or guest
    elif name == _DELETED:
        # Deleted from a guest's own calendar, the meeting lives on for the others.
        if told.get("calendar_id", "") != told.get("organizer_calendar_id", ""):
            return None
        method, status = Method.CANCEL, Status.CANCELLED
    elif name == _MOVED:
        start = _since_year_one(told.get("start_time", ""))
        if start is None:
            return None
    else:
        return None
    series, recurrence = named_by(event_id)
    return MeetingSeen(
        provider_id=event_id,
        calendar_id=told.get("calendar_id", ""),
        series_uid=series,
        recurrence_id=recurrence,
        status=status,
        evidence=Evidence.AUDIT,
        method=method,
        acted_at=at,
        start_at=start,
        organizer=organizer,
        actor=actor,
        guests=guests,
        guests_complete=False,
    )


def _parameters(event: Json) -> dict[str, str]:
    found = {}
    for row in _rows(event.get("parameters")):
        value = row.get("value", row.get("intValue"))
        if isinstance(value, str | int):
            found[str(row.get("name"))] = str(value)
    return found


def _since_year_one(text: str) -> int | None:
    if not text.isdecimal():
        return None
    seconds = int(text) - _YEAR_ONE
    return seconds * MICROSECONDS if 0 < seconds < 7_258_118_400 else None


def _rows(value: object) -> list[Any]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}
