"""How is what detection says of one contact said in plain words at a terminal?

The report has its own words, in the reader's language (reports.render.words); a command's answer is
English, one line a fact.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pandas as pd

from config.policy import Policy
from reports.detect.slots.slot_schema import Because
from reports.vocabulary import Grade, Origin, Outcome, Rule, Step, Tier

OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        Outcome.ATTENDED: "took place; a record shows them there",
        Outcome.KEPT: "took place, as far as the calendar tells",
        Outcome.CANCELLED_LATE: "called off late by them",
        Outcome.MOVED_LATE: "moved late by them",
        Outcome.ABSENT: "they did not come",
        Outcome.AGREED: "changed late, and not counted as theirs",
        Outcome.CHANGED_EARLY: "changed in good time",
        Outcome.EXCUSED: "changed late, excused by an absence of theirs",
        Outcome.UNKNOWN: "unknown what became of it",
        Outcome.COMING: "still to come",
    }
)
#: Why a meeting says nothing of the contact.
WHY_NOT: Mapping[str, str] = MappingProxyType(
    {
        "kind": "no ordinary meeting",
        "all-day": "an entry of whole days",
        "free": "not marked as busy",
        "private": "marked as private",
        "duration": "too short or too long for a meeting",
        "too-many": "too many guests to hang on one",
        "of-others": "a meeting among others, in a calendar that you may read",
        "agreed-late": "agreed too shortly before its start",
        "not-accepted": "not accepted by them",
        "assistant": "an assistant's entry",
        "we-declined": "you had said no to it",
        "we-asked": "you had asked for the change",
        "answers-hidden": "their answers are not shown to you",
        "hour-unread": "moved to an hour that could not be read",
        "ended-by-other": "changed by somebody else in it",
    }
)
_STEPS: Mapping[str, str] = MappingProxyType(
    {
        Step.ANSWER_FIRST: "answer them first",
        Step.YOUR_CHANGES_FIRST: "your own changes first: propose a new day",
        Step.ASK_DIRECTLY: "ask directly what changed",
        Step.INVITE_CLOSER: "invite them nearer to the day",
        Step.WRITE_TO: "write to {detail}",
        Step.ANOTHER_WAY: "try a different way in: a call, a letter, an introduction",
        Step.CONFIRM_BEFORE: "confirm the day before",
        Step.LET_REST: "let it rest",
    }
)
_TIERS: Mapping[str, str] = MappingProxyType(
    {
        Tier.TALK: "Listed, to talk to.",
        Tier.PAUSE: "Listed, to pause with.",
        Tier.COLD: "Listed as asked, and not in touch so far.",
        Tier.DEAD: "Listed, because mail does not arrive.",
        "": "Not listed.",
    }
)
_SIGNS: Mapping[str, str] = MappingProxyType(
    {
        "again": "you wrote again",
        "marked": "you marked the mail",
        "opener": "you opened a thread",
        "call": "you called",
        "invitation": "you invited them",
    }
)
_ACTS: Mapping[str, str] = MappingProxyType(
    {
        "mail": "they wrote",
        "answer": "they answered an invitation",
        "proposal": "they proposed another time",
        "invitation": "they invited you",
        "move": "they moved a meeting",
        "cancel": "they called a meeting off",
        "kept": "a meeting that they had accepted took place, as far as the calendar tells",
        "record": "a record shows them in a call",
        "call": "you spoke on the phone",
    }
)


#: What is not known of a meeting, by the question that only the user can answer.
_OPEN: Mapping[str, str] = MappingProxyType(
    {
        Rule.M1: "called off or gone; by whom cannot be seen",
        Rule.M6: "changed late; who needed that is unknown",
        Rule.M8: "whether it took place is unknown",
    }
)


#: Why a silence may be none.
_DOUBTS: Mapping[str, str] = MappingProxyType(
    {
        "bulk-answer": "only mail sent in bulk came since",
        "undated-answer": "a mail of theirs bears no date",
        "misdated-answer": "a mail of theirs bears a date that cannot be",
        "generated-answer": "a machine of theirs answered",
        "unclear-report": "a delivery report does not say whether it failed",
        "sender-check": "a mail in their name failed the sender check",
        "thread-answer": "{who} answered in the thread",
        "only-sent-read": "of the mail since then only what was sent has been read",
    }
)


def of_slot(slot: Any) -> str:
    """`Pricing: called off late by them, 3.5 h before`."""
    if not slot.outcome:
        why = WHY_NOT.get(str(slot.why_not), str(slot.why_not) or "says nothing of them")
        return f"{slot.subject}: not counted, {why}"
    said = f"{slot.subject}: {OUTCOMES.get(str(slot.outcome), str(slot.outcome))}"
    if slot.outcome == Outcome.AGREED and slot.origin == Origin.US:
        said = f"{slot.subject}: changed late by you"
    if slot.outcome == Outcome.UNKNOWN and slot.rule in _OPEN:
        said = f"{slot.subject}: {_OPEN[slot.rule]}"
    if slot.outcome == Outcome.UNKNOWN and Because.PERHAPS_WE_ASKED in str(slot.note):
        said = f"{slot.subject}: changed late; you had said maybe, so perhaps for your sake"
    if slot.outcome == Outcome.UNKNOWN and Because.PERHAPS_ASKED_BY_MAIL in str(slot.note):
        said = f"{slot.subject}: changed late after a mail of yours, so perhaps at your wish"
    notice = _notice(slot.notice_lo, slot.notice_hi)
    if notice and slot.outcome in (
        Outcome.CANCELLED_LATE,
        Outcome.MOVED_LATE,
        Outcome.AGREED,
        Outcome.EXCUSED,
    ):
        said += f", {notice} before"
    if slot.via:
        said += f", through {slot.via}"
    if slot.grade == Grade.LIKELY:
        said += " (likely)"
    return said


def of_ask(ask: Any) -> str:
    state = "it did not arrive" if ask.undeliverable else "no answer yet" if ask.open else ""
    return ", ".join(part for part in (_SIGNS.get(str(ask.sign), str(ask.sign)), state) if part)


def of_act(act: Any) -> str:
    via = f", through {act.via}" if act.via else ""
    return f"{_ACTS.get(str(act.kind), str(act.kind))}{via}"


def of_owed(owed: Any) -> str:
    since = f"{owed.days} business days ago"
    return f"perhaps yours to answer, {since}" if owed.perhaps else f"you owe a reply, {since}"


def of_promise(promise: Any, zone: str) -> str:
    word = (
        ""
        if pd.isna(promise.word_at)
        else f"; their last word before it: {promise.word_at.tz_convert(zone):%Y-%m-%d}"
    )
    return f"promised for this day: {promise.words}; it passed without a word{word}"


def of_standing(row: Any, policy: Policy, zone: str) -> list[str]:
    """Listed or not, why, and what to do next, with days of the zone."""
    lines = [_TIERS.get(str(row.tier), f"Listed: {row.tier}.")]
    if row.too_early:
        lines.append(f"Too early: fewer than {policy.coverage_weeks} weeks could be seen.")
    if row.n:
        lines.append(f"{row.k} of {row.n} {_meetings(row.n)} called off, moved late or missed.")
    else:
        lines.append("No meeting with them counts so far.")
    if row.unknown:
        more = " more" if row.n else ""
        lines.append(f"Of {row.unknown}{more} it is unknown.")
    if row.n and not row.tier and not row.too_early:
        lines.append(_why_not_listed(int(row.k), policy))
    for count, said in (
        (row.early, "changed in good time"),
        (row.excused, "changed late, and excused"),
        (row.own_late, "changed late by you"),
    ):
        if count:
            lines.append(f"{count} {said}.")
    if row.step:
        step = _STEPS.get(str(row.step), str(row.step)).format(detail=row.step_detail)
        if row.step == Step.LET_REST and row.step_detail:
            until = pd.Timestamp(row.step_detail).tz_convert(zone)
            step += f" until {until.day} {until:%B %Y}"
        lines.append(f"Next: {step}.")
    return lines


def of_person(person: Any) -> list[str]:
    """What keeps somebody off every list, whatever happened."""
    if person.machine:
        return ["Taken for a machine: nothing of it counts."]
    return ["Let go by you: on no list until they act."] if person.let_go else []


def of_silence(silence: Any, zone: str) -> str:
    first = silence.first_ask_at.tz_convert(zone)
    since = f"{first.day} {first:%B %Y}"
    if silence.rule == Rule.UNKNOWN:
        return f"Whether they answered since {since} is unknown: {_doubt(str(silence.why))}."
    calls = f", {silence.calls} of them calls" if silence.calls else ""
    asked = "once" if silence.asks == 1 else f"{silence.asks} times"
    if silence.rule == Rule.T5:
        return f"Asked {asked} since {since}; the mail does not arrive."
    sure = " (likely)" if silence.grade == Grade.LIKELY else ""
    return f"Asked {asked} since {since}{calls}, and no answer was seen{sure}."


def _doubt(why: str) -> str:
    """Why nobody can say; behind a space, who wrote instead, or the file that was not read."""
    kind, _, who = why.partition(" ")
    if kind == "not-all-read" and who:
        return f"not all mail since then has been read ({who} could not be)"
    return _DOUBTS.get(kind, "not all mail since then has been read").format(who=who)


def _why_not_listed(k: int, policy: Policy) -> str:
    if k == 0:
        return "Nothing of it speaks against them."
    if k < policy.list_k:
        return "One is no pattern."
    return "Beside the others, the unknown ones among them, it may well be chance."


def _meetings(n: int) -> str:
    return "meeting that came to its day was" if n == 1 else "meetings that came to their day were"


def _notice(low: float, high: float) -> str:
    if math.isnan(high):
        return ""
    if math.isnan(low) or low == high:
        return f"{high:.1f} h"
    return f"between {low:.1f} and {high:.1f} h"
