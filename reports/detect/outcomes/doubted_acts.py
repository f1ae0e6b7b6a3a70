"""What becomes unknown because a mail that proves nothing told of it?

rules.md section 0: a mail that failed its sender check, or in which somebody of another organisation
speaks for another, is evidence of nothing. Where a calendar of ours showed afterwards that the
meeting stood and the guest was coming, it was simply wrong; else nobody knows how that meeting went.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from connectors.model.frames import Frames
from reports.columns import tables
from reports.columns.addresses import renamed
from reports.columns.instants import NONE, Flags, Ints, micros
from reports.detect.meetings.copies import Gathered
from reports.detect.meetings.events import GONE
from reports.detect.setting import Setting
from reports.detect.slots.notice import Limits
from reports.detect.slots.slot_schema import Because
from reports.vocabulary import Outcome

_CONTRARY: Final = ("declined", "tentative")
_BY_GUEST: Final = ("decline", "tentative", "counter")
#: `who`: the guest whose part in it is touched; "" where it is the whole meeting.
_COLUMNS: Final = ["code", "who", "at", "start"]


def find(
    setting: Setting, given: Frames, gathered: Gathered, doubted: pd.DataFrame, told: pd.DataFrame
) -> pd.DataFrame:
    """The acts that prove nothing: code, who, at [us], start (of a move; else NONE); each once.

    given: all facts; doubted: rows of its observations; told: by NOTICES, of mails that failed
    their sender check.
    """
    acts = pd.concat(
        [_observed(setting, given, gathered, doubted), _by_headers(gathered, told)],
        ignore_index=True,
    ).astype({"code": "int64", "who": "object", "at": "int64", "start": "int64"})
    acts = tables.kept(
        acts, (acts["code"] >= 0) & (acts["at"] != NONE) & (acts["at"] <= setting.now)
    )
    return tables.ordered(tables.once(acts), _COLUMNS, ignore_index=True)


def _observed(
    setting: Setting, given: Frames, gathered: Gathered, doubted: pd.DataFrame
) -> pd.DataFrame:
    meetings = gathered.meetings
    names = tables.once(given.meetings, "meeting_id").set_index("meeting_id")
    rows = tables.once(doubted, "observation_id")
    uid, recurrence = (
        rows["meeting_id"].map(names[label]).astype("object").fillna("")
        for label in ("series_uid", "recurrence_id")
    )
    code = pd.Index(meetings["meeting_key"]).get_indexer(uid + " " + recurrence)
    reply = rows["method"].isin(("reply", "counter")).to_numpy(dtype=bool)
    said = tables.once(given.guests, ["observation_id", "address"])
    contrary = said.loc[
        said["response"].isin(_CONTRARY) | said["proposed_start"].notna(), "observation_id"
    ]
    table = tables.kept(
        pd.DataFrame(
            {
                "code": code,
                "uid": uid.to_numpy(dtype=object),
                "whole": (recurrence == "").to_numpy() & (code < 0),
                "who": np.where(reply, renamed(rows["actor"], setting.merge), ""),
                "by": renamed(rows["organizer"], setting.merge),
                "at": micros(rows["acted_at"]),
                "start": np.where(
                    reply | (rows["method"] == "cancel").to_numpy(), NONE, micros(rows["start_at"])
                ),
            }
        ),
        ~reply | rows["observation_id"].isin(contrary).to_numpy(),
    )
    series = tables.narrow(meetings.assign(code=meetings.index), ["series_uid", "code"])
    spread = tables.kept(table, table["whole"]).drop(columns="code")
    spread = spread.merge(series, left_on="uid", right_on="series_uid")
    table = pd.concat([table, spread], ignore_index=True)
    # In the name of somebody who does not organise it, it says nothing of the whole meeting.
    held = tables.kept(table, table["code"] >= 0)
    organiser = meetings["organiser"].to_numpy(dtype=object)[held["code"].to_numpy(dtype="int64")]
    theirs = (held["who"] != "") | (held["by"].to_numpy() == organiser)
    found: pd.DataFrame = tables.kept(held, theirs, _COLUMNS)
    return found


def _by_headers(gathered: Gathered, told: pd.DataFrame) -> pd.DataFrame:
    sure = tables.kept(told, (told["confidence"] != "weak") & (told["kind"] != "accept"))
    sure = tables.kept(sure, sure["kind"] != "invite")
    code = pd.Index(gathered.meetings["meeting_key"]).get_indexer(sure["meeting_key"])
    who = sure["contact"].where(sure["kind"].isin(_BY_GUEST), "")
    return pd.DataFrame(
        {"code": code, "who": who.to_numpy(dtype=object), "at": micros(sure["at"]), "start": NONE}
    )


def applied(
    slots: pd.DataFrame, gathered: Gathered, acts: pd.DataFrame, limits: Limits
) -> pd.DataFrame:
    """The raw slots; one that snapshots kept is unknown where such an act touches it.

    acts: by `find`. The act speaks of the first start that was still to come, or hardly begun.
    """
    acts = tables.kept(acts, ~_refuted(gathered, acts))
    if not len(acts):
        return slots
    table = slots[["code", "contact", "start", "outcome"]].assign(slot=slots.index)
    pairs = acts.merge(table, on="code", suffixes=("_told", ""))
    pairs = pairs.loc[
        ((pairs["who"] == "") | (pairs["who"] == pairs["contact"]))
        & (pairs["at"] <= pairs["start"] + limits.after)
        & (pairs["start_told"] != pairs["start"])
    ]
    first = pairs.groupby(["code", "who", "at", "contact"])["start"].transform("min")
    touched = pairs.loc[
        (pairs["start"] == first) & (pairs["outcome"] == Outcome.KEPT), "slot"
    ].unique()
    slots = slots.copy(deep=False)
    slots.loc[touched, ["outcome", "because", "act_name"]] = [
        Outcome.UNKNOWN,
        str(Because.UNPROVEN),
        "",
    ]
    return slots


def _refuted(gathered: Gathered, acts: pd.DataFrame) -> Flags:
    """Which acts does a later snapshot at a calendar of ours contradict?"""
    snapshots = tables.kept(
        gathered.snapshots, gathered.snapshots["leads"] & ~gathered.snapshots["exact"]
    )
    last = tables.once(snapshots, "code", keep="last").set_index("code")
    alive = tables.kept(last, ~last["stub"] & ~last["status"].isin(GONE))
    code: Ints = acts["code"].to_numpy(dtype="int64")
    vouched = gathered.meetings["vouched"].to_numpy(dtype="int64")[code]
    seen = alive["hi"].reindex(code).to_numpy(dtype="float64", na_value=np.nan)
    later = np.fmax(seen, np.where(np.isnan(seen), np.nan, vouched)) > acts["at"].to_numpy()
    answers = tables.kept(
        gathered.answers,
        gathered.answers["observation_id"].isin(alive["observation_id"])
        & (gathered.answers["response"] == "accepted"),
    )
    coming = pd.MultiIndex.from_frame(tables.narrow(answers, ["code", "who"]))
    there = pd.MultiIndex.from_frame(tables.narrow(acts, ["code", "who"])).isin(coming)
    hosts = gathered.meetings["organiser"].to_numpy(dtype=object)[code]
    who = acts["who"].to_numpy(dtype=object)
    stands: Flags = later & ((who == "") | (who == hosts) | there)
    return stands
