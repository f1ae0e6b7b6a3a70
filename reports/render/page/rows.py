"""What does the page say of each contact, and what does a row open to?

Both sides' counts, the strip of meetings, and every dated event with the words that contradict it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from reports.claims import FITTING, Claim
from reports.detect.scoring.past_standings import LISTED_SILENCE
from reports.render.document import Action, Line, Run
from reports.render.page import glossary
from reports.render.words import wording
from reports.render.writer import Pen
from reports.vocabulary import ClaimKind, Rule, Step, Tier, Word
from reports.weekly.person import Event, Person

#: So many squares a row shows; all are in the list that it opens to.
MOST_SQUARES = 12
_SHOWN = ("kept", "off", "moved", "absent", "unknown")


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a row: tone, date, line, rule and what answers it."""

    kind: str
    iso: str
    when: str
    line: Line
    rule: str
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One contact's line, and what it opens to. Its numbers are of the mailboxes that the page is about."""

    person: Person
    organisation: str
    stage: str
    list: str
    tone: str
    late: int
    kept: int
    unknown: int
    of: int
    strip: tuple[tuple[str, int], ...]
    strip_words: str
    waiting: str
    silence: int
    heard: str
    heard_iso: str
    step: str
    why: Line
    rules: tuple[str, ...]
    actions: tuple[Action, ...]
    events: tuple[Happened, ...]


def row(pen: Pen, person: Person) -> Row:
    days = pen.days
    squares = [one for one in person.events if one.counted and one.kind in _SHOWN]
    counted = [one for one in person.events if one.counted]
    shown = list(reversed(squares[:MOST_SQUARES]))
    words = wording.squares(pen)
    silent = person.quiet.count if person.quiet is not None else 0
    late, of = person.here or (person.k, person.n)
    unknown = person.unknown if person.here is None else person.own_open + person.unknown_else
    return Row(
        person=person,
        organisation=person.who.house,
        stage=_stage(pen, person),
        list=listed(pen, person.tier),
        tone=Tier.TALK if person.tier == Tier.PAUSE else person.tier,
        late=late - person.absent,
        kept=sum(1 for one in counted if one.kind == "kept"),
        unknown=unknown,
        of=of,
        strip=tuple((one.kind, 14 * at) for at, one in enumerate(shown)),
        strip_words=", ".join(
            pen.say("{day} {word}", day=days.short(one.at), word=words[one.kind]) for one in shown
        ),
        waiting=_waiting(pen, person),
        silence=silent or person.owed,
        heard=days.short(person.heard_at) if person.heard_at is not None else pen.say("not so far"),
        heard_iso=days.iso_day(person.heard_at) if person.heard_at is not None else "0",
        step=_step(pen, person),
        why=_why(pen, person),
        rules=tuple(one for one in person.rules if one in glossary.LISTING),
        actions=_silence_actions(pen, person),
        events=tuple(_happened(pen, one) for one in person.events),
    )


def _stage(pen: Pen, person: Person) -> str:
    return {
        "met": pen.say("met"),
        "client": pen.say("client"),
        "dialogue": pen.say("by mail"),
    }.get(person.who.stage) or pen.say("not yet in touch")


def listed(pen: Pen, tier: str) -> str:
    said: Mapping[str, str] = {
        Tier.TALK: pen.say("talk to"),
        Tier.PAUSE: pen.say("consider pausing"),
        Tier.COLD: pen.say("asked, not in touch"),
        Tier.DEAD: pen.say("mail comes back"),
    }
    return said.get(tier, "")


def _waiting(pen: Pen, person: Person) -> str:
    if person.dead is not None:
        if person.dead.at is None:
            return pen.say("comes back")
        return pen.say("came back {day}", day=pen.days.short(person.dead.at))
    owed = next((one for one in person.events if one.kind == "owed"), None)
    if owed is not None:
        return pen.plural(
            "you owe, {count} working day",
            "you owe, {count} working days",
            owed.days,
        )
    if person.quiet is not None:
        if person.quiet.rule == Rule.UNKNOWN:
            return pen.say("unknown: {why}", why=wording.doubt(pen, person.quiet.why))
        return wording.asks(pen, person.quiet)
    promised = next((one for one in person.events if one.kind == "promise"), None)
    if promised is not None:
        return pen.say("promise of {day}", day=wording.date(pen, promised))
    return ""


def _step(pen: Pen, person: Person) -> str:
    """What the list proposes, as a word or two; also what no mail can do."""
    if person.step == Step.LET_REST:
        until = pd.Timestamp(person.step_detail) if person.step_detail else None
        if until is None:
            return pen.say("let it rest")
        return pen.say("let it rest until {day}", day=pen.days.day(until))
    words: Mapping[str, str] = {
        Step.ANSWER_FIRST: pen.say("answer first"),
        Step.CONFIRM_BEFORE: pen.say("confirm the day before"),
        Step.ANOTHER_WAY: pen.say("a call, a letter, an introduction"),
        Step.YOUR_CHANGES_FIRST: pen.say("propose a new day"),
        Step.ASK_DIRECTLY: pen.say("ask what changed"),
        Step.INVITE_CLOSER: pen.say("propose a nearer day"),
    }
    said = words.get(person.step, "")
    if person.step == Step.ANSWER_FIRST and not person.owed:
        said = pen.say("answer first, from another mailbox")
    if person.step == Step.WRITE_TO and person.step_who is not None:
        said = pen.say("write to {name}", name=pen.given(person.step_who))
    if not said and person.owed:
        return pen.say("answer first")
    if not said and person.tier == Tier.DEAD:
        return pen.say("find another address")
    return said or (pen.say("none new") if person.tier in (Tier.TALK, Tier.PAUSE) else "")


def _why(pen: Pen, person: Person) -> Line:
    """Both sides, and what else there is: `You changed none late. 4 of 6 that came to their day …`"""
    said = [*_counted(pen, person), *_speed(pen, person)]
    if person.too_early:
        said.append(pen.say("Not listed: too early, too few weeks are read."))
    elif person.elsewhere:
        said.append(pen.say("Not listed here: what would list them lies in another mailbox."))
    elif person.k and not person.tier:
        said.append(_not_listed(pen, person))
    if person.step_who is not None and person.tier:
        said.append(pen.say("In touch with you there: {name}.", name=person.step_who.name))
    if person.quiet is not None and person.quiet.unseen_before is not None:
        said.append(wording.unseen(pen, person.quiet.unseen_before))
    if person.ours_hidden_before is not None and not person.own_late and person.k:
        said.append(wording.hidden(pen, person.ours_hidden_before))
    if person.here is not None:
        said.insert(0, wording.here(pen, person))
    line = _meetings(pen, person)
    return (*line, Run(" ".join(said))) if said else line


def _meetings(pen: Pen, person: Person) -> Line:
    if not (person.n or person.unknown or person.early):
        return ()
    own = pen.say("You changed {own}.", own=wording.own_late(pen, person))
    if not person.n:
        rest = pen.say(
            "{unknown} unknown, {early} changed in good time.",
            unknown=pen.days.number(person.unknown),
            early=pen.days.number(person.early),
        )
        return (Run(f"{own} {rest} "),)
    shared = pen.rich(
        "{share} that came to their day were called off, moved late or missed; {unknown} unknown, "
        "{early} changed in good time.",
        share=Run(wording.share(pen, person), "strong"),
        unknown=pen.days.number(person.unknown),
        early=pen.days.number(person.early),
    )
    return (Run(own + " "), *shared, Run(" "))


def _counted(pen: Pen, person: Person) -> list[str]:
    """What does not count, and how far ahead the meetings were agreed."""
    said = []
    if person.excused:
        said.append(
            pen.plural(
                "{count} excused by an absence.", "{count} excused by an absence.", person.excused
            )
        )
    if person.churned:
        said.append(
            pen.plural(
                "{count} meeting was moved again and again in good time; not counted.",
                "{count} meetings were moved again and again in good time; not counted.",
                person.churned,
            )
        )
    if person.lead_kept is not None and person.lead_lost is not None and _nearer(pen, person):
        lost = pen.days.number(round(person.lead_lost))
        said.append(
            pen.plural(
                "Kept meetings were agreed {count} day ahead as a rule, the late ones {lost}.",
                "Kept meetings were agreed {count} days ahead as a rule, the late ones {lost}.",
                round(person.lead_kept),
                lost=lost,
            )
        )
    return said


def _speed(pen: Pen, person: Person) -> list[str]:
    """How soon they answer, and how soon the user does."""
    said = []
    if person.replies is not None:
        said.append(
            pen.say(
                "Half of their {count} answers came within {hours} working hours.",
                count=pen.days.number(person.replies[0]),
                hours=pen.days.number(max(person.replies[1], 0.1), 1),
            )
        )
    if person.our_replies is not None:
        said.append(
            pen.say(
                "Half of your {count} came within {hours}.",
                count=pen.days.number(person.our_replies[0]),
                hours=pen.days.number(max(person.our_replies[1], 0.1), 1),
            )
        )
    return said


def _nearer(pen: Pen, person: Person) -> bool:
    """Were kept meetings agreed so much nearer to their day that it may be the reason?

    As for the step `invite closer to the date` (rules.md section 8).
    """
    kept, lost = person.lead_kept or 0.0, person.lead_lost or 0.0
    return person.k > 0 and kept < pen.report.lead_share * lost


def _not_listed(pen: Pen, person: Person) -> str:
    if person.k < pen.report.list_k:
        least = pen.days.number(pen.report.list_k)
        return pen.say("Not listed: fewer than {count} late changes.", count=least)
    return pen.say("Not listed: too few of all to be more than the usual share.")


def _silence_actions(pen: Pen, person: Person) -> tuple[Action, ...]:
    claim: Claim | None = None
    if person.dead is not None:
        claim = person.dead.claim
    elif person.quiet is not None and person.quiet.rule in LISTED_SILENCE:
        claim = person.quiet.claim
    return () if claim is None else _answers(pen, claim, "")


def _happened(pen: Pen, one: Event) -> Happened:
    when = wording.date(pen, one)
    actions = () if one.claim is None else _answers(pen, one.claim, when)
    listed = one.rule if one.rule in glossary.KNOWN and one.kind != "kept" else ""
    local = one.at.tz_convert("UTC" if one.kind == "promise" else pen.report.zone)
    return Happened(
        one.kind, local.strftime("%Y-%m-%dT%H:%M"), when, wording.event(pen, one), listed, actions
    )


def _answers(pen: Pen, claim: Claim, when: str) -> tuple[Action, ...]:
    """The words that contradict a claim, each a mail to oneself."""
    labels: Mapping[str, str] = {
        Word.WRONG: pen.say("This is wrong"),
        Word.HELD: pen.say("It took place"),
        Word.US: pen.say("I needed it"),
        Word.BOTH: pen.say("Both of us"),
        Word.NONE: pen.say("A slip or tidying"),
        Word.ABSENT: pen.say("They were not there"),
        Word.REACHED: pen.say("Answered me another way"),
        Word.DONE: pen.say("Already answered")
        if claim.kind == ClaimKind.OWED
        else pen.say("Settled"),
    }
    found = [
        pen.answer(
            claim,
            word,
            labels[word],
            said=pen.say("{what}, {when}", what=labels[word], when=when) if when else "",
        )
        for word in FITTING.get(claim.kind, ())
        if word in labels
    ]
    return tuple(one for one in found if one is not None)


def lists(pen: Pen, rows: Sequence[Row]) -> Mapping[str, str]:
    present = {row.tone for row in rows if row.tone}
    return {
        name: listed(pen, name) for name in (Tier.TALK, Tier.COLD, Tier.DEAD) if name in present
    }


def stages(rows: Sequence[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.stage for row in rows))
