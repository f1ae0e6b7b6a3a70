"""What does the world hold at one moment?

A `State` is built by playing acts in their order and by nothing else, so it is a pure function of
script and time. It knows people, served accounts, meetings with their copies, mailboxes, and
conferences; the rules of who sees what after an act are in `calendar_acts` and `mail_acts`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from connectors.sandbox.world.acts import Participant
from connectors.sandbox.world.mailboxes import Mailbox, digest
from connectors.sandbox.world.mails import Letter
from connectors.sandbox.world.meetings import Copy, Gone, Meeting, Touch
from connectors.sandbox.world.people import Account, Calendar, Human


@dataclass(frozen=True, slots=True)
class Conference:
    """One session of an online meeting that took place. Instants in [µs UTC]."""

    id: str
    uid: str
    code: str
    started: int
    ended: int
    participants: tuple[Participant, ...]


@dataclass(slots=True)
class State:
    """All that is so at `now` [µs UTC]. `version` orders every change of every calendar."""

    now: int
    people: dict[str, Human] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    meetings: dict[str, Meeting] = field(default_factory=dict)
    calendars: dict[str, list[str]] = field(default_factory=dict)
    conferences: list[Conference] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    version: int = 0

    def human(self, address: str) -> Human:
        """Who has this address; a stranger without a name where nobody said."""
        return self.people.get(address) or Human(address)

    def account_of(self, address: str) -> Account | None:
        """The served account that owns this address or alias."""
        found = self.accounts.get(address)
        if found is not None:
            return found
        return next((one for one in self.accounts.values() if address in one.aliases), None)

    def in_group(self, address: str) -> list[str]:
        """Who is in a group, also by groups within it; the groups themselves are left out."""
        found: dict[str, None] = {}
        waiting, seen = [address], {address}
        while waiting:
            for one in self.groups.get(waiting.pop(), ()):
                if one not in self.groups:
                    found[one] = None
                elif one not in seen:
                    seen.add(one)
                    waiting.append(one)
        return list(found)

    def zone_of(self, address: str) -> str:
        account = self.account_of(address)
        return account.zone if account else "UTC"

    def calendar(self, account: Account, calendar_id: str) -> Calendar | None:
        """A calendar in an account's list, by id or as `primary`."""
        for one in account.calendars:
            if one.id == calendar_id or (one.primary and calendar_id == "primary"):
                return one
        return None

    def title_of(self, calendar_id: str) -> str:
        """What a calendar is called in its owner's list."""
        lists = (account.calendars for account in self.accounts.values())
        return next((one.title for own in lists for one in own if one.id == calendar_id), "")

    def next_version(self) -> int:
        self.version += 1
        return self.version

    def open_copy(self, meeting: Meeting, calendar: str, owner: str, at: int) -> Copy:
        """A new copy in a calendar; a guest who comes back finds the old entry alive again."""
        copy = meeting.copies.get(calendar)
        if copy is None:
            copy = meeting.copies[calendar] = Copy(owner=owner, calendar=calendar, born=at)
            self.calendars.setdefault(calendar, []).append(meeting.uid)
        copy.gone.pop(None, None)
        copy.gone_at.pop(None, None)
        copy.frozen = None
        version = self.next_version()
        copy.touched[None] = Touch(version, at, version, at)
        return copy

    def touch(
        self,
        meeting: Meeting,
        original: int | None,
        at: int,
        *,
        content: bool,
        only: str = "",
    ) -> None:
        """Say that an entry changed in all copies that still follow the meeting.

        `content` is False where only an answer of a guest changed. `only` limits it to one copy.
        """
        version = self.next_version()
        for copy in meeting.copies.values():
            if (only and copy.calendar != only) or copy.gone.get(None) or copy.gone.get(original):
                continue
            known = copy.touched.get(original) or copy.touched[None]
            if content:
                copy.touched[original] = Touch(version, at, version, at)
            else:
                copy.touched[original] = replace(known, version=version, updated=at)

    def let_go(
        self, meeting: Meeting, calendar: str, original: int | None, at: int, why: Gone
    ) -> None:
        """Take an entry out of one calendar, for a reason; later changes no longer reach it."""
        copy = meeting.copies.get(calendar)
        if copy is None or copy.gone.get(None) or copy.gone.get(original):
            return
        self.touch(meeting, original, at, content=True, only=calendar)
        if original is None and why in ("removed", "cancelled"):
            copy.frozen = meeting.snapshot()
        copy.gone[original] = why
        copy.gone_at[original] = at

    def retouch(self, meeting: Meeting, calendar: str, original: int | None) -> None:
        """Let an unchanged entry come once more with the next delta (a late or repeated item)."""
        touch = meeting.copies[calendar].touched.get(original)
        if touch is not None:
            version = self.next_version()
            meeting.copies[calendar].touched[original] = replace(
                touch, version=version, content_version=version
            )

    def event_id(self, uid: str) -> str:
        """Google's id of a meeting: the name part of its own UIDs, a digest of foreign ones."""
        name, _, host = uid.partition("@")
        return name if host == "google.com" else f"_{digest(uid):016x}{digest('id', uid):016x}"
