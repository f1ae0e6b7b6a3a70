"""What did we write to them that may have been a wish to move a meeting, or to call it off?

Bodies are never read: a subject may say so, or be the meeting's own title. Who began matters: an
answer to a mail of theirs about it is no wish of ours (rules.md section 3, M5).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from reports.columns import tables, text
from reports.columns.instants import DAY, Flags, Ints, micros
from reports.detect.mail import subject_lines
from reports.detect.mail.mail_index import MailIndex
from reports.detect.setting import Setting


def find(
    setting: Setting, index: MailIndex, sent: pd.DataFrame, mailed: Ints, contacts: pd.Series
) -> pd.DataFrame:
    """Our letters to some contacts, in To or Cc, by contact and time.

    Columns: contact, at [us], message_id, title (of the subject), asks (it asks to move or to call
    off, and nobody of them had written so in the conversation before) and began (nobody of them had
    written in it within the day before). sent: from `letters.letters`; mailed: from
    `reply_expected.mailings`. Mailings and letters to many are left out.
    """
    number = np.full(len(index.mails), -1, dtype="int64")
    number[sent["mail"].to_numpy()] = np.arange(len(sent))
    named = index.named
    shown = named["shown"].to_numpy() & (named["person"] >= 0).to_numpy()
    shown &= number[named["mail"].to_numpy()] >= 0
    rows = tables.once(tables.kept(named, shown, ["mail", "person"]))
    many = np.bincount(rows["mail"].to_numpy(), minlength=len(number))
    chosen = index.among(contacts)[rows["person"].to_numpy()]
    chosen &= many[rows["mail"].to_numpy()] <= setting.policy.ask_recipients
    rows = tables.kept(rows, chosen)
    found = sent.take(number[rows["mail"].to_numpy()]).reset_index(drop=True)
    found = found.assign(contact=index.text(rows["person"].to_numpy()))
    found = tables.kept(found, ~found["letter"].isin(mailed)).reset_index(drop=True)
    subjects = index.facts["subject"].take(found["mail"].to_numpy()).reset_index(drop=True)
    bare = subject_lines.base(subjects, setting.phrases)
    words = text.matches(bare, setting.phrases.moving_pattern)
    theirs = _theirs(setting, index, found["conversation"])
    at = micros(found["at"])
    return pd.DataFrame(
        {
            "contact": found["contact"],
            "at": at,
            "message_id": found["message_id"],
            "title": subject_lines.titles(bare, setting.phrases),
            "asks": words & ~_after(found, at, tables.kept(theirs, theirs["words"])),
            "began": ~_after(found, at, theirs, DAY),
        }
    )


def _theirs(setting: Setting, index: MailIndex, conversations: pd.Series) -> pd.DataFrame:
    """What came in these conversations: conversation, came [us], words (of moving, in its subject)."""
    wanted = index.theirs & index.mails["conversation"].isin(conversations).to_numpy(dtype=bool)
    mails = tables.kept(index.mails, wanted, ["conversation", "at"])
    subjects = subject_lines.base(tables.kept(index.facts, wanted)["subject"], setting.phrases)
    return pd.DataFrame(
        {
            "conversation": mails["conversation"].to_numpy(),
            "came": micros(mails["at"]),
            "words": text.matches(subjects, setting.phrases.moving_pattern),
        }
    )


def _after(found: pd.DataFrame, at: Ints, theirs: pd.DataFrame, within: int | None = None) -> Flags:
    """Which letters follow one of `theirs` in their conversation, at any time or `within` [us]?"""
    pairs = found[["conversation"]].assign(at=at, place=np.arange(len(found)))
    pairs = pairs.merge(theirs, on="conversation")
    near = pairs["came"] <= pairs["at"]
    if within is not None:
        near &= pairs["at"] - pairs["came"] <= within
    after = np.zeros(len(found), dtype=bool)
    after[pairs.loc[near, "place"].to_numpy()] = True
    return after
