"""Which of our mails ask for an answer, and by which sign?

Nobody can tell from headers whether an answer was expected (best published models: two of three).
So a mail is an ask only by a sign of our own: we wrote again, we marked it, or it opens a thread
to one person; and closing signs take the first and the last of these back. rules.md section 5.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from config.ours import Ours
from config.phrasing import Phrases
from config.policy import Policy
from connectors.model.frames import Frames
from reports.businessdays import Calendar, countries_of
from reports.detect import addresses, subjects
from reports.detect.timeline import Timeline

#: Acts that say that a meeting was held, accepted by them or made by them.
_MEETING_ACTS = ["kept", "record", "answer", "invitation"]


def letters(frames: Frames, mails: pd.DataFrame, ours: Ours) -> pd.DataFrame:
    """Our human mails to people outside, each once however many mailboxes hold a copy of it.

    Columns: message_id, mailbox_id, at, conversation, key, subject, marked, named (it bears
    References). A mail counts as ours if it lies among sent mail, or comes from a colleague whose
    mailbox we do not read; a From alone proves nothing where we could look.
    """
    out = mails[(mails["direction"] == "out") & (mails["mail_class"] == "human")]
    labels = ["message_id", "message_key", "from_address", "sent", "subject", "flagged"]
    labels += ["important", "in_reply_to", "reference_keys"]
    table = out[["message_id", "mailbox_id", "at", "conversation"]].merge(
        frames.messages[labels].drop_duplicates("message_id"), on="message_id"
    )
    table = table.assign(
        key=table["message_key"].where(
            table["message_key"] != "", "id " + table["message_id"].astype("str")
        ),
        named=(table["in_reply_to"] != "") | (table["reference_keys"] != ""),
        marked=table["flagged"] | table["important"],
    )
    # A star on any copy of ours says so.
    table["marked"] = table.groupby("key")["marked"].transform("any")
    table = table[table["sent"] | ~table["from_address"].isin(list(ours.mailboxes))]
    table = table.sort_values(["sent", "message_id"], ascending=[False, True])
    table = table.drop_duplicates("key").sort_values(["at", "key"], ignore_index=True)
    wanted = ["message_id", "mailbox_id", "at", "conversation", "key", "subject", "marked"]
    return table[[*wanted, "named"]]


def candidates(
    frames: Frames,
    mails: pd.DataFrame,
    acts: pd.DataFrame,
    endings: pd.DataFrame,
    people: pd.DataFrame,
    ours: Ours,
    phrases: Phrases,
    days: Calendar,
    policy: Policy,
    *,
    merge: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Every ask by mail; columns contact, at, sign, message_id, mailbox_id, conversation, key.

    One row a mail and contact in its To. mails: by MAILS, acts: by ACTS, people: by PEOPLE,
    endings: contact and at (endings.find). `sign`: again, marked or opener, the first that holds.
    """
    sent = letters(frames, mails, ours)
    sent = sent[~_mailing(sent, days, policy)]
    rows = addressed(sent, frames, people, ours, policy, merge or {})
    rows = rows.sort_values(["contact", "at", "key"], ignore_index=True)
    closing = _closing(rows, frames, mails, acts, endings, phrases, policy)
    country = countries_of(rows["contact"])

    # Mails of ours in one conversation with nothing of theirs between.
    silent_since = Timeline(endings["contact"], endings["at"]).count(rows["contact"], rows["at"])
    run = rows.assign(run=silent_since).groupby(["contact", "conversation", "run"])["at"]
    first, last = run.transform("min"), run.transform("max")
    later = days.between(first, rows["at"], country) >= policy.tap_days
    earlier = days.between(rows["at"], last, country) >= policy.tap_days
    again = later | (earlier & ~closing)
    opener = _opens(rows, frames, mails) & ~rows["named"] & (rows["outside"] == 1) & ~closing
    rows["sign"] = np.select([again, rows["marked"], opener], ["again", "marked", "opener"], "")
    wanted = ["contact", "at", "sign", "message_id", "mailbox_id", "conversation", "key"]
    return rows.loc[rows["sign"] != "", wanted].reset_index(drop=True)


def _mailing(sent: pd.DataFrame, days: Calendar, policy: Policy) -> pd.Series:
    """Five equal subjects on one local day are a mailing, whoever of us sent them."""
    subject = subjects.plain(sent["subject"])
    alike = sent["key"].groupby([days.day(sent["at"]), subject]).transform("nunique")
    return alike.astype("int64") >= policy.bulk_subjects


def addressed(
    sent: pd.DataFrame,
    frames: Frames,
    people: pd.DataFrame,
    ours: Ours,
    policy: Policy,
    merge: Mapping[str, str],
) -> pd.DataFrame:
    """One row a mail and person in its To; `outside` counts all outside recipients, hidden too."""
    named = frames.recipients.loc[
        frames.recipients["message_id"].isin(sent["message_id"]), ["message_id", "role", "address"]
    ].drop_duplicates()
    named = named.assign(contact=addresses.contacts(named["address"], ours, merge))
    named = named[named["contact"] != ""]
    visible = named[named["role"].isin(["to", "cc"])]
    shown = visible.groupby("message_id")["contact"].nunique()
    total = named.groupby("message_id")["contact"].nunique().rename("outside")
    few = shown.index[shown <= policy.ask_recipients]
    persons = people.loc[~people["machine"], "contact"]
    to = named.loc[
        (named["role"] == "to") & named["message_id"].isin(few) & named["contact"].isin(persons),
        ["message_id", "contact"],
    ].drop_duplicates()
    return to.merge(sent, on="message_id").join(total, on="message_id")


def _exchange(frames: Frames, mails: pd.DataFrame) -> pd.DataFrame:
    """What people wrote in each conversation, each mail once, in order; columns key, theirs, ..."""
    spoken = mails[
        mails["direction"].isin(["in", "out"]) & mails["mail_class"].isin(["human", "calendar"])
    ]
    table = spoken[["message_id", "conversation", "at", "direction", "mail_class"]].merge(
        frames.messages[["message_id", "message_key"]].drop_duplicates("message_id"),
        on="message_id",
    )
    table["key"] = table["message_key"].where(
        table["message_key"] != "", "id " + table["message_id"].astype("str")
    )
    table["theirs"] = table["direction"] == "in"
    # Our own invitations are no lines of a talk; their answers to them are.
    table = table[table["theirs"] | (table["mail_class"] == "human")]
    table = table.sort_values(["at", "key"]).drop_duplicates(["conversation", "key"])
    return table.sort_values(["conversation", "at", "key"], ignore_index=True)


def _opens(rows: pd.DataFrame, frames: Frames, mails: pd.DataFrame) -> pd.Series:
    """Which mails are the first of their conversation?"""
    first = (
        _exchange(frames, mails).drop_duplicates("conversation").set_index("conversation")["key"]
    )
    return rows["key"] == rows["conversation"].map(first)


def _closing(
    rows: pd.DataFrame,
    frames: Frames,
    mails: pd.DataFrame,
    acts: pd.DataFrame,
    endings: pd.DataFrame,
    phrases: Phrases,
    policy: Policy,
) -> pd.Series:
    """Which mails show that no answer is expected (rules.md section 5, closing signs)?"""
    talk = _exchange(frames, mails)
    group = talk.groupby("conversation")
    talk["answers"] = group["theirs"].shift(fill_value=False)
    talk["depth"] = group.cumcount() + 1
    talk["changed"] = (group["theirs"].cumsum() > 0) & (
        (talk["depth"] - group["theirs"].cumsum()) > 0
    )
    talk["over"] = talk["answers"] | ((talk["depth"] >= policy.thread_depth) & talk["changed"])
    over = rows["key"].isin(talk.loc[talk["over"], "key"])
    thanks = pd.Series(
        subjects.matches(subjects.plain(rows["subject"]), phrases.closing_pattern), rows.index
    )
    meetings = acts[acts["kind"].isin(_MEETING_ACTS)]
    met = Timeline(meetings["contact"], meetings["at"]).after(rows["contact"], rows["at"])
    # Only where the meeting was their next word: what they answered before it, they were asked.
    ended = Timeline(endings["contact"], endings["at"]).after(rows["contact"], rows["at"])
    return over | thanks | (met.notna() & (met == ended))
