"""Who was introduced to us, and when?

rules.md section 1: a human mail by somebody neither ours nor of their organisation, with us and
them among at most five recipients.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from config.ours import Ours
from config.policy import Policy
from connectors.model.frames import Frames
from reports.detect import addresses
from reports.detect.timeline import joined


def find(
    frames: Frames,
    mails: pd.DataFrame,
    people: pd.DataFrame,
    ours: Ours,
    policy: Policy,
    *,
    merge: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Each introduction; columns contact (who was introduced), at; ordered, each once.

    mails: by MAILS; people: by PEOPLE. Recipients are counted in To and Cc, ours too.
    """
    written = mails[
        (mails["direction"] == "in") & (mails["mail_class"] == "human") & (mails["contact"] != "")
    ][["message_id", "at", "contact"]]
    named = frames.recipients.loc[
        frames.recipients["role"].isin(["to", "cc"])
        & frames.recipients["message_id"].isin(written["message_id"]),
        ["message_id", "address"],
    ].drop_duplicates()
    named = named.assign(
        about=addresses.contacts(named["address"], ours, merge or {}),
        mine=addresses.ours_mask(named["address"], ours),
    )
    total = named.groupby("message_id")["address"].nunique()
    few = total.index[total <= policy.introduction_recipients]
    with_us = named.loc[named["mine"], "message_id"]
    named = named[
        (named["about"] != "") & named["message_id"].isin(few) & named["message_id"].isin(with_us)
    ]
    persons = people.loc[~people["machine"], ["contact", "organisation"]]
    both = (
        written.merge(named[["message_id", "about"]], on="message_id")
        .merge(persons, on="contact")
        .merge(persons.set_axis(["about", "home"], axis=1), on="about")
    )
    stranger = (both["contact"] != both["about"]) & (
        (both["organisation"] != both["home"]) | (both["home"] == "")
    )
    found = joined([both.loc[stranger, ["about", "at"]].set_axis(["contact", "at"], axis=1)])
    return found.sort_values(["contact", "at"], ignore_index=True)
