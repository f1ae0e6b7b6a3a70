"""What would Google Takeout give of a mailbox in the sandbox's world? A calendar and a mailbox file.

Written by hand after real exports (RFC 5545, RFC 4155, X-GM-THRID and X-Gmail-Labels), so that the
readers of files are held to the same small world as the providers.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from config.clock import from_micros
from connectors.sandbox.world.mailboxes import Stored
from connectors.sandbox.world.mails import PRIVATE, Letter, Notice
from connectors.sandbox.world.meetings import Meeting, Seat
from connectors.sandbox.world.world import World

_PARTSTAT = {
    "accepted": "ACCEPTED",
    "declined": "DECLINED",
    "tentative": "TENTATIVE",
    "needsAction": "NEEDS-ACTION",
}
_LABELS = {
    "INBOX": "Inbox",
    "SENT": "Sent",
    "SPAM": "Spam",
    "TRASH": "Trash",
    "DRAFT": "Drafts",
    "STARRED": "Starred",
    "IMPORTANT": "Important",
    "UNREAD": "Unread",
    "CATEGORY_PROMOTIONS": "Category promotions",
    "CATEGORY_PERSONAL": "Category personal",
    "CATEGORY_UPDATES": "Category updates",
}


def write(world: World, owner: str, folder: Path) -> list[Path]:
    """The owner's files as an export made now would have them. -> their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    calendar, mailbox = folder / "calendar.ics", folder / "mail.mbox"
    calendar.write_bytes(_folded(_calendar(world, owner)))
    mails = world.state.mailboxes[owner].mails.values()
    mailbox.write_bytes(b"".join(_message(owner, mail) for mail in mails))
    return [calendar, mailbox]


def _folded(lines: Iterator[str]) -> bytes:
    """Content lines with CRLF, folded at 75 octets (RFC 5545, 3.1)."""
    out = []
    for line in lines:
        while len(line) > 74:
            out.append(line[:74])
            line = " " + line[74:]
        out.append(line)
    return ("\r\n".join(out) + "\r\n").encode()


def _calendar(world: World, owner: str) -> Iterator[str]:
    account = world.state.accounts[owner]
    yield from (
        "BEGIN:VCALENDAR",
        "PRODID:-//Google Inc//Google Calendar 70.9054//EN",
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{account.address}",
        f"X-WR-TIMEZONE:{account.zone}",
    )
    for uid in world.state.calendars.get(owner, ()):
        meeting = world.state.meetings[uid]
        copy = meeting.copies[owner]
        # An export holds what stands in the calendar; what is gone is not there.
        if meeting.cancelled or copy.gone.get(None):
            continue
        yield from _series(world, owner, meeting)
    yield "END:VCALENDAR"


def _series(world: World, owner: str, meeting: Meeting) -> Iterator[str]:
    gone = {key for key in meeting.copies[owner].gone if key is not None}
    gone |= {key for key, one in meeting.exceptions.items() if one.cancelled}
    lines = []
    if meeting.rule is not None:
        lines.append(meeting.rule.text())
        lines += [f"EXDATE;TZID={meeting.zone}:{_local(meeting, key)}" for key in sorted(gone)]
    yield from _entry(world, meeting, meeting.seats, meeting.start, meeting.end, lines)
    for key, one in sorted(meeting.exceptions.items()):
        if key not in gone:
            mark = [f"RECURRENCE-ID;TZID={meeting.zone}:{_local(meeting, key)}"]
            yield from _entry(world, meeting, one.seats, one.start, one.end, mark)


def _entry(
    world: World, meeting: Meeting, seats: dict[str, Seat], start: int, end: int, more: list[str]
) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"DTSTART;TZID={meeting.zone}:{_local(meeting, start)}"
    yield f"DTEND;TZID={meeting.zone}:{_local(meeting, end)}"
    yield from more
    yield f"DTSTAMP:{_utc(world.state.now)}"
    yield f"ORGANIZER;CN={meeting.organizer_name}:mailto:{meeting.organizer}"
    yield f"UID:{meeting.uid}"
    for seat in seats.values():
        state = _PARTSTAT[seat.response]
        yield f"ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT={state};CN={seat.name}:mailto:{seat.address}"
    yield f"CREATED:{_utc(meeting.created)}"
    yield f"LAST-MODIFIED:{_utc(meeting.created)}"
    yield f"SEQUENCE:{meeting.sequence}"
    yield "STATUS:CONFIRMED"
    yield f"SUMMARY:{meeting.title}"
    yield f"DESCRIPTION:{PRIVATE} of {meeting.title}"
    yield "TRANSP:OPAQUE"
    yield "END:VEVENT"


def _utc(micros: int) -> str:
    return f"{from_micros(micros):%Y%m%dT%H%M%SZ}"


def _local(meeting: Meeting, micros: int) -> str:
    return f"{from_micros(micros).astimezone(ZoneInfo(meeting.zone)):%Y%m%dT%H%M%S}"


def _message(owner: str, mail: Stored) -> bytes:
    letter = mail.letter
    stamp: datetime = from_micros(mail.at).astimezone(UTC)
    head = [f"From {int(mail.id, 16)}@xxx {stamp:%a %b %d %H:%M:%S} +0000 {stamp:%Y}"]
    head.append(f"X-GM-THRID: {int(mail.thread, 16)}")
    head.append(f"X-Gmail-Labels: {','.join(_LABELS.get(one, one) for one in sorted(mail.labels))}")
    received = owner if mail.received else ""
    for name, value in letter.lines(received_by=received, show_bcc=not received):
        if name != "Content-Type":
            head.append(f"{name}: {value}")
    return "\r\n".join([*head, *_content(letter), "", ""]).encode()


def _content(letter: Letter) -> list[str]:
    if letter.notice is None:
        return [f"Content-Type: {letter.content_type}", "", f"{PRIVATE} words", ""]
    return [
        'Content-Type: multipart/alternative; boundary="part"',
        "",
        "--part",
        "Content-Type: text/plain; charset=utf-8",
        "",
        f"{PRIVATE} words",
        "--part",
        f"Content-Type: text/calendar; charset=utf-8; method={letter.notice.method.upper()}",
        "",
        *_itip(letter.notice, letter.subject),
        "--part--",
        "",
    ]


def _itip(notice: Notice, title: str) -> list[str]:
    state = _PARTSTAT.get(notice.response, "NEEDS-ACTION")
    sent_by = f';SENT-BY="mailto:{notice.sent_by.address}"' if notice.sent_by is not None else ""
    answered = notice.method in ("reply", "counter")
    return [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Google Inc//Google Calendar 70.9054//EN",
        f"METHOD:{notice.method.upper()}",
        "BEGIN:VEVENT",
        f"DTSTART:{_utc(notice.start)}",
        f"DTEND:{_utc(notice.end)}",
        f"DTSTAMP:{_utc(notice.stamp)}",
        f"ORGANIZER:mailto:{notice.organizer.address}",
        f"UID:{notice.uid}",
        *([f"RECURRENCE-ID:{_utc(notice.original)}"] if notice.original is not None else []),
        *(
            [f"ATTENDEE;PARTSTAT={state}{sent_by}:mailto:{notice.actor.address}"]
            if answered
            else []
        ),
        f"SEQUENCE:{notice.sequence}",
        f"SUMMARY:{title}",
        f"DESCRIPTION:{PRIVATE} in a calendar part",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
