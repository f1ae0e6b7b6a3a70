"""How often did each contact's meetings fall through late, and how likely is that no chance?

rules.md section 4. A contact's rate of late changes has the posterior Beta(2 + k, 8 + n - k): a
prior mean of 0.20 with the weight of 10 meetings. Not knowing (`unknown`) always speaks for the
contact.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import betainc

from config.policy import Policy
from reports.columns import tables
from reports.columns.instants import DAY, NONE, Floats, Ints
from reports.columns.text import distinct
from reports.detect.setting import Setting
from reports.vocabulary import Origin, Outcome


def probability(k: Ints, trials: Ints, policy: Policy) -> Floats:
    """P(rate > baseline | k late of `trials`) under the constant prior; in [0, 1].

    1 - I_baseline(a + k, b + trials - k), the Beta distribution's survival function.
    Source: https://en.wikipedia.org/wiki/Beta-binomial_distribution; DLMF 8.17.
    """
    a = policy.baseline * policy.prior_weight
    b = (1 - policy.baseline) * policy.prior_weight
    survival: Floats = 1.0 - betainc(a + k, b + np.maximum(trials - k, 0), policy.baseline)
    return survival


def posterior(k: Ints, n: Ints, policy: Policy) -> Floats:
    """The posterior mean of the rate of late changes, in (0, 1)."""
    mean: Floats = (policy.baseline * policy.prior_weight + k) / (policy.prior_weight + n)
    return mean


def counted(setting: Setting, slots: pd.DataFrame) -> pd.DataFrame:
    """What is counted of each contact with an eligible slot in 180 days; index contact.

    slots: from outcomes.judge. Columns k, k_hard, n, unknown, early, excused, agreed, own_late
    (F2), moves (incidents that are moves), lost_hours, lead_kept_days, lead_lost_days.
    """
    policy = setting.policy
    recent = tables.kept(
        slots, slots["eligible"] & (slots["start"] > setting.now - policy.horizon_days * DAY)
    )
    by = recent.groupby("contact")
    outcome = recent["outcome"]
    single = ~recent["merged_away"]
    own = (outcome == Outcome.AGREED) & (recent["origin"] == Origin.US)
    flags = pd.DataFrame(
        {
            "k": recent["in_k"],
            "k_hard": recent["hard"],
            "n": recent["in_n"],
            "unknown": recent["unknown"],
            "early": (outcome == Outcome.CHANGED_EARLY) & single,
            "excused": outcome == Outcome.EXCUSED,
            "agreed": (outcome == Outcome.AGREED) & single,
            "own_late": own & single,
            "moves": recent["in_k"] & (outcome == Outcome.MOVED_LATE),
        }
    ).astype("int64")
    table = flags.groupby(recent["contact"]).sum()
    table["lost_hours"] = by["lost_hours"].sum()
    known = recent["set_hi"].where(recent["set_lo"] != NONE)
    # How long before we invite is ours to choose only where we organise, and not where a late move
    # chose it.
    invited = (recent["organised_by"] == "us") & ~_after_late(slots).loc[recent.index]
    lead = (recent["start"] - recent["agreed"].where(recent["agreed"] != NONE, known)) / DAY
    kept = recent["in_n"] & ~recent["in_k"] & invited
    lost = recent["in_k"] & invited
    for label, chosen in (("lead_kept_days", kept), ("lead_lost_days", lost)):
        leads = lead.loc[chosen & lead.notna()].groupby(recent["contact"])
        enough = leads.size() >= policy.lead_meetings
        table[label] = leads.median().where(enough)
    return table


def _after_late(slots: pd.DataFrame) -> pd.Series:
    """Which slots did a late move open? Not those that replaced one given up in good time."""
    code, who = slots["code"].to_numpy(), distinct(slots["contact"]).codes
    order = np.lexsort([slots["number"].to_numpy(), who, code])
    early = (slots["outcome"] == Outcome.CHANGED_EARLY).to_numpy()[order]
    code, who = code[order], who[order]
    after_early = np.zeros(len(order), dtype=bool)
    after_early[1:] = early[:-1] & (code[1:] == code[:-1]) & (who[1:] == who[:-1])
    opened = np.zeros(len(order), dtype=bool)
    opened[order] = (slots["number"].to_numpy()[order] > 0) & ~after_early
    return pd.Series(opened, index=slots.index)


def expected_by_chance(standing: pd.DataFrame) -> float:
    """How many of those listed by R1 are to be expected by chance: the sum of 1 - P."""
    listed = standing["rules"].str.contains(r"\bR1\b") & (standing["tier"] != "")
    return float((1.0 - standing.loc[listed, "probability"]).sum())
