"""What does the mail ask that only the reader knows, and what do its buttons say?"""

from __future__ import annotations

from collections.abc import Mapping

from reports.claims import FITTING
from reports.render.document import Line, Run
from reports.render.letter import Do, Section
from reports.render.words import wording
from reports.render.writer import Pen, strong
from reports.vocabulary import ClaimKind, Word
from reports.weekly.brief import Brief
from reports.weekly.report import Question

#: Which answers to a question get a button; the draft's body explains the others.
_BUTTONS: Mapping[str, tuple[str, ...]] = {
    ClaimKind.M1: (Word.THEM, Word.US, Word.BOTH),
    ClaimKind.M6: (Word.THEM, Word.US, Word.BOTH),
    ClaimKind.M8: (Word.HELD, Word.ABSENT),
}


def section(pen: Pen, brief: Brief) -> Section:
    """The questions that have room, and where the others are."""
    report = pen.report
    total = len(report.questions) + report.left_out.get("questions", 0)
    shown = len(brief.questions)
    title = pen.say("Only you can answer")
    if total > shown:
        title = pen.say(
            "Only you can answer ({shown} of {total})", shown=str(shown), total=str(total)
        )
    blocks = tuple(question(pen, one) for one in brief.questions)
    return Section(title, blocks, " ".join(_about_questions(pen, total - shown)))


def _about_questions(pen: Pen, rest: int) -> list[str]:
    """What the buttons of the questions do, and where the `rest` of the questions is."""
    said = []
    if pen.report.ids:
        said.append(pen.say("These open a mail to yourself; only you send it."))
    if rest > 0 and (pen.page or pen.attached):
        said.append(pen.plural("One more is on the page.", "{count} more are on the page.", rest))
    return said


def question(pen: Pen, one: Question, *, long: bool = False) -> Do:
    """A question with its buttons; `long`: all answers are buttons, and the mail is named."""
    what = wording.happened(pen, one)
    when = pen.days.stamp(one.start_at)
    line: Line = pen.rich("{who}, {when}: {what}.", who=strong(one.who), when=when, what=what)
    if one.mail_at is not None and one.was != "mailed":
        wrote = pen.days.stamp(one.mail_at)
        said = pen.say("{name} wrote on {when}.", name=pen.given(one.who), when=wrote)
        if one.proposed:
            said = pen.say(
                "{name} proposed another time on {when}.", name=pen.given(one.who), when=wrote
            )
        line = (*line, Run(f" {said}"))
    if one.claim.kind == ClaimKind.M8:
        line = (
            *line,
            Run(" "),
            *pen.rich("Did {meeting} take place?", meeting=pen.titled(one.subject)),
        )
    else:
        line = (*line, Run(" " + pen.say("Who needed the change?")))
    buttons = FITTING[one.claim.kind] if long else _BUTTONS[one.claim.kind]
    body = "" if long else wording.others(pen, one.claim.kind, buttons)
    actions = [
        (word, pen.answer(one.claim, word, answer_label(pen, one, word), body=body))
        for word in FITTING[one.claim.kind]
    ]
    return Do(
        (line,),
        tuple(action for word, action in actions if action is not None and word in buttons),
        more=tuple(
            action for word, action in actions if action is not None and word not in buttons
        ),
    )


def answer_label(pen: Pen, one: Question, word: str) -> str:
    """What a button of a question says."""
    name = pen.given(one.who)
    if one.claim.kind == ClaimKind.M8:
        return {
            Word.HELD: pen.say("It did"),
            Word.ABSENT: pen.say("{name} did not come", name=name),
            Word.THEM: pen.say("They called it off"),
            Word.US: pen.say("I called it off"),
            Word.BOTH: pen.say("Both of us did"),
            Word.NONE: pen.say("A slip or tidying"),
        }[Word(word)]
    return {
        Word.THEM: name,
        Word.US: pen.say("I did"),
        Word.BOTH: pen.say("Both of us"),
        Word.NONE: pen.say("A slip or tidying"),
        Word.HELD: pen.say("It took place"),
    }[Word(word)]
