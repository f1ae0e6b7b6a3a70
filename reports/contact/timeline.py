"""What happened with one contact, and why are they listed or not? Plain data for `noshow contact`.

Each entry and each reason is said in words; the numbers and rules behind them stand beside, for who
asks for them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pandas as pd

from config.policy import Policy
from reports.columns.rows import moment, rows
from reports.contact import words
from reports.detect.pipeline import Detection
from reports.schemas import Findings
from reports.vocabulary import Rule

#: So long after a mail told of a move the look that shows it may come.
_A_LOOK = timedelta(hours=25)
#: Where the page is read from: both bear the frames of findings by their names.
Known = Findings | Detection


@dataclass(frozen=True)
class Entry:
    """One dated fact. `rule` is the rule that judged it; empty where none did.

    `said`: in words. `facts`: what it was judged by, with units in the names; no missing ones.
    """

    at: pd.Timestamp
    kind: str
    rule: str
    said: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def explained(self) -> str:
        """The facts on one line."""
        return "; ".join(
            name if value is True else f"{name} {value}" for name, value in self.facts.items()
        )


@dataclass(frozen=True)
class Page:
    """A contact's page: a title, the entries in order of time, and the reasons of the standing.

    `reasons` in words, `numbers` as the rules count.
    """

    title: str
    entries: tuple[Entry, ...]
    reasons: tuple[str, ...]
    numbers: tuple[str, ...]

    def tree(self, zone: str) -> dict[str, Any]:
        """The same as JSON-ready data, with moments in the zone and its name."""
        entries = [
            {
                "at": one.at.tz_convert(zone).isoformat(),
                "kind": one.kind,
                "rule": one.rule,
                "text": one.said,
                "facts": dict(one.facts),
            }
            for one in self.entries
        ]
        return {
            "title": self.title,
            "zone": zone,
            "reasons": list(self.reasons),
            "numbers": list(self.numbers),
            "entries": entries,
        }


def of(contact: str, findings: Known, policy: Policy, zone: str) -> Page | None:
    """The page of one contact as detection sees them; None where nothing is known.

    findings: of all contacts, or a detection that is right for this one.
    """
    people = findings.people[findings.people["contact"] == contact]
    if people.empty:
        return None
    person = next(rows(people))
    known = ", ".join(part for part in (person.organisation, _STAGES.get(person.stage, "")) if part)
    entries = [*_meetings(contact, findings), *_mails(contact, findings, zone)]
    return Page(
        f"{person.name or contact} <{contact}> {known}".strip(),
        tuple(sorted(entries, key=lambda one: one.at)),
        (*words.of_person(person), *_reasons(contact, findings, policy, zone)),
        _numbers(contact, findings, policy),
    )


_STAGES = {
    "never": "nothing was heard of them so far",
    "dialogue": "in dialogue",
    "met": "met",
    "client": "client",
}


def _meetings(contact: str, findings: Known) -> list[Entry]:
    return [
        Entry(slot.start_at, "meeting", slot.rule, words.of_slot(slot), _facts(slot))
        for slot in rows(findings.slots[findings.slots["contact"] == contact])
    ]


def _facts(slot: Any) -> dict[str, Any]:
    """What a slot was judged by; `limit_hours`: below it is late."""
    known: dict[str, Any] = {
        "outcome": slot.outcome,
        "not_counted": slot.why_not if not slot.outcome else "",
        "notice_lo_hours": _hours(slot.notice_lo),
        "notice_hi_hours": _hours(slot.notice_hi),
        "limit_hours": _hours(slot.limit_hours),
        "grade": slot.grade,
        "origin": slot.origin,
        "via": slot.via,
    }
    known |= {name: bool(getattr(slot, name)) for name in ("in_n", "in_k", "hard", "unknown")}
    return {name: value for name, value in known.items() if value not in ("", None, False)}


def _hours(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 1)


def _mails(contact: str, findings: Known, zone: str) -> list[Entry]:
    found = []
    for ask in rows(findings.asks[findings.asks["contact"] == contact]):
        state = "undeliverable" if ask.undeliverable else "open" if ask.open else "ended"
        facts = {"sign": ask.sign, "state": state}
        found.append(Entry(ask.at, f"ask by {ask.kind}", "", words.of_ask(ask), facts))
    for act in rows(_told_once(findings.acts[findings.acts["contact"] == contact])):
        facts = {"via": act.via} if act.via else {}
        found.append(Entry(act.at, f"their {act.kind}", "", words.of_act(act), facts))
    for owed in rows(findings.owed[findings.owed["contact"] == contact]):
        facts = {"business_days": int(owed.days)}
        if moment(owed.answered_at) is None:
            found.append(Entry(owed.at, "their mail", Rule.F1, words.of_owed(owed), facts))
        else:
            found.append(Entry(owed.at, "their mail", "", "you answered it late", facts))
    for one in rows(findings.passed[findings.passed["contact"] == contact]):
        # a day of the calendar, wherever that is
        day = one.due_at.tz_localize(None).tz_localize(zone, nonexistent="shift_forward")
        said = words.of_promise(one, zone)
        found.append(Entry(day.tz_convert("UTC"), "their promise", Rule.P1, said))
    return found


def _told_once(acts: pd.DataFrame) -> pd.DataFrame:
    """The acts of one contact without the looks that only show a move which a mail told.

    A mail that names no new start ends a silence like any other act; in a list the look of the next
    day would read as one more move. A move that no mail told stays.
    """
    moves = acts[acts["kind"] == "move"]
    told = set(moves.loc[moves["message_id"] >= 0, "at"])
    dated = moves[(moves["meeting_key"] != "") & moves["at"].isin(told)]
    looks = moves[(moves["message_id"] < 0) & ~moves["at"].isin(told)]
    again = [
        any(timedelta(0) < one.at - at <= _A_LOOK for at in dated_at)
        for one in rows(looks)
        for dated_at in (dated.loc[dated["meeting_key"] == one.meeting_key, "at"],)
    ]
    return acts.drop(index=looks.index[again])


def _reasons(contact: str, findings: Known, policy: Policy, zone: str) -> tuple[str, ...]:
    lines = []
    for row in rows(findings.standings[findings.standings["contact"] == contact]):
        lines += words.of_standing(row, policy, zone)
    for silence in rows(findings.silences[findings.silences["contact"] == contact]):
        lines.append(words.of_silence(silence, zone))
    return tuple(lines)


def _numbers(contact: str, findings: Known, policy: Policy) -> tuple[str, ...]:
    lines = []
    for row in rows(findings.standings[findings.standings["contact"] == contact]):
        lines.append(
            f"k {row.k}, k_hard {row.k_hard}, n {row.n}, unknown {row.unknown}; "
            f"P(rate > {policy.baseline:.2f}) = {row.probability:.2f}, R1 needs k {policy.list_k} "
            f"and {policy.list_probability:.2f}; of hard ones {row.probability_hard:.2f}, R2 needs "
            f"{policy.strong_k} and {policy.strong_probability:.2f}"
        )
        lines.append(f"rules that hold: {row.rules or 'none'}; tier: {row.tier or 'none'}")
        if row.step:
            lines.append(f"step: {row.step} {row.step_detail}".rstrip())
    for silence in rows(findings.silences[findings.silences["contact"] == contact]):
        why = f" ({silence.why})" if silence.why else ""
        lines.append(f"silence {silence.rule}: {silence.asks} asks, {silence.grade}{why}")
    return tuple(lines)
