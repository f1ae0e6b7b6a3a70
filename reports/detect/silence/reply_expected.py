"""Which of our mails ask for an answer, and by which sign?

Nobody can tell from headers whether an answer was expected (best published models: two of three).
So a mail is an ask only by a sign of our own: we wrote again, we marked it, or it opens a thread
to one person; and closing signs take the first and the last of these back. rules.md section 5.
"""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from reports.columns import addresses, text
from reports.columns.business_days import countries_of
from reports.columns.instants import Flags, Ints
from reports.columns.moment_index import Timeline
from reports.columns.text import distinct
from reports.detect.mail.letters import Talk
from reports.detect.mail.mail_index import MailIndex
from reports.detect.setting import Setting

_WORD: Final = re.compile(r"[^\W_]+")
#: Acts that say that a meeting was held, accepted by them or made by them.
_MEETING_ACTS = ["kept", "record", "answer", "invitation"]


def candidates(
    setting: Setting,
    index: MailIndex,
    talk: Talk,
    acts: pd.DataFrame,
    heard: Timeline,
    mailed: Ints,
) -> pd.DataFrame:
    """Every ask by mail; columns contact, at, sign, message_id, mailbox_id, conversation, key.

    One row a mail and contact in its To, `key` is its Message-ID. acts: by ACTS; heard: what ends
    silences (ends.find_ends); mailed: from `mailings`. `sign`: again, marked or opener, the first that holds.
    """
    days, policy = setting.days, setting.policy
    sent, rows, lines = talk.letters, talk.addressed, talk.lines
    subject = text.plain(index.facts["subject"].take(sent["mail"].to_numpy()))
    # Sent items of Graph bear no headers to tell a mailing by: hidden recipients do.
    many = rows["outside"] >= policy.bulk_subjects
    rows = rows[~rows["letter"].isin(mailed) & ~many].reset_index(drop=True)
    closing = _closing(setting, rows, subject.loc[rows["mail"]], lines, acts, heard)
    country = countries_of(rows["contact"])

    # Mails of ours in one conversation with nothing of theirs between.
    silent_since = heard.count(rows["contact"], rows["at"])
    run = rows["at"].groupby(_numbered(rows["person"], rows["conversation"], silent_since))
    first, last = run.transform("min"), run.transform("max")
    later = days.between(first, rows["at"], country) >= policy.tap_days
    earlier = days.between(rows["at"], last, country) >= policy.tap_days
    again = later | (earlier & ~closing)
    opens = rows["letter"].isin(lines.drop_duplicates("conversation")["letter"])
    # A program that leaves out the References still writes "Re:": that opens nothing.
    replies = sent.loc[text.matches(subject, setting.phrases.reply_pattern), "letter"]
    opens &= ~rows["named"] & ~rows["letter"].isin(replies)
    opener = opens & (rows["outside"] == 1) & ~closing
    rows["sign"] = np.select([again, rows["marked"], opener], ["again", "marked", "opener"], "")
    rows = rows[rows["sign"] != ""].reset_index(drop=True)
    rows["key"] = index.facts["message_key"].take(rows["mail"].to_numpy()).array
    return rows[["contact", "at", "sign", "message_id", "mailbox_id", "conversation", "key"]]


def _numbered(*columns: pd.Series | Ints) -> Ints:
    """One number for each combination of whole numbers."""
    found = np.zeros(len(columns[0]), dtype="int64")
    for column in columns:
        code, each = pd.factorize(np.asarray(column))
        found = pd.factorize(found * max(len(each), 1) + code)[0]
    return found


def mailings(setting: Setting, index: MailIndex, sent: pd.DataFrame) -> Ints:
    """The numbers of our letters (letters.letters) that are mailings, ascending.

    Five equal subjects on one local day are one, whoever of us sent them; so are five that are
    equal but for the name of the one person whom each opens a thread to.
    """
    subject = text.plain(index.facts["subject"].take(sent["mail"].to_numpy()))
    day, least = setting.days.day(sent["at"]), setting.policy.bulk_subjects
    alike = sent.groupby([day, distinct(subject).codes])["letter"].transform("size")
    many = alike.astype("int64").to_numpy() >= least
    many |= _personal(index, sent, subject.to_numpy(), day.to_numpy(), least)
    found: Ints = np.sort(sent["letter"].to_numpy()[many])
    return found


def _personal(
    index: MailIndex,
    sent: pd.DataFrame,
    subject: npt.NDArray[Any],
    day: npt.NDArray[Any],
    least: int,
) -> Flags:
    """Letters of a day that differ only in the words of their recipients' addresses.

    A program that writes a name into each has sent them. sent, subject, day: aligned; least: so
    many persons make a mailing.
    """
    found = np.zeros(len(sent), dtype=bool)
    number = np.full(len(index.mails), -1, dtype="int64")
    opens = np.flatnonzero(~sent["named"].to_numpy())
    number[sent["mail"].to_numpy()[opens]] = opens
    rows = index.named[(index.named["person"] >= 0) & (number[index.named["mail"].to_numpy()] >= 0)]
    rows = rows[["mail", "person", "address"]].drop_duplicates(["mail", "person"])
    rows = rows[~rows["mail"].duplicated(keep=False).to_numpy()]
    rows = rows.assign(letter=number[rows["mail"].to_numpy()])
    rows["day"] = day[rows["letter"].to_numpy()]
    rows = rows[rows.groupby("day")["person"].transform("nunique") >= least]
    if not len(rows):
        return found
    addressed = index.addresses.take(pa.array(rows["address"])).to_pylist()
    spoken = subject[rows["letter"].to_numpy()]
    rows["rest"] = [_without(*pair) for pair in zip(spoken, addressed, strict=True)]
    rows = rows[rows["rest"] != ""]
    persons = rows.groupby(["day", "rest"])["person"].transform("nunique")
    found[rows.loc[persons >= least, "letter"].to_numpy()] = True
    return found


def _without(subject: str, address: str) -> str:
    """A subject without the words of an address: `dana, our offer` to dana@ is `our offer`."""
    words = set(_WORD.findall(address))
    return " ".join(one for one in _WORD.findall(subject) if one not in words)


def _closing(
    setting: Setting,
    rows: pd.DataFrame,
    subject: pd.Series,
    lines: pd.DataFrame,
    acts: pd.DataFrame,
    heard: Timeline,
) -> pd.Series:
    """Which mails show that no answer is expected (rules.md section 5, closing signs)?"""
    group = lines.groupby("conversation")["theirs"]
    answers = group.shift(fill_value=False)
    depth = lines.groupby("conversation").cumcount() + 1
    of_them = group.cumsum()
    changed = (of_them > 0) & (depth - of_them > 0)
    over = answers | ((depth >= setting.policy.thread_depth) & changed)
    finished = rows["letter"].isin(lines.loc[over, "letter"])
    thanks = text.matches(subject, setting.phrases.closing_pattern)
    meetings = acts[addresses.among(acts["kind"], _MEETING_ACTS)]
    met = Timeline(meetings["contact"], meetings["at"]).after(rows["contact"], rows["at"])
    # Only where the meeting was their next word: what they answered before it, they were asked.
    ended = heard.after(rows["contact"], rows["at"])
    return finished | thanks | (met.notna() & (met == ended))
