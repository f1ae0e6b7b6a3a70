"""Which mail does a calendar send when something happens to a meeting?

Google's and Exchange's shapes, from real mails: facts/google.md 2.4, 2.5 and 7; detection.md 2.
From is the person who acts; Google marks the mail by its Sender and Message-ID, Exchange by its
X-MS-Exchange-Calendar headers, and names an assistant who acts for somebody in Sender.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from config.clock import from_micros
from connectors.sandbox.world.mailboxes import digest
from connectors.sandbox.world.mails import PRIVATE, Letter, Notice
from connectors.sandbox.world.meetings import Meeting
from connectors.sandbox.world.people import Human

_CALENDAR = Human("calendar-notification@google.com", "Google Calendar")
_SECOND = 1_000_000
_GOOGLE = {
    "new": "Invitation: ",
    "updated": "Updated invitation: ",
    "cancel": "Canceled event: ",
    "accepted": "Accepted: ",
    "declined": "Declined: ",
    "tentative": "Tentative: ",
    "counter": "Proposed new time: ",
}
_EXCHANGE = {
    "new": "",
    "updated": "",
    "cancel": "Canceled: ",
    "accepted": "Accepted: ",
    "declined": "Declined: ",
    "tentative": "Tentative: ",
    "counter": "New Time Proposed: ",
}


def letter(
    meeting: Meeting,
    notice: Notice,
    wording: str,
    to: Human,
    zone: str,
) -> Letter:
    """The notification that `notice.actor`'s system sends to one person.

    `wording` is a key of the tables above; `zone` is the recipient's, for the date in the subject.
    """
    number = digest(meeting.uid, notice.original, notice.stamp, wording, to.address)
    if notice.actor.system == "exchange":
        return _exchange(meeting, notice, wording, to, number)
    return _google(meeting, notice, wording, to, zone, number)


def _google(
    meeting: Meeting, notice: Notice, wording: str, to: Human, zone: str, number: int
) -> Letter:
    # Google shows no assistant: whoever acts in the calendar acts as its owner.
    person = notice.actor
    key = f"calendar-{uuid.UUID(int=(number << 64) | digest(number))}@google.com"
    subject = f"{_GOOGLE[wording]}{meeting.title} @ {when(meeting, notice, zone)} ({to.address})"
    return Letter(
        key=key,
        at=notice.stamp + (1 + number % 3) * _SECOND,
        from_=person,
        to=(to,),
        sender=_CALENDAR,
        subject=subject,
        kind="notice",
        headers=(("Reply-To", person.address), ("Auto-Submitted", "auto-generated")),
        content_type=f'multipart/mixed; boundary="{number:016x}"',
        body=f"{PRIVATE} {meeting.title}",
        size=14_000 + number % 1800,
        # Both forms occur (2021 and 2025 samples: the person; 2023 to 2025: the bounce host).
        return_path=person.address
        if number % 2
        else f"3{number:x}@calendar-server.bounces.google.com",
        notice=notice,
    )


def _exchange(meeting: Meeting, notice: Notice, wording: str, to: Human, number: int) -> Letter:
    host = notice.actor.address.rpartition("@")[2]
    reply = notice.method in ("reply", "counter")
    headers = [
        ("Thread-Topic", meeting.title),
        ("X-MS-Exchange-Calendar-Originator-Id", f"{number:032x}"),
        ("X-MS-TrafficTypeDiagnostic", f"VI1PR0{number % 90 + 10}:EE_MeetingMessage"),
    ]
    if notice.original is not None:
        headers.append(("X-MS-Exchange-Calendar-Series-Instance-Id", f"{number:040x}"))
    if notice.machine:
        headers.append(("X-Auto-Response-Suppress", "All"))
    return Letter(
        key=f"VI1PR{number:016X}@{host.upper()}",
        at=notice.stamp + (2 + number % 4) * _SECOND,
        from_=notice.actor,
        to=(to,),
        sender=notice.sent_by,
        subject=_EXCHANGE[wording] + meeting.title,
        kind="notice",
        headers=tuple(headers),
        content_type=f'multipart/alternative; boundary="_000_{number:016X}_"'
        if reply or notice.method == "cancel"
        else f'multipart/mixed; boundary="_004_{number:016X}_"',
        body=f"{PRIVATE} {meeting.title}",
        size=9_000 + number % 2500,
        notice=notice,
    )


def when(meeting: Meeting, notice: Notice, zone: str) -> str:
    """The date in a Google subject: `Tue Nov 17, 2026 3pm - 3:30pm (CET)`, in the reader's zone."""
    if notice.all_day:
        first, last = from_micros(notice.start), from_micros(notice.end) - timedelta(days=1)
        if first.date() == last.date():
            return f"{first:%a %b} {first.day}, {first.year}"
        return f"{first:%a %b} {first.day} - {last:%a %b} {last.day}, {last.year}"
    start = from_micros(notice.start).astimezone(ZoneInfo(zone))
    end = from_micros(notice.end).astimezone(ZoneInfo(zone))
    if meeting.rule is not None and notice.original is None:
        step = meeting.rule.interval
        every = {"daily": "day", "weekly": "week", "monthly": "month"}[meeting.rule.freq]
        often = f"Every {step} {every}s" if step > 1 else f"{every.capitalize().rstrip('y')}ly"
        if meeting.rule.freq == "daily" and step == 1:
            often = "Daily"
        return f"{often} from {_clock(start)} to {_clock(end)} on {start:%A} ({start:%Z})"
    return f"{start:%a %b} {start.day}, {start.year} {_clock(start)} - {_clock(end)} ({start:%Z})"


def _clock(moment: datetime) -> str:
    hour = moment.hour % 12 or 12
    half = "am" if moment.hour < 12 else "pm"
    return f"{hour}:{moment.minute:02d}{half}" if moment.minute else f"{hour}{half}"
