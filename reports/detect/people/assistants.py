"""Which meetings did somebody organise for another outsider who is in them?

rules.md section 1: an incident through an assistant is their principal's. The calendar names only
the assistant as the organiser, so nothing of such a meeting is counted for the assistant.
"""

from __future__ import annotations

import pandas as pd

#: What a slot says of an outcome; blank where it is nobody's.
_SAID = ["outcome", "rule", "origin", "question", "was", "act_name"]


def stepped_back(slots: pd.DataFrame, assistants: pd.DataFrame) -> pd.DataFrame:
    """The raw slots (outcomes.history), where an assistant's own ones with a principal do not count.

    assistants: by ASSISTANTS. The slots of the principals stay as they are.
    """
    organised = slots.loc[slots["organised_by"] == "them", ["code", "contact"]].drop_duplicates()
    organised = organised[organised["contact"].isin(assistants["assistant"])]
    if not len(organised):
        return slots
    pairs = organised.merge(
        assistants[["assistant", "principal"]], left_on="contact", right_on="assistant"
    )
    beside = slots.loc[slots["code"].isin(pairs["code"]), ["code", "contact"]].drop_duplicates()
    beside = beside.rename(columns={"contact": "principal"})
    acted = pairs.merge(beside, on=["code", "principal"])[["code", "contact"]]
    theirs = pd.MultiIndex.from_frame(slots[["code", "contact"]]).isin(
        pd.MultiIndex.from_frame(acted)
    )
    slots = slots.copy(deep=False)
    slots.loc[theirs, "eligible"] = False
    slots.loc[theirs, "why_not"] = "assistant"
    slots.loc[theirs, _SAID] = ""
    return slots
