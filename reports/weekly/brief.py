"""What of all that the report knows goes into the mail? The few things that can be acted on.

Chosen once, here: the headline, the buttons and the text part are made of the same choice. Whatever
is left out stands on the page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reports.vocabulary import Step, Tier
from reports.weekly.person import Person
from reports.weekly.report import Answered, CameBack, Coming, Owed, Promise, Question, WeeklyReport

MOST_OWED, MOST_CONFIRM, MOST_QUESTIONS, MOST_PEOPLE = 3, 4, 3, 3
MOST_LINES, MOST_ANSWERED, MOST_NOTICES = 8, 3, 2
#: Steps that can be taken in a mail: each has a draft (reports.render.parts.drafts).
DRAFTED = frozenset(
    (
        Step.YOUR_CHANGES_FIRST,
        Step.ASK_DIRECTLY,
        Step.INVITE_CLOSER,
        Step.WRITE_TO,
        Step.ANOTHER_WAY,
    )
)
Kind = Literal["week", "quiet", "early", "incomplete"]


@dataclass(frozen=True, slots=True)
class Brief:
    """What the mail shows. `named` are the people whose step the headline names; `more` counts the
    lines that had no room. An `incomplete` brief has neither people nor lines: rates wait.
    """

    kind: Kind
    owed: tuple[Owed, ...]
    confirm: tuple[Coming, ...]
    questions: tuple[Question, ...]
    people: tuple[Person, ...]
    named: tuple[Person, ...]
    others: tuple[Person, ...]
    promises: tuple[Promise, ...]
    back: tuple[CameBack, ...]
    answered: tuple[Answered, ...]
    notices: tuple[str, ...]
    more: int


def choose(report: WeeklyReport) -> Brief:
    """The brief of a report: what is owed for longest, what comes first, what was asked last."""
    waits = not report.reached
    owed = report.owed[:MOST_OWED]
    worth = sorted((one for one in report.coming if one.confirm), key=lambda one: -one.weight)
    confirm = sorted(worth[:MOST_CONFIRM], key=lambda one: (one.start_at, one.who.address))
    newest = sorted(report.questions, key=lambda one: one.start_at, reverse=True)
    questions = () if waits else tuple(newest[:MOST_QUESTIONS])
    listed = [] if waits else [one for one in report.people if one.tier]
    people = [one for one in listed if one.tier in (Tier.TALK, Tier.PAUSE) and _drafted(one)]
    people = people[:MOST_PEOPLE]
    others = [one for one in listed if one not in people]
    promises = () if waits else report.promises
    back = () if waits else report.came_back
    lines = [*others, *promises, *back]
    kept = lines[:MOST_LINES]
    # What the user did in vain is always named: nothing that a stranger sends may hide it.
    notices = report.notices[: max(MOST_NOTICES, min(report.own_notices, MOST_LINES))]
    full = bool(owed and confirm)
    alike = [one for one in people if one.step == people[0].step and not one.step_who]
    named = alike or people[:1]
    return Brief(
        kind=_kind(report, bool(owed or confirm or questions or people)),
        owed=owed,
        confirm=tuple(confirm),
        questions=questions,
        people=tuple(people),
        named=tuple(named[:1] if full else named),
        others=tuple(one for one in others if one in kept),
        promises=tuple(one for one in promises if one in kept),
        back=tuple(one for one in back if one in kept),
        answered=report.answered[-MOST_ANSWERED:],
        notices=notices,
        more=len(lines)
        - len(kept)
        + max(0, len(report.answered) - MOST_ANSWERED)
        + (len(report.notices) - len(notices)),
    )


def _drafted(one: Person) -> bool:
    return one.step in DRAFTED and (one.step != Step.WRITE_TO or one.step_who is not None)


def _kind(report: WeeklyReport, something: bool) -> Kind:
    if not report.reached:
        return "incomplete"
    if something:
        return "week"
    return "early" if report.too_early is not None else "quiet"
