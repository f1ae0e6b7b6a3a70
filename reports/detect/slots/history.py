"""What do the calendars alone say of each slot, before records, absences and anybody's word?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from reports.columns import tables
from reports.columns.instants import NONE, Ints
from reports.columns.text import Distinct, column, distinct
from reports.detect.meetings.copies import Gathered
from reports.detect.setting import Setting
from reports.detect.slots.notice import Limits
from reports.detect.slots.slot_schema import judged_frame
from reports.detect.slots.slots import ended, judged


def by_calendar(
    setting: Setting, limits: Limits, gathered: Gathered, dated: pd.DataFrame
) -> pd.DataFrame:
    """Raw slots with the facts of their meetings, and eligibility, by slot_schema.JUDGED.

    dated: acts that messages and audit logs date (meetings.dated_acts).
    """
    slots = judged(ended(gathered, dated, limits), gathered, setting.policy)
    told = ["meeting_key", "series_uid", "mailbox_id", "subject", "online"]
    facts = tables.narrow(
        gathered.meetings, [*told, "recurrence_id", "original", "organiser", "ours"]
    )
    facts = facts.loc[slots["code"]].reset_index(drop=True)
    for label in told:
        slots[label] = facts[label].array
    slots["recurring"] = (facts["recurrence_id"] != "").to_numpy()
    slots["displaced"] = (
        (facts["original"] != NONE) & (facts["original"].to_numpy() != slots["start"].to_numpy())
    ).to_numpy()
    organiser = facts["organiser"].to_numpy(dtype=object)
    theirs = np.where(organiser == slots["contact"].to_numpy(dtype=object), "them", "other")
    slots["organised_by"] = np.where(facts["ours"].to_numpy(dtype=bool), "us", theirs)
    slots["grade"], slots["mail_at"] = "", NONE
    unsaid = ["named", "in_absence", "sent_someone", "kept_after_all"]
    slots[[*unsaid, "replacement_coming", "replacement_unknown", "churned"]] = False
    key, who = (distinct(slots[label]).ranks() for label in ("meeting_key", "contact"))
    order = np.lexsort([slots["number"].to_numpy(), who, key, slots["start"].to_numpy()])
    slots = slots.take(order).reset_index(drop=True)
    slots["persons"] = _persons(slots["code"].to_numpy(), distinct(slots["contact"]))
    return judged_frame(slots)


def _persons(meeting: Ints, contact: Distinct) -> pd.Series:
    """The outside persons of each slot's meeting, as one text."""
    names = contact.texts.sort()
    wide = max(len(names), 1)
    pairs = np.sort(pd.unique(meeting * wide + contact.ranks()))
    code = pairs // wide
    first = np.flatnonzero(np.append(True, code[1:] != code[:-1])[: len(code)])
    ends = np.append(first, len(code)).astype("int32")
    lists = pa.ListArray.from_arrays(ends, names.take(pa.array(pairs % wide)))
    texts = pc.binary_join(lists, pa.scalar(" ", pa.large_string()))
    return column(texts.take(pa.array(np.searchsorted(code[first], meeting))))
