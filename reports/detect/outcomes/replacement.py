"""Was a lost meeting made up for, and kept?

rules.md M9: a slot with the same outside persons, made or moved between 1 day before and 3
business days after the loss, starting within 5 business days of the lost start, and kept or
attended. While it is still to come, or where it is not known whether it took place, the incident does
not weigh in `k_hard` either. An occurrence that the series had anyway is none. One that was agreed too
late to have an outcome of its own was kept where it was accepted and passed.
"""

from __future__ import annotations

import pandas as pd

from config.policy import Policy
from reports.columns import tables
from reports.columns.business_days import Calendar
from reports.columns.instants import DAY, NONE, whole_instants
from reports.detect.outcomes import counting
from reports.vocabulary import Outcome


def made_up_for(slots: pd.DataFrame, policy: Policy, calendar: Calendar) -> pd.DataFrame:
    """The slots with what makes a loss up, what stays hard, and what was moved again and again in time."""
    lost = slots["eligible"] & slots["outcome"].isin(counting.IN_K)
    made = replaced(slots, lost, policy, calendar)
    slots = slots.copy(deep=False)
    slots["replaced"] = made["at"]
    hard = slots["in_k"] & slots["outcome"].isin((Outcome.CANCELLED_LATE, Outcome.ABSENT))
    slots["hard"] = hard & (made["at"] == NONE) & ~made["coming"] & ~made["unknown"]
    slots["replacement_coming"] = made["coming"].to_numpy(dtype=bool)
    slots["replacement_unknown"] = made["unknown"].to_numpy(dtype=bool)
    early = tables.kept(
        slots, (slots["outcome"] == Outcome.CHANGED_EARLY) & (slots["merged"] != "")
    )
    moves = early.groupby(["meeting_key", "contact"])["number"].transform("size")
    churned = moves.index[moves >= policy.churn_moves]
    slots.loc[churned, "churned"] = True
    return slots


def replaced(
    slots: pd.DataFrame, lost: pd.Series, policy: Policy, calendar: Calendar
) -> pd.DataFrame:
    """For each slot: `at`, the start [us] of its kept replacement (NONE); without one, `coming` where
    one is to come, else `unknown` where it is not known of one whether it was kept.

    slots: with `persons` (who was in it, as text), `outcome`, `recurring`, `came`; `lost` marks
    incidents. Aligned with `slots`.
    """
    result = pd.DataFrame({"at": NONE, "coming": False, "unknown": False}, index=slots.index)
    losses = tables.kept(slots, lost)
    if not len(losses):
        return result
    acts = losses["act_hi"].where(losses["act_hi"] != NONE, losses["start"])
    windows = pd.DataFrame(
        {
            "contact": losses["contact"].to_numpy(dtype=object),
            "persons": losses["persons"].to_numpy(dtype=object),
            "lost": losses.index.to_numpy(),
            "loss": acts.where(losses["outcome"] != Outcome.ABSENT, losses["start"]).to_numpy(),
            "lost_start": losses["start"].to_numpy(),
        }
    )
    # an occurrence at its place in the series (never moved) was there anyway
    anyway = slots["recurring"] & (slots["number"] == 0) & ~slots["displaced"]
    soon = slots["came"] & (slots["why_not"] == "agreed-late")
    outcome = slots["outcome"].mask(soon, Outcome.KEPT)
    told = outcome.isin((*counting.CAME, Outcome.COMING)) | counting.perhaps_kept(slots)
    good = told & slots["accepted"] & ~anyway & ~slots["given_up"]
    labels = ["contact", "persons", "set_lo", "set_hi", "start"]
    made = tables.kept(slots, good & (slots["eligible"] | soon), labels)
    made = made.assign(outcome=outcome.loc[made.index], slot=made.index)
    pairs = tables.joined(windows, made, ["contact", "persons"])
    # somewhere in an interval: what is not known to be too early or too late counts for them
    set_lo = pairs["set_lo"].where(pairs["set_lo"] != NONE, pairs["set_hi"])
    before = policy.replacement_before_days * DAY
    made_later = calendar.between(_moments(pairs["loss"]), _moments(set_lo))
    starts_later = calendar.between(_moments(pairs["lost_start"]), _moments(pairs["start"]))
    fits = (
        (pairs["slot"] != pairs["lost"])
        & (pairs["set_hi"] >= pairs["loss"] - before)
        & (made_later <= policy.replacement_made_days)
        & (starts_later <= policy.replacement_start_days)
        & (pairs["start"] > pairs["loss"])
    )
    pairs = tables.ordered(tables.kept(pairs, fits), ["lost", "start", "slot"])
    kept = tables.once(tables.kept(pairs, pairs["outcome"].isin(counting.CAME)), "lost").set_index(
        "lost"
    )
    result.loc[kept.index, "at"] = kept["start"].astype("int64")
    coming, unknown = (
        result.index.isin(pairs.loc[pairs["outcome"] == outcome, "lost"])
        for outcome in (Outcome.COMING, Outcome.UNKNOWN)
    )
    result["coming"] = coming & (result["at"] == NONE)
    result["unknown"] = unknown & ~coming & (result["at"] == NONE)
    return result


def _moments(column: pd.Series) -> pd.Series:
    return whole_instants(column.to_numpy(dtype="int64")).set_axis(column.index)
