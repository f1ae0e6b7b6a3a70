"""Which dated acts does an iTIP message (RFC 5546) tell of?

A `text/calendar` part of a mail is read for METHOD, UID, RECURRENCE-ID, SEQUENCE, DTSTAMP,
DTSTART, DTEND (or the DURATION that stands for it), STATUS, ORGANIZER, and ATTENDEE with PARTSTAT,
SENT-BY and the enumerated CUTYPE and ROLE (a room is no person); for the VTIMEZONE without which
DTSTART is no instant; and for RRULE, RDATE and EXDATE, which say when as well. Nothing else of it
is even parsed.

An act upon a whole series has the recurrence id "": reports apply it to each occurrence.
RANGE=THISANDFUTURE becomes one record for each occurrence that is known, the named one always.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta, tzinfo
from typing import NamedTuple

from config import organisations, phrasing
from connectors.files.ical.content_lines import Component, Property, calendars, text_of
from connectors.files.ical.date_times import Moment, NoMoment, latest, plausible, stamp
from connectors.files.ical.event import Entry, entry, whole_number
from connectors.files.ical.guests import answer, guests, party
from connectors.files.ical.itip_occurrences import (
    Known,
    following,
    hours,
    invited,
    keyed,
    named,
    original_id,
    with_hour,
)
from connectors.files.ical.recurrence import Budget
from connectors.files.ical.series import Complain as SeriesComplain
from connectors.files.ical.zones import Zones, definitions
from connectors.files.problems import Lost, Problem, Report
from connectors.model import normal_forms
from connectors.model.records import Evidence, Guest, MeetingSeen, Method, Response, Status

WANTED = frozenset(
    [
        "METHOD",
        "UID",
        "RECURRENCE-ID",
        "SEQUENCE",
        "DTSTAMP",
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE",
        "RDATE",
        "EXDATE",
        "ORGANIZER",
        "ATTENDEE",
        "STATUS",
    ]
)
PUBLISH = Method.PUBLISH
#: Where acts lie that came by mail; they join the calendar's copy by UID and recurrence id.
CALENDAR = "mail"
#: A larger part, or one with more entries, is no invitation.
LARGEST = 2 * 1024 * 1024
MOST_ENTRIES = 500
#: What the series of one message may cost, and yield together.
_MOST_STEPS, _MOST_INVITED = 50_000, 2_000

Complain = Callable[[int, str], None]

_METHODS = {method.value.upper(): method for method in Method if method}
_INVITING = {Method.REQUEST, Method.PUBLISH}
_BY_ORGANIZER = {Method.REQUEST, Method.CANCEL, Method.ADD, Method.DECLINECOUNTER, Method.PUBLISH}


@dataclass(frozen=True, slots=True)
class Envelope:
    """The mail around a part. `senders`: its author, by From alone; `at` [µs UTC]: when the
    provider took it; `known` names the occurrences of a series that the calendars hold; those of an invitation to a
    series are read up to `until` [µs UTC].

    `senders` is None for a saved .ics file, which nobody sent: there its word is taken.
    """

    place: str
    message_key: str = ""
    at: int | None = None
    senders: tuple[str, ...] | None = None
    by_machine: bool = False
    own: bool = False
    known: Known | None = None
    until: int | None = None


def method_of(text: str) -> Method | None:
    """The METHOD of a calendar or of a Content-Type; None where there is none that iTIP knows."""
    return _METHODS.get(text.strip().strip('"').upper())


class Part(NamedTuple):
    """One calendar part of a mail, with two parameters of its Content-Type. `as_file`: of another type than
    text/calendar.
    """

    charset: str
    method: str
    data: bytes
    as_file: bool = False


def read(
    part: Part, envelope: Envelope, me: frozenset[str], floating: tzinfo, report: Report
) -> list[MeetingSeen]:
    """The acts of one part. What cannot be read is reported, by its line.

    The METHOD inside wins over that of the Content-Type (RFC 6047 2.4 wants both to be equal; Apple
    writes none outside).
    """
    if len(part.data) > LARGEST:
        report(Problem(envelope.place, "a calendar part that is too large", Lost.PART))
        return []

    def complain(line: int, reason: str) -> None:
        report(Problem(f"{envelope.place}, calendar line {line}", reason, Lost.PART))

    found: list[MeetingSeen] = []
    count = 0
    parts = list(calendars(text_of(part.data, part.charset), WANTED, complain))
    defined = definitions(parts)
    for calendar in parts:
        count += 1
        named = method_of(calendar.value("METHOD")) or method_of(part.method)
        if named is None:
            report(Problem(envelope.place, "a calendar part without a METHOD: no act", Lost.PART))
            continue
        found += acts(calendar, named, Zones(calendar, floating, defined), envelope, me, report)
    if not count:
        report(Problem(envelope.place, "a calendar part with no calendar in it", Lost.PART))
    return found


def acts(
    calendar: Component,
    method: Method,
    zones: Zones,
    envelope: Envelope,
    me: frozenset[str],
    report: Report,
) -> list[MeetingSeen]:
    """The acts of one VCALENDAR with a METHOD, each once."""
    events = [child for child in calendar.children if child.name == "VEVENT"]
    lost = Lost.EVENT if envelope.senders is None else Lost.PART
    if len(events) > MOST_ENTRIES:
        report(Problem(envelope.place, f"more than {MOST_ENTRIES} entries in one message", lost))
        events = events[:MOST_ENTRIES]
    found: dict[MeetingSeen, bool] = {}
    budget = Budget(steps=_MOST_STEPS, occurrences=_MOST_INVITED)

    def complain(line: int, reason: str, lost: Lost) -> None:
        report(Problem(f"{envelope.place}, calendar line {line}", reason, lost))

    for component in events:
        place = f"{envelope.place}, calendar line {component.line}"
        if method is Method.CANCEL and _goes_on(component, me):
            report(Problem(place, _OTHERS, Lost.DETAIL))
            continue
        try:
            made = _acts_of(component, method, zones, envelope, me, (budget, complain))
        except (ValueError, OverflowError) as error:
            report(Problem(place, str(error) or "an entry that cannot be read", lost))
            continue
        following = component.first("RECURRENCE-ID")
        future = following is not None and "RANGE" in following.params
        if future and len(made) == 1:
            report(
                Problem(
                    place,
                    "an act upon this and all later occurrences, of which no later one is known",
                    Lost.DETAIL,
                    "import the calendar (.ics) together with the mail",
                )
            )
        if made and _unbelieved(made[0]):
            named = component.first("ORGANIZER") is not None or method not in _BY_ORGANIZER
            report(
                Problem(place, _DOUBTED, Lost.DETAIL) if named else Problem(place, _NOBODY, lost)
            )
            if method in _BY_ORGANIZER:
                # Whoever speaks in the organiser's name changes nothing (docs/rules.md section 0).
                continue
        for record in made:
            found[record] = following is None
    by_day = hours(one for one, of_series in found.items() if of_series)
    told = {with_hour(one, by_day): of_series for one, of_series in found.items()}
    by_themselves = {(one.series_uid, one.recurrence_id) for one, of in told.items() if not of}
    # An occurrence that the message names by itself is as it says there, and not as the series is.
    return [
        one
        for one, of_series in told.items()
        if not (of_series and (one.series_uid, one.recurrence_id) in by_themselves)
    ]


def _acts_of(
    component: Component,
    method: Method,
    zones: Zones,
    envelope: Envelope,
    me: frozenset[str],
    series: tuple[Budget, SeriesComplain],
) -> list[MeetingSeen]:
    raw_uid = component.value("UID")
    if not raw_uid:
        raise NoMoment("a message about an entry without a UID")
    uid = normal_forms.series_uid(raw_uid[:1000])
    one = _entry(component, method, zones, series[1])
    again = component.first("RECURRENCE-ID")
    original: Moment | None = None
    if one is not None:
        original = one.recurrence
    elif again is not None:
        original = named(again, zones)
    if method is Method.ADD and original is None and one is not None:
        # An added occurrence is named by its own start (RFC 5546 3.2.4).
        original = one.start
    organizer = party(component.first("ORGANIZER"))
    if method in _BY_ORGANIZER:
        who = organizer
        people, complete = guests(
            component.every("ATTENDEE"), me=me, organizer=organizer.address, named=False
        )
    else:
        line = _answering(component, envelope)
        who = party(line)
        people, _ = guests([line], me=me, organizer=organizer.address, named=False)
        people, complete = tuple(_answered(g, method, one, envelope) for g in people), False
    if not who.address and method not in _BY_ORGANIZER:
        raise NoMoment("an answer that does not say whose it is")
    acted = stamp(component.first("DTSTAMP"), zones)
    if envelope.at is not None:
        # Nobody acts after the mail about it has arrived; a clock that was wrong must not make a
        # notice shorter than it was. A stamp that is a date says no more than the day.
        until = latest(component.first("DTSTAMP"), zones) if acted is None else acted
        acted = envelope.at if until is None else min(until, envelope.at)
    believed = _believed(who.address, who.sent_by, envelope)
    if not believed and method not in _BY_ORGANIZER:
        people = tuple(replace(g, response=Response.UNKNOWN, proposed_start=None) for g in people)
    tells_time = one is not None and method in (Method.REQUEST, Method.ADD, Method.CANCEL, PUBLISH)
    record = MeetingSeen(
        provider_id="",
        calendar_id=CALENDAR,
        series_uid=uid,
        recurrence_id=(
            # One occurrence that somebody was invited to by itself bears its day in the UID.
            normal_forms.single_id(raw_uid)
            if original is None
            else original_id(original, one, again)
        ),
        status=Status.CANCELLED if method is Method.CANCEL else Status.CONFIRMED,
        evidence=Evidence.ITIP,
        method=method,
        # An answer says nothing about the meeting itself and must not overwrite what is known.
        stub=one is None and method in (Method.CANCEL, Method.REQUEST),
        acted_at=acted,
        start_at=plausible(one.start.micros()) if one is not None and tells_time else None,
        end_at=plausible(_end(one)) if one is not None and tells_time else None,
        all_day=one.start.all_day if one is not None else False,
        zone=one.start.zone_name if one is not None else "",
        organizer=organizer.address if believed else "",
        organizer_is_self=believed and organizer.address in me,
        actor=who.address if believed else "",
        sent_by=who.sent_by if believed else "",
        sequence=whole_number(component.value("SEQUENCE")),
        guests=people,
        guests_complete=complete and bool(people),
        message_key=envelope.message_key,
    )
    if one is not None and one.repeats and original is None and method in _INVITING:
        return [keyed(r) for r in invited(record, one, envelope.until, *series)]
    return [keyed(r) for r in following(record, one, original, again, envelope.known)]


def _entry(
    component: Component, method: Method, zones: Zones, complain: SeriesComplain
) -> Entry | None:
    """The times of the meeting, where it tells them. A message is about a meeting that is known by its UID,
    also where its times cannot be read: an invitation says then that the hours before it may hold no more.
    """
    if component.first("DTSTART") is None:
        return None
    try:
        return entry(component, zones)
    except ValueError as error:
        if method is Method.REQUEST:
            complain(component.line, str(error) or "an entry that cannot be read", Lost.PART)
        elif method not in (Method.REPLY, Method.CANCEL):
            raise
        return None


_OTHERS = "a cancellation for other guests alone: the meeting goes on"
_NOBODY = "a message that does not say who organises the meeting: no act"
_DOUBTED = "an act in the name of somebody from whom the mail does not come: not believed"


def _goes_on(component: Component, me: frozenset[str]) -> bool:
    """Does a cancellation only tell others that they are no guests any more? Then it names them alone, and
    the meeting is not called cancelled (RFC 5546 3.2.5).
    """
    named = {party(line).address for line in component.every("ATTENDEE")}
    organizer = party(component.first("ORGANIZER")).address
    off = component.value("STATUS").upper() in ("CANCELLED", "CANCELED")
    return (
        not off and bool(named) and named.isdisjoint({"", organizer, *me}) and organizer not in me
    )


def _unbelieved(record: MeetingSeen) -> bool:
    return not record.actor


def _end(one: Entry) -> int:
    return one.start.micros() + one.span // timedelta(microseconds=1)


def _answering(component: Component, envelope: Envelope) -> Property:
    """The ATTENDEE line of the one who answers: RFC 5546 3.2.3 allows one only, some write all."""
    lines = component.every("ATTENDEE")
    if not lines:
        raise NoMoment("an answer that does not say whose it is")
    if len(lines) == 1:
        return lines[0]
    # Of several lines of one person the one that answers says it.
    answered = [one for one in lines if answer(one) is not Response.NONE]
    for line in [*answered, *lines]:
        if party(line).address in (envelope.senders or ()):
            return line
    if len({party(one).address for one in answered}) == 1:
        return answered[0]
    raise NoMoment("an answer that names several guests")


def _answered(guest: Guest, method: Method, one: Entry | None, envelope: Envelope) -> Guest:
    proposed = None
    if method is Method.COUNTER and one is not None:
        proposed = plausible(one.start.micros())
    return replace(guest, machine=envelope.by_machine, proposed_start=proposed)


def _believed(actor: str, sent_by: str, envelope: Envelope) -> bool:
    """Does the mail come from the one who is said to act, from their house, or from ourselves?

    A booking service writes cancellations in the organiser's name when a guest presses the
    button, and anybody can write a mail with somebody's name inside. Then nobody is named as
    acting, an answer counts as unknown, and the problem says so (RFC 6047 2.3 and 3: who sent an
    iMIP message must be checked before it is believed). SENT-BY is kept as it is written; what it
    is worth from another house is for reports to say (reports.detect.meetings.believed).
    """
    if envelope.senders is None or envelope.own:
        return True
    phrases = phrasing.load()
    return any(
        sender in (actor, sent_by) or organisations.same(sender, actor, phrases)
        for sender in envelope.senders
    )
