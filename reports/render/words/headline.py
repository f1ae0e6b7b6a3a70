"""What is there to do, in at most three sentences with names and days?

Made of the same choice as the buttons (reports.weekly.brief): a solid button is a verb of the
headline, and the headline says nothing that has no button.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reports.columns.iso_weeks import number_of
from reports.render.writer import Pen
from reports.vocabulary import Step
from reports.weekly import links
from reports.weekly.brief import Brief
from reports.weekly.person import Person, Who
from reports.weekly.report import Coming, Owed, Question

#: Mail programs show some sixty letters of a subject; a server may refuse a thousand.
_LONGEST = 150


def headline(pen: Pen, brief: Brief) -> str:
    """`Answer Tom. Confirm Tuesday with Petra and Thursday with Omar. Ask Omar what changed.`"""
    if brief.kind == "quiet":
        return pen.say("Nothing to do this week.")
    if brief.kind == "early":
        return pen.say("Too early to say anything yet.")
    sentences = []
    if brief.owed:
        sentences.append(pen.say("Answer {names}.", names=pen.names(_whos(brief.owed))))
    if brief.confirm:
        days = [
            pen.say("{day} with {name}", name=pen.given(one.who), day=pen.days.name(one.start_at))
            for one in brief.confirm
        ]
        sentences.append(
            pen.plural("Confirm {list}.", "Confirm {list}.", len(days), list=pen.listed(days))
        )
    if brief.named:
        sentences.append(_step(pen, brief.named))
    if not sentences and brief.questions:
        names = pen.names(_whos(brief.questions))
        sentences.append(pen.say("Say what happened with {names}: only you know.", names=names))
    return " ".join(sentences)


def short(pen: Pen, brief: Brief) -> str:
    """`Answer Tom, confirm Petra and Omar, ask Omar`: the headline as a subject."""
    if brief.kind == "quiet":
        return pen.say("Nothing to do")
    if brief.kind == "early":
        return pen.say("Too early to say")
    parts = []
    if brief.owed:
        parts.append(pen.say("answer {names}", names=pen.names(_whos(brief.owed), 2)))
    if brief.confirm:
        names = pen.names(_whos(brief.confirm), 2)
        parts.append(
            pen.plural("confirm {names}", "confirm {names}", len(brief.confirm), names=names)
        )
    if brief.named:
        parts.append(_short_step(pen, brief.named))
    if not parts and brief.questions:
        parts.append(
            pen.plural("one question for you", "{count} questions for you", len(brief.questions))
        )
    text = ", ".join(parts)
    return text[:1].upper() + text[1:]


def subject(pen: Pen, brief: Brief, trouble: str, *, again: bool = False, token: str = "") -> str:
    """The mail's subject; `incomplete` stands first where it is, the token last."""
    week = pen.say("week {number}", number=str(number_of(pen.report.week)))
    text = links.clean(trouble or short(pen, brief), _LONGEST)
    if not pen.report.complete:
        old = pen.report.old_since
        if old is None:
            text = pen.say("Incomplete: {what}", what=text)
        else:
            text = pen.say("Incomplete since {day}: {what}", day=pen.days.day(old), what=text)
    parts = [text, week, *([pen.say("sent again")] if again else [])]
    return " · ".join(parts) + (f" ({token})" if token else "")


def _whos(lines: Sequence[Owed | Coming | Question | Person]) -> list[Who]:
    return [one.who for one in lines]


def _step(pen: Pen, people: tuple[Person, ...]) -> str:
    names, first = pen.names(_whos(people)), people[0]
    if first.step == Step.WRITE_TO:
        other = pen.given(first.step_who) if first.step_who else ""
        return pen.say("Write to {other} about {name}.", other=other, name=pen.given(first.who))
    said: Mapping[str, str] = {
        Step.YOUR_CHANGES_FIRST: pen.say("Propose a new day to {names}.", names=names),
        Step.ASK_DIRECTLY: pen.say("Ask {names} what changed.", names=names),
        Step.INVITE_CLOSER: pen.say("Propose a nearer day to {names}.", names=names),
        Step.ANOTHER_WAY: pen.say("Ask {names} who else to talk to.", names=names),
    }
    return said[first.step]


def _short_step(pen: Pen, people: tuple[Person, ...]) -> str:
    names, first = pen.names(_whos(people), 2), people[0]
    if first.step == Step.WRITE_TO:
        return pen.say("write to {other}", other=pen.given(first.step_who or first.who))
    if first.step in (Step.ASK_DIRECTLY, Step.ANOTHER_WAY):
        return pen.say("ask {names}", names=names)
    return pen.say("a new day for {names}", names=names)
