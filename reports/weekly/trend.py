"""How did the last twelve weeks go, week by week, and how the twelve before?

One unit is one slot of one meeting, however many outsiders it had; it is late if any of theirs
was (rules.md sections 3, 4 and 10).
"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from reports.columns.instants import micro, micros
from reports.columns.rows import moment
from reports.vocabulary import Origin, Outcome
from reports.weekly.reader_view import ReaderView
from reports.weekly.report import Twelve, Week

WEEKS = 12


def twelve_weeks(book: ReaderView, first: pd.Timestamp, end: pd.Timestamp) -> Twelve | None:
    """Twelve bars that end with the week from `first` to `end`; None while coverage is too short for rates.

    A week is seven local days. `before` is None unless the calendar of every mailbox was covered
    for all of the twelve weeks before. Hours are booked hours lost, travel added where set [h].
    """
    weeks = [one.calendar_weeks for one in book.coverage]
    if not weeks or min(weeks) < book.policy.coverage_weeks:
        return None
    mondays = _mondays(first, book.zone, 2 * WEEKS)
    slots = _by_slot(book.slots)
    edges = [*mondays, end]
    bars = _bars(slots, edges[WEEKS:])
    recent = slots.loc[(slots["start_at"] >= mondays[WEEKS]) & (slots["start_at"] < end)]
    before = slots.loc[(slots["start_at"] >= mondays[0]) & (slots["start_at"] < mondays[WEEKS])]
    began = [moment(one.calendar_from) for one in book.coverage]
    since = max((one for one in began if one is not None), default=None)
    reaches = since is not None and all(one is not None for one in began) and since <= mondays[0]
    return Twelve(
        weeks=tuple(bars),
        late=int(recent["in_k"].sum()),
        n=int(recent["in_n"].sum()),
        before=(int(before["in_k"].sum()), int(before["in_n"].sum())) if reaches else None,
        hours=float(recent["lost_hours"].sum()),
        since=since if since is not None and since > mondays[WEEKS] else None,
        travel=book.policy.travel_minutes > 0,
    )


def _mondays(first: pd.Timestamp, zone: str, back: int) -> list[pd.Timestamp]:
    """The local midnights of `back` Mondays up to `first`, oldest first, in UTC."""
    local = first.tz_convert(ZoneInfo(zone)).to_pydatetime()
    found = []
    for weeks in range(back - 1, -1, -1):
        naive = (local - timedelta(weeks=weeks)).replace(tzinfo=None)
        found.append(pd.Timestamp(naive.replace(tzinfo=ZoneInfo(zone))).tz_convert("UTC"))
    return found


def _by_slot(slots: pd.DataFrame) -> pd.DataFrame:
    """One row a meeting and slot, with flags joined over its outside guests.

    Hours lost are shared among them already, so that a sum counts each hour once.
    """
    frame = slots.loc[slots["eligible"]]
    ours = (frame["outcome"] == Outcome.AGREED) & (frame["origin"] == Origin.US)
    frame = frame.assign(
        _ours=ours,
        _absent=frame["in_k"] & (frame["outcome"] == Outcome.ABSENT),
        lost_hours=frame["lost_hours"].fillna(0.0),
    )
    grouped = frame.groupby(["meeting_key", "number"], sort=True)
    return grouped.agg(
        start_at=("start_at", "min"),
        in_n=("in_n", "any"),
        in_k=("in_k", "any"),
        absent=("_absent", "any"),
        ours=("_ours", "any"),
        unknown=("unknown", "any"),
        lost_hours=("lost_hours", "sum"),
    ).reset_index()


def _bars(slots: pd.DataFrame, edges: list[pd.Timestamp]) -> list[Week]:
    """A week from each edge to the one after it, what begins at an edge after it."""
    sides = np.array([micro(edge) for edge in edges])
    week = np.searchsorted(sides, micros(slots["start_at"]), side="right") - 1
    late, counted, absent, ours, unknown = (
        slots[name].to_numpy() for name in ("in_k", "in_n", "absent", "ours", "unknown")
    )
    kinds = {
        "kept": counted & ~late,
        "late": late & ~absent,
        "absent": late & absent,
        "ours": ours & ~counted,
        "unknown": unknown & ~counted & ~ours,
    }
    within = (week >= 0) & (week < len(edges) - 1)
    counts = {
        name: np.bincount(week[of & within], minlength=len(edges) - 1) for name, of in kinds.items()
    }
    return [
        Week(monday=monday, **{name: int(of[place]) for name, of in counts.items()})
        for place, monday in enumerate(edges[:-1])
    ]
