"""Whose is an entry of our calendars, and who is in it?

Only an entry of ours bears the user's own word (rules.md section 0): one that came by invitation bears
what its sender wrote into it. A private entry or a category counts where we organise the entry, or
made it without an organiser, and have not declined it, where nobody outside wrote it in our name
(SENT-BY), and where all of its guests are shown. All sources pass here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
import pandas as pd

from config.ours import Ours
from connectors.model.frames import Frames
from reports.columns import tables
from reports.columns.addresses import among, ours_mask
from reports.columns.instants import Flags, Ints
from reports.columns.text import plain

#: How a private entry says that nobody came, in any case and spacing.
ABSENT_TITLE: Final = "noshow absent"
_SQUEEZED: Final = ABSENT_TITLE.replace(" ", "")
#: Google makes entries of another kind by itself, also of what a stranger's mail says.
_MADE_BY_HAND: Final = "default"
#: How the settings name the owner's own calendar.
_MAIN: Final = "primary"


def own_entries(copies: pd.DataFrame, snapshots: pd.DataFrame, frames: Frames, ours: Ours) -> Flags:
    """Which copies are entries of ours that we have not declined; shape (len(copies),).

    copies: by MEETINGS, with `file` (it came from a file; only there an own entry names no
    organiser). looks: their snapshots in order (observation_id, meeting_id, stub, sent_by).
    """
    guests = tables.joined(
        tables.narrow(frames.guests, ["observation_id", "response", "is_self"]),
        tables.narrow(snapshots, ["observation_id", "meeting_id", "stub"]),
        "observation_id",
    )
    invited = copies["meeting_id"].isin(guests["meeting_id"]).to_numpy()
    last = tables.once(tables.kept(snapshots, ~snapshots["stub"]), "meeting_id", keep="last")
    mine = tables.kept(
        guests, guests["is_self"] & guests["observation_id"].isin(last["observation_id"])
    )
    declined = mine.loc[mine["response"] == "declined", "meeting_id"]
    organised = copies["organizer_is_self"].to_numpy(dtype=bool)
    made = copies["file"].to_numpy(dtype=bool) & (copies["organizer"] == "").to_numpy() & ~invited
    by_others = tables.kept(
        snapshots, (snapshots["sent_by"] != "") & ~ours_mask(snapshots["sent_by"], ours)
    )
    whole: Flags = (
        copies["guests_complete"].to_numpy(dtype=bool)
        & (copies["kind"] == _MADE_BY_HAND).to_numpy()
        & ~copies["meeting_id"].isin(declined).to_numpy()
        & ~copies["meeting_id"].isin(by_others["meeting_id"]).to_numpy()
    )
    return (organised | made) & whole


def titled_absent(meetings: pd.DataFrame) -> Flags:
    """Which entries are titled as a private mark; shape (len(meetings),)."""
    titles = plain(meetings["subject"]).str.replace(" ", "", regex=False)
    found: Flags = (titles == _SQUEEZED).to_numpy(dtype=bool)
    return found


def of_others(
    copies: pd.DataFrame, answers: pd.DataFrame, meetings: pd.DataFrame, ours: Ours
) -> Flags:
    """Which meetings are among others, and only stand in a calendar that we may read: somebody outside
    organises them, none of ours was ever among the guests, and no copy lies in a main calendar of
    ours (there a guest who was added behind the organiser's back is often not listed) or in a file.

    copies: with `code` and `file`; answers: the persons in the snapshots; meetings: by code.
    """
    main = copies["calendar_id"].str.lower().isin({"", _MAIN, *ours.mailboxes}) | copies["file"]
    here = copies.loc[main | ~copies["seen"], "code"]
    with_us = answers.loc[answers["own"], "code"]
    among_others: Flags = (
        (meetings["organiser"] != "")
        & ~meetings["ours"]
        & ~meetings.index.isin(here)
        & ~meetings.index.isin(with_us)
    ).to_numpy(dtype=bool)
    return among_others


def with_hidden_guests(
    frames: Frames,
    snapshots: pd.DataFrame,
    organisers: pd.Series,
    machines: Collection[object],
    merge: Mapping[str, str],
) -> Ints:
    """The codes of meetings that ever listed a machine as a guest, each once.

    A list or a shared mailbox among the guests stands for nobody knows whom, so that the list is
    not known (rules.md section 3, eligible). Rooms stand for nobody, and neither does the calendar
    that a meeting was made in.

    snapshots: observation_id and code of the snapshots. organisers: addresses by code. machines:
    contacts that are no persons; merge: the user's `same-person` pairs.
    """
    rooms = set(frames.guests.loc[frames.guests["resource"], "address"].unique())
    behind = [one for one, known in merge.items() if known in machines]
    wanted = {str(one) for one in (*machines, *behind)} - rooms
    guests = tables.kept(
        frames.guests, among(frames.guests["address"], wanted), ["observation_id", "address"]
    )
    seen = tables.joined(
        guests, tables.narrow(snapshots, ["observation_id", "code"]), "observation_id"
    )
    by_itself = seen["address"].to_numpy() == seen["code"].map(organisers).to_numpy()
    codes: Ints = np.unique(seen.loc[~by_itself, "code"].to_numpy(dtype="int64"))
    return codes
