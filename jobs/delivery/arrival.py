"""Has a report arrived that was handed over, and must it be sent again?

Sent to a mailbox that we read, the next sync looks for it there. Not seen after two syncs and six
hours, it is sent once more, and says so (design, section 6). Elsewhere nothing can be seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal

import pandas as pd

from config.clock import from_micros
from connectors.model.frames import Frames
from connectors.store.ledger import Ledger, ReportClaim
from jobs.delivery.message import sent_of

#: How often, and for how long [h], the mailbox is looked at before a report counts as lost.
SYNCS, HOURS = 2, 6
#: For how long a report is sent again [days]; later it is old news, and the next one says so.
RESEND_DAYS = 7
Resend = Literal["once", "never"]


class Verdict(Enum):
    """What is to be done about one report of one week to one recipient."""

    SEND = "send"
    SEND_AGAIN = "send again"
    WAIT = "wait"
    DONE = "done"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Watched:
    """What can be seen of the recipient's mailbox: complete looks at its mail since the last send.

    None instead of this: the recipient's mailbox is not one that we read.
    """

    looks: int


def verdict(line: ReportClaim | None, watched: Watched | None, now: int, resend: Resend) -> Verdict:
    """What to do. A pure answer from the ledger's line; `now` in µs UTC.

    The caller holds the report lock: a line that is `claimed` belongs to a run that ended in the
    middle. Without a Message-ID noted it surely sent nothing. With one, it may have: then the
    mailbox decides, and where it cannot be read, nothing is sent a second time.
    """
    if line is None:
        return Verdict.SEND
    if line.state == "seen":
        return Verdict.DONE
    sent = sent_of(line.message_key)
    if line.state == "released":
        return Verdict.SEND if sent is None else Verdict.SEND_AGAIN
    if sent is None:
        return Verdict.SEND
    if watched is None:
        return Verdict.DONE if line.state == "handed_over" else Verdict.LOST
    old = now - max(sent.at, line.handed_over_at or 0) >= HOURS * 3_600_000_000
    if not old or watched.looks < SYNCS:
        return Verdict.WAIT
    return Verdict.LOST if sent.number > 1 or resend == "never" else Verdict.SEND_AGAIN


def arrived(messages: pd.DataFrame, mailbox_id: int, line: ReportClaim) -> bool:
    """Is this report among the mails that the mailbox received, in whatever folder?

    By its Message-ID, or by its token in brackets in the subject, since servers rewrite
    Message-IDs. What lies only in *sent* is the copy that the provider kept, and proves nothing.
    """
    mine = messages.loc[(messages["mailbox_id"] == mailbox_id) & ~messages["draft"]]
    received = mine.loc[~mine["sent"] | mine["inbox"]]
    named = received["message_key"].str.startswith(f"noshow.{line.token}.")
    titled = received["subject"].str.contains(f"({line.token})", regex=False)
    return bool((named | titled).any())


def looks_since(looks: pd.DataFrame, mailbox_id: int, moment: int) -> int:
    """How many complete looks at this mailbox's mail began after the moment [µs UTC]."""
    began = looks["started_at"] > pd.Timestamp(from_micros(moment))
    mail = (looks["stream"] == "mail") & looks["kind"].isin(["full", "delta"])
    done = looks["finished_at"].notna() & (looks["problem"] == "")
    return int(((looks["mailbox_id"] == mailbox_id) & mail & began & done).sum())


def confirm(ledger: Ledger, facts: Frames) -> tuple[ReportClaim, ...]:
    """Mark as seen whatever has arrived by now; returns those lines. Called after each sync."""
    boxes = mailboxes_of(facts)
    found = []
    for line in ledger.reports("claimed", "handed_over"):
        mailbox = boxes.get(line.recipient)
        if mailbox is None or sent_of(line.message_key) is None:
            continue
        if arrived(facts.messages, mailbox, line) and ledger.report_seen(line.report_id):
            found.append(line)
    return tuple(found)


def overdue(ledger: Ledger, facts: Frames, now: int, resend: Resend) -> tuple[ReportClaim, ...]:
    """The lines that are to be sent again: the caller builds their reports anew and delivers.

    Also a second send that was refused (`released`): the schedule no longer knows of it.
    """
    boxes = mailboxes_of(facts)
    return tuple(
        line
        for line in ledger.reports("claimed", "handed_over", "released")
        if now - _left_at(line) <= RESEND_DAYS * 86_400_000_000
        and verdict(line, watched(line, boxes.get(line.recipient), facts), now, resend)
        is Verdict.SEND_AGAIN
    )


def _left_at(line: ReportClaim) -> int:
    """When the report left last, as far as is known [µs UTC]; 0 where it never did."""
    sent = sent_of(line.message_key)
    return max(sent.at, line.handed_over_at or 0) if sent is not None else 0


def watched(line: ReportClaim | None, mailbox_id: int | None, facts: Frames) -> Watched | None:
    """How often the recipient's mailbox was looked at since the last send; None: never can be.

    No look counts while mail that was listed since then is still to be fetched: the report may
    be among it.
    """
    if mailbox_id is None:
        return None
    since = _left_at(line) if line is not None else 0
    if not since or _unread_since(facts.pending, mailbox_id, since):
        return Watched(0)
    return Watched(looks_since(facts.looks, mailbox_id, since))


def _unread_since(pending: pd.DataFrame, mailbox_id: int, moment: int) -> bool:
    """Is mail of this mailbox still to be fetched that may be newer than the moment [µs UTC]?"""
    newest = pending["not_after"]
    newer = newest.isna() | (newest >= pd.Timestamp(from_micros(moment)))
    mail = (pending["stream"] == "mail") & ~pending["given_up"]
    return bool(((pending["mailbox_id"] == mailbox_id) & mail & newer).any())


def mailboxes_of(facts: Frames) -> Mapping[str, int]:
    """The mailboxes that we read again and again, by address; imported files show no arrival."""
    frame = facts.mailboxes.loc[facts.mailboxes["provider"] != "files"]
    return {
        str(address): int(mailbox)
        for address, mailbox in zip(frame["address"], frame["mailbox_id"], strict=True)
    }
