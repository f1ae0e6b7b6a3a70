"""Where are the edges of what is counted, listed, advised and asked (rules.md sections 4, 8 and 9)?

Every function is named like its field of Policy; its docstring says what `x` is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pandas as pd

from config.policy import Policy
from reports.detect import pipeline
from reports.schemas import Findings
from reports.weekly import build as weekly
from tests.properties.edges.edge import Edge, edge
from tests.properties.edges.mail import in_dialogue, rule
from tests.properties.edges.meetings import START, tally
from tests.support.facts.findings import detected
from tests.support.facts.mail_box import DANA, EMIL, OURS, PHRASES, instant
from tests.support.facts.whole_world import AS_OF, DAY, HOUR, MINUTE, World

EDGES: Final[dict[str, Edge]] = {}


def lose(world: World, k: int, n: int, contact: str = DANA, **facts: Any) -> World:
    """`k` meetings that they cancelled two hours before and `n - k` kept ones, two days apart."""
    for number in range(n):
        start = START - 2 * number * DAY
        meeting = world.meet(start, guests=(contact,), **facts)
        if number < k:
            meeting.says(contact, "declined", start - 2 * HOUR)
    return world


def standing(found: Findings, contact: str = DANA) -> dict[str, Any]:
    (line,) = found.standings[found.standings["contact"] == contact].to_dict("records")
    return {str(label): value for label, value in line.items()}


def tier(world: World, policy: Policy) -> str:
    return str(standing(world.detect(policy))["tier"])


# -- counting (section 4) --------------------------------------------------------------------


@edge(EDGES, below=-1, above=0, says=("1", "0"), moved=181)
def horizon_days(x: int, policy: Policy) -> str:
    """n of one kept meeting that started 180 days and `x` minutes before the report."""
    world = World()
    world.meet(AS_OF - 180 * DAY - x * MINUTE)
    world.mail("2026-11-20 10:00")
    world.sent("2026-06-01 10:00", subject="FYI")
    world.mail("2026-10-20 10:00", subject="so that there is a standing")
    return tally(world.detect(policy), "n")


@edge(EDGES, below=4, above=5, says=("R1", ""), moved=0.15)
def baseline(x: int, policy: Policy) -> str:
    """Two of `x` meetings cancelled on the day (rules.md R1: 2/4 yes, 2/5 no)."""
    return str(standing(lose(World(), 2, x).detect(policy))["rules"])


@edge(EDGES, below=4, above=5, says=("R1", ""), moved=4)
def prior_weight(x: int, policy: Policy) -> str:
    """Two of `x` meetings cancelled on the day."""
    return str(standing(lose(World(), 2, x).detect(policy))["rules"])


@edge(EDGES, below=4, above=5, says=("R1", ""), moved=0.69)
def list_probability(x: int, policy: Policy) -> str:
    """Two of `x` meetings cancelled on the day."""
    return str(standing(lose(World(), 2, x).detect(policy))["rules"])


@edge(EDGES, below=1, above=2, says=("", "R1"), moved=1, crosses="below", list_probability=0.5)
def list_k(x: int, policy: Policy) -> str:
    """All of `x` meetings cancelled on the day."""
    return str(standing(lose(World(), x, x).detect(policy))["rules"])


@edge(
    EDGES, below=2, above=3, says=("R1", "R1 R2"), moved=2, crosses="below", strong_probability=0.5
)
def strong_k(x: int, policy: Policy) -> str:
    """All of `x` meetings cancelled on the day."""
    return str(standing(lose(World(), x, x).detect(policy))["rules"])


@edge(EDGES, below=5, above=6, says=("R1 R2", "R1"), moved=0.83)
def strong_probability(x: int, policy: Policy) -> str:
    """Three of `x` meetings cancelled on the day."""
    return str(standing(lose(World(), 3, x).detect(policy))["rules"])


@edge(EDGES, below=-1, above=0, says=("too early", "talk"), moved=7, crosses="below")
def coverage_weeks(x: int, policy: Policy) -> str:
    """Two of two cancelled, and calendars read for 8 weeks and `x` minutes."""
    world = World(str(AS_OF - 56 * DAY - x * MINUTE))
    line = standing(lose(world, 2, 2).detect(policy))
    return "too early" if line["too_early"] else str(line["tier"])


@edge(EDGES, below="on line", above="on site", says=("2.0 h", "3.0 h"), moved=0, travel_minutes=30)
def travel_minutes(x: str, policy: Policy) -> str:
    """Two lost hours, on line or on site; half an hour of travel each, by default none."""
    world = lose(World(), 2, 2, on_site=x == "on site")
    return f"{tally(world.detect(policy), 'lost_hours')} h"


# -- pauses (section 8) ----------------------------------------------------------------------


def _advised(world: World, at: pd.Timestamp) -> World:
    world.reported(at, step="ask-directly")
    return world


@edge(EDGES, below=-1, above=0, says=("talk", "pause"), moved=13, crosses="below")
def step_from_days(x: int, policy: Policy) -> str:
    """R2, and `ask directly` stood in a report 14 days and `x` minutes old."""
    world = lose(World(), 3, 3)
    last = AS_OF - DAY
    world.meet(last).says(DANA, "declined", last - 2 * HOUR)
    return tier(_advised(world, AS_OF - 14 * DAY - x * MINUTE), policy)


@edge(EDGES, below=0, above=1, says=("pause", "talk"), moved=181)
def step_to_days(x: int, policy: Policy) -> str:
    """R2, and `ask directly` stood in a report 180 days and `x` minutes old."""
    return tier(_advised(lose(World(), 3, 3), AS_OF - 180 * DAY - x * MINUTE), policy)


@edge(
    EDGES,
    below=1,
    above=2,
    says=("pause", "talk"),
    moved=1,
    crosses="below",
    strong_k=2,
    strong_probability=0.5,
)
def own_changes(x: int, policy: Policy) -> str:
    """Two incidents of theirs, and `x` late changes of ours."""
    world = _advised(lose(World(), 2, 2), AS_OF - 60 * DAY)
    for number in range(x):
        start = START + (1 + 2 * number) * DAY
        world.meet(start).moved(start - 2 * HOUR, start + 30 * DAY)
    world.said_us()
    return tier(world, policy)


def _persistent() -> World:
    """T3, printed as *talk* by T2+ in an earlier report, with one more ask since that counts."""
    world = in_dialogue()
    for day in ("10-05", "10-12", "11-02"):
        world.sent(f"2026-{day} 10:00", subject=f"Offer {day}")
    return world


def _printed(world: World, policy: Policy, at: str = "2026-10-26 07:00", **line: Any) -> World:
    """The silence of now stood in an earlier report."""
    silence = world.detect(policy).silences.set_index("contact").loc[DANA]
    stood = {
        "rule": "T2+",
        "asks": 2,
        "first_ask_at": silence["first_ask_at"].isoformat(),
        "last_ask_at": silence["last_ask_at"].isoformat(),
        "evidence_key": silence["evidence_key"],
    }
    world.reported(instant(at), by="silence", rules="T2+", silence=stood, **line)
    return world


def _late_answers(world: World, count: int, at: pd.Timestamp) -> World:
    """Their mails that we answered only two weeks later."""
    for number in range(count):
        moment = at + number * MINUTE
        mail = world.mail(str(moment), subject=f"Request {number}")
        world.sent(str(moment + 14 * DAY), re=mail, subject=f"Re: Request {number}")
    return world


@edge(EDGES, below=1, above=2, says=("pause", "talk"), moved=3)
def pause_owed_count(x: int, policy: Policy) -> str:
    """T3, and `x` mails of theirs that we answered late."""
    world = _late_answers(_persistent(), x, instant("2026-08-03 10:00"))
    return tier(_printed(world, policy), policy)


@edge(EDGES, below=0, above=1, says=("talk", "pause"), moved=181)
def pause_owed_days(x: int, policy: Policy) -> str:
    """T3, and two mails that we answered late, the older one 180 days and `x` minutes old."""
    world = _late_answers(_persistent(), 2, AS_OF - 180 * DAY - x * MINUTE)
    return tier(_printed(world, policy), policy)


# -- next steps (section 8) ------------------------------------------------------------------


def _cold() -> World:
    world = World()
    for day in ("10-05", "10-12", "10-26"):
        world.sent(f"2026-{day} 10:00", subject=f"Offer {day}")
    return world


@edge(EDGES, below=-1, above=0, says=("T4 let-rest", "T4 "), moved=61)
def rest_days(x: int, policy: Policy) -> str:
    """Cold, another way was advised before, and our last ask is 60 days and `x` minutes old."""
    world = World()
    last = AS_OF - 60 * DAY - x * MINUTE
    for days in (40, 20, 0):
        world.sent(str(last - days * DAY), subject=f"Offer {days}")
    _printed(world, policy, str(last + DAY), tier="cold", step="another-way")
    found = world.detect(policy)
    return f"{rule(found)} {standing(found)['step']}"


@edge(EDGES, below=1, above=0, says=("invite-closer", "confirm-before"), moved=0.51)
def lead_share(x: int, policy: Policy) -> str:
    """Two lost meetings agreed 20 days before, two kept ones agreed 10 days less `x` minutes."""
    world = World()
    for number in range(4):
        start = START - 2 * number * DAY
        lead = 20 * DAY if number < 2 else 10 * DAY - x * MINUTE
        meeting = world.meet(start, agreed=start - lead)
        if number < 2:
            meeting.says(DANA, "declined", start - 2 * HOUR)
    _advised(world, AS_OF - 7 * DAY)
    # *ask directly* was taken, so that the next step shows
    world.sent(str(AS_OF - 6 * DAY), subject="What changed?")
    return str(standing(world.detect(policy))["step"])


@edge(EDGES, below=1, above=2, says=("unknown", "30 days"), moved=1, crosses="below")
def lead_meetings(x: int, policy: Policy) -> str:
    """`x` kept meetings, agreed 30 days before: their median lead."""
    days = standing(lose(World(), 0, x).detect(policy))["lead_kept_days"]
    return "unknown" if pd.isna(days) else f"{days:.0f} days"


# -- questions (section 9) -------------------------------------------------------------------


def _asking(world: World, contact: str, start: pd.Timestamp) -> None:
    """A late change of ours: a question about the contact."""
    world.meet(start, guests=(contact,)).moved(start - 2 * HOUR, start + 90 * DAY)


def _count(world: World, policy: Policy, among: int) -> str:
    shown = len(world.detect(policy).questions)
    return "all" if shown == among else f"all but {among - shown}"


@edge(EDGES, below=5, above=6, says=("all", "all but 1"), moved=6)
def questions_report(x: int, policy: Policy) -> str:
    """`x` open questions about as many contacts."""
    world = World()
    for number in range(x):
        _asking(world, f"guest{number}@other{number}.example", START + number * HOUR)
    return _count(world, policy, x)


@edge(EDGES, below=2, above=3, says=("all", "all but 1"), moved=3)
def questions_contact(x: int, policy: Policy) -> str:
    """`x` open questions about one contact."""
    world = World()
    for number in range(x):
        _asking(world, DANA, START + number * DAY)
    return _count(world, policy, x)


@edge(EDGES, below=0, above=1, says=("all", "all but 1"), moved=29)
def question_expiry_days(x: int, policy: Policy) -> str:
    """A question first printed 28 days and `x` minutes before."""
    world = World()
    _asking(world, DANA, AS_OF - 35 * DAY)
    key = world.detect(policy).questions["evidence_key"].iloc[0]
    printed = AS_OF - 28 * DAY - x * MINUTE
    world.add(
        "claims",
        claim_id="Q00001",
        mailbox_id=1,
        kind="M6",
        contact=DANA,
        meeting_key="uid1 ",
        evidence_key=key,
        first_printed_at=printed,
        last_printed_at=printed,
    )
    return _count(world, policy, 1)


@edge(EDGES, below=0, above=1, says=("all", "all but 1"), moved=61)
def question_age_days(x: int, policy: Policy) -> str:
    """A question about a start 60 days and `x` minutes before the report."""
    world = World()
    _asking(world, DANA, AS_OF - 60 * DAY - x * MINUTE)
    return _count(world, policy, 1)


@edge(EDGES, below=8, above=9, says=("0 left out", "1 left out"), moved=9)
def kept_listed(x: int, policy: Policy) -> str:
    """`x` meetings of last week that poll kept."""
    world = World()
    for number in range(x):
        start = instant("2026-11-17 08:00") + number * HOUR
        world.meet(start, guests=(DANA if number % 2 else EMIL,))
    told = detected(world.detect(policy), world.facts(), ours=OURS, policy=policy)
    report = weekly.build(told, weekly.Edition("2026-W47"))
    return f"{report.left_out['kept']} left out"


@edge(EDGES, below=0, above=1, says=("", "old"), moved=27)
def old_hours(x: int, policy: Policy) -> str:
    """The last complete poll ended 26 hours and `x` minutes before the report."""
    world = World()
    found = pipeline.detect(world.facts(), OURS, policy, PHRASES, AS_OF)
    (seen,) = found.coverage
    read = replace(seen, complete_to=AS_OF - 26 * HOUR - x * MINUTE)
    late = replace(found, coverage=(read,))
    told = detected(late, world.facts(), ours=OURS, policy=policy)
    report = weekly.build(told, weekly.Edition("2026-W47"))
    return "" if report.old_since is None else "old"
