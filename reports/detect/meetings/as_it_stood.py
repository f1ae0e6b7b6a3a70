"""What was an entry before the change that ended it: free, private, how long, with how many guests?

rules.md section 3, Slot: what became of an entry afterwards says nothing about the meeting that it was.
Outlook shows what is called off as free; we block the hour anew, or make it private, when nobody comes.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from reports.columns.instants import NONE
from reports.detect.meetings.copies import Gathered
from reports.detect.meetings.events import GONE, HIDDEN

_FLAGS: Final = ("all_day", "free", "private", "on_site", "complete")
_FACTS: Final = (*_FLAGS, "outsiders", "length", "at")


def as_it_stood(gathered: Gathered, slots: pd.DataFrame) -> pd.DataFrame:
    """The facts of each slot's entry, aligned with `slots`: all_day, free, private, on_site, complete (the
    guest list is known), outsiders (persons outside), and end [us, NONE where unknown].

    As the leading copy showed them last before the act that ended the slot, else by its start; as they
    were first seen where nothing was seen before.
    """
    states = _states(gathered)
    first = states.drop_duplicates("code").set_index("code")
    code = slots["code"].to_numpy()
    known = first.reindex(code)
    found = known[list(_FACTS)].set_axis(slots.index)
    odd = states["code"].map(_differs(states, first)).to_numpy(dtype=bool)
    changing = slots["code"].isin(states.loc[odd, "code"]).to_numpy(dtype=bool)
    if changing.any():
        mine = slots.loc[changing]
        moment = mine["act_hi"].where(mine["act_hi"] != NONE, mine["start"] + 1)
        left = pd.DataFrame({"code": mine["code"], "moment": moment}).reset_index(names="slot")
        right = states.reset_index(drop=True).reset_index(names="place")
        pairs = pd.merge_asof(
            left.sort_values("moment"),
            right[["code", "hi", "place"]].sort_values("hi"),
            left_on="moment",
            right_on="hi",
            by="code",
            allow_exact_matches=False,
        ).dropna(subset="place")
        stood = right.loc[pairs["place"].astype("int64"), list(_FACTS)]
        found.loc[pairs["slot"]] = stood.set_axis(pairs["slot"])
    same = (found["at"] == slots["start"]) & (found["length"] > 0)
    end = slots["end"].where(~same, slots["start"] + found["length"].fillna(0).astype("int64"))
    return found[[*_FLAGS, "outsiders"]].assign(end=end.astype("int64"))


def _states(gathered: Gathered) -> pd.DataFrame:
    """What the leading copies showed in detail, before they went where anything was seen before."""
    looks, meetings = gathered.looks, gathered.meetings
    shown = looks.loc[looks["leads"] & ~looks["stub"] & (looks["status"] != HIDDEN)]
    alive = shown.loc[~shown["status"].isin(GONE)]
    states = pd.concat([alive, shown.loc[~shown["code"].isin(alive["code"])]])
    states = states.sort_values(["code", "hi", "observation_id"], ignore_index=True)
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
    """The persons outside in each look, the organiser among them."""
    answers = gathered.answers
    theirs = answers.loc[answers["leads"] & ~answers["own"], ["observation_id", "code", "who"]]
    host = gathered.meetings["organiser"].reindex(theirs["code"]).to_numpy(dtype=object)
    guests = (
        theirs.loc[theirs["who"].to_numpy(dtype=object) != host].groupby("observation_id").size()
    )
    number: np.ndarray = states["observation_id"].map(guests).fillna(0).to_numpy(dtype="int64")
    total: np.ndarray = number + (organiser != "").astype("int64")
    return total


def _differs(states: pd.DataFrame, first: pd.DataFrame) -> pd.Series:
    """Whether any look of a meeting shows other facts than its first; index code."""
    facts = [name for name in _FACTS if name != "at"]
    before = first[facts].reindex(states["code"]).to_numpy()
    other = (states[facts].to_numpy() != before).any(axis=1)
    return pd.Series(other).groupby(states["code"].to_numpy()).any()
