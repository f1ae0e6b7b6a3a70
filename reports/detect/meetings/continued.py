"""Which entries are one meeting that went on under another id?

A series that is cut, moved as a whole or made of a single entry gets new ids, and so do its
occurrences: the old entries go and new ones stand in their place. For the people in it nothing has
changed where the hour is the same (rules.md section 3, Slot). So an entry that went and one that
came in its place (same calendar of ours, same start, same persons, there when the first was last
missed) are one copy: what the first was seen to be is the second's own past.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from connectors.model.frames import Frames
from reports.columns.instants import HOUR, NONE, micros
from reports.detect.meetings.events import GONE

#: The listing that misses an old entry may come this much after the poll that showed the new one.
_LISTED_WITHIN: Final = 48 * HOUR
#: More ids than this for one meeting are no cuts of a series.
_MOST_LINKS: Final = 64


def joined(
    copies: pd.DataFrame, observations: pd.DataFrame, frames: Frames
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The copies without those that went on under another id, whose past the later ones bear.

    copies, observations: by the schemas MEETINGS and OBSERVATIONS, in order. The end of an entry
    that went on is left out, and the first sight of the one that goes on is no beginning.
    """
    snapshots = observations.loc[observations["evidence"] == "snapshot"]
    last = snapshots.drop_duplicates("meeting_id", keep="last").set_index("meeting_id")
    went = last.loc[last["status"].isin(GONE)]
    if not len(went):
        return copies, observations
    links = _links(candidates(copies, snapshots, frames))
    if not links:
        return copies, observations
    heirs = _heirs(links)
    return _without(copies, heirs), _retold(observations, went, heirs)


def candidates(copies: pd.DataFrame, snapshots: pd.DataFrame, frames: Frames) -> pd.DataFrame:
    """Pairs of a copy that went and one that may go on in its place: old, new, came [us].

    copies: by MEETINGS; snapshots: by OBSERVATIONS, in order. Of several each is one link at most.
    """
    last = snapshots.drop_duplicates("meeting_id", keep="last").set_index("meeting_id")
    went = last.loc[last["status"].isin(GONE)]
    shown = snapshots.loc[~snapshots["stub"] & ~snapshots["status"].isin(GONE)]
    ends = shown.drop_duplicates("meeting_id", keep="last").set_index("meeting_id")
    begins = shown.drop_duplicates("meeting_id").set_index("meeting_id")
    facts = copies.set_index("meeting_id")
    old = went.index.intersection(ends.index).intersection(facts.index)
    new = begins.index.intersection(facts.index)
    begins = begins.loc[new]
    before = pd.DataFrame(
        {
            "old": old,
            "start": micros(ends.loc[old, "start_at"]),
            "alive": micros(ends.loc[old, "seen_at"]),
            "after": micros(went.loc[old, "seen_after"]),
            "gone": micros(went.loc[old, "seen_at"]),
            "seen_as": ends.loc[old, "observation_id"].to_numpy(),
            "place": _place(facts.loc[old]),
        }
    )
    later = pd.DataFrame(
        {
            "new": new,
            "start": micros(begins["start_at"]),
            "came": micros(begins["seen_at"]),
            "shown_as": begins["observation_id"].to_numpy(),
            "place": _place(facts.loc[new]),
        }
    )
    pairs = before.loc[before["start"] != NONE].merge(later, on=["place", "start"])
    last_there = np.maximum(pairs["alive"], pairs["after"])
    pairs = pairs.loc[
        (pairs["new"] != pairs["old"])
        & (pairs["came"] > last_there)
        & (pairs["came"] <= pairs["gone"] + _LISTED_WITHIN)
    ]
    if not len(pairs):
        return pairs[["old", "new", "came"]]
    who = _persons(frames, pd.concat([pairs["seen_as"], pairs["shown_as"]]).unique())
    then, now = (
        pairs[label].map(who).fillna("").astype("str") for label in ("seen_as", "shown_as")
    )
    found: pd.DataFrame = pairs.loc[(then == now) & (then != ""), ["old", "new", "came"]]
    return found


def _links(pairs: pd.DataFrame) -> dict[int, int]:
    """{copy that went: copy that goes on in its place}, each named once on either side."""
    chosen = pairs.sort_values(["came", "new", "old"])
    # one that had only just come before it went again is the nearer one
    chosen = chosen.drop_duplicates("old").drop_duplicates("new", keep="last")
    return dict(zip(chosen["old"].tolist(), chosen["new"].tolist(), strict=True))


def _place(copies: pd.DataFrame) -> np.ndarray:
    joined_: np.ndarray = (
        copies["mailbox_id"].astype("str") + " " + copies["calendar_id"].astype("str")
    ).to_numpy()
    return joined_


def _persons(frames: Frames, wanted: np.ndarray) -> pd.Series:
    """The guests but the owner of each of these observations, as one text."""
    guests = frames.guests.loc[frames.guests["observation_id"].isin(wanted)]
    guests = guests.loc[~guests["is_self"] & ~guests["resource"]]
    guests = guests.drop_duplicates(["observation_id", "address"]).sort_values("address")
    return guests.groupby("observation_id")["address"].agg(" ".join)


def _heirs(links: dict[int, int]) -> dict[int, int]:
    """{copy that went: the last one of its chain}."""
    found = {}
    for old in links:
        heir, steps = links[old], 0
        while heir in links and steps < _MOST_LINKS:
            heir, steps = links[heir], steps + 1
        found[old] = heir
    return found


def _without(copies: pd.DataFrame, heirs: dict[int, int]) -> pd.DataFrame:
    """The copies that go on, as old as the first of their chain."""
    rows = copies.assign(heir=copies["meeting_id"].map(heirs).fillna(copies["meeting_id"]))
    first = rows.groupby("heir")[["created_at", "first_seen_at"]].min()
    kept = rows.loc[~rows["meeting_id"].isin(list(heirs))].drop(columns="heir")
    return kept.assign(
        created_at=kept["meeting_id"].map(first["created_at"]),
        first_seen_at=kept["meeting_id"].map(first["first_seen_at"]),
    )


def _retold(observations: pd.DataFrame, went: pd.DataFrame, heirs: dict[int, int]) -> pd.DataFrame:
    """The observations under the copy that goes on, without the ends that were none."""
    ends = set(went.loc[went.index.isin(list(heirs)), "observation_id"])
    kept = observations.loc[~observations["observation_id"].isin(ends)]
    kept = kept.assign(
        meeting_id=kept["meeting_id"].map(heirs).fillna(kept["meeting_id"]).astype("int64")
    )
    # A change between the last sight of the old entry and the first of the new one lies between.
    first = ~kept["meeting_id"].duplicated() | (kept["evidence"] != "snapshot")
    before = kept.groupby("meeting_id")["seen_at"].shift()
    unknown = ~first & kept["seen_after"].isna() & kept["meeting_id"].isin(heirs.values())
    return kept.assign(seen_after=kept["seen_after"].where(~unknown, before))
