"""Which entries are copies of one meeting, and which of them leads?

The key of a meeting is its series UID and recurrence id. Some tell of the latter the day alone, some
programs give several meetings one key, and some entries stand for a whole series.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from reports.columns import addresses, tables
from reports.columns.text import distinct
from reports.detect.meetings.events import HIDDEN


def coded(copies: pd.DataFrame, zone: str) -> pd.DataFrame:
    """Give every copy the code of its meeting (-1: it stands for a whole series), mark the leader.

    An entry that only messages speak of, without a recurrence id, in a series whose occurrences
    we hold, is no meeting: what it says concerns the series.
    """
    copies = copies.assign(recurrence_id=_told_by_day(copies, zone))
    single = copies["recurrence_id"] == ""
    with_occurrences = copies.loc[~single, "series_uid"].unique()
    recurring = addresses.among(copies["series_uid"], pd.Series(with_occurrences))
    whole = single & ~copies["seen"] & recurring
    copies["meeting_key"] = copies["series_uid"] + " " + copies["recurrence_id"]
    copies["meeting_key"] = _told_apart(copies)
    codes = np.full(len(copies), -1)
    codes[~whole] = distinct(copies.loc[~whole, "meeting_key"]).ranks()
    copies["code"] = codes
    own = copies["organizer_is_self"]
    order = tables.ordered(
        pd.DataFrame(
            {
                "code": copies["code"],
                "seen": ~copies["seen"],
                "file": copies["file"],
                "own": ~own,
                "hidden": copies["last_status"] == HIDDEN,
                # our organiser's copy knows first that it is gone; of the others a living one leads
                "gone": np.where(own, ~copies["gone"], copies["gone"]),
                "last": -copies["last_at"],
                "meeting_id": copies["meeting_id"],
            }
        ),
        ["code", "seen", "file", "hidden", "own", "gone", "last", "meeting_id"],
    )
    first = tables.once(order, "code").index
    copies["leads"] = copies.index.isin(first) & (copies["code"] >= 0)
    return copies


def _told_apart(copies: pd.DataFrame) -> pd.Series:
    """The meeting keys; where one calendar holds several living entries under one key at different
    starts, those behind the first by their start as well: they are meetings of their own.
    """
    keys = copies["meeting_key"]
    alive = tables.kept(copies, copies["seen"] & ~copies["gone"] & ~copies["file"])
    alive = tables.kept(alive, alive["start_at"].notna())
    place = ["mailbox_id", "calendar_id", "meeting_key"]
    alive = tables.kept(
        alive, alive.duplicated(place, keep=False), [*place, "start_at", "meeting_id"]
    )
    if not len(alive):
        return keys
    first = tables.ordered(alive, "meeting_id").groupby(place)["start_at"].transform("first")
    other = alive["start_at"] != first.reindex(alive.index)
    stamp = alive.loc[other, "start_at"].dt.strftime("@%Y%m%dT%H%M%SZ")
    named = keys.copy()
    named[stamp.index] = alive.loc[other, "meeting_key"] + stamp
    return named


def _told_by_day(copies: pd.DataFrame, zone: str) -> pd.Series:
    """The recurrence ids; one that names only the day is the occurrence of that day, if it is one.

    An instance that was sent by itself tells its day alone, and so do some messages; other copies of
    it tell the hour. The day is that of the user's zone, and else the one at which the entry starts.
    """
    ids = copies["recurrence_id"]
    by_day = ids.str.len() == 8
    if not by_day.any():
        return ids
    whole = copies.loc[ids.str.len() > 8, ["series_uid", "recurrence_id"]].drop_duplicates()
    at = pd.to_datetime(whole["recurrence_id"], format="%Y%m%dT%H%M%SZ", errors="coerce", utc=True)
    days = whole["series_uid"] + " " + at.dt.tz_convert(zone).dt.strftime("%Y%m%d")
    named = (copies["series_uid"] + " " + ids).map(_single(whole, days))
    starts = copies["start_at"].dt.strftime("%Y%m%dT%H%M%SZ").where(by_day)
    near = (pd.to_datetime(ids.where(by_day), format="%Y%m%d", utc=True) - copies["start_at"]).abs()
    there = copies["series_uid"] + " " + starts.where(near < pd.Timedelta(hours=36)).fillna("")
    by_start = there.map(_single(whole, whole["series_uid"] + " " + whole["recurrence_id"]))
    named = named.fillna(by_start)
    return ids.where(~by_day | named.isna(), named)


def _single(whole: pd.DataFrame, names: pd.Series) -> pd.Series:
    """The recurrence ids by names that mean one of them each."""
    found = whole.set_axis(names)["recurrence_id"]
    return found.loc[~found.index.duplicated(keep=False) & found.index.notna()]


def of_occurrences(about: pd.DataFrame, meetings: pd.DataFrame) -> pd.DataFrame:
    """What is said of whole series (by `series_uid`), once for each occurrence of theirs: its `code`.

    meetings: by copies.Gathered.
    """
    held = tables.kept(meetings, meetings["recurrence_id"] != "", ["series_uid"])
    return tables.joined(about, held.reset_index(names="code"), "series_uid")
