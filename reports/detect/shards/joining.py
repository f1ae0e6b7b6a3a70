"""What do the shards say together? The same as one detection of all facts, in the same order.

Of each shard only what it says of its own contacts is taken. What counts over all contacts (the questions
of a mailbox, the hours that several gave up, those listed by chance) is counted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from config.policy import Policy
from connectors.model.frames import enforce
from reports.columns import tables
from reports.columns.instants import DAY, micros
from reports.detect.outcomes import outcomes, questions, remarks
from reports.detect.outcomes.remarks import Remark
from reports.detect.pipeline import Detection
from reports.detect.scoring import counts, tiers
from reports.detect.setting import Setting
from reports.detect.shards.survey import Survey
from reports.schemas import COMING, SHAPES, SLOTS, STANDINGS_NOW, Findings

#: By what the rows of each frame are in order; the order of equal ones is kept.
_ORDER: Final[Mapping[str, tuple[str, ...]]] = {
    "people": ("contact",),
    "absences": ("contact",),
    "acts": ("contact",),
    "slots": ("start_at", "meeting_key", "contact", "number"),
    "asking": ("contact",),
    "asks": ("contact",),
    "silences": ("contact",),
    "owed": ("contact",),
    "passed": ("due_at", "contact", "evidence_key"),
    "replies": ("contact",),
    "standings": ("contact",),
    "coming": ("contact",),
}


#: What the report of a week asks beside the findings.
_BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "introduced": ("contact", "at"),
    "accepted": ("contact", "at"),
}
#: What is asked of them under other limits.
_UNDER: Final = ("standings", "owed")


@dataclass(frozen=True)
class Part:
    """What one shard says: frames by the names of `_ORDER` and `_BESIDE`, remarks, and the frames of
    `_UNDER` under each of some other limits.
    """

    frames: Mapping[str, pd.DataFrame]
    remarks: tuple[Remark, ...] = ()
    under: tuple[Mapping[str, pd.DataFrame], ...] = ()


def said(detection: Detection, policies: Sequence[Policy] = ()) -> Part:
    """All that a shard's detection says, also of contacts of which it does not know everything."""
    frames = {name: getattr(detection, name) for name in (*_ORDER, *_BESIDE)}
    remarks = (*detection.judged.remarks, *detection.called_off)
    others = []
    for policy in policies:
        other = detection.under(policy)
        others.append({name: getattr(other, name) for name in _UNDER})
    return Part(frames, remarks, tuple(others))


def own(survey: Survey, part: Part, shard: int, number: int) -> Part:
    """What a shard says of those contacts, and of those series, whose owner it is."""

    def mine(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
        return {
            name: frame.loc[survey.roots.owners(frame["contact"], number) == shard]
            for name, frame in frames.items()
        }

    about = pd.Series([one.about for one in part.remarks], dtype="str")
    told = survey.owner_of(about, number) == shard
    return Part(
        mine(part.frames),
        tuple(one for one, ours in zip(part.remarks, told, strict=True) if ours),
        tuple(mine(one) for one in part.under),
    )


class Joined(Detection):
    """What shards say together, as one detection: of what they were not asked, it finds the answer in all
    facts.
    """

    def __init__(
        self, survey: Survey, parts: Iterable[Part], policies: Sequence[Policy] = ()
    ) -> None:
        """parts: of each shard what is its own, under the other limits as well."""
        given = list(parts)
        self.whole = survey.whole
        found: dict[str, Any] = {
            name: _in_order([part.frames[name] for part in given], name) for name in _ORDER
        }
        findings = _joined(survey, found, [one for part in given for one in part.remarks])
        found |= {name: getattr(findings, name) for name in ("slots", "standings", "coming")}
        for name, order in _BESIDE.items():
            frames = pd.concat([part.frames[name] for part in given], ignore_index=True)
            found[name] = tables.ordered(frames, list(order), ignore_index=True)
        kept = {**survey.whole.kept, **found, "findings": findings, "questions": findings.questions}
        super().__init__(
            survey.whole.given, survey.setting, thorough=survey.whole.thorough, surveyed=kept
        )
        self._others = [
            (policy, _under(survey, [part.under[place] for part in given], policy))
            for place, policy in enumerate(policies)
        ]

    def under(self, policy: Policy) -> Detection:
        for other, detection in self._others:
            if other == policy:
                return detection
        return self.whole.under(policy)


def _under(
    survey: Survey, parts: Sequence[Mapping[str, pd.DataFrame]], policy: Policy
) -> Detection:
    """The detection under other limits, which knows what it was asked and nothing else."""
    found = {name: _in_order([part[name] for part in parts], name) for name in _UNDER}
    found["standings"] = tiers.in_order(found["standings"])
    setting = replace(survey.setting, policy=policy)
    return Detection(survey.whole.given, setting, surveyed=found)


def _joined(survey: Survey, found: Mapping[str, pd.DataFrame], told: Iterable[Remark]) -> Findings:
    """The findings of all shards' frames, each by reports.schemas."""
    setting, whole = survey.setting, survey.whole
    slots = _with_lost_hours(found["slots"], setting)
    standings = tiers.in_order(_with_sum(found["standings"], slots, setting))
    remarked = [*whole.by_mail.remarks, *whole.holding[1], *told]
    noticed = remarks.noticed(remarked, setting.policy, setting.as_of, setting.days.zone)
    same = {name: frame for name, frame in found.items() if name != "asking"}
    return Findings(
        as_of=setting.as_of,
        coverage=whole.coverage,
        assistants=whole.assistants,
        mails=whole.mails,
        questions=questions.chosen(found["asking"], setting.policy),
        expected_by_chance=counts.expected_by_chance(standings),
        notices=noticed.lines,
        own_notices=noticed.own,
        **(same | {"slots": slots, "standings": standings, "coming": _coming(found["coming"])}),
    )


def _in_order(frames: Sequence[pd.DataFrame], name: str) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    table = pd.concat(filled, ignore_index=True)
    table = tables.ordered(table, list(_ORDER[name]), ignore_index=True)
    return enforce(table, SHAPES["questions" if name == "asking" else name], name)


def _with_lost_hours(slots: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    """The hours of a meeting that several gave up are shared among them, whoever they are."""
    if not len(slots):
        return slots
    whole = slots.assign(start=micros(slots["start_at"]), end=micros(slots["end_at"]))
    lost = outcomes.lost_hours(whole, setting.policy)
    return enforce(slots.assign(lost_hours=lost), SLOTS, "slots")


def _with_sum(standings: pd.DataFrame, slots: pd.DataFrame, setting: Setting) -> pd.DataFrame:
    since = setting.now - setting.policy.horizon_days * DAY
    recent = slots.loc[slots["eligible"] & (micros(slots["start_at"]) > since)]
    lost = recent.groupby("contact")["lost_hours"].sum()
    hours = lost.reindex(standings["contact"]).fillna(0.0).to_numpy(dtype="float64")
    return enforce(standings.assign(lost_hours=hours), STANDINGS_NOW, "standings")


def _coming(coming: pd.DataFrame) -> pd.DataFrame:
    table = tables.ordered(coming, ["weight", "start_at", "contact"], [False, True, True])
    return enforce(table, COMING, "coming")
