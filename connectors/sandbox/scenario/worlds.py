"""Which ready-made worlds are there?

`demo_world(now)`: 26 weeks of Kate's life as a salesperson up to `now` and two weeks beyond, with
everybody planted in `scenario_planted` and `scenario_innocent`; its `truth` says who and why.
`small_world()`: one page of everything, for tests. `big_world(...)`: many mails and meetings, for
soak runs and benches. All are repeatable: the same arguments give the same world.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from connectors.sandbox.scenario import daily, innocent, planted, team
from connectors.sandbox.scenario.stage import JONAS, KATE, MIRA, Stage
from connectors.sandbox.world.people import System
from connectors.sandbox.world.recurrence import Rule
from connectors.sandbox.world.world import World

#: The moment at which the demonstration stands by default: a Monday morning.
DEMO_NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def demo_world(
    now: datetime = DEMO_NOW,
    *,
    seed: int = 7,
    system: System = "google",
    colleague: System | None = None,
) -> World:
    """The demonstration's world, at `now` (aware). `world.ends` lies two weeks later.

    `system` is what Kate's mailbox is made of: her invitations and UIDs are written in its way.
    `colleague` gives Mira a mailbox too (`mira@ourco.example`), of that system.
    """
    world = demo_script(now, seed=seed, system=system, colleague=colleague)
    world.advance_to(now)
    return world


def demo_script(
    now: datetime = DEMO_NOW,
    *,
    seed: int = 7,
    system: System = "google",
    colleague: System | None = None,
) -> World:
    """The same world at its beginning: for a replay with a poll every few hours."""
    stage = Stage(now, seed)
    aliases = ("k.lind@ourco.example",)
    stage.world.account(KATE, "Kate Lind", zone="Europe/Berlin", aliases=aliases, system=system)
    stage.world.human(JONAS, "Jonas Weber")
    planted.plant(stage)
    innocent.plant(stage)
    if colleague is None:
        stage.world.human(MIRA, "Mira Sol")
    else:
        team.plant(stage, colleague)
    daily.fill(stage)
    return stage.world


def small_world(now: datetime = DEMO_NOW, *, system: System = "google") -> World:
    """Kate and three contacts within four weeks: one of everything that a parser can meet.

    A kept meeting, a late decline through an assistant, a removal, a room, hidden guests, an
    all-day entry, a series with a moved and a cancelled occurrence, a split series, a dialogue,
    a newsletter, an absence, a bounce, a mail in spam, a deleted mail and a user's label.
    """
    stage = Stage(now, 1, weeks=4)
    world = stage.world
    world.account(
        KATE,
        "Kate Lind",
        aliases=("k.lind@ourco.example",),
        secondary={"c_4f2k@group.calendar.google.com": "Sales"},
        system=system,
    )
    world.human(JONAS, "Jonas Weber")
    omar = stage.contact("omar@client.example", "Omar Haddad", system="exchange")
    ana = stage.contact("ana@client.example", "Ana Pires", system="exchange")
    lee = stage.contact("lee@vendor.example", "Lee Park")
    dead = stage.moment(-4, 0, 0)
    gone = world.human("old.name@client.example", "Old Name", dead_from=dead).address
    stage.meet(omar, stage.book(-3, 1, 10), "Kept", held=True)
    start = stage.book(-2, 1, 10)
    late = stage.meet(omar, start, "Late")
    stage.answer(start - timedelta(hours=3), late, omar, "declined", by=ana, comment="Held up")
    removed = stage.meet(lee, stage.book(-2, 2, 10), "Removed", organizer=lee)
    world.remove(stage.moment(-3, 4, 12), removed, KATE)
    out = stage.meet(lee, stage.book(-1, 2, 10), "Taken out", organizer=lee)
    world.uninvite(stage.moment(-2, 3, 12), out, KATE)
    off = stage.meet(lee, stage.book(-1, 1, 10), "Called off", organizer=lee)
    world.cancel(stage.moment(-2, 3, 13), off)
    stage.meet(lee, stage.book(-1, 3, 10), "With a room", room=True, location="Main street 1")
    world.invite(
        stage.moment(-3, 1, 9),
        lee,
        [KATE, omar],
        stage.book(0, 1, 10),
        title="Hidden guests",
        guests_hidden=True,
    )
    world.invite(
        stage.moment(-3, 1, 10), KATE, [], stage.monday + timedelta(days=3), title="Fair", days=2
    )
    weekly = stage.moment(-3, 4, 9)
    series = world.invite(stage.moment(-4, 0, 9), lee, [KATE], weekly, title="Weekly", rule=Rule())
    stage.answer(stage.moment(-4, 0, 15), series, KATE, "accepted")
    moved = stage.moment(-2, 4, 9)
    world.move(stage.moment(-2, 1, 9), series, moved + timedelta(hours=5), occurrence=moved)
    world.cancel(stage.moment(-1, 2, 9), series, occurrence=stage.moment(-1, 4, 9))
    world.split(stage.moment(-1, 3, 9), series, stage.moment(1, 4, 9), stage.moment(1, 4, 11))
    _small_mails(stage, omar, lee, gone)
    world.advance_to(now)
    return world


def _small_mails(stage: Stage, omar: str, lee: str, gone: str) -> None:
    world = stage.world
    stage.talk(-3, omar, "Offer")
    stage.talk(-2, lee, "Price list")
    ask = stage.write(stage.moment(-2, 0, 9), KATE, omar, "Second offer")
    world.out_of_office(stage.moment(-2, 0, 9.1), omar, ask)
    stage.write(stage.moment(-2, 1, 9), KATE, gone, "Are you there?")
    news = world.human("news@fieldnotes.example", "Field Notes")
    letter = world.newsletter(stage.moment(-2, 2, 7), news, KATE, "Field Notes 12")
    world.delete_mail(stage.moment(-1, 0, 9), KATE, letter)
    lost = stage.write(stage.moment(-1, 0, 10), lee, KATE, "Re: Price list, again", spam=True)
    world.label(stage.moment(-1, 1, 10), KATE, lost, add=["STARRED"])
    kept = stage.write(stage.moment(-1, 1, 11), lee, KATE, "Order form")
    world.label(stage.moment(-1, 1, 12), KATE, kept, add=["promised/2026-12-01"], remove=["UNREAD"])


def big_world(
    *, messages: int = 10_000, meetings: int = 1_000, now: datetime = DEMO_NOW, seed: int = 1
) -> World:
    """Many mails and meetings over a year, with 200 contacts, for soak runs and benches.

    Threads have one to six mails; a tenth of the mails are newsletters; a tenth of the meetings
    are declined late and a tenth early.
    """
    dice = random.Random(seed)  # noqa: S311 - repeatable, and no secret
    first = now - timedelta(days=364)
    world = World(first - timedelta(days=30))
    world.account(KATE, "Kate Lind")
    people = [
        world.human(f"person{number}@firm{number % 60}.example", f"Person {number}").address
        for number in range(200)
    ]
    news = world.human("news@fieldnotes.example", "Field Notes")
    span = (now - first).total_seconds()
    left = messages
    while left > 0:
        at = first + timedelta(seconds=dice.uniform(0, span))
        if dice.random() < 0.1:
            world.newsletter(at, news, KATE, f"Issue {left}")
            left -= 1
            continue
        who, before, subject = dice.choice(people), "", f"Matter {left}"
        for turn in range(min(left, dice.choice((1, 2, 2, 3, 4, 6)))):
            if at > now:
                break
            sender, to = (KATE, who) if turn % 2 == 0 else (who, KATE)
            text = f"Re: {subject}" if before else subject
            before = world.mail(at, sender, to, text, reply_to=before)
            at += timedelta(hours=dice.uniform(1, 60))
            left -= 1
    for number in range(meetings):
        start = first + timedelta(seconds=dice.uniform(0, span))
        who = dice.choice(people)
        uid = world.invite(
            start - timedelta(days=10), KATE, [who], start, title=f"Meeting {number}"
        )
        world.answer(start - timedelta(days=9), uid, who, "accepted")
        fate = dice.random()
        if fate < 0.2:
            hours = 3 if fate < 0.1 else 80
            world.answer(start - timedelta(hours=hours), uid, who, "declined")
    world.advance_to(now)
    return world
