"""What does one mail of a file say: its headers as a record, and the acts in its calendar part?

Only a message whose bytes hold `text/calendar` is opened as MIME, and of it only such parts. The
body of every other mail is never looked at, and none is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from email import message_from_bytes

from config.clock import to_micros
from connectors.files.ical import itip
from connectors.files.mail import header_scan
from connectors.files.mail.folders import Filing, by_folder, by_labels
from connectors.files.mail.header_scan import Fields
from connectors.files.mail.mbox import Raw
from connectors.files.problems import Lost, Problem, Report
from connectors.model import normal_forms
from connectors.model.header_list import RAW, raw_lines
from connectors.model.header_values import author
from connectors.model.mail_keys import mail_key
from connectors.model.records import MeetingSeen, MessageSeen, Method, Person, Response

#: Multiparts and lines of a calendar mail; a mail beyond them is built to be slow.
_MOST_BOUNDARIES = 60
_MOST_WORK = 20_000_000
_MOST_PARTS = 300
_NOBODY = Person("")
_RAW = frozenset(name.lower() for name in RAW)
#: Mails are dated between 1990 and this, if the import knows no better; else a date is absurd.
EARLIEST = to_micros(datetime(1990, 1, 1, tzinfo=UTC))
LATEST = to_micros(datetime(2200, 1, 1, tzinfo=UTC))


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
    known: itip.Known | None = None
    latest: int = LATEST


def read(
    raw: Raw, context: Context, report: Report
) -> tuple[MessageSeen | None, list[MeetingSeen]]:
    """The record of one mail and the acts in it; (None, []) and a problem where it is none."""
    place = f"{context.place}, message {raw.number} at byte {raw.offset}"
    found = header_scan.scan(raw.header)
    if not any(name in found for name in ("from", "date", "message-id", "subject", "received")):
        report(Problem(place, "no mail header in it", Lost.MESSAGE))
        return None, []
    message = _message(raw, found, context)
    acts = list(_acts(raw, found, message, context, place, report))
    if acts:
        message = _typed(message, acts)
    return message, acts


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
    wrote, sender = _author(found)
    filing = _filing(found, wrote, context)
    dated = header_scan.date(_first(found, "date"))
    at = _moment(raw, found, dated, context.latest)
    to, cc = _all(found, "to"), _all(found, "cc")
    subject = header_scan.subject(_first(found, "subject"))
    key = mail_key(_first(found, "message-id"), wrote, dated, at, subject, (*to, *cc))
    references = normal_forms.message_keys(" ".join(found.get("references", ())))
    answered = normal_forms.message_keys(_first(found, "in-reply-to"))
    importance = _first(found, "importance").strip().lower()
    return MessageSeen(
        # A mail to oneself lies there twice, and the sent copy must not lose its place.
        provider_id=f"sent:{key}" if filing.sent else key,
        thread_id=_thread(found),
        message_key=key,
        from_=wrote,
        at=at,
        sender_address=sender if sender != wrote.address else "",
        to=to,
        cc=cc,
        bcc=_all(found, "bcc"),
        subject=subject,
        dated_at=dated,
        in_reply_to=answered[0] if answered else "",
        references=references[-100:],
        sent=filing.sent,
        draft=filing.draft,
        chat=filing.chat,
        inbox=filing.inbox,
        spam=filing.spam,
        trash=filing.trash,
        promotions=filing.promotions,
        flagged=filing.flagged,
        important=importance == "high" or _first(found, "x-priority")[:1] in ("1", "2"),
        labels=filing.labels,
        size=raw.size,
        headers=raw_lines(
            [(name, value) for name in found if name in _RAW for value in found[name]]
        ),
    )


def _author(found: Fields) -> tuple[Person, str]:
    """(who wrote it, the address that sent it), with a list's rewriting undone."""
    written = _all(found, "from")
    sender = _all(found, "sender")
    return author(
        written[0] if written else _NOBODY,
        sender[0].address if sender else "",
        lambda name: _all(found, name),
    )


def _thread(found: Fields) -> str:
    """Gmail's thread as its API writes it: X-GM-THRID is the same number in decimal."""
    number = _first(found, "x-gm-thrid").strip()
    return f"{int(number):x}" if number.isascii() and number.isdigit() and len(number) < 25 else ""


def _moment(raw: Raw, found: Fields, dated: int | None, latest: int) -> int | None:
    """When the provider took it: Takeout's separator, else the topmost Received, else Date."""
    separated, zoned = header_scan.separator_date(raw.separator) if raw.separator else (None, False)
    if separated is not None and zoned and ("x-gm-thrid" in found or "x-gmail-labels" in found):
        if EARLIEST <= separated < latest:
            return separated
    candidates = (header_scan.received(found.get("received", [])), dated, separated)
    return next((at for at in candidates if at is not None and EARLIEST <= at < latest), None)


def _filing(found: Fields, author: Person, context: Context) -> Filing:
    """Labels decide, then the folder's name, then who wrote it and how it came here."""
    if "x-gmail-labels" in found:
        return by_labels(", ".join(found["x-gmail-labels"]))
    filing = by_folder(context.parts)
    sent = filing.sent
    if not (filing.known and not filing.inbox) and author.address in context.me:
        sent = _went_out(found)
    mozilla = _hexadecimal(_first(found, "x-mozilla-status"))
    marks = _first(found, "status") + _first(found, "x-status")
    return Filing(
        known=filing.known,
        sent=sent,
        draft=filing.draft or "D" in context.flags or "T" in _first(found, "x-status"),
        inbox=filing.inbox and not sent,
        spam=filing.spam,
        # 0x0008: deleted, and only not yet compacted (Mozilla's nsMsgMessageFlags).
        trash=filing.trash or "T" in context.flags or bool(mozilla & 0x8) or "D" in marks,
        flagged="F" in context.flags or bool(mozilla & 0x4) or "F" in marks,
    )


def _went_out(found: Fields) -> bool:
    """A mail of ours that never arrived anywhere is a sent one: nothing received it, or only the
    server that we handed it to with a password (`with ESMTPSA`, RFC 3848).
    """
    if "delivered-to" in found or "x-original-to" in found:
        return False
    hops = found.get("received", [])
    if not hops:
        return True
    return len(hops) == 1 and bool(re.search(r"\bwith\s+(?:UTF8)?(?:E?SMTPS?A)\b", hops[0]))


def _hexadecimal(text: str) -> int:
    try:
        return int(text.strip()[:8], 16)
    except ValueError:
        return 0


def _acts(
    raw: Raw,
    found: Fields,
    message: MessageSeen,
    context: Context,
    place: str,
    report: Report,
) -> Iterator[MeetingSeen]:
    """The iTIP acts in the calendar parts of a mail, each once however often it is attached."""
    if raw.calendar_lost:
        report(Problem(place, "a calendar part beyond the first 8 MiB of the mail", Lost.PART))
    if raw.whole is None:
        return
    # The author is From alone: whoever writes a mail can write any Sender and Reply-To.
    author = message.from_.address
    envelope = itip.Envelope(
        place=place,
        message_key=message.message_key,
        at=message.at,
        senders=(author,) if author else (),
        by_machine=_first(found, "auto-submitted").strip().lower().startswith("auto-replied"),
        own=message.sent and message.from_.address in context.me,
        known=context.known,
        until=context.latest,
    )
    seen: set[MeetingSeen] = set()
    for charset, method, data in _parts(raw.whole, place, report):
        for act in itip.read(
            data,
            charset=charset,
            method=method,
            envelope=envelope,
            me=context.me,
            floating=context.floating,
            report=report,
        ):
            if act not in seen:
                seen.add(act)
                yield act


def _parts(whole: bytes, place: str, report: Report) -> Iterator[tuple[str, str, bytes]]:
    """(charset, METHOD parameter, content) of each text/calendar part."""
    boundaries = whole.lower().count(b"boundary=")
    if boundaries > _MOST_BOUNDARIES or boundaries * whole.count(b"\n") > _MOST_WORK:
        report(Problem(place, "a mail of too many parts inside one another", Lost.PART))
        return
    try:
        parts = []
        for number, part in enumerate(message_from_bytes(whole).walk()):
            if number > _MOST_PARTS:
                report(Problem(place, f"a mail of more than {_MOST_PARTS} parts", Lost.PART))
                break
            if part.get_content_type() != "text/calendar":
                continue
            data = part.get_payload(decode=True)
            method = part.get_param("method", "")
            charset = part.get_param("charset", "")
            if isinstance(data, bytes):
                parts.append((str(charset), str(method), data))
    except Exception as error:  # noqa: BLE001
        # The standard library's parser raises many kinds upon a hostile mail; the mail is kept,
        # its part is named, and nothing of its text gets into the message.
        kind = type(error).__name__
        report(Problem(place, f"a mail that cannot be opened ({kind})", Lost.PART))
        return
    yield from parts


_TYPES = {Method.REQUEST: "request", Method.ADD: "request", Method.CANCEL: "cancel"}
_ANSWERS = {
    Response.ACCEPTED: "accept",
    Response.TENTATIVE: "tentative",
    Response.DECLINED: "decline",
}


def _typed(message: MessageSeen, acts: list[MeetingSeen]) -> MessageSeen:
    """The mail with its meeting: what kind of meeting mail it is, and about which meeting."""
    act = acts[0]
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
