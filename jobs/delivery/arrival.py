"""Has a report arrived that was handed over, and must it be sent again?

Sent to a mailbox that we read, the next sync looks for it there. Not seen after two syncs and six
hours, it is sent once more, and says so (design, section 6). Elsewhere nothing can be seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal, Protocol

from connectors.store.ledger import Ledger, ReportClaim
from jobs.delivery.envelope.sent_mail import sent_of

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


class Sight(Protocol):
    """What is seen of the mailboxes (connectors.store.read.sightings). Moments in µs UTC."""

    def mailboxes(self) -> Mapping[str, int]: ...
    def arrived(self, mailbox_id: int, token: str) -> bool: ...
    def polls_since(self, mailbox_id: int, moment: int) -> int: ...
    def unread_since(self, mailbox_id: int, moment: int) -> bool: ...


@dataclass(frozen=True, slots=True)
class Watched:
    """What can be seen of the recipient's mailbox: complete polls of its mail since the last send.

    None instead of this: the recipient's mailbox is not one that we read.
    """

    polls: int


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
    if not old or watched.polls < SYNCS:
        return Verdict.WAIT
    return Verdict.LOST if sent.number > 1 or resend == "never" else Verdict.SEND_AGAIN


def confirm(ledger: Ledger, sight: Sight) -> tuple[ReportClaim, ...]:
    """Mark as seen whatever has arrived by now; returns those lines. Called after each sync."""
    boxes = sight.mailboxes()
    found = []
    for line in ledger.reports("claimed", "handed_over"):
        mailbox = boxes.get(line.recipient)
        if mailbox is None or sent_of(line.message_key) is None:
            continue
        if sight.arrived(mailbox, line.token) and ledger.report_seen(line.report_id):
            found.append(line)
    return tuple(found)


def overdue(ledger: Ledger, sight: Sight, now: int, resend: Resend) -> tuple[ReportClaim, ...]:
    """The lines that are to be sent again: the caller builds their reports anew and delivers.

    Also a second send that was refused (`released`): the schedule no longer knows of it.
    """
    boxes = sight.mailboxes()
    return tuple(
        line
        for line in ledger.reports("claimed", "handed_over", "released")
        if now - _left_at(line) <= RESEND_DAYS * 86_400_000_000
        and verdict(line, watched(line, boxes.get(line.recipient), sight), now, resend)
        is Verdict.SEND_AGAIN
    )


def _left_at(line: ReportClaim) -> int:
    """When the report left last, as far as is known [µs UTC]; 0 where it never did."""
    sent = sent_of(line.message_key)
    return max(sent.at, line.handed_over_at or 0) if sent is not None else 0


def watched(line: ReportClaim | None, mailbox_id: int | None, sight: Sight) -> Watched | None:
    """How often the recipient's mailbox was looked at since the last send; None: never can be.

    No poll counts while mail that was listed since then is still to be fetched: the report may
    be among it.
    """
    if mailbox_id is None:
        return None
    since = _left_at(line) if line is not None else 0
    if not since or sight.unread_since(mailbox_id, since):
        return Watched(0)
    return Watched(sight.polls_since(mailbox_id, since))
