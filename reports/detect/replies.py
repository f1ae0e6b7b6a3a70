"""How fast do they answer us, and we them?

Kaplan-Meier with right-censoring: leaving out what was never answered would make everybody look
fast (facts of detection, section 5). In business hours; for order and words, never for a limit.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from config.ours import Ours
from config.policy import Policy
from connectors.model.frames import Frames, empty, enforce
from reports.businessdays import Calendar
from reports.detect import addresses, lookup, signs
from reports.detect.timeline import Timeline
from reports.shapes import REPLIES


def times(
    frames: Frames,
    mails: pd.DataFrame,
    asks: pd.DataFrame,
    people: pd.DataFrame,
    ours: Ours,
    days: Calendar,
    policy: Policy,
    as_of: pd.Timestamp,
    *,
    merge: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Replies seen each way and their median [business hours]; a frame by REPLIES, by contact.

    theirs: asks by mail to their next human mail, those never answered censored at `as_of`.
    ours: their mails to us to our next mail to them. A median is NaN below five replies, and
    where fewer than half were ever answered. mails: by MAILS; asks: by ASKS; people: by PEOPLE.
    """
    merge = merge or {}
    persons = people.loc[~people["machine"], "contact"]
    human = mails[mails["mail_class"] == "human"]
    inbound = human[(human["direction"] == "in") & human["to_us"]]
    sent = signs.letters(frames, mails, ours)
    to = signs.addressed(sent, frames, people, ours, policy, merge)

    asked = asks[(asks["kind"] == "mail") & ~asks["undeliverable"]]
    moments = mails.set_index("message_id")["at"]
    own = moments.reindex(asked["message_id"]).set_axis(asked.index)
    # What an absence met is not dated by the mail, and their absence is not their pace.
    theirs = _spans(
        asked[asked["at"] == own], Timeline(inbound["contact"], inbound["at"]), days, as_of
    )
    came = _to_us(frames, inbound, ours, policy)
    answers = Timeline(to["contact"], to["at"])
    back = _spans(came, answers, days, as_of)
    table = pd.concat([_medians(theirs, "theirs", policy), _medians(back, "ours", policy)], axis=1)
    table = table[table.index.isin(persons)].sort_index()
    if not len(table):
        return empty(REPLIES)
    table = table.rename(columns={"theirs_median": "their_median_hours"})
    table = table.rename(columns={"ours_median": "our_median_hours"}).reset_index(names="contact")
    return enforce(table.fillna({"theirs": 0, "ours": 0}), REPLIES, "replies")


def _to_us(frames: Frames, inbound: pd.DataFrame, ours: Ours, policy: Policy) -> pd.DataFrame:
    """Mails of theirs with us in To and few recipients, each once."""
    named = frames.recipients[frames.recipients["message_id"].isin(inbound["message_id"])]
    visible = named[named["role"].isin(["to", "cc"])]
    count = visible.groupby("message_id")["address"].nunique()
    few = count.index[count <= policy.owed_recipients]
    to_us = named[(named["role"] == "to") & addresses.ours_mask(named["address"], ours)]
    chosen = inbound[
        inbound["message_id"].isin(to_us["message_id"]) & inbound["message_id"].isin(few)
    ]
    letter = lookup.letters(frames.messages, chosen["message_id"])
    return chosen.assign(letter=letter).drop_duplicates("letter")


def _spans(
    rows: pd.DataFrame, answers: Timeline, days: Calendar, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Per wait: contact, hours until the answer or now, and whether it was answered.

    Of several mails before one answer only the first began the wait.
    """
    found = answers.after(rows["contact"], rows["at"])
    table = rows[["contact", "at"]].assign(answered=found)
    table = table.sort_values(["contact", "at"])
    table = table.drop_duplicates(["contact", "answered"])
    until = table["answered"].fillna(as_of)
    hours = days.hours(table["at"], until)
    return table.assign(hours=hours, seen=table["answered"].notna())


def _medians(spans: pd.DataFrame, label: str, policy: Policy) -> pd.DataFrame:
    """Replies and the Kaplan-Meier median by contact; NaN below the least number of replies."""
    count = spans.groupby("contact")["seen"].sum()
    enough = count.index[count >= policy.reply_minimum]
    chosen = spans[spans["contact"].isin(enough)]
    found = medians(chosen["contact"], chosen["hours"], chosen["seen"])
    return pd.DataFrame({label: count, f"{label}_median": found.reindex(count.index)})


def medians(key: pd.Series, hours: pd.Series, seen: pd.Series) -> pd.Series:
    """When half were answered, by Kaplan and Meier (1958); float64 by key [business hours].

    key, hours, seen: aligned; `seen` False means still waiting at that time (right-censored; at
    equal times an answer comes first). NaN where fewer than half were ever answered. The same
    numbers as `scipy.stats.ecdf` of right-censored data, for all contacts at once.
    """
    table = pd.DataFrame(
        {"key": key.to_numpy(), "hours": hours.to_numpy(), "seen": seen.to_numpy(dtype=bool)}
    ).sort_values(["key", "hours"])
    group = table.groupby("key")
    table["waiting"] = group["seen"].transform("size") - group.cumcount()
    steps = table.groupby(["key", "hours"]).agg(answered=("seen", "sum"), risk=("waiting", "max"))
    survival = (1 - steps["answered"] / steps["risk"]).groupby("key").cumprod()
    # A product of fractions may end a hair above one half.
    half = survival[survival <= 0.5 + 1e-12].reset_index().drop_duplicates("key")
    result: pd.Series = half.set_index("key")["hours"].reindex(pd.Index(table["key"].unique()))
    return result.astype("float64")
