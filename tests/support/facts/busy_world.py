"""Which one small world gives every detector something to find?"""

from __future__ import annotations

from functools import cache
from typing import Final

import pandas as pd

from connectors.model.frames import Frames
from reports.schemas import Findings
from tests.support.facts.mail_box import ADA, BEN, DANA, EMIL, FRITZ, NOW, instant
from tests.support.facts.whole_world import AS_OF, DAY, HOUR, STANDARD, World

ZOE, YAN, OLD, NIA = (
    "zoe@third.example", "yan@fourth.example", "old@home.example", "nia@quiet.example",
)  # fmt: skip
START: Final = instant("2026-11-12 14:00")


def _meetings(world: World) -> None:
    for number in range(3):
        start = START - 7 * number * DAY
        world.meet(start, guests=(DANA, EMIL)).says(DANA, "declined", start - 3 * HOUR)
    for number in range(4):
        start = START - (1 + 7 * number) * DAY
        stamp = start.strftime("%Y%m%dT%H%M%SZ")
        world.meet(start, series="weekly", recurrence=stamp, guests=(EMIL,))
    moved = world.meet(START - 2 * DAY, organizer=EMIL, guests=())
    moved.moved(START - 2 * DAY - 2 * HOUR, START + 5 * DAY)
    ours = world.meet(START + 2 * HOUR, guests=(FRITZ,))
    ours.moved(START, START + 6 * DAY)
    world.meet(START + DAY, guests=(ZOE,)).poll(START + DAY - HOUR, status="vanished")
    cancelled = world.meet(START + 2 * HOUR + DAY, organizer=ZOE, guests=())
    cancelled.message("cancel", START + DAY - HOUR, ZOE).poll(START + DAY, status="cancelled")
    proposed = world.meet(START + 4 * DAY, guests=(YAN,))
    proposed.message("counter", START + 4 * DAY - 5 * HOUR, YAN, proposed_start=START + 6 * DAY)
    proposed.moved(START + 4 * DAY - 2 * HOUR, START + 6 * DAY)
    alone = world.meet(START + 3 * HOUR + 4 * DAY, guests=(YAN,))
    world.record(alone, {ADA: 1500})
    both = world.meet(START - 20 * DAY, guests=(YAN,))
    world.record(both, {ADA: 1500, YAN: 1400})
    # Looked kept, but they wrote at its start and made a new date.
    world.meet(START - 9 * DAY, guests=(YAN,))
    world.mail(str(START - 9 * DAY), YAN, subject="Sorry")
    world.meet(START - 3 * DAY, guests=(YAN,), made=START - 8 * DAY, agreed=START - 8 * DAY + HOUR)
    world.meet(AS_OF + 2 * DAY, guests={DANA: "accepted", YAN: "none"})
    for start, guests in ((START - 30 * DAY, {NIA: "none"}), (START - 15 * DAY, {YAN: "accepted"})):
        world.meet(start, guests=guests).poll(start + 2 * HOUR, mark="absent")
    noted = START - 16 * DAY
    world.meet(noted, guests=(), subject="noshow absent", private=True, made=noted + HOUR)
    world.meet(START - 16 * DAY, guests=(FRITZ,), subject="Demo")
    # The same meeting in a colleague's calendar.
    copy = world.rows["meetings"][0]
    world.meet(
        copy["start_at"], series=copy["series_uid"], guests=(DANA, EMIL), mailbox=2, owner=BEN
    )


def _mails(world: World) -> None:
    for number in range(6):
        day = f"2026-10-0{number + 1}"
        first = world.sent(f"{day} 09:00", subject=f"s{number}", cc=BEN, thread_id=f"t{number}")
        world.mail(
            f"{day} 09:01", ADA, DANA, cc=BEN, mailbox=2, sent=False,
            message_key=f"m{first}@mail.example", subject=f"s{number}",
        )  # fmt: skip
        world.mail(f"{day} 12:00", DANA, re=first, name="Dana Diaz", thread_id=f"t{number}")
        world.mail(f"{day} 12:00", EMIL, re=first, sender_address="ana@client.example")
    last = world.sent("2026-10-12 10:00", subject="Offer")
    world.sent("2026-10-21 10:00", subject="Offer", re=last)
    world.sent("2026-11-04 10:00", subject="Price", thread_id="t9")
    world.away("2026-10-20 10:00", EMIL)
    world.sent("2026-10-21 10:00", to=EMIL, subject="Question")
    world.sent("2026-09-01 10:00", to=FRITZ)
    world.sent("2026-11-09 10:00", to=FRITZ, subject="FYI")
    world.mail(
        "2026-11-09 10:01", "mailer-daemon@host.example", headers=f"x-failed-recipients: {FRITZ}"
    )
    world.mail("2026-10-30 10:00", EMIL, labels="promised/2026-11-10", subject="Numbers")
    world.mail("2026-10-30 10:00", ZOE, [ADA, YAN])
    world.sent("2026-08-01 10:00", to=YAN, subject="FYI")
    world.mail("2026-11-02 10:00", YAN, subject="And?")
    for day in ("10-05", "10-12", "10-19"):
        world.sent(f"2026-{day} 10:00", to=NIA, subject=f"Hello {day}")
    world.mail(
        "2026-11-20 10:00", subject="Declined: Review",
        sender_address="calendar-notification@google.com",
    )  # fmt: skip
    world.mail(
        "2026-11-10 10:00", headers="list-unsubscribe: <https://l.example/u>\nprecedence: bulk"
    )
    world.mail("2026-11-11 10:00", ADA, ADA, subject="noshow call yan@fourth.example spoke")


def world() -> World:
    """Ties in time, two mailboxes, a merged person, answers, records, marks, an earlier report."""
    made = World()
    made.colleague(2, BEN)
    _meetings(made)
    _mails(made)
    made.call("2026-11-03 10:00", EMIL)
    made.tag("2026-11-04 10:00", OLD, "same-person", DANA)
    made.tag("2026-11-04 10:00", ZOE, "client")
    made.tag("2026-11-04 10:00", "news@list.example", "machine")
    made.add(
        "memory", address=EMIL, last_spoke=instant("2026-05-01 10:00"), stage="dialogue",
        first_human_act=instant("2025-05-01 10:00"),
    )  # fmt: skip
    made.add(
        "promises", promise_id=1, mailbox_id=1, address=NIA, words="the numbers",
        made_at=instant("2026-10-10 10:00"), due_at=pd.Timestamp("2026-11-06", tz="UTC"),
        source="command",
    )  # fmt: skip
    made.add("pending", mailbox_id=2, stream="calendar:primary", provider_id="x", tries=1)
    made.glance(2, "mail", "2026-11-01 07:00", problem="timeout", finished_at=pd.NaT)
    made.reported(AS_OF - 14 * DAY, step="ask-directly")
    key = made.detect(STANDARD).slots.set_index("contact").loc[[DANA]]["evidence_key"].iloc[0]
    made.claim("incident", DANA, key, "wrong", "2026-11-16 10:00")
    return made


@cache
def facts() -> Frames:
    """One for all tests: that nobody changes it is a test of its own."""
    return world().facts(NOW)


@cache
def findings() -> Findings:
    return world().detect(STANDARD)
