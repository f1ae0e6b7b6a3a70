"""Which mail, and which act in it, tells of something that happened to a meeting?"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.model.headers.header_list import raw_lines
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
from tests.stories.cast import CAST, StoryError, address
from tests.stories.reading import Event, Story
from tests.stories.world import ANSWERS, MINUTE, Entry, guests_of

_GOOGLE_WORDS = {
    "accepts": "Accepted: ", "declines": "Declined: ", "tentative": "Tentative: ",
    "proposes": "Proposed new time: ", "moves": "Updated invitation: ",
    "cancels": "Canceled event: ", "invites": "Invitation: ",
}  # fmt: skip
_OUTLOOK_TYPES = {
    "accepts": "accept", "declines": "decline", "tentative": "tentative", "proposes": "counter",
    "moves": "request", "cancels": "cancel", "invites": "request",
}  # fmt: skip
_METHODS = {
    "accepts": Method.REPLY, "declines": Method.REPLY, "tentative": Method.REPLY,
    "proposes": Method.COUNTER, "moves": Method.REQUEST, "invites": Method.REQUEST,
    "cancels": Method.CANCEL,
}  # fmt: skip


def told(
    story: Story, entry: Entry, event: Event, at: int, way: str, number: int
) -> tuple[MessageSeen | None, MeetingSeen | None]:
    """The notification that the mailbox gets, and the act that it, or a log, makes known."""
    if event.does not in _METHODS:
        raise StoryError(f"{story.name}: nobody sends a mail when somebody {event.does!r}")
    whole = event.meeting.endswith("#all")
    act = _act(story, entry, event, at, way, number, whole=whole)
    if way == "audit":
        return None, act
    mail = _mail(story, entry, event, at, way, number)
    # Gmail shows headers only: what the mail is about is for its subject to say.
    return mail, None if story.provider == "google" and way == "mail" else act


def _act(
    story: Story, entry: Entry, event: Event, at: int, way: str, number: int, *, whole: bool
) -> MeetingSeen:
    who, method = address(_told_as(entry, event, way)), _METHODS[event.does]
    reply = method in (Method.REPLY, Method.COUNTER)
    response = ANSWERS.get(event.does, Response.UNKNOWN)
    proposed = story.at(event.to) if event.does == "proposes" else None
    start = story.at(event.to) if event.to else entry.start
    organiser = "" if entry.meeting.by == "group" else address(entry.meeting.by)
    guests: tuple[Guest, ...] = (
        Guest(who, response=response, responded_at=at, machine=event.machine,
              proposed_start=proposed),
    )  # fmt: skip
    if not reply:
        guests = guests_of(_naming_all(story), entry, "sam", organises=True)
    evidence = {"audit": Evidence.AUDIT, "itip": Evidence.ITIP}.get(way, Evidence.NOTICE)
    return MeetingSeen(
        provider_id=f"{way}-{entry.id}-{number}",
        calendar_id="primary",
        series_uid=entry.uid,
        recurrence_id="" if whole else entry.recurrence,
        status=Status.CANCELLED if method is Method.CANCEL else Status.CONFIRMED,
        evidence=evidence,
        method=method,
        acted_at=at,
        start_at=entry.start if proposed else start,
        end_at=(entry.start if proposed else start) + entry.meeting.minutes * MINUTE,
        subject=entry.title,
        organizer=organiser,
        organizer_is_self=entry.ours,
        actor=who,
        previous_start_at=_given_up(story, entry, event) if way == "mail" else None,
        sent_by=address(event.via) if event.via else "",
        sequence=entry.sequence,
        guests=guests,
        guests_complete=way == "itip" and not reply,
        message_key="" if way == "audit" else f"notice-{number}@mail.example",
    )


def _given_up(story: Story, entry: Entry, event: Event) -> int | None:
    """The start that a move gave up: Graph says it, whether the calendar has followed or not."""
    if story.provider != "microsoft" or event.does != "moves":
        return None
    return entry.moved_from if entry.start == story.at(event.to) else entry.start


def _told_as(entry: Entry, event: Event, way: str) -> str:
    """Who did it, as the message says: Google tells of a guest's move in the organiser's name."""
    by_guest = event.does == "moves" and entry.meeting.guests_can_modify and way != "audit"
    return entry.meeting.by if by_guest else event.who


def _recipient(entry: Entry) -> str:
    """Who gets a notice of ours: who organises the meeting, or the first guest of our own."""
    meeting = entry.meeting
    return address(meeting.with_[0] if meeting.by in ("sam", "bob", "group") else meeting.by)


def _naming_all(story: Story) -> Story:
    """A text/calendar part names everybody, as Google's copies do."""
    return story.model_copy(update={"provider": "google"})


def _mail(story: Story, entry: Entry, event: Event, at: int, way: str, number: int) -> MessageSeen:
    google = story.provider == "google" and way == "mail"
    start = datetime.fromtimestamp(entry.start / 1_000_000, ZoneInfo(story.zone))
    tail = f" @ {start:%a %b} {start.day}, {start.year} {start:%H:%M} (sam@ours.example)"
    word = _GOOGLE_WORDS[event.does]
    headers = [("Auto-Submitted", "auto-generated")]
    if not google:
        headers = [("Content-Class", "urn:content-classes:calendarmessage")]
        if way == "itip":
            headers = [("Content-Type", f"text/calendar; method={_METHODS[event.does].value}")]
    if event.checked == "fail" or (event.checked and way == "mail"):
        house = "google.com" if google else address(event.who).rpartition("@")[2]
        said = f"dkim={event.checked} header.i=@{house}; dmarc={event.checked}"
        headers.append(("Authentication-Results", f"mx.google.com; {said}"))
    via = address(event.via) if event.via else ""
    sent = _told_as(entry, event, way) in ("sam", "bob")
    return MessageSeen(
        provider_id=f"notice-{number}",
        thread_id=f"notice-{entry.id}",
        message_key=f"calendar-{number}@google.com" if google else f"notice-{number}@mail.example",
        from_=Person(address(_told_as(entry, event, way))),
        at=at,
        sender_address="calendar-notification@google.com" if google else via,
        to=(Person(_recipient(entry) if sent else CAST["sam"]),),
        subject=f"{word}{entry.title}{tail if google else ''}",
        dated_at=at,
        inbox=not sent,
        sent=sent,
        headers=raw_lines(headers),
        meeting_type="" if google or way == "itip" else _OUTLOOK_TYPES[event.does],
        meeting_uid="" if google or way == "itip" else entry.uid,
        meeting_recurrence_id="" if google or way == "itip" else entry.recurrence,
        meeting_start_at=None if google or way == "itip" else entry.start,
    )
