"""How fast do they answer us, and we them?

Kaplan-Meier with right-censoring: leaving out what was never answered would make everybody look
fast (facts of detection, section 5). In business hours; for order and words, never for a limit.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.model.frames import empty, enforce
from reports.columns import addresses, keys, tables
from reports.columns.instants import micros
from reports.columns.moment_index import Timeline
from reports.detect.mail.letters import Talk
from reports.detect.mail.mail_index import MailIndex
from reports.detect.setting import Setting
from reports.schemas import REPLIES


def find_replies(
    setting: Setting, index: MailIndex, talk: Talk, asks: pd.DataFrame, people: pd.DataFrame
) -> pd.DataFrame:
    """Replies seen each way and their median [business hours]; a frame by REPLIES, by contact.

    theirs: asks by mail to their next human mail, those never answered censored at the setting's moment.
    ours: their mails to us to our next mail to them. A median is NaN below five replies, and
    where fewer than half were ever answered. asks: by ASKS; people: by PEOPLE.
    """
    persons = people.loc[~people["machine"], "contact"]
    inbound = np.flatnonzero(index.theirs & index.mails["to_us"].to_numpy())
    wrote = Timeline(index.text(index.writer[inbound]), index.at(inbound))

    asked = asks[(asks["kind"] == "mail") & ~asks["undeliverable"]]
    place, held = keys.places(index.mails["message_id"].to_numpy(), asked["message_id"].to_numpy())
    # What an absence met is not dated by the mail, and their absence is not their pace.
    dated = held & (micros(index.at(place)) == micros(asked["at"]))
    theirs = _spans(setting, tables.kept(asked, dated), wrote)
    came = inbound[index.to_us[inbound] & (index.shown[inbound] <= setting.policy.owed_recipients)]
    # A mail to several of us is one mail.
    came = came[~pd.Series(index.letters(came)).duplicated().to_numpy()]
    rows = pd.DataFrame({"contact": index.text(index.writer[came]), "at": index.at(came)})
    answers = Timeline(talk.addressed["contact"], talk.addressed["at"])
    if not len(rows) and not dated.any():
        return empty(REPLIES)
    back = _spans(setting, rows, answers)
    table = pd.concat(
        [
            _medians(theirs, "theirs", setting.policy.reply_minimum),
            _medians(back, "ours", setting.policy.reply_minimum),
        ],
        axis=1,
    )
    table = tables.kept(table, addresses.among(table.index.to_series(), persons)).sort_index()
    if not len(table):
        return empty(REPLIES)
    table = table.rename(columns={"theirs_median": "their_median_hours"})
    table = table.rename(columns={"ours_median": "our_median_hours"}).reset_index(names="contact")
    return enforce(table.fillna({"theirs": 0, "ours": 0}), REPLIES, "replies")


def _spans(setting: Setting, rows: pd.DataFrame, answers: Timeline) -> pd.DataFrame:
    """Per wait: contact, hours until the answer or now, and whether it was answered.

    Of several mails before one answer only the first began the wait.
    """
    found = answers.after(rows["contact"], rows["at"])
    table = tables.narrow(rows, ["contact", "at"]).assign(answered=found)
    table = tables.ordered(table, ["contact", "at"])
    table = tables.once(table, ["contact", "answered"])
    until = table["answered"].fillna(setting.as_of)
    hours = setting.days.hours(table["at"], until)
    return table.assign(hours=hours, seen=table["answered"].notna())


def _medians(spans: pd.DataFrame, label: str, least: int) -> pd.DataFrame:
    """Replies and the Kaplan-Meier median by contact; NaN below the least number of replies."""
    count = spans.groupby("contact")["seen"].sum()
    enough = count.index[count >= least]
    if not len(enough):
        return pd.DataFrame({label: count, f"{label}_median": np.nan})
    chosen = spans[addresses.among(spans["contact"], enough.to_series())]
    found = medians(chosen["contact"], chosen["hours"], chosen["seen"])
    return pd.DataFrame({label: count, f"{label}_median": found.reindex(count.index)})


def medians(key: pd.Series, hours: pd.Series, seen: pd.Series) -> pd.Series:
    """When half were answered, by Kaplan and Meier (1958); float64 by key [business hours].

    key, hours, seen: aligned; `seen` False means still waiting at that time (right-censored; at
    equal times an answer comes first). NaN where fewer than half were ever answered. The same
    numbers as `scipy.stats.ecdf` of right-censored data, for all contacts at once.
    """
    table = tables.ordered(
        pd.DataFrame(
            {"key": key.to_numpy(), "hours": hours.to_numpy(), "seen": seen.to_numpy(dtype=bool)}
        ),
        ["key", "hours"],
    )
    group = table.groupby("key")
    table["waiting"] = group["seen"].transform("size") - group.cumcount()
    steps = table.groupby(["key", "hours"])
    survival = (1 - steps["seen"].sum() / steps["waiting"].max()).groupby("key").cumprod()
    # A product of fractions may end a hair above one half.
    half = tables.once(survival[survival <= 0.5 + 1e-12].reset_index(), "key")
    result: pd.Series = half.set_index("key")["hours"].reindex(pd.Index(table["key"].unique()))
    return result.astype("float64")
