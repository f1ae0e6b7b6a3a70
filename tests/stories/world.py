"""What does a calendar show of a meeting, as Google and Outlook each show it?

The small truth behind a story: entries that change, and the record that each provider makes of
them (facts/google.md 1, facts/microsoft.md 2). Only what the stories need; the sandbox speaks the
providers' wire protocols in full.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from config.clock import from_micros
from connectors.interfaces import Page, Window
from connectors.model import normal_forms
from connectors.model.records import (
    Guest,
    MeetingSeen,
    Response,
    Status,
)
from tests.stories.apart import PLAIN, Mark
from tests.stories.cast import CAST, address
from tests.stories.reading import Event, Meeting, Story

MINUTE = 60_000_000
ANSWERS = {
    "accepts": Response.ACCEPTED,
    "declines": Response.DECLINED,
    "tentative": Response.TENTATIVE,
    "unanswered": Response.NONE,
    "proposes": Response.TENTATIVE,
}


@dataclass(frozen=True, slots=True)
class Said:
    """A guest's answer, when it was given and what they proposed instead."""

    response: Response = Response.NONE
    at: int | None = None
    machine: bool = False
    proposed: int | None = None


@dataclass
class Entry:
    """One occurrence: its times, the guests' answers, and in whose calendar it is how alive."""

    meeting: Meeting
    number: int
    start: int
    end: int
    original: int
    created: int
    updated: int
    sequence: int
    answers: dict[str, Said]
    shown: dict[str, str] = field(default_factory=dict)
    mark: str = ""
    moved_from: int | None = None

    @property
    def id(self) -> str:
        return self.meeting.id if not self.meeting.every else f"{self.meeting.id}#{self.number}"

    @property
    def title(self) -> str:
        return self.meeting.title or f"Talk about {self.meeting.id}"

    @property
    def ours(self) -> bool:
        return self.meeting.by in ("sam", "bob", "group")

    @property
    def uid(self) -> str:
        return f"{self.meeting.id}@cal.example"

    @property
    def recurrence(self) -> str:
        if not self.meeting.every:
            return ""
        moment = from_micros(self.original)
        return normal_forms.recurrence_id(moment.date() if self.meeting.all_day else moment)


def entries(story: Story, meeting: Meeting) -> Iterator[Entry]:
    """The occurrences of a meeting as it is made; a series keeps its wall time over the seasons."""
    first = story.at(meeting.at)
    made = story.at(meeting.made or story.before(first, days=14))
    zone = ZoneInfo(story.zone)
    for number in range(meeting.count):
        wall = datetime.fromtimestamp(first / 1_000_000, zone)
        later = wall + timedelta(days=meeting.every * number)
        # the first one as it is told: a sum of dates forgets which 02:30 it was
        start = round(later.timestamp() * 1_000_000) if number else first
        end = start + meeting.minutes * MINUTE
        if meeting.all_day:
            midnight = datetime(later.year, later.month, later.day, tzinfo=UTC)
            start = round(midnight.timestamp() * 1_000_000)
            end = start + 1440 * MINUTE
        answers = {address(who): Said() for who in meeting.with_}
        answers |= {
            CAST["sam"] if box == "sam" else address(box): Said(Response(meeting.sam), made)
            for box in meeting.mailboxes
        }
        if meeting.by != "group":
            answers[address(meeting.by)] = Said(Response.ACCEPTED, made)
        yield Entry(
            meeting, number + 1, start, end, start, made, made, meeting.sequence, answers,
            dict.fromkeys(meeting.mailboxes, "confirmed"),
        )  # fmt: skip


def happen(story: Story, entry: Entry, event: Event, at: int) -> None:
    """Change the entry by what happened; calendars show it from then on."""
    who = address(event.who)
    if not event.unnoticed:
        entry.updated = at
    if event.does in ANSWERS:
        proposed = story.at(event.to) if event.does == "proposes" else None
        answer = ANSWERS[event.does]
        if event.does == "proposes" and event.word == "declines":
            answer = Response.DECLINED
        entry.answers[who] = Said(answer, at, event.machine, proposed)
    elif event.does == "moves":
        length, entry.moved_from = entry.end - entry.start, entry.start
        entry.start = story.at(event.to)
        entry.end = entry.start + length
        entry.sequence += 1
        if not event.keeps_answers:
            for guest in entry.answers:
                if guest != who and guest != address(entry.meeting.by):
                    entry.answers[guest] = Said()
    elif event.does == "invites":
        entry.answers[address(event.whom)] = Said()
    elif event.does == "uninvites" and event.whom not in entry.shown:
        entry.answers.pop(address(event.whom))
    elif event.does == "marks":
        entry.mark = event.word
    elif event.does == "changes":
        entry.meeting = entry.meeting.model_copy(update={event.word: True})
    elif event.does != "edits":
        _show(entry, event)


def _show(entry: Entry, event: Event) -> None:
    """It is called off, gone or back, in all calendars or in some."""
    how = {
        "cancels": "cancelled",
        "vanishes": "vanished",
        "returns": "confirmed",
        "hides": "hidden",
        "shows": "confirmed",
    }
    if event.does == "uninvites":
        entry.shown[event.whom] = "cancelled"
        return
    chosen = event.mailboxes or (("sam",) if event.does == "deletes" else tuple(entry.shown))
    for box in chosen:
        entry.shown[box] = how.get(event.does, "deleted")


def record(story: Story, entry: Entry, box: str, calendar: str = "primary") -> MeetingSeen | None:
    """What the mailbox's calendar holds of the entry now; None where it holds nothing any more."""
    shown, google = entry.shown[box], story.provider == "google"
    organises = entry.meeting.by == box or (entry.meeting.by == "group" and box == "sam")
    if shown == "vanished" or (not google and (shown == "deleted" or _retracted(entry, box))):
        return None
    status = Status.CONFIRMED if shown == "confirmed" else Status.CANCELLED
    base = MeetingSeen(
        provider_id=f"{entry.id}-{box}",
        calendar_id=calendar,
        series_uid=entry.uid,
        recurrence_id=entry.recurrence,
        status=status,
        updated_at=entry.updated,
        updated_exact=google,
    )
    if shown == "hidden":
        return replace(base, status=Status.HIDDEN, stub=True)
    if status is Status.CANCELLED and google and not organises:
        # A guest's copy says that it is cancelled, and never by whom.
        return replace(base, stub=True)
    meeting = entry.meeting
    return replace(
        base,
        start_at=entry.start,
        end_at=entry.end,
        all_day=meeting.all_day,
        zone=story.zone,
        subject=entry.title,
        organizer="" if meeting.by == "group" else address(meeting.by),
        organizer_is_self=organises,
        created_at=None if meeting.undated else entry.created,
        sequence=entry.sequence if google else None,
        kind=meeting.kind,
        free=meeting.free,
        private=meeting.private,
        guests=() if meeting.hidden and not organises else guests_of(story, entry, box, organises),
        guests_complete=not meeting.hidden,
        guests_can_modify=meeting.guests_can_modify,
        online=f"meet-{meeting.id}" if meeting.online else "",
        on_site=meeting.on_site,
        mark=entry.mark,
    )


def _retracted(entry: Entry, box: str) -> bool:
    """Outlook keeps no copy of what its owner cancelled; a guest's copy stays, marked."""
    return entry.shown[box] == "cancelled" and entry.meeting.by in (box, "group")


def guests_of(story: Story, entry: Entry, box: str, organises: bool) -> tuple[Guest, ...]:
    google, owner = story.provider == "google", address(box)
    organiser = "" if entry.meeting.by == "group" else address(entry.meeting.by)
    found = []
    for who, said in entry.answers.items():
        if who == organiser and not google:
            continue
        response, at = said.response, None if google else said.at
        colleague = who in map(address, entry.shown)
        if not google and not organises and who != owner:
            # Outlook tells a guest nobody's answer but their own
            response = Response.UNKNOWN if colleague or response is Response.NONE else response
        found.append(
            Guest(
                who,
                response=response,
                responded_at=at if response not in (Response.NONE, Response.UNKNOWN) else None,
                is_self=who == owner,
                is_organizer=who == organiser,
                machine=said.machine and response is Response.DECLINED,
                proposed_start=None if google else said.proposed,
            )
        )
    rooms = entry.meeting.rooms
    found += [Guest(address(room), response=Response.ACCEPTED, resource=True) for room in rooms]
    return tuple(found)


@dataclass
class Calendar:
    """A CalendarSource over entries: first all of them, then what changed since the last poll."""

    story: Story
    box: str
    entries: list[Entry]
    parameters: str = "story"
    mark: Mark = PLAIN
    lost: bool = False
    last: dict[str, MeetingSeen] = field(default_factory=dict)

    def calendars(self) -> tuple[str, ...]:
        return ("primary",)

    def _now(self) -> dict[str, MeetingSeen]:
        seen = (record(self.story, one, self.box) for one in self.entries if self.box in one.shown)
        return {one.provider_id: one for one in seen if one is not None}

    def pages(self, calendar: str, cursor: str | None, window: Window) -> Iterator[Page]:
        now, before = self._now(), self.last
        self.last = now
        if cursor is None or self.lost:
            yield from self._listing(now, window)
            return
        changed = tuple(one for key, one in now.items() if before.get(key) != one)
        gone = tuple(key for key in before if key not in now)
        yield Page(meetings=self.mark.on(changed), removed=gone, cursor="on", last=True)

    def snapshot(self, calendar: str, window: Window) -> Iterator[Page]:
        yield from self._listing(self._now(), window)

    def _listing(self, now: dict[str, MeetingSeen], window: Window) -> Iterator[Page]:
        self.lost = False
        inside = tuple(
            one
            for one in now.values()
            if one.start_at is None or window.start < one.start_at < window.end
        )
        yield Page(meetings=self.mark.on(inside), cursor="on", last=True, full=True, window=window)
