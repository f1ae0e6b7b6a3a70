"""Which late changes fell into an absence of theirs?

rules.md section 3, `excused`: a late change while an absence was open, or within 24 h before its
first notice, or within 24 h after the human act that ended it: who writes by hand that they are ill
has ended the absence and is ill all the same (decision 0021). Never where they accepted within the
absence by a human act: then they were there.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from config.policy import Policy
from reports.columns import tables
from reports.columns.addresses import among
from reports.columns.instants import HOUR, NONE, Flags, micros
from reports.detect.slots.slot_schema import Because
from reports.vocabulary import Origin, Outcome

_LATE: Final = (Outcome.CANCELLED_LATE, Outcome.MOVED_LATE)


def applied(slots: pd.DataFrame, absences: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The slots, late changes of theirs excused where they were away, unknown where they perhaps were."""
    late = (slots["outcome"].isin(_LATE) & (slots["origin"] == Origin.THEM)).to_numpy(dtype=bool)
    acts = slots.loc[:, ["contact", "act_lo", "act_hi", "said"]]
    away, perhaps = (
        late & excused(acts, some, excuse_hours=policy.excuse_hours)
        for some in (absences[absences["known"]], absences[~absences["known"]])
    )
    slots = slots.copy(deep=False)
    slots.loc[away, "in_absence"] = True
    tables.put(slots, away, ["outcome", "rule", "origin"], [Outcome.EXCUSED, "", ""])
    # What their mailbox answered is in no words that we know: perhaps they were away.
    unsure = perhaps & ~away
    tables.put(slots, unsure, ["outcome", "rule", "origin", "because", "act_name"], [
        Outcome.UNKNOWN, "", Origin.UNKNOWN, str(Because.PERHAPS_AWAY), "",
    ])  # fmt: skip
    return slots


def excused(slots: pd.DataFrame, absences: pd.DataFrame, *, excuse_hours: float) -> Flags:
    """True where the slot's act (`act_lo`, `act_hi`) may lie in an absence of its contact.

    An interval that touches the absence is excused: not knowing must not accuse. `said` is when
    they last accepted by a human act.
    """
    acted = tables.kept(
        slots,
        (slots["act_hi"] != NONE) & among(slots["contact"], absences["contact"]),
        ["contact", "act_lo", "act_hi", "said"],
    )
    if not len(acted):
        return pd.Series(False, index=slots.index).to_numpy(dtype=bool)
    away = tables.once(
        pd.DataFrame(
            {
                "contact": absences["contact"].to_numpy(dtype=object),
                "opens": micros(absences["opens_at"]),
                "noticed": micros(absences["noticed_at"]),
                "ends": micros(absences["excuses_until"]),
            }
        )
    )
    rows = tables.joined(acted.assign(slot=acted.index), away, "contact")
    begins = pd.concat([rows["opens"], rows["noticed"] - int(excuse_hours * HOUR)], axis=1).min(
        axis=1
    )
    earliest = rows["act_lo"].where(rows["act_lo"] != NONE, rows["act_hi"])
    inside = (rows["act_hi"] >= begins) & (earliest <= rows["ends"])
    accepted = (
        (rows["said"] != NONE)
        & (rows["said"] >= rows["opens"])
        & (rows["said"] <= rows["ends"])
        & (rows["said"] <= rows["act_hi"])
    )
    hit = set(rows.loc[inside & ~accepted, "slot"].tolist())
    return slots.index.isin(list(hit))


def open_at(contacts: pd.Series, moments: pd.Series, absences: pd.DataFrame) -> Flags:
    """True where an absence of the contact was open at the moment [us] of the same row."""
    rows = pd.DataFrame({"contact": contacts.to_numpy(dtype=object), "at": moments.to_numpy()})
    rows["row"] = range(len(rows))
    away = pd.DataFrame(
        {
            "contact": absences["contact"].to_numpy(dtype=object),
            "opens": micros(absences["opens_at"]),
            "closes": micros(absences["closes_at"]),
        }
    )
    joined = tables.joined(rows, away, "contact")
    hit = joined.loc[(joined["opens"] <= joined["at"]) & (joined["at"] <= joined["closes"]), "row"]
    return rows["row"].isin(hit).to_numpy(dtype=bool)
