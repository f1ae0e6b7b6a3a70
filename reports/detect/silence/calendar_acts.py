"""What did people outside do with their own hands in our calendars?

Human acts (rules.md section 1) that meetings themselves show: answers, proposals, invitations,
moves and cancellations. Each at the upper end of its interval: a later act ends more silences and
accuses nobody. But an answer or a cancellation is dated no later than the start that it concerned,
and what a mail or a log dates is not dated anew by the snapshot that shows it. Whose machine answered is marked, for reports.detect.silence.human_acts to leave out; so is a mail
that tells of a move in the organiser's name, where any guest may have made it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from reports.columns import tables
from reports.columns.instants import NONE, Flags, Ints, whole_instants
from reports.columns.text import distinct
from reports.detect.meetings.copies import Gathered
from reports.detect.meetings.events import AGAIN

COLUMNS: Final = ("contact", "at", "kind", "meeting_key", "via", "machine", "mailbox_id")
_ANSWERS: Final = ("accepted", "declined", "tentative")
#: The dated act behind each answer that a snapshot shows.
_SAID: Final = {"accepted": "accept", "declined": "decline", "tentative": "tentative"}
_KINDS: Final = {
    "accept": "answer",
    "decline": "answer",
    "tentative": "answer",
    "counter": "proposal",
    "cancel": "cancel",
    "move": "move",
}


def find_acts(
    gathered: Gathered, dated: pd.DataFrame, slots: pd.DataFrame, as_of: int
) -> pd.DataFrame:
    """Calendar acts of outsiders until a moment [us]: COLUMNS, one row an act, ordered.

    dated: acts of messages and audit logs, those on whole series already spread. slots: raw slots
    (slots.history); what was accepted and passed is an act at its end, of whatever size and kind.
    """
    meetings = gathered.meetings
    gathered = replace(gathered, snapshots=_with_start_concerned(gathered))
    parts = [
        _answers(gathered, dated),
        _proposals(gathered),
        _invitations(meetings),
        _changes(gathered, dated),
        _dated(dated, gathered),
        _kept(slots),
    ]
    table = pd.concat(parts, ignore_index=True)
    table = tables.kept(
        table, (table["who"] != "") & (table["at"] != NONE) & (table["at"] <= as_of)
    )
    who, kind = (distinct(table[label]).ranks() for label in ("who", "kind"))
    keys = [table["code"].to_numpy(), kind, table["at"].to_numpy(), who]
    order = np.lexsort(keys)
    # In order equal acts stand beside each other.
    new = np.ones(len(order), dtype=bool)
    new[1:] = np.any([one[order[1:]] != one[order[:-1]] for one in keys], axis=0)
    table = table.take(order[new])
    codes = table["code"].to_numpy(dtype="int64")
    return pd.DataFrame(
        {
            "contact": table["who"].array,
            "at": whole_instants(table["at"].to_numpy(dtype="int64")),
            "kind": table["kind"].array,
            "meeting_key": meetings["meeting_key"].array.take(codes),
            "via": table["via"].array,
            "machine": table["machine"].to_numpy(dtype=bool),
            "mailbox_id": meetings["mailbox_id"].to_numpy(dtype="int64")[codes],
        }
    )


def _with_start_concerned(gathered: Gathered) -> pd.DataFrame:
    """The snapshots with `concerned` [us]: the start that stood before each; NONE where unknown."""
    snapshots = gathered.snapshots
    start = snapshots["start"].where(snapshots["start"] != NONE)
    by = [snapshots["code"], snapshots["leads"]]
    # A snapshot that shows no start (a cancelled stub) concerns the one that was seen before it.
    known = start.groupby(by).ffill()
    first = pd.Series(gathered.meetings["start"].to_numpy()).reindex(snapshots["code"]).to_numpy()
    concerned = known.fillna(pd.Series(first, index=snapshots.index)).fillna(NONE)
    return snapshots.assign(concerned=concerned.astype("int64"))


def _rows(table: pd.DataFrame, at: pd.Series | np.ndarray, kind: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "code": table["code"].to_numpy(dtype="int64"),
            "who": pd.array(table["who"].array, dtype="str"),
            "at": np.asarray(at, dtype="int64"),
            "kind": kind,
            "via": "",
            "machine": table["machine"].to_numpy(dtype=bool)
            if "machine" in table
            else np.zeros(len(table), dtype=bool),
        }
    )


def _answers(gathered: Gathered, dated: pd.DataFrame) -> pd.DataFrame:
    """Answers that a snapshot shows for the first time."""
    table = gathered.answers
    table = tables.kept(table, table["leads"] & ~table["own"])
    table = tables.ordered(table, ["code", "who", "hi", "observation_id"])
    fresh = np.zeros(len(table), dtype=bool)
    fresh[:1] = True
    for one in (
        table["code"].to_numpy(),
        distinct(table["who"]).codes,
        distinct(table["response"]).codes,
        table["responded"].to_numpy(),
    ):
        fresh[1:] |= one[1:] != one[:-1]
    organiser = gathered.meetings["organiser"].array.take(table["code"].to_numpy())
    fresh &= table["response"].isin(_ANSWERS).to_numpy() & (table["who"] != organiser).to_numpy()
    table = tables.kept(table, fresh)
    snapshots = tables.kept(
        gathered.snapshots, gathered.snapshots["leads"], ["observation_id", "lo", "concerned"]
    )
    table = tables.joined(table, tables.once(snapshots, "observation_id"), "observation_id", "left")
    responded = table["responded"].to_numpy()
    exact = (responded != NONE) & (responded <= table["hi"].to_numpy())
    at = np.where(exact, responded, _by_the_start(table, gathered.meetings))
    told = ~exact & _told_of(table, table["response"].map(_SAID), dated)
    return _rows(tables.kept(table, ~told), at[~told], "answer")


def _by_the_start(snapshots: pd.DataFrame, meetings: pd.DataFrame) -> Ints:
    """The end of each snapshot's interval, but no later than the start that it concerned [us].

    Unless the snapshot before it was made after that start: then it was surely done after it. An entry
    that was only made after its start was answered after that.
    """
    hi, lo, start = (snapshots[label].to_numpy() for label in ("hi", "lo", "concerned"))
    created = meetings["created"].to_numpy()[snapshots["code"].to_numpy(dtype="int64")]
    old = (start != NONE) & (hi > start) & ((lo == NONE) | (lo < start))
    return np.where(old, np.minimum(hi, np.maximum(start, created)), hi)


def _told_of(
    snapshots: pd.DataFrame, kind: pd.Series, dated: pd.DataFrame, *, start: bool = False
) -> Flags:
    """Which of these acts does a mail or a log date within the snapshot's interval? `start`: and name
    the start that the snapshot shows.
    """
    named = ["start"] if start else []
    acts = tables.kept(dated, (dated["code"] >= 0) & ~dated["own"] & ~dated["machine"])
    acts = tables.narrow(acts, ["code", "who", "kind", "at", *named])
    acts = acts.rename(columns={"at": "told_at"})
    rows = pd.DataFrame(
        {label: snapshots[label].to_numpy() for label in ("code", "who", "lo", "hi", *named)}
    ).assign(kind=kind.to_numpy(), place=np.arange(len(snapshots)))
    both = tables.joined(rows, acts, ["code", "who", "kind", *named])
    within = (both["told_at"] > both["lo"]) & (both["told_at"] <= both["hi"])
    found = np.zeros(len(snapshots), dtype=bool)
    found[both.loc[within, "place"].to_numpy()] = True
    return found


def _proposals(gathered: Gathered) -> pd.DataFrame:
    table = gathered.answers
    table = tables.kept(table, table["leads"] & ~table["own"] & (table["proposed"] != NONE))
    table = tables.once(
        tables.ordered(table, ["hi", "observation_id"]), ["code", "who", "proposed"]
    )
    responded = table["responded"].to_numpy()
    hi = table["hi"].to_numpy()
    return _rows(
        table, np.where((responded != NONE) & (responded <= hi), responded, hi), "proposal"
    )


def _invitations(meetings: pd.DataFrame) -> pd.DataFrame:
    table = tables.kept(meetings, meetings["organiser"] != "")
    made = np.where(table["created"] != NONE, table["created"], table["first_seen"])
    start = table["start"].to_numpy()
    made = np.where((start != NONE) & (table["created"] == NONE) & (made > start), start, made)
    return _rows(
        pd.DataFrame({"code": table.index.to_numpy(), "who": table["organiser"].to_numpy()}),
        made,
        "invitation",
    )


def _changes(gathered: Gathered, dated: pd.DataFrame) -> pd.DataFrame:
    """Moves of the start of their own meetings, and cancellations that are their own word."""
    meetings = gathered.meetings
    snapshots = tables.kept(gathered.snapshots, gathered.snapshots["leads"])
    codes = snapshots["code"].to_numpy()
    organiser = meetings["organiser"].to_numpy(dtype=object)[codes]
    snapshots = snapshots.assign(who=organiser, marks=meetings["marks_itself"].to_numpy()[codes])
    snapshots = tables.kept(snapshots, snapshots["who"] != "")
    timed = tables.kept(snapshots, snapshots["start"] != NONE)
    again = timed["code"] == timed["code"].shift()
    open_ = timed["guests_can_modify"].astype("int64")
    # where any guest may have moved it, it is nobody's act that we know of
    known = (open_ + open_.shift(fill_value=0)) == 0
    moved = tables.kept(timed, again & known & (timed["start"] != timed["start"].shift()))
    # the look may show another move than the one that a mail told
    moved = tables.kept(
        moved, ~_told_of(moved, pd.Series("move", index=moved.index), dated, start=True)
    )
    ended = tables.once(
        tables.kept(snapshots, snapshots["marks"] & (snapshots["status"] == "cancelled")), "code"
    )
    ended = tables.kept(ended, ~_told_of(ended, pd.Series("cancel", index=ended.index), dated))
    called_off = _rows(ended, _by_the_start(ended, meetings), "cancel")
    return pd.concat([_rows(moved, moved["hi"], "move"), called_off])


def _dated(dated: pd.DataFrame, gathered: Gathered) -> pd.DataFrame:
    table = tables.kept(dated, (dated["code"] >= 0) & ~dated["own"] & (dated["kind"] != AGAIN))
    free = gathered.snapshots.loc[gathered.snapshots["guests_can_modify"], "code"].unique()
    unsure = (table["kind"] == "move") & ~table["logged"] & table["code"].isin(free)
    table = table.assign(machine=table["machine"] | unsure)
    rows = _rows(table, table["at"], "")
    kind = table["kind"].map(_KINDS).fillna("answer").to_numpy(dtype=object)
    via = table["via"].to_numpy(dtype=object)
    return rows.assign(kind=pd.array(kind, dtype="str"), via=pd.array(via, dtype="str"))


def _kept(slots: pd.DataFrame) -> pd.DataFrame:
    table = tables.kept(slots, slots["came"]).rename(columns={"contact": "who"})
    end = table["end"].where(table["end"] != NONE, table["start"])
    return _rows(table, end, "kept")
