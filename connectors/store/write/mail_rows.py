"""Which values of the tables `messages` and `recipients` is a mail?

A mailbox file brings millions of mails: what is asked of every text, whether both databases store
it as it is, is asked of all the texts of a row at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter, itemgetter
from typing import Any

from connectors.model.records import LabelChange, MessageSeen
from connectors.store.database.transactions import clean, moment, small

FLAGS = ("sent", "draft", "inbox", "spam", "trash", "promotions", "flagged")
#: The columns that `values` fills, in their order.
WRITTEN = (
    "provider_id",
    "thread_id",
    "message_key",
    "in_reply_to",
    "from_address",
    "from_name",
    "sender_address",
    "subject",
    "headers",
    "meeting_type",
    "meeting_uid",
    "meeting_recurrence_id",
    "revision",
    "reference_keys",
    "labels",
    "at",
    "dated_at",
    "meeting_start_at",
    "due_at",
    "size",
    "chat",
    "important",
    *FLAGS,
)
RECIPIENT = ("message_id", "position", "role", "address", "name")

_texts = attrgetter(
    "provider_id",
    "thread_id",
    "message_key",
    "in_reply_to",
    "from_.address",
    "from_.name",
    "sender_address",
    "subject",
    "headers",
    "meeting_type",
    "meeting_uid",
    "meeting_recurrence_id",
    "revision",
)
_marks = attrgetter("chat", "important", *FLAGS)
_flags = attrgetter(*FLAGS)
#: Of the values of a mail those by which it is linked (connectors.model.mail_links.Linked).
linking = itemgetter(
    *map(WRITTEN.index, ("thread_id", "message_key", "in_reply_to", "reference_keys"))
)


def values(seen: MessageSeen) -> tuple[Any, ...]:
    """The values of a mail, in the order of WRITTEN."""
    labels = "\n".join(sorted(seen.labels)) if seen.labels else ""
    return (
        *_cleaned((*_texts(seen), " ".join(seen.references), labels)),
        moment(seen.at),
        moment(seen.dated_at),
        moment(seen.meeting_start_at),
        moment(seen.due_at),
        small(seen.size),
        *_marks(seen),
    )


def row(written: tuple[Any, ...]) -> dict[str, Any]:
    """The values of a mail, as `values` gives them, by their columns."""
    return dict(zip(WRITTEN, written, strict=True))


def flags(seen: MessageSeen | LabelChange) -> dict[str, Any]:
    """The columns of a mail that is there which its marks, or a later poll of it, may change."""
    changed: dict[str, Any] = dict(zip(FLAGS, _flags(seen), strict=True))
    changed["labels"] = clean("\n".join(sorted(seen.labels)))
    if isinstance(seen, MessageSeen):
        changed["important"] = seen.important
        changed["due_at"] = moment(seen.due_at)
        changed["revision"] = clean(seen.revision)
    return changed


def recipients(numbered: Mapping[int, MessageSeen]) -> list[tuple[Any, ...]]:
    """The values of all to whom mails went, by the mails' numbers, in the order of RECIPIENT."""
    rows: list[tuple[Any, ...]] = []
    # Who gets one mail of a page gets others, and is mostly the same object: by its number found
    # without a look at the texts.
    written: dict[int, tuple[str, str]] = {}
    for number, seen in numbered.items():
        position = 0
        for role, people in (("to", seen.to), ("cc", seen.cc), ("bcc", seen.bcc)):
            for person in people:
                pair = written.get(id(person))
                if pair is None:
                    pair = (clean(person.address), clean(person.name))
                    written[id(person)] = pair
                rows.append((number, position, role, *pair))
                position += 1
    return rows


def _cleaned(texts: tuple[str, ...]) -> tuple[str, ...]:
    """As `clean` says of each: nearly always all of them are as they must be."""
    whole = "".join(texts)
    return texts if clean(whole) is whole else tuple(map(clean, texts))
