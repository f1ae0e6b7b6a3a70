"""What else happens in a year: calls that are recorded, second addresses, series, holidays, languages.

`tests.truth.year` has what most contacts do; here is what few do and what is easily taken for
something else. It knows providers and people and nothing of how noshow decides.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta

from config.clock import to_micros
from connectors.sandbox.world.acts import Participant
from connectors.sandbox.world.recurrence import Rule
from tests.truth.labels import Asked, Incident
from tests.truth.year import OWNER, Contact, Maker, Year

#: How machines call an absence, elsewhere.
_AWAY = (
    "Abwesenheitsnotiz", "Réponse automatique", "Respuesta automática", "Automatisch antwoord",
    "Risposta automatica",
)  # fmt: skip
_TOPICS = (
    "Überprüfung", "Réunion", "打ち合わせ", "Przegląd oferty", "Declined cards", "Canceled flights",
    "Review",
)  # fmt: skip
#: After all other meetings of a day: a call that is recorded has its half hour for itself.
_EVENING = 35


def make(seed: int, provider: str, *, contacts: int = 200, weeks: int = 52) -> Year:
    """The year of a seed. The same seed gives the same history, whoever serves it."""
    return _Whole(seed, provider, contacts, weeks).made()


class _Whole(Maker):
    """Lets the rarer things happen, too."""

    def lives(self) -> tuple[tuple[int, Callable[[Contact], None]], ...]:
        return (
            *super().lives(),
            (6, self._is_waited_for),
            (3, self._has_two_addresses),
            (3, self._their_weekly),
            (2, self._weekly_moved),
            (2, self._asked_before_a_holiday),
            (3, self._away_in_other_words),
            (3, self._entered_twice),
        )

    def _topic(self, person: Contact) -> str:
        if self.dice.random() < 0.8:
            return super()._topic(person)
        return f"{self.dice.choice(_TOPICS)} {person.number}"

    def _evening(self, day: int) -> datetime:
        """Half past five of a working day on which no other call is recorded."""
        while True:
            found = (self.year.start + timedelta(days=day)).date()
            found += timedelta(days={5: 2, 6: 1}.get(found.weekday(), 0))
            if (found.toordinal(), _EVENING) not in self.year.taken:
                self.year.taken.add((found.toordinal(), _EVENING))
                return datetime.combine(found, time(17, 30), self.local)
            day += 1

    def _is_waited_for(self, person: Contact) -> None:
        """Calls with a record: nobody came, they did, somebody of theirs, or nobody knows who."""
        self._hello(person)
        deputy = f"deputy@{person.address.rpartition('@')[2]}"
        for _ in range(self.dice.randrange(2, 6)):
            start = self._evening(self.dice.randrange(40, self.weeks * 7 - 6))
            end = start + timedelta(minutes=25)
            made = start - timedelta(days=self.dice.uniform(5, 9))
            if not self._inside_year(made) or not self._inside_year(end):
                continue
            uid = self._invite(person, start, made, online=True)
            self._accept(person, uid, start, made)
            span = (to_micros(start), to_micros(end))
            others = self.dice.choice((
                [],
                [],
                [Participant(person.name, "signed_in", *span, person.address)],
                [Participant("Deputy", "signed_in", *span, deputy)],
                [Participant("Somebody", "anonymous", *span)],
                [Participant("+49 30 123456", "phone", *span)],
            ))  # fmt: skip
            us = Participant("Kate Lind", "signed_in", *span, OWNER)
            self.world.hold(end, uid, [us, *others])
            if others:
                self._kept(person, start)
            else:
                self.truth.incidents.append(
                    Incident(person.address, span[0], "M7", span[0], False, True)
                )

    def _has_two_addresses(self, person: Contact) -> None:
        """Invited, calling off and answering under an address that the mail system folds."""
        self._hello(person)
        name, _, host = person.address.partition("@")
        other = f"{name}+office@{host}"
        self.world.human(other, person.name, system=person.system)
        start = self._slot(self.dice.randrange(25, max(26, self.weeks * 7 - 90)))
        made = start - timedelta(days=9)
        if self._inside_year(made):
            uid = self.world.invite(made, OWNER, [other], start, title=self._topic(person))
            yes = made + timedelta(days=1)
            self.world.answer(yes, uid, other, "accepted")
            self.truth.acted(person.address, to_micros(yes))
            if self.dice.random() < 0.5:
                at = start - timedelta(hours=self.dice.uniform(1, 18))
                self.world.answer(at, uid, other, "declined")
                self._incident(person, start, "M2", at, by_mail=True, agreed_by_mail=True)
            else:
                self._kept(person, start)
        first = self._workday(self.dice.randrange(8, 11))
        self._asks(person, first, 3, 7)
        at = first + timedelta(days=16, hours=4)
        self.world.mail(at, other, OWNER, "From my other address")
        self.truth.acted(person.address, to_micros(at))

    def _their_weekly(self, person: Contact) -> None:
        """A series of theirs, of which single ones are called off or moved on the day."""
        count = self.dice.randrange(5, 8)
        start = self._slot(self.dice.randrange(30, max(31, (self.weeks - count) * 7 - 10)))
        made = start - timedelta(days=self.dice.uniform(6, 12))
        uid = self.world.invite(
            made,
            person.address,
            [OWNER],
            start,
            title=self._topic(person),
            rule=Rule(count=count),
            zone=self.zone,
        )
        self.truth.acted(person.address, to_micros(made))
        self.world.answer(made + timedelta(hours=5), uid, OWNER, "accepted")
        for number in range(count):
            one = start + timedelta(weeks=number)
            at = one - timedelta(hours=self.dice.uniform(1, 20))
            chance = self.dice.random() if number and self._inside_year(at) else 1.0
            if chance < 0.25:
                self.world.cancel(at, uid, occurrence=one)
                # Outlook's mail says `Canceled: ` and no day, and of a mail in Gmail only headers
                # are read: which of the series it was, its owner must say.
                told = not self.google or person.system == "google"
                self._incident(person, one, "M1", at, by_mail=told, agreed_by_mail=True)
                if not told and one < self.year.end:
                    self.truth.asked.append(
                        Asked(person.address, to_micros(one), "M1", to_micros(at))
                    )
            elif chance < 0.4:
                other = one + timedelta(days=1, hours=1)
                self.world.move(at, uid, other, occurrence=one)
                self._incident(person, one, "M3", at, by_mail=True, agreed_by_mail=True)
                self._kept(person, other)
            else:
                self._kept(person, one)

    def _weekly_moved(self, person: Contact) -> None:
        """A series of ours goes on at another hour from its middle on; nobody gave anything up."""
        count = self.dice.randrange(6, 10)
        start = self._slot(self.dice.randrange(30, max(31, (self.weeks - count) * 7 - 10)))
        made = start - timedelta(days=8)
        uid = self.world.invite(
            made, OWNER, [person.address], start, title=self._topic(person), rule=Rule(count=count)
        )
        yes = made + timedelta(days=1)
        self.world.answer(yes, uid, person.address, "accepted")
        self.truth.acted(person.address, to_micros(yes))
        cut = self.dice.randrange(2, count - 1)
        at = start + timedelta(weeks=cut, days=-4)
        later = timedelta(days=1, hours=self.dice.randrange(0, 2))
        original = start + timedelta(weeks=cut)
        goes_on = self.world.split(at, uid, original, original + later)
        self.world.answer(at + timedelta(hours=5), goes_on, person.address, "accepted")
        self.truth.acted(person.address, to_micros(at + timedelta(hours=5)))
        for number in range(count):
            held = start + timedelta(weeks=number)
            self._kept(person, held + later if number >= cut else held)

    def _asked_before_a_holiday(self, person: Contact) -> None:
        """The second ask has four working days behind it, in one zone for a holiday's sake."""
        self._hello(person)
        holiday = self.zone == "America/New_York"
        last = self.year.end - timedelta(days=10 if holiday else 7) + timedelta(hours=3)
        for number, at in enumerate((last - timedelta(days=11), last)):
            self.world.mail(at, OWNER, person.address, f"A word {number} {person.number}")
        self.truth.early.add(person.address)

    def _away_in_other_words(self, person: Contact) -> None:
        """Away by a notice in another language when they said no on the day."""
        agreed = self._agreed(person)
        if agreed is None:
            return
        uid, start = agreed
        asked = start - timedelta(days=1.9)
        subject = f"One more thing {person.number}"
        key = self.world.mail(asked, OWNER, person.address, subject)
        self.world.mail(
            asked + timedelta(minutes=1), person.address, OWNER,
            f"{self.dice.choice(_AWAY)}: {subject}", reply_to=key, kind="auto_reply",
            null_path=True, headers=(("Auto-Submitted", "auto-replied"),),
        )  # fmt: skip
        at = start - timedelta(hours=self.dice.uniform(1, 12))
        self.world.answer(at, uid, person.address, "declined")
        self.truth.acted(person.address, to_micros(at))

    def _entered_twice(self, person: Contact) -> None:
        """One hour stands in the calendar twice; they decline one entry and come."""
        self._hello(person)
        start = self._slot(self._days())
        made = start - timedelta(days=9)
        if not self._inside_year(made):
            return
        title = self._topic(person)
        double, booked = (
            self.world.invite(made + wait, OWNER, [person.address], start, title=title)
            for wait in (timedelta(0), timedelta(minutes=10))
        )
        for uid in (double, booked):
            self.world.answer(made + timedelta(days=1), uid, person.address, "accepted")
        self.truth.acted(person.address, to_micros(made + timedelta(days=1)))
        at = start - timedelta(hours=self.dice.uniform(2, 12))
        self.world.answer(at, double, person.address, "declined")
        self.truth.acted(person.address, to_micros(at))
        self._kept(person, start)
