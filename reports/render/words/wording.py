"""Which words say what happened: one event, one answer, one silence, one question?

Shared by the mail's text part and the page, so that both say the same of the same fact.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from config.sentences import mark
from reports.claims import FITTING as FITS
from reports.render.document import Line, Run
from reports.render.language.days import Days
from reports.render.words import spans
from reports.render.writer import Pen
from reports.vocabulary import ClaimKind, Grade, Rule, Word
from reports.weekly.person import Event, Person, Quiet
from reports.weekly.report import Answered, Question

#: How an answer is said, by its word; of a question about a change, and of one about a meeting.
CHANGE: Mapping[str, str] = MappingProxyType(
    {
        Word.THEM: mark("they needed the change"),
        Word.US: mark("I needed the change"),
        Word.BOTH: mark("both of us"),
        Word.NONE: mark("nobody, a slip or tidying"),
        Word.HELD: mark("it took place after all"),
    }
)
MEETING: Mapping[str, str] = MappingProxyType(
    {
        Word.HELD: mark("it took place"),
        Word.ABSENT: mark("they did not come"),
        Word.THEM: mark("they called it off"),
        Word.US: mark("I called it off"),
        Word.BOTH: mark("both of us called it off"),
        Word.NONE: mark("a slip or tidying"),
    }
)
CORRECTION: Mapping[str, str] = MappingProxyType(
    {
        Word.WRONG: mark("this is wrong"),
        Word.HELD: mark("it took place"),
        Word.US: mark("I needed it"),
        Word.BOTH: mark("both of us needed it"),
        Word.NONE: mark("a slip or tidying"),
        Word.ABSENT: mark("they were not there"),
        Word.REACHED: mark("they answered me another way"),
        Word.DONE: mark("it is settled"),
        Word.UNDO: mark("taken back"),
    }
)


def answers(kind: str) -> Mapping[str, str]:
    """The words of a claim's kind and how they are said, still to be translated."""
    if kind in (ClaimKind.M1, ClaimKind.M6):
        return CHANGE
    return MEETING if kind == ClaimKind.M8 else CORRECTION


def others(pen: Pen, kind: str, shown: tuple[str, ...] = ()) -> str:
    """The body of an answer's draft: what sending does, and the words that are no buttons."""
    first = pen.say("Send this mail as it is. The subject is the answer.")
    known = answers(kind)
    fitting = [
        pen.say("{word} ({meaning})", word=word, meaning=pen.say(known[word]))
        for word in known
        if word not in shown and word in FITS[kind]
    ]
    if not fitting:
        return first
    second = pen.say(
        "Other answers, as the last word of the subject: {list}.", list=", ".join(fitting)
    )
    return f"{first}\n\n{second}"


def squares(pen: Pen) -> Mapping[str, str]:
    """The word of each square of a strip, by the kind of its event."""
    return {
        "kept": pen.say("kept"),
        "off": pen.say("off"),
        "moved": pen.say("moved"),
        "absent": pen.say_as("one square of a row", "absent"),
        "unknown": pen.say("unknown"),
    }


def hidden(pen: Pen, before: pd.Timestamp) -> str:
    """From when on is surely seen what we called off ourselves?"""
    return pen.say("What you called off before {day} may be missing.", day=pen.days.day(before))


def unseen(pen: Pen, since: pd.Timestamp) -> str:
    return pen.say("Mail deleted before {day} cannot be seen.", day=pen.days.day(since))


def event(pen: Pen, one: Event) -> Line:
    """What happened, after its date: `Scope review 26: declined 3½ hours before`."""
    if one.kind in ("asked", "owed", "perhaps", "promise", "back"):
        return _by_mail(pen, one)
    title = pen.titled(one.subject, one.link)
    return pen.rich("{meeting}: {what}", meeting=title, what=_meeting(pen, one))


def _meeting(pen: Pen, one: Event) -> str:
    said = {
        "coming": pen.say("to come"),
        "kept": pen.say("kept"),
        "agreed": pen.say("changed by agreement"),
    }.get(one.kind) or _changed(pen, one)
    if one.via:
        said = pen.say("{what}, through {name}", what=said, name=one.via)
    if one.other_at is not None and one.kind != "kept":
        said = pen.say("{what}; kept on {day}", what=said, day=pen.days.weekday(one.other_at))
    if one.kept_after_all:
        said = pen.say("{what}; kept after all", what=said)
    if one.in_absence:
        said = pen.say("{what}; an out-of-office of theirs was open", what=said)
    if one.replacement_coming:
        said = pen.say("{what}; a new date is agreed", what=said)
    if one.replacement_unknown:
        said = pen.say("{what}; whether its new date was kept is not known", what=said)
    if one.kind in ("off", "moved") and one.claim is None:
        said = pen.say("{what}; not counted by itself", what=said)
    return said


def _changed(pen: Pen, one: Event) -> str:
    span = spans.before(pen, one.notice, one.at, exact=True)
    if one.kind == "absent":
        if one.grade == Grade.CERTAIN:
            return pen.say("not there, by your word")
        return pen.say("not in the call’s record")
    if one.kind == "moved":
        if one.rule == Rule.M4:
            return pen.say("another time proposed {span}", span=span)
        return pen.say("moved {span}", span=span)
    if one.kind == "off":
        said: Mapping[str, str] = {
            Rule.M1: pen.say("cancelled {span}", span=span),
            Rule.M2: pen.say("declined {span}", span=span),
            Rule.M4: pen.say("another time proposed, then declined {span}", span=span),
        }
        return said.get(one.rule) or pen.say("called off {span}", span=span)
    if one.kind == "ours":
        return pen.say("changed by you {span}; by your answer it was yours", span=span)
    if one.kind == "early":
        return pen.say("changed in good time, {span}; not counted", span=span)
    if one.kind == "excused":
        return pen.say("changed {span}; excused by an absence", span=span)
    return _unknown(pen, one, span)


def _unknown(pen: Pen, one: Event, span: str) -> str:
    if one.rule == Rule.M6:
        # a guest may have moved it, too, where the organiser lets them
        return pen.say("changed {span}; who needed that is unknown", span=span)
    if one.rule == Rule.M8:
        return pen.say("whether it took place is unknown")
    if one.rule == Rule.M1:
        return pen.say("called off {span}; by whom cannot be seen", span=span)
    return pen.say("unknown: what became of it cannot be seen")


def _by_mail(pen: Pen, one: Event) -> Line:
    mail = pen.mail_titled(one.subject, one.link)
    if one.kind == "asked":
        if one.how == "call":
            return pen.rich("Your call: no answer so far")
        if one.how == "invitation":
            return pen.rich("Your invitation: not answered")
        if one.undeliverable:
            return pen.rich("Your mail {mail}: came back", mail=mail)
        return pen.rich("Your mail {mail}: no answer so far", mail=mail)
    if one.kind == "owed":
        return pen.rich_plural(
            "Their mail {mail}: waits for you, {count} working day",
            "Their mail {mail}: waits for you, {count} working days",
            one.days,
            mail=mail,
        )
    if one.kind == "perhaps":
        return pen.rich("Their first answer to yours, {mail}: perhaps yours to answer", mail=mail)
    if one.kind == "back":
        text = pen.plural(
            "Back in touch, {count} day after the first ask",
            "Back in touch, {count} days after the first ask",
            one.days,
        )
        return (Run(text),)
    if one.other_at is None:
        return pen.rich("Promised for this day: {words}; no word since", words=mail)
    day = pen.days.day(one.other_at)
    return pen.rich(
        "Promised for this day: {words}; the last word came on {day}", words=mail, day=day
    )


def date(pen: Pen, one: Event) -> str:
    """An event's date: with its hour, but a promise has a day only, kept as midnight UTC."""
    if one.kind == "promise":
        return Days("UTC", pen.report.language, pen.report.as_of).weekday(one.at)
    return pen.days.stamp(one.at)


def asks(pen: Pen, one: Quiet) -> str:
    """`4 mails since 12 Oct`"""
    day = pen.days.short(one.first_ask_at)
    if all(ask.kind == "mail" for ask in one.asks):
        return pen.plural(
            "{count} mail since {day}", "{count} mails since {day}", one.count, day=day
        )
    return pen.plural("{count} ask since {day}", "{count} asks since {day}", one.count, day=day)


def doubt(pen: Pen, why: str) -> str:
    """Why nobody can say whether a silence is one; behind a space, who wrote instead, or the file
    that was not read.
    """
    kind, _, who = why.partition(" ")
    if kind == "not-all-read" and who:
        return pen.say("not all mail since then has been read ({file} could not be)", file=who)
    return {
        "bulk-answer": pen.say("only mail sent in bulk came since"),
        "undated-answer": pen.say("a mail of theirs bears no date"),
        "misdated-answer": pen.say("a mail of theirs bears a date that cannot be"),
        "generated-answer": pen.say("a machine of theirs answered"),
        "unclear-report": pen.say("a delivery report does not say whether it failed"),
        "sender-check": pen.say("a mail in their name failed the sender check"),
        "thread-answer": pen.say("{who} answered in the thread", who=who),
        "only-sent-read": pen.say("of the mail since then only what was sent has been read"),
    }.get(kind) or pen.say("not all mail since then has been read")


def happened(pen: Pen, one: Question) -> str:
    """What a question asks about, as a clause: `you moved it that morning`."""
    span = spans.before(pen, one.notice, one.start_at)
    if one.claim.kind == Rule.M1 and one.was == "cancelled":
        return pen.say("it was cancelled {span}, by whom cannot be seen", span=span)
    return {
        "moved": pen.say("you moved it {span}", span=span),
        "moved_by_anyone": pen.say("it was moved {span}, and every guest may do that", span=span),
        "cancelled": pen.say("you cancelled it {span}", span=span),
        "changed_after": pen.say("it was changed around its start"),
        "mailed": _wrote(pen, one),
    }.get(one.was) or pen.say(
        "it disappeared from the calendar {span}, by whom cannot be seen", span=span
    )


def _wrote(pen: Pen, one: Question) -> str:
    name = pen.given(one.who)
    if one.mail_at is None:
        return pen.say("nothing was changed in the calendar")
    if one.mail_at <= one.start_at:
        return pen.say("{name} wrote a mail minutes before", name=name)
    return pen.say("{name} wrote a mail soon after the start", name=name)


def answered(pen: Pen, one: Answered) -> str:
    """What the reader said, and how it counts now: one clause."""
    said = pen.say(answers(one.kind).get(one.word) or CORRECTION.get(one.word, one.word))
    counts = one.counts if one.word != Word.UNDO else ""
    return {
        "theirs": pen.say("you said “{word}”; counted as late by them", word=said),
        "absent": pen.say("you said “{word}”; counted as absent", word=said),
        "kept": pen.say("you said “{word}”; counted as kept", word=said),
        "ours": pen.say("you said “{word}”; counted as yours", word=said),
        "nobody": pen.say("you said “{word}”; counted for nobody", word=said),
    }.get(counts) or pen.say("you said “{word}”", word=said)


def share(pen: Pen, person: Person) -> str:
    """`4 of 6`"""
    return pen.say("{k} of {n}", k=str(person.k), n=str(person.n))


def here(pen: Pen, person: Person) -> str:
    """How much of `4 of 6` this report's mailboxes show; "" where that is all of it."""
    if person.here is None:
        return ""
    k, n = (str(one) for one in person.here)
    return pen.plural(
        "In this mailbox {k} of {n}.", "In these mailboxes {k} of {n}.",
        len(pen.report.addresses), k=k, n=n,
    )  # fmt: skip


def own_late(pen: Pen, person: Person) -> str:
    """`none late (1 open)`: late changes of ours, and those of which nobody has said who needed them."""
    count = pen.days.number(person.own_open)
    if person.own_late:
        own = pen.days.number(person.own_late)
        if person.own_open:
            return pen.say("{own} late (and {count} open)", own=own, count=count)
        return pen.say("{own} late", own=own)
    if person.own_open:
        return pen.say("none late ({count} open)", count=count)
    return pen.say("none late")


def late(pen: Pen, person: Person) -> str:
    """`4 of 6 called off late`: what those that count were."""
    k, n = pen.days.number(person.k), pen.days.number(person.n)
    kinds = {one.kind for one in person.incidents}
    if kinds == {"off"}:
        return pen.say("{k} of {n} called off late", k=k, n=n)
    if kinds == {"moved"}:
        return pen.say("{k} of {n} moved late", k=k, n=n)
    if kinds == {"absent"}:
        return pen.say("{k} of {n} missed", k=k, n=n)
    if "absent" in kinds:
        return pen.say("{k} of {n} changed late or missed", k=k, n=n)
    return pen.say("{k} of {n} changed late", k=k, n=n)
