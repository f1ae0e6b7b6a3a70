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

OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        "attended": "took place; a record shows them there",
        "kept": "took place, as far as the calendar tells",
        "cancelled_late": "called off late by them",
        "moved_late": "moved late by them",
        "absent": "they did not come",
        "agreed": "changed late, and not counted as theirs",
        "changed_early": "changed in good time",
        "excused": "changed late, excused by an absence of theirs",
        "unknown": "unknown what became of it",
        "coming": "still to come",
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
        "agreed-late": "agreed too shortly before its start",
        "not-accepted": "not accepted by them",
        "assistant": "an assistant's entry",
    }
)
_STEPS: Mapping[str, str] = MappingProxyType(
    {
        "answer-first": "answer them first",
        "your-changes-first": "your own changes first: propose a new day",
        "ask-directly": "ask directly what changed",
        "invite-closer": "invite them nearer to the day",
        "write-to": "write to {detail}",
        "another-way": "try a different way in: a call, a letter, an introduction",
        "confirm-before": "confirm the day before",
        "let-rest": "let it rest",
    }
)
_TIERS: Mapping[str, str] = MappingProxyType(
    {
        "talk": "Listed, to talk to.",
        "pause": "Listed, to pause with.",
        "cold": "Listed as never reached.",
        "dead": "Listed, because mail does not arrive.",
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
        "kept": "they came to a meeting",
        "record": "a record shows them in a call",
        "call": "you spoke on the phone",
    }
)


def of_slot(slot: Any) -> str:
    """`Pricing: called off late by them, 3.5 h before`."""
    if not slot.outcome:
        why = WHY_NOT.get(str(slot.why_not), str(slot.why_not) or "says nothing of them")
        return f"{slot.subject}: not counted, {why}"
    said = f"{slot.subject}: {OUTCOMES.get(str(slot.outcome), str(slot.outcome))}"
    if slot.outcome == "agreed" and slot.origin == "us":
        said = f"{slot.subject}: changed late by you"
    notice = _notice(slot.notice_lo, slot.notice_hi)
    if notice and slot.outcome in ("cancelled_late", "moved_late", "agreed", "excused"):
        said += f", {notice} before"
    if slot.via:
        said += f", through {slot.via}"
    if slot.grade == "likely":
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


def of_promise(promise: Any) -> str:
    word = (
        ""
        if pd.isna(promise.word_at)
        else f"; their last word before it: {promise.word_at:%Y-%m-%d}"
    )
    return f"promised for this day: {promise.words}; it passed without a word{word}"


def of_standing(row: Any, policy: Policy) -> list[str]:
    """Listed or not, why, and what to do next."""
    lines = [_TIERS.get(str(row.tier), f"Listed: {row.tier}.")]
    if row.too_early:
        lines.append(f"Too early: fewer than {policy.coverage_weeks} weeks could be seen.")
    if row.n:
        lines.append(
            f"{row.k} of {row.n} {_meetings(row.n)} that came to their day fell through late."
        )
    else:
        lines.append("No meeting with them has come to its day yet.")
    if row.unknown:
        lines.append(f"Of {row.unknown} more it is unknown.")
    if row.n and not row.tier:
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
        lines.append(f"Next: {step}.")
    return lines


def of_silence(silence: Any, zone: str) -> str:
    first = silence.first_ask_at.tz_convert(zone)
    since = f"{first.day} {first:%B %Y}"
    if silence.rule == "unknown":
        return f"Whether they answered since {since} is unknown ({silence.why})."
    calls = f", {silence.calls} of them calls" if silence.calls else ""
    asked = "once" if silence.asks == 1 else f"{silence.asks} times"
    if silence.rule == "T5":
        return f"Asked {asked} since {since}; the mail does not arrive."
    sure = " (likely)" if silence.grade == "likely" else ""
    return f"Asked {asked} since {since}{calls}, and no answer was seen{sure}."


def _why_not_listed(k: int, policy: Policy) -> str:
    if k == 0:
        return "Nothing of it speaks against them."
    if k < policy.list_k:
        return "One is no pattern."
    return "Against so many meetings it may well be chance."


def _meetings(n: int) -> str:
    return "meeting" if n == 1 else "meetings"


def _notice(low: float, high: float) -> str:
    if math.isnan(high):
        return ""
    if math.isnan(low) or low == high:
        return f"{high:.1f} h"
    return f"between {low:.1f} and {high:.1f} h"
