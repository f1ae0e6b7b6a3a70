"""Which mails belong to one conversation, and what is each mail to us?

References come first, the provider's thread next and only where a mail names no mail that we
hold; a subject never decides (rules.md, facts of detection, section 4: Outlook joins strangers by
their subject, and sent items of Graph bear no References at all).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from config.ours import Ours
from config.phrasing import Phrases
from connectors.model.frames import Frames, empty, enforce
from reports.detect import addresses, mailclass, references, subjects
from reports.shapes import MAILS

_Ints = npt.NDArray[np.int64]


def conversations(
    messages: pd.DataFrame,
    recipients: pd.DataFrame,
    ours: Ours,
    merge: Mapping[str, str] | None = None,
) -> pd.Series:
    """The conversation of each mail; int64, aligned: the smallest message_id in it.

    Connected components over Message-IDs (In-Reply-To and References, also of mails that nobody
    holds), the same in all mailboxes. A mail that names no mail in `messages` joins the one
    before it in its provider's thread, if they share somebody outside. Rows must be unique by
    message_id. Source: RFC 5256 (REFERENCES); facts of detection, section 4.
    """
    count = len(messages)
    if not count:
        return pd.Series([], index=messages.index, dtype="int64")
    own = subjects.arrow(messages["message_key"])
    # A mail without a Message-ID is a node of its own.
    blank = pc.equal(own, "").to_numpy(zero_copy_only=False)
    named = references.links(messages)
    coded = pa.concat_arrays([own, named.key]).dictionary_encode()
    codes = coded.indices.to_numpy().astype("int64")
    node, target = codes[:count].copy(), codes[count:]
    size = len(coded.dictionary)
    node[blank] = size + np.arange(int(blank.sum()))
    size += int(blank.sum())

    held = np.zeros(size, dtype=bool)
    held[node] = True
    resolved = np.zeros(count, dtype=bool)
    answers_itself = target == node[named.row]
    resolved[named.row[held[target] & ~answers_itself]] = True
    later, earlier = _by_thread(messages, recipients, ours, merge or {}, ~resolved)

    left = np.concatenate([node[named.row], node[later]])
    right = np.concatenate([target, node[earlier]])
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    component = pd.Series(label[node], index=messages.index)
    return messages["message_id"].groupby(component).transform("min").astype("int64")


def _by_thread(
    messages: pd.DataFrame,
    recipients: pd.DataFrame,
    ours: Ours,
    merge: Mapping[str, str],
    unresolved: npt.NDArray[np.bool_],
) -> tuple[_Ints, _Ints]:
    """Pairs of positions (a mail that names none of ours, the mail before it in its thread)."""
    nothing = np.array([], dtype="int64")
    threaded = (messages["thread_id"] != "").to_numpy()
    if not (unresolved & threaded).any():
        return nothing, nothing
    group = messages.groupby(["mailbox_id", "thread_id"], sort=False).ngroup().to_numpy()
    many = np.bincount(group)[group] > 1
    loose = np.bincount(group, weights=unresolved)[group] > 0
    chosen = np.flatnonzero(threaded & many & loose)
    if not len(chosen):
        return nothing, nothing
    some = messages.iloc[chosen]
    written = recipients[recipients["message_id"].isin(some["message_id"])]
    where = pd.Series(chosen, index=some["message_id"].to_numpy())
    table = pd.DataFrame(
        {
            "position": np.concatenate([chosen, where.loc[written["message_id"]].to_numpy()]),
            "person": pd.concat(
                [
                    addresses.contacts(some["from_address"], ours, merge),
                    addresses.contacts(written["address"], ours, merge),
                ]
            ).to_numpy(),
        }
    )
    table = table[table["person"] != ""].drop_duplicates()
    position = table["position"].to_numpy()
    table["group"] = group[position]
    for label in ("at", "message_key", "message_id"):
        table[label] = messages[label].to_numpy()[position]
    table = table.sort_values(["group", "person", "at", "message_key", "message_id"])
    before = table.groupby(["group", "person"], sort=False)["position"].shift(fill_value=-1)
    linked = unresolved[table["position"].to_numpy()] & (before >= 0).to_numpy()
    return table["position"].to_numpy()[linked], before.to_numpy()[linked]


def mails(
    frames: Frames,
    ours: Ours,
    phrases: Phrases,
    as_of: pd.Timestamp,
    *,
    merge: Mapping[str, str] | None = None,
    known_contacts: Collection[str] | None = None,
) -> pd.DataFrame:
    """What each mail is; a frame by MAILS, one row a mail in one mailbox, ordered by message_id.

    Left out: drafts, chat lines, mails without a moment or after `as_of`. A mail is `out` if it
    lies among sent mail or one of ours is its From, and somebody outside is a recipient. Mail
    that the provider deleted stays: it was read once. `to_us`: rules.md section 1.
    """
    messages = frames.messages.drop_duplicates("message_id").sort_values("message_id")
    dated = messages["at"].notna() & (messages["at"] <= as_of)
    messages = messages[dated & ~messages["draft"] & ~messages["chat"]]
    if not len(messages):
        return empty(MAILS)
    messages = messages.reset_index(drop=True)
    merge = merge or {}
    recipients = frames.recipients.drop_duplicates()
    recipients = recipients[recipients["message_id"].isin(messages["message_id"])]

    outside = addresses.contacts(recipients["address"], ours, merge) != ""
    mine = addresses.ours_mask(recipients["address"], ours)
    visible = recipients["role"].isin(["to", "cc"])
    reaches = messages["message_id"].isin(recipients.loc[outside, "message_id"])
    # Whoever got a mail without being named in To or Cc got it in Bcc, or through a list.
    to_us = messages["message_id"].isin(recipients.loc[mine & visible, "message_id"])
    listed = subjects.matches(messages["headers"], r"(?m)^list-id:")
    from_us = messages["sent"] | addresses.ours_mask(messages["from_address"], ours)
    known_titles = subjects.titles(
        frames.meetings["subject"].drop_duplicates().reset_index(drop=True), phrases
    )
    table = pd.DataFrame(
        {
            "message_id": messages["message_id"],
            "mailbox_id": messages["mailbox_id"],
            "at": messages["at"],
            "mail_class": mailclass.classify(
                messages,
                recipients,
                ours,
                phrases,
                merge=merge,
                known_contacts=known_contacts,
                known_titles=set(known_titles),
            ),
            "conversation": conversations(messages, recipients, ours, merge),
            "direction": np.where(from_us, np.where(reaches, "out", "internal"), "in"),
            "contact": addresses.contacts(messages["from_address"], ours, merge).where(
                ~from_us, ""
            ),
            "to_us": to_us | ~listed,
        }
    )
    return enforce(table, MAILS, "mails")
