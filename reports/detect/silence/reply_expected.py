"""Which of our mails ask for an answer, and by which sign?

Nobody can tell from headers whether an answer was expected (best published models: two of three).
So a mail is an ask only by a sign of our own: we wrote again, we marked it, or it opens a thread
to one person; and closing signs take the first and the last of these back. rules.md section 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from config.ours import Ours
from config.phrasing import Phrases
from config.policy import Policy
from reports.columns import addresses
from reports.columns.business_days import Calendar, countries_of
from reports.columns.instants import Flags, micros
from reports.columns.moment_index import Timeline
from reports.detect.mail import subject_lines
from reports.detect.mail.mail_index import Post
from reports.detect.mail.subject_lines import distinct

#: Acts that say that a meeting was held, accepted by them or made by them.
_MEETING_ACTS = ["kept", "record", "answer", "invitation"]


@dataclass(frozen=True)
class Talk:
    """What was said, in the tables that several detectors share.

    `letters`: ours, each once; `addressed`: these by person in To; `lines`: what both sides wrote.
    """

    letters: pd.DataFrame
    addressed: pd.DataFrame
    lines: pd.DataFrame


def talk(post: Post, people: pd.DataFrame, ours: Ours, policy: Policy) -> Talk:
    """The letters of both sides, as Talk. people: by PEOPLE (machine is read)."""
    sent = letters(post, ours)
    return Talk(sent, addressed(sent, post, people, policy), exchange(post))


def letters(post: Post, ours: Ours) -> pd.DataFrame:
    """Our human mails to people outside, each once however many mailboxes hold a copy of it.

    Columns: mail (its place in `post`), message_id, mailbox_id, at, conversation, letter (one
    number for all copies), marked, named (it bears References). A mail counts as ours if it lies
    among sent mail, or comes from a colleague whose mailbox we do not read; a From alone proves
    nothing where we could look.
    """
    place = np.flatnonzero(post.ours)
    labels = ["sent", "flagged", "important", "in_reply_to", "reference_keys"]
    given = post.facts[labels].take(place).reset_index(drop=True)
    table = post.mails[["message_id", "mailbox_id", "at", "conversation"]].take(place)
    table = table.reset_index(drop=True).assign(
        mail=place,
        letter=post.letters(place),
        named=(given["in_reply_to"] != "") | (given["reference_keys"] != ""),
    )
    # A star on any copy of ours says so.
    starred = table.loc[given["flagged"] | given["important"], "letter"]
    table["marked"] = table["letter"].isin(starred)
    proven = given["sent"] | ~post.senders.take(place).holds(ours.mailboxes.__contains__)
    # Of several copies the one among sent mail.
    table = table.assign(copy=~given["sent"])[proven]
    table = _in_order(table, "copy", "message_id").drop_duplicates("letter")
    return _in_order(table.drop(columns="copy"), "at", "letter").reset_index(drop=True)


def candidates(
    post: Post,
    talk: Talk,
    acts: pd.DataFrame,
    heard: Timeline,
    phrases: Phrases,
    days: Calendar,
    policy: Policy,
) -> pd.DataFrame:
    """Every ask by mail; columns contact, at, sign, message_id, mailbox_id, conversation, key.

    One row a mail and contact in its To, `key` is its Message-ID. acts: by ACTS; heard: what ends
    silences (endings.find). `sign`: again, marked or opener, the first that holds.
    """
    sent, rows, lines = talk.letters, talk.addressed, talk.lines
    subject = subject_lines.plain(post.facts["subject"].take(sent["mail"].to_numpy()))
    mailing = sent.loc[_mailing(sent, subject, days, policy), "mail"]
    rows = rows[~rows["mail"].isin(mailing)].reset_index(drop=True)
    closing = _closing(rows, subject.loc[rows["mail"]], lines, acts, heard, phrases, policy)
    country = countries_of(rows["contact"])

    # Mails of ours in one conversation with nothing of theirs between.
    silent_since = heard.count(rows["contact"], rows["at"])
    run = rows.assign(run=silent_since).groupby(["person", "conversation", "run"])["at"]
    first, last = run.transform("min"), run.transform("max")
    later = days.between(first, rows["at"], country) >= policy.tap_days
    earlier = days.between(rows["at"], last, country) >= policy.tap_days
    again = later | (earlier & ~closing)
    opens = rows["letter"].isin(lines.drop_duplicates("conversation")["letter"])
    # A program that leaves out the References still writes "Re:": that opens nothing.
    replies = sent.loc[subject_lines.matches(subject, phrases.reply_pattern), "letter"]
    opens &= ~rows["named"] & ~rows["letter"].isin(replies)
    opener = opens & (rows["outside"] == 1) & ~closing
    rows["sign"] = np.select([again, rows["marked"], opener], ["again", "marked", "opener"], "")
    rows = rows[rows["sign"] != ""].reset_index(drop=True)
    rows["key"] = post.facts["message_key"].take(rows["mail"].to_numpy()).array
    return rows[["contact", "at", "sign", "message_id", "mailbox_id", "conversation", "key"]]


def addressed(sent: pd.DataFrame, post: Post, people: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """The letters with one row a person in To, of those with at most three outside in To and Cc.

    sent: from `letters`; people: by PEOPLE, machines get none. Added columns: contact, person (a
    number for it), and outside (all outside recipients of the mail, hidden ones too).
    """
    number = np.full(len(post.mails), -1, dtype="int64")
    number[sent["mail"].to_numpy()] = np.arange(len(sent))
    rows = post.named[(number[post.named["mail"].to_numpy()] >= 0) & (post.named["person"] >= 0)]
    # One row a mail and person, whatever roles they have in it.
    rows = rows.groupby(["mail", "person"], as_index=False)[["to", "shown"]].any()
    mail = rows["mail"].to_numpy()
    outside = np.bincount(mail, minlength=len(number))[mail]
    shown = np.bincount(mail, weights=rows["shown"], minlength=len(number))[mail]
    persons = post.among(people.loc[~people["machine"], "contact"])
    person = rows["person"].to_numpy()
    chosen = rows["to"].to_numpy() & (shown <= policy.ask_recipients) & persons[person]
    found = sent.take(number[mail[chosen]]).reset_index(drop=True)
    return found.assign(
        person=person[chosen], contact=post.text(person[chosen]), outside=outside[chosen]
    )


def exchange(post: Post) -> pd.DataFrame:
    """What people wrote in each conversation, each letter once, in order.

    Columns: mail (its place in `post`), message_id, conversation, at, letter, theirs, human. Our
    own invitations are no lines of a talk; their answers to them are.
    """
    theirs = (post.mails["direction"] == "in").to_numpy()
    calendar = (post.mails["mail_class"] == "calendar").to_numpy()
    place = np.flatnonzero(post.theirs | post.ours | (theirs & calendar))
    table = post.mails[["message_id", "conversation", "at"]].take(place).reset_index(drop=True)
    table = table.assign(
        mail=place, letter=post.letters(place), theirs=theirs[place], human=~calendar[place]
    )
    table = _in_order(table, "at", "letter", "message_id").drop_duplicates("letter")
    return _in_order(table, "conversation", "at", "letter").reset_index(drop=True)


def _in_order(table: pd.DataFrame, *labels: str) -> pd.DataFrame:
    """As `sort_values`, which codes every column anew before it sorts."""
    keys = [micros(table[one]) if one == "at" else table[one].to_numpy() for one in labels]
    return table.take(np.lexsort(keys[::-1]))


def _mailing(sent: pd.DataFrame, subject: pd.Series, days: Calendar, policy: Policy) -> Flags:
    """Five equal subjects on one local day are a mailing, whoever of us sent them."""
    code = distinct(subject).codes
    alike = sent.groupby([days.day(sent["at"]), code])["letter"].transform("size")
    many: Flags = alike.astype("int64").to_numpy() >= policy.bulk_subjects
    return many


def _closing(
    rows: pd.DataFrame,
    subject: pd.Series,
    lines: pd.DataFrame,
    acts: pd.DataFrame,
    heard: Timeline,
    phrases: Phrases,
    policy: Policy,
) -> pd.Series:
    """Which mails show that no answer is expected (rules.md section 5, closing signs)?"""
    group = lines.groupby("conversation")["theirs"]
    answers = group.shift(fill_value=False)
    depth = lines.groupby("conversation").cumcount() + 1
    of_them = group.cumsum()
    changed = (of_them > 0) & (depth - of_them > 0)
    over = answers | ((depth >= policy.thread_depth) & changed)
    finished = rows["letter"].isin(lines.loc[over, "letter"])
    thanks = subject_lines.matches(subject, phrases.closing_pattern)
    meetings = acts[addresses.among(acts["kind"], _MEETING_ACTS)]
    met = Timeline(meetings["contact"], meetings["at"]).after(rows["contact"], rows["at"])
    # Only where the meeting was their next word: what they answered before it, they were asked.
    ended = heard.after(rows["contact"], rows["at"])
    return finished | thanks | (met.notna() & (met == ended))
