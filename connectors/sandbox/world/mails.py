"""What is one mail, before it lies in anybody's mailbox?

Neutral of any provider. A `Letter` is what was sent; `Notice` says which act on a meeting it tells
of, so that a server with typed meeting mails can type it. `PRIVATE` marks every text that noshow
must never store: a test greps for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import format_datetime, formataddr
from typing import Literal

from config.clock import from_micros
from connectors.sandbox.world.people import Human

#: Stands in every body, snippet, description, comment and location of the world.
PRIVATE = "zq-private"

Kind = Literal["human", "notice", "auto_reply", "bounce", "newsletter", "machine"]


@dataclass(frozen=True, slots=True)
class Notice:
    """The act on a meeting that a mail tells of, in the words of iTIP (RFC 5546).

    `response` for a reply: accepted, declined or tentative. All instants in [µs UTC].
    `uid` is the meeting's iCalendar UID; `original` the occurrence, None for a whole meeting.
    """

    method: Literal["request", "reply", "cancel", "counter"]
    uid: str
    original: int | None
    start: int
    end: int
    all_day: bool
    sequence: int
    stamp: int
    organizer: Human
    actor: Human
    sent_by: Human | None = None
    response: str = ""
    previous_start: int | None = None
    previous_end: int | None = None
    proposed_start: int | None = None
    machine: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail. `key` is its Message-ID without brackets; `at` when the other side took it [µs UTC].

    `sent_at` is what its Date says, where that differs. `headers` are those beyond the ordinary.
    `spam`, `promotions`: where the receiving system files it. `thread` forces a provider's thread
    only where a sender named one (messages.send with threadId). A `draft` reaches nobody.
    `unnamed`: it was sent without its Message-ID.
    """

    key: str
    at: int
    from_: Human
    to: tuple[Human, ...]
    subject: str
    cc: tuple[Human, ...] = ()
    bcc: tuple[Human, ...] = ()
    sender: Human | None = None
    kind: Kind = "human"
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = 'text/plain; charset="UTF-8"'
    body: str = ""
    size: int = 4200
    sent_at: int | None = None
    null_path: bool = False
    return_path: str = ""
    spam: bool = False
    promotions: bool = False
    important: bool = False
    starred: bool = False
    notice: Notice | None = None
    thread: str = ""
    draft: bool = False
    unnamed: bool = False

    @property
    def addressed(self) -> tuple[Human, ...]:
        return self.to + self.cc + self.bcc

    def lines(self, *, received_by: str = "", show_bcc: bool = False) -> list[tuple[str, str]]:
        """All header lines of one copy, in the order of a real mail.

        `received_by` is the address whose server took it; "" for the sender's own copy, which
        bears no Return-Path and no Received.
        """
        dated = from_micros(self.at if self.sent_at is None else self.sent_at)
        lines: list[tuple[str, str]] = []
        if received_by:
            host = received_by.rpartition("@")[2]
            path = "" if self.null_path else self.return_path or (self.sender or self.from_).address
            lines += [
                ("Delivered-To", received_by),
                ("Received", f"by mx.{host} with SMTP; {format_datetime(from_micros(self.at))}"),
                ("Return-Path", f"<{path}>"),
            ]
        lines += [("MIME-Version", "1.0"), ("Date", format_datetime(dated))]
        if not self.unnamed:
            lines.append(("Message-ID", f"<{self.key}>"))
        if self.in_reply_to:
            lines.append(("In-Reply-To", f"<{self.in_reply_to}>"))
        if self.references:
            lines.append(("References", "\r\n ".join(f"<{key}>" for key in self.references)))
        lines.append(("Subject", self.subject))
        lines.append(("From", _written((self.from_,))))
        if self.sender is not None:
            lines.append(("Sender", _written((self.sender,))))
        lines.append(("To", _written(self.to) if self.to else "undisclosed-recipients:;"))
        if self.cc:
            lines.append(("Cc", _written(self.cc)))
        if self.bcc and show_bcc:
            lines.append(("Bcc", _written(self.bcc)))
        lines += self.headers
        lines.append(("Content-Type", self.content_type))
        return lines


def _written(people: tuple[Human, ...]) -> str:
    return ", ".join(formataddr((one.name, one.address)) for one in people)
