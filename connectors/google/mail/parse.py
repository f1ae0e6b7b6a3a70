"""What do one Gmail message's metadata say?

facts/google.md 2.1 and 2.3: headers by an allow-list, their names in the sender's case; labels a
message, not a thread; numbers as text. A snippet is body text and is never asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.google.json_values import items
from connectors.model.headers.address_lists import author, people
from connectors.model.headers.header_list import HEADERS, joined, raw_lines
from connectors.model.headers.header_values import decoded, plain, unfolded
from connectors.model.headers.mail_dates import arrival, hop, moment
from connectors.model.headers.mail_keys import mail_key
from connectors.model.headers.message_ids import answered
from connectors.model.records import LabelChange, MessageSeen

Json = Mapping[str, Any]

#: What of a message is asked for; frozen with the history id.
MESSAGE_MASK = "id,threadId,labelIds,historyId,internalDate,sizeEstimate,payload/headers"
ASKED_HEADERS: tuple[str, ...] = HEADERS

PROMOTIONS = ("CATEGORY_PROMOTIONS", "CATEGORY_SOCIAL", "CATEGORY_FORUMS")
#: System labels whose coming and going changes nothing that is stored. UNREAD is most of a history.
SILENT = frozenset(
    {"UNREAD", "IMPORTANT", "CATEGORY_PERSONAL", "CATEGORY_UPDATES", "CATEGORY_PURCHASES"}
)
_EARLIEST = 86_400_000  # [ms] the day after 1970-01-01
_LATEST = 7_258_118_400_000  # [ms] 2200-01-01


@dataclass(frozen=True, slots=True)
class Flags:
    """What a message's labels say."""

    sent: bool
    draft: bool
    chat: bool
    inbox: bool
    spam: bool
    trash: bool
    promotions: bool
    flagged: bool
    labels: tuple[str, ...]


def flags(label_ids: Iterable[object], names: Mapping[str, str]) -> Flags:
    """The flags of a set of label ids; `names` gives the user's labels by id."""
    ids = {label for label in label_ids if isinstance(label, str)}
    return Flags(
        sent="SENT" in ids,
        draft="DRAFT" in ids,
        chat="CHAT" in ids,
        inbox="INBOX" in ids,
        spam="SPAM" in ids,
        trash="TRASH" in ids,
        promotions=not ids.isdisjoint(PROMOTIONS),
        flagged="STARRED" in ids,
        labels=tuple(sorted(names[label] for label in ids if label in names)),
    )


def label_change(
    message_id: str, label_ids: Iterable[object], names: Mapping[str, str]
) -> LabelChange:
    """A stored message's whole new set of flags."""
    now = flags(label_ids, names)
    return LabelChange(
        provider_id=message_id,
        sent=now.sent,
        draft=now.draft,
        inbox=now.inbox,
        spam=now.spam,
        trash=now.trash,
        promotions=now.promotions,
        flagged=now.flagged,
        labels=now.labels,
    )


def message(item: Json, names: Mapping[str, str], own: frozenset[str] = frozenset()) -> MessageSeen:
    """The record of one message; total: broken headers give empty fields, never an error.

    own: the owner's addresses, normalised. What somebody else wrote to one of them came in, though
    a program that reads the mailbox by IMAP may have put it among the sent mail.

    `at` is Gmail's own date of acceptance; where that is missing or absurd, the Date header.
    A message without a Message-ID gets a digest that is the same in every copy of it.
    """
    headers = _headers(item)
    first: dict[str, str] = {}
    for name, value in headers:
        first.setdefault(name.lower(), value)
    sender = author(first.get("from", ""))
    acting = author(first.get("sender", "")).address
    to, cc = people(joined(headers, "to")), people(joined(headers, "cc"))
    subject = decoded(first.get("subject", ""))
    dated = moment(first.get("date", ""))
    accepted = _accepted(item.get("internalDate"))
    now = flags(items(item.get("labelIds")), names)
    sent = now.sent and (sender.address in own or own.isdisjoint(one.address for one in to))
    answers, references = answered(
        joined(headers, "in-reply-to", " "), joined(headers, "references", " ")
    )
    hops = [hop(value) for name, value in headers if name.lower() == "received"]
    at = arrival(accepted, dated, [one for one in hops if one is not None], sent=sent)
    return MessageSeen(
        provider_id=str(item.get("id") or ""),
        thread_id=str(item.get("threadId") or ""),
        message_key=mail_key(first.get("message-id", ""), sender, dated, at, subject, (*to, *cc)),
        from_=sender,
        at=at,
        sender_address=acting if acting != sender.address else "",
        to=to,
        cc=cc,
        bcc=people(joined(headers, "bcc")),
        subject=subject,
        dated_at=dated,
        in_reply_to=answers,
        references=references,
        sent=sent,
        draft=now.draft,
        chat=now.chat,
        inbox=now.inbox,
        spam=now.spam,
        trash=now.trash,
        promotions=now.promotions,
        flagged=now.flagged,
        important=_important(first),
        labels=now.labels,
        size=_whole(item.get("sizeEstimate")),
        headers=raw_lines(headers),
        revision=str(item.get("historyId") or ""),
    )


def _headers(item: Json) -> list[tuple[str, str]]:
    payload = item.get("payload")
    rows = payload.get("headers") if isinstance(payload, Mapping) else None
    return [
        (plain(row["name"]), _legible(row["value"]))
        for row in items(rows)
        if isinstance(row, Mapping)
        and isinstance(row.get("name"), str)
        and isinstance(row.get("value"), str)
    ]


def _legible(value: str) -> str:
    """One line without control characters; raw ISO-2022-JP needs its own to be read."""
    return decoded(value) if "\x1b" in value else plain(unfolded(value))


def _important(first: Mapping[str, str]) -> bool:
    importance = unfolded(first.get("importance", "")).lower()
    priority = unfolded(first.get("x-priority", ""))[:1]
    return importance == "high" or priority in {"1", "2"}


def _accepted(value: object) -> int | None:
    """internalDate (milliseconds as text) in microseconds UTC."""
    try:
        milliseconds = int(str(value))
    except ValueError:
        return None
    return milliseconds * 1000 if _EARLIEST <= milliseconds < _LATEST else None


def accepted_at(item: Json) -> int | None:
    """When Gmail accepted the message [µs UTC]; None where it does not say."""
    return _accepted(item.get("internalDate"))


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
