"""What does one event of Graph say about one meeting?

facts/microsoft.md 1.3 to 1.6, to the letter. Text that people wrote is looked at and dropped: a
location becomes the flag `on_site`, a category the private mark; a body is never read. Only the
organiser's copy shows everybody's answers: in a guest's copy those of the others are unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from config.clock import from_micros
from connectors.microsoft.times import (
    Json,
    day,
    iana,
    instant,
    mapping,
    midnight,
    nearest_day,
    rows,
    text,
    wall,
    zone_named,
)
from connectors.model import normal_forms
from connectors.model.entry_words import category_mark, link_host, on_site
from connectors.model.records import Guest, MeetingSeen, Response, Status

MASTER = "seriesMaster"
_OF_A_SERIES = ("occurrence", "exception")
RESPONSES = {
    "accepted": Response.ACCEPTED,
    "organizer": Response.ACCEPTED,
    "declined": Response.DECLINED,
    "tentativelyaccepted": Response.TENTATIVE,
    "notresponded": Response.NONE,
    "none": Response.NONE,
}
_KINDS = {"oof": "outOfOffice", "workingelsewhere": "workingLocation"}
#: What Outlook writes before the title of a cancelled entry, in the languages we have seen.
_CANCELLED = re.compile(
    r"^\s*(?:cancel+ed|abgesagt|annul[eé]e?|annulé|cancelad[oa]|geannuleerd|annullato)\s*:\s*",
    re.IGNORECASE,
)
#: Bytes 16 to 19 of a Global Object ID (MS-OXOCAL 2.2.1.27): the day of an occurrence.


class Unreadable(Exception):
    """An event that cannot become a record; the text says why and names nobody."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose copy it is.

    `addresses`: the owner's own, normalised. `primary`: the calendar is their own main one; on any
    other, Graph's `isOrganizer` speaks of that calendar's owner. `zone`: the mailbox's IANA zone.
    `calendar`: whose that other calendar is, normalised; "" where Graph does not say.
    """

    addresses: frozenset[str] = frozenset()
    primary: bool = True
    zone: str = "UTC"
    calendar: str = ""

    def reads_own(self, address: str) -> bool:
        """Is this the owner, in a calendar of their own?"""
        return (self.primary or self.calendar in self.addresses) and address in self.addresses

    def holds(self, address: str) -> bool:
        """Is this whose calendar it is, whose answer stands beside the list of guests?"""
        return self.reads_own(address) or (not self.primary and address == self.calendar)


def meeting(item: Json, calendar: str, owner: Owner) -> MeetingSeen | None:
    """The record of one event; None for a series master, which is no meeting.

    A draft (changed and not yet sent, so that no guest knows of it) and an event without times
    become stubs, which overwrite nothing. Raises Unreadable where its key or its zone is unknown.
    """
    event_id = text(item.get("id"))
    if item.get("type") == MASTER:
        return None
    if not event_id.strip():
        raise Unreadable("an entry without an id")
    all_day = item.get("isAllDay") is True
    cancelled = item.get("isCancelled") is True
    start, end = _slot(item, all_day)
    stub = item.get("isDraft") is True or start is None
    organizer, organizer_name, is_ours = _organizer(item, owner)
    guests, complete = _guests(item, owner, is_ours)
    shown = text(item.get("showAs")).lower()
    subject = text(item.get("subject"))
    return MeetingSeen(
        provider_id=event_id,
        calendar_id=calendar,
        series_uid=_series_uid(item, event_id),
        recurrence_id=recurrence_id(item, owner, start),
        status=Status.CANCELLED if cancelled else Status.CONFIRMED,
        stub=stub,
        start_at=None if stub else start,
        end_at=None if stub else end,
        all_day=all_day,
        zone=iana(text(item.get("originalStartTimeZone"))),
        subject=_CANCELLED.sub("", subject) if cancelled else subject,
        organizer=organizer,
        organizer_name=organizer_name,
        organizer_is_self=is_ours,
        created_at=instant(item.get("createdDateTime")),
        updated_at=instant(item.get("lastModifiedDateTime")),
        # Any later edit moves it: the last change of all, not the change that we look for.
        updated_exact=False,
        kind=_KINDS.get(shown, "default"),
        # A cancelled entry is shown as free; that says nothing about the meeting it was.
        free=shown == "free" and not cancelled,
        private=item.get("sensitivity") in ("private", "confidential"),
        guests=() if stub else guests,
        guests_complete=not stub and complete,
        online="" if stub else _online(item),
        on_site=not stub and on_site(_location(item)),
        html_link=text(item.get("webLink")),
        mark=_mark(item),
    )


def recurrence_id(item: Json, owner: Owner, start: int | None) -> str:
    """The original start of an occurrence; its day where only that is told (an instance that was
    sent by itself); "" for a single meeting. Raises Unreadable.
    """
    if item.get("type") not in _OF_A_SERIES:
        return normal_forms.single_id(text(item.get("iCalUId")))
    original = instant(item.get("originalStart"))
    if original is None and item.get("type") == "occurrence":
        # An unchanged occurrence stands where the series put it.
        original = start
    if item.get("isAllDay") is True:
        return normal_forms.recurrence_id(_original_day(item, owner, original))
    if original is None:
        raise Unreadable("an exception without its original start")
    return normal_forms.recurrence_id(from_micros(original))


def _series_uid(item: Json, event_id: str) -> str:
    given = text(item.get("iCalUId"))
    if given:
        return normal_forms.series_uid(given)
    # Entries that never were a meeting may have none; their own id keeps them apart.
    return f"graph:{text(item.get('seriesMasterId')) or event_id}"


def _original_day(item: Json, owner: Owner, original: int | None) -> date:
    """The day of an all-day occurrence: from its UID, else from a midnight that is somebody's."""
    told = normal_forms.instance_day(text(item.get("iCalUId")))
    if told is not None:
        return told
    if original is None:
        raise Unreadable("an all-day occurrence without its original date")
    return nearest_day(original, zone_named(owner.zone))


def _slot(item: Json, all_day: bool) -> tuple[int | None, int | None]:
    """Start and end [µs UTC]; all-day: midnights UTC of their dates. Raises Unreadable."""
    if all_day:
        first, last = day(item.get("start")), day(item.get("end"))
        return (
            None if first is None else midnight(first),
            None if last is None else midnight(last),
        )
    start, end = wall(item.get("start")), wall(item.get("end"))
    named = text(mapping(item.get("start")).get("timeZone"))
    if start is None and named and zone_named(named) is None:
        raise Unreadable("times in a zone that nobody knows, though UTC was asked for")
    return start, end


def _organizer(item: Json, owner: Owner) -> tuple[str, str, bool]:
    """Address, name, and whether the owner organises this copy."""
    given = mapping(mapping(item.get("organizer")).get("emailAddress"))
    address = normal_forms.address(text(given.get("address")))
    ours = address in owner.addresses or (owner.primary and item.get("isOrganizer") is True)
    return address, name_of(given), ours


def name_of(given: Json) -> str:
    """The name beside an address; Exchange repeats the address where there is none."""
    name = text(given.get("name")).strip()
    return (
        ""
        if normal_forms.address(name) == normal_forms.address(text(given.get("address")))
        else name
    )


def _guests(item: Json, owner: Owner, is_ours: bool) -> tuple[tuple[Guest, ...], bool]:
    """The guests, and whether they are all there."""
    complete = is_ours or item.get("hideAttendees") is not True
    if item.get("sensitivity") in ("private", "confidential") and not owner.primary:
        complete = False  # a delegate without the right sees free and busy, and nobody
    organizer = _organizer(item, owner)[0]
    own = mapping(item.get("responseStatus"))
    found = []
    for row in rows(item.get("attendees")):
        person = mapping(row.get("emailAddress"))
        address = normal_forms.address(text(person.get("address")))
        if not address:
            complete = False
            continue
        status = mapping(row.get("status"))
        is_self = address in owner.addresses
        response = RESPONSES.get(text(status.get("response")).lower(), Response.UNKNOWN)
        at = instant(status.get("time"))
        mine = Response.NONE
        if not is_ours and owner.holds(address):
            # Their answer stands beside the list, with its time; in the list the time is lost.
            mine = RESPONSES.get(text(own.get("response")).lower(), Response.NONE)
        if mine is not Response.NONE:
            response, at = mine, instant(own.get("time"))
        elif not is_ours and response is Response.NONE and not owner.reads_own(address):
            response = Response.UNKNOWN
        proposed = mapping(row.get("proposedNewTime"))
        found.append(
            Guest(
                address=address,
                name=name_of(person),
                response=response,
                responded_at=at if response not in (Response.NONE, Response.UNKNOWN) else None,
                optional=row.get("type") == "optional",
                resource=row.get("type") == "resource",
                is_self=is_self,
                is_organizer=address == organizer,
                proposed_start=wall(proposed.get("start")),
            )
        )
    return tuple(found), complete


def _online(item: Json) -> str:
    """The join address, else the host of a link given as the place."""
    given = text(mapping(item.get("onlineMeeting")).get("joinUrl"))
    return given or text(item.get("onlineMeetingUrl")) or link_host(_location(item))


def _location(item: Json) -> str:
    return text(mapping(item.get("location")).get("displayName"))


def _mark(item: Json) -> str:
    """The private mark that a category of the copy sets (rules.md section 9)."""
    categories = item.get("categories")
    return category_mark(map(text, categories if isinstance(categories, list) else []))
