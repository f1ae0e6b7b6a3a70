"""Which files of a mailbox were given to an import and not read, and what does it not tell at all?

What lies in them may be the answer to anything up to their last moment, so that a loss stays until
the file was read, or its owner says that it is settled. What a mailbox does not tell of its mails
stays until it tells it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from sqlalchemy import Connection, delete, select

from connectors.model.records import DETAILS, Loss
from connectors.store.database.lost import repeated
from connectors.store.database.transactions import Database, clean, moment, upsert
from connectors.store.tables.schema import losses


@repeated
class Losses:
    """The files that nobody could read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, mailbox_id: int) -> list[Loss]:
        """The losses of a mailbox, by place and reason."""
        columns = (losses.c.place, losses.c.reason, losses.c.count, losses.c.not_after)
        query = select(*columns).where(losses.c.mailbox_id == mailbox_id)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(losses.c.place, losses.c.reason))
            return [Loss(*row) for row in rows]

    def settle(self, mailbox_id: int, settled: Callable[[str], bool]) -> list[str]:
        """Forget the losses whose place is settled; returns these places."""
        return self.replace(mailbox_id, settled, ())

    def replace(
        self, mailbox_id: int, settled: Callable[[str], bool], found: Collection[Loss]
    ) -> list[str]:
        """Forget what is settled and note what was lost now, in one transaction.

        `settled` is asked for each place that was lost before. Returns the forgotten places.
        """
        now = self._database.now()
        with self._database.writing() as connection:
            here = losses.c.mailbox_id == mailbox_id
            places = connection.execute(select(losses.c.place).where(here).distinct()).scalars()
            gone = sorted(place for place in places if settled(place))
            for place in gone:
                connection.execute(delete(losses).where(here, losses.c.place == place))
            _note(connection, mailbox_id, found, now)
        return gone


def lacks(connection: Connection, mailbox_id: int, sentences: Iterable[str], now: int) -> None:
    """Note what the mailbox does not tell of its mails, in place of what was noted before."""
    here = (losses.c.mailbox_id == mailbox_id) & (losses.c.place == DETAILS)
    told = {clean(one) for one in sentences}
    before = set(connection.execute(select(losses.c.reason).where(here)).scalars())
    if before - told:
        connection.execute(delete(losses).where(here, losses.c.reason.in_(before - told)))
    _note(connection, mailbox_id, [Loss(DETAILS, one, 0) for one in sorted(told - before)], now)


def _note(connection: Connection, mailbox_id: int, found: Iterable[Loss], now: int) -> None:
    for one in found:
        values = {"count": one.count, "not_after": moment(one.not_after), "at": now}
        statement = upsert(connection, losses).values(
            mailbox_id=mailbox_id, place=clean(one.place), reason=clean(one.reason), **values
        )
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["mailbox_id", "place", "reason"], set_=values
            )
        )
