"""What was listed and is not stored yet, and in which order is it to be fetched?"""

from __future__ import annotations

from sqlalchemy import BindParameter, bindparam, func, literal, select

from connectors.interfaces import Failure, Listed
from connectors.model.streams import MAIL, Counts, calendar_of
from connectors.store.database.lost import repeated
from connectors.store.database.transactions import Database
from connectors.store.tables.schema import meetings, messages, pending, polls

_BOX: BindParameter[int] = bindparam("box")
_WAITING = (
    select(pending.c.given_up, func.count())
    .where(pending.c.mailbox_id == _BOX, pending.c.stream == bindparam("of_stream"))
    .group_by(pending.c.given_up)
)
_MAILS = select(func.count()).where(messages.c.mailbox_id == _BOX)
_MEETINGS = select(func.count()).where(
    meetings.c.mailbox_id == _BOX, meetings.c.calendar_id == bindparam("calendar")
)


@repeated
class Pending:
    """What is pending, given up and stored."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def wanted(
        self, mailbox_id: int, stream: str, limit: int, *, not_tried_in: int = 0
    ) -> list[Listed]:
        """What is still to be fetched: the most urgent first, then the newest.

        `not_tried_in`: leave out what already failed in this poll.
        """
        newest = func.coalesce(pending.c.not_after, pending.c.not_before)
        with self._database.reading() as connection:
            rows = connection.execute(
                select(pending)
                .where(
                    pending.c.mailbox_id == mailbox_id,
                    pending.c.stream == stream,
                    pending.c.given_up.is_(False),
                    (pending.c.tried_in != not_tried_in) if not_tried_in else literal(True),
                )
                .order_by(pending.c.priority, newest.desc().nulls_last(), pending.c.provider_id)
                .limit(limit)
            ).all()
        return [
            Listed(row.provider_id, row.thread_id, row.priority, row.not_before, row.not_after)
            for row in rows
        ]

    def begun(self) -> bool:
        """Was anything ever fetched or read from a file?"""
        with self._database.reading() as connection:
            query = select(polls.c.poll_id).where(polls.c.finished_at.is_not(None)).limit(1)
            return connection.execute(query).first() is not None

    def count(self, mailbox_id: int, stream: str = MAIL) -> int:
        """How many ids are still to be fetched; named failures are not among them."""
        return self.counts(mailbox_id, stream).pending

    def failures(self, mailbox_id: int, stream: str = MAIL) -> list[Failure]:
        """The named failures: what was listed and is given up on, with the last reason."""
        with self._database.reading() as connection:
            rows = connection.execute(
                select(pending.c.provider_id, pending.c.error)
                .where(
                    pending.c.mailbox_id == mailbox_id,
                    pending.c.stream == stream,
                    pending.c.given_up.is_(True),
                )
                .order_by(pending.c.provider_id)
            ).all()
        return [Failure(row.provider_id, row.error, final=True) for row in rows]

    def counts(self, mailbox_id: int, stream: str = MAIL) -> Counts:
        """Stored, pending and given up: all that this stream ever listed and that is not gone."""
        calendar = calendar_of(stream)
        place = {"box": mailbox_id, "of_stream": stream}
        with self._database.reading() as connection:
            waiting = {
                bool(row[0]): int(row[1]) for row in connection.execute(_WAITING, place).all()
            }
            number = (
                connection.execute(_MEETINGS, {"box": mailbox_id, "calendar": calendar})
                if calendar
                else connection.execute(_MAILS, {"box": mailbox_id})
            ).scalar_one()
        return Counts(number, waiting.get(False, 0), waiting.get(True, 0))
