"""Where are the edges of what meetings say (rules.md section 3)?

Every function is named like its field of Policy; its docstring says what `x` is.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from config.policy import Policy
from reports.schemas import Findings
from tests.properties.edges.edge import Edge, edge
from tests.support.facts.mail_box import ADA, DANA, instant
from tests.support.facts.whole_world import DAY, HOUR, MINUTE, World

EDGES: Final[dict[str, Edge]] = {}
#: A Thursday two weeks before the report, 14:00 in Berlin.
START: Final = instant("2026-11-12 14:00")


def outcomes(found: Findings, contact: str = DANA) -> str:
    """The outcomes of all slots of a contact in order of their starts; why not, where not eligible."""
    slots = found.slots[found.slots["contact"] == contact]
    return " ".join(slots["outcome"].where(slots["eligible"], slots["why_not"]))


def tally(found: Findings, label: str, contact: str = DANA) -> str:
    """One number of a contact's standing."""
    return str(found.standings.set_index("contact").loc[contact, label])


@edge(EDGES, below=1439, above=1440, says=("cancelled_late", "changed_early"), moved=25)
def late_hours(x: int, policy: Policy) -> str:
    """A decline with `x` minutes of notice, agreed a month before."""
    world = World()
    world.meet(START).says(DANA, "declined", START - x * MINUTE)
    return outcomes(world.detect(policy))


@edge(EDGES, below=299, above=300, says=("cancelled_late", "changed_early"), moved=0.6)
def late_share(x: int, policy: Policy) -> str:
    """A decline with `x` minutes of notice, agreed 10 hours before."""
    world = World()
    world.meet(START, agreed=START - 10 * HOUR).says(DANA, "declined", START - x * MINUTE)
    return outcomes(world.detect(policy))


@edge(EDGES, below=30, above=31, says=("kept", "moved_late kept"), moved=31)
def shift_minutes(x: int, policy: Policy) -> str:
    """Their own meeting, put off by `x` minutes two hours before it."""
    world = World()
    world.meet(START, guests=(), organizer=DANA).moved(START - 2 * HOUR, START + x * MINUTE)
    return outcomes(world.detect(policy))


@edge(EDGES, below=3, above=4, says=("kept", "too-many"), moved=4)
def max_outsiders(x: int, policy: Policy) -> str:
    """A meeting with `x` persons outside."""
    world = World()
    others = [f"guest{n}@other{n}.example" for n in range(x - 1)]
    world.meet(START, guests=(DANA, *others))
    return outcomes(world.detect(policy))


@edge(EDGES, below=9, above=10, says=("duration", "kept"), moved=9, crosses="below")
def min_minutes(x: int, policy: Policy) -> str:
    """A meeting of `x` minutes."""
    world = World()
    world.meet(START, minutes=x)
    return outcomes(world.detect(policy))


@edge(EDGES, below=240, above=241, says=("kept", "duration"), moved=241)
def max_minutes(x: int, policy: Policy) -> str:
    """A meeting of `x` minutes."""
    world = World()
    world.meet(START, minutes=x)
    return outcomes(world.detect(policy))


@edge(EDGES, below=119, above=120, says=("agreed-late", "kept"), moved=1.9, crosses="below")
def min_agreed_hours(x: int, policy: Policy) -> str:
    """A meeting that they accepted `x` minutes before its start."""
    world = World()
    world.meet(START, agreed=START - x * MINUTE, made=START - 3 * DAY)
    return outcomes(world.detect(policy))


@edge(
    EDGES, below=2879, above=2880, says=("unknown", "cancelled_late"), moved=47.9, crosses="below"
)
def known_hours(x: int, policy: Policy) -> str:
    """A meeting first seen `x` minutes before its start, nobody knows when agreed; declined late."""
    world = World()
    seen = START - x * MINUTE
    meeting = world.meet(START, made=seen, dated=False, created_at=pd.NaT, first_seen_at=seen)
    meeting.says(DANA, "declined", START - HOUR)
    return outcomes(world.detect(policy))


@edge(EDGES, below=4, above=5, says=("True", "False"), moved=5)
def meeting_slots(x: int, policy: Policy) -> str:
    """Does the oldest of `x` slots of one meeting, moved on the day each time, still count?"""
    world = World()
    start = START - 12 * DAY
    meeting = world.meet(start, guests=(), organizer=DANA)
    for _ in range(x - 1):
        meeting.moved(start - 2 * HOUR, start + 3 * DAY)
        start += 3 * DAY
    return str(world.detect(policy).slots.iloc[0]["in_n"])


@edge(EDGES, below=8, above=9, says=("True", "False"), moved=9)
def series_slots(x: int, policy: Policy) -> str:
    """Does the oldest of `x` kept occurrences of one series still count?"""
    world = World()
    for week in range(x):
        start = START - week * 7 * DAY
        world.meet(start, series="weekly", recurrence=start.strftime("%Y%m%dT%H%M%SZ"))
    return str(world.detect(policy).slots.iloc[0]["in_n"])


@edge(EDGES, below=59, above=60, says=("coming", "kept"), moved=0.9, crosses="below")
def kept_after_hours(x: int, policy: Policy) -> str:
    """A meeting `x` minutes after its start, looked at just then."""
    world = World()
    world.meet(START)
    return outcomes(world.detect(policy, START + x * MINUTE))


@edge(EDGES, below=360, above=361, says=("M4 moved_late", "M6 unknown"), moved=6.1)
def consequence_hours(x: int, policy: Policy) -> str:
    """They propose another time; `x` minutes later we move to a third one, two hours before."""
    world = World()
    ours = START - 2 * HOUR
    meeting = world.meet(START)
    meeting.message("counter", ours - x * MINUTE, proposed_start=START + 2 * DAY)
    meeting.moved(ours, START + 5 * DAY)
    slot = world.detect(policy).slots.iloc[0]
    return f"{slot['rule']} {slot['outcome']}"


@edge(
    EDGES,
    below=1440,
    above=1441,
    says=("excused", "cancelled_late"),
    moved=24.1,
    absence_before_days=0,
)
def excuse_hours(x: int, policy: Policy) -> str:
    """A late decline `x` minutes before their out-of-office notice.

    By default an absence opens a business day before its notice, never later than these 24 hours;
    so that only the hours decide, it opens with the notice here.
    """
    world = World()
    decline = START - 20 * HOUR
    world.meet(START).says(DANA, "declined", decline)
    world.away(decline + x * MINUTE)
    return outcomes(world.detect(policy))


@edge(EDGES, below=72, above=73, says=("unknown", "cancelled_late"), moved=73)
def asked_hours(x: int, policy: Policy) -> str:
    """A late decline `x` hours after a mail of ours whose subject asks to move."""
    world = World()
    decline = START - 2 * HOUR
    world.sent(str(decline - x * HOUR), subject="Can we move our talk?")
    world.meet(START).says(DANA, "declined", decline)
    return outcomes(world.detect(policy))


@edge(EDGES, below=360, above=361, says=("unknown", "cancelled_late"), moved=6.1)
def asked_soon_hours(x: int, policy: Policy) -> str:
    """A late decline `x` minutes after a mail of ours under the meeting's title."""
    world = World()
    decline = START - 2 * HOUR
    world.sent(str(decline - x * MINUTE), subject="Re: Review")
    world.meet(START, subject="Review").says(DANA, "declined", decline)
    return outcomes(world.detect(policy))


@edge(EDGES, below=60, above=61, says=("1", "2"), moved=61)
def series_minutes(x: int, policy: Policy) -> str:
    """Two occurrences of one series, both declined on the day, `x` minutes apart: k."""
    world = World()
    for number in range(2):
        start = START + number * 2 * HOUR
        stamp = start.strftime("%Y%m%dT%H%M%SZ")
        meeting = world.meet(start, series="daily", recurrence=stamp)
        meeting.says(DANA, "declined", START - 5 * HOUR + number * x * MINUTE)
    return tally(world.detect(policy), "k")


@edge(EDGES, below=120, above=121, says=("M8", ""), moved=2.1)
def after_start_hours(x: int, policy: Policy) -> str:
    """A decline `x` minutes after the start: the question it raises."""
    world = World()
    world.meet(START).says(DANA, "declined", START + x * MINUTE)
    return " ".join(world.detect(policy).questions["kind"])


@edge(EDGES, below=15, above=16, says=("M8", ""), moved=16)
def mail_before_minutes(x: int, policy: Policy) -> str:
    """A mail of theirs `x` minutes before the start, and a new date made after it."""
    world = World()
    world.meet(START)
    world.mail(str(START - x * MINUTE))
    world.meet(START + 6 * DAY, made=START + DAY, agreed=START + DAY + HOUR)
    return " ".join(world.detect(policy).questions["kind"])


@edge(EDGES, below=0, above=1, says=("M8", ""), moved=8)
def new_date_days(x: int, policy: Policy) -> str:
    """A mail of theirs at the start, and a new date made 7 days and `x` minutes later."""
    world = World()
    world.meet(START)
    world.mail(str(START))
    made = START + 7 * DAY + x * MINUTE
    world.meet(START + 9 * DAY, made=made, agreed=made + HOUR)
    return " ".join(world.detect(policy).questions["kind"])


@edge(EDGES, below=599, above=600, says=("kept", "absent"), moved=9, crosses="below")
def present_minutes(x: int, policy: Policy) -> str:
    """A record in which we were alone for `x` seconds."""
    world = World()
    world.record(world.meet(START), {ADA: x})
    return outcomes(world.detect(policy))


def _lost_and_made(made: pd.Timestamp, start: pd.Timestamp, policy: Policy) -> str:
    """A meeting cancelled two hours before it, and another one with the same person: k_hard."""
    world = World()
    world.meet(START).says(DANA, "declined", START - 2 * HOUR)
    world.meet(start, made=made, agreed=made + HOUR)
    found = world.detect(policy)
    return f"k={tally(found, 'k')} hard={tally(found, 'k_hard')}"


@edge(EDGES, below=0, above=1, says=("k=1 hard=0", "k=1 hard=1"), moved=2)
def replacement_before_days(x: int, policy: Policy) -> str:
    """A new date made one day and `x` minutes before the loss."""
    made = START - 2 * HOUR - DAY - x * MINUTE
    return _lost_and_made(made, START + DAY, policy)


@edge(EDGES, below=3, above=4, says=("k=1 hard=0", "k=1 hard=1"), moved=4)
def replacement_made_days(x: int, policy: Policy) -> str:
    """A new date made `x` business days after the loss (a Thursday), for the Thursday after it."""
    made = {3: "2026-11-17 09:00", 4: "2026-11-18 09:00"}[x]
    return _lost_and_made(instant(made), START + 7 * DAY, policy)


@edge(EDGES, below=5, above=6, says=("k=1 hard=0", "k=1 hard=1"), moved=6)
def replacement_start_days(x: int, policy: Policy) -> str:
    """A new date that starts `x` business days after the lost start."""
    start = {5: "2026-11-19 14:00", 6: "2026-11-20 14:00"}[x]
    return _lost_and_made(START + HOUR, instant(start), policy)


@edge(EDGES, below=2, above=3, says=("", "m10=1"), moved=2, crosses="below")
def churn_moves(x: int, policy: Policy) -> str:
    """We moved a meeting `x` times, each time in good time: what is shown beside its first slot."""
    world = World()
    meeting = world.meet(START, agreed=START - 40 * DAY)
    for number in range(x):
        meeting.moved(START - (30 - 3 * number) * DAY, START + (number + 1) * DAY)
    return str(world.detect(policy).slots.iloc[0]["note"])
