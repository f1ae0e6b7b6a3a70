"""A year of a seller who does not exist: 200 contacts, drawn from a seed.

Written as a script for the sandbox's world, so that one history can be read through a provider's
protocol or straight from its state, and labelled beside it (`labels.Truth`). It knows providers and
people and nothing of how noshow decides.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.clock import to_micros
from connectors.sandbox.world.people import System
from connectors.sandbox.world.recurrence import Rule
from connectors.sandbox.world.world import World
from tests.truth.labels import Asked, Incident, Silence, Truth

OWNER = "kate@ourco.example"
COLLEAGUE = "bob@ourco.example"
COUNTRIES = {"Europe/Berlin": ("DE",), "America/New_York": ("US",), "Asia/Kolkata": ("IN",)}
ZONES = tuple(COUNTRIES)
#: The year ends before this Monday's report, 07:00 in the owner's zone.
END = date(2026, 11, 30)
_FIRST = ("Ada", "Ben", "Cleo", "Dev", "Ema", "Finn", "Gül", "Hana", "Ivo", "Jana", "Kofi", "Lena")
_LAST = ("Adler", "Braun", "Costa", "Duarte", "Ek", "Fuchs", "Garcia", "Haddad", "Ito", "Jansen")
_TOPICS = ("Review", "Catch-up", "Offer", "Samples", "Plan", "Budget", "Demo", "Contract")


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody outside. `lateness`: how often they give up a meeting on its day."""

    address: str
    name: str
    system: System
    lateness: float
    number: int


@dataclass
class Year:
    """The script, its people and its labels. `zone`: the owner's; `start`, `end` are aware."""

    world: World
    provider: str
    zone: str
    truth: Truth
    start: datetime
    end: datetime
    taken: set[tuple[int, int]] = field(default_factory=set)


class Maker:
    """Draws people and lets things happen to them; every draw comes from the seed."""

    def __init__(self, seed: int, provider: str, contacts: int, weeks: int) -> None:
        self.dice = random.Random(seed)
        self.zone = ZONES[seed % len(ZONES)]
        self.local = ZoneInfo(self.zone)
        self.weeks = weeks
        end = datetime.combine(END, time(7), self.local)
        start = datetime.combine(END - timedelta(weeks=weeks), time(1, 30), self.local)
        self.world = World(start.astimezone(UTC))
        self.google = provider == "google"
        system: System = "google" if self.google else "exchange"
        self.world.account(OWNER, "Kate Lind", zone=self.zone, system=system)
        self.year = Year(self.world, provider, self.zone, Truth(), start, end)
        self.truth = self.year.truth
        self.people = [self._person(number) for number in range(contacts)]

    def lives(self) -> tuple[tuple[int, Callable[[Contact], None]], ...]:
        """What may become of a contact, and how often [weight]."""
        return (
            (50, self._meets),
            (10, self._weekly),
            (7, self._silent),
            (6, self._answers_at_last),
            (5, self._away),
            (4, self._confirms),
            (4, self._has_an_assistant),
            (3, self._mailed_for_nothing),
            (3, self._is_a_client),
            (3, self._forged),
            (3, self._gone_address),
            (2, self._writes_by_program),
        )

    def made(self) -> Year:
        """Every contact lives one of the lives, each life at least once."""
        lives = self.lives()
        ways, weights = [way for _, way in lives], [weight for weight, _ in lives]
        for place, person in enumerate(self.people):
            way = ways[place] if place < len(ways) else self.dice.choices(ways, weights)[0]
            way(person)
        self._inside()
        return self.year

    # -- people and moments ---------------------------------------------------------------------

    def _person(self, number: int) -> Contact:
        firm = number // 2
        first, last = self.dice.choice(_FIRST), self.dice.choice(_LAST)
        address = f"{first}.{last}{number}@firm{firm}.example".lower().replace("ü", "ue")
        if number % 17 == 3:
            address = f"{first}{last}{number}@gmail.com".lower().replace("ü", "ue")
        system: System = self.dice.choice(("google", "exchange"))
        lateness = self.dice.choices((0.04, 0.5), (4, 1))[0]
        made = Contact(address, f"{first} {last}", system, lateness, number)
        self.world.human(made.address, made.name, system=made.system)
        return made

    def _slot(self, day: int) -> datetime:
        """A free half hour of the owner's on a working day, `day` days after the start."""
        while True:
            found = (self.year.start + timedelta(days=day)).date()
            found += timedelta(days={5: 2, 6: 1}.get(found.weekday(), 0))
            half = self.dice.randrange(18, 34)
            if (found.toordinal(), half) not in self.year.taken:
                self.year.taken.add((found.toordinal(), half))
                return datetime.combine(found, time(half // 2, 30 * (half % 2)), self.local)
            day += 1

    def _days(self) -> int:
        """Some day of the year, far enough from both ends."""
        return self.dice.randrange(25, self.weeks * 7 - 4)

    def _inside_year(self, at: datetime) -> bool:
        return self.year.start + timedelta(hours=3) < at < self.year.end - timedelta(hours=2)

    def _topic(self, person: Contact) -> str:
        return f"{self.dice.choice(_TOPICS)} {person.number}"

    def _notice(self) -> float:
        """How long before the start somebody gives up [h]: mostly plainly late, some at the edge."""
        if self.dice.random() < 0.85:
            return self.dice.uniform(0.4, 20)
        return self.dice.uniform(20, 28)

    # -- meetings -------------------------------------------------------------------------------

    def _meets(self, person: Contact) -> None:
        self._hello(person)
        for _ in range(self.dice.randrange(3, 9)):
            self._meeting(person)

    def _meeting(self, person: Contact) -> None:
        start = self._slot(self._days())
        made = start - timedelta(days=self.dice.uniform(6, 20))
        if not self._inside_year(made):
            return
        theirs = self.dice.random() < 0.35
        late = self.dice.random() < person.lateness
        if theirs:
            fate = self._theirs_late if late else self.dice.choice((
                self._theirs_kept, self._theirs_kept, self._theirs_early, self._theirs_moved_early,
            ))  # fmt: skip
        else:
            fate = self._ours_late if late else self.dice.choice((
                self._ours_kept, self._ours_kept, self._ours_kept, self._ours_early, self._ours_moved,
                self._we_called_off, self._tentative, self._never_answered, self._came_back,
                self._small_shift, self._moved_early,
            ))  # fmt: skip
        fate(person, start, made)

    def _invite(self, person: Contact, start: datetime, made: datetime, **more: bool) -> str:
        return self.world.invite(
            made, OWNER, [person.address], start, title=self._topic(person), **more
        )

    def _accept(
        self, person: Contact, uid: str, start: datetime, made: datetime, *, mail: bool = True
    ) -> datetime:
        at = made + (start - made) * self.dice.uniform(0.02, 0.25)
        self.world.answer(at, uid, person.address, "accepted", mail=mail)
        self.truth.acted(person.address, to_micros(at))
        return at

    def _kept(self, person: Contact, start: datetime) -> None:
        if start + timedelta(hours=1) < self.year.end:
            self.truth.acted(person.address, to_micros(start))

    def _incident(
        self, person: Contact, start: datetime, rule: str, at: datetime, *, by_mail: bool,
        agreed_by_mail: bool, after: datetime | None = None,
    ) -> None:  # fmt: skip
        self.truth.acted(person.address, to_micros(at))
        if start - at < timedelta(hours=24) and at < self.year.end:
            # Acts that are final only when the start has passed are not yet incidents before it.
            if rule in ("M1", "M2") and start > self.year.end:
                return
            self.truth.incidents.append(
                Incident(
                    person.address, to_micros(start), rule, to_micros(at), by_mail, agreed_by_mail,
                    to_micros(after) if after else 0,
                )
            )  # fmt: skip

    def _ours_kept(self, person: Contact, start: datetime, made: datetime) -> None:
        uid = self._invite(person, start, made)
        self._accept(person, uid, start, made)
        self._kept(person, start)

    def _ours_late(self, person: Contact, start: datetime, made: datetime) -> None:
        """They accepted, and say no on the day; now and then no mail tells of it."""
        uid = self._invite(person, start, made)
        agreed_by_mail = self.dice.random() < 0.8
        self._accept(person, uid, start, made, mail=agreed_by_mail)
        at = start - timedelta(hours=self._notice())
        if not self._inside_year(at):
            return
        if self.dice.random() < 0.15:
            self._proposes(person, uid, start, at)
            return
        by_mail = self.dice.random() < 0.8
        self.world.answer(at, uid, person.address, "declined", mail=by_mail)
        self._incident(
            person, start, "M2", at, by_mail=by_mail, agreed_by_mail=agreed_by_mail
        )  # fmt: skip

    def _proposes(self, person: Contact, uid: str, start: datetime, at: datetime) -> None:
        """They propose another hour, we move there within two hours: theirs."""
        at = min(at, start - timedelta(hours=3))
        other = self._slot((start - self.year.start).days + self.dice.randrange(2, 6))
        self.world.propose(at, uid, person.address, other)
        after = at + timedelta(hours=1.5)
        self.world.move(after, uid, other)
        self.world.answer(at + timedelta(hours=2), uid, person.address, "accepted")
        self._incident(
            person, start, "M4", at, by_mail=True, agreed_by_mail=False, after=after
        )  # fmt: skip
        self._kept(person, other)

    def _ours_early(self, person: Contact, start: datetime, made: datetime) -> None:
        uid = self._invite(person, start, made)
        self._accept(person, uid, start, made)
        at = start - timedelta(hours=self.dice.uniform(30, 80))
        self.world.answer(at, uid, person.address, "declined")
        self.truth.acted(person.address, to_micros(at))

    def _ours_moved(self, person: Contact, start: datetime, made: datetime) -> None:
        """We move it on the day: a question, whatever was the cause."""
        uid = self._invite(person, start, made)
        self._accept(person, uid, start, made)
        at = start - timedelta(hours=self.dice.uniform(1, 12))
        other = self._slot((start - self.year.start).days + self.dice.randrange(2, 6))
        self.world.move(at, uid, other)
        back = at + timedelta(hours=self.dice.uniform(1, 5))
        self.world.answer(back, uid, person.address, "accepted")
        self.truth.acted(person.address, to_micros(back))
        self.truth.asked.append(Asked(person.address, to_micros(start), "M6", to_micros(at)))
        self._kept(person, other)

    def _we_called_off(self, person: Contact, start: datetime, made: datetime) -> None:
        uid = self._invite(person, start, made)
        self._accept(person, uid, start, made)
        at = start - timedelta(hours=self.dice.uniform(1, 12))
        self.world.cancel(at, uid)
        self.truth.asked.append(Asked(person.address, to_micros(start), "M6", to_micros(at)))

    def _moved_early(self, person: Contact, start: datetime, made: datetime) -> None:
        uid = self._invite(person, start, made)
        self._accept(person, uid, start, made)
        at = start - timedelta(hours=self.dice.uniform(40, 70))
        other = self._slot((start - self.year.start).days + self.dice.randrange(3, 8))
        self.world.move(at, uid, other)
        self.world.answer(at + timedelta(hours=3), uid, person.address, "accepted")
        self.truth.acted(person.address, to_micros(at + timedelta(hours=3)))
        self._kept(person, other)

    def _tentative(self, person: Contact, start: datetime, made: datetime) -> None:
        uid = self._invite(person, start, made)
        at = self._accept(person, uid, start, made)
        later = at + timedelta(hours=5)
        self.world.answer(later, uid, person.address, "tentative")
        self.truth.acted(person.address, to_micros(later))

    def _never_answered(self, person: Contact, start: datetime, made: datetime) -> None:
        self._invite(person, start, made)

    def _came_back(self, person: Contact, start: datetime, made: datetime) -> None:
        """A late no that was taken back within the hour."""
        uid = self._invite(person, start, made)
        self._accept(person, uid, start, made)
        at = start - timedelta(hours=self.dice.uniform(8, 20))
        self.world.answer(at, uid, person.address, "declined")
        self.world.answer(at + timedelta(minutes=40), uid, person.address, "accepted")
        self.truth.acted(person.address, to_micros(at))
        self._kept(person, start)

    def _small_shift(self, person: Contact, start: datetime, made: datetime) -> None:
        uid = self._invite(person, start, made)
        self._accept(person, uid, start, made)
        at = start - timedelta(hours=self.dice.uniform(2, 20))
        self.world.move(at, uid, start + timedelta(minutes=15))
        self.world.answer(at + timedelta(minutes=20), uid, person.address, "accepted")
        self._kept(person, start)

    def _theirs(self, person: Contact, start: datetime, made: datetime, by: str = "") -> str:
        uid = self.world.invite(
            made, by or person.address, [OWNER, *([person.address] if by else [])], start,
            title=self._topic(person),
        )  # fmt: skip
        self.truth.acted(by or person.address, to_micros(made))
        yes = made + timedelta(hours=self.dice.uniform(1, 20))
        self.world.answer(yes, uid, OWNER, "accepted")
        if by:
            self.world.answer(yes, uid, person.address, "accepted")
        return uid

    def _theirs_kept(self, person: Contact, start: datetime, made: datetime) -> None:
        self._theirs(person, start, made)
        self._kept(person, start)

    def _theirs_late(self, person: Contact, start: datetime, made: datetime) -> None:
        uid = self._theirs(person, start, made)
        at = start - timedelta(hours=self._notice())
        if not self._inside_year(at):
            return
        if self.dice.random() < 0.4:
            other = self._slot((start - self.year.start).days + self.dice.randrange(2, 6))
            self.world.move(at, uid, other)
            self.world.answer(at + timedelta(hours=1), uid, OWNER, "accepted")
            self._incident(person, start, "M3", at, by_mail=True, agreed_by_mail=True)
            self._kept(person, other)
            return
        by_mail = self.dice.random() < 0.85
        self.world.cancel(at, uid, mail=by_mail)
        if by_mail:
            self._incident(person, start, "M1", at, by_mail=True, agreed_by_mail=True)
        else:
            self._incident(person, start, "M1", at, by_mail=False, agreed_by_mail=True)
            if self.google and start - at < timedelta(hours=20) and start < self.year.end:
                self.truth.asked.append(
                    Asked(person.address, to_micros(start), "M1", to_micros(at))
                )

    def _theirs_early(self, person: Contact, start: datetime, made: datetime) -> None:
        uid = self._theirs(person, start, made)
        at = start - timedelta(hours=self.dice.uniform(30, 80))
        self.world.cancel(at, uid)
        self.truth.acted(person.address, to_micros(at))

    def _theirs_moved_early(self, person: Contact, start: datetime, made: datetime) -> None:
        uid = self._theirs(person, start, made)
        at = start - timedelta(hours=self.dice.uniform(40, 70))
        other = self._slot((start - self.year.start).days + self.dice.randrange(3, 8))
        self.world.move(at, uid, other)
        self.world.answer(at + timedelta(hours=2), uid, OWNER, "accepted")
        self.truth.acted(person.address, to_micros(at))
        self._kept(person, other)

    def _weekly(self, person: Contact) -> None:
        """A series of ours over some weeks, perhaps cut in its middle; single ones are given up."""
        count = self.dice.randrange(6, 14)
        start = self._slot(self.dice.randrange(30, max(31, (self.weeks - count) * 7 - 10)))
        made = start - timedelta(days=self.dice.uniform(6, 12))
        title = self._topic(person)
        uid = self.world.invite(
            made, OWNER, [person.address], start, title=title, rule=Rule(count=count)
        )
        yes = made + timedelta(days=1)
        self.world.answer(yes, uid, person.address, "accepted")
        self.truth.acted(person.address, to_micros(yes))
        starts = [start + timedelta(weeks=week) for week in range(count)]
        cut = self.dice.randrange(3, count - 1) if self.dice.random() < 0.4 else 0
        live = uid
        for number, one in enumerate(starts):
            if cut and number == cut:
                live = self.world.split(one - timedelta(days=3), uid, one, one)
            if number and self.dice.random() < person.lateness * 0.6:
                at = one - timedelta(hours=self.dice.uniform(0.5, 20))
                if self._inside_year(at):
                    self.world.answer(at, live, person.address, "declined", occurrence=one)
                    self._incident(person, one, "M2", at, by_mail=True, agreed_by_mail=False)
            else:
                self._kept(person, one)

    # -- mails ----------------------------------------------------------------------------------

    def _hello(self, person: Contact) -> str:
        """They wrote once, and were answered: somebody to talk with."""
        at = self.year.start + timedelta(days=self.dice.uniform(1, 20))
        key = self.world.mail(at, person.address, OWNER, f"First words {person.number}")
        self.truth.acted(person.address, to_micros(at))
        reply = at + timedelta(hours=self.dice.uniform(2, 30))
        self.world.mail(
            reply, OWNER, person.address, f"Re: First words {person.number}", reply_to=key
        )
        return key

    def _asks(self, person: Contact, first: datetime, times: int, apart: float) -> list[str]:
        """We write again and again in one thread. -> the Message-IDs."""
        keys: list[str] = []
        subject = f"{self._topic(person)}, what do you think?"
        for number in range(times):
            at = first + timedelta(days=apart * number)
            keys.append(
                self.world.mail(
                    at, OWNER, person.address, f"Re: {subject}" if keys else subject,
                    reply_to=keys[-1] if keys else "",
                )
            )  # fmt: skip
        return keys

    def _workday(self, weeks_before_end: int) -> datetime:
        """A Tuesday morning, so many weeks before the report."""
        return self.year.end - timedelta(weeks=weeks_before_end) + timedelta(days=1, hours=3)

    def _silent(self, person: Contact) -> None:
        self._hello(person)
        weeks, times = self.dice.randrange(6, 12), self.dice.randrange(3, 5)
        first = self._workday(weeks)
        self._asks(person, first, times, 7)
        last = first + timedelta(days=7 * (times - 1))
        self.truth.silences.append(Silence(person.address, to_micros(first), to_micros(last)))

    def _answers_at_last(self, person: Contact) -> None:
        """Silent for weeks, and then an answer: in the thread, in a new one, or by a colleague."""
        self._hello(person)
        first = self._workday(self.dice.randrange(8, 12))
        keys = self._asks(person, first, 3, 7)
        at = first + timedelta(days=14 + self.dice.uniform(2, 15))
        who, how = person.address, self.dice.randrange(3)
        if how == 2 and not who.endswith("@gmail.com"):
            who = f"deputy@{who.rpartition('@')[2]}"
        self.world.mail(
            at, who, OWNER, "Good news" if how == 1 else "Re: what do you think?",
            reply_to="" if how == 1 else keys[-1],
        )  # fmt: skip
        self.truth.acted(person.address, to_micros(at))

    def _agreed(self, person: Contact) -> tuple[str, datetime] | None:
        """A meeting that both agreed on twelve days before: its id and start; None before the year."""
        self._hello(person)
        start = self._slot(self._days())
        made = start - timedelta(days=12)
        if not self._inside_year(made):
            return None
        uid = self._invite(person, start, made)
        self._accept(person, uid, start, made)
        return uid, start

    def _away(self, person: Contact) -> None:
        """Away with a notice when they gave it up on the day: no fault of theirs."""
        agreed = self._agreed(person)
        if agreed is None:
            return
        uid, start = agreed
        key = self.world.mail(
            start - timedelta(days=1.9), OWNER, person.address, f"One more thing {person.number}"
        )
        self.world.out_of_office(start - timedelta(days=1.9, minutes=-1), person.address, key)
        at = start - timedelta(hours=self.dice.uniform(1, 12))
        machine = self.dice.random() < 0.5
        self.world.answer(at, uid, person.address, "declined", machine=machine)
        if not machine:
            self.truth.acted(person.address, to_micros(at))

    def _confirms(self, person: Contact) -> None:
        """A mailbox that confirms every mail, before a person who never answers."""
        self._hello(person)
        first = self._workday(10)
        for number in range(5):
            at = first + timedelta(days=10 * number)
            key = self.world.mail(at, OWNER, person.address, f"Question {number} {person.number}")
            self.world.mail(
                at + timedelta(minutes=1), person.address, OWNER, "We have received your message",
                reply_to=key, kind="auto_reply", null_path=True,
                headers=(("Auto-Submitted", "auto-generated"),),
            )  # fmt: skip

    def _has_an_assistant(self, person: Contact) -> None:
        """Meetings that an assistant makes, and calls off for them."""
        if person.address.endswith("@gmail.com"):
            return
        assistant = f"office{person.number}@{person.address.rpartition('@')[2]}"
        self.world.human(assistant, "Ana Office", system=person.system)
        for number in range(2):
            # who answers for somebody more than once is known to act for them
            at = self.year.start + timedelta(days=3 + 6 * number, hours=9)
            asked = f"A hello {number} {person.number}"
            key = self.world.mail(at, OWNER, person.address, asked)
            back = at + timedelta(hours=4)
            self.world.mail(back, assistant, OWNER, f"Re: {asked}", reply_to=key)
            self.truth.acted(person.address, to_micros(back))
        for _ in range(3):
            start = self._slot(self._days())
            made = start - timedelta(days=10)
            if not self._inside_year(made):
                continue
            uid = self._theirs(person, start, made, by=assistant)
            at = start - timedelta(hours=self.dice.uniform(1, 18))
            if self.dice.random() < 0.6 and self._inside_year(at):
                self.world.cancel(at, uid)
                self._incident(person, start, "M1", at, by_mail=True, agreed_by_mail=True)
                self.truth.acted(assistant, to_micros(at))
            else:
                self._kept(person, start)

    def _mailed_for_nothing(self, person: Contact) -> None:
        """Cold: never engaged, three asks."""
        self._asks(person, self._workday(self.dice.randrange(6, 12)), 3, 8)

    def _is_a_client(self, person: Contact) -> None:
        self.truth.clients.add(person.address)
        self._meets(person)

    def _forged(self, person: Contact) -> None:
        """Strangers write in their name, and invite to what never was."""
        self._hello(person)
        start = self._slot(self._days())
        made = start - timedelta(days=12)
        if not self._inside_year(made):
            return
        title = f"Talk {person.number}"
        uid = self.world.invite(made, OWNER, [person.address], start, title=title)
        self._accept(person, uid, start, made)
        self._kept(person, start)
        failed = ("Authentication-Results", "mx.ourco.example; dmarc=fail; spf=fail; dkim=fail")
        at = start - timedelta(hours=3)
        self.world.mail(at, person.address, OWNER, f"Declined: {title}", headers=(failed,))
        self.world.mail(
            at, f"evil{person.number}@stranger.example", OWNER, f"Canceled event: {title}"
        )
        stranger = f"trap{person.number}@stranger.example"
        self.world.human(stranger, "A Stranger")
        self.world.invite(
            made, stranger, [OWNER], start, title="noshow absent", visibility="private", mail=False
        )

    def _gone_address(self, person: Contact) -> None:
        at = self._workday(9)
        self.world.human(person.address, person.name, system=person.system, dead_from=at)
        self._asks(person, at, 3, 7)

    def _writes_by_program(self, person: Contact) -> None:
        """A newsletter of theirs every week, from a machine of their house."""
        machine = f"no-reply@news{person.number}.example"
        self.truth.nobody.add(machine)
        human = self.world.human(machine, "News")
        for week in range(4, self.weeks, 2):
            at = self.year.start + timedelta(weeks=week)
            self.world.newsletter(at, human, OWNER, f"News {week}")

    def _inside(self) -> None:
        """What happens among ourselves and with lists: nobody's business here."""
        self.world.human(COLLEAGUE, "Bob Ek", system="google" if self.google else "exchange")
        room = "room-4@ourco.example"
        self.world.human(room, "Room 4")
        self.truth.nobody |= {COLLEAGUE, room}
        for week in range(4, self.weeks - 1, 3):
            start = self._slot(week * 7)
            made = start - timedelta(days=6)
            uid = self.world.invite(made, COLLEAGUE, [OWNER], start, title=f"Inside {week}")
            self.world.cancel(start - timedelta(hours=2), uid)
            many = [one.address for one in self.dice.sample(self.people, min(5, len(self.people)))]
            fair = self._slot(week * 7 + 1)
            big = self.world.invite(made, OWNER, many, fair, title=f"Fair {week}")
            self.world.answer(made + timedelta(days=1), big, many[0], "accepted")
            self.world.answer(fair - timedelta(hours=2), big, many[0], "declined")
            self.truth.acted(many[0], to_micros(fair - timedelta(hours=2)))
            self.truth.acted(many[0], to_micros(made + timedelta(days=1)))
