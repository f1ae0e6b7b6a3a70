"""Which meetings are still to come, and which of them is most worth confirming?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.model.frames import empty, enforce
from reports.columns import tables
from reports.columns.instants import HOUR, NONE, whole_instants
from reports.detect.scoring.counts import posterior
from reports.detect.setting import Setting
from reports.schemas import COMING
from reports.vocabulary import Outcome


def find_coming(
    setting: Setting, slots: pd.DataFrame, standings: pd.DataFrame, let_go: frozenset[str]
) -> pd.DataFrame:
    """Meetings still to come, by COMING, ordered by weight: posterior x duration [h].

    slots: judged; standings: by STANDINGS_NOW; let_go: contacts that are left out.
    """
    ahead = tables.kept(
        slots,
        (slots["start"] > setting.now)
        & ((slots["outcome"] == Outcome.COMING) | (slots["why_not"] == "not-accepted"))
        & ~slots["given_up"]
        # whether they have accepted is not known: nothing to confirm
        & (slots["accepted"] | (slots["response"] != "unknown"))
        & ~slots["contact"].isin(list(let_go)),
    )
    ahead = tables.ordered(ahead, "number")
    ahead = tables.once(ahead, ["meeting_key", "contact"], keep="last")
    if not len(ahead):
        return empty(COMING)
    known = standings.set_index("contact").reindex(ahead["contact"])
    base = posterior(np.zeros(1, "int64"), np.zeros(1, "int64"), setting.policy)[0]
    likely = known["posterior"].fillna(base).to_numpy()
    length = ((ahead["end"] - ahead["start"]) / HOUR).where(ahead["end"] != NONE, 0.0)
    frame = pd.DataFrame(
        {
            "meeting_key": ahead["meeting_key"],
            "contact": ahead["contact"],
            "mailbox_id": ahead["mailbox_id"],
            "subject": ahead["subject"],
            "start_at": whole_instants(ahead["start"].to_numpy()).set_axis(ahead.index),
            "end_at": whole_instants(ahead["end"].to_numpy()).set_axis(ahead.index),
            "accepted": ahead["fresh"],
            "on_site": ahead["on_site"],
            "agreed_at": whole_instants(ahead["agreed"].to_numpy()).set_axis(ahead.index),
            "k": known["k"].fillna(0).to_numpy(dtype="int64"),
            "n": known["n"].fillna(0).to_numpy(dtype="int64"),
            "weight": likely * length.to_numpy(),
        }
    )
    frame = tables.ordered(frame, ["weight", "start_at", "contact"], [False, True, True])
    return enforce(frame, COMING, "coming")
