"""What do the shards say together? The same as one detection of all facts, in the same order.

Of each shard only what it says of its own contacts is taken. What counts over all contacts (the questions
of a mailbox, the hours that several gave up, those listed by chance) is counted here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from connectors.model.frames import enforce
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


@dataclass(frozen=True)
class Part:
    """What one shard says of its own contacts: frames by the names of `_ORDER`, and remarks."""

    frames: Mapping[str, pd.DataFrame]
    remarks: tuple[Remark, ...]


def part_of(survey: Survey, shard: int, number: int) -> Part:
    """What this one of so many shards says of its own contacts."""
    if not survey.roots.of_shard(shard, number).any():
        return Part({}, ())
    return own(survey, survey.shard(shard, number), shard, number)


def own(survey: Survey, detection: Detection, shard: int, number: int) -> Part:
    """What a shard's detection says of those contacts, and of those series, whose owner it is."""

    def mine(frame: pd.DataFrame) -> pd.DataFrame:
        owners = survey.roots.owners(frame["contact"], number)
        owned: pd.DataFrame = frame.loc[owners == shard]
        return owned

    said = (*detection.judged.remarks, *detection.called_off)
    about = pd.Series([one.about for one in said], dtype="str")
    told = survey.owner_of(about, number) == shard
    return Part(
        {name: mine(getattr(detection, name)) for name in _ORDER},
        tuple(one for one, ours in zip(said, told, strict=True) if ours),
    )


def joined(survey: Survey, parts: Iterable[Part]) -> Findings:
    """The findings of all shards' parts, each frame by reports.schemas."""
    setting, whole = survey.setting, survey.whole
    given = list(parts)
    found = {name: _in_order(name, given) for name in _ORDER}
    slots = _with_lost_hours(found["slots"], setting)
    standings = tiers.in_order(_with_sum(found["standings"], slots, setting))
    said = [*whole.by_mail.remarks, *whole.holding[1]]
    said += [one for part in given for one in part.remarks]
    noticed = remarks.noticed(said, setting.policy, setting.as_of, setting.days.zone)
    asking = found.pop("asking")
    return Findings(
        as_of=setting.as_of,
        coverage=whole.coverage,
        assistants=whole.assistants,
        mails=whole.mails,
        questions=questions.chosen(asking, setting.policy),
        expected_by_chance=counts.expected_by_chance(standings),
        notices=noticed.lines,
        own_notices=noticed.own,
        **(found | {"slots": slots, "standings": standings, "coming": _coming(found["coming"])}),
    )


def _in_order(name: str, parts: list[Part]) -> pd.DataFrame:
    frames = [part.frames[name] for part in parts if name in part.frames]
    filled = [frame for frame in frames if len(frame)] or frames[:1]
    table = pd.concat(filled, ignore_index=True)
    table = table.sort_values(list(_ORDER[name]), kind="stable", ignore_index=True)
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
    table = coming.sort_values(["weight", "start_at", "contact"], ascending=[False, True, True])
    return enforce(table, COMING, "coming")
