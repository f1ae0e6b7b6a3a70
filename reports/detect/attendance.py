"""What do records of online meetings say: were they there, did they send someone, or neither?

rules.md M7. A record that names them proves that they came. A record accuses only if it is whole:
one of ours waited at least 10 minutes, everybody in it is identified as ours or as a named guest of
another organisation, we had exactly one meeting in that slot, they had accepted this very start,
and no absence of theirs was open. Meet hardly ever names outsiders (facts/google.md section 3):
expect `attended` or nothing from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from config.ours import Ours
from reports.detect.meetings import GONE, Gathered
from reports.detect.moments import MINUTE, NONE, SECOND, Flags, Ints, micros
from reports.detect.sides import ours_mask, renamed

#: Somebody may join early or stay long; a session further away belongs to another slot.
_BESIDE: Final = 30 * MINUTE


def verdicts(
    slots: pd.DataFrame,
    attendance: pd.DataFrame,
    gathered: Gathered,
    ours: Ours,
    *,
    organisations: Mapping[str, str],
    merge: Mapping[str, str],
    present_minutes: int,
) -> pd.DataFrame:
    """What the records say of each slot: a frame aligned with `slots`.

    `attended`: a record names them. `sent`: somebody else of their organisation came. `excluded`:
    the records of the slot together show that they were not there; acceptance and absence are for
    the caller to look at. All are False where records settle nothing or there are none.
    """
    nothing = pd.DataFrame(
        {name: np.zeros(len(slots), dtype=bool) for name in ("attended", "sent", "excluded")},
        index=slots.index,
    )
    rows = _rows(slots, attendance, ours, merge)
    if not len(rows):
        return nothing
    own = rows["contact"].map(lambda one: organisations.get(one, "")).to_numpy(dtype=object)
    theirs = rows["who"].map(lambda one: organisations.get(one, "")).to_numpy(dtype=object)
    named = pd.MultiIndex.from_frame(
        gathered.answers.loc[~gathered.answers["own"], ["code", "who"]].drop_duplicates()
    )
    guest = pd.MultiIndex.from_frame(rows[["code", "who"]]).isin(named)
    rows["attended"] = rows["who"] == rows["contact"]
    rows["sent"] = ~rows["attended"] & ~rows["ours"] & (own != "") & (own == theirs)
    # without an organisation on both sides it may be the same person under another address
    other = guest & (own != theirs) & (theirs != "")
    rows["known"] = rows["ours"] | other
    rows["waited"] = rows["ours"] & (rows["seconds"] >= present_minutes * 60)
    by_slot = rows.groupby("slot")
    found = pd.DataFrame(
        {
            "attended": by_slot["attended"].any(),
            "sent": by_slot["sent"].any(),
            "excluded": by_slot["known"].all() & by_slot["waited"].any(),
        }
    ).reindex(slots.index, fill_value=False)
    possible = found["excluded"].to_numpy(dtype=bool)
    if possible.any():
        found["excluded"] = possible & _only_meeting(slots, gathered, possible)
    return found.astype(bool)


def _rows(
    slots: pd.DataFrame, attendance: pd.DataFrame, ours: Ours, merge: Mapping[str, str]
) -> pd.DataFrame:
    """Every participant of every session beside a slot: slot, code, contact, who, ours, seconds."""
    records = attendance.drop_duplicates(
        ["record_id", "address", "name", "identity", "joined_at", "left_at"]
    )
    began = micros(records["started_at"])
    ended = micros(records["ended_at"])
    left = micros(records["left_at"])
    who = renamed(records["address"], merge)
    table = pd.DataFrame(
        {
            "meeting_key": (records["series_uid"] + " " + records["recurrence_id"]).to_numpy(),
            "began": began,
            "over": np.where(
                ended != NONE,
                ended,
                np.where(left != NONE, left, began + records["seconds"].to_numpy() * SECOND),
            ),
            "who": who,
            "ours": ours_mask(who, ours),
            "seconds": records["seconds"].to_numpy(),
        }
    )
    wanted = slots.loc[
        slots["eligible"] | (slots["why_not"] == "not-accepted"),
        ["meeting_key", "code", "contact", "start", "end"],
    ]
    rows = wanted.assign(slot=wanted.index).merge(table, on="meeting_key")
    beside = (rows["began"] < rows["end"] + _BESIDE) & (rows["over"] > rows["start"] - _BESIDE)
    return rows.loc[beside].reset_index(drop=True)


def _only_meeting(slots: pd.DataFrame, gathered: Gathered, possible: Flags) -> Flags:
    """Had the slot's mailbox exactly one meeting then? (A second one may be where we really were.)"""
    looks = gathered.looks
    last = looks.loc[(looks["start"] != NONE) & ~looks["all_day"]]
    last = last.drop_duplicates("meeting_id", keep="last")
    last = last.loc[~last["status"].isin(GONE)]
    result = np.zeros(len(slots), dtype=bool)
    by_mailbox: dict[Any, pd.DataFrame] = dict(iter(last.groupby("mailbox_id")))
    for at in np.flatnonzero(possible):
        row = slots.iloc[at]
        rows = by_mailbox.get(int(row["mailbox_id"]))
        if rows is None:
            continue
        start: Ints = rows["start"].to_numpy()
        end: Ints = rows["end"].to_numpy()
        overlaps = (start < row["end"]) & (end > row["start"])
        codes = set(rows["code"].to_numpy()[overlaps].tolist())
        result[at] = codes == {int(row["code"])}
    return result
