"""What does one message of Graph say, as a mail and as a notice of a meeting?

facts/microsoft.md 2.1 to 2.4. `from` is the person, `sender` who wrote for them. A meeting message
is typed by Graph itself and dated by its sentDateTime: where it knows its event, it is the best
evidence of who did what and when. No body and no preview is asked for; if one comes it is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from connectors.microsoft.calendar.parse import RESPONSES, Owner, Unreadable, name_of, recurrence_id
from connectors.microsoft.times import (
    Json,
    day,
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
from connectors.model.headers.address_lists import author, people
from connectors.model.headers.header_list import joined, raw_lines
from connectors.model.headers.header_values import decoded, unfolded
from connectors.model.headers.mail_dates import arrival, hop
from connectors.model.headers.mail_keys import mail_key
from connectors.model.headers.message_ids import answered
from connectors.model.records import (
    Evidence,
    Guest,
    MeetingSeen,
    MessageSeen,
    Method,
    Person,
    Response,
    Status,
)

Kind = Literal["inbox", "sent", "drafts", "junk", "deleted", "other", "named-sent", "named-drafts"]

#: What of a message is asked for; frozen with a folder's delta link.
BASE: tuple[str, ...] = (
    "id",
    "internetMessageId",
    "conversationId",
    "parentFolderId",
    "subject",
    "from",
    "sender",
    "toRecipients",
    "ccRecipients",
    "bccRecipients",
    "receivedDateTime",
    "sentDateTime",
    "isDraft",
    "importance",
    "categories",
    "flag",
)
HEADERS = "internetMessageHeaders"
_MEETING = "microsoft.graph.eventMessage/"
#: Properties of the subtypes, in the only form that Graph takes (facts 2.4).
CASTS: tuple[str, ...] = (
    _MEETING + "meetingMessageType",
    _MEETING + "startDateTime",
    _MEETING + "endDateTime",
    _MEETING + "isAllDay",
    _MEETING + "type",
    "microsoft.graph.eventMessageRequest/previousStartDateTime",
    "microsoft.graph.eventMessageResponse/responseType",
    "microsoft.graph.eventMessageResponse/proposedNewTime",
)
EXPAND = (
    "microsoft.graph.eventMessage/event("
    "$select=id,iCalUId,type,originalStart,start,isAllDay,seriesMasterId)"
)
#: Says that a mail is a calendar's where Graph types it but gives no header to tell by.
_CALENDAR_MAIL = "content-class: urn:content-classes:calendarmessage"
#: Senders of calendar mail that are nobody's assistant.
_POSTMEN = ("calendar-notification@google.com",)
_TYPES = {
    "meetingrequest": "request",
    "meetingcancelled": "cancel",
    "meetingaccepted": "accept",
    # facts 2.4: both spellings occur
    "meetingtenativelyaccepted": "tentative",
    "meetingtentativelyaccepted": "tentative",
    "meetingdeclined": "decline",
}
_METHODS = {
    "request": Method.REQUEST,
    "cancel": Method.CANCEL,
    "accept": Method.REPLY,
    "tentative": Method.REPLY,
    "decline": Method.REPLY,
    "counter": Method.COUNTER,
}
_ANSWERS = {
    "accept": Response.ACCEPTED,
    "tentative": Response.TENTATIVE,
    "decline": Response.DECLINED,
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """One message, and the notice it is where it says which meeting it is about."""

    message: MessageSeen
    notice: MeetingSeen | None = None


def is_meeting_message(item: Json) -> bool:
    """Does its type say that a calendar sent it? The type is there whatever was selected."""
    return text(item.get("@odata.type")).lower().startswith("#microsoft.graph.eventmessage")


def is_thin(item: Json) -> bool:
    """Is this a change that names only what changed, so that the message must be read anew?"""
    return not {"receivedDateTime", "parentFolderId", "toRecipients"} <= item.keys()


def parsed(item: Json, kind: Kind, owner: Owner) -> Parsed:
    """The records of one message in a folder of this kind; total, it never raises for odd content."""
    headers = [
        (text(row.get("name")), unfolded(text(row.get("value")))) for row in rows(item.get(HEADERS))
    ]
    first: dict[str, str] = {}
    for name, value in headers:
        first.setdefault(name.lower(), value)
    written, writer = _person(item.get("from")), _person(item.get("sender"))
    if not written.address:
        # Exchange gives up on a From that it cannot read, or shows a name of its own for it.
        told = author(first.get("from", ""))
        written = told if told.address else writer
    subject = decoded(text(item.get("subject")))
    sent_at, received_at = instant(item.get("sentDateTime")), instant(item.get("receivedDateTime"))
    flag = mapping(item.get("flag"))
    what = _meeting_type(item)
    about, occurrence = _about(item, owner)
    answers, references = answered(
        joined(headers, "in-reply-to", " "), joined(headers, "references", " ")
    )
    hops = [hop(value) for name, value in headers if name.lower() == "received"]
    to = _people(item.get("toRecipients"), joined(headers, "to"))
    cc = _people(item.get("ccRecipients"), joined(headers, "cc"))
    ours = written.address in owner.addresses
    # What arrived has a way behind it, or names us: somebody's answer may be kept among the sent items, and
    # what was brought from another system bears no headers.
    came = hops or any(one.address in owner.addresses for one in to)
    sent = (kind == "sent" and (ours or not came)) or (kind == "named-sent" and ours)
    at = arrival(received_at, sent_at, [one for one in hops if one is not None], sent=sent)
    # A mail of somebody else that was put among the drafts was sent all the same.
    among = kind in ("drafts", "named-drafts")
    unsent = among and (ours or not (hops or written.address))
    # And so was what a program has laid down elsewhere: Graph calls whatever is made by it a draft.
    unsent |= item.get("isDraft") is True and (among or ours or not came)
    message = MessageSeen(
        provider_id=text(item.get("id")),
        thread_id=text(item.get("conversationId")),
        message_key=mail_key(
            text(item.get("internetMessageId")), written, sent_at, at, subject, (*to, *cc)
        ),
        from_=written,
        at=at,
        sender_address=writer.address if writer.address != written.address else "",
        to=to,
        cc=cc,
        bcc=_people(item.get("bccRecipients")),
        subject=subject,
        dated_at=sent_at,
        in_reply_to=answers,
        references=references,
        sent=sent,
        draft=unsent,
        inbox=kind == "inbox",
        spam=kind == "junk",
        trash=kind == "deleted",
        flagged=text(flag.get("flagStatus")).lower() == "flagged",
        important=text(item.get("importance")).lower() == "high",
        labels=_categories(item),
        due_at=_due(flag, owner),
        headers=_raw(headers, calendar=is_meeting_message(item)),
        meeting_type=what,
        meeting_uid=about,
        meeting_recurrence_id=occurrence or "",
        meeting_start_at=_start(item, "startDateTime"),
        revision=text(item.get("@odata.etag")),
    )
    notice = None
    if about and occurrence is not None and what:
        notice = _notice(item, message, what, (about, occurrence), first)
    return Parsed(message, notice)


def _person(value: object) -> Person:
    given = mapping(mapping(value).get("emailAddress"))
    return Person(normal_forms.address(text(given.get("address"))), name_of(given))


def _people(value: object, header: str = "") -> tuple[Person, ...]:
    """The recipients in their order, each once; of one without an SMTP address the header may tell."""
    given = [_person(row) for row in rows(value)]
    if header and not all(one.address for one in given):
        given += people(header)
    found: dict[str, Person] = {}
    for person in given:
        if person.address:
            found.setdefault(person.address, person)
    return tuple(found.values())


def _categories(item: Json) -> tuple[str, ...]:
    given = item.get("categories")
    return tuple(text(one) for one in given if text(one)) if isinstance(given, list) else ()


def _due(flag: Json, owner: Owner) -> int | None:
    """The day on which a flag is due, as midnight UTC of its date."""
    due = flag.get("dueDateTime")
    moment = wall(due)
    if moment is None:
        written = day(due)
        return None if written is None else midnight(written)
    return midnight(nearest_day(moment, zone_named(owner.zone)))


def _raw(headers: list[tuple[str, str]], *, calendar: bool) -> str:
    lines = raw_lines(headers)
    if calendar and "content-class:" not in lines:
        lines = "\n".join(sorted([*lines.splitlines(), _CALENDAR_MAIL]))
    return lines


def _meeting_type(item: Json) -> str:
    """request, cancel, accept, tentative, decline, counter; "" where Graph does not say."""
    word = _TYPES.get(text(item.get("meetingMessageType")).lower(), "")
    if not word and text(item.get("@odata.type")).lower().endswith("eventmessagerequest"):
        word = "request"
    if not word:
        answer = RESPONSES.get(text(item.get("responseType")).lower())
        word = next((name for name, one in _ANSWERS.items() if one is answer), "")
    if word in _ANSWERS and mapping(item.get("proposedNewTime")):
        return "counter"
    return word


def _about(item: Json, owner: Owner) -> tuple[str, str | None]:
    """The meeting it is about: series UID, and recurrence id (None where that cannot be told)."""
    event = mapping(item.get("event"))
    uid = text(event.get("iCalUId"))
    if not uid:
        return "", None
    kind = text(item.get("type"))
    if kind == "seriesMaster" or (not kind and event.get("type") == "seriesMaster"):
        return normal_forms.series_uid(uid), ""
    try:
        if event.get("type") in ("occurrence", "exception"):
            return normal_forms.series_uid(uid), recurrence_id(
                event, owner, wall(event.get("start"))
            )
        if event.get("type") == "seriesMaster":
            # The message speaks of one occurrence, its event is the series: only an unmoved one
            # can be told, by its start.
            told = {"type": kind, "isAllDay": item.get("isAllDay"), "iCalUId": ""}
            return normal_forms.series_uid(uid), recurrence_id(
                told, owner, wall(item.get("startDateTime"))
            )
    except Unreadable:
        return normal_forms.series_uid(uid), None
    return normal_forms.series_uid(uid), normal_forms.single_id(uid)


def _start(item: Json, name: str) -> int | None:
    value = item.get(name)
    if item.get("isAllDay") is True:
        written = day(value)
        return None if written is None else midnight(written)
    return wall(value)


def _notice(
    item: Json,
    message: MessageSeen,
    what: str,
    key: tuple[str, str],
    headers: Mapping[str, str],
) -> MeetingSeen:
    """The act that a meeting message tells of, at the moment at which it was sent."""
    method = _METHODS[what]
    reply = method in (Method.REPLY, Method.COUNTER)
    guests: tuple[Guest, ...] = ()
    if reply:
        answer = RESPONSES.get(text(item.get("responseType")).lower()) or _ANSWERS.get(what)
        guests = (
            Guest(
                address=message.from_.address,
                name=message.from_.name,
                response=answer or Response.UNKNOWN,
                responded_at=message.dated_at,
                # Google marks every notice auto-generated; only auto-replied says: no person.
                machine=headers.get("auto-submitted", "").lower().startswith("auto-replied"),
                proposed_start=wall(mapping(item.get("proposedNewTime")).get("start")),
            ),
        )
    return MeetingSeen(
        provider_id=message.provider_id,
        calendar_id="primary",
        series_uid=key[0],
        recurrence_id=key[1],
        status=Status.CANCELLED if method is Method.CANCEL else Status.CONFIRMED,
        evidence=Evidence.NOTICE,
        method=method,
        acted_at=message.dated_at,
        start_at=message.meeting_start_at,
        end_at=_start(item, "endDateTime"),
        all_day=item.get("isAllDay") is True,
        # A request bears the meeting's own title, the others put a word before it.
        subject=message.subject if method is Method.REQUEST else "",
        organizer="" if reply else message.from_.address,
        organizer_name="" if reply else message.from_.name,
        organizer_is_self=message.sent and not reply,
        actor=message.from_.address,
        sent_by="" if message.sender_address in _POSTMEN else message.sender_address,
        previous_start_at=_start(item, "previousStartDateTime"),
        guests=guests,
        guests_complete=False,
        message_key=message.message_key,
    )
