"""What of each contact must survive retention? The first and last of each kind of act.

The result is a frame by connectors.model.schemas.MEMORY; the store only widens what it has. Rules
that look further back than facts are kept (warm, stage) read it: rules.md section 1.
"""

from __future__ import annotations

import pandas as pd

from connectors.model.frames import enforce
from connectors.model.schemas import MEMORY
from reports.detect.pipeline import Detection
from reports.vocabulary import Outcome


def memory(detection: Detection) -> pd.DataFrame:
    """One row a person that acted or was asked; NaT where a kind never happened.

    Machines are left out. A kept meeting is an outcome `kept` or `attended`.
    """
    findings = detection.findings
    people = findings.people.loc[~findings.people["machine"], ["contact", "stage"]]
    table = people.set_index("contact")
    spoke = findings.acts[findings.acts["kind"] == "call"]
    kept = findings.slots[findings.slots["outcome"].isin([Outcome.KEPT, Outcome.ATTENDED])]
    sources = {
        "first_human_act": (findings.acts, "at", "min"),
        "last_human_act": (findings.acts, "at", "max"),
        "first_ask": (findings.asks, "at", "min"),
        "last_ask": (findings.asks, "at", "max"),
        "last_introduction": (detection.introduced, "at", "max"),
        "last_spoke": (spoke, "at", "max"),
        "last_acceptance": (detection.accepted, "at", "max"),
        "last_kept": (kept, "start_at", "max"),
    }
    for label, (frame, column, how) in sources.items():
        found = frame.groupby("contact")[column].agg(how)
        table[label] = found.reindex(table.index).astype("datetime64[us, UTC]")
    moments = table[list(sources)]
    said = table[moments.notna().any(axis=1)]
    return enforce(said.rename_axis("address").reset_index(), MEMORY, "memory")
