"""What do the mailboxes show of a report that left: is it there, and how often was it looked for?

Small questions of `status` and of each sync: for them, the frames of a whole store, and pandas to
hold them, would be too dear.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, or_, select

from connectors.model.streams import MAIL
from connectors.store.database.lost import repeated
from connectors.store.database.transactions import Database
from connectors.store.tables.schema import mailboxes, messages, pending, polls


@repeated
class Sightings:
    """Answers about mailboxes that are read again and again; imported files show no arrival."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mailboxes(self) -> Mapping[str, int]:
        """The mailboxes that are not read from files, by address."""
        query = select(mailboxes.c.address, mailboxes.c.mailbox_id).where(
            mailboxes.c.provider != "files"
        )
        with self._database.reading() as connection:
            return {str(row.address): int(row.mailbox_id) for row in connection.execute(query)}

    def arrived(self, mailbox_id: int, token: str) -> bool:
        """Did the mailbox receive a report of this token, in whatever folder?

        By its Message-ID, or by its token in brackets in the subject, since servers rewrite
        Message-IDs. What lies only in *sent* is the copy that the provider kept, and proves nothing.
        """
        query = select(messages.c.message_id).where(
            messages.c.mailbox_id == mailbox_id,
            messages.c.draft.is_(False),
            or_(messages.c.sent.is_(False), messages.c.inbox.is_(True)),
            or_(
                messages.c.message_key.startswith(f"noshow.{token}.", autoescape=True),
                messages.c.subject.contains(f"({token})", autoescape=True),
            ),
        )
        with self._database.reading() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def polls_since(self, mailbox_id: int, moment: int) -> int:
        """How many complete polls of this mailbox's mail began after the moment [µs UTC].

        None counts that lies in the future: a clock was ahead.
        """
        query = select(func.count()).where(
            polls.c.mailbox_id == mailbox_id,
            polls.c.stream == MAIL,
            polls.c.kind.in_(("full", "delta")),
            polls.c.started_at > moment,
            polls.c.started_at <= self._database.now(),
            polls.c.finished_at.is_not(None),
            func.coalesce(polls.c.problem, "") == "",
        )
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def unread_since(self, mailbox_id: int, moment: int) -> bool:
        """Is mail of this mailbox still to be fetched that may be newer than the moment [µs UTC]?"""
        query = select(pending.c.provider_id).where(
            pending.c.mailbox_id == mailbox_id,
            pending.c.stream == MAIL,
            pending.c.given_up.is_(False),
            or_(pending.c.not_after.is_(None), pending.c.not_after >= moment),
        )
        with self._database.reading() as connection:
            return connection.execute(query.limit(1)).first() is not None
