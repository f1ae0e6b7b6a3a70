"""Whom would another value of each limit list this week, and whom not?

The list is run again with each other value, so that a reader sees how much of it hangs on a number
that somebody chose. What a limit cannot change is not run again (reports.detect.incremental).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from config.policy import Policy
from connectors.model.frames import Frames
from reports.columns.rows import rows
from reports.detect.pipeline import Detection
from reports.weekly.reader_view import ReaderView
from reports.weekly.report import Limit, Other

#: Other values of each limit.
Values = Mapping[str, tuple[float, ...]]
#: What the report tries.
OTHERS: Values = MappingProxyType(
    {
        "late_hours": (48.0,),
        "list_k": (3,),
        "list_probability": (0.85,),
        "baseline": (0.10, 0.30),
        "horizon_days": (90,),
        "persistent_asks": (4,),
        "owed_days": (15,),
    }
)
#: Those under which all meetings are judged again.
_OF_MEETINGS = ("late_hours", "horizon_days")
#: Of more observations than this, judging all meetings again three times would take minutes.
MOST_OBSERVATIONS = 400_000


@dataclass(frozen=True)
class Again:
    """What detection says under another value of one limit: no more of it than a list needs."""

    name: str
    value: float
    standings: pd.DataFrame
    owed: pd.DataFrame


@dataclass(frozen=True)
class Tried:
    """Another value of one limit, and the policy with it."""

    name: str
    value: float
    policy: Policy


def tried(policy: Policy, facts: Frames, others: Values) -> tuple[Tried, ...]:
    """Each other value of each limit that can be run again in time; the ones in force are left out."""
    return tuple(
        Tried(name, value, _changed(policy, name, value))
        for name in _affordable(facts, others)
        for value in others[name]
        if value != getattr(policy, name)
    )


def run_again(detection: Detection, others: Values = OTHERS) -> tuple[Again, ...]:
    """The list under each other value of each limit; run once, however many readers there are.

    A value that is the one in force is left out.
    """
    found = []
    for one in tried(detection.setting.policy, detection.given, others):
        other = detection.under(one.policy)
        found.append(Again(one.name, one.value, other.standings, other.owed))
    return tuple(found)


def find_limits(book: ReaderView, others: Sequence[Again]) -> tuple[Limit, ...]:
    """One line a limit, with whom each other value adds, drops or counts otherwise.

    others: see `run_again`; () for no lines. Only the contacts of this reader.
    """
    now = _listed(book.findings.standings, book.findings.owed, book)
    # A line for each limit that was run again, also where none of its values is another.
    tried = dict.fromkeys((*_affordable(book.facts, OTHERS), *(one.name for one in others)))
    found: dict[str, list[Other]] = {name: [] for name in tried if others}
    for one in others:
        then = _listed(one.standings, one.owed, book)
        found[one.name].append(_compared(one.value, now, then, book))
    return tuple(
        Limit(name, float(getattr(book.policy, name)), tuple(lines))
        for name, lines in found.items()
    )


def _affordable(facts: Frames, others: Values) -> list[str]:
    """The limits that can be run again in time."""
    heavy = len(facts.observations) > MOST_OBSERVATIONS
    return [name for name in others if not (heavy and name in _OF_MEETINGS)]


def _changed(policy: Policy, name: str, value: float) -> Policy:
    """The policy with one other value; whatever must not be less than it follows."""
    known = policy.model_dump() | {name: type(getattr(policy, name))(value)}
    known["strong_k"] = max(known["strong_k"], known["list_k"])
    known["persistent_asks"] = max(known["persistent_asks"], known["talk_asks"])
    return Policy.model_validate(known)


#: Who is listed, with (k, n).
_Listed = Mapping[str, tuple[int, int]]


def _listed(standings: pd.DataFrame, owed: pd.DataFrame, book: ReaderView) -> _Listed:
    """Whom a detection lists, by its standings and by what is owed."""
    listed = {
        str(row.contact): (int(row.k), int(row.n))
        for row in rows(standings)
        if row.tier and book.shown(str(row.contact)) and row.contact not in book.listed_elsewhere
    }
    open_owed = book.mine(owed)
    open_owed = open_owed.loc[open_owed["answered_at"].isna() & ~open_owed["perhaps"]]
    for contact in open_owed["contact"].unique():
        if book.shown(str(contact)):
            listed.setdefault(str(contact), (0, 0))
    return listed


def _compared(value: float, now: _Listed, then: _Listed, book: ReaderView) -> Other:
    changed = [one for one in now if one in then and now[one] != then[one]]
    return Other(
        value,
        added=tuple(book.who(one) for one in sorted(set(then) - set(now))),
        gone=tuple(book.who(one) for one in sorted(set(now) - set(then))),
        recounted=tuple((book.who(one), *then[one]) for one in sorted(changed)),
    )
