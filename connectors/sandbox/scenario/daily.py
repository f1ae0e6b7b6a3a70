"""What fills the rest of a salesperson's weeks? Ordinary people, and the noise around them.

Everybody here is blameless by construction: what they change, they change days ahead, and every ask
is answered. Newsletters, machines, colleagues, absences and bounces are there to be told apart.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.sandbox.scenario.stage import JONAS, KATE, MIRA, ZONE, Stage
from connectors.sandbox.world.people import Human
from connectors.sandbox.world.recurrence import Rule

_PEOPLE = (
    ("zoe@aspen.example", "Zoe Marsh"),
    ("igor@aspen.example", "Igor Petrov"),
    ("amira@basil.example", "Amira Nasser"),
    ("leo@basil.example", "Leo Conti"),
    ("hanna@clover.example", "Hanna Weiss"),
    ("finn@clover.example", "Finn Dahl"),
    ("rosa@dahlia.example", "Rosa Jimenez"),
    ("tim@dahlia.example", "Tim Becker"),
    ("noor@elder.example", "Noor Rahman"),
    ("pia@elder.example", "Pia Lund"),
    ("karl@fennel.example", "Karl Busch"),
    ("sofia@fennel.example", "Sofia Greco"),
)
_TITLES = ("Demo", "Pilot check", "Pricing", "Roadmap", "Integration", "Renewal", "Requirements")
_SUBJECTS = (
    "Question on the offer",
    "Dates for the workshop",
    "Security checklist",
    "Test accounts",
    "Invoice address",
    "Slides from today",
    "Data sheet",
    "Number of seats",
    "Reference call",
    "Next milestone",
)
_NEWS = (
    ("news@fieldnotes.example", "Field Notes"),
    ("hello@salesdigest.example", "Sales Digest"),
    ("updates@toolshed.example", "Toolshed"),
    ("offers@travelpost.example", "Travel Post"),
    ("weekly@marketwatchers.example", "Market Watchers"),
)
_MACHINES = (
    ("no-reply@billing.example", "Billing"),
    ("alerts@crm.example", "CRM"),
    ("noreply@parcel.example", "Parcel"),
)


def fill(stage: Stage) -> None:
    """All weeks, from the first to the second one after `now`."""
    people = [stage.contact(address, name) for address, name in _PEOPLE]
    for address, name in (*_NEWS, *_MACHINES):
        stage.world.human(address, name)
    _series(stage, people[0])
    for week in range(-stage.weeks, 2):
        _meetings(stage, people, week)
        _mails(stage, people, week)
        _noise(stage, week)


def _series(stage: Stage, zoe: str) -> None:
    """Endless series: the team's, one with a contact; and Kate's own blocks."""
    begin = -stage.weeks
    team = stage.moment(begin, 0, 8.25)
    stage.world.invite(
        stage.unique(team - timedelta(days=4)),
        JONAS,
        [KATE, MIRA],
        team,
        title="Stand-up",
        minutes=15,
        rule=Rule(days=(0, 1, 2, 3, 4)),
        zone="Europe/Berlin",
    )
    weekly = stage.moment(begin, 3, 17)
    made = stage.unique(weekly - timedelta(days=6))
    uid = stage.world.invite(
        made, zoe, [KATE], weekly, title="Aspen weekly", rule=Rule(), zone="Europe/Berlin"
    )
    stage.answer(made + timedelta(hours=3), uid, KATE, "accepted")
    for week in range(begin + 3, 2, 6):
        occurrence = stage.moment(week, 3, 17)
        early = stage.unique(occurrence - timedelta(days=4, hours=3))
        if week % 4:
            stage.world.move(early, uid, occurrence - timedelta(days=1), occurrence=occurrence)
            later = early + timedelta(hours=1)
            stage.answer(later, uid, KATE, "accepted", occurrence=occurrence)
        else:
            stage.world.cancel(early, uid, occurrence=occurrence)
    friday = stage.moment(begin, 4, 16.5)
    stage.world.invite(
        stage.unique(friday - timedelta(days=3)),
        KATE,
        [],
        friday,
        title="Plan next week",
        minutes=60,
        rule=Rule(),
        kind="focusTime",
    )
    fair = (stage.moment(-11, 3, 0)).astimezone(ZONE).date()
    stage.world.invite(
        stage.unique(stage.moment(-15, 1, 10)),
        KATE,
        [],
        fair,
        title="Trade fair",
        days=2,
        free=True,
    )


def _meetings(stage: Stage, people: list[str], week: int) -> None:
    dice = stage.random
    for _ in range(dice.choice((5, 6, 6, 7))):
        who = dice.choice(people)
        minutes = dice.choice((30, 30, 45, 60))
        start = stage.book(week, dice.randrange(5), dice.choice((9, 10, 11, 13, 14, 15)), minutes)
        title = f"{dice.choice(_TITLES)} {who.partition('@')[2].partition('.')[0].capitalize()}"
        organizer = who if dice.random() < 0.3 else KATE
        fate = dice.random()
        held = fate < 0.75 and dice.random() < 0.8
        uid = stage.meet(
            who,
            start,
            title,
            minutes=minutes,
            lead=dice.randrange(7, 14),
            organizer=organizer,
            online=dice.random() < 0.8,
            held=held,
        )
        early = stage.unique(stage.office(start - timedelta(days=4, hours=dice.randrange(6))))
        if fate < 0.78:
            continue
        if fate < 0.88 and organizer == KATE:
            stage.world.answer(early, uid, who, "declined")
        elif fate < 0.94:
            stage.world.cancel(early, uid)
        else:
            _move_early(stage, uid, who, organizer, early, week, minutes)
    if week % 3 == 0:
        start = stage.book(week, 2, 13)
        uid = stage.world.invite(
            stage.unique(start - timedelta(days=3)), KATE, [JONAS, MIRA], start, title="Deal review"
        )
        stage.answer(start - timedelta(days=2), uid, JONAS, "accepted")


def _move_early(
    stage: Stage, uid: str, who: str, organizer: str, early: datetime, week: int, minutes: int
) -> None:
    try:
        new = stage.book(week, 4, 9, minutes)
    except ValueError:
        # No free slot is left in this week: then it is called off, as early.
        stage.world.cancel(early, uid)
        return
    if new < early + timedelta(days=2):
        stage.world.cancel(early, uid)
        return
    stage.world.move(early, uid, new)
    guest = KATE if organizer == who else who
    stage.answer(stage.office(early + timedelta(hours=2)), uid, guest, "accepted")


def _mails(stage: Stage, people: list[str], week: int) -> None:
    dice = stage.random
    for _ in range(12):
        stage.talk(week, dice.choice(people), dice.choice(_SUBJECTS))
    for _ in range(4):
        who, subject = dice.choice(people), dice.choice(_SUBJECTS)
        at = stage.moment(week, dice.randrange(4), dice.uniform(9, 16))
        asked = stage.write(at, who, KATE, subject, cc=[JONAS] if dice.random() < 0.2 else [])
        told = stage.office(at + timedelta(hours=dice.uniform(1, 9)))
        reply = stage.write(told, KATE, who, f"Re: {subject}", reply_to=asked)
        if dice.random() < 0.4:
            thanks = stage.office(told + timedelta(hours=dice.uniform(1, 6)))
            stage.write(thanks, who, KATE, f"Re: {subject}", reply_to=reply)
        read = stage.unique(told - timedelta(minutes=5))
        stage.world.label(read, KATE, asked, remove=["UNREAD"])
    for _ in range(11):
        at = stage.moment(week, dice.randrange(5), dice.uniform(8.5, 17))
        sender, other = (JONAS, KATE) if dice.random() < 0.6 else (KATE, MIRA)
        stage.write(at, sender, other, f"Internal: {dice.choice(_SUBJECTS).lower()}")


def _noise(stage: Stage, week: int) -> None:
    dice = stage.random
    for weekday in range(5):
        for address, name in dice.sample(_NEWS, 3):
            at = stage.unique(stage.moment(week, weekday, dice.uniform(6, 9)))
            number = stage.weeks + week
            human = Human(address, name)
            key = stage.world.newsletter(at, human, KATE, f"{name} {number}.{weekday}")
            if dice.random() < 0.5:
                later = stage.unique(at + timedelta(hours=dice.uniform(1, 6)))
                if dice.random() < 0.3:
                    stage.world.label(later, KATE, key, add=["TRASH"], remove=["INBOX", "UNREAD"])
                else:
                    stage.world.label(later, KATE, key, remove=["INBOX", "UNREAD"])
        for address, _ in dice.sample(_MACHINES, 2):
            at = stage.moment(week, weekday, dice.uniform(7, 20))
            stage.write(
                at,
                address,
                KATE,
                f"Notice {dice.randrange(10_000)}",
                kind="machine",
                headers=[("Auto-Submitted", "auto-generated")],
            )
    if week % 4 == 0:
        _absent_colleague_of_a_contact(stage, week)


def _absent_colleague_of_a_contact(stage: Stage, week: int) -> None:
    """An out-of-office answer first, the person's own some days later."""
    who = stage.contact("pia@elder.example", "Pia Lund")
    subject = f"Elder figures {stage.weeks + week}"
    at = stage.moment(week, 0, 11)
    ask = stage.write(at, KATE, who, subject)
    stage.world.out_of_office(stage.unique(at + timedelta(minutes=1)), who, ask)
    back = stage.moment(week, 4, 10)
    stage.write(back, who, KATE, f"Re: {subject}", reply_to=ask)
