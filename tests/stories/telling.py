"""How does a story get into a store, and what is found of it?

A clock walks through the story. Where something happened, the calendar is looked at by the real
sync engine just before it and just after it, as a sync every two hours would have done; mail is
read at the last poll, at each report, and where a notification came. Reports are made by the real
`weekly.build`, so that an answer can only name what was printed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

import pandas as pd

from config import phrasing
from config.clock import Clock, from_micros
from config.ours import Ours
from config.policy import Policy
from connectors import sync
from connectors.interfaces import Page, Window
from connectors.model.frames import Frames
from connectors.model.headers.header_list import raw_lines
from connectors.model.records import (
    AttendanceSeen,
    Call,
    MessageSeen,
    Participant,
    Person,
)
from connectors.store.claims import Claim as StoredClaim
from connectors.store.store import Store
from jobs.delivery import remember
from jobs.delivery.envelope.report_week import report_week
from reports.claims import Claim
from reports.detect import pipeline
from reports.detect.scoring import past_standings
from reports.detect.setting import Setting
from reports.schemas import Findings
from reports.weekly import build as weekly
from tests.stories import notices, world
from tests.stories.apart import PLAIN, Mark, Parted
from tests.stories.cast import CAST, StoryError, address
from tests.stories.history import with_history
from tests.stories.post import Post
from tests.stories.reading import (
    Answer,
    Event,
    Mail,
    Meeting,
    Record,
    Story,
)
from tests.support.facts.findings import detected

HOUR = 3_600_000_000
DAY = 24 * HOUR
_STEPS = {"2 h": 2 * HOUR, "1 d": DAY, "7 d": 7 * DAY}
_AHEAD = 120 * DAY
#: So many stories make a company at most.
_MOST = 60
#: The place of a report among what happens at one moment.
_REPORT = 3

CAST_OURS = ("sam", "bob")


@dataclass(frozen=True)
class Told:
    """What was found at the end of one story, and the row number of each of its mails."""

    found: Findings
    mails: dict[str, int]


def tell(story: Story, url: str) -> Told:
    """Tell one story alone to the empty store at `url`."""
    return tell_together([story], url)[story.name]


def company(story: Story) -> Hashable:
    """Stories of an equal company can be told together: detection takes from them all the same.

    The report's moment and zone are one of the whole store, as is what its notices say, what waits
    to be fetched, and how long it was looked at; who is about those is told alone. Earlier reports
    are one detection of all: who has the same ones shares them, and nobody else pays for them.
    """
    alone = any(mail.pending for mail in story.mails) or any(
        one.about == "notice" for one in story.expect
    )
    return (
        story.name if alone else "",
        story.provider == "files",
        story.at(story.as_of),
        story.reports,
        story.zone,
        story.countries,
        story.at(story.since),
        story.past_days,
    )


def companies(stories: Iterable[Story]) -> list[list[Story]]:
    """The stories in groups that can be told together, in the order of their first ones.

    Two causes more to part them: five equal subjects of ours on one day are a mailing, whoever of
    us sent them; and the tests' workers share the companies among them, so none may be large.
    """
    groups: dict[Hashable, list[tuple[list[Story], Counter[tuple[str, int]]]]] = {}
    for story in stories:
        known = groups.setdefault(company(story), [])
        wrote = Counter(
            (mail.subject.lower().removeprefix("re: "), story.at(mail.at) // DAY)
            for mail in story.mails
            if mail.subject
        )
        for members, written in known:
            mailing = any(written[one] and written[one] + n >= 5 for one, n in wrote.items())
            if len(members) < _MOST and not mailing:
                members.append(story)
                written.update(wrote)
                break
        else:
            known.append(([story], wrote))
    return [members for known in groups.values() for members, _ in known]


def tell_together(stories: Sequence[Story], url: str) -> dict[str, Told]:
    """Tell stories of one company to the empty store at `url`, in one pass of time.

    Reports of one moment, and what is found at the end, are one detection for them all.
    """
    tellers, detection = _told(stories, url)
    parted = Parted(detection)
    return {teller.story.name: teller.told(detection.given, parted) for teller in tellers}


def detection_of(stories: Sequence[Story], url: str) -> pipeline.Detection:
    """What detection is asked at the end of stories of one company, told to the empty store at `url`."""
    return _told(stories, url)[1]


def _told(stories: Sequence[Story], url: str) -> tuple[list[_Teller], pipeline.Detection]:
    first = stories[0]
    clock = [min(story.at(story.since) for story in stories) - HOUR]
    with Store.open(url, Clock(now_=lambda: from_micros(clock[0]))) as store:
        tellers = [
            _Teller(story, store, clock, place if len(stories) > 1 else 0)
            for place, story in enumerate(stories, start=1)
        ]
        steps = [
            (at, order, teller, what) for teller in tellers for at, order, what in teller.steps()
        ]
        steps.sort(key=lambda one: one[:2])
        for (at, order), now in groupby(steps, key=lambda one: one[:2]):
            acting = [(teller, what) for _, _, teller, what in now]
            if order < _REPORT:
                for teller, what in acting:
                    teller.step(at, what)
            else:
                _report(store, at, [teller for teller, _ in acting], _ours(tellers))
        for teller in tellers:
            teller.end()
        return tellers, _detection(store, first.at(first.as_of), _ours(tellers))


def _detection(store: Store, at: int, ours: Ours) -> pipeline.Detection:
    """All facts as of the moment, to be asked what is found of them."""
    moment = from_micros(at)
    frames = store.frames(moment)
    setting = Setting.of(frames.tags, ours, Policy(), phrasing.load(), pd.Timestamp(moment))
    return pipeline.Detection(frames, setting)


def _ours(tellers: Sequence[_Teller]) -> Ours:
    """Our side in all of these stories."""
    sides = [teller.ours() for teller in tellers]
    return Ours(
        mailboxes=MappingProxyType({k: v for side in sides for k, v in side.mailboxes.items()}),
        domains=frozenset().union(*(side.domains for side in sides)),
        clients=frozenset().union(*(side.clients for side in sides)),
        zone=sides[0].zone,
        countries=sides[0].countries,
    )


def _report(store: Store, at: int, tellers: Sequence[_Teller], ours: Ours) -> None:
    """Make the reports of this moment: their claims get ids, their standings are kept."""
    for teller in tellers:
        teller.poll_before_report(at)
    detection = _detection(store, at, ours)
    parted = Parted(detection)
    for teller in tellers:
        teller.print_report(at, detection.given, parted)
    store.contact_memory.remember(remember.memories(detection))


class _Teller:
    def __init__(self, story: Story, store: Store, clock: list[int], place: int) -> None:
        self.story, self.store, self.clock = story, store, clock
        self.now = clock[0]
        self.mark = Mark.of(place) if place else PLAIN
        self.meetings, self.events = with_history(story)
        self.boxes = {
            box: store.mailboxes.ensure(self.address(box), story.provider, story.zone)
            for box in story.mailboxes
        }
        self.entries: list[world.Entry] = []
        self.calendars = {
            box: world.Calendar(story, box, self.entries, mark=self.mark) for box in self.boxes
        }
        self.posts = {box: Post(mark=self.mark) for box in self.boxes}
        self.sent: dict[str, MessageSeen] = {}
        self.printed: list[tuple[Claim, str]] = []
        self.number = 0
        self.news = self.mail_read = False

    def address(self, name: str) -> str:
        """Somebody's address as it stands in the store."""
        return self.mark.on(address(name))

    def steps(self) -> list[tuple[int, int, object]]:
        """What happens when; of one moment first what happens, then the poll, then the report."""
        story = self.story
        steps: list[tuple[int, int, object]] = []
        for meeting in self.meetings:
            for entry in world.entries(story, meeting):
                steps.append((entry.created, 0, entry))
            if meeting.accepted:
                guests = [one for one in meeting.with_ if one not in CAST_OURS]
                steps += [
                    (story.at(meeting.accepted), 1, _accepts(meeting, guest)) for guest in guests
                ]
        steps += [(story.at(event.at), 1, event) for event in self.events]
        steps += [(story.at(mail.at), 1, mail) for mail in story.mails]
        steps += [(story.at(answer.at), 1, answer) for answer in story.answers]
        steps += [(story.at(record.at), 1, record) for record in story.records]
        steps += [(story.at(report), _REPORT, "report") for report in story.reports]
        changes = sorted(at for at, _, what in steps if isinstance(what, world.Entry | Event))
        polls = self.polls = self._polls(changes)
        steps += [(poll, 2, "look") for poll in polls]
        end = story.at(story.as_of)
        late = [what for at, _, what in steps if at > end and what != "look"]
        if late:
            raise StoryError(f"{story.name}: {late[0]} is later than the report")
        self._opinions()
        return [one for one in steps if one[0] <= end]

    def end(self) -> None:
        """All is told: the mail is read once more, at the last poll."""
        end = self.story.at(self.story.as_of)
        self._go_to(max(self.polls[-1], self.now) if self.polls else end)
        self._read_mail()

    def told(self, frames: Frames, parted: Parted) -> Told:
        boxes = self.boxes.values()
        mine = frames.messages[frames.messages["mailbox_id"].isin(list(boxes))]
        names = mine["message_key"].str.split("@").str[0]
        # Google's notices have ids of its own kind, where no domain bears the mark.
        names = names.str.replace("calendar-", "notice-").str.removesuffix(self.mark.text)
        numbers = zip(names, mine["message_id"], strict=True)
        return Told(
            parted.plain(self.mark, boxes),
            {str(name): int(number) for name, number in numbers},
        )

    def _go_to(self, at: int) -> None:
        self.clock[0] = self.now = at

    def _polls(self, changes: list[int]) -> list[int]:
        """The polls that matter: the first, those around each change, the last before the end."""
        story = self.story
        end = story.at(story.as_of)
        if story.provider == "files":
            return []
        if not isinstance(story.looks, str):
            return [story.at(one) for one in story.looks]
        step = _STEPS.get(story.looks)
        if step is None:
            raise StoryError(f"{story.name}: looks are every {', '.join(_STEPS)}, or a list")
        grid = range(story.at(story.since), end + 1, step)
        chosen = {0, len(grid) - 1}
        for at in changes:
            after = bisect_left(grid, at)
            chosen |= {after - 1, after}
        return [grid[place] for place in sorted(chosen) if 0 <= place < len(grid)]

    def step(self, at: int, what: object) -> None:
        """Let one thing happen, or look."""
        self._go_to(at)
        if isinstance(what, world.Entry):
            self.entries.append(what)
            if self.story.provider == "files":
                invite = Event(at="", does="invites", who=what.meeting.by, seen=("itip",))
                self._tell(what, invite, at, "itip")
        elif isinstance(what, Event):
            self._event(at, what)
        elif isinstance(what, Mail):
            self._mail(at, what)
        elif isinstance(what, Answer):
            self._answer(at, what)
        elif isinstance(what, Record):
            self._record(at, what)
        else:
            self._poll()

    # -- what happens ---------------------------------------------------------------------------

    def _chosen(self, name: str) -> list[world.Entry]:
        series, _, which = name.partition("#")
        found = [one for one in self.entries if not series or one.meeting.id == series]
        if which not in ("", "all"):
            found = [one for one in found if one.number == int(which)]
        if (
            not found
            or (len({one.meeting.id for one in found}) > 1)
            or (not which and len(found) > 1)
        ):
            raise StoryError(f"{self.story.name}: {name or 'a meeting'!r} names {len(found)}")
        return found

    def _event(self, at: int, event: Event) -> None:
        found = self._chosen(event.meeting)
        if event.meeting.endswith("#all"):
            found = [entry for entry in found if entry.start > at]
        for place, entry in enumerate(found):
            if event.does == "vanishes":
                for calendar in self.calendars.values():
                    calendar.lost = True
            for way in event.seen:
                if way == "calendar":
                    world.happen(self.story, entry, event, at)
                elif place == 0 or not event.meeting.endswith("#all"):
                    self._tell(entry, event, at, way)

    def _tell(self, entry: world.Entry, event: Event, at: int, way: str) -> None:
        self.number += 1
        mail, act = notices.told(self.story, entry, event, at, way, self.number)
        if way == "audit" and act is not None:
            box = next(iter(self.boxes.values()))
            sync.apply_pages(self.store, box, "audit", [Page(meetings=(self.mark.on(act),))])
            return
        boxes = [box for box in entry.shown if box in self.posts and box != event.who]
        for name in boxes or ["sam"]:
            post = self.posts[name]
            if mail is not None:
                post.messages.append(mail)
            if act is not None:
                post.notices.append(act)
        self.news = True

    def _mail(self, at: int, mail: Mail) -> None:
        self.number += 1
        name = mail.id or f"mail-{self.number}"
        before = self.sent.get(mail.re)
        if mail.re and before is None:
            raise StoryError(f"{self.story.name}: {name} answers {mail.re!r}, which is no mail yet")
        ours = mail.from_ in CAST_OURS
        folder = mail.folder or ("sent" if ours else "inbox")
        thread = mail.thread or (before.thread_id if before else f"thread-{name}")
        wrote = Person(address(mail.from_))
        sender = address(mail.sender) if mail.sender else ""
        message = MessageSeen(
            provider_id=name,
            thread_id=thread,
            message_key=f"{name}@mail.example",
            from_=wrote,
            at=at,
            sender_address=sender if sender != wrote.address else "",
            to=_persons(mail.to),
            cc=_persons(mail.cc),
            bcc=_persons(mail.bcc),
            subject=mail.subject or (f"Re: {before.subject}" if before else self._about(name)),
            dated_at=at,
            in_reply_to=before.message_key if before else "",
            references=(*before.references, before.message_key) if before else (),
            sent=folder == "sent",
            inbox=folder == "inbox",
            spam=folder == "spam",
            trash=folder == "trash",
            promotions=folder == "promotions",
            flagged=mail.flagged,
            important=mail.important,
            labels=mail.labels,
            due_at=self.story.day(mail.due) if mail.due else None,
            headers=raw_lines(mail.headers.items()),
            meeting_type=mail.type,
        )
        self.sent[name] = message
        post = self.posts[mail.mailbox]
        (post.waiting if mail.pending else post.messages).append(message)

    def _about(self, name: str) -> str:
        """A subject of this story's own: five equal ones of a day are a mailing of ours."""
        return f"About {name}{self.mark.text}"

    def _answer(self, at: int, answer: Answer) -> None:
        ident = answer.id or self._printed(answer)
        box = next(iter(self.boxes))
        if answer.by == "command":
            self.store.claims.answer(self.boxes[box], ident, answer.word, at, "command")
            return
        self._mail(
            at,
            Mail(
                at=answer.at,
                from_=box,
                to=(box,),
                subject=f"noshow {ident} {answer.word}",
                folder="sent" if answer.by == "mail" else "inbox",
            ),
        )

    def _printed(self, answer: Answer) -> str:
        """The id of the one claim that was printed and that the answer speaks of."""
        start = self.story.at(answer.slot) if answer.slot else None
        stamp = "" if start is None else f"{from_micros(start):%Y-%m-%dT%H:%M}"
        fitting = {
            ident
            for claim, ident in self.printed
            if claim.kind == (answer.kind or claim.kind)
            and claim.contact == self.address(answer.who)
            and stamp in claim.evidence_key
        }
        if len(fitting) != 1:
            known = sorted(f"{one.kind} {one.contact}" for one, _ in self.printed)
            raise StoryError(
                f"{self.story.name}: the answer {answer.word!r} fits {len(fitting)} printed claims"
                f" of {known}"
            )
        return fitting.pop()

    def _record(self, at: int, record: Record) -> None:
        (entry,) = self._chosen(record.meeting)
        people = tuple(
            Participant(
                address(one.who) if one.who else "",
                "A guest" if not one.who else one.who,
                one.identity,
                at + one.after * world.MINUTE,
                at + (one.after + one.minutes) * world.MINUTE,
                one.minutes * 60,
            )
            for one in record.people
        )
        self.number += 1
        seen = AttendanceSeen(
            f"record-{self.number}",
            entry.uid,
            entry.recurrence,
            at,
            at + record.minutes * world.MINUTE,
            people,
        )
        box = next(iter(self.boxes.values()))
        sync.apply_pages(self.store, box, "attendance", [Page(attendance=(self.mark.on(seen),))])

    def _opinions(self) -> None:
        story, box = self.story, next(iter(self.boxes.values()))
        for tag in story.tags:
            value = self.address(tag.value) if tag.value else ""
            self.store.user_input.tag(box, self.address(tag.who), tag.word, value, story.at(tag.at))
        calls = [Call(story.at(one.at), self.address(one.who), one.outcome) for one in story.calls]
        self.store.user_input.log_calls(box, calls)
        for one in story.promises:
            made, due = story.at(one.made), story.day(one.due)
            self.store.user_input.promise(
                box, self.address(one.who), one.words, made, due, "command"
            )

    # -- looking --------------------------------------------------------------------------------

    def _poll(self) -> None:
        now = self.now
        window = Window(now - self.story.past_days * DAY, now + _AHEAD)
        for name, box in self.boxes.items():
            sync.sync_calendar(self.store, self.calendars[name], box, "primary", window)
        first = not self.mail_read
        if self.news or first or not isinstance(self.story.looks, str):
            self._read_mail()

    def _read_mail(self) -> None:
        self.news, self.mail_read = False, True
        now = self.now
        for name, box in self.boxes.items():
            sync.sync_mail(self.store, self.posts[name], box, now - self.story.past_days * DAY)

    def poll_before_report(self, at: int) -> None:
        """A report is made after a poll of its own."""
        self._go_to(at)
        if self.story.provider != "files":
            self._poll()
        self._read_mail()

    def print_report(self, at: int, frames: Frames, parted: Parted) -> None:
        """Make the report of this moment: its claims get ids, its standings are kept."""
        mine = parted.of(self.mark, self.boxes.values())
        local = datetime.fromtimestamp(at / 1_000_000, ZoneInfo(self.story.zone))
        week = report_week(local.date())
        told = detected(mine, frames, ours=self.ours(), policy=Policy())
        report = weekly.build(told, weekly.Edition(week))
        for claim in weekly.claims(report):
            stored = StoredClaim(claim.kind, claim.contact, claim.meeting_key, claim.evidence_key)
            (ident,) = self.store.claims.ids(claim.mailbox_id, [stored])
            self.printed = [one for one in self.printed if one[1] != ident] + [(claim, ident)]
        payload = past_standings.dumps(past_standings.snapshot(mine, week))
        for box in self.boxes.values():
            self.store.ledger.save_standings(box, week, at, payload)

    def ours(self) -> Ours:
        """Our side in this story."""
        story, on = self.story, self.mark.on
        boxes = {self.address(box): self.address(box) for box in story.mailboxes}
        clients = (self.address(one) if one in CAST else on(one) for one in story.clients)
        return Ours(
            mailboxes=MappingProxyType(boxes),
            domains=frozenset(on(one) for one in story.domains),
            clients=frozenset(clients),
            zone=story.zone,
            countries=story.countries,
        )


def _persons(names: Sequence[str]) -> tuple[Person, ...]:
    return tuple(Person(address(one)) for one in names)


def _accepts(meeting: Meeting, guest: str) -> Event:
    name = f"{meeting.id}#all" if meeting.every else meeting.id
    return Event(at=meeting.accepted, who=guest, does="accepts", meeting=name)


def fresh_url(folder: Path, template: Path) -> str:
    """A store of this test's own: a copy of an empty one, which saves its migrations."""
    target = folder / "noshow.db"
    target.write_bytes(template.read_bytes())
    target.chmod(0o600)
    return f"sqlite:///{target}"


def make_template(folder: Path) -> Path:
    """An empty store with all its tables."""
    file = folder / "template.db"
    Store.open(f"sqlite:///{file}").close()
    return file
