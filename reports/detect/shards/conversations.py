"""Which mails are never cut apart, and of whom does each tell?

A conversation is read as a whole. A mail that lies in none (a draft, one without a date) stands alone; one
without a date may be the answer in each conversation that it names.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from connectors.model import normal_forms
from connectors.model.frames import Frames
from reports.columns import addresses, keys, tables
from reports.columns.instants import Ints
from reports.columns.text import Distinct, column, distinct
from reports.detect.mail import read_until, references
from reports.detect.mail.mail_index import Arrived
from reports.detect.setting import Setting
from reports.detect.shards.groups import Groups
from reports.detect.shards.reach import Reach


@dataclass(frozen=True)
class Conversations:
    """`ids`: of all mails, ascending; `reach`: by their conversations. `beside`: pairs of a row and a
    conversation to which it may belong.
    """

    ids: Ints
    reach: Reach
    beside: tuple[Ints, Ints]


def find_conversations(
    setting: Setting, facts: Frames, arrived: Arrived, mails: pd.DataFrame, groups: Groups
) -> Conversations:
    """facts: the mails, by the frames' schema; arrived: the same; mails: by MAILS."""
    ids = arrived.messages["message_id"].to_numpy()
    number = np.arange(len(ids)) + int(mails["conversation"].max() if len(mails) else 0) + 1
    place, _ = keys.places(ids, mails["message_id"].to_numpy())
    number[place] = mails["conversation"].to_numpy()
    thing = pd.factorize(number)[0].astype("int64")
    told = _tells_of(setting, facts, arrived, mails, groups)
    row, group = (np.concatenate([one[side] for one in told]) for side in (0, 1))
    return Conversations(ids, Reach.of(thing, row, group), _undated(arrived.messages, thing))


def _tells_of(
    setting: Setting, facts: Frames, arrived: Arrived, mails: pd.DataFrame, groups: Groups
) -> list[tuple[Ints, Ints]]:
    """Pairs of a mail (its row) and a group: who wrote it, to whom, through whom, and what bounced."""
    ids = arrived.messages["message_id"].to_numpy()

    def behind(written: Distinct) -> Ints:
        who = addresses.behind(written.texts, setting.ours, setting.merge)
        return groups.of_rows(Distinct(who, written.codes))

    every = np.arange(len(ids))
    place, held = keys.places(ids, arrived.rows["message_id"].to_numpy())
    person = np.append(groups.of_texts(arrived.names), -1)[arrived.rows["person"].to_numpy()]
    raw, known = keys.places(ids, facts.messages["message_id"].to_numpy())
    bounced = _bounced(setting, facts, mails, groups)
    back, there = keys.places(ids, bounced[0])
    return [
        (every, behind(arrived.senders)),
        (every, behind(distinct(arrived.messages["sender_address"]))),
        (raw[known], behind(distinct(facts.messages["from_address"]))[known]),
        (place[held], person[held]),
        (back[there], bounced[1][there]),
    ]


def _bounced(
    setting: Setting, facts: Frames, mails: pd.DataFrame, groups: Groups
) -> tuple[Ints, Ints]:
    """Pairs of a bounce (message_id) and the group of an address that it names."""
    bounces = mails.loc[mails["mail_class"] == "bounce", "message_id"]
    some = facts.messages.loc[facts.messages["message_id"].isin(bounces), ["message_id", "headers"]]
    failed = some["headers"].str.extract(r"(?m)^x-failed-recipients: ?(.+)$", expand=False)
    told = some.assign(address=failed.fillna("").str.split(",")).explode("address")
    written = pd.Series([normal_forms.address(one) for one in told["address"]], dtype="str")
    who = addresses.contacts(written, setting.ours, setting.merge)
    return told["message_id"].to_numpy(dtype="int64"), groups.of_rows(distinct(who))


def _undated(messages: pd.DataFrame, thing: Ints) -> tuple[Ints, Ints]:
    """Pairs of a mail without a date and the conversation of a mail that it names."""
    row = np.flatnonzero(messages["at"].isna())
    named = references.links(messages.take(row).reset_index(drop=True))
    table = pd.DataFrame({"row": row[named.row], "key": column(named.key)})
    held = pd.DataFrame(
        {"key": column(references.linking(messages["message_key"])), "thing": thing}
    )
    both = tables.joined(table, held[addresses.among(held["key"], table["key"])], "key")
    return both["row"].to_numpy(dtype="int64"), both["thing"].to_numpy(dtype="int64")


def newest_received(messages: pd.DataFrame) -> pd.Series:
    """The last mail that came in to each mailbox: it says how far received mail tells; message_ids."""
    came = messages.loc[read_until.received(messages), ["message_id", "mailbox_id", "at"]]
    last = tables.ordered(came.dropna(subset="at"), "at")
    return tables.once(last, "mailbox_id", keep="last")["message_id"]
