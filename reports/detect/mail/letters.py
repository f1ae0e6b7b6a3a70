"""Which letters did both sides write, each once however many mailboxes hold a copy of it?

What is asked, owed and answered is counted in letters, and a talk is a conversation's letters in
their order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from reports.columns import tables
from reports.columns.instants import micros
from reports.detect.mail.mail_index import MailIndex
from reports.detect.setting import Setting


@dataclass(frozen=True)
class Talk:
    """What was said, in the tables that several detectors share.

    `letters`: ours, each once; `addressed`: these by person in To; `lines`: what both sides wrote.
    """

    letters: pd.DataFrame
    addressed: pd.DataFrame
    lines: pd.DataFrame


def talk(setting: Setting, index: MailIndex, sent: pd.DataFrame, people: pd.DataFrame) -> Talk:
    """The letters of both sides, as Talk. sent: from `letters`; people: by PEOPLE (machine is read)."""
    return Talk(sent, addressed(setting, sent, index, people), exchange(index))


def letters(setting: Setting, index: MailIndex) -> pd.DataFrame:
    """Our human mails to people outside, each once however many mailboxes hold a copy of it.

    Columns: mail (its place in `index`), message_id, mailbox_id, at, conversation, letter (one
    number for all copies), marked, named (it bears References). A mail counts as ours if it lies
    among sent mail, or comes from a colleague whose mailbox we do not read; a From alone proves
    nothing where we could look.
    """
    place = np.flatnonzero(index.ours)
    labels = ["sent", "flagged", "important", "in_reply_to", "reference_keys"]
    given = index.facts[labels].take(place).reset_index(drop=True)
    table = tables.narrow(index.mails, ["message_id", "mailbox_id", "at", "conversation"]).take(
        place
    )
    table = table.reset_index(drop=True).assign(
        mail=place,
        letter=index.letters(place),
        named=(given["in_reply_to"] != "") | (given["reference_keys"] != ""),
    )
    # A star on any copy of ours says so.
    starred = table.loc[given["flagged"] | given["important"], "letter"]
    table["marked"] = table["letter"].isin(starred)
    proven = given["sent"] | ~index.senders.take(place).holds(setting.ours.mailboxes.__contains__)
    # Of several copies the one among sent mail.
    table = table.assign(copy=~given["sent"])[proven]
    table = tables.once(_in_order(table, "copy", "message_id"), "letter")
    return _in_order(table.drop(columns="copy"), "at", "letter").reset_index(drop=True)


def addressed(
    setting: Setting, sent: pd.DataFrame, index: MailIndex, people: pd.DataFrame
) -> pd.DataFrame:
    """The letters with one row a person in To, of those with at most three outside in To and Cc.

    sent: from `letters`; people: by PEOPLE, machines get none. Added columns: contact, person (a
    number for it), and outside (all outside recipients of the mail, hidden ones too).
    """
    number = np.full(len(index.mails), -1, dtype="int64")
    number[sent["mail"].to_numpy()] = np.arange(len(sent))
    rows = index.named[(number[index.named["mail"].to_numpy()] >= 0) & (index.named["person"] >= 0)]
    # One row a mail and person, whatever roles they have in it.
    pair = rows["mail"].to_numpy() * len(index.names) + rows["person"].to_numpy()
    order = np.argsort(pair, kind="stable")
    pair = pair[order]
    first = np.flatnonzero(np.append(True, pair[1:] != pair[:-1])[: len(pair)])
    to, in_sight = (
        np.logical_or.reduceat(rows[label].to_numpy()[order], first) if len(first) else pair > 0
        for label in ("to", "shown")
    )
    mail, person = np.divmod(pair[first], max(len(index.names), 1))
    outside = np.bincount(mail, minlength=len(number))[mail]
    shown = np.bincount(mail, weights=in_sight, minlength=len(number))[mail]
    persons = index.among(people.loc[~people["machine"], "contact"])
    chosen = to & (shown <= setting.policy.ask_recipients) & persons[person]
    found = sent.take(number[mail[chosen]]).reset_index(drop=True)
    return found.assign(
        person=person[chosen], contact=index.text(person[chosen]), outside=outside[chosen]
    )


def exchange(index: MailIndex) -> pd.DataFrame:
    """What people wrote in each conversation, each letter once, in order.

    Columns: mail (its place in `index`), message_id, conversation, at, letter, theirs, human. Our
    own invitations are no lines of a talk; their answers to them are.
    """
    theirs = (index.mails["direction"] == "in").to_numpy()
    calendar = (index.mails["mail_class"] == "calendar").to_numpy()
    place = np.flatnonzero(index.theirs | index.ours | (theirs & calendar))
    table = (
        tables.narrow(index.mails, ["message_id", "conversation", "at"])
        .take(place)
        .reset_index(drop=True)
    )
    table = table.assign(
        mail=place, letter=index.letters(place), theirs=theirs[place], human=~calendar[place]
    )
    table = tables.once(_in_order(table, "at", "letter", "message_id"), "letter")
    return _in_order(table, "conversation", "at", "letter").reset_index(drop=True)


def _in_order(table: pd.DataFrame, *labels: str) -> pd.DataFrame:
    """As `sort_values`, which codes every column anew before it sorts."""
    keys = [micros(table[one]) if one == "at" else table[one].to_numpy() for one in labels]
    return table.take(np.lexsort(keys[::-1]))
