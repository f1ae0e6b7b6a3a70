"""Which automatic answers come from a mailbox that confirms whatever is sent to it?

rules.md section 2: a mailbox that answers by itself, outside the phrase tables, three times or more
over 20 business days. Its replies mean nothing, from the first on: neither that somebody is away
nor that anything was answered. Whoever is away now and then is no such mailbox, in whatever
language: most of our mails reach them without such an answer.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from reports.columns import tables, text
from reports.columns.business_days import countries_of
from reports.columns.instants import Flags, Ints
from reports.columns.text import Distinct
from reports.detect.mail import mail_class
from reports.detect.mail.mail_index import Arrived
from reports.detect.setting import Setting

#: A mailbox that confirms does so for each mail; a notice of absence comes to few of them.
_SHARE: Final = 0.5


def confirms(
    setting: Setting, arrived: Arrived, table: pd.DataFrame, person: Ints, sent: pd.DataFrame
) -> Flags:
    """Which mails are replies of a confirming mailbox? Shape (len(table),).

    table: contact, at, mail_class and direction of the mails that arrived, aligned with them;
    person: who wrote each (-1 for ours). sent: at, key and person of our mails, a row a person in
    To; key: one for all copies of a mail.
    """
    chosen = _replies(setting, arrived, table) & (person >= 0)
    if not chosen.any():
        return chosen
    replies = tables.kept(table, chosen, ["contact", "at"]).assign(
        person=person[chosen], key=arrived.messages.loc[chosen, "message_key"]
    )
    once = replies[(replies["key"] == "") | ~replies.duplicated(["person", "key"])]
    whole = once.groupby("person").agg(
        contact=("contact", "first"), first=("at", "min"), last=("at", "max"), count=("at", "size")
    )
    policy = setting.policy
    apart = setting.days.between(whole["first"], whole["last"], countries_of(whole["contact"]))
    whole = whole[(whole["count"] >= policy.confirming_replies) & (apart >= policy.confirming_days)]
    if not len(whole):
        return np.zeros(len(table), dtype=bool)
    asked = sent.merge(tables.narrow(whole, ["first", "last"]), left_on="person", right_index=True)
    within = asked["at"].between(asked["first"] - pd.Timedelta(days=1), asked["last"])
    letters = tables.once(tables.kept(asked, within), ["person", "key"]).groupby("person").size()
    letters = letters.reindex(whole.index, fill_value=0)
    confirming = whole.index[whole["count"] >= _SHARE * letters]
    return chosen & np.isin(person, confirming)


def _replies(setting: Setting, arrived: Arrived, table: pd.DataFrame) -> Flags:
    """Automatic answers that no phrase table knows; no reports, and none of machines."""
    came = ((table["direction"] == "in") & (table["mail_class"] == "auto")).to_numpy()
    headers: Distinct = arrived.headers.take(came)
    found = mail_class.own_answer(headers) | mail_class.generated(headers)
    found &= ~arrived.senders.take(came).holds(setting.phrases.is_machine)
    subject = text.plain(arrived.messages.loc[came, "subject"])
    phrases = setting.phrases
    for pattern in (phrases.away_pattern, phrases.bounce_pattern, phrases.delivered_pattern):
        found &= ~text.matches(subject, pattern)
    result = np.zeros(len(table), dtype=bool)
    result[came] = found
    return result
