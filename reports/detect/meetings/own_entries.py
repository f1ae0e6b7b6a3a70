"""Which entries of our calendars are ours, so that a mark in them is the user's word?

rules.md section 0: an entry that came by invitation bears what its sender wrote into it. A private
entry or a category is the user's word only where we organise the entry, or made it without an
organiser, and have not declined it, and where all of its guests are shown. All sources pass here.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from connectors.model.frames import Frames
from reports.columns.instants import Flags
from reports.columns.text import plain

#: How a private entry says that nobody came, in any case and spacing.
ABSENT_TITLE: Final = "noshow absent"
_SQUEEZED: Final = ABSENT_TITLE.replace(" ", "")
#: Google makes entries of another kind by itself, also of what a stranger's mail says.
_MADE_BY_HAND: Final = "default"


def ours(copies: pd.DataFrame, looks: pd.DataFrame, frames: Frames) -> Flags:
    """Which copies are entries of ours that we have not declined; shape (len(copies),).

    copies: by MEETINGS, with `file` (it came from a file; only there an own entry names no
    organiser). looks: their snapshots in order (observation_id, meeting_id, stub).
    """
    guests = frames.guests[["observation_id", "response", "is_self"]].merge(
        looks[["observation_id", "meeting_id", "stub"]], on="observation_id"
    )
    invited = copies["meeting_id"].isin(guests["meeting_id"]).to_numpy()
    last = looks.loc[~looks["stub"]].drop_duplicates("meeting_id", keep="last")
    mine = guests.loc[guests["is_self"] & guests["observation_id"].isin(last["observation_id"])]
    declined = mine.loc[mine["response"] == "declined", "meeting_id"]
    organised = copies["organizer_is_self"].to_numpy(dtype=bool)
    made = copies["file"].to_numpy(dtype=bool) & (copies["organizer"] == "").to_numpy() & ~invited
    whole: Flags = (
        copies["guests_complete"].to_numpy(dtype=bool)
        & (copies["kind"] == _MADE_BY_HAND).to_numpy()
        & ~copies["meeting_id"].isin(declined).to_numpy()
    )
    return (organised | made) & whole


def titled_absent(meetings: pd.DataFrame) -> Flags:
    """Which entries are titled as a private mark; shape (len(meetings),)."""
    titles = plain(meetings["subject"]).str.replace(" ", "", regex=False)
    found: Flags = (titles == _SQUEEZED).to_numpy(dtype=bool)
    return found
