"""Which agreed starts are there, and what became of each by the calendar's own history?

One row a slot and contact, before records, absences and the user's word are heard
(reports.detect.outcomes.outcomes). Changed meetings are told one by one (reports.detect.meetings.changed), the
untouched mass is judged by columns (reports.detect.meetings.unchanged); both give the same rows, and a
test holds them to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from config.policy import Policy
from reports.columns.instants import HOUR, MINUTE, NONE, Flags, Ints
from reports.detect.meetings import event_history, unchanged
from reports.detect.meetings import events as changes
from reports.detect.meetings.changed import fold
from reports.detect.meetings.copies import ORDINARY, Gathered
from reports.detect.meetings.notice import Limits, Slot, Story, agreed, late_limit

#: The columns of a raw slot. Instants are int64 [us UTC], NONE where unknown.
RAW: Final[Mapping[str, str]] = {
    "code": "int64",
    "contact": "object",
    "number": "int64",
    "start": "int64",
    "end": "int64",
    "set_lo": "int64",
    "set_hi": "int64",
    "agreed": "int64",
    "limit": "int64",
    "accepted": "bool",
    "fresh": "bool",
    "said": "int64",
    "response": "object",
    "outcome": "object",
    "rule": "object",
    "origin": "object",
    "why": "object",
    "question": "object",
    "was": "object",
    "act_lo": "int64",
    "act_hi": "int64",
    "ref": "int64",
    "proof": "bool",
    "via": "object",
    "evidence": "object",
    "act_name": "object",
    "merged": "object",
    "note": "object",
}


def raw(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Raw slots from rows in the order of RAW, with their dtypes also where there are none."""
    return pd.DataFrame(rows, columns=list(RAW)).astype(dict(RAW))


def ended(gathered: Gathered, dated: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """The raw slots of all meetings: of those to which nothing happened by columns."""
    plain = unchanged.found(gathered, dated)
    rest = gathered.meetings.index.difference(pd.Index(plain)).to_numpy(dtype="int64")
    mass = pd.DataFrame(unchanged.judged(gathered, limits, plain)).astype(dict(RAW))
    changed = told(gathered, dated, limits, rest)
    return pd.concat([part for part in (mass, changed) if len(part)] or [mass], ignore_index=True)


def told(gathered: Gathered, dated: pd.DataFrame, limits: Limits, codes: Ints) -> pd.DataFrame:
    """The raw slots of the meetings `codes`, told one by one."""
    looks = _looks(gathered, codes)
    acts = _acts(dated, codes)
    found: list[tuple[Any, ...]] = []
    facts = gathered.meetings.loc[codes]
    columns = ["organiser", "ours", "marks_itself", "elsewhere", "first_seen"]
    columns += ["start", "end", "set_lo", "set_hi", "vouched"]
    rows: Iterator[Any] = facts[columns].itertuples(index=False)
    for code, row in zip(codes.tolist(), rows, strict=True):
        if row.start == NONE:
            continue
        organiser = changes.US if row.ours else str(row.organiser)
        seen = looks.get(code, [])
        if code in acts and row.vouched != NONE:
            seen = event_history.still(seen, int(row.vouched) - changes.SLACK)
        story = Story(
            organiser=organiser,
            set_lo=_known(row.set_lo),
            set_hi=int(row.set_hi),
            first_seen=int(row.first_seen),
            start=int(row.start),
            end=_known(row.end),
            events=event_history.of(
                seen,
                acts.get(code, ()),
                organiser=organiser,
                marks_itself=bool(row.marks_itself),
                elsewhere=bool(row.elsewhere),
            ),
        )
        persons = {who for look in seen if look.leads for who in look.people} | {organiser}
        contacts = sorted(who for who in persons if "@" in who and not who.startswith(changes.OWN))
        for contact, slots in fold(story, contacts, limits).items():
            found += [_row(code, contact, slot, story, limits) for slot in slots]
    return raw(found)


def _known(value: Any) -> int | None:
    return None if value == NONE else int(value)


def _looks(gathered: Gathered, codes: Ints) -> dict[int, list[changes.Look]]:
    """The looks of the chosen meetings, in order, with the persons in them (ours are marked)."""
    chosen = gathered.looks.loc[gathered.looks["code"].isin(codes)]
    answers = gathered.answers.loc[
        gathered.answers["observation_id"].isin(chosen["observation_id"])
    ]
    people: dict[int, dict[str, changes.Answer]] = {}
    for one in zip(
        answers["observation_id"].tolist(),
        answers["who"].tolist(),
        answers["own"].tolist(),
        answers["response"].tolist(),
        answers["responded"].tolist(),
        answers["machine"].tolist(),
        answers["proposed"].tolist(),
        strict=True,
    ):
        who = f"{changes.OWN}{one[1]}" if one[2] else one[1]
        people.setdefault(one[0], {})[who] = changes.Answer(
            one[3], _known(one[4]), one[5], _known(one[6])
        )
    found: dict[int, list[changes.Look]] = {}
    for one in zip(
        chosen["code"].tolist(),
        chosen["observation_id"].tolist(),
        chosen["lo"].tolist(),
        chosen["hi"].tolist(),
        chosen["leads"].tolist(),
        chosen["exact"].tolist(),
        chosen["status"].tolist(),
        chosen["stub"].tolist(),
        chosen["start"].tolist(),
        chosen["end"].tolist(),
        chosen["updated"].tolist(),
        chosen["guests_complete"].tolist(),
        chosen["guests_can_modify"].tolist(),
        strict=True,
    ):
        look = changes.Look(
            observation_id=one[1],
            lo=_known(one[2]),
            hi=one[3],
            leads=one[4],
            exact=one[5],
            status=one[6],
            stub=one[7],
            start=_known(one[8]),
            end=_known(one[9]),
            updated=_known(one[10]),
            complete=one[11],
            guests_can_modify=one[12],
            people=people.get(one[1], {}),
        )
        found.setdefault(one[0], []).append(look)
    return found


def _acts(dated: pd.DataFrame, codes: Ints) -> dict[int, list[changes.Act]]:
    chosen = dated.loc[dated["code"].isin(codes)]
    found: dict[int, list[changes.Act]] = {}
    for one in zip(
        chosen["code"].tolist(),
        chosen["at"].tolist(),
        chosen["kind"].tolist(),
        chosen["who"].tolist(),
        chosen["own"].tolist(),
        chosen["via"].tolist(),
        chosen["start"].tolist(),
        chosen["machine"].tolist(),
        chosen["evidence"].tolist(),
        chosen["logged"].tolist(),
        strict=True,
    ):
        act = changes.Act(
            one[1], one[2], one[3], one[4], one[5], _known(one[6]), one[7], one[8], one[9]
        )
        found.setdefault(one[0], []).append(act)
    return found


def _row(code: int, contact: str, slot: Slot, story: Story, limits: Limits) -> tuple[Any, ...]:
    """A told slot as one row in the order of RAW."""
    act = slot.act
    limit = slot.limit if slot.limit is not None else late_limit(slot, story, limits)
    return (
        code,
        contact,
        slot.number,
        slot.start,
        _none(slot.end),
        _none(slot.set_lo),
        slot.set_hi,
        _none(agreed(slot)),
        _none(limit),
        slot.accepted,
        slot.fresh,
        _none(slot.said),
        slot.response,
        slot.outcome,
        slot.rule,
        slot.origin,
        slot.why,
        slot.question,
        slot.was,
        NONE if act is None else _none(act.lo),
        NONE if act is None else act.hi,
        _none(slot.ref),
        act is not None and act.exact,
        "" if act is None else act.via,
        "" if act is None else act.evidence,
        slot.act_name,
        slot.merged,
        slot.note,
    )


def _none(value: int | None) -> int:
    return NONE if value is None else value


def judged(slots: pd.DataFrame, meetings: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The slots with `eligible` and `why_not`; what is not eligible loses its outcome.

    `came`: accepted and passed, eligible or not.

    The guest list of a meeting whose organiser hides it is not known: whatever became of it, the
    outcome is unknown (and counts as such, so that nobody is accused the easier for it).
    """
    facts = meetings.loc[slots["code"]].reset_index(drop=True)
    slots = slots.reset_index(drop=True)
    start, end = slots["start"].to_numpy(), slots["end"].to_numpy()
    length = np.where(end == NONE, 0, end - np.where(end == NONE, 0, start))
    reasons: list[tuple[str, Flags]] = [
        ("kind", (facts["kind"] != ORDINARY).to_numpy(dtype=bool)),
        ("all-day", facts["all_day"].to_numpy(dtype=bool)),
        ("free", facts["free"].to_numpy(dtype=bool)),
        ("private", facts["private"].to_numpy(dtype=bool)),
        (
            "duration",
            (length < policy.min_minutes * MINUTE) | (length > policy.max_minutes * MINUTE),
        ),
        ("too-many", (facts["outsiders"] > policy.max_outsiders).to_numpy(dtype=bool)),
    ]
    why = np.select([flag for _, flag in reasons], [name for name, _ in reasons], "").astype(object)
    why = np.where(why == "", slots["why"].to_numpy(dtype=object), why)
    why = np.where((why == "") & _too_short_notice(slots, policy), "agreed-late", why)
    eligible = why == ""
    slots["why_not"], slots["eligible"] = why, eligible
    slots["came"] = slots["outcome"] == "kept"
    slots.loc[~eligible, ["outcome", "rule", "origin", "question", "was", "act_name"]] = ""
    hidden = eligible & ~facts["complete"].to_numpy(dtype=bool)
    hidden = hidden & ((slots["outcome"] != "coming").to_numpy(dtype=bool))
    slots.loc[hidden, ["rule", "origin", "question", "was", "act_name"]] = ""
    slots.loc[hidden, ["outcome", "note"]] = ["unknown", "guests=hidden"]
    return slots


def _too_short_notice(slots: pd.DataFrame, policy: Policy) -> Flags:
    """Agreed less than 2 h before the start: at its later end where that is an interval."""
    start, moment = slots["start"].to_numpy(), slots["agreed"].to_numpy()
    latest = start - int(policy.min_agreed_hours * HOUR)
    known = moment != NONE
    set_lo = slots["set_lo"].to_numpy()
    late: Flags = np.where(known, moment > latest, (set_lo != NONE) & (set_lo > latest))
    return late
