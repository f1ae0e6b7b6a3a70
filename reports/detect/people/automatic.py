"""What did people's mailboxes answer by themselves, and does it mean anything?

rules.md section 2: where a header or a phrase table says so, it means away. A mailbox that answers
by itself, in words no table knows, three times or more over 20 business days confirms every mail:
its replies mean nothing, from the first on. One such reply alone may still be a notice in a
language that we do not know (decision 0043).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from reports.columns import addresses
from reports.columns.business_days import countries_of
from reports.columns.instants import Flags, Ints
from reports.columns.moment_index import Timeline
from reports.detect.mail import mail_class, references
from reports.detect.mail.mail_index import MailIndex
from reports.detect.setting import Setting

_ONE_DAY = pd.Timedelta(days=1)
#: Presumed, not seen: says nothing of who was at work.
_PRESUMED = ["kept"]


def find_replies(
    setting: Setting, index: MailIndex, people: pd.DataFrame, acts: pd.DataFrame
) -> pd.DataFrame:
    """Automatic replies of persons; columns contact, at, message_id, away, alone, confirms; ordered.

    people: by PEOPLE; acts: by ACTS. `away`: a header or a phrase table says that they are away.
    `alone`: it may be a notice in a language that no table knows: the mailbox wrote it, it answers
    a mail of ours, and no other reply without known words came within 20 business days.
    `confirms`: the mailbox confirms every mail, and this reply means nothing.
    """
    persons = index.among(people.loc[~people["machine"], "contact"])
    came_in = (index.mails["direction"] == "in") & (index.mails["mail_class"] == "auto")
    place = np.flatnonzero(came_in.to_numpy() & index.by(persons))
    subject, headers = index.facts["subject"].take(place), index.headers.take(place)
    away = mail_class.away_notice(headers, subject, setting.phrases)
    worded = mail_class.away_worded(subject, setting.phrases)
    answers = _answers_ours(index, place)
    itself = mail_class.answered_by_itself(headers) & ~mail_class.generated(headers)
    table = pd.DataFrame(
        {
            "contact": index.text(index.writer[place]),
            "at": index.at(place),
            "message_id": index.mails["message_id"].to_numpy()[place],
            "letter": index.letters(place),
            "away": away,
            "itself": itself & ~away & answers,
            "wordless": ~worded & answers & ~mail_class.receipt(headers),
        }
    )
    table = table.sort_values(["contact", "at", "message_id"], ignore_index=True)
    table["confirms"] = _confirms(setting, index, table, acts)
    table["away"] &= ~table["confirms"]
    table["alone"] = table["itself"] & ~table["confirms"] & _alone(setting, table)
    return table[["contact", "at", "message_id", "away", "alone", "confirms"]]


def _answers_ours(index: MailIndex, place: Ints) -> Flags:
    """Which of the mails at these places name a mail of ours?"""
    if not len(place):
        return np.zeros(0, dtype=bool)
    named = index.facts[["in_reply_to", "reference_keys"]].take(place)
    sent = (index.mails["direction"] == "out").to_numpy()
    return references.naming(named.reset_index(drop=True), index.facts.loc[sent, "message_key"])


def _once(table: pd.DataFrame) -> pd.DataFrame:
    """The replies without known words, each once however many mailboxes hold a copy."""
    return table[table["wordless"]].drop_duplicates("letter")


def _alone(setting: Setting, table: pd.DataFrame) -> Flags:
    """Which replies have no other without known words within 20 business days?"""
    once = _once(table)
    days = setting.days.number(once["at"], countries_of(once["contact"]))
    near = (once["contact"] == once["contact"].shift()) & (
        days - days.shift() < setting.policy.confirming_days
    )
    crowded = near | near.shift(-1, fill_value=False)
    return ~table["letter"].isin(once.loc[crowded, "letter"]).to_numpy()


def _confirms(setting: Setting, index: MailIndex, table: pd.DataFrame, acts: pd.DataFrame) -> Flags:
    """Which replies are of a mailbox that confirms every mail?

    Where a header says away (`auto-replied`), only if the mailbox answered each mail of ours from
    the first such reply to the last, and they did something by hand meanwhile: whoever was away
    as often was not written to between.
    """
    once = _once(table)
    sure = _often(setting, once[~once["away"]])
    found: Flags = addresses.among(table["contact"], sure.to_series())
    found = found & (table["wordless"] & ~table["away"]).to_numpy(dtype=bool)
    some = once[addresses.among(once["contact"], _often(setting, once).to_series())]
    if some["away"].any():
        at_work = _answered_all(index, some) & _acted_between(some, acts)
        marked = addresses.among(table["contact"], at_work.index[at_work].to_series())
        found = found | (marked & table["wordless"].to_numpy(dtype=bool))
    return found


def _often(setting: Setting, replies: pd.DataFrame) -> pd.Index:
    """Whose mailbox replied three times or more over 20 business days or longer?"""
    if not len(replies):
        return pd.Index([], dtype="object")
    span = replies.groupby("contact")["at"].agg(["size", "min", "max"])
    country = countries_of(span.index.to_series())
    long = setting.days.between(span["min"], span["max"], country)
    enough = span["size"] >= setting.policy.confirming_replies
    return span.index[enough & (long >= setting.policy.confirming_days)]


def _answered_all(index: MailIndex, replies: pd.DataFrame) -> pd.Series:
    """Did the mailbox answer within a day each mail of ours of that span? Flags by contact."""
    mail, person = index.named["mail"].to_numpy(), index.named["person"].to_numpy()
    ours = index.ours[mail] & (person >= 0) & index.named["to"].to_numpy()
    sent = pd.DataFrame({"contact": index.text(person[ours]), "at": index.at(mail[ours])})
    span = replies.groupby("contact")["at"].agg(["min", "max"])
    sent = sent.join(span, on="contact", how="inner")
    sent = sent[(sent["at"] >= sent["min"] - _ONE_DAY) & (sent["at"] <= sent["max"])]
    replied = Timeline(replies["contact"], replies["at"]).after(sent["contact"], sent["at"])
    quick = replied - sent["at"] <= _ONE_DAY
    return quick.groupby(sent["contact"]).all().reindex(span.index, fill_value=False)


def _acted_between(replies: pd.DataFrame, acts: pd.DataFrame) -> pd.Series:
    """Did they do something by hand between the first reply and the last? Flags by contact."""
    done = acts[~acts["kind"].isin(_PRESUMED)]
    span = replies.groupby("contact")["at"].agg(["min", "max"])
    who = span.index.to_series()
    next_act = Timeline(done["contact"], done["at"]).after(who, span["min"])
    found: pd.Series = (next_act < span["max"]).reindex(span.index, fill_value=False)
    return found
