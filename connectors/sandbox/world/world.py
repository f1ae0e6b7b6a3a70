"""What happens to whom, and when? A scripted world that two providers' sandboxes can serve.

    world = World(datetime(2026, 6, 1, 8, tzinfo=UTC))
    world.account("kate@ourco.example", "Kate Lind", zone="Europe/Berlin")
    world.human("omar@client.example", "Omar Haddad", system="exchange")
    review = world.invite(at, "kate@ourco.example", ["omar@client.example"], start, title="Review")
    world.answer(at2, review, "omar@client.example", "accepted")
    world.answer(at3, review, "omar@client.example", "declined", by="ana@client.example")
    world.advance_to(at4)          # time moves forward only; `world.at(moment)` is a fresh copy

Acts may be scripted for any moment from `world.now` on and never for the past, so the state is a
pure function of script and time. Methods take aware datetimes and return keys: a meeting's
iCalendar UID, a mail's Message-ID. `world.truth` says in plain words what was planted. The
state and its readers share `world.lock`; a sandbox holds it while it makes one reply.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from config.clock import from_micros, to_micros
from connectors.sandbox.world import acts, play_calendar, play_mail
from connectors.sandbox.world.acts import Act, Deliver, Planted
from connectors.sandbox.world.mailboxes import Mailbox
from connectors.sandbox.world.mails import Letter
from connectors.sandbox.world.people import Account, Calendar, Human, Role, System
from connectors.sandbox.world.script import Script
from connectors.sandbox.world.state import State

#: One function an act; `Any` because each takes its own type.
_PLAY: Mapping[type[Act], Callable[[State, Any], list[Letter]]] = {
    acts.Invite: play_calendar.invite,
    acts.Answer: play_calendar.answer,
    acts.Move: play_calendar.move,
    acts.Cancel: play_calendar.cancel,
    acts.Uninvite: play_calendar.uninvite,
    acts.AddGuest: play_calendar.add_guest,
    acts.Remove: play_calendar.remove,
    acts.Propose: play_calendar.propose,
    acts.Split: play_calendar.split,
    acts.HandOver: play_calendar.hand_over,
    acts.Edit: play_calendar.edit,
    acts.Hold: play_calendar.hold,
    acts.Deliver: play_mail.deliver,
    acts.Relabel: play_mail.relabel,
    acts.Discard: play_mail.discard,
}


class World(Script):
    """A script with a clock, and the state that follows from both."""

    def __init__(self, start: datetime) -> None:
        super().__init__()
        self.start = start
        self.lock = threading.RLock()
        self._acts: list[Act] = []
        self._people: list[Human] = []
        self._accounts: list[Account] = []
        self._groups: dict[str, tuple[str, ...]] = {}
        self._planted: list[Planted] = []
        self._reset()

    def _reset(self) -> None:
        self.state = State(to_micros(self.start))
        self._queue: list[tuple[int, int, Act]] = []
        self._count = 0
        for human in self._people:
            self.state.people[human.address] = human
        self.state.groups.update(self._groups)
        for account in self._accounts:
            self._open(account)
        for act in self._acts:
            self._push(act)

    def human(
        self,
        address: str,
        name: str = "",
        *,
        system: System = "google",
        dead_from: datetime | None = None,
    ) -> Human:
        """Somebody outside (or a colleague whose mailbox is not served). Returns who it is."""
        dead = None if dead_from is None else to_micros(dead_from)
        return self._know(Human(address, name, system, dead))

    def _know(self, human: Human) -> Human:
        with self.lock:
            self._people.append(human)
            self.state.people[human.address] = human
        return human

    def account(
        self,
        address: str,
        name: str,
        *,
        zone: str = "Europe/Berlin",
        aliases: tuple[str, ...] = (),
        shared: Mapping[str, Role] | None = None,
        secondary: Mapping[str, str] | None = None,
        system: System = "google",
    ) -> Account:
        """Somebody whose calendar and mail are served.

        `shared`: the addresses of other accounts whose calendars this one sees, with the role.
        `secondary`: ids (`…@group.calendar.google.com`) and titles of own further calendars.
        """
        calendars = [Calendar(address, address, name, zone, "owner", primary=True)]
        for calendar_id, title in (secondary or {}).items():
            calendars.append(Calendar(calendar_id, address, title, zone))
        for other, role in (shared or {}).items():
            calendars.append(Calendar(other, other, self.state.human(other).name, zone, role))
        account = Account(address, name, zone, aliases, tuple(calendars))
        self._know(Human(address, name, system))
        with self.lock:
            self._accounts.append(account)
            self._open(account)
        return account

    def group(self, address: str, members: Iterable[str]) -> None:
        """A group of people, or of groups; its members may be from outside."""
        with self.lock:
            self._groups[address] = self.state.groups[address] = tuple(members)

    def block(self, address: str) -> None:
        """From now on this person of ours cannot log in: suspended, or blocked."""
        with self.lock:
            self.state.blocked.add(address)

    def _open(self, account: Account) -> None:
        self.state.accounts[account.address] = account
        self.state.mailboxes[account.address] = Mailbox(account)
        for calendar in account.calendars:
            self.state.calendars.setdefault(calendar.id, [])

    def add(self, act: Act) -> None:
        """Append an act to the script. Raises ValueError where it lies in the past."""
        with self.lock:
            if act.at < self.state.now:
                raise ValueError(f"the past cannot be changed: {from_micros(act.at)} has gone by")
            self._acts.append(act)
            self._push(act)

    def _push(self, act: Act) -> None:
        self._count += 1
        heapq.heappush(self._queue, (act.at, self._count, act))

    def plant(self, planted: Planted) -> None:
        """Write a plain truth down."""
        self._planted.append(planted)

    @property
    def now(self) -> datetime:
        """The world's moment, in UTC."""
        return from_micros(self.state.now)

    @property
    def ends(self) -> datetime:
        """The moment of the last scripted act."""
        return from_micros(max((act.at for act in self._acts), default=self.state.now))

    @property
    def script(self) -> tuple[Act, ...]:
        """All acts, in the order in which they were written."""
        return tuple(self._acts)

    @property
    def truth(self) -> dict[str, tuple[Planted, ...]]:
        """What was planted, by address, in the order of time. Labels of the whole script."""
        found: dict[str, list[Planted]] = {}
        for planted in sorted(self._planted, key=lambda one: (one.address, one.at)):
            found.setdefault(planted.address, []).append(planted)
        return {address: tuple(planted) for address, planted in found.items()}

    def advance_to(self, moment: datetime) -> None:
        """Let time pass: play every act up to and including this moment.

        Raises ValueError for a moment before `now`; use `at()` to look back.
        """
        target = to_micros(moment)
        with self.lock:
            if target < self.state.now:
                raise ValueError("time moves forward only; World.at() gives an earlier moment")
            while self._queue and self._queue[0][0] <= target:
                at, _, act = heapq.heappop(self._queue)
                self.state.now = max(self.state.now, at)
                for letter in _PLAY[type(act)](self.state, act):
                    self._push(Deliver(letter.at, letter))
            self.state.now = target

    def post(self, letter: Letter) -> None:
        """Deliver a letter now (what a sandbox does with a mail that a client sends)."""
        with self.lock:
            self.add(Deliver(self.state.now, letter))
            self.advance_to(self.now)

    def at(self, moment: datetime) -> World:
        """The same world, from its beginning up to a moment: what was so then?"""
        with self.lock:
            twin = World(self.start)
            twin._people, twin._accounts = list(self._people), list(self._accounts)
            twin._acts, twin._planted = list(self._acts), list(self._planted)
        twin._reset()
        twin.advance_to(moment)
        return twin
