"""Which entries are one meeting that went on under another id?

A series that is cut, moved as a whole or made of a single entry gets new ids, and so do its
occurrences: the old entries go and new ones stand in their place. For the people in it nothing has
changed where the hour is the same (rules.md section 3, Slot). So an entry that went and one that
stands in its place (same calendar of ours, same start, same organiser or one who took it over, the persons
of the one among those of the other, made before the first was last missed or soon after) are one copy: what the
first was seen to be is the second's own past. Within a series half an hour is the same start: such
a move shifts a meeting and ends none.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from config import organisations
from config.phrasing import Phrases
from connectors.model.frames import Frames
from reports.columns import addresses, tables
from reports.columns.instants import HOUR, MINUTE, NONE, Flags, micros
from reports.detect.meetings.events import GONE
from reports.detect.setting import Setting

#: The listing that misses an old entry may come this much after the poll that showed the new one,
#: and the new one may stand beside the old one for as long.
_WITHIN: Final = 48 * HOUR
#: A move by no more is no change (rules.md section 3, Slot).
_SHIFT: Final = 30 * MINUTE
#: More ids than this for one meeting are no cuts of a series.
_MOST_LINKS: Final = 64
_NEVER: Final = np.iinfo(np.int64).max


def joined(
    setting: Setting, copies: pd.DataFrame, observations: pd.DataFrame, frames: Frames
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The copies without those that went on under another id, whose past the later ones bear.

    copies, observations: by the schemas MEETINGS and OBSERVATIONS, in order. The end of an entry
    that went on is left out, and the first sight of the one that goes on is no beginning. Left out
    too are occurrences that a move of their whole series put into the past.
    """
    snapshots = tables.kept(observations, observations["evidence"] == "snapshot")
    last = tables.once(snapshots, "meeting_id", keep="last").set_index("meeting_id")
    went = tables.kept(last, last["status"].isin(GONE))
    if not len(went):
        return copies, observations
    links, came = _links(candidates(setting, copies, snapshots, frames))
    copies = tables.kept(copies, ~_put_into_the_past(copies, snapshots, went, set(links.values())))
    if not links:
        return copies, observations
    heirs = _heirs(links)
    return _without(copies, heirs), _retold(observations, went, heirs, came)


def candidates(
    setting: Setting, copies: pd.DataFrame, snapshots: pd.DataFrame, frames: Frames
) -> pd.DataFrame:
    """Pairs of a copy that went and one that may go on in its place: old, new, came, apart [us].

    copies: by MEETINGS; snapshots: by OBSERVATIONS, in order. Of several each is one link at most.
    `came`: when the new one was first seen; `apart`: between their starts.
    """
    last = tables.once(snapshots, "meeting_id", keep="last").set_index("meeting_id")
    went = tables.kept(last, last["status"].isin(GONE))
    shown = tables.kept(snapshots, ~snapshots["stub"] & ~snapshots["status"].isin(GONE))
    ends = tables.once(shown, "meeting_id", keep="last").set_index("meeting_id")
    begins = tables.once(shown, "meeting_id").set_index("meeting_id")
    facts = copies.set_index("meeting_id")
    old = went.index.intersection(ends.index).intersection(facts.index)
    new = begins.index.intersection(facts.index)
    begins = begins.loc[new]
    gone = pd.Series(micros(went["seen_at"]), index=went.index)
    before = pd.DataFrame(
        {
            "old": old,
            "start": micros(ends.loc[old, "start_at"]),
            "alive": micros(ends.loc[old, "seen_at"]),
            "after": micros(went.loc[old, "seen_after"]),
            "gone": gone.loc[old].to_numpy(),
            "seen_as": ends.loc[old, "observation_id"].to_numpy(),
            "place": _place(facts.loc[old]),
            "series_uid": facts.loc[old, "series_uid"].to_numpy(),
        }
    )
    first = pd.Series(micros(begins["seen_at"]), index=begins.index)
    before["began"] = first.reindex(old).fillna(NONE).to_numpy(dtype="int64")
    later = pd.DataFrame(
        {
            "new": new,
            "start": micros(begins["start_at"]),
            "came": micros(begins["seen_at"]),
            "went": gone.reindex(new).fillna(_NEVER).to_numpy(),
            "shown_as": begins["observation_id"].to_numpy(),
            "place": _place(facts.loc[new]),
            "series_uid": facts.loc[new, "series_uid"].to_numpy(),
        }
    )
    return _same_people(setting, _same_hour(before, later), snapshots, frames)


def _same_hour(before: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Pairs at one start, and those at starts half an hour apart at most: such a move ends none."""
    before = tables.kept(before, before["start"] != NONE)
    exact = tables.joined(
        before.drop(columns="series_uid"), later.drop(columns="series_uid"), ["place", "start"]
    )
    exact = exact.assign(apart=0)
    slot = later.drop(columns="series_uid").assign(slot=later["start"] // _SHIFT)
    slot = slot.rename(columns={"start": "later"})
    near = tables.joined(
        pd.concat([before.assign(slot=before["start"] // _SHIFT + side) for side in (-1, 0, 1)]),
        slot,
        ["place", "slot"],
    )
    near["apart"] = (near["later"] - near["start"]).abs()
    near = tables.kept(near, near["apart"].between(1, _SHIFT), exact.columns)
    pairs = pd.concat([exact, near], ignore_index=True)
    last_there = np.maximum(pairs["alive"], pairs["after"])
    # Two entries side by side are one meeting only at the very same start.
    since = last_there - np.where(pairs["apart"] == 0, _WITHIN, 0)
    # Of two that both went, the one that was left is the later one.
    left = (pairs["went"] > pairs["gone"]) | (
        (pairs["went"] == pairs["gone"]) & (pairs["came"] > pairs["began"])
    )
    chosen = (pairs["new"] != pairs["old"]) & (pairs["came"] > since) & left
    found: pd.DataFrame = tables.kept(pairs, chosen & (pairs["came"] <= pairs["gone"] + _WITHIN))
    return found


def _same_people(
    setting: Setting, pairs: pd.DataFrame, snapshots: pd.DataFrame, frames: Frames
) -> pd.DataFrame:
    """The pairs in which the persons of one are among those of the other, with one organiser or with
    another who took the meeting over (`_taken_over`).
    """
    columns = ["old", "new", "came", "apart"]
    if not len(pairs):
        return pairs[columns]
    pairs = pairs.reset_index(drop=True)
    seen = tables.narrow(snapshots.set_index("observation_id"), ["organizer", "meeting_id"])
    seen = tables.kept(seen, seen.index.isin(pairs["seen_as"]) | seen.index.isin(pairs["shown_as"]))
    own = tables.once(frames.meetings, "meeting_id").set_index("meeting_id")
    seen["side"] = addresses.contacts(seen["organizer"], setting.ours, setting.merge)
    itself = seen["meeting_id"].map(own["organizer_is_self"]).fillna(False).astype("bool")
    seen["side"] = seen["side"].mask(itself, "")
    guests = tables.kept(frames.guests, frames.guests["observation_id"].isin(seen.index))
    guests = tables.kept(
        guests, ~guests["is_self"] & ~guests["resource"], ["observation_id", "address"]
    )
    people = pd.DataFrame(
        {
            "seen": pd.concat(
                [guests["observation_id"], seen.index.to_series()], ignore_index=True
            ),
            "who": pd.concat(
                [addresses.contacts(guests["address"], setting.ours, setting.merge), seen["side"]],
                ignore_index=True,
            ),
        }
    )
    people = tables.once(tables.kept(people, people["who"] != ""))
    number = people.groupby("seen").size()
    rows = tables.narrow(pairs, ["seen_as", "shown_as"]).reset_index(names="pair")
    then = tables.narrow(rows.merge(people, left_on="seen_as", right_on="seen"), ["pair", "who"])
    now = tables.narrow(rows.merge(people, left_on="shown_as", right_on="seen"), ["pair", "who"])
    both = tables.joined(then, now, ["pair", "who"]).groupby("pair").size()
    common = both.reindex(pairs.index).fillna(0)
    fewer = np.minimum(
        pairs["seen_as"].map(number).fillna(0), pairs["shown_as"].map(number).fillna(0)
    )
    alike = (common > 0) & (common == fewer)
    sides = pd.DataFrame({"one": pairs["seen_as"].map(seen["side"])})
    sides["other"] = pairs["shown_as"].map(seen["side"])
    hosted = (sides["one"] == sides["other"]).to_numpy(copy=True)
    open_ = np.flatnonzero(alike.to_numpy() & ~hosted)
    hosted[open_] = _taken_over(setting.phrases, sides.take(open_), then, now)
    found: pd.DataFrame = tables.kept(pairs, alike & hosted, columns)
    return found


def _taken_over(
    phrases: Phrases, sides: pd.DataFrame, then: pd.DataFrame, now: pd.DataFrame
) -> Flags:
    """Which pairs have organisers of whom the second may stand in for the first?

    Both are one of us or persons of both entries, or the second is a colleague of the first: one calls
    off, the other invites the same people to the same hour. sides: one and other, the organisers
    ("": ours), indexed by pair; then, now: pair and who.
    """

    def within(side: pd.Series, people: pd.DataFrame) -> Flags:
        pair = pd.MultiIndex.from_arrays([side.index, side])
        held = pair.isin(pd.MultiIndex.from_frame(tables.narrow(people, ["pair", "who"])))
        return held | (side == "").to_numpy()

    both = zip(sides["one"], sides["other"], strict=True)
    colleagues = np.array([organisations.same(*one, phrases) for one in both], dtype=bool)
    found: Flags = within(sides["one"], now) & (within(sides["other"], then) | colleagues)
    return found


def _links(pairs: pd.DataFrame) -> tuple[dict[int, int], dict[int, int]]:
    """{copy that went: copy that goes on in its place}, each named once on either side; and
    {copy that went: when the other was first seen [us]}.
    """
    chosen = tables.once(tables.ordered(pairs, ["apart", "came", "new", "old"]), "old")
    # one that had only just come before it went again is the nearer one
    chosen = tables.ordered(chosen, ["apart", "came", "new", "old"], [True, True, True, False])
    chosen = tables.once(chosen, "new")
    links = dict(zip(chosen["old"].tolist(), chosen["new"].tolist(), strict=True))
    return links, dict(zip(chosen["old"].tolist(), chosen["came"].tolist(), strict=True))


def _put_into_the_past(
    copies: pd.DataFrame, snapshots: pd.DataFrame, went: pd.DataFrame, heirs: set[int]
) -> pd.Series:
    """Which occurrences did a move of their whole series make after their own start?

    They are first seen when it has passed, though the series was looked at before, while others of
    the series go: what took place then did so at the old start. Aligned with the copies.
    """
    shown = tables.kept(snapshots, ~snapshots["stub"] & ~snapshots["status"].isin(GONE))
    begins = tables.once(shown, "meeting_id").set_index("meeting_id")
    came = copies["meeting_id"].map(pd.Series(micros(begins["seen_at"]), index=begins.index))
    start = copies["meeting_id"].map(pd.Series(micros(begins["start_at"]), index=begins.index))
    series = pd.Series(_place(copies), index=copies.index) + " " + copies["series_uid"]
    watched = came.groupby(series).transform("min")
    gone = copies["meeting_id"].map(pd.Series(micros(went["seen_at"]), index=went.index))
    late = (copies["recurrence_id"] != "") & (came > start) & (watched <= start)
    late &= start.notna() & (start != NONE) & ~copies["meeting_id"].isin(heirs)
    if not late.any():
        return late
    ends = pd.DataFrame({"series": series, "gone": gone}).dropna().drop_duplicates()
    rows = pd.DataFrame({"series": series[late], "came": came[late]}).reset_index(names="row")
    near = tables.joined(rows, ends, "series")
    chosen = near.loc[(near["came"] - near["gone"]).abs() <= _WITHIN, "row"]
    found: pd.Series = late & late.index.isin(chosen)
    return found


def _place(copies: pd.DataFrame) -> np.ndarray:
    joined_: np.ndarray = (
        copies["mailbox_id"].astype("str") + " " + copies["calendar_id"].astype("str")
    ).to_numpy()
    return joined_


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
    kept = tables.kept(rows, ~rows["meeting_id"].isin(list(heirs))).drop(columns="heir")
    return kept.assign(
        created_at=kept["meeting_id"].map(first["created_at"]),
        first_seen_at=kept["meeting_id"].map(first["first_seen_at"]),
    )


def _retold(
    observations: pd.DataFrame, went: pd.DataFrame, heirs: dict[int, int], came: dict[int, int]
) -> pd.DataFrame:
    """The observations under the copy that goes on, without the ends that were none.

    Where both stood side by side for a while, the one that goes on tells what was seen.
    """
    ends = set(went.loc[went.index.isin(list(heirs)), "observation_id"])
    until = observations["meeting_id"].map(came)
    beside = (observations["evidence"] == "snapshot") & (micros(observations["seen_at"]) >= until)
    kept = tables.kept(observations, ~observations["observation_id"].isin(ends) & ~beside)
    kept = kept.assign(
        meeting_id=kept["meeting_id"].map(heirs).fillna(kept["meeting_id"]).astype("int64")
    )
    # A change between the last sight of the old entry and the first of the new one lies between.
    first = ~kept["meeting_id"].duplicated() | (kept["evidence"] != "snapshot")
    before = kept.groupby("meeting_id")["seen_at"].shift()
    unknown = ~first & kept["seen_after"].isna() & kept["meeting_id"].isin(heirs.values())
    return kept.assign(seen_after=kept["seen_after"].where(~unknown, before))
