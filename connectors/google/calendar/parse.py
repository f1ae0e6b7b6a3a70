"""What does one event of Google Calendar say about one meeting?

facts/google.md 1.2 to 1.4, to the letter. Text that people wrote is looked at and dropped: a
guest's comment becomes the flag `machine`, a location the flag `on_site`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from config.clock import to_micros
from connectors.google.calendar import machine_declines
from connectors.model import normal_forms
from connectors.model.entry_words import link_host, mark, on_site
from connectors.model.headers.header_values import plain
from connectors.model.records import Guest, MeetingSeen, Response, Status

Json = Mapping[str, Any]

#: What of an event is asked for; frozen with the sync token.
EVENT_MASK = (
    "id,etag,status,created,updated,iCalUID,sequence,eventType,summary,visibility,transparency,"
    "start,end,endTimeUnspecified,recurrence,recurringEventId,originalStartTime,"
    "organizer(email,self,displayName),creator(email,self),"
    "attendees(email,self,organizer,resource,optional,responseStatus,displayName,comment),"
    "attendeesOmitted,guestsCanSeeOtherGuests,guestsCanModify,hangoutLink,"
    "conferenceData(conferenceId,conferenceSolution/key/type),"
    "location,htmlLink,colorId,extendedProperties/private"
)

_RESPONSES = {
    "accepted": Response.ACCEPTED,
    "declined": Response.DECLINED,
    "tentative": Response.TENTATIVE,
    "needsAction": Response.NONE,
}
_STATUSES = {
    "confirmed": Status.CONFIRMED,
    "tentative": Status.TENTATIVE,
    "cancelled": Status.CANCELLED,
}
#: Calendars and imports stand as organisers, too; they are no persons.
_NO_PERSON = ("group.calendar.google.com", "import.calendar.google.com")
_UNKNOWN_ORGANIZER = "unknownorganizer@calendar.google.com"
_ROOM = "resource.calendar.google.com"
#: From 200 guests on, Google does not carry the answers to the guests' copies.
_MANY_GUESTS = 200
_INSTANCE = re.compile(r"^(?P<base>.+)_(?P<start>\d{8}(?:T\d{6}Z)?)$")
_IMPORTED = re.compile(r"^_[0-9a-v]+$")
_MEET_LINK = re.compile(r"meet\.google\.com/([a-z]{3}-[a-z]{4}-[a-z]{3})\b")
_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose copy it is.

    `addresses`: the owner's own, normalised. `primary`: this calendar is the owner's primary one;
    on any other, Google's `self` means the calendar and not the person. `colours`: which colour
    ids the owner uses as private marks, as {colour id: mark}.
    """

    addresses: frozenset[str] = frozenset()
    primary: bool = True
    colours: Mapping[str, str] = field(default_factory=dict)


def meeting(
    item: Json,
    calendar: str,
    owner: Owner,
    now: int,
    by_machine: Collection[machine_declines.Declined] = (),
) -> MeetingSeen | None:
    """The record of one event as listed; None for a master, a broken item, or one without an id.

    `now` [µs UTC] bounds what may be believed of an etag. `by_machine`: what the whole page says of
    its declines (declines.at_once). Never raises for odd content.
    """
    event_id = _text(item.get("id"))
    if not event_id.strip() or item.get("recurrence"):
        return None
    organizer, organizer_name, is_ours = _organizer(item, owner)
    status = _STATUSES.get(_text(item.get("status")), Status.CONFIRMED)
    start, all_day = _moment(item.get("start"))
    end, _ = _moment(item.get("end"))
    if item.get("endTimeUnspecified") is True:
        end = None
    # A cancelled copy may show a wrong start unless it is the organiser's own (nodejs-client
    # #3212): such an entry says that it is cancelled and nothing else.
    stub = status is Status.CANCELLED and (start is None or not is_ours)
    if status is not Status.CANCELLED and start is None:
        return None
    if status is not Status.CANCELLED and _details_hidden(item):
        status, stub = Status.HIDDEN, True
    guests, known = _guests(item, owner, is_ours, by_machine)
    updated, exact = _updated(item, now)
    return MeetingSeen(
        provider_id=event_id,
        calendar_id=calendar,
        series_uid=_series_uid(item, event_id),
        recurrence_id=_recurrence_id(item, event_id),
        status=status,
        stub=stub,
        subject="" if status is Status.HIDDEN else _text(item.get("summary")),
        organizer=organizer,
        organizer_name=organizer_name,
        organizer_is_self=is_ours,
        # Who wrote it in our name: it may bear their word and not ours.
        sent_by=_written_by(item, owner) if is_ours else "",
        created_at=_instant(item.get("created")),
        updated_at=updated,
        updated_exact=exact,
        sequence=_whole(item.get("sequence")),
        kind=_text(item.get("eventType")) or "default",
        free=item.get("transparency") == "transparent",
        private=item.get("visibility") in {"private", "confidential"},
        html_link=_text(item.get("htmlLink")),
        mark=_mark(item, owner),
        start_at=None if stub else start,
        end_at=None if stub else end,
        all_day=all_day,
        zone=_text(_mapping(item.get("start")).get("timeZone")),
        guests=() if stub else guests,
        guests_complete=not stub and known,
        guests_can_modify=not stub and item.get("guestsCanModify") is True,
        online="" if stub else _online(item),
        on_site=not stub and on_site(_text(item.get("location"))),
    )


def is_named(item: Json) -> bool:
    """Does an entry bear an id at all?"""
    return bool(_text(item.get("id")).strip())


def named_by(event_id: str) -> tuple[str, str]:
    """Series UID and recurrence id as far as an event's id alone tells them (observed)."""
    return _series_uid({}, event_id), _recurrence_id({}, event_id)


def original_start(item: Json) -> int | None:
    """The original start of an occurrence [µs UTC]; None for a single meeting."""
    original = _original(item, _text(item.get("id")))
    if original is None:
        return None
    if isinstance(original, datetime):
        return _micros(original)
    return _micros(datetime(original.year, original.month, original.day, tzinfo=UTC))


def shown_start(item: Json) -> int | None:
    """The start as listed [µs UTC], also of an entry whose details are hidden."""
    return _moment(item.get("start"))[0]


def _details_hidden(item: Json) -> bool:
    """Is it an entry that this reader sees as busy time only?

    A reader of somebody's calendar sees no details of private entries (facts/google.md 1.4; which
    fields remain is not documented). An entry of which we do see the details has an organiser, and
    a private one without title and guests has none that could matter.
    """
    if item.get("attendees") or item.get("summary"):
        return False
    private = item.get("visibility") in {"private", "confidential"}
    return private or not (item.get("organizer") or item.get("creator"))


def _organizer(item: Json, owner: Owner) -> tuple[str, str, bool]:
    """Address, name, and whether the owner organises this copy."""
    given = _mapping(item.get("organizer"))
    creator = _mapping(item.get("creator"))
    address = normal_forms.address(_text(given.get("email")))
    domain = normal_forms.domain_of(address)
    if address == _UNKNOWN_ORGANIZER or not address:
        return "", "", False
    if domain in _NO_PERSON:
        # A shared calendar organises: ours if one of the owner's addresses made the entry.
        return "", "", normal_forms.address(_text(creator.get("email"))) in owner.addresses
    ours = address in owner.addresses or (owner.primary and given.get("self") is True)
    return address, _text(given.get("displayName")), ours


def _written_by(item: Json, owner: Owner) -> str:
    """Who else made the entry, such as somebody with the right to write into the calendar; "": nobody."""
    creator = _mapping(item.get("creator"))
    address = normal_forms.address(_text(creator.get("email")))
    own = address in owner.addresses or (owner.primary and creator.get("self") is True)
    return "" if own or normal_forms.domain_of(address) in _NO_PERSON else address


def _guests(
    item: Json, owner: Owner, is_ours: bool, by_machine: Collection[machine_declines.Declined]
) -> tuple[tuple[Guest, ...], bool]:
    """The guests, and whether they are all there with their answers."""
    rows = item.get("attendees")
    rows = [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
    complete = item.get("attendeesOmitted") is not True
    if item.get("guestsCanSeeOtherGuests") is False and not is_ours:
        complete = False
    unreadable = len(rows) >= _MANY_GUESTS and not is_ours
    guests = []
    for row in rows:
        address = normal_forms.address(_text(row.get("email")))
        if not address or address == _UNKNOWN_ORGANIZER:
            complete = False
            continue
        is_self = address in owner.addresses or (owner.primary and row.get("self") is True)
        response = _RESPONSES.get(_text(row.get("responseStatus")), Response.UNKNOWN)
        if unreadable and not is_self:
            response = Response.UNKNOWN
        guests.append(
            Guest(
                address=address,
                name=_text(row.get("displayName")),
                response=response,
                optional=row.get("optional") is True,
                resource=row.get("resource") is True or normal_forms.domain_of(address) == _ROOM,
                is_self=is_self,
                is_organizer=row.get("organizer") is True,
                machine=response is Response.DECLINED
                and (
                    (_text(item.get("id")), address) in by_machine
                    or machine_declines.by_words(_text(row.get("comment")))
                ),
            )
        )
    return tuple(guests), complete


def _series_uid(item: Json, event_id: str) -> str:
    """The UID, or what Google makes the id of where a stub holds none (observed, undocumented)."""
    given = _text(item.get("iCalUID"))
    if given:
        return normal_forms.series_uid(given)
    base = _text(item.get("recurringEventId"))
    if not base:
        instance = _INSTANCE.match(event_id)
        base = instance["base"] if instance else event_id
    if _IMPORTED.match(base):
        try:
            text = base[1:].upper()
            text += "=" * (-len(text) % 8)
            return normal_forms.series_uid(base64.b32hexdecode(text).decode("utf-8"))
        except ValueError:
            pass
    return normal_forms.series_uid(f"{base}@google.com")


def _recurrence_id(item: Json, event_id: str) -> str:
    original = _original(item, event_id)
    if original is None:
        return normal_forms.single_id(_text(item.get("iCalUID")))
    return normal_forms.recurrence_id(original)


def _original(item: Json, event_id: str) -> datetime | date | None:
    given = _mapping(item.get("originalStartTime"))
    if given:
        moment = _parsed(given.get("dateTime"))
        if moment is not None:
            return moment
        day = _day(given.get("date"))
        if day is not None:
            return day
    instance = _INSTANCE.match(event_id)
    if instance is None or not (item.get("recurringEventId") or "start" not in item):
        return None
    written = instance["start"]
    try:
        if "T" in written:
            return datetime.strptime(written, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return datetime.strptime(written, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def _updated(item: Json, now: int) -> tuple[int | None, bool]:
    """When it was last changed, and whether Google says so or its etag betrays it.

    An etag is twice the moment in microseconds in every sample seen, which is nowhere promised:
    believed only where it gives a moment between 2004 and now.
    """
    given = _instant(item.get("updated"))
    if given is not None:
        return given, True
    digits = _text(item.get("etag")).strip('"')
    if not digits.isdecimal() or len(digits) > 20:
        return None, False
    moment = int(digits) // 2
    earliest = to_micros(datetime(2004, 1, 1, tzinfo=UTC))
    return (moment, False) if earliest <= moment <= now else (None, False)


def _mark(item: Json, owner: Owner) -> str:
    private = _mapping(_mapping(item.get("extendedProperties")).get("private"))
    own = mark(_text(private.get("noshow")))
    return own or mark(owner.colours.get(_text(item.get("colorId")), ""))


def _online(item: Json) -> str:
    """The conference's id, else the legacy link, else the host of a link given as the place."""
    conference = _text(_mapping(item.get("conferenceData")).get("conferenceId"))
    if conference:
        return conference
    link = _text(item.get("hangoutLink"))
    if link:
        code = _MEET_LINK.search(link)
        return code[1] if code else link
    return link_host(_text(item.get("location")))


def _moment(value: object) -> tuple[int | None, bool]:
    """A start or an end: [µs UTC] (a date: midnight UTC), and whether it is a date."""
    given = _mapping(value)
    day = _day(given.get("date"))
    if day is not None:
        return _micros(datetime(day.year, day.month, day.day, tzinfo=UTC)), True
    return _instant(given.get("dateTime")), False


def _instant(value: object) -> int | None:
    moment = _parsed(value)
    return None if moment is None else _micros(moment)


def _micros(moment: datetime) -> int | None:
    return to_micros(moment) if _EARLIEST <= moment <= _LATEST else None


def _parsed(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(_text(value))
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(_text(value))
    except ValueError:
        return None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: object) -> str:
    return plain(value) if isinstance(value, str) else ""


def _mapping(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}
