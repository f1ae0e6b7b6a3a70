"""What happened with one contact, and why are they listed or not? Plain data for `noshow contact`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from config.policy import Policy
from reports.columns.rows import rows
from reports.schemas import Findings


@dataclass(frozen=True)
class Entry:
    """One dated fact. `rule` is the rule that judged it; empty where none did."""

    at: pd.Timestamp
    kind: str
    rule: str
    text: str


@dataclass(frozen=True)
class Page:
    """A contact's page: a title, the entries in order of time, and the reasons of the standing."""

    title: str
    entries: tuple[Entry, ...]
    reasons: tuple[str, ...]

    def tree(self) -> dict[str, Any]:
        """The same as JSON-ready data."""
        entries = [
            {"at": one.at.isoformat(), "kind": one.kind, "rule": one.rule, "text": one.text}
            for one in self.entries
        ]
        return {"title": self.title, "entries": entries, "reasons": list(self.reasons)}


def of(contact: str, findings: Findings, policy: Policy) -> Page | None:
    """The page of one contact as detection sees them; None where nothing is known."""
    people = findings.people[findings.people["contact"] == contact]
    if people.empty:
        return None
    person = next(rows(people))
    entries = [*_meetings(contact, findings), *_mails(contact, findings)]
    title = f"{person.name or contact} <{contact}> {person.organisation}, {person.stage}"
    return Page(
        title.strip(),
        tuple(sorted(entries, key=lambda one: one.at)),
        _reasons(contact, findings, policy),
    )


def _meetings(contact: str, findings: Findings) -> list[Entry]:
    found = []
    for slot in rows(findings.slots[findings.slots["contact"] == contact]):
        outcome = slot.outcome or f"not counted: {slot.why_not}"
        facts = [f"{slot.subject}: {outcome}"]
        if pd.notna(slot.notice_hi):
            facts.append(f"notice {slot.notice_lo:.1f} to {slot.notice_hi:.1f} h")
        if pd.notna(slot.limit_hours):
            facts.append(f"late below {slot.limit_hours:.1f} h")
        facts += [slot.grade] if slot.grade else []
        facts += [f"through {slot.via}"] if slot.via else []
        counted = [name for name in ("in_n", "in_k", "hard", "unknown") if getattr(slot, name)]
        facts += [f"counts {' '.join(counted)}"] if counted else []
        found.append(Entry(slot.start_at, "meeting", slot.rule, "; ".join(facts)))
    return found


def _mails(contact: str, findings: Findings) -> list[Entry]:
    found = []
    for ask in rows(findings.asks[findings.asks["contact"] == contact]):
        state = "undeliverable" if ask.undeliverable else "open" if ask.open else "ended"
        found.append(Entry(ask.at, f"ask by {ask.kind}", "", f"{ask.sign}; {state}"))
    for act in rows(findings.acts[findings.acts["contact"] == contact]):
        via = f"through {act.via}" if act.via else ""
        found.append(Entry(act.at, f"their {act.kind}", "", via))
    for owed in rows(findings.owed[findings.owed["contact"] == contact]):
        state = "perhaps yours" if owed.perhaps else "you owe a reply"
        found.append(Entry(owed.at, "their mail", "F1", f"{state}, {owed.days} business days"))
    return found


def _reasons(contact: str, findings: Findings, policy: Policy) -> tuple[str, ...]:
    standing = findings.standings[findings.standings["contact"] == contact]
    lines = []
    for row in rows(standing):
        lines.append(
            f"{row.k} of {row.n} that came to their day fell through late; {row.unknown} unknown; "
            f"P(rate > {policy.baseline:.2f}) = {row.probability:.2f}, R1 needs "
            f"{policy.list_k} and {policy.list_probability:.2f}"
        )
        lines.append(f"rules that hold: {row.rules or 'none'}; tier: {row.tier or 'not listed'}")
        if row.too_early:
            lines.append(f"too early: fewer than {policy.coverage_weeks} weeks were seen")
        if row.step:
            lines.append(f"next step: {row.step} {row.step_detail}".rstrip())
    for silence in rows(findings.silences[findings.silences["contact"] == contact]):
        why = f" ({silence.why})" if silence.why else ""
        lines.append(f"silence {silence.rule}: {silence.asks} asks, {silence.grade}{why}")
    return tuple(lines)
