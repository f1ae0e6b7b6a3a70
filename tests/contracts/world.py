"""Which small world must every source read alike? Four weeks of Kate's, with one of everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from config.clock import to_micros
from connectors.sandbox.world.mails import Letter
from connectors.sandbox.world.recurrence import Rule
from connectors.sandbox.world.world import World

KATE = "kate@ourco.example"
DANA = "dana@client.example"
LEE = "lee@vendor.example"
ANA = "ana@vendor.example"
MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)
#: The first look is taken here, and what happens afterwards is for the later ones.
FIRST = MONDAY + timedelta(days=4)


def at(days: float, hours: float = 0) -> datetime:
    """A moment after Monday 2 November 2026, 08:00 UTC."""
    return MONDAY + timedelta(days=days, hours=hours)


@dataclass(frozen=True)
class Small:
    """The world and the keys of what is in it: UIDs of meetings, Message-IDs of mails."""

    world: World
    review: str
    weekly: str
    vendor: str
    fair: str
    ask: str
    reply: str
    spam: str
    forged: str
    draft: str
    news: str
    doomed: str


def small() -> Small:
    """Everything until FIRST, as it lies in Kate's calendar and mailbox; nothing is changed yet."""
    world = World(MONDAY - timedelta(days=7))
    world.account(KATE, "Kate Lind", zone="Europe/Berlin")
    world.human(DANA, "Dana Kim")
    world.human(LEE, "Lee Park", system="exchange")
    world.human(ANA, "Ana Pires", system="exchange")
    news = world.human("news@fieldnotes.example", "Field Notes")
    review = world.invite(at(0), KATE, [DANA], at(14), title="Review", minutes=60)
    world.answer(at(0, 2), review, DANA, "accepted")
    weekly = world.invite(at(0, 1), KATE, [DANA], at(2, 1), title="Weekly", rule=Rule(count=6))
    world.answer(at(0, 3), weekly, DANA, "accepted")
    world.move(at(1), weekly, at(10, 3), occurrence=at(9, 1))
    vendor = world.invite(at(0, 4), LEE, [KATE], at(15), title="Vendor")
    world.answer(at(0, 5), vendor, KATE, "accepted")
    fair = world.invite(at(0, 6), LEE, [KATE, DANA], at(16), title="Fair")
    ask = world.mail(at(1), KATE, DANA, "Offer")
    reply = world.mail(at(2), DANA, KATE, "Re: Offer", reply_to=ask)
    spam = world.mail(at(2, 1), LEE, KATE, "Price list", spam=True)
    draft = world.mail(at(2, 3), KATE, DANA, "Not finished", draft=True)
    letter = world.newsletter(at(2, 4), news, KATE, "Field Notes 12")
    doomed = world.mail(at(2, 5), LEE, KATE, "Deleted later")
    world.label(at(3), KATE, ask, add=["Clients"])
    world.advance_to(FIRST)
    return Small(
        world,
        review,
        weekly,
        vendor,
        fair,
        ask,
        reply,
        spam,
        _forged(world),
        draft,
        letter,
        doomed,
    )


def _forged(world: World) -> str:
    """Anybody can write Kate's address into From: that does not make it a mail of hers."""
    kate = world.state.human(KATE)
    letter = Letter("forged@evil.example", to_micros(world.now), kate, (kate,), "Your own mail")
    world.state.mailboxes[KATE].add(letter, {"INBOX"}, received=True)
    return letter.key
