"""Where are the edges of what mail says (rules.md sections 1, 2, 5 and 7)?

Every function is named like its field of Policy; its docstring says what `x` is. The report is
made on Monday 23 November 2026, 07:00 in Berlin.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from config.policy import Policy
from reports.schemas import Findings
from tests.properties.edges.edge import Edge, edge
from tests.properties.edges.meetings import outcomes
from tests.support.facts.mail_box import ADA, BEN, DANA, EMIL, instant
from tests.support.facts.whole_world import AS_OF, DAY, HOUR, MINUTE, World

EDGES: Final[dict[str, Edge]] = {}
#: Mornings after which so many business days have ended when the report is made.
WAITED: Final = {
    2: "2026-11-18 10:00",
    3: "2026-11-17 10:00",
    4: "2026-11-16 10:00",
    5: "2026-11-13 10:00",
}


def rule(found: Findings, contact: str = DANA) -> str:
    """The rule of a contact's silence; empty where there is none."""
    return " ".join(found.silences.loc[found.silences["contact"] == contact, "rule"])


def asked(found: Findings, message: int) -> str:
    return "ask" if message in found.asks["message_id"].tolist() else "no ask"


def person(found: Findings, label: str, contact: str = DANA) -> str:
    return str(found.people.set_index("contact").loc[contact, label])


def in_dialogue() -> World:
    """A world in which Dana wrote to us once, long ago, and we answered."""
    world = World()
    first = world.mail("2026-02-02 10:00", subject="Hello")
    world.sent("2026-02-02 11:00", re=first, subject="Re: Hello")
    return world


# -- asks and silence (section 5) ------------------------------------------------------------


@edge(EDGES, below=3, above=4, says=("ask", "no ask"), moved=4)
def ask_recipients(x: int, policy: Policy) -> str:
    """A starred mail to Dana and `x - 1` others outside."""
    world = World()
    others = [f"guest{n}@other{n}.example" for n in range(x - 1)]
    message = world.sent("2026-11-02 10:00", cc=others, flagged=True)
    return asked(world.detect(policy), message)


@edge(EDGES, below=4, above=5, says=("ask", "no ask"), moved=6)
def bulk_subjects(x: int, policy: Policy) -> str:
    """`x` mails with one subject on one day."""
    world = World()
    message = world.sent("2026-11-02 10:00", subject="Offer")
    for number in range(x - 1):
        world.sent(f"2026-11-02 11:{number:02}", to=f"g{number}@o{number}.example", subject="Offer")
    return asked(world.detect(policy), message)


@edge(EDGES, below=1, above=2, says=("no ask", "ask"), moved=1, crosses="below")
def tap_days(x: int, policy: Policy) -> str:
    """We write again in the same thread `x` business days later: is the second mail an ask?"""
    world = World()
    first = world.sent("2026-11-02 10:00", subject="Offer")
    message = world.sent(f"2026-11-0{2 + x} 10:00", subject="Re: Offer", re=first)
    return asked(world.detect(policy), message)


@edge(EDGES, below=2, above=3, says=("ask", "no ask"), moved=4)
def thread_depth(x: int, policy: Policy) -> str:
    """We wrote twice in a row, and again a week later: is the second of them, the `x`-th letter of
    its thread, an ask? (With less than three letters no two sides can have changed before it.)
    """
    world = World()
    last = None if x == 2 else world.mail("2026-11-02 09:00", subject="Offer")
    for hour in range(2):
        last = world.sent(f"2026-11-02 1{hour}:00", subject="Re: Offer", re=last)
    message = last
    world.sent("2026-11-09 10:00", subject="Re: Offer", re=last)
    assert message is not None
    return asked(world.detect(policy), message)


@edge(EDGES, below=2, above=3, says=("", "T1"), moved=2, crosses="below")
def awaiting_days(x: int, policy: Policy) -> str:
    """An ask `x` business days ago."""
    world = World()
    world.sent(WAITED[x])
    return rule(world.detect(policy))


@edge(EDGES, below=4, above=5, says=("T1", "T2"), moved=4, crosses="below")
def unanswered_days(x: int, policy: Policy) -> str:
    """An ask `x` business days ago."""
    world = World()
    world.sent(WAITED[x])
    return rule(world.detect(policy))


@edge(EDGES, below=1, above=2, says=("T2", "T2+"), moved=1, crosses="below")
def distinct_days(x: int, policy: Policy) -> str:
    """Two asks, `x` business days apart, to somebody in dialogue."""
    world = in_dialogue()
    world.sent("2026-11-02 10:00", subject="Offer")
    world.sent(f"2026-11-0{2 + x} 10:00", subject="Price")
    return rule(world.detect(policy))


@edge(EDGES, below=1, above=2, says=("T2", "T2+"), moved=1, crosses="below")
def talk_asks(x: int, policy: Policy) -> str:
    """`x` distinct asks to somebody in dialogue."""
    world = in_dialogue()
    for number in range(x):
        world.sent(f"2026-11-0{2 + 3 * number} 10:00", subject=f"Offer {number}")
    return rule(world.detect(policy))


@edge(EDGES, below=2, above=3, says=("T2+", "T3"), moved=2, crosses="below")
def persistent_asks(x: int, policy: Policy) -> str:
    """`x` distinct asks over three weeks to somebody in dialogue."""
    world = in_dialogue()
    days = {2: ("10-19", "11-09"), 3: ("10-19", "10-28", "11-09")}[x]
    for number, day in enumerate(days):
        world.sent(f"2026-{day} 10:00", subject=f"Offer {number}")
    return rule(world.detect(policy))


@edge(EDGES, below=-1, above=0, says=("T2+", "T3"), moved=13, crosses="below")
def persistent_days(x: int, policy: Policy) -> str:
    """Three distinct asks, the last one 14 days and `x` minutes after the first."""
    world = in_dialogue()
    first = instant("2026-10-26 10:00")
    for number, moment in enumerate((first, first + 7 * DAY, first + 14 * DAY + x * MINUTE)):
        world.sent(str(moment), subject=f"Offer {number}")
    return rule(world.detect(policy))


@edge(EDGES, below=0, above=1, says=("excused", "cancelled_late"), moved=16)
def absence_days(x: int, policy: Policy) -> str:
    """A late decline 15 business days and `x` minutes after an out-of-office notice."""
    world = World()
    notice = instant("2026-10-21 10:00")
    decline = instant("2026-11-11 10:00") + x * MINUTE
    world.meet(decline + 10 * HOUR).says(DANA, "declined", decline)
    world.away(notice)
    return outcomes(world.detect(policy))


@edge(EDGES, below=0, above=1, says=("excused", "cancelled_late"), moved=2)
def absence_before_days(x: int, policy: Policy) -> str:
    """A notice on a Monday, a late decline `x` minutes before the same time of the Friday before."""
    world = World()
    notice = instant("2026-11-09 10:00")
    decline = instant("2026-11-06 10:00") - x * MINUTE
    world.meet(decline + 10 * HOUR).says(DANA, "declined", decline)
    world.away(notice)
    return outcomes(world.detect(policy))


@edge(EDGES, below=0, above=1, says=("True", "False"), moved=401)
def warm_days(x: int, policy: Policy) -> str:
    """A call 400 days and `x` minutes before our first open ask."""
    world = World()
    ask = instant("2026-11-02 10:00")
    world.call(str(ask - 400 * DAY - x * MINUTE), outcome="spoke")
    world.sent(str(ask))
    return person(world.detect(policy), "warm")


@edge(EDGES, below=5, above=6, says=("True", "False"), moved=6)
def introduction_recipients(x: int, policy: Policy) -> str:
    """A third party writes to us, to Dana and to others: `x` recipients."""
    world = World()
    others = [f"guest{n}@other{n}.example" for n in range(x - 2)]
    world.mail("2026-10-01 10:00", "zoe@third.example", [ADA, DANA], cc=others)
    world.sent("2026-11-02 10:00")
    return person(world.detect(policy), "warm")


@edge(EDGES, below=0, above=1, says=("bounce", ""), moved=31)
def bounce_days(x: int, policy: Policy) -> str:
    """A bounce 30 days and `x` minutes before the report."""
    at = AS_OF - 30 * DAY - x * MINUTE
    world = World()
    world.sent(str(at - HOUR))
    world.mail(str(at), "mailer-daemon@host.example", headers=f"x-failed-recipients: {DANA}")
    return person(world.detect(policy), "dead_reason")


def _only_notices(moments: list[pd.Timestamp], policy: Policy) -> str:
    """Each mail of ours was answered by an out-of-office notice at these moments."""
    world = World()
    for moment in moments:
        world.sent(str(moment - HOUR), subject=f"Offer {moment:%d %b}")
        world.away(moment)
    return person(world.detect(policy), "dead_reason")


@edge(EDGES, below=2, above=3, says=("", "answers only by machine"), moved=2, crosses="below")
def dead_notices(x: int, policy: Policy) -> str:
    """`x` notices over 70 days."""
    first = instant("2026-08-03 10:00")
    days = {2: (0, 70), 3: (0, 35, 70)}[x]
    return _only_notices([first + day * DAY for day in days], policy)


@edge(EDGES, below=-1, above=0, says=("", "answers only by machine"), moved=59, crosses="below")
def dead_notice_days(x: int, policy: Policy) -> str:
    """Three notices, the last one 60 days and `x` minutes after the first."""
    first = instant("2026-08-03 10:00")
    return _only_notices([first, first + 30 * DAY, first + 60 * DAY + x * MINUTE], policy)


@edge(EDGES, below=2, above=3, says=("auto", "confirming"), moved=2, crosses="below")
def confirming_replies(x: int, policy: Policy) -> str:
    """`x` automatic answers that no phrase table knows, over 60 days."""
    days = {2: (0, 60), 3: (0, 30, 60)}[x]
    return _confirmed([instant("2026-08-03 10:00") + day * DAY for day in days], policy)


@edge(EDGES, below=19, above=20, says=("auto", "confirming"), moved=19, crosses="below")
def confirming_days(x: int, policy: Policy) -> str:
    """Three of them, the last one `x` business days after the first."""
    last = {19: "2026-08-28 10:00", 20: "2026-08-31 10:00"}[x]
    days = ["2026-08-03 10:00", "2026-08-10 10:00", last]
    return _confirmed([instant(day) for day in days], policy)


def _confirmed(moments: list[pd.Timestamp], policy: Policy) -> str:
    """What the automatic answer to each mail at these moments is taken for."""
    world = World()
    answers = []
    for at in moments:
        ours = world.sent(str(at), subject=f"Offer {at:%d %b}")
        answers.append(
            world.mail(str(at + MINUTE), re=ours, subject="Received", headers="return-path: <>")
        )
    mails = world.detect(policy).mails.set_index("message_id")
    return " ".join(mails.loc[answers, "mail_class"].unique())


@edge(EDGES, below=4, above=5, says=("unknown", "1.0 h"), moved=4, crosses="below")
def reply_minimum(x: int, policy: Policy) -> str:
    """`x` asks that were each answered after an hour: their median."""
    world = World()
    for number in range(x):
        first = world.sent(f"2026-10-0{5 + number % 5} 10:00", subject=f"Question {number}")
        world.mail(f"2026-10-0{5 + number % 5} 11:00", re=first)
    replies = world.detect(policy).replies
    (median,) = replies.loc[replies["contact"] == DANA, "their_median_hours"].tolist()
    return "unknown" if median != median else f"{median} h"


@edge(EDGES, below=0, above=1, says=(EMIL, ""), moved=91)
def colleague_days(x: int, policy: Policy) -> str:
    """Somebody else of the organisation wrote 90 days and `x` minutes before the report."""
    world = in_dialogue()
    world.mail(str(AS_OF - 90 * DAY - x * MINUTE), EMIL, subject="Another matter")
    for day in ("02", "05"):
        world.sent(f"2026-11-{day} 10:00", subject=f"Offer {day}")
    silences = world.detect(policy).silences.set_index("contact")
    return str(silences.loc[DANA, "colleague"])


# -- our side (section 7) --------------------------------------------------------------------


def _owed(world: World, policy: Policy) -> str:
    debts = world.detect(policy).owed
    return "owed" if DANA in debts["contact"].tolist() else "not owed"


def written_to() -> World:
    """A world in which we once wrote to Dana: what she writes now is no stranger's mail."""
    world = World()
    world.sent("2025-09-01 10:00", subject="FYI")
    return world


@edge(EDGES, below=4, above=5, says=("not owed", "owed"), moved=4, crosses="below")
def owed_days(x: int, policy: Policy) -> str:
    """A mail of theirs `x` business days ago."""
    world = written_to()
    world.mail(WAITED[x], subject="Question")
    return _owed(world, policy)


@edge(EDGES, below=3, above=4, says=("owed", "not owed"), moved=4)
def owed_recipients(x: int, policy: Policy) -> str:
    """A mail of theirs to `x` recipients, us among them."""
    world = written_to()
    others = [BEN, *(f"guest{n}@other{n}.example" for n in range(x - 2))]
    world.mail("2026-11-02 10:00", subject="Question", cc=others)
    return _owed(world, policy)


@edge(EDGES, below=0, above=1, says=("owed", "not owed"), moved=61)
def owed_age_days(x: int, policy: Policy) -> str:
    """An unanswered mail of theirs, 60 days and `x` minutes old."""
    world = written_to()
    world.mail(str(AS_OF - 60 * DAY - x * MINUTE), subject="Question")
    return _owed(world, policy)
