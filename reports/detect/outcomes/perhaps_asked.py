"""Which late changes of theirs did a mail of ours perhaps ask for?

The mirror of M5 for what only our own mail shows (rules.md section 3, docs/decisions/0107): with words
of moving in its subject, or about this very meeting in the hours before, it makes the change
unknown; any other mail of ours in these hours leaves it likely at most.
"""

from __future__ import annotations

import pandas as pd

from config.policy import Policy
from reports.columns import tables
from reports.columns.instants import HOUR, NONE
from reports.detect.slots.slot_schema import Because
from reports.vocabulary import Origin, Outcome

_LATE = (Outcome.CANCELLED_LATE, Outcome.MOVED_LATE)


def late_of_theirs(slots: pd.DataFrame) -> pd.Series:
    """Which slots they gave up late."""
    late: pd.Series = slots["outcome"].isin(_LATE) & (slots["origin"] == Origin.THEM)
    return late & (slots["act_hi"] != NONE)


def people(slots: pd.DataFrame) -> pd.Series:
    """Whom we may have asked: who gave a slot up late, and through whom."""
    late = tables.kept(slots, late_of_theirs(slots), ["contact", "via"])
    both = pd.concat([late["contact"], late["via"]], ignore_index=True)
    found: pd.Series = both[both != ""].drop_duplicates()
    return found


def applied(
    slots: pd.DataFrame, wishes: pd.DataFrame, titles: pd.Series, policy: Policy
) -> pd.DataFrame:
    """The slots; wishes: by own_wishes.find. titles: what each slot's meeting is called, by its index."""
    late = tables.kept(slots, late_of_theirs(slots), ["contact", "via", "act_lo", "act_hi"])
    if not len(late) or not len(wishes):
        return slots
    late = late.assign(slot=late.index, called=titles[late.index])
    through = late.loc[late["via"] != ""].assign(contact=late["via"])
    late = pd.concat([late, through]).drop(columns="via")
    pairs = late.merge(wishes, on="contact")
    earliest = pairs["act_lo"].where(pairs["act_lo"] != NONE, pairs["act_hi"])
    before = pairs["at"] <= pairs["act_hi"]
    soon = before & (pairs["at"] >= earliest - int(policy.asked_soon_hours * HOUR))
    worded = before & (pairs["at"] >= earliest - int(policy.asked_hours * HOUR)) & pairs["asks"]
    same = (pairs["title"] == pairs["called"]) & (pairs["called"] != "")
    asked = worded | (soon & same & pairs["began"])
    slots = slots.copy(deep=False)
    slots.loc[pairs.loc[soon, "slot"].unique(), "proof"] = False
    last = tables.once(tables.ordered(tables.kept(pairs, asked), "at"), "slot", keep="last")
    told = last.set_index("slot")["message_id"]
    tables.put(
        slots,
        slots.index.isin(told.index),
        ["outcome", "rule", "origin", "because"],
        [Outcome.UNKNOWN, "", Origin.UNKNOWN, str(Because.PERHAPS_ASKED_BY_MAIL)],
    )
    slots.loc[told.index, "evidence"] += " m" + told.astype("str")
    return slots
