"""Did they write around the start, and was a new date made afterwards?

rules.md M8: a meeting that polls kept may not have taken place. A mail of theirs from 15 minutes
before to 2 hours after the start, and a date made after that mail and within 7 days of the start, is a
question and nothing more. Where a record shows that they were not there, such a mail until the end is
enough: they may have asked to be called (decision 0087).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from config.policy import Policy
from reports.columns import addresses, tables
from reports.columns.instants import DAY, HOUR, MINUTE, NONE, Flags, Ints, micros


def mails_around(
    slots: pd.DataFrame, mails: pd.DataFrame, candidates: Flags, missed: Flags, policy: Policy
) -> tuple[Ints, pd.DataFrame]:
    """For each slot the moment [us] of such a mail with a new date after it; NONE where none.

    `mails`: human mails of contacts to us (contact, at, message_id). `missed`: where a record shows
    that they were not there, a mail until the end needs no new date. The second value holds the
    message's id, aligned with `slots` (-1 where none).
    """
    at = np.full(len(slots), NONE, dtype="int64")
    messages = np.full(len(slots), -1, dtype="int64")
    chosen = np.flatnonzero(candidates)
    if len(chosen) and len(mails):
        rows = tables.narrow(slots.iloc[chosen], ["contact", "start", "end"]).assign(slot=chosen)
        known = addresses.among(mails["contact"], rows["contact"])
        wrote = tables.kept(mails, known, ["contact", "at", "message_id"])
        wrote = wrote.assign(mail=micros(wrote["at"])).drop(columns="at")
        near = _near(rows, wrote, policy)
        if len(near):
            at_it = missed[near["slot"].to_numpy()] & (near["mail"] <= near["end"]).to_numpy()
            labels = ["slot", "mail", "message_id"]
            dated = tables.narrow(_with_new_date(near, slots, policy), labels)
            near = pd.concat([dated, tables.kept(near, at_it, labels)])
            near = tables.once(tables.ordered(near, labels), "slot")
            at[near["slot"].to_numpy()] = near["mail"].to_numpy()
            messages[near["slot"].to_numpy()] = near["message_id"].to_numpy()
    return at, pd.DataFrame({"message_id": messages}, index=slots.index)


def _near(rows: pd.DataFrame, wrote: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Pairs of a slot and a mail in its window, found day by day so that no pair is made in vain."""
    before, after = policy.mail_before_minutes * MINUTE, int(policy.after_start_hours * HOUR)
    span = before + after
    cell = max(span, HOUR)
    first = ((rows["start"] - before) // cell).to_numpy()
    repeated = pd.concat([rows.assign(cell=first), rows.assign(cell=first + 1)])
    pairs = tables.joined(repeated, wrote.assign(cell=wrote["mail"] // cell), ["contact", "cell"])
    inside = (pairs["mail"] >= pairs["start"] - before) & (pairs["mail"] <= pairs["start"] + after)
    return tables.ordered(
        tables.kept(pairs, inside), ["slot", "mail", "message_id"], ignore_index=True
    )


def _with_new_date(near: pd.DataFrame, slots: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    made = tables.kept(
        slots,
        slots["contact"].isin(near["contact"]) & (slots["set_lo"] != NONE),
        ["contact", "set_lo", "set_hi", "start"],
    ).rename(columns={"start": "new"})
    pairs = tables.joined(near, made, "contact")
    fits = (
        (pairs["set_lo"] >= pairs["mail"])
        & (pairs["set_hi"] > pairs["mail"])
        & (pairs["set_hi"] <= pairs["start"] + policy.new_date_days * DAY)
        & (pairs["new"] > pairs["mail"])
        & (pairs["new"] != pairs["start"])
    )
    return tables.ordered(
        tables.kept(pairs, fits), ["slot", "mail", "message_id"], ignore_index=True
    )
