"""Which mails belong to one conversation, and what is each mail to us?

References come first, the provider's thread next and only where a mail names no mail that we
hold; a subject never decides (rules.md, facts of detection, section 4: Outlook joins strangers by
their subject, and sent items of Graph bear no References at all).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from config import organisations
from connectors.model.frames import empty, enforce
from reports.columns import addresses, text
from reports.columns.instants import Flags
from reports.columns.text import Distinct
from reports.detect.mail import confirming, mail_class, references, subject_lines
from reports.detect.mail.mail_index import Arrived
from reports.detect.setting import Setting
from reports.schemas import MAILS

_Ints = npt.NDArray[np.int64]
#: The number of the organisation of each of some persons; -1 for none.
Homes = Callable[[_Ints], _Ints]
#: Pairs (position of a mail, number of a person in it; -1 for ours and for none).
Persons = tuple[_Ints, _Ints]


def conversations(
    messages: pd.DataFrame, thread: Distinct, persons: Persons, homes: Homes
) -> pd.Series:
    """The conversation of each mail; int64, aligned: the smallest message_id in it.

    Connected components over Message-IDs (In-Reply-To and References, also of mails that nobody
    holds), the same in all mailboxes. A mail that names no mail in `messages` joins the one
    before it in its provider's thread, if they share one of `persons` or, by `homes`, an
    organisation: whoever answers for a colleague names what that one sent on, and not ours. Rows
    must be unique by message_id. Source: RFC 5256 (REFERENCES); facts of detection, section 4.
    """
    count = len(messages)
    if not count:
        return pd.Series([], index=messages.index, dtype="int64")
    own = references.linking(messages["message_key"])
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
    later, earlier = _by_thread(messages, thread, persons, homes, ~resolved)

    left = np.concatenate([node[named.row], node[later]])
    right = np.concatenate([target, node[earlier]])
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    component, number = label[node], messages["message_id"].to_numpy()
    order = slice(None) if (number[1:] > number[:-1]).all() else np.argsort(number)
    least = np.empty(size, dtype="int64")
    # Written last is the first of each.
    least[component[order][::-1]] = number[order][::-1]
    return pd.Series(least[component], index=messages.index)


def _by_thread(
    messages: pd.DataFrame,
    thread: Distinct,
    persons: Persons,
    homes: Homes,
    unresolved: Flags,
) -> tuple[_Ints, _Ints]:
    """Pairs of positions (a mail that names none of ours, the mail before it in its thread)."""
    nothing = np.array([], dtype="int64")
    threaded = thread.filled()
    if not (unresolved & threaded).any():
        return nothing, nothing
    box = pd.factorize(messages["mailbox_id"])[0]
    group = pd.factorize(box * len(thread.texts) + thread.codes)[0]
    many = np.bincount(group)[group] > 1
    loose = np.bincount(group, weights=unresolved)[group] > 0
    position = np.flatnonzero(threaded & many & loose)
    if not len(position):
        return nothing, nothing
    mail, person = persons
    at, number = messages["at"].to_numpy("datetime64[us]"), messages["message_id"].to_numpy()
    rank = np.zeros(len(messages), dtype="int64")
    rank[position[np.lexsort([number[position], at[position]])]] = np.arange(len(position))
    chosen = np.zeros(len(messages), dtype=bool)
    chosen[position] = True
    known = chosen[mail] & (person >= 0)
    later, earlier = _before(mail[known], person[known], group, rank, unresolved)

    # Few are left that neither open their thread nor share a person with it.
    first = np.full(int(group.max()) + 1, len(messages))
    np.minimum.at(first, group[position], rank[position])
    left = np.zeros(len(messages), dtype=bool)
    left[position] = unresolved[position] & (rank[position] != first[group[position]])
    left[later] = False
    if not left.any():
        return later, earlier
    beside = np.zeros(len(first), dtype=bool)
    beside[group[left]] = True
    known &= beside[group[mail]]
    many_of, of = np.unique(person[known], return_inverse=True)
    home = homes(many_of)[of]
    joined = _before(mail[known][home >= 0], home[home >= 0], group, rank, left)
    return np.concatenate([later, joined[0]]), np.concatenate([earlier, joined[1]])


def _before(
    mail: _Ints, code: _Ints, group: _Ints, rank: _Ints, loose: Flags
) -> tuple[_Ints, _Ints]:
    """Pairs of a mail of `loose` and the one before it by `rank` in its group with the same code.

    mail, code: pairs; group, rank, loose: by mail.
    """
    pair = group[mail] * (int(code.max(initial=0)) + 1) + code
    ordered = np.lexsort([rank[mail], pair])
    mail, pair = mail[ordered], pair[ordered]
    linked = np.zeros(len(mail), dtype=bool)
    linked[1:] = (pair[1:] == pair[:-1]) & loose[mail[1:]] & (mail[1:] != mail[:-1])
    return mail[linked], mail[np.flatnonzero(linked) - 1]


def mails(setting: Setting, arrived: Arrived, meetings: pd.DataFrame) -> pd.DataFrame:
    """What each mail is; a frame by MAILS, one row a mail in one mailbox, ordered by message_id.

    meetings: by MEETINGS; their titles tell meeting mails. Left out: drafts, chat lines, mails without
    a moment or after the setting's `as_of`. A mail is `out` if it lies among sent mail or one of ours is its
    From, and somebody outside is a recipient. Mail that the provider deleted stays: it was read
    once. `to_us`: rules.md section 1.
    """
    ours, messages = setting.ours, arrived.messages
    dated = messages["at"].notna() & (messages["at"] <= setting.as_of)
    kept = (dated & ~messages["draft"] & ~messages["chat"]).to_numpy()
    if not kept.any():
        return empty(MAILS)
    arrived = arrived.only(kept)
    messages, senders = arrived.messages, arrived.senders
    rows = arrived.of(messages["message_id"].to_numpy())
    mail, outside = rows["mail"].to_numpy(), (rows["person"] >= 0).to_numpy()
    writer = Distinct(addresses.behind(senders.texts, ours, setting.merge), senders.codes)
    reaches, to_us = np.zeros((2, len(messages)), dtype=bool)
    reaches[mail[outside]] = True
    # Whoever got a mail without being named in To or Cc got it in Bcc, or through a list.
    to_us[mail[(rows["mine"] & rows["shown"]).to_numpy()]] = True
    listed = arrived.headers.matches(r"(?m)^list-id:")
    from_us = messages["sent"].to_numpy() | senders.holds(ours.__contains__)
    # Everybody one of ours ever wrote to.
    known = pd.unique(rows["person"].to_numpy()[outside & from_us[mail]])
    known_titles = subject_lines.titles(
        meetings["subject"].drop_duplicates().reset_index(drop=True), setting.phrases
    )
    person, names = arrived.persons(writer)

    def homes(persons: _Ints) -> _Ints:
        who = names.take(pa.array(persons)).to_pylist()
        found = [organisations.organisation(one, setting.phrases) for one in who]
        code = pd.factorize(pd.Series(found, dtype="str"))[0].astype("int64")
        return np.where([one != "" for one in found], code, -1)

    table = pd.DataFrame(
        {
            "message_id": messages["message_id"],
            "mailbox_id": messages["mailbox_id"],
            "at": messages["at"],
            "mail_class": mail_class.classify(
                setting,
                arrived,
                writer,
                known_contacts=set(arrived.names.take(pa.array(known)).to_pylist()),
                known_titles=set(text.listed(known_titles)),
                names=arrived.spelled,
            ),
            "conversation": conversations(
                messages,
                arrived.thread,
                (
                    np.concatenate([np.arange(len(messages)), mail]),
                    np.concatenate([person, rows["person"].to_numpy()]),
                ),
                homes,
            ),
            "direction": text.chosen(
                ("in", "out", "internal"),
                np.where(from_us, np.where(reaches, 1, 2), 0),
                messages.index,
            ),
            "contact": _outside(writer, from_us).text(),
            "to_us": to_us | ~listed,
        }
    )
    asked = rows[(rows["to"] & outside).to_numpy() & from_us[mail]]
    sent = pd.DataFrame(
        {
            "person": asked["person"].to_numpy(),
            "at": messages["at"].take(asked["mail"].to_numpy()).reset_index(drop=True),
            "key": messages["message_key"].take(asked["mail"].to_numpy()).reset_index(drop=True),
        }
    )
    confirmed = confirming.confirms(setting, arrived, table, person, sent)
    if confirmed.any():
        table["mail_class"] = table["mail_class"].mask(confirmed, "confirming")
    return enforce(table, MAILS, "mails")


def _outside(writer: Distinct, from_us: Flags) -> Distinct:
    """Who wrote each mail; nobody where it was one of us."""
    texts = pa.concat_arrays([writer.texts, pa.array([""], writer.texts.type)])
    return Distinct(texts, np.where(from_us, len(writer.texts), writer.codes))
