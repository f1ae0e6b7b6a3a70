"""Which small random worlds are there? Drawn by hypothesis, built at any date.

A plan is plain data (days before the report, hours, choices), so that the same plan can be built
at another date, with other names, or in other mailboxes. Dates lie in one summer: no clock change
falls between a plan's first fact and its report.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from hypothesis import strategies as st

from connectors.model.frames import Frames
from tests.support.facts.mail_box import ADA, instant
from tests.support.facts.whole_world import DAY, HOUR, MINUTE, World

#: The Monday of the report, and the first fact of any plan before it [d].
MONDAY: Final = instant("2026-09-21 07:00")
REACH: Final = 90
CONTACTS: Final = ("dana@client.example", "emil@client.example", "zoe@other.example")

_ACTIONS: Final = (
    "nothing", "declined", "accepted again", "moved by us", "moved by them", "cancelled",
    "tentative", "proposed", "gone",
)  # fmt: skip
_LETTERS: Final = (
    "ask", "ask", "ask", "ask", "again", "again", "theirs", "answer", "away", "bounce", "bulk", "call",
)  # fmt: skip
#: Most letters go to one contact, and many are recent: else no silence would ever be long enough.
_WHO: Final = st.sampled_from([0, 0, 0, 1, 2])
_DAYS: Final = st.integers(1, 8) | st.integers(9, 40) | st.integers(41, REACH - 1)


@dataclass(frozen=True)
class Appointment:
    """One meeting: when, with whom, agreed how long before, and what happened to it how late.

    `away`: an out-of-office notice of theirs came five hours after that.
    """

    who: int
    day: int
    hour: int
    lead: int
    theirs: bool
    action: str
    notice: float
    gap: float
    series: bool
    record: str
    second: bool
    away: bool


@dataclass(frozen=True)
class Letter:
    """One mail or call."""

    who: int
    day: int
    hour: int
    kind: str


@dataclass(frozen=True)
class Plan:
    appointments: tuple[Appointment, ...]
    letters: tuple[Letter, ...]


def plans(
    *,
    actions: tuple[str, ...] = _ACTIONS,
    letters: tuple[str, ...] = _LETTERS,
    records: tuple[str, ...] = ("", "", "attended", "alone"),
    away: tuple[bool, ...] = (False, False, True),
    least: int = 2,
    most: int = 7,
) -> st.SearchStrategy[Plan]:
    """Plans of `least` to `most` meetings and two to ten mails, of the given kinds."""
    appointment = st.builds(
        Appointment,
        who=st.integers(0, len(CONTACTS) - 1),
        day=st.integers(-8, REACH - 45),
        hour=st.integers(8, 17),
        lead=st.integers(1, 40),
        theirs=st.booleans(),
        action=st.sampled_from(actions),
        notice=st.sampled_from([0.5, 3.0, 11.0, 23.5, 24.0, 25.0, 100.0, -1.0]),
        gap=st.sampled_from([0.0, 0.0, 2.0, 30.0]),
        series=st.booleans(),
        record=st.sampled_from(records),
        second=st.booleans(),
        away=st.sampled_from(away),
    )
    letter = st.builds(
        Letter, who=_WHO, day=_DAYS, hour=st.integers(8, 17), kind=st.sampled_from(letters)
    )
    return st.builds(
        Plan,
        appointments=st.lists(appointment, min_size=least, max_size=most, unique_by=_slot).map(
            tuple
        ),
        letters=st.lists(
            letter, min_size=2, max_size=10, unique_by=lambda one: (one.day, one.hour)
        ).map(lambda found: tuple(sorted(found, key=lambda one: (-one.day, one.hour)))),
    )


def _slot(one: Appointment) -> tuple[int, int]:
    return one.day, one.hour


def same(text: str) -> str:
    return text


def build(
    plan: Plan,
    monday: pd.Timestamp = MONDAY,
    name: Callable[[str], str] = same,
    word: Callable[[str], str] = same,
) -> World:
    """The world of a plan whose report is made on `monday`.

    `name` renames addresses, `word` series, Message-IDs and subjects.
    """
    world = World(str(monday - 400 * DAY))
    for number, one in enumerate(plan.appointments):
        _appointment(world, number, one, monday, name, word)
    last: dict[str, int] = {}
    for number, letter in enumerate(plan.letters):
        _letter(world, number, letter, monday, last, name, word)
    return world


def _appointment(
    world: World,
    number: int,
    one: Appointment,
    monday: pd.Timestamp,
    name: Callable[[str], str],
    word: Callable[[str], str],
) -> None:
    contact = name(CONTACTS[one.who])
    start = monday.normalize() - one.day * DAY + one.hour * HOUR
    people = [contact] + ([name(CONTACTS[(one.who + 1) % len(CONTACTS)])] if one.second else [])
    agreed = min(start - one.lead * DAY, monday - HOUR)
    facts: dict[str, Any] = {"series": word(f"single{number}"), "subject": word(f"topic {number}")}
    if one.series:
        facts["series"] = word(f"weekly{one.who}")
        facts["recurrence"] = start.strftime("%Y%m%dT%H%M%SZ")
    meeting = world.meet(
        start,
        guests=people,
        agreed=agreed,
        organizer=contact if one.theirs else ADA,
        **facts,
    )
    at = start - pd.Timedelta(hours=one.notice)
    if agreed + 2 * HOUR < at < monday and one.action != "nothing":
        _happened(meeting, one, contact, at, start)
        if one.away and at + 5 * HOUR < monday:
            key = word(f"away{number}")
            world.away(at + 5 * HOUR, contact, message_key=key)
    if one.record and start + 2 * HOUR < monday:
        present = {ADA: 1800} | ({contact: 1700} if one.record == "attended" else {})
        world.record(meeting, present)


def _happened(
    meeting: Any, one: Appointment, contact: str, at: pd.Timestamp, start: pd.Timestamp
) -> None:
    """The appointment's action, dated exactly where `gap` is 0, else within so many hours."""
    exact = one.gap == 0.0
    since = at - max(pd.Timedelta(hours=one.gap), MINUTE)
    if one.action in ("declined", "tentative", "accepted again"):
        answer = "tentative" if one.action == "tentative" else "declined"
        meeting.poll(at, since=since, at_said=at if exact else None, says={contact: answer})
        if one.action == "accepted again":
            meeting.poll(at + 10 * MINUTE, since=at, says={contact: "accepted"})
    elif one.action in ("moved by us", "moved by them"):
        # Only its organiser can move a meeting; which side that is says the appointment.
        meeting.poll(at, since=since, exact=exact, start=start + 2 * DAY)
    elif one.action == "cancelled":
        meeting.message("cancel", at, meeting.state["organizer"])
        meeting.poll(at + 5 * MINUTE, since=since, status="cancelled")
    elif one.action == "gone":
        meeting.poll(at, since=since, status="vanished")
    elif one.action == "proposed":
        meeting.message("counter", at, contact, proposed_start=start + 3 * DAY)
        meeting.poll(at + 30 * MINUTE, since=since, start=start + 3 * DAY)


def _letter(
    world: World,
    number: int,
    one: Letter,
    monday: pd.Timestamp,
    last: dict[str, int],
    name: Callable[[str], str],
    word: Callable[[str], str],
) -> None:
    contact = name(CONTACTS[one.who])
    # Never in the future of a report on Monday, 07:00.
    at = str(monday.normalize() - (one.day + 1) * DAY + one.hour * HOUR + 7 * MINUTE)
    key, subject = word(f"letter{number}"), word(f"matter {number}")
    before = last.get(contact)
    if one.kind == "call":
        world.call(at, contact)
        return
    if one.kind == "ask" or (one.kind in ("again", "answer") and before is None):
        last[contact] = world.sent(at, to=contact, subject=subject, message_key=key)
    elif one.kind == "again":
        last[contact] = world.sent(at, to=contact, subject=subject, re=before, message_key=key)
    elif one.kind == "theirs":
        world.mail(at, contact, subject=subject, message_key=key)
    elif one.kind == "answer":
        last[contact] = world.mail(at, contact, subject=subject, re=before, message_key=key)
    elif one.kind == "away":
        headers = "auto-submitted: auto-replied"
        world.mail(at, contact, subject="Out of office", headers=headers, message_key=key)
    elif one.kind == "bounce":
        headers = f"x-failed-recipients: {contact}"
        world.mail(at, "mailer-daemon@host.example", headers=headers, message_key=key)
    else:
        headers = "list-unsubscribe: <https://lists.example/x>\nprecedence: bulk"
        world.mail(at, contact, subject=subject, headers=headers, message_key=key)


def remade(frames: Frames, **tables: pd.DataFrame) -> Frames:
    """The same facts with some tables in place of theirs."""
    return Frames(**{**dict(frames), **tables})
