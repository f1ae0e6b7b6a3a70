"""How much of what was so does noshow say, and how much of what it says was so?

The labels come from `tests.truth.year`, what noshow says from its findings. Counted per rule: what
it claimed, how much of that was true, what could be known, and how much of that it said.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import pandas as pd

from config import phrasing
from config.clock import to_micros
from config.ours import Ours
from config.policy import Policy
from connectors.store.store import Store
from reports.detect import pipeline
from reports.schemas import Findings
from tests.truth.labels import DAY, HOUR, Mode, Truth, observable
from tests.truth.year import COUNTRIES, OWNER, Year

_INCIDENTS = ("cancelled_late", "moved_late", "absent")
_PRINTED = ("T2+", "T3", "T4")
#: A question is asked in the first or the second report after its act.
_ASKED_WITHIN = 14 * DAY
#: What is counted per rule, in the order of the table.
COLUMNS = ("said", "true", "knowable", "found")


@dataclass
class Score:
    """Counts by (rule, column), what was wrong, and what was missed, each in one line."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def dumps(self) -> str:
        """The score as JSON, for `loads`."""
        counts = [[*key, number] for key, number in sorted(self.counts.items())]
        return json.dumps({"counts": counts, "wrong": self.wrong, "missed": self.missed})

    @classmethod
    def loads(cls, text: str) -> Score:
        told = json.loads(text)
        counts = Counter({(rule, column): number for rule, column, number in told["counts"]})
        return cls(counts, told["wrong"], told["missed"])

    def add(self, rule: str, column: str, number: int = 1) -> None:
        self.counts[rule, column] += number

    def __add__(self, other: Score) -> Score:
        return Score(
            self.counts + other.counts, self.wrong + other.wrong, self.missed + other.missed
        )

    def total(self, column: str, rules: Iterable[str]) -> int:
        return sum(self.counts[rule, column] for rule in rules)

    def precision(self, *rules: str) -> float:
        """Of what was said, how much was true [0..1]; 1 where nothing was said."""
        said = self.total("said", rules)
        return self.total("true", rules) / said if said else 1.0

    def recall(self, *rules: str) -> float:
        """Of what could be known, how much was said [0..1]; 1 where nothing could be."""
        knowable = self.total("knowable", rules)
        return self.total("found", rules) / knowable if knowable else 1.0


ACTS = ("M1", "M2", "M3", "M4", "M7")
QUESTIONS = ("M1?", "M6?")
SILENCES = ("T2+", "T3", "T4")
LISTED = "nobody listed"
#: Of a year that was read both ways: how many tables there are, and how many are equal.
WIRE = "over the wire"


def findings(store: Store, year: Year, as_of: int) -> Findings:
    """What noshow says of this store on that Monday morning."""
    ours = Ours(
        mailboxes=MappingProxyType({OWNER: OWNER}), domains=frozenset({"ourco.example"}),
        clients=frozenset(year.truth.clients), zone=year.zone, countries=COUNTRIES[year.zone],
    )  # fmt: skip
    moment = pd.Timestamp(as_of, unit="us", tz="UTC")
    frames = store.frames(as_of)
    return pipeline.detect(frames, ours, Policy(), phrasing.load(), moment)


def score(year: Year, store: Store, moments: Sequence[int], mode: Mode) -> Score:
    """The score of one year, looked at on its last Monday and, where it was live, on one midway."""
    end = to_micros(year.end)
    middle = end - (end - to_micros(year.start)) // 2
    mondays = [end] if mode == "first look" else [middle, end]
    found = Score()
    told: set[tuple[str, int]] = set()
    for monday in mondays:
        seen = findings(store, year, monday)
        found += _incidents(year, seen, moments, mode, monday, told)
        found += _silences(year.truth, seen, monday)
        found += _people(year.truth, seen)
        if mode != "first look":
            found += _questions(year, seen, monday)
    return found


def _micros(column: pd.Series) -> list[int]:
    return [int(one) for one in column.dt.tz_convert("UTC").dt.as_unit("us").astype("int64")]


def _incidents(
    year: Year, seen: Findings, moments: Sequence[int], mode: Mode, monday: int,
    told: set[tuple[str, int]],
) -> Score:  # fmt: skip
    """Each incident once: on the first Monday that says it, or could.

    What is printed is what counts against somebody: a second entry of an hour that was held, and
    what lies beyond a cap, keep their outcome and are no claim.
    """
    score = Score()
    truth = {(one.contact, one.start): one for one in year.truth.incidents if one.at < monday}
    slots = seen.slots[seen.slots["outcome"].isin(_INCIDENTS)]
    said = dict(
        zip(
            zip(slots["contact"], _micros(slots["start_at"]), strict=True),
            zip(slots["outcome"], slots["rule"], slots["grade"], slots["in_k"], strict=True),
            strict=True,
        )
    )
    for (contact, start), (outcome, rule, grade, counts) in said.items():
        if (contact, start) in told or not counts:
            continue
        real = truth.get((contact, start))
        score.add(rule, "said")
        if real is not None and outcome in real.outcomes:
            score.add(rule, "true")
        else:
            score.wrong.append(f"{mode} {rule} {outcome} ({grade}) of {contact} at {_iso(start)}")
    for key, real in truth.items():
        # What is final only when its hour has passed cannot be said before.
        if key in told or (real.rule in ("M1", "M2") and real.start + 3 * HOUR > monday):
            continue
        known = observable(real, year.provider, moments, mode)
        if known:
            score.add(real.rule, "knowable")
            if key in said:
                score.add(real.rule, "found")
            else:
                score.missed.append(
                    f"{mode} {real.rule} of {real.contact} at {_iso(real.start)},"
                    f" {(real.start - real.at) / HOUR:.1f} h before"
                )
        told.add(key)
    told |= set(said)
    return score


def _silences(truth: Truth, seen: Findings, monday: int) -> Score:
    score = Score()
    printed = seen.silences[seen.silences["rule"].isin(_PRINTED)]
    rules = dict(zip(printed["contact"], printed["rule"], strict=True))
    for contact, rule, first in zip(
        printed["contact"], printed["rule"], _micros(printed["first_ask_at"]), strict=True
    ):
        score.add(rule, "said")
        if contact in truth.early:
            score.wrong.append(f"{rule} of {contact} since {_iso(first)}, whose time is not over")
        elif any(first < at < monday for at in truth.acts.get(contact, ())):
            score.wrong.append(f"{rule} of {contact} since {_iso(first)}, who had acted")
        else:
            score.add(rule, "true")
    for one in truth.silences:
        # Each ask's own clock must have reached five business days, and they must be silent still.
        acted = any(one.first < at < monday for at in truth.acts.get(one.contact, ()))
        if acted or one.last + 10 * DAY > monday:
            continue
        score.add("T3", "knowable")
        if rules.get(one.contact) == "T3":
            score.add("T3", "found")
        else:
            score.missed.append(f"T3 of {one.contact} since {_iso(one.first)}")
    return score


def _people(truth: Truth, seen: Findings) -> Score:
    score = Score()
    listed = seen.standings[seen.standings["tier"] != ""]
    for contact, tier in zip(listed["contact"], listed["tier"], strict=True):
        if contact in truth.nobody or (tier == "pause" and contact in truth.clients):
            score.add(LISTED, "said")
            score.wrong.append(f"{contact} is listed: {tier}")
    return score


def _questions(year: Year, seen: Findings, monday: int) -> Score:
    score = Score()
    asked = set(zip(seen.questions["contact"], _micros(seen.questions["start_at"]), strict=True))
    # A report asks so many at most: what a full one left out comes with another.
    full = len(asked) >= Policy().questions_report
    for one in year.truth.asked:
        if not monday - _ASKED_WITHIN < one.at < monday - 3 * HOUR or one.start > monday:
            continue
        found = (one.contact, one.start) in asked
        if full and not found:
            continue
        score.add(f"{one.rule}?", "knowable")
        if found:
            score.add(f"{one.rule}?", "found")
        else:
            score.missed.append(f"question {one.rule} of {one.contact} at {_iso(one.start)}")
    return score


def _iso(micros: int) -> str:
    return f"{pd.Timestamp(micros, unit='us', tz='UTC'):%Y-%m-%dT%H:%M}Z"
