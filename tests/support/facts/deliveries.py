"""A store, a clock that is set by hand, a report to send, and what the mailbox shows later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from config.clock import Clock
from config.errors import NoshowError
from connectors.interfaces import Mailer
from connectors.model.frames import Frames
from connectors.store.store import Store
from jobs.console.outcome import Outcome
from jobs.delivery.arrival import Resend
from jobs.delivery.delivery import Post, deliver
from jobs.delivery.envelope.audience import WEEKLY
from jobs.delivery.envelope.sent_mail import sent_of
from jobs.providers.mailers import Channel
from reports.weekly import build as weekly
from reports.weekly.report import WeeklyReport
from tests.support.facts import findings as b

KATE = b.KATE
ALLOWED = {WEEKLY: frozenset({KATE})}


class FrameSight:
    """What is seen of the mailboxes, from frames made by hand; `inbox`: which of the mails lie there."""

    def __init__(self, facts: Frames, inbox: Sequence[bool] = ()) -> None:
        self._facts = facts
        self._inbox = list(inbox) or [False] * len(facts.messages)

    def mailboxes(self) -> dict[str, int]:
        frame = self._facts.mailboxes
        return dict(zip(frame["address"], frame["mailbox_id"], strict=True))

    def arrived(self, mailbox_id: int, token: str) -> bool:
        mails = self._facts.messages.assign(inbox=self._inbox)
        here = mails[(mails["mailbox_id"] == mailbox_id) & ~mails["draft"]]
        received = here[~here["sent"] | here["inbox"]]
        named = received["message_key"].str.startswith(f"noshow.{token}.")
        return bool((named | received["subject"].str.contains(f"({token})", regex=False)).any())

    def polls_since(self, mailbox_id: int, moment: int) -> int:
        polls = self._facts.polls
        began = polls["started_at"] > pd.Timestamp(moment, unit="us", tz="UTC")
        done = (polls["stream"] == "mail") & polls["finished_at"].notna() & (polls["problem"] == "")
        return int(((polls["mailbox_id"] == mailbox_id) & began & done).sum())

    def unread_since(self, mailbox_id: int, moment: int) -> bool:
        return False


class Hands:
    """A clock whose hands are moved by the test."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)

    @property
    def clock(self) -> Clock:
        return Clock(now_=lambda: self.now)


@dataclass
class Pigeon:
    """A mailer that remembers what it carried, after raising what it was told to raise."""

    carried: list[EmailMessage] = field(default_factory=list)
    troubles: list[NoshowError | BaseException | None] = field(default_factory=list)
    takes_before_trouble: bool = False

    def send(self, mail: EmailMessage, recipients: Sequence[str]) -> str:
        trouble = self.troubles.pop(0) if self.troubles else None
        if trouble is None or self.takes_before_trouble:
            self.carried.append(mail)
        if trouble is not None:
            raise trouble
        return "carried"


@cache
def plain_report() -> WeeklyReport:
    """A report with one claim of each common kind, still without ids; it is frozen, and made once."""
    found = b.findings(
        slots=[
            b.slot("omar@client.example", "2026-10-28 10:00", "cancelled_late"),
            b.slot("omar@client.example", "2026-11-18 10:00", "moved_late"),
            b.slot("maya@fabrikam.example", "2026-11-19 10:00"),
        ],
        standings=[b.standing("omar@client.example", "talk", by="meetings", rules="R1", k=2, n=2)],
        owed=[b.owed("ines@client.example", "2026-11-13 10:00", 6)],
        questions=[b.question("dana@pilot.example", "2026-11-17 15:00")],
    )
    return weekly.build(b.detected(found), weekly.Edition(b.WEEK))


@dataclass
class Office:
    """One store with one mailbox, and everything that a delivery needs."""

    store: Store
    hands: Hands
    mailer: Mailer = field(default_factory=Pigeon)
    recipient: str = KATE
    resend: Resend = "once"
    messages: list[dict[str, Any]] = field(default_factory=list)
    polls: list[dict[str, Any]] = field(default_factory=list)
    read: bool = True

    @classmethod
    def open(cls, folder: Path) -> Office:
        hands = Hands()
        store = Store.open(f"sqlite:///{folder / 'noshow.db'}", hands.clock)
        store.mailboxes.ensure(KATE, "google", b.ZONE)
        return cls(store, hands)

    def deliver(self, *more: Channel) -> Outcome:
        with self.store.locks.report():
            post = Post(
                channels=[*more, Channel("smtp", self.mailer)],
                recipient=self.recipient,
                sender=KATE,
                sight=self.facts(),
                may_receive=ALLOWED,
                resend=self.resend,
            )
            return deliver(self.store, plain_report(), self.hands.clock, post)

    def facts(self) -> FrameSight:
        # Rules read of a mail no more than frames hold; where it lies is the store's to know.
        place = ("inbox", "spam")
        mails = [{key: one[key] for key in one if key not in place} for one in self.messages]
        known: dict[str, Any] = {"messages": mails, "polls": self.polls}
        if not self.read:
            known["mailboxes"] = []
        return FrameSight(b.facts(**known), [one.get("inbox", False) for one in self.messages])

    def sync(self, *, hours: float = 3.1) -> None:
        """Time passes, and the mailbox's mail is read completely."""
        self.hands.pass_(hours=hours)
        at = pd.Timestamp(self.hands.now)
        self.polls.append({"stream": "mail", "kind": "delta", "started_at": at, "finished_at": at})

    def arrive(self, mail: EmailMessage, **more: Any) -> None:
        """The mail lies in the mailbox."""
        key = str(mail["Message-ID"]).strip("<>")
        self.messages.append(
            {"message_key": key, "subject": str(mail["Subject"]), "inbox": True} | more
        )

    @property
    def state(self) -> str:
        line = self.store.ledger.report(KATE, b.WEEK)
        return line.state if line else ""

    @property
    def sends(self) -> int:
        """Which send of this report the ledger names last."""
        line = self.store.ledger.report(KATE, b.WEEK)
        sent = sent_of(line.message_key) if line else None
        return sent.number if sent else 0
