"""What do records of online meetings say: were they there, did they send someone, or neither?

rules.md M7. A record that names them proves that they came. A record accuses only if it is whole:
one of ours whose calendar we hold waited at least 10 minutes, everybody in it is identified as a
person of ours or as a named guest of another organisation, all of ours in it had exactly one
meeting in that slot, it was held online alone, they had accepted this very start, and no absence of
theirs was open. Meet hardly ever names outsiders (facts/google.md section 3): expect `attended` or
nothing from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from config.ours import Ours
from reports.columns.addresses import ours_mask, renamed
from reports.columns.instants import HOUR, MINUTE, NONE, SECOND, Flags, micros
from reports.detect.meetings.copies import Gathered
from reports.detect.meetings.events import GONE

#: Somebody may join early or stay long; who waited in a session further away waited for another.
_BESIDE: Final = 30 * MINUTE
#: "Let us start an hour later": until then a session of the same meeting may still be this slot's.
_SAME_DAY: Final = 12 * HOUR


def verdicts(
    slots: pd.DataFrame,
    attendance: pd.DataFrame,
    mailboxes: pd.DataFrame,
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
    attendance, mailboxes: by the frames' schemas.
    """
    nothing = pd.DataFrame(
        {name: np.zeros(len(slots), dtype=bool) for name in ("attended", "sent", "excluded")},
        index=slots.index,
    )
    rows = _rows(slots, attendance, merge)
    if not len(rows):
        return nothing
    own = rows["contact"].map(lambda one: organisations.get(one, "")).to_numpy(dtype=object)
    theirs = rows["who"].map(lambda one: organisations.get(one, "")).to_numpy(dtype=object)
    boxes = dict(zip(mailboxes["address"], mailboxes["mailbox_id"], strict=True))
    rows["box"] = rows["who"].map(lambda one: boxes.get(ours.mailboxes.get(one, one), -1))
    is_ours = ours_mask(rows["who"].to_numpy(dtype=object), ours)
    here = pd.MultiIndex.from_frame(rows[["code", "who"]])
    listed = gathered.answers.loc[gathered.answers["code"].isin(rows["code"])]
    # a device of ours may hold anybody: only a mailbox or an invited person is one of us
    colleague = is_ours & ((rows["box"] >= 0) | here.isin(_persons(listed, own=True)))
    rows["attended"] = rows["near"] & (rows["who"] == rows["contact"])
    rows["sent"] = (
        rows["near"] & (rows["who"] != rows["contact"]) & ~is_ours & (own != "") & (own == theirs)
    )
    # without an organisation on both sides it may be the same person under another address
    other = here.isin(_persons(listed, own=False)) & (own != theirs) & (theirs != "")
    rows["known"] = (colleague | other) & (rows["identity"] != "phone")
    long = rows["seconds"] >= present_minutes * 60
    rows["waited"] = rows["beside"] & is_ours & (rows["box"] >= 0) & long
    by_slot = rows.groupby("slot")
    found = pd.DataFrame(
        {
            "attended": by_slot["attended"].any(),
            "sent": by_slot["sent"].any(),
            "excluded": by_slot["known"].all() & by_slot["waited"].any(),
        }
    ).reindex(slots.index, fill_value=False)
    in_a_room = gathered.meetings["on_site"].to_numpy(dtype=bool)[slots["code"].to_numpy()]
    possible = found["excluded"].to_numpy(dtype=bool) & ~in_a_room
    found["excluded"] = possible
    if possible.any():
        joined = rows.loc[is_ours & (rows["box"] >= 0), ["slot", "box"]]
        found["excluded"] = possible & _only_meeting(slots, gathered, possible, joined)
    return found.astype(bool)


def _persons(listed: pd.DataFrame, *, own: bool) -> pd.MultiIndex:
    """The persons who were ever on the list of a meeting, ours or others: (code, who)."""
    return pd.MultiIndex.from_frame(
        listed.loc[listed["own"] == own, ["code", "who"]].drop_duplicates()
    )


def _rows(slots: pd.DataFrame, attendance: pd.DataFrame, merge: Mapping[str, str]) -> pd.DataFrame:
    """Every participant of every session on the day of a slot: slot, code, contact, who, identity,
    seconds; `beside`: the session lies at the slot; `near`: there, or at no other slot more nearly.
    """
    records = attendance.drop_duplicates(
        ["record_id", "address", "name", "identity", "joined_at", "left_at"]
    )
    began = micros(records["started_at"])
    ended = micros(records["ended_at"])
    left = micros(records["left_at"])
    table = pd.DataFrame(
        {
            "meeting_key": (records["series_uid"] + " " + records["recurrence_id"]).to_numpy(),
            "began": began,
            "over": np.where(
                ended != NONE,
                ended,
                np.where(left != NONE, left, began + records["seconds"].to_numpy() * SECOND),
            ),
            "who": renamed(records["address"], merge),
            "identity": records["identity"].to_numpy(dtype=object),
            "seconds": records["seconds"].to_numpy(),
        }
    )
    columns = ["meeting_key", "code", "contact", "start", "end", "eligible", "why_not"]
    known = slots.loc[slots["meeting_key"].isin(table["meeting_key"]), columns]
    rows = known.assign(slot=known.index).merge(table, on="meeting_key")
    end = rows["end"].where(rows["end"] != NONE, rows["start"])
    away = pd.concat([rows["start"] - rows["over"], rows["began"] - end], axis=1).max(axis=1)
    away = away.clip(lower=0)
    nearest = away.groupby([rows["code"], rows["contact"], rows["began"]]).transform("min")
    rows["beside"] = away < _BESIDE
    rows["near"] = rows["beside"] | (away == nearest)
    wanted = rows["eligible"] | (rows["why_not"] == "not-accepted")
    chosen: pd.DataFrame = rows.loc[wanted & (away < _SAME_DAY)].reset_index(drop=True)
    return chosen


def _only_meeting(
    slots: pd.DataFrame, gathered: Gathered, possible: Flags, joined: pd.DataFrame
) -> Flags:
    """Had the slot's mailbox exactly one meeting then, and all of ours in the record (`joined`: slot,
    box) no other one? (A second one may be where we really were.)
    """
    looks = gathered.looks
    last = looks.loc[(looks["start"] != NONE) & ~looks["all_day"]]
    last = last.drop_duplicates("meeting_id", keep="last")
    last = last.loc[~last["status"].isin(GONE)]
    result = np.zeros(len(slots), dtype=bool)
    columns = ["start", "end", "code"]
    by_mailbox = {
        box: tuple(rows[label].to_numpy() for label in columns)
        for box, rows in last.groupby("mailbox_id")
    }
    boxes = joined.groupby("slot")["box"].agg(set)

    def then(box: int, start: int, end: int) -> set[int]:
        starts, ends, codes = by_mailbox.get(box, (np.empty(0, "int64"),) * 3)
        return set(codes[(starts < end) & (ends > start)].tolist())

    mine = slots.loc[possible, ["mailbox_id", *columns]].to_numpy(dtype="int64")
    places = np.flatnonzero(possible)
    chosen = zip(places.tolist(), slots.index[places], mine.tolist(), strict=True)
    for at, slot, (box, start, end, code) in chosen:
        others = boxes.get(slot, set()) - {box}
        result[at] = then(box, start, end) == {code} and all(
            then(one, start, end) <= {code} for one in others
        )
    return result
