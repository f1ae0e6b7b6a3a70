"""Whose mailboxes did the providers' directories show last?"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from connectors.model.records import Member
from connectors.store.database.lost import repeated
from connectors.store.database.transactions import Database, clean
from connectors.store.tables.schema import members


@repeated
class Members:
    """The people whom a directory showed, a list a provider; each poll replaces its list."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, provider: str, found: Sequence[Member]) -> None:
        """This is whom the provider's directory shows now."""
        now = self._database.now()
        rows = [
            {
                "provider": provider,
                "address": one.address,
                "name": clean(one.name),
                "aliases": "\n".join(one.aliases),
                "found_at": now,
            }
            for one in found
        ]
        with self._database.writing() as connection:
            connection.execute(delete(members).where(members.c.provider == provider))
            if rows:
                connection.execute(insert(members), rows)

    def of(self, provider: str) -> list[Member]:
        """Whom it showed last, by address."""
        query = select(members).where(members.c.provider == provider).order_by(members.c.address)
        with self._database.reading() as connection:
            return [
                Member(row.address, row.name, tuple(row.aliases.split("\n")) if row.aliases else ())
                for row in connection.execute(query)
            ]
