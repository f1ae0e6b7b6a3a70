"""What does one mail of a file say: its headers as a record, and the acts in its calendar part?

Only a message whose bytes hold a sign of a calendar part (connectors.files.mail.opened.SIGNS) is opened as
MIME, and of it only such parts; of a delivery report is read whom it names and which mail came back
(delivery_report). The body of every other mail is never looked at, and none is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import tzinfo

from connectors.files.ical import itip, itip_occurrences
from connectors.files.mail import calendar_parts, delivery_report, header_scan, opened, winmail
from connectors.files.mail.folders import Filing, by_folder, by_labels
from connectors.files.mail.header_scan import Fields
from connectors.files.mail.mbox import Raw
from connectors.files.problems import Lost, Problem, Report
from connectors.model import normal_forms
from connectors.model.headers.address_lists import author
from connectors.model.headers.header_list import RAW, raw_lines
from connectors.model.headers.mail_dates import AHEAD, LATEST, arrival
from connectors.model.headers.mail_keys import file_id, mail_key
from connectors.model.headers.message_ids import answered
from connectors.model.records import MeetingSeen, MessageSeen, Method, Person, Response

_DAY = 86_400_000_000
_RAW = frozenset(name.lower() for name in RAW)
#: Without any of them it is no mail.
_ESSENTIAL = frozenset(("from", "date", "message-id", "subject", "received"))
#: A mail program's own marks of what was never sent; on a mail that arrived they mean nothing.
_UNSENT = (
    "x-unsent",
    "x-mozilla-draft-info",
    "x-draft-info",
    "x-apple-auto-saved",
    "x-mutt-references",
    "x-mutt-fcc",
    "x-mutt-pgp",
    "x-claws-end-special-headers",
    "x-sylpheed-end-special-headers",
)
#: Google's own lines stand above all others: whatever a sender wrote lies below (section 0 of docs/rules.md).
_TAKEOUT = ("x-gm-thrid", "x-gmail-labels")
#: What only a server that delivers a mail writes into it, beside Received.
_DELIVERED = (
    "delivered-to",
    "x-delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-received",
    "received-spf",
    "arc-seal",
)
_JOURNAL = "export the mailbox itself, not the one that the journal is sent to"
_WAYS = re.compile(r"\bwith\s+((?:UTF8)?(?:E?SMTP|LMTP)[A-Z]*)\b", re.IGNORECASE)
_BY_PASSWORD = re.compile(r"(?:UTF8)?E?SMTPS?A", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Context:
    """What is the same for all mails of one file.

    `parts`: the names on the path of the file, which may be those of mail folders.
    `flags`: letters of a Maildir name (F flagged, T trashed, D draft).
    """

    place: str
    me: frozenset[str]
    floating: tzinfo
    parts: tuple[str, ...] = ()
    flags: str = ""
    known: itip_occurrences.Known | None = None
    latest: int = LATEST


def read(
    raw: Raw, context: Context, report: Report
) -> tuple[MessageSeen | None, list[MeetingSeen]]:
    """The record of one mail and the acts in it; (None, []) and a problem where it is none."""
    place = f"{context.place}, message {raw.number} at byte {raw.offset}"
    found = header_scan.scan(raw.header)
    if _ESSENTIAL.isdisjoint(found):
        separated, _ = header_scan.separator_date(raw.separator)
        until = None if separated is None else separated + _DAY
        report(Problem(place, "no mail header in it", Lost.MESSAGE, until=until))
        return None, []
    whole = raw.whole
    is_report = whole is not None and delivery_report.is_one(found)
    if whole is not None and is_report:
        found = delivery_report.completed(found, whole)
    if whole is not None and opened.kinds(raw.header)[1]:
        # Perhaps held as a report alone: then no more of it is opened.
        whole = whole if opened.holds_calendar(raw.header, whole) else None
    message = _message(raw, found, context)
    if "x-ms-journal-report" in found:
        # Whoever wrote the mail inside, nobody but its own headers says so.
        reason = "a journal report of Exchange: the mail inside it is not read"
        report(Problem(place, reason, Lost.MESSAGE, _JOURNAL, message.at))
    if not message.draft and not message.chat:
        _name_date(found, message, place, report)
        if message.from_.name and not message.from_.address and not is_report:
            reason = "a From without an address: nobody knows who wrote it"
            report(Problem(place, reason, Lost.DETAIL))
    if raw.calendar_lost:
        report(Problem(place, "a calendar part beyond the first 8 MiB of the mail", Lost.PART))
    if whole is None:
        return message, []
    return _opened(whole, message, _envelope(found, message, context, place), context, report)


def _first(found: Fields, name: str) -> str:
    values = found.get(name)
    return values[0] if values else ""


def _all(found: Fields, name: str) -> tuple[Person, ...]:
    values = found.get(name)
    if not values:
        return ()
    if len(values) == 1:
        return header_scan.people(values[0])
    return tuple(dict.fromkeys(one for value in values for one in header_scan.people(value)))


def _message(raw: Raw, found: Fields, context: Context) -> MessageSeen:
    wrote = _author(found)
    sender = header_scan.people(_first(found, "sender"))[:1]
    to, cc, bcc = (_all(found, name) for name in ("to", "cc", "bcc"))
    subject = header_scan.subject(_first(found, "subject"))
    written = header_scan.date(_first(found, "date"))
    # A clock that is ahead of ours says nothing.
    dated = None if written is not None and written > context.latest + AHEAD else written
    answers, references = answered(
        " ".join(found.get("in-reply-to", ())), " ".join(found.get("references", ()))
    )
    filing = _filing(found, wrote, context)
    at = _moment(raw, found, dated, filing, context.latest)
    key = mail_key(_first(found, "message-id"), wrote, dated, at, subject, (*to, *cc))
    importance = _first(found, "importance").strip().lower()
    # By position, in the order of the fields: by name it costs three times as much.
    return MessageSeen(
        file_id(key, wrote.address, written, subject, sent=filing.sent),
        _thread(found),
        key,
        wrote,
        at,
        sender[0].address if sender and sender[0].address != wrote.address else "",
        to,
        cc,
        bcc,
        subject,
        dated,
        answers,
        references,
        filing.sent,
        filing.draft,
        filing.chat,
        filing.inbox,
        filing.spam,
        filing.trash,
        filing.promotions,
        filing.flagged,
        importance == "high" or _first(found, "x-priority")[:1] in ("1", "2"),
        filing.labels,
        None,  # due_at: no mail bears it
        raw.size,
        raw_lines([(name, value) for name in found if name in _RAW for value in found[name]]),
    )


def _author(found: Fields) -> Person:
    """Who wrote it, by From alone (section 0 of docs/rules.md)."""
    written = _all(found, "from")
    return written[0] if written else author(_first(found, "from"))


def _name_date(found: Fields, message: MessageSeen, place: str, report: Report) -> None:
    """Say which mail bears no usable date: what it may have answered is unknown."""
    if message.dated_at is not None:
        return
    what = "a Date that cannot be read or be true" if _first(found, "date") else "no Date"
    how = "dated by when it arrived" if message.at is not None else "it lies at an unknown time"
    report(Problem(place, f"{what}: {how}", Lost.DETAIL))


def _thread(found: Fields) -> str:
    """Gmail's thread as its API writes it: X-GM-THRID is the same number in decimal."""
    if "x-gm-thrid" not in found:
        return ""
    number = found["x-gm-thrid"][0]
    return f"{int(number):x}" if number.isascii() and number.isdigit() and len(number) < 25 else ""


def _moment(raw: Raw, found: Fields, dated: int | None, filing: Filing, latest: int) -> int | None:
    """When the provider took it: Takeout's separator, else the topmost Received, else Date.

    Any other From line is whoever wrote the file, and often bears the time of an export.
    """
    accepted = None
    if raw.separator and _from_takeout(found):
        separated, zoned = header_scan.separator_date(raw.separator)
        accepted = separated if zoned else None
    hops = header_scan.hops(found.get("received", []))
    return arrival(accepted, dated, hops, sent=filing.sent, latest=latest)


def _from_takeout(found: Fields) -> bool:
    """Do Google's own lines stand where only Google can write them: above every other?"""
    return next(iter(found), "") in _TAKEOUT and _TAKEOUT[0] in found


def _filing(found: Fields, author: Person, context: Context) -> Filing:
    """Labels decide, then the folder's name, then who wrote it and how it came here."""
    ours = author.address in context.me
    if set(list(found)[:2]) == set(_TAKEOUT):
        told = by_labels(found["x-gmail-labels"][0])
        if (told.draft or told.chat) and not ours and _arrived(found):
            # A label of the user's own may be called like a folder of drafts; it was sent all the same.
            told = replace(told, draft=False, chat=False)
        return replace(told, sent=told.sent and (ours or not _to(found, context.me)))
    filing = by_folder(context.parts)
    sent = filing.sent
    if not (filing.known and not filing.inbox) and ours:
        sent = _went_out(found, context.me)
    elif sent and not ours:
        # People keep a whole conversation among their sent mail, with what they were answered.
        sent = not _to(found, context.me) and _went_out(found, context.me | {author.address})
    mozilla = _hexadecimal(_first(found, "x-mozilla-status"))
    marks = _first(found, "status") + _first(found, "x-status")
    draft = filing.draft or "D" in context.flags or "T" in _first(found, "x-status")
    return Filing(
        known=filing.known,
        sent=sent,
        # A mail of somebody else that was put among the drafts was sent all the same.
        draft=(draft or _unsent(found)) and (ours or not (author.address or _arrived(found))),
        inbox=filing.inbox and not sent,
        spam=filing.spam,
        # 0x0008: deleted, and only not yet compacted (Mozilla's nsMsgMessageFlags).
        trash=filing.trash or "T" in context.flags or bool(mozilla & 0x8) or "D" in marks,
        flagged="F" in context.flags or bool(mozilla & 0x4) or "F" in marks,
    )


def _to(found: Fields, me: frozenset[str]) -> bool:
    """Does To name one of us?"""
    return any(one.address in me for one in _all(found, "to"))


def _arrived(found: Fields) -> bool:
    return "received" in found or any(name in found for name in _DELIVERED)


def _unsent(found: Fields) -> bool:
    """Does the program that wrote it say that it was never sent?"""
    if _arrived(found):
        return False
    marked = any(_first(found, name).strip() not in ("", "0") for name in _UNSENT)
    return marked or "mail-draft" in _first(found, "x-uniform-type-identifier")


def _went_out(found: Fields, me: frozenset[str]) -> bool:
    """A mail of ours that never arrived anywhere is a sent one: nothing received it, or only the
    server that we handed it to with a password (`with ESMTPSA`, RFC 3848).

    No line of a server that delivers stands in it, and its envelope names nobody else.
    """
    path = _first(found, "return-path").strip(" <>")
    checked = found.get("authentication-results", [])
    if any(name in found for name in _DELIVERED) or (path and normal_forms.address(path) not in me):
        return False
    # Whom it let in by a password, a server says there as well.
    if any("auth=pass" not in one.replace(" ", "").lower() for one in checked):
        return False
    hops = found.get("received", [])
    # What comes after the last `with` is the server's; a name before it is the sender's.
    ways = _WAYS.findall(hops[0].rpartition(";")[0] or hops[0]) if hops else []
    return not hops or (len(hops) == 1 and bool(ways) and bool(_BY_PASSWORD.fullmatch(ways[-1])))


def _hexadecimal(text: str) -> int:
    try:
        return int(text.strip()[:8], 16)
    except ValueError:
        return 0


#: As every other program types a receipt (RFC 8098 3).
_RECEIPT = "content-type: multipart/report; report-type=disposition-notification"


def _opened(
    whole: bytes, message: MessageSeen, envelope: itip.Envelope, context: Context, report: Report
) -> tuple[MessageSeen, list[MeetingSeen]]:
    """The mail with what its calendar parts make of it, and the iTIP acts in them, each once however
    often it is attached.
    """
    place, wrote = envelope.place, message.from_.address
    acts: dict[MeetingSeen, bool] = {}
    kind = ""
    for part in calendar_parts.read(whole, place, report):
        if part.method == calendar_parts.WINMAIL:
            if winmail.is_receipt(part.data):
                message = replace(message, headers=f"{_RECEIPT}\n{message.headers}".strip())
            # Only which kind it is: the people and the title must tell of which meeting.
            kind = winmail.meeting_type(part.data)
            if kind:
                reason = "a meeting's mail in a form of Outlook's own (winmail.dat): its kind alone is read"
                report(Problem(place, reason, Lost.DETAIL))
            continue
        for act in itip.read(part, envelope, context.me, context.floating, report):
            # Who attaches a file of somebody else's act writes a mail of their own.
            acts.setdefault(act, not part.as_file or wrote in (act.actor, act.sent_by))
    told = [act for act, carried in acts.items() if carried]
    if told:
        message = _typed(message, told[0])
    elif kind and envelope.senders:
        message = replace(message, meeting_type=kind)
    return message, list(acts)


def _envelope(found: Fields, message: MessageSeen, context: Context, place: str) -> itip.Envelope:
    # The author is From alone: whoever writes a mail can write any Sender and Reply-To; and a mail
    # in our name that is not among our sent ones is nobody's word.
    written = message.from_.address
    author = written if message.sent or written not in context.me else ""
    return itip.Envelope(
        place=place,
        message_key=message.message_key,
        at=message.at,
        senders=(author,) if author else (),
        by_machine=_first(found, "auto-submitted").strip().lower().startswith("auto-replied"),
        own=message.sent and message.from_.address in context.me,
        known=context.known,
        until=context.latest,
    )


_TYPES = {Method.REQUEST: "request", Method.ADD: "request", Method.CANCEL: "cancel"}
_ANSWERS = {
    Response.ACCEPTED: "accept",
    Response.TENTATIVE: "tentative",
    Response.DECLINED: "decline",
}


def _typed(message: MessageSeen, act: MeetingSeen) -> MessageSeen:
    """The mail with its meeting: what kind of meeting mail it is, and about which meeting."""
    kind = _TYPES.get(act.method, "")
    if not act.actor:
        # Not believed (itip._believed): the mail must not speak for anybody either.
        kind = ""
    elif act.method is Method.COUNTER:
        kind = "counter"
    elif act.method is Method.REPLY and act.guests:
        kind = _ANSWERS.get(act.guests[0].response, "")
    return replace(
        message,
        meeting_type=kind,
        meeting_uid=act.series_uid,
        meeting_recurrence_id=act.recurrence_id,
        meeting_start_at=act.start_at,
    )
