"""Which worlds hold contacts together that are judged apart?

Small and random: mails to several organisations at once, answers by strangers and by other houses,
meetings with guests of many, assistants, machines, rooms, lists, marks, records of calls beside another
meeting, series that went on under another id. Every fact is one that some step of detection reads beyond
the contact that it judges.
"""

from __future__ import annotations

from random import Random
from typing import Any, Final

import pandas as pd

from tests.support.facts.mail_box import ADA, BEN, Box
from tests.support.facts.whole_world import AS_OF, DAY, HOUR, MINUTE, Meeting, World

HOUSES: Final = tuple(f"house{number}.example" for number in range(5))
PEOPLE: Final = (
    *(f"{name}@{house}" for house in HOUSES for name in ("pia", "tom")),
    "rosa@gmail.com", "otto@gmail.com", "info@house0.example", "office@house3.example",
)  # fmt: skip
ROOM, LIST = "room1@house1.example", "team@house2.example"
TITLES: Final = ("Weekly", "Review", "Kick-off", "Accepted: Review")
_BULK = "list-unsubscribe: <https://l.example/u>\nprecedence: bulk"
_FAILED = "authentication-results: mx.ours.example; dmarc=fail"
_LISTED = f"list-id: <team.house2.example>\nlist-post: <mailto:{LIST}>"
_GENERATED = "auto-submitted: auto-generated"


def crossed(seed: int) -> World:
    """The world of this number; the same every time."""
    world, chance = World(), Random(seed)
    world.colleague(2, BEN)
    _calendar(world, chance)
    _post(world, chance)
    _words(world, chance)
    return world


def _moment(chance: Random, first: int = 3, last: int = 90) -> pd.Timestamp:
    day = AS_OF.normalize() - chance.randint(first, last) * DAY
    return day + chance.randint(7, 16) * HOUR + chance.choice((0, 30)) * MINUTE


def _some(chance: Random, most: int = 3) -> list[str]:
    return chance.sample(PEOPLE, chance.randint(1, most))


# -- calendars ----------------------------------------------------------------------------------


def _calendar(world: World, chance: Random) -> None:
    for _ in range(chance.randint(8, 14)):
        start = _moment(chance, -6, 80)
        guests: dict[str, str] = {
            who: chance.choice(("accepted", "accepted", "accepted", "none", "declined"))
            for who in _some(chance)
        }
        box, owner = chance.choice(((1, ADA), (1, ADA), (2, BEN)))
        organizer = owner if chance.random() < 0.7 else next(iter(guests))
        guests.pop(organizer, None)
        guests |= {one: "accepted" for one in (ROOM, LIST, BEN) if chance.random() < 0.08}
        facts: dict[str, Any] = {"subject": chance.choice(TITLES)}
        if chance.random() < 0.4:
            facts["series"] = f"series{chance.randint(1, 3)}"
            facts["recurrence"] = start.strftime("%Y%m%dT%H%M%SZ")
        meeting = world.meet(
            start, guests=guests, organizer=organizer, mailbox=box, owner=owner,
            agreed=min(start - chance.randint(1, 30) * DAY, AS_OF - DAY), **facts,
        )  # fmt: skip
        if ROOM in guests:
            for row in world.rows["guests"]:
                row["resource"] = row["resource"] or (
                    row["address"] == ROOM and row["meeting_id"] == meeting.number
                )
        _happens(world, chance, meeting, start, [*guests, organizer])
    for _ in range(chance.choice((0, 0, 1))):
        start = _moment(chance)
        world.meet(
            start, guests=(), subject="noshow absent", private=chance.random() < 0.8,
            made=start + HOUR, minutes=chance.choice((30, 600)),
        )  # fmt: skip


def _happens(
    world: World, chance: Random, meeting: Meeting, start: pd.Timestamp, people: list[str]
) -> None:
    at = start - chance.choice((1, 5, 20, 30, 100)) * HOUR
    if at >= AS_OF - HOUR or at <= meeting.seen + HOUR:
        return
    who = chance.choice(people)
    fate = chance.random()
    if fate < 0.2:
        meeting.says(who, "declined", at)
    elif fate < 0.3:
        meeting.moved(at, start + chance.choice((1, 2, 7)) * DAY)
    elif fate < 0.4:
        meeting.message("cancel", at, who)
        meeting.poll(at + 5 * MINUTE, status="cancelled")
    elif fate < 0.5:
        meeting.poll(at, status="vanished")
        guests = {one: said for one, (said, _) in meeting.state["guests"].items()}
        again = world.meet(
            start, guests={**guests, **({PEOPLE[0]: "accepted"} if chance.random() < 0.3 else {})},
            organizer=meeting.state["organizer"], mailbox=meeting.state["mailbox"],
            owner=meeting.state["owner"], made=at + MINUTE, agreed=at + MINUTE,
        )  # fmt: skip
        world.rows["meetings"][again.number - 1]["subject"] = "Review"
    elif fate < 0.6:
        meeting.message("counter", at, who, proposed_start=start + 2 * DAY)
        meeting.moved(at + HOUR, start + 2 * DAY)
    elif fate < 0.65:
        meeting.message("cancel", at, who)
        world.rows["observations"][-1]["sent_by"] = chance.choice(PEOPLE)
    if start < AS_OF - DAY and chance.random() < 0.3:
        world.record(meeting, {ADA: 1500} | ({who: 1400} if chance.random() < 0.4 else {}))
    if start < AS_OF - DAY and chance.random() < 0.06:
        meeting.poll(start + 2 * HOUR, mark=chance.choice(("absent", "them", "us")))


# -- mail ---------------------------------------------------------------------------------------


def _post(world: World, chance: Random) -> None:
    for number in range(chance.randint(10, 18)):
        _conversation(world, chance, number)
    day = _moment(chance, 10, 40)
    for place, who in enumerate(chance.sample(PEOPLE, chance.randint(3, 6))):
        world.sent(str(day + place * MINUTE), to=who, subject="Our offer")
    for who in ("info@house0.example", "office@house3.example"):
        if chance.random() < 0.6:
            world.mail(str(_moment(chance)), who, headers=_GENERATED, subject="Notice")
    if chance.random() < 0.5:
        asked = world.sent(str(_moment(chance, 60, 80)), to=PEOPLE[4], subject="Hello")
        for weeks in range(4):
            at = str(_moment(chance, 50 - 10 * weeks, 52 - 10 * weeks))
            headers = "auto-submitted: auto-replied\nreturn-path: <>"
            world.mail(at, PEOPLE[4], re=asked, headers=headers, subject="Ticket")
    if chance.random() < 0.5:
        world.mail(str(_moment(chance)), PEOPLE[6], [ADA, LIST], headers=_LISTED, subject="To all")
    if chance.random() < 0.5:
        rewritten = PEOPLE[5].replace("@", "=") + "@lists.example"
        world.mail(str(_moment(chance)), rewritten, [ADA, LIST], headers=_LISTED, subject="To all")


def _conversation(world: World, chance: Random, number: int) -> None:
    at, to = _moment(chance), _some(chance)
    subject = chance.choice((f"matter {number}", f"matter {number}", "FYI", "Our offer"))
    if chance.random() < 0.6:
        last = world.sent(str(at), to=to[:1], cc=to[1:], subject=subject, thread_id=f"t{number}")
        if chance.random() < 0.2:
            # in its headers it names neither an address nor a mail
            daemon = "mailer-daemon@" + to[0].partition("@")[2]
            world.mail(str(at + HOUR / 60), daemon, subject="failure notice")
    else:
        last = world.mail(str(at), to[0], ADA, cc=to[1:], subject=subject, thread_id=f"t{number}")
    for _ in range(chance.randint(0, 3)):
        at += chance.choice((3, 30, 100, 200)) * HOUR
        if at < AS_OF - HOUR:
            last = _answer(world, chance, number, at, last, to)


def _answer(
    world: World, chance: Random, number: int, at: pd.Timestamp, last: int, to: list[str]
) -> int:
    who = chance.choice([*to, *to, chance.choice(PEOPLE)])
    kind = chance.random()
    facts: dict[str, Any] = {"thread_id": f"t{number}", "subject": f"Re: matter {number}"}
    re: int | None = last if chance.random() < 0.8 else None
    if kind < 0.25:
        return world.sent(str(at), to=to, re=re, **facts)
    if kind < 0.5:
        return world.mail(str(at), who, [ADA, *to[1:]], re=re, **facts)
    if kind < 0.57:
        return world.mail(str(at), who, re=re, headers=_BULK, **facts)
    if kind < 0.63:
        return world.mail(str(at), who, re=re, headers=_FAILED, **facts)
    if kind < 0.7:
        return world.away(at, who, re=re)
    if kind < 0.75:
        failed = f"x-failed-recipients: {who}"
        return world.mail(str(at), "mailer-daemon@host.example", re=re, headers=failed, **facts)
    if kind < 0.8:
        sender = chance.choice(PEOPLE)
        return world.mail(str(at), who, re=re, sender_address=sender, **facts)
    if kind < 0.9:
        return _meeting_mail(world, chance, at, who)
    mail = world.mail(str(at), who, re=re, **facts)
    row = world.rows["messages"][mail - 1]
    if kind < 0.95:
        row["at"], row["first_seen_at"] = pd.NaT, at
    else:
        copied = {"message_key": row["message_key"], "sent": False}
        world.mail(str(at), who, BEN, mailbox=2, re=re, **(facts | copied))
    return mail


def _meeting_mail(world: World, chance: Random, at: pd.Timestamp, who: str) -> int:
    """What a meeting mail says, by its title or by its UID, proven or not."""
    word = chance.choice(("Accepted", "Declined", "Cancelled", "Tentative"))
    facts: dict[str, Any] = {"subject": f"{word}: {chance.choice(TITLES)}"}
    headers = ["x-mail-calendar-part: reply", *([_FAILED] if chance.random() < 0.3 else [])]
    if chance.random() < 0.5:
        meeting = chance.choice(world.rows["meetings"])
        facts["meeting_uid"] = meeting["series_uid"]
        facts["meeting_recurrence_id"] = meeting["recurrence_id"]
        facts["meeting_start_at"] = meeting["start_at"]
    if chance.random() < 0.3:
        told = chance.choice(world.rows["observations"])
        facts["message_key"] = f"told{told['observation_id']}@mail.example"
        if told["evidence"] == "itip":
            told["message_key"] = facts["message_key"]
    return world.mail(str(at), who, headers="\n".join(headers), **facts)


# -- the user's words ---------------------------------------------------------------------------


def _words(world: Box, chance: Random) -> None:
    for _ in range(chance.randint(0, 3)):
        outcome = chance.choice(("no-answer", "spoke", "assistant"))
        world.call(str(_moment(chance)), chance.choice(PEOPLE), outcome)
    for word in ("machine", "client", "let-go", "warm"):
        if chance.random() < 0.3:
            world.tag(str(_moment(chance)), chance.choice((*PEOPLE, LIST)), word)
    if chance.random() < 0.4:
        one, other = chance.sample(PEOPLE, 2)
        world.tag(str(_moment(chance)), one, "same-person", other)
    if chance.random() < 0.4:
        world.mail(str(_moment(chance)), ADA, ADA, subject=f"noshow call {PEOPLE[2]} spoke")
    if chance.random() < 0.5:
        world.add(
            "promises", promise_id=1, mailbox_id=1, address=chance.choice(PEOPLE), words="numbers",
            made_at=_moment(chance, 30, 40), due_at=(AS_OF - 10 * DAY).normalize(), source="command",
        )  # fmt: skip
