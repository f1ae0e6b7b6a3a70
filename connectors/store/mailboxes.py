"""Under which number does the store know a mailbox?"""

from __future__ import annotations

from sqlalchemy import select, update

from config.errors import StoreError
from connectors.store.database.lost import repeated
from connectors.store.database.transactions import Database, upsert
from connectors.store.tables.schema import mailboxes


@repeated
class Mailboxes:
    """The mailboxes that facts belong to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ensure(self, address: str, provider: str, zone: str) -> int:
        """The row number of this mailbox; made when new, its provider and zone kept current."""
        values = {"provider": provider, "zone": zone}
        with self._database.writing() as connection:
            row = connection.execute(
                select(mailboxes).where(mailboxes.c.address == address)
            ).first()
            if row is not None:
                if (row.provider, row.zone) != (provider, zone):
                    connection.execute(
                        update(mailboxes).where(mailboxes.c.address == address).values(values)
                    )
                return int(row.mailbox_id)
            statement = upsert(connection, mailboxes).values(
                address=address, added_at=self._database.now(), **values
            )
            return int(
                connection.execute(
                    statement.on_conflict_do_update(
                        index_elements=["address"], set_=values
                    ).returning(mailboxes.c.mailbox_id)
                ).scalar_one()
            )

    def address(self, mailbox_id: int) -> str:
        """Whose mailbox bears this number. Raises StoreError where none does."""
        with self._database.reading() as connection:
            found = connection.execute(
                select(mailboxes.c.address).where(mailboxes.c.mailbox_id == mailbox_id)
            ).scalar()
        if found is None:
            raise StoreError(f"the store knows no mailbox {mailbox_id}")
        return str(found)
