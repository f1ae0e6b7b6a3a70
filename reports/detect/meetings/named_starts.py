"""By when was a start set, where no snapshot saw it being set?

rules.md section 3, Agreed: their own dated yes to this very start, or an invitation or notice that names
it, bounds when it was set: it was set no later. Without that, what a first look finds has no limit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from connectors.model.frames import Frames
from reports.columns import tables
from reports.columns.instants import HOUR, NONE, Flags, micros, whole_instants
from reports.detect.meetings import meeting_keys
from reports.detect.meetings.copies import Gathered
from reports.detect.setting import Setting


def bounded(
    setting: Setting, gathered: Gathered, notices: pd.DataFrame, frames: Frames
) -> Gathered:
    """The meetings with `set_lo` and `set_hi` [us] no later than the first message that names their start.

    notices: by meeting_mails.NOTICES.
    """
    meetings = gathered.meetings
    named = _named(gathered, notices, frames)
    if not len(named):
        return gathered
    facts = meetings.loc[named["code"]]
    # A later one would only say that it may have been agreed too late to count.
    ahead = facts["start"].to_numpy() - int(setting.policy.min_agreed_hours * HOUR)
    fits = _fits(setting, named, facts) & (named["at"].to_numpy() <= ahead)
    first = tables.kept(named, fits).groupby("code")["at"].min()
    earliest = first.reindex(meetings.index)
    set_hi, set_lo = (meetings[name].to_numpy(dtype="int64") for name in ("set_hi", "set_lo"))
    at = earliest.fillna(NONE).to_numpy(dtype="int64")
    sooner = (at != NONE) & (at < set_hi)
    set_hi = np.where(sooner, at, set_hi)
    created = meetings["created"].to_numpy()
    since = np.where(set_lo != NONE, set_lo, np.where(created != NONE, created, at))
    set_lo = np.where(sooner, np.minimum(since, set_hi), set_lo)
    return replace(gathered, meetings=meetings.assign(set_lo=set_lo, set_hi=set_hi))


def _named(gathered: Gathered, notices: pd.DataFrame, frames: Frames) -> pd.DataFrame:
    """Which message names which start of which meeting, and when it came: code, names, at [us]."""
    spoken = tables.kept(
        gathered.dated, ~gathered.dated["logged"], ["code", "series_uid", "names", "at"]
    )
    sure = tables.kept(
        notices, notices["confidence"].isin(("uid", "title")) & notices["names_at"].notna()
    )
    sent = frames.messages
    asked = sent["sent"] & (sent["meeting_type"] == "request") & (sent["meeting_uid"] != "")
    asked &= sent["meeting_start_at"].notna() & sent["at"].notna()
    sent = tables.once(tables.kept(sent, asked), "message_id")
    keys = [sure["meeting_key"], sent["meeting_uid"] + " " + sent["meeting_recurrence_id"]]
    by_mail = pd.DataFrame(
        {
            "key": np.concatenate([one.to_numpy(dtype=object) for one in keys]),
            "names": np.concatenate([micros(sure["names_at"]), micros(sent["meeting_start_at"])]),
            "at": np.concatenate([micros(sure["at"]), micros(sent["at"])]),
        }
    )
    by_mail["code"] = pd.Index(gathered.meetings["meeting_key"]).get_indexer(by_mail["key"])
    by_mail["series_uid"] = by_mail["key"].astype("str").str.rsplit(" ", n=1).str[0]
    rows = pd.concat([spoken, by_mail.drop(columns="key")], ignore_index=True)
    rows = tables.kept(rows, (rows["names"] != NONE) & (rows["at"] != NONE))
    whole = tables.kept(rows, rows["code"] < 0).drop(columns="code")
    meetings = gathered.meetings
    spread = meeting_keys.of_occurrences(whole, meetings)
    columns = ["code", "names", "at"]
    return pd.concat(
        [tables.kept(rows, rows["code"] >= 0, columns), spread[columns]], ignore_index=True
    )


def _fits(setting: Setting, named: pd.DataFrame, facts: pd.DataFrame) -> Flags:
    """Is it this very start, or, of an occurrence at its place in the series, the hour of its week?"""
    names, start = named["names"].to_numpy(), facts["start"].to_numpy()
    there = (facts["original"] == facts["start"]).to_numpy() & (names < start)
    zone = setting.ours.zone
    first, then = (pd.Series(whole_instants(one)).dt.tz_convert(zone) for one in (names, start))
    same_hour = (
        (first.dt.day_of_week == then.dt.day_of_week)
        & (first.dt.hour == then.dt.hour)
        & (first.dt.minute == then.dt.minute)
    ).to_numpy(dtype=bool)
    fits: Flags = (names == start) | (there & same_hour)
    return fits
