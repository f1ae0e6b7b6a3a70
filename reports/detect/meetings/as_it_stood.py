"""What was an entry before the change that ended it: free, private, how long, with how many guests?

rules.md section 3, Slot: what became of an entry afterwards says nothing about the meeting that it was.
Outlook shows what is called off as free; we block the hour anew, or make it private, when nobody comes.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from reports.columns import tables
from reports.columns.instants import NONE, Ints
from reports.detect.meetings.copies import Gathered
from reports.detect.meetings.events import GONE, HIDDEN

_FLAGS: Final = ("all_day", "free", "private", "on_site", "complete")


def as_it_stood(gathered: Gathered, slots: pd.DataFrame) -> pd.DataFrame:
    """The facts of each slot's entry, aligned with `slots`: all_day, free, private, on_site, complete (the
    guest list is known), outsiders (persons outside), and end [us, NONE where unknown].

    As the leading copy showed them last before the act that ended the slot, else by its start; as they
    were first seen where nothing was seen before.
    """
    states = _states(gathered)
    place = _places(states, slots)
    seen = place >= 0
    at = np.where(seen, place, 0)

    def of(name: str, otherwise: Any) -> Any:
        values = states[name].to_numpy()
        return np.where(seen, values[at], otherwise) if len(values) else np.full(len(at), otherwise)

    start, end = slots["start"].to_numpy(), slots["end"].to_numpy()
    length = of("length", NONE)
    same = (of("at", NONE) == start) & (length > 0)
    facts = {name: of(name, False).astype(bool) for name in _FLAGS}
    facts["outsiders"] = of("outsiders", 0)
    facts["end"] = np.where(same, start + np.where(same, length, 0), end)
    return pd.DataFrame(facts, index=slots.index)


def _places(states: pd.DataFrame, slots: pd.DataFrame) -> Ints:
    """For each slot the position in `states` of what its entry was; -1 where it was never shown."""
    code = states["code"].to_numpy()
    new = np.append(True, code[1:] != code[:-1])[: len(code)]
    first = np.flatnonzero(new)
    index = pd.Index(code[first])
    known = index.get_indexer(slots["code"])
    place = np.where(known >= 0, first[known] if len(first) else -1, -1)
    begin = first[np.cumsum(new) - 1] if len(first) else first
    odd = np.zeros(len(states), dtype=bool)
    for name in (*_FLAGS, "outsiders", "length"):
        values = states[name].to_numpy()
        odd |= values != values[begin]
    changing = slots["code"].isin(code[odd]).to_numpy(dtype=bool)
    if changing.any():
        mine = tables.kept(slots, changing)
        moment = mine["act_hi"].where(mine["act_hi"] != NONE, mine["start"] + 1)
        left = pd.DataFrame(
            {
                "code": mine["code"].to_numpy(),
                "moment": moment.to_numpy(),
                "slot": np.flatnonzero(changing),
            }
        )
        right = tables.narrow(states, ["code", "hi"]).assign(place=np.arange(len(states)))
        pairs = pd.merge_asof(
            tables.ordered(left, "moment"),
            tables.ordered(right, "hi"),
            left_on="moment",
            right_on="hi",
            by="code",
            allow_exact_matches=False,
        ).dropna(subset="place")
        place[pairs["slot"].to_numpy()] = pairs["place"].to_numpy().astype("int64")
    found: Ints = place.astype("int64")
    return found


def _states(gathered: Gathered) -> pd.DataFrame:
    """What the leading copies showed in detail, before they went where anything was seen before."""
    snapshots, meetings = gathered.snapshots, gathered.meetings
    shown = tables.kept(
        snapshots, snapshots["leads"] & ~snapshots["stub"] & (snapshots["status"] != HIDDEN)
    )
    alive = tables.kept(shown, ~shown["status"].isin(GONE))
    states = pd.concat([alive, tables.kept(shown, ~shown["code"].isin(alive["code"]))])
    states = tables.ordered(states, ["code", "hi", "observation_id"], ignore_index=True)
    code = states["code"].to_numpy(dtype="int64")
    organiser = meetings["organiser"].reindex(code).to_numpy(dtype=object)
    timed = (states["start"] != NONE) & (states["end"] != NONE)
    return pd.DataFrame(
        {
            "code": code,
            "hi": states["hi"],
            **{name: states[name] for name in ("all_day", "free", "private", "on_site")},
            "complete": states["guests_complete"]
            & ~meetings["crowded"].reindex(code).to_numpy(dtype=bool),
            "outsiders": _outsiders(gathered, states, organiser),
            "length": (states["end"] - states["start"].where(timed, 0)).where(timed, NONE),
            "at": states["start"],
        }
    )


def _outsiders(gathered: Gathered, states: pd.DataFrame, organiser: np.ndarray) -> np.ndarray:
    """The persons outside in each snapshot, the organiser among them."""
    answers = gathered.answers
    theirs = tables.kept(
        answers, answers["leads"] & ~answers["own"], ["observation_id", "code", "who"]
    )
    host = gathered.meetings["organiser"].reindex(theirs["code"]).to_numpy(dtype=object)
    guests = (
        tables.kept(theirs, theirs["who"].to_numpy(dtype=object) != host)
        .groupby("observation_id")
        .size()
    )
    number: np.ndarray = states["observation_id"].map(guests).fillna(0).to_numpy(dtype="int64")
    total: np.ndarray = number + (organiser != "").astype("int64")
    return total
