"""Which of our mails ask for an answer, and by which sign?

Nobody can tell from headers whether an answer was expected (best published models: two of three).
So a mail is an ask only by a sign of our own: we wrote again, we marked it, or it opens a thread
to one person; and closing signs take the first and the last of these back. rules.md section 5.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from reports.columns import addresses, keys, tables, text
from reports.columns.business_days import countries_of
from reports.columns.instants import Ints
from reports.columns.moment_index import Timeline
from reports.columns.text import distinct
from reports.detect.mail.letters import Talk
from reports.detect.mail.mail_index import MailIndex
from reports.detect.setting import Setting

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
    person, conversation = (rows[label].to_numpy() for label in ("person", "conversation"))
    run = rows["at"].groupby(keys.together(person, conversation, np.asarray(silent_since)))
    first, last = run.transform("min"), run.transform("max")
    later = days.between(first, rows["at"], country) >= policy.tap_days
    earlier = days.between(rows["at"], last, country) >= policy.tap_days
    again = later | (earlier & ~closing)
    opens = rows["letter"].isin(tables.once(lines, "conversation")["letter"])
    # A program that leaves out the References still writes "Re:": that opens nothing.
    replies = sent.loc[text.matches(subject, setting.phrases.reply_pattern), "letter"]
    opens &= ~rows["named"] & ~rows["letter"].isin(replies)
    opener = opens & (rows["outside"] == 1) & ~closing
    rows["sign"] = np.select([again, rows["marked"], opener], ["again", "marked", "opener"], "")
    rows = rows[rows["sign"] != ""].reset_index(drop=True)
    rows["key"] = index.facts["message_key"].take(rows["mail"].to_numpy()).array
    return tables.narrow(
        rows, ["contact", "at", "sign", "message_id", "mailbox_id", "conversation", "key"]
    )


def mailings(setting: Setting, index: MailIndex, sent: pd.DataFrame) -> Ints:
    """The numbers of our letters (letters.letters) that are mailings, ascending.

    Five equal subjects on one local day are one, whoever of us sent them.
    """
    code = distinct(text.plain(index.facts["subject"].take(sent["mail"].to_numpy()))).codes
    day = setting.days.day(sent["at"]).to_numpy().astype("int64")
    alike = keys.together(day, code)
    many = np.bincount(alike)[alike] >= setting.policy.bulk_subjects
    found: Ints = np.sort(sent["letter"].to_numpy()[many])
    return found


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
