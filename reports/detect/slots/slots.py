"""Which agreed starts are there, and what became of each by the calendar's own history?

One row a slot and contact, before records, absences and the user's word are heard
(reports.detect.outcomes.outcomes). Changed meetings are told one by one (reports.detect.slots.changed), the
untouched mass is judged by columns (reports.detect.slots.unchanged); both give the same rows, and a
test holds them to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from config.hired import without_collector
from config.policy import Policy
from reports.columns import tables
from reports.columns.instants import HOUR, MINUTE, NONE, Flags, Ints
from reports.columns.rows import rows
from reports.columns.text import listed
from reports.detect.meetings import event_history
from reports.detect.meetings import events as changes
from reports.detect.meetings.as_it_stood import as_it_stood
from reports.detect.meetings.copies import ORDINARY, Gathered
from reports.detect.slots import unchanged
from reports.detect.slots.changed import fold
from reports.detect.slots.notice import Limits, Slot, Story, agreed, late_limit
from reports.detect.slots.slot_schema import Because, told_frame
from reports.vocabulary import Outcome

#: What the telling reads of the snapshots, and of the persons in them.
_SNAPSHOT: Final = [
    "code", "observation_id", "lo", "hi", "leads", "exact", "status", "stub", "start", "end",
    "updated", "guests_complete", "guests_can_modify",
]  # fmt: skip
_ANSWERED: Final = ["observation_id", "who", "own", "response", "responded", "machine", "proposed"]
_MAY_BE_UNKNOWN: Final = frozenset({"lo", "start", "end", "updated", "responded", "proposed"})


def ended(gathered: Gathered, dated: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """The raw slots of all meetings: of those to which nothing happened by columns."""
    plain = unchanged.found(gathered, dated)
    rest = gathered.meetings.index.difference(pd.Index(plain)).to_numpy(dtype="int64")
    mass = told_frame(unchanged.judged(gathered, limits, plain))
    with without_collector():
        changed = told(gathered, dated, limits, rest)
    return pd.concat([part for part in (mass, changed) if len(part)] or [mass], ignore_index=True)


def told(gathered: Gathered, dated: pd.DataFrame, limits: Limits, codes: Ints) -> pd.DataFrame:
    """The raw slots of the meetings `codes`, told one by one."""
    snapshots = _snapshots(gathered, codes)
    acts = _acts(dated, codes)
    found: list[dict[str, Any]] = []
    facts = gathered.meetings.loc[codes]
    columns = ["organiser", "ours", "marks_itself", "elsewhere", "first_seen"]
    columns += ["start", "end", "set_lo", "set_hi", "vouched"]
    for code, row in zip(codes.tolist(), rows(facts[columns]), strict=True):
        if row.start == NONE:
            continue
        organiser = changes.US if row.ours else str(row.organiser)
        seen = snapshots.get(code, [])
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
        first = event_history.first_told(story.events, seen, acts.get(code, ()))
        if first is not None and first.start != story.start:
            story = _begun_there(story, first)
        persons = {who for snapshot in seen if snapshot.leads for who in snapshot.people} | {
            organiser
        }
        contacts = sorted(who for who in persons if "@" in who and not who.startswith(changes.OWN))
        for contact, slots in fold(story, contacts, limits).items():
            found += [_row(code, contact, slot, story, limits) for slot in slots]
    return told_frame(found)


def _begun_there(story: Story, first: changes.Event) -> Story:
    """The story from where a message first tells of the meeting: its start was set by then."""
    assert first.start is not None  # noqa: S101  (a move has one)
    end = first.end
    if end is None and story.end is not None:
        end = first.start + (story.end - story.start)
    return replace(
        story,
        start=first.start,
        end=end,
        set_lo=first.hi,
        set_hi=first.hi,
        events=[event for event in story.events if event is not first],
    )


def _known(value: Any) -> int | None:
    return None if value == NONE else int(value)


def _snapshots(gathered: Gathered, codes: Ints) -> dict[int, list[changes.Snapshot]]:
    """The snapshots of the chosen meetings, in order, with the persons in them (ours are marked)."""
    chosen = tables.kept(gathered.snapshots, gathered.snapshots["code"].isin(codes))
    answers = tables.kept(
        gathered.answers, gathered.answers["observation_id"].isin(chosen["observation_id"])
    )
    people: defaultdict[int, dict[str, changes.Answer]] = defaultdict(dict)
    for number, who, own, *answer in zip(*_cells(answers, _ANSWERED), strict=True):
        people[number][f"{changes.OWN}{who}" if own else who] = changes.Answer(*answer)
    found: defaultdict[int, list[changes.Snapshot]] = defaultdict(list)
    for (
        code, number, lo, hi, leads, exact, status, stub, start, end, updated, complete, free,
    ) in zip(*_cells(chosen, _SNAPSHOT), strict=True):  # fmt: skip
        there = people.get(number, {})
        snapshot = changes.Snapshot(
            number, lo, hi, leads, exact, status, stub, start, end, updated, complete, there, free
        )
        found[code].append(snapshot)
    return found


def _cells(table: pd.DataFrame, labels: Sequence[str]) -> list[list[Any]]:
    """The cells of these columns; moments that are not known are None."""
    cells: list[list[Any]] = []
    for label in labels:
        values = table[label]
        if values.dtype.kind not in "bi":
            cells.append(listed(values))
        elif label in _MAY_BE_UNKNOWN:
            cells.append([None if one == NONE else one for one in values.to_numpy().tolist()])
        else:
            cells.append(values.to_numpy().tolist())
    return cells


def _acts(dated: pd.DataFrame, codes: Ints) -> dict[int, list[changes.Act]]:
    found: dict[int, list[changes.Act]] = {}
    for one in rows(tables.kept(dated, dated["code"].isin(codes))):
        act = changes.Act(
            at=one.at,
            kind=one.kind,
            who=one.who,
            own=one.own,
            via=one.via,
            start=_known(one.start),
            machine=one.machine,
            evidence=one.evidence,
            logged=one.logged,
            vouched=one.vouched,
            stale=one.stale,
            was=_known(one.was),
        )
        found.setdefault(one.code, []).append(act)
    return found


def _row(code: int, contact: str, slot: Slot, story: Story, limits: Limits) -> dict[str, Any]:
    """A told slot as one row by slot_schema.TOLD."""
    act, measured = slot.act, slot.measured
    limit = None if measured is None else measured.limit
    return {
        "code": code,
        "contact": contact,
        "number": slot.number,
        "start": slot.start,
        "end": _none(slot.end),
        "set_lo": _none(slot.set_lo),
        "set_hi": slot.set_hi,
        "agreed": _none(agreed(slot)),
        "limit": _none(late_limit(slot, story, limits) if limit is None else limit),
        "accepted": slot.accepted,
        "fresh": slot.fresh,
        "withdrawn": slot.withdrawn,
        "said": _none(slot.said),
        "response": slot.response,
        "outcome": slot.outcome,
        "rule": slot.rule,
        "origin": slot.origin,
        "why": slot.why,
        "question": slot.question,
        "was": slot.was,
        "act_lo": NONE if act is None else _none(act.lo),
        "act_hi": NONE if act is None else act.hi,
        "ref": NONE if measured is None else measured.ref,
        "proof": act is not None and act.exact and act.vouched,
        "via": "" if act is None else act.via,
        "evidence": "" if act is None else act.evidence,
        "act_name": slot.act_name,
        "merged": slot.merged,
        "because": str(slot.because),
        "given_up": slot.given_up,
        "proposed_at": _none(slot.proposed_at),
        "consequence_at": _none(slot.consequence_at),
        "we_followed": slot.we_followed,
    }


def _none(value: int | None) -> int:
    return NONE if value is None else value


def judged(slots: pd.DataFrame, gathered: Gathered, policy: Policy) -> pd.DataFrame:
    """The slots with `eligible`, `why_not` and `on_site`; what is not eligible loses its outcome.

    `came`: accepted and passed, eligible or not.

    The guest list of a meeting whose organiser hides it is not known: whatever became of it, the
    outcome is unknown (and counts as such, so that nobody is accused the easier for it). So is that of
    one that was moved to an hour that could not be read.
    """
    slots = slots.reset_index(drop=True)
    facts = gathered.meetings.loc[slots["code"]]
    kind = facts["kind"].to_numpy(dtype=object)
    stood = as_it_stood(gathered, slots)
    start, end = slots["start"].to_numpy(), stood["end"].to_numpy()
    length = np.where(end == NONE, 0, end - np.where(end == NONE, 0, start))
    moved_at = facts["hour_unread"].to_numpy(dtype="int64")
    unread = (moved_at != NONE) & (start > moved_at)
    coming = (slots["outcome"] == Outcome.COMING).to_numpy(dtype=bool)
    reasons: list[tuple[str, Flags]] = [
        ("of-others", facts["of_others"].to_numpy(dtype=bool)),
        ("kind", kind != ORDINARY),
        ("all-day", stood["all_day"].to_numpy(dtype=bool)),
        ("free", stood["free"].to_numpy(dtype=bool)),
        ("private", stood["private"].to_numpy(dtype=bool)),
        (
            "duration",
            (length < policy.min_minutes * MINUTE) | (length > policy.max_minutes * MINUTE),
        ),
        ("too-many", (stood["outsiders"] > policy.max_outsiders).to_numpy(dtype=bool)),
        ("hour-unread", unread & coming),
    ]
    why = np.select([flag for _, flag in reasons], [name for name, _ in reasons], "").astype(object)
    why = np.where(why == "", slots["why"].to_numpy(dtype=object), why)
    why = np.where((why == "") & _too_short_notice(slots, policy), "agreed-late", why)
    eligible = why == ""
    slots["why_not"], slots["eligible"] = why, eligible
    slots["end"], slots["on_site"] = end, stood["on_site"].to_numpy(dtype=bool)
    slots["came"] = slots["outcome"] == Outcome.KEPT
    tables.put(slots, ~eligible, ["outcome", "rule", "origin", "question", "was", "act_name"], "")
    for because, doubted in (
        (Because.HIDDEN, ~stood["complete"].to_numpy(dtype=bool)),
        (Because.HOUR_UNREAD, unread),
    ):
        hidden = eligible & ~coming & doubted
        tables.put(slots, hidden, ["rule", "origin", "question", "was", "act_name"], "")
        tables.put(slots, hidden, ["outcome", "because"], [Outcome.UNKNOWN, str(because)])
        tables.put(slots, hidden, ["given_up", "we_followed"], False)
        tables.put(slots, hidden, ["proposed_at", "consequence_at"], NONE)
    return slots


def _too_short_notice(slots: pd.DataFrame, policy: Policy) -> Flags:
    """Agreed less than 2 h before the start: at its later end where that is an interval."""
    start, moment = slots["start"].to_numpy(), slots["agreed"].to_numpy()
    latest = start - int(policy.min_agreed_hours * HOUR)
    known = moment != NONE
    set_lo = slots["set_lo"].to_numpy()
    late: Flags = np.where(known, moment > latest, (set_lo != NONE) & (set_lo > latest))
    return late
