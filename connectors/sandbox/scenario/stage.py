"""How does a scenario speak of weeks, contacts and meetings?

A `Stage` wraps a world whose owner is Kate: weeks are counted from the Monday of `now` (0 is this
week), wall times are Kate's, and no two of her meetings overlap. Its verbs write several acts at
once (invite and accept) and keep business hours.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.sandbox.world.acts import Invited, Participant, Planted
from connectors.sandbox.world.people import System
from connectors.sandbox.world.script import micros
from connectors.sandbox.world.world import World

KATE = "kate@ourco.example"
JONAS = "jonas@ourco.example"
MIRA = "mira@ourco.example"
ROOM = "c_188oak@resource.calendar.google.com"
ZONE = ZoneInfo("Europe/Berlin")
WEEKS = 26


class Stage:
    """Kate's life around a moment `now` (aware)."""

    def __init__(self, now: datetime, seed: int, *, weeks: int = WEEKS) -> None:
        self.now = now.astimezone(ZONE)
        self.monday = self.now.date() - timedelta(days=self.now.weekday())
        self.weeks = weeks
        self.random = random.Random(seed)  # noqa: S311 - repeatable, and no secret
        first = datetime.combine(self.monday - timedelta(weeks=weeks + 4), time(), ZONE)
        self.world = World(first.astimezone(UTC))
        self.end = self.moment(2, 0, 7)
        self._taken: list[tuple[datetime, datetime]] = []
        self._stamps: set[datetime] = set()

    def moment(self, week: int, weekday: int, hour: float) -> datetime:
        """A wall time of Kate's, in UTC. Hours may have fractions."""
        day = self.monday + timedelta(weeks=week, days=weekday)
        return self.on(day, hour)

    def on(self, day: date, hour: float) -> datetime:
        minutes = round(hour * 60)
        return datetime.combine(day, time(minutes // 60, minutes % 60), ZONE).astimezone(UTC)

    def unique(self, at: datetime) -> datetime:
        """The moment itself, or the next second that no other act has: real acts never coincide."""
        at = at + timedelta(
            seconds=self.random.randrange(50), milliseconds=self.random.randrange(999)
        )
        while at in self._stamps:
            at += timedelta(seconds=1)
        self._stamps.add(at)
        return at

    def office(self, at: datetime) -> datetime:
        """The moment itself if it lies in office hours, else the next one that does."""
        local = at.astimezone(ZONE)
        if local.hour >= 18:
            local = datetime.combine(local.date() + timedelta(days=1), time(8, local.minute), ZONE)
        elif local.hour < 8:
            local = datetime.combine(local.date(), time(8, local.minute), ZONE)
        while local.weekday() >= 5:
            local = datetime.combine(local.date() + timedelta(days=1), time(8, local.minute), ZONE)
        return local.astimezone(UTC)

    def book(self, week: int, weekday: int, hour: float = 10, minutes: int = 30) -> datetime:
        """The first free start from this hour on, on this day or the next working ones."""
        for step in range(60):
            days, half = divmod(step, 14)
            day = self.monday + timedelta(weeks=week, days=(weekday + days) % 5)
            wall = 8.5 + (hour - 8.5 + half / 2) % 8.5
            start = self.on(day, wall)
            end = start + timedelta(minutes=minutes)
            if all(end <= low or start >= high for low, high in self._taken):
                self.take(start, minutes)
                return start
        raise ValueError("this week is full")

    def take(self, start: datetime, minutes: int) -> None:
        """Reserve a slot that was chosen by hand."""
        self._taken.append((start, start + timedelta(minutes=minutes)))

    def contact(self, address: str, name: str, *, system: System = "google") -> str:
        self.world.human(address, name, system=system)
        return address

    def meet(
        self,
        who: str | list[str],
        start: datetime,
        title: str,
        *,
        minutes: int = 30,
        lead: int = 10,
        organizer: str = KATE,
        accept: bool = True,
        online: bool = True,
        room: bool = False,
        location: str = "",
        held: bool = False,
        own: str = KATE,
    ) -> str:
        """An invitation `lead` days ahead, accepted the day after. -> the meeting's UID.

        `held`: a conference record shows everybody present. `own` is whose meeting it is on our
        side, where it is not Kate's.
        """
        guests = [who] if isinstance(who, str) else who
        invited = [Invited(one) for one in guests if one != organizer]
        if organizer != own:
            invited.append(Invited(own))
        if room:
            invited.append(Invited(ROOM, resource=True))
        made = self.unique(self.office(start - timedelta(days=lead)))
        uid = self.world.invite(
            made,
            organizer,
            invited,
            start,
            title=title,
            minutes=minutes,
            online=online and not room,
            location=location,
        )
        for one in invited:
            if one.address == own or (accept and not one.resource):
                later = self.office(made + timedelta(hours=self.random.uniform(2, 26)))
                later = min(later, start - timedelta(days=1, hours=2))
                self.answer(max(later, made + timedelta(minutes=9)), uid, one.address, "accepted")
        if held and online and not room:
            self.hold(uid, start, minutes, guests)
        return uid

    def answer(self, at: datetime, uid: str, who: str, response: str, **more: object) -> None:
        """Like World.answer, at a moment of its own; Kate's own answers cause no mail to her."""
        self.world.answer(self.unique(at), uid, who, response, **more)  # type: ignore[arg-type]

    def hold(self, uid: str, start: datetime, minutes: int, guests: list[str]) -> None:
        """Kate and all guests were in the call."""
        inside = [self._present(KATE, start, minutes, "signed_in")]
        for one in guests:
            kind = "signed_in" if self.random.random() < 0.4 else "anonymous"
            inside.append(self._present(one, start, minutes, kind))
        self.world.hold(start + timedelta(minutes=minutes + 1), uid, inside)

    def _present(self, who: str, start: datetime, minutes: int, kind: str) -> Participant:
        joined = start + timedelta(seconds=self.random.randrange(-60, 200))
        left = start + timedelta(minutes=minutes, seconds=-self.random.randrange(60))
        human = self.world.state.human(who)
        return Participant(human.name, kind, micros(joined), micros(left), who)  # type: ignore[arg-type]

    def write(self, at: datetime, sender: str, to: str, subject: str, **more: object) -> str:
        """Like World.mail, at a moment of its own."""
        return self.world.mail(self.unique(at), sender, to, subject, **more)  # type: ignore[arg-type]

    def talk(self, week: int, who: str, subject: str) -> None:
        """A small dialogue: Kate asks, they answer the same day or the next, Kate thanks."""
        asked = self.moment(week, self.random.randrange(3), self.random.uniform(9, 15))
        ask = self.write(asked, KATE, who, subject)
        told = self.office(asked + timedelta(hours=self.random.uniform(1, 20)))
        reply = self.write(told, who, KATE, f"Re: {subject}", reply_to=ask)
        thanks = self.office(told + timedelta(hours=self.random.uniform(0.5, 5)))
        self.write(thanks, KATE, who, f"Re: {subject}", reply_to=reply)

    def plant(
        self,
        who: str,
        kind: str,
        at: datetime,
        why: str,
        *,
        accused: bool,
        uid: str = "",
        start: datetime | None = None,
        seen_by: str = KATE,
    ) -> None:
        """Write a plain truth down. `seen_by`: whose mailboxes show it, with a space between."""
        slot = None if start is None else micros(start)
        self.world.plant(
            Planted(who, kind, micros(at), why, accused, uid, slot, {"seen_by": seen_by})
        )
