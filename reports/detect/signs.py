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
from reports.detect import addresses, lookup, subjects
from reports.detect.timeline import Timeline

#: Acts that say that a meeting was held, accepted by them or made by them.
_MEETING_ACTS = ["kept", "record", "answer", "invitation"]


def letters(frames: Frames, mails: pd.DataFrame, ours: Ours) -> pd.DataFrame:
    """Our human mails to people outside, each once however many mailboxes hold a copy of it.

    Columns: message_id, mailbox_id, at, conversation, letter (one number for all copies),
    subject, marked, named (it bears References). A mail counts as ours if it lies among sent
    mail, or comes from a colleague whose mailbox we do not read; a From alone proves nothing
    where we could look.
    """
    out = mails[(mails["direction"] == "out") & (mails["mail_class"] == "human")]
    labels = ["from_address", "sent", "subject", "flagged", "important"]
    labels += ["in_reply_to", "reference_keys"]
    given = lookup.columns(frames.messages, out["message_id"], labels)
    table = out[["message_id", "mailbox_id", "at", "conversation"]].assign(
        letter=lookup.letters(frames.messages, out["message_id"]),
        subject=given["subject"],
        named=(given["in_reply_to"] != "") | (given["reference_keys"] != ""),
    )
    # A star on any copy of ours says so.
    starred = table.loc[given["flagged"] | given["important"], "letter"]
    table["marked"] = table["letter"].isin(starred)
    proven = given["sent"] | ~given["from_address"].isin(list(ours.mailboxes))
    table = table.assign(copy=~given["sent"])[proven]
    table = table.sort_values(["copy", "message_id"]).drop_duplicates("letter")
    return table.drop(columns="copy").sort_values(["at", "letter"], ignore_index=True)


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

    One row a mail and contact in its To, `key` is its Message-ID. mails: by MAILS, acts: by ACTS,
    people: by PEOPLE, endings: contact and at (endings.find). `sign`: again, marked or opener,
    the first that holds.
    """
    sent = letters(frames, mails, ours)
    sent = sent[~_mailing(sent, days, policy)]
    rows = addressed(sent, frames, people, ours, policy, merge or {})
    talk = exchange(frames, mails)
    closing = _closing(rows, talk, acts, endings, phrases, policy)
    country = countries_of(rows["contact"])

    # Mails of ours in one conversation with nothing of theirs between.
    silent_since = Timeline(endings["contact"], endings["at"]).count(rows["contact"], rows["at"])
    run = rows.assign(run=silent_since).groupby(["person", "conversation", "run"])["at"]
    first, last = run.transform("min"), run.transform("max")
    later = days.between(first, rows["at"], country) >= policy.tap_days
    earlier = days.between(rows["at"], last, country) >= policy.tap_days
    again = later | (earlier & ~closing)
    opens = rows["letter"].isin(talk.drop_duplicates("conversation")["letter"])
    opener = opens & ~rows["named"] & (rows["outside"] == 1) & ~closing
    rows["sign"] = np.select([again, rows["marked"], opener], ["again", "marked", "opener"], "")
    rows = rows[rows["sign"] != ""].reset_index(drop=True)
    rows["key"] = lookup.columns(frames.messages, rows["message_id"], ["message_key"])
    return rows[["contact", "at", "sign", "message_id", "mailbox_id", "conversation", "key"]]


def addressed(
    sent: pd.DataFrame,
    frames: Frames,
    people: pd.DataFrame,
    ours: Ours,
    policy: Policy,
    merge: Mapping[str, str],
) -> pd.DataFrame:
    """The letters with one row a person in To, of those with at most three outside in To and Cc.

    Added columns: contact, person (a number for it), and outside (all outside recipients of the
    mail, hidden ones too).
    """
    given = frames.recipients
    given = given[given["message_id"].isin(sent["message_id"])]
    contact = addresses.contacts(given["address"], ours, merge)
    code, names = pd.factorize(contact, use_na_sentinel=False)
    named = pd.DataFrame(
        {
            "message_id": given["message_id"].to_numpy(),
            "person": code,
            "to": (given["role"] == "to").to_numpy(),
            "shown": given["role"].isin(["to", "cc"]).to_numpy(),
        }
    )
    named = named[(contact != "").to_numpy()]
    # One row a mail and person, whatever roles they have in it.
    named = named.groupby(["message_id", "person"], as_index=False)[["to", "shown"]].any()
    counts = named.groupby("message_id")["shown"].agg(["sum", "size"])
    named = named.join(counts, on="message_id").rename(columns={"size": "outside"})
    contact_of = pd.Series(names, dtype="str")
    persons = contact_of.isin(people.loc[~people["machine"], "contact"])
    chosen = named["to"] & (named["sum"] <= policy.ask_recipients)
    chosen &= persons.to_numpy()[named["person"].to_numpy()]
    to = named.loc[chosen, ["message_id", "person", "outside"]]
    rows: pd.DataFrame = to.merge(sent, on="message_id")
    rows["contact"] = contact_of.take(rows["person"].to_numpy()).to_numpy()
    return rows


def exchange(frames: Frames, mails: pd.DataFrame) -> pd.DataFrame:
    """What people wrote in each conversation, each letter once, in order.

    Columns: message_id, conversation, at, contact, letter, theirs, human. Our own invitations are no
    lines of a talk; their answers to them are.
    """
    theirs, human = mails["direction"] == "in", mails["mail_class"] == "human"
    spoken = (theirs & (human | (mails["mail_class"] == "calendar"))) | (
        (mails["direction"] == "out") & human
    )
    table = mails.loc[spoken, ["message_id", "conversation", "at", "contact", "direction"]]
    table = table.assign(
        letter=lookup.letters(frames.messages, table["message_id"]),
        theirs=table["direction"] == "in",
        human=human[spoken],
    ).drop(columns="direction")
    table = table.sort_values(["at", "letter", "message_id"]).drop_duplicates("letter")
    return table.sort_values(["conversation", "at", "letter"], ignore_index=True)


def _mailing(sent: pd.DataFrame, days: Calendar, policy: Policy) -> pd.Series:
    """Five equal subjects on one local day are a mailing, whoever of us sent them."""
    subject = pd.factorize(subjects.plain(sent["subject"]))[0]
    alike = sent.groupby([days.day(sent["at"]), subject])["letter"].transform("size")
    return alike.astype("int64") >= policy.bulk_subjects


def _closing(
    rows: pd.DataFrame,
    talk: pd.DataFrame,
    acts: pd.DataFrame,
    endings: pd.DataFrame,
    phrases: Phrases,
    policy: Policy,
) -> pd.Series:
    """Which mails show that no answer is expected (rules.md section 5, closing signs)?"""
    group = talk.groupby("conversation")["theirs"]
    answers = group.shift(fill_value=False)
    depth = talk.groupby("conversation").cumcount() + 1
    of_them = group.cumsum()
    changed = (of_them > 0) & (depth - of_them > 0)
    over = answers | ((depth >= policy.thread_depth) & changed)
    finished = rows["letter"].isin(talk.loc[over, "letter"])
    thanks = pd.Series(
        subjects.matches(subjects.plain(rows["subject"]), phrases.closing_pattern), rows.index
    )
    meetings = acts[acts["kind"].isin(_MEETING_ACTS)]
    met = Timeline(meetings["contact"], meetings["at"]).after(rows["contact"], rows["at"])
    # Only where the meeting was their next word: what they answered before it, they were asked.
    ended = Timeline(endings["contact"], endings["at"]).after(rows["contact"], rows["at"])
    return finished | thanks | (met.notna() & (met == ended))
