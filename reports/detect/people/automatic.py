"""What did people's mailboxes answer by themselves, and may it mean that they are away?

rules.md sections 2 and 5: where a header or a phrase table says so, it means away. One reply alone in
words that no table knows may be a notice in a language that we do not know (decision 0043). What a
mailbox confirms mail by mail is of another class (reports.detect.mail.confirming).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from reports.columns import tables
from reports.columns.business_days import countries_of
from reports.columns.instants import Flags, Ints
from reports.detect.mail import mail_class, references
from reports.detect.mail.mail_index import MailIndex
from reports.detect.setting import Setting


def find_replies(setting: Setting, index: MailIndex, people: pd.DataFrame) -> pd.DataFrame:
    """Automatic replies of persons; columns contact, at, away, alone; ordered by contact and moment.

    people: by PEOPLE. `away`: a header or a phrase table says that they are away. `alone`: it may be
    a notice in a language that no table knows: the mailbox wrote it, it answers a mail of ours, and
    no other reply without known words came within 20 business days.
    """
    persons = index.among(people.loc[~people["machine"], "contact"])
    came_in = (index.mails["direction"] == "in") & (index.mails["mail_class"] == "auto")
    place = np.flatnonzero(came_in.to_numpy() & index.by(persons))
    subject, headers = index.facts["subject"].take(place), index.headers.take(place)
    away = mail_class.away_notice(headers, subject, setting.phrases)
    itself, generated = mail_class.answered_by_itself(headers), mail_class.generated(headers)
    wordless = ~away & (itself | generated) & _answers_ours(index, place)
    table = pd.DataFrame(
        {
            "contact": index.text(index.writer[place]),
            "at": index.at(place),
            "letter": index.letters(place),
            "away": away,
            "wordless": wordless,
            "itself": wordless & itself & ~generated,
        }
    )
    table = tables.ordered(table, ["contact", "at", "letter"], ignore_index=True)
    table["alone"] = table["itself"] & _alone(setting, table)
    return tables.narrow(table, ["contact", "at", "away", "alone"])


def _answers_ours(index: MailIndex, place: Ints) -> Flags:
    """Which of the mails at these places name a mail of ours?"""
    if not len(place):
        return np.zeros(0, dtype=bool)
    named = tables.narrow(index.facts, ["in_reply_to", "reference_keys"]).take(place)
    sent = (index.mails["direction"] == "out").to_numpy()
    return references.naming(named.reset_index(drop=True), index.facts.loc[sent, "message_key"])


def _alone(setting: Setting, table: pd.DataFrame) -> Flags:
    """Which replies have no other without known words within 20 business days?"""
    once = tables.once(table[table["wordless"]], "letter")
    days = setting.days.number(once["at"], countries_of(once["contact"]))
    near = (once["contact"] == once["contact"].shift()) & (
        days - days.shift() < setting.policy.confirming_days
    )
    crowded = near | near.shift(-1, fill_value=False)
    return ~table["letter"].isin(once.loc[crowded, "letter"]).to_numpy()
