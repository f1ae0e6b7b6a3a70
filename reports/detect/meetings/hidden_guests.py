"""In which meetings may somebody sit whom the guest list does not name?

A list or a shared mailbox among the guests stands for nobody knows whom, so that the list is not
known (rules.md section 3, eligible). Rooms stand for nobody, and neither does the calendar that a
meeting was made in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from connectors.model.frames import Frames
from reports.columns.addresses import among
from reports.columns.instants import Ints


def invited(
    frames: Frames,
    looks: pd.DataFrame,
    organisers: pd.Series,
    machines: Collection[object],
    merge: Mapping[str, str],
) -> Ints:
    """The codes of meetings that ever listed a machine as a guest, each once.

    looks: observation_id and code of the snapshots. organisers: addresses by code. machines:
    contacts that are no persons; merge: the user's `same-person` pairs.
    """
    rooms = set(frames.guests.loc[frames.guests["resource"], "address"].unique())
    behind = [one for one, known in merge.items() if known in machines]
    wanted = {str(one) for one in (*machines, *behind)} - rooms
    guests = frames.guests.loc[
        among(frames.guests["address"], wanted), ["observation_id", "address"]
    ]
    seen = guests.merge(looks[["observation_id", "code"]], on="observation_id")
    by_itself = seen["address"].to_numpy() == seen["code"].map(organisers).to_numpy()
    codes: Ints = np.unique(seen.loc[~by_itself, "code"].to_numpy(dtype="int64"))
    return codes
