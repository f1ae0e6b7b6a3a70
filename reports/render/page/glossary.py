"""What do the words and the rules of the page mean, in a sentence each?"""

from __future__ import annotations

from dataclasses import dataclass

from reports.render.writer import Pen
from reports.vocabulary import Rule

#: Rules that put somebody on a list, and all that the page explains.
LISTING = (Rule.R1, Rule.R2, Rule.T2_PLUS, Rule.T3, Rule.T4, Rule.T5)
KNOWN = (
    Rule.M1,
    Rule.M2,
    Rule.M3,
    Rule.M4,
    Rule.M5,
    Rule.M6,
    Rule.M7,
    Rule.M8,
    *LISTING,
    Rule.F1,
    Rule.P1,
)


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a rule, and its meaning; `anchor` is its place on the page."""

    word: str
    meaning: str
    anchor: str = ""


def anchor(rule: str) -> str:
    """`T2+` -> `rule-T2p`"""
    return "rule-" + rule.replace("+", "p")


def terms(pen: Pen, contacts: int) -> tuple[Term, ...]:
    """The words that the page uses."""
    report = pen.report
    hours = pen.days.number(report.late_hours, 1)
    chance = pen.days.number(report.chance, 1)
    found = (
        (
            pen.say("Kept"),
            pen.say(
                "Accepted, its time passed, and nothing says otherwise. Nobody’s attendance is proved by it."
            ),
        ),
        (
            pen.say("Off"),
            pen.say(
                "Called off late: declined or cancelled by them less than {hours} hours before, or less "
                "than half of the time since it was agreed.",
                hours=hours,
            ),
        ),
        (pen.say("Moved"), pen.say("Another start chosen by them, as late as that.")),
        (pen.say("Late"), pen.say("Off or moved.")),
        (pen.say("Absent"), pen.say("Not there, by your word or by a call’s record.")),
        (
            pen.say("Unknown"),
            pen.say("Who did it, or when, cannot be seen. It counts for nobody."),
        ),
        (
            pen.say("1 open"),
            pen.say("A late change in a meeting of yours; who needed it nobody has said. See Unknown."),
        ),
        (pen.say("In good time"), pen.say("Changed with more notice. Not counted.")),
        (
            pen.say("3 of 5"),
            pen.say("Late changes among the meetings that came to their day, in the time looked back."),
        ),
        (pen.say("Ask"), pen.say("A mail or call of yours that expects an answer.")),
        (
            pen.say("By chance"),
            pen.plural(
                "With these limits, about {chance} of the {count} name here would be listed by chance alone.",
                "With these limits, about {chance} of the {count} names here would be listed by chance alone.",
                contacts,
                chance=chance,
            ),
        ),
    )  # fmt: skip
    return tuple(Term(word, meaning) for word, meaning in found)


def rules(pen: Pen) -> dict[str, Term]:
    """Each rule that a claim may name, in plain words."""
    report = pen.report
    hours = pen.days.number(report.late_hours, 1)
    share = pen.say("{percent}%", percent=pen.days.number(100 * report.baseline))
    days = pen.days.number(report.waiting_days[1])
    said = {
        Rule.M1: pen.say("The organiser cancelled after it was too late for {hours} hours’ notice.", hours=hours),
        Rule.M2: pen.say(
            "Accepted, then declined less than {hours} hours before, and still declined at the start.",
            hours=hours,
        ),
        Rule.M3: pen.say(
            "The organiser moved the start by more than 30 minutes, less than {hours} hours before.",
            hours=hours,
        ),
        Rule.M4: pen.say("They proposed another time as late as that, and the old one was given up."),
        Rule.M5: pen.say("Your own change followed theirs: theirs decides."),
        Rule.M6: pen.say(
            "You changed it late. Only you know who needed that; it counts for nobody until you say."
        ),
        Rule.M7: pen.say("Not there: by your word, or by the call’s record."),
        Rule.M8: pen.say(
            "Nothing changed in the calendar before the start, but something happened around it: only "
            "you know whether it took place."
        ),
        Rule.R1: pen.say(
            "At least {count} late changes, and it is likely that their share is above the usual {share}.",
            count=pen.days.number(report.list_k),
            share=share,
        ),
        Rule.R2: pen.say(
            "Several called off or absent without a new date kept, and it is very likely that their "
            "share is above the usual {share}.",
            share=share,
        ),
        Rule.T2_PLUS: pen.say(
            "Two mails or calls, each unanswered for {days} working days, to somebody you have been in "
            "touch with.",
            days=days,
        ),
        Rule.T3: pen.say("At least three unanswered, the first and the last two weeks apart or more."),
        Rule.T4: pen.say("The same as T3, to somebody who has not been in touch so far."),
        Rule.T5: pen.say("Mail to this address comes back."),
        Rule.F1: pen.say("A mail of theirs that you have not answered for {days} working days.", days=days),
        Rule.P1: pen.say("A promise you marked, whose day passed without a word from them."),
    }  # fmt: skip
    return {rule: Term(rule, meaning, anchor(rule)) for rule, meaning in said.items()}
