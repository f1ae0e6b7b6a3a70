"""Who wrote each mail, and to whom? Worked out once, for all who ask.

A team's mailboxes hold a million mails to a few thousand people: here every person is a small
number, and a mail a place, so that the detectors count and join whole numbers instead of texts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectors.model.frames import Frames
from reports.columns import addresses, keys, tables
from reports.columns.instants import Flags, Ints
from reports.columns.text import Distinct, arrow, column, distinct
from reports.detect.mail import list_authors
from reports.detect.setting import Setting

#: What detectors read of a mail (by MESSAGES).
_READ: Final = ["message_id", "mailbox_id", "at", "draft", "chat"]
#: And what of it beside its class, conversation and sides.
_FACTS: Final = [
    "message_key",
    "in_reply_to",
    "reference_keys",
    "sender_address",
    "subject",
    "meeting_type",
    "sent",
    "flagged",
    "important",
]


@dataclass(frozen=True)
class Arrived:
    """All mails and their recipients, before anything is known of them.

    `messages`: what is read of them, each once, ordered by message_id; aligned with it `headers`
    (raw lines), `senders` (From), `thread` (the provider's) and `spelled` (the name in From).
    `rows`: one row a recipient: message_id, `to`, `shown` (in To or Cc), `address` (the place in
    `addresses`), `person` (the place in `names` of the contact behind it; -1 for ours and for none)
    and `mine` (one of ours). `names`: the contacts, each once.
    """

    messages: pd.DataFrame
    headers: Distinct
    senders: Distinct
    thread: Distinct
    spelled: Distinct
    rows: pd.DataFrame
    addresses: pa.Array
    names: pa.Array

    def of(self, ids: Ints) -> pd.DataFrame:
        """The rows of the mails `ids` (message_id, ascending), with `mail`: the place in `ids`."""
        place, held = keys.places(ids, self.rows["message_id"].to_numpy())
        if held.all():
            return self.rows.assign(mail=place)
        return self.rows[held].assign(mail=place[held])

    def only(self, kept: Flags) -> Arrived:
        """Only the mails where this mask is True; the recipients' rows of all stay."""
        if kept.all():
            return self
        headers, senders, thread, spelled = (
            one.take(kept) for one in (self.headers, self.senders, self.thread, self.spelled)
        )
        return replace(
            self,
            messages=self.messages[kept].reset_index(drop=True),
            headers=headers,
            senders=senders,
            thread=thread,
            spelled=spelled,
        )

    def persons(self, contacts: Distinct) -> tuple[Ints, pa.Array]:
        """A number for each contact as in `person`, and the names with those that are new."""
        names = pc.unique(
            pa.concat_arrays([self.names, contacts.texts.filter(pc.not_equal(contacts.texts, ""))])
        )
        place = pc.index_in(contacts.texts, value_set=names).fill_null(-1).to_numpy()
        return (place.astype("int64")[contacts.codes] if len(place) else contacts.codes), names


@dataclass(frozen=True)
class MailIndex:
    """All mails as of a moment; a mail is its place in `mails`, a person their place in `names`.

    `mails`: by MAILS, ordered by message_id. `facts`: more columns of the same mails. `named`: the
    rows of Arrived, of these mails, with `mail` (the place); `addresses`: what their `address`
    counts. Aligned with `mails`: `headers` and `senders` as in Arrived, `writer` (a person; -1 for
    ours and for none), `key` (a number for its Message-ID; -1 for none), `theirs` and `ours` (human
    mails that came in, and that went out), `shown` (how many different addresses in To and Cc),
    `to_us` (one of ours in To), `with_us` (in To or Cc).
    """

    mails: pd.DataFrame
    facts: pd.DataFrame
    headers: Distinct
    senders: Distinct
    named: pd.DataFrame
    addresses: pa.Array
    names: pd.Series
    writer: Ints
    key: Ints
    theirs: Flags
    ours: Flags
    shown: Ints
    to_us: Flags
    with_us: Flags

    def at(self, places: Ints) -> pd.Series:
        """The moments of these mails, in this order; index 0, 1, ..."""
        moments: pd.Series = self.mails["at"].take(places).reset_index(drop=True)
        return moments

    def text(self, persons: Ints) -> pd.Series:
        """The contacts of these numbers, "" for -1; index 0, 1, ..."""
        chosen = pa.array(persons, mask=persons < 0)
        found = arrow(self.names).take(chosen).fill_null("")
        return column(found)

    def among(self, contacts: pd.Series) -> Flags:
        """Which persons are among these contacts; shape (len(names),)."""
        return addresses.among(self.names, contacts)

    def homes(self, people: pd.DataFrame) -> Ints:
        """A number for the organisation of each person: 0 for none, -1 for whoever is no person.

        people: by PEOPLE, each contact once.
        """
        persons = tables.kept(people, ~people["machine"], ["contact", "organisation"])
        organisations = distinct(persons["organisation"])
        none = (persons["organisation"] == "").to_numpy()
        number = np.where(none, 0, organisations.codes + 1)
        place = pc.index_in(arrow(self.names), value_set=arrow(persons["contact"]))
        place = place.fill_null(-1).to_numpy().astype("int64")
        return np.where(place >= 0, np.append(number, -1)[place], -1)

    def by(self, persons: Flags) -> Flags:
        """Which mails did one of these persons write? Shape (len(mails),)."""
        found: Flags = np.append(persons, False)[self.writer]
        return found

    def letters(self, places: Ints) -> Ints:
        """One number for all copies of a mail: the smallest message_id among those at `places`.

        places: ascending. A mail without a Message-ID is its own.
        """
        number = self.mails["message_id"].to_numpy()[places]
        key = self.key[places]
        first = np.zeros(int(self.key.max(initial=0)) + 1, dtype="int64")
        first[key[::-1]] = number[::-1]
        return np.where(key < 0, number, first[key])


def arrived(setting: Setting, frames: Frames) -> Arrived:
    """The mails in `frames`, also those of later, as Arrived."""
    # A store hands text over in a thousand pieces, and every filter would pay for it again.
    messages = pd.DataFrame(
        {label: _in_one_piece(frames.messages[label]) for label in (*_READ, *_FACTS)}
    )
    messages = keys.unique(messages, "message_id")
    order = messages.index.to_numpy()
    lines = distinct(frames.messages["headers"])
    wrote = list_authors.restored(frames.messages, lines, setting.ours)
    named = (wrote["from_address"], frames.messages["thread_id"], wrote["from_name"])
    headers, senders, thread, spelled = (
        one.take(order) for one in (lines, *(distinct(texts) for texts in named))
    )
    messages = messages.reset_index(drop=True)
    given = frames.recipients
    coded = distinct(given["address"])
    contacts = addresses.contacts(column(coded.texts), setting.ours, setting.merge)
    people = distinct(contacts)
    nobody = pc.equal(people.texts, "").to_numpy(zero_copy_only=False)
    place = np.where(nobody, -1, np.cumsum(~nobody) - 1)
    to = (given["role"] == "to").to_numpy()
    person = place[people.codes][coded.codes] if len(place) else coded.codes
    rows = pd.DataFrame(
        {
            "message_id": given["message_id"].to_numpy(),
            "to": to,
            "shown": to | (given["role"] == "cc").to_numpy(),
            "address": coded.codes,
            "person": person.astype("int64"),
            "mine": coded.holds(setting.ours.__contains__),
        }
    )
    names = people.texts.filter(pa.array(~nobody))
    return Arrived(messages, headers, senders, thread, spelled, rows, coded.texts, names)


def _in_one_piece(values: pd.Series) -> pd.Series:
    return column(arrow(values)) if isinstance(values.dtype, pd.StringDtype) else values


def gather(given: Arrived, mails: pd.DataFrame) -> MailIndex:
    """The index of one store's mails. mails: by MAILS, all of them in `given`."""
    mails = keys.unique(mails, "message_id").reset_index(drop=True)
    ids = mails["message_id"]
    place, _ = keys.places(given.messages["message_id"].to_numpy(), ids.to_numpy())
    facts, headers, senders = given.messages[_FACTS], given.headers, given.senders
    if len(mails) < len(given.messages):
        facts = facts.take(place).reset_index(drop=True)
        headers, senders = headers.take(place), senders.take(place)
    # Two mails with one Message-ID are copies of one only if one person wrote both.
    letter = keys.together(distinct(facts["message_key"]).codes, senders.codes)
    blank = (facts["message_key"] == "").to_numpy()

    writer, names = given.persons(distinct(mails["contact"]))
    rows = given.of(ids.to_numpy())
    human = (mails["mail_class"] == "human").to_numpy()
    visible = rows[rows["shown"]]
    own = tables.kept(visible, visible["mine"])
    wide = len(given.addresses)
    once = pd.unique(visible["mail"].to_numpy() * wide + visible["address"].to_numpy())

    def marked(places: pd.Series) -> Flags:
        found = np.zeros(len(mails), dtype=bool)
        found[places.to_numpy()] = True
        return found

    return MailIndex(
        mails=mails,
        facts=facts,
        headers=headers,
        senders=senders,
        named=rows,
        addresses=given.addresses,
        names=column(names),
        writer=writer,
        key=np.where(blank, -1, letter),
        theirs=human & (mails["direction"] == "in").to_numpy(),
        ours=human & (mails["direction"] == "out").to_numpy(),
        shown=np.bincount(once // max(wide, 1), minlength=len(mails)).astype("int64"),
        to_us=marked(own.loc[own["to"], "mail"]),
        with_us=marked(own["mail"]),
    )
