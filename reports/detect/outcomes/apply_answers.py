"""What does the user's own word make of an outcome?

rules.md section 9. The user knows what no calendar shows: their word comes before every record and
rule, and holds for the evidence as it was printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from reports.columns import tables
from reports.columns.instants import NONE
from reports.columns.rows import rows
from reports.detect.outcomes.counting import CAME, IN_K
from reports.detect.slots.slot_schema import Because
from reports.detect.slots.verdict_rules import MOVES
from reports.vocabulary import Grade, Origin, Outcome, Rule, Word

_AGREED: Final = frozenset({"us", "both", "none"})


def with_questions_keyed(slots: pd.DataFrame, answered: Mapping[str, int]) -> pd.DataFrame:
    """All late moves of one meeting by us are one question: give its slots one evidence key.

    `answered`: evidence key -> when it was first answered [us]. A late change made after the answer
    opens a new question, for the changes since.
    """
    slots = slots.copy(deep=False)
    asked = tables.ordered(
        tables.kept(slots, slots["question"] == Rule.M6),
        ["meeting_key", "contact", "act_hi", "number"],
    )
    key, until, before = "", NONE, ("", "")
    found: dict[Any, str] = {}
    for index, row in zip(asked.index, rows(asked), strict=True):
        here = (str(row.meeting_key), str(row.contact))
        if here != before or (until != NONE and row.act_hi > until):
            key = str(row.evidence_key)
            until = answered.get(key, NONE)
        found[index], before = key, here
    if found:
        slots.loc[list(found), "evidence_key"] = list(found.values())
    return slots


def applied(slots: pd.DataFrame, holding: pd.DataFrame, marks: pd.DataFrame) -> pd.DataFrame:
    """The slots after the user's word. `holding`: by answers.HOLDING; `marks`: slot, word, source.

    Adds `word` (what holds; empty) and keeps `question` only where none was answered.
    """
    slots = slots.copy(deep=False)
    slots["word"] = ""
    words: dict[Any, tuple[str, str]] = {}
    for mark in rows(marks):
        question = str(slots.loc[mark.slot, "question"])
        kind = "incident" if slots.loc[mark.slot, "outcome"] in IN_K else "kept"
        words[mark.slot] = (question or kind, str(mark.word))
    # Few claims are answered: only their slots are grouped.
    named = tables.kept(slots, slots["evidence_key"].isin(set(holding["evidence_key"]) - {""}))
    by_key = named.groupby(["evidence_key", "contact"]).groups
    for answer in rows(tables.ordered(holding, "at")):
        key = (str(answer.evidence_key), str(answer.contact))
        for index in by_key.get(key, ()):
            words[index] = (str(answer.kind), str(answer.word))
    words = {**_shared(slots, words), **words}
    for index, (kind, word) in words.items():
        changed = _outcome(slots.loc[index], kind, word)
        if changed:
            slots.loc[index, list(changed)] = list(changed.values())
    return _for_the_others(slots)


def _shared(slots: pd.DataFrame, words: dict[Any, tuple[str, str]]) -> dict[Any, tuple[str, str]]:
    """What is said of an incident is said of each of its acts: of one side, meeting and local day."""
    found: dict[Any, tuple[str, str]] = {}
    incidents = {index: word for index, word in words.items() if word[0] == "incident"}
    told = slots.loc[list(incidents)]
    for index, row in zip(
        told.index, rows(tables.narrow(told, ["meeting_key", "contact", "merged"])), strict=True
    ):
        if not row.merged:
            continue
        same = tables.kept(
            slots,
            (slots["meeting_key"] == row.meeting_key)
            & (slots["contact"] == row.contact)
            & (slots["merged"] == row.merged)
            & slots["outcome"].isin(IN_K),
        )
        found |= dict.fromkeys(same.index, incidents[index])
    return found


def _outcome(slot: pd.Series, kind: str, word: str) -> dict[str, Any]:
    """What changes in one slot; nothing where the claim is no longer about it."""
    if not slot["eligible"]:
        return {}
    base: dict[str, Any] = {"word": word, "question": "", "grade": Grade.CERTAIN, "origin": ""}
    if word == Word.ABSENT:
        if slot["outcome"] not in CAME and slot["question"] != Rule.M8:
            return {}
        if not slot["fresh"] or slot["withdrawn"]:
            # they never accepted this start: the user saw nobody, but nobody had promised
            because = str(Because.NEVER_PROMISED)
            return {**base, "outcome": Outcome.UNKNOWN, "rule": Rule.M7, "because": because}
        return {**base, "outcome": Outcome.ABSENT, "rule": Rule.M7, "origin": Origin.THEM}
    if word == Word.WRONG:
        return {**base, "outcome": Outcome.UNKNOWN, "grade": ""}
    if word in _AGREED:
        late = kind != Rule.M8 and slot["question"] != Rule.M8
        return {
            **base,
            "outcome": Outcome.AGREED,
            "origin": Origin.US if word == Word.US and late else "",
        }
    if word == Word.HELD:
        if slot["outcome"] == Outcome.MOVED_LATE:
            return {"word": word, "kept_after_all": True}
        return {**base, "outcome": Outcome.KEPT}
    if word == Word.THEM and slot["question"]:
        moved = slot["question"] == Rule.M6 and slot["was"] in MOVES
        return {
            **base,
            "outcome": Outcome.MOVED_LATE if moved else Outcome.CANCELLED_LATE,
            "rule": slot["question"],
            "origin": Origin.THEM,
            "named": True,
        }
    return {}


def _for_the_others(slots: pd.DataFrame) -> pd.DataFrame:
    """`them` holds for the contact it names: for the others the slot is in nothing."""
    named = tables.once(tables.kept(slots, slots["named"], ["meeting_key", "number", "start"]))
    if not len(named):
        return slots
    same = pd.MultiIndex.from_frame(tables.narrow(slots, ["meeting_key", "number", "start"])).isin(
        pd.MultiIndex.from_frame(named)
    )
    others = same & ~slots["named"].to_numpy() & (slots["question"] == Rule.M6).to_numpy()
    tables.put(
        slots,
        others,
        ["outcome", "question", "rule", "origin", "why_not"],
        [
            "",
            "",
            "",
            "",
            "ended-by-other",
        ],
    )
    slots.loc[others, "eligible"] = False
    return slots
