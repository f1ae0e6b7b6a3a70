"""How is a world read without a wire? The sources' own parsing over what the sandbox would reply.

What goes over HTTP in a sync is here handed over in the process: the same rendering by the sandbox,
the same parsing by the connectors, no requests. What protocols add (tokens, pages, listings that
grow) is what two years of the proof go through in full, and both ways must give the same facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

from connectors.google.calendar.source import GoogleCalendar
from connectors.google.mail.parse import ASKED_HEADERS, message
from connectors.interfaces import Listed, Page, Window
from connectors.microsoft.calendar.parse import Owner
from connectors.microsoft.calendar.source import MicrosoftCalendar
from connectors.microsoft.mail.parse import Kind, parsed
from connectors.model.records import MeetingSeen
from connectors.sandbox.google.apis import mail as gmail
from connectors.sandbox.google.apis.calendar_event import View, event
from connectors.sandbox.google.apis.calendar_listing import Wanted, rows
from connectors.sandbox.google.call import Call
from connectors.sandbox.google.quirks import Quirks
from connectors.sandbox.microsoft import calendar_event, mail_message
from connectors.sandbox.world.mailboxes import Mailbox
from connectors.sandbox.world.people import Account, Calendar
from connectors.sandbox.world.world import World

_KINDS: dict[str, Kind] = {"inbox": "inbox", "sentitems": "sent", "junkemail": "junk"}


@dataclass
class Seen:
    """Which meetings of the world changed since we last asked? By the script, which knows them all."""

    world: World
    acts: list[tuple[int, str]] = field(init=False)
    place: int = 0

    def __post_init__(self) -> None:
        self.acts = sorted(
            (act.at, new)
            for act in self.world.script
            for new in (getattr(act, "uid", ""), getattr(act, "new_uid", ""))
            if new
        )

    def changed(self) -> list[str]:
        now, begun = self.world.state.now, self.place
        while self.place < len(self.acts) and self.acts[self.place][0] <= now:
            self.place += 1
        return list(dict.fromkeys(uid for _, uid in self.acts[begun : self.place]))


def _account(world: World, address: str) -> Account:
    return world.state.accounts[address]


@dataclass
class StraightGoogleCalendar(GoogleCalendar):
    """A CalendarSource as the real one, over `world` instead of a login."""

    world: World = field(kw_only=True)
    owner: str = field(kw_only=True)

    def __post_init__(self) -> None:
        clock = SimpleNamespace(micros=lambda: self.world.state.now)
        self.google = cast("Any", SimpleNamespace(transport=SimpleNamespace(clock=clock)))
        self.changes = Seen(self.world)
        self.version = 0

    def pages(self, calendar: str, cursor: str | None, window: Window) -> Iterator[Page]:
        account = _account(self.world, self.owner)
        shown = cast("Calendar", self.world.state.calendar(account, "primary"))
        view = View(self.world.state, shown, "UTC", Quirks())
        low = window.start if cursor is None else None
        since = None if cursor is None else self.version
        wanted = Wanted(single=True, deleted=True, since=since, low=low)
        found = []
        for uid in self.changes.changed():
            meeting = self.world.state.meetings.get(uid)
            if meeting is None or shown.id not in meeting.copies:
                continue
            call = SimpleNamespace(state=_Alone(self.world, shown.id, uid), quirks=Quirks())
            found += [event(row, view) for row in rows(cast("Call", call), shown, wanted)]
        self.version = self.world.state.version
        bounds = window if cursor is None else None
        page = self._found("primary", {"items": found}, window, full=cursor is None, bounds=bounds)
        yield _last(page, full=cursor is None)


class _Alone:
    """The world's state with one meeting in the calendar: what a listing of it would show."""

    def __init__(self, world: World, calendar: str, uid: str) -> None:
        self.meetings, self.calendars = world.state.meetings, {calendar: [uid]}
        self.now = world.state.now


def _last(page: Page, *, full: bool) -> Page:
    return Page(
        meetings=page.meetings, far=page.far, full=full, window=page.window, cursor="on", last=True
    )


@dataclass
class StraightMicrosoftCalendar(MicrosoftCalendar):
    """A CalendarSource as the real one, over `world` instead of a login.

    The real one lists its whole window each time. Here only what changed is read anew, and all of it
    is listed where something is missing, which is what a listing alone can tell.
    """

    world: World = field(kw_only=True)
    owner: str = field(kw_only=True)

    def __post_init__(self) -> None:
        self.changes = Seen(self.world)
        self.known: dict[str, tuple[MeetingSeen, ...]] = {}

    def pages(self, calendar: str, cursor: str | None, window: Window) -> Iterator[Page]:
        new: list[MeetingSeen] = []
        missing = cursor is None
        for uid in self.changes.changed():
            records = self._of(uid)
            ids = {record.provider_id for record in records}
            missing |= any(one.provider_id not in ids for one in self.known.get(uid, ()))
            self.known[uid] = records
            new += records
        if missing:
            new = [one for records in self.known.values() for one in records]
        yield Page(
            meetings=tuple(one for one in new if _inside(one, window)),
            full=missing, window=window if missing else None, cursor="on", last=True,
        )  # fmt: skip

    def _of(self, uid: str) -> tuple[MeetingSeen, ...]:
        """What the owner's calendar shows of one meeting."""
        state = self.world.state
        one = state.meetings.get(uid)
        if one is None or self.owner not in one.copies:
            return ()
        keys: Sequence[int | None] = one.originals() if one.rule is not None else (None,)
        account = _account(self.world, self.owner)
        found = (calendar_event.find(state, account, self.owner, uid, key) for key in keys)
        shown = [calendar_event.render(entry, True, body=False) for entry in found if entry]
        return self._records("primary", shown)[0]


def _inside(one: MeetingSeen, window: Window) -> bool:
    start = one.start_at or 0
    return start < window.end and max(one.end_at or 0, start + 1) > window.start


@dataclass
class StraightMail:
    """A MailSource over `world`: all mails so far, then those that came since."""

    world: World
    owner: str
    provider: str
    zone: str
    parameters: str = "straight"
    place: int = 0

    def pages(self, cursor: str | None, since: int) -> Iterator[Page]:
        box = self.world.state.mailboxes[self.owner]
        new = dict.fromkeys(
            change.mail for change in box.history[self.place :] if change.mail in box.mails
        )
        self.place = len(box.history)
        yield self._page(box, [one for one in new if box.mails[one].at >= since])

    def _page(self, box: Mailbox, ids: Sequence[str]) -> Page:
        if self.provider == "google":
            found = tuple(message(self._gmail(one), {}) for one in ids)
            return Page(messages=found, cursor="on", last=True)
        account = _account(self.world, self.owner)
        owner = Owner(frozenset({self.owner}), True, self.zone)
        messages, notices = [], []
        for one in ids:
            for half in mail_message.halves(box.mails[one]):
                item = mail_message.render_message(
                    self.world.state, account, half, True, body=False
                )
                got = parsed(item, _KINDS.get(half.folder, "other"), owner)
                messages.append(got.message)
                if got.notice is not None:
                    notices.append(got.notice)
        return Page(messages=tuple(messages), meetings=tuple(notices), cursor="on", last=True)

    def _gmail(self, mail_id: str) -> dict[str, Any]:
        call = Call(
            world=self.world,
            account=_account(self.world, self.owner),
            grant=cast("Any", SimpleNamespace(scopes=("gmail.metadata",))),
            method=cast("Any", None),
            path={"userId": "me", "id": mail_id},
            values={"format": "metadata", "metadataHeaders": list(ASKED_HEADERS)},
            quirks=Quirks(),
        )
        return gmail.messages_get(call)

    def fetch(self, wanted: Sequence[Listed]) -> Iterator[Page]:
        """Nothing is ever left to fetch."""
        yield from ()
