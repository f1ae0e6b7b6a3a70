"""What does a colleague's mailbox add? The same people, seen twice.

Mira sells with Kate. Omar declines on her as well, and one meeting lies in both calendars: it is one
meeting. Where Mira's mailbox is Exchange's and Kate's is Google's, both providers see the same act.
"""

from __future__ import annotations

from datetime import timedelta

from connectors.sandbox.scenario.stage import KATE, MIRA, Stage
from connectors.sandbox.world.people import System

OMAR = "omar@client.example"


def plant(stage: Stage, system: System) -> None:
    """Give Mira a mailbox, and tell her part of the story."""
    world = stage.world
    world.account(MIRA, "Mira Sol", zone="Europe/Berlin", system=system)
    for week, hours in ((-15, 0.0), (-11, 3), (-6, 2)):
        start = stage.book(week, 4, 11)
        title = f"Commercial terms {26 + week}"
        uid = stage.meet(OMAR, start, title, organizer=MIRA, lead=9, own=MIRA)
        if hours:
            at = stage.unique(start - timedelta(hours=hours))
            world.answer(at, uid, OMAR, "declined")
            why = f"declined Mira's meeting {hours:g} h before the start"
            stage.plant(
                OMAR, "late_cancellation", at, why, accused=True, uid=uid, start=start, seen_by=MIRA
            )
    start = stage.book(-1, 3, 11, 60)
    uid = stage.meet([OMAR, MIRA], start, "Joint review", minutes=60, lead=9)
    at = stage.unique(start - timedelta(hours=4))
    world.answer(at, uid, OMAR, "declined")
    why = "declined a meeting that lies in two of our mailboxes: one incident"
    stage.plant(
        OMAR,
        "late_cancellation",
        at,
        why,
        accused=True,
        uid=uid,
        start=start,
        seen_by=f"{KATE} {MIRA}",
    )
    ask = stage.write(stage.moment(-3, 0, 10), MIRA, OMAR, "Terms, last version")
    stage.write(stage.moment(-3, 1, 10), OMAR, MIRA, "Re: Terms, last version", reply_to=ask)
