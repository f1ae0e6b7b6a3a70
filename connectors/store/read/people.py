"""Whom do the stored calendars and mails name? By address, or by a part of the name."""

from __future__ import annotations

from sqlalchemy import select

from config.phrasing import bare
from connectors.store.database.lost import repeated
from connectors.store.database.transactions import Database
from connectors.store.tables.schema import (
    attendees,
    calls,
    messages,
    observations,
    promises,
    recipients,
    tags,
)

_NAMED = (
    (attendees.c.address, attendees.c.name),
    (observations.c.organizer, observations.c.organizer_name),
    (messages.c.from_address, messages.c.from_name),
    (recipients.c.address, recipients.c.name),
)
#: What the user said of somebody makes them known, too.
_SAID = (tags.c.address, calls.c.address, promises.c.address)


@repeated
class People:
    """Questions about who is known, without judging anything."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, address: str) -> bool:
        """Does any entry, mail or word of the user name this address (in normal form)?"""
        columns = (*(one for one, _ in _NAMED), *_SAID)
        with self._database.reading() as connection:
            return any(
                connection.execute(select(one).where(one == address).limit(1)).first() is not None
                for one in columns
            )

    def like(self, part: str) -> dict[str, str]:
        """Addresses with the longest such name of each, of whom name or address holds the part.

        In whatever case, with or without accents (`config.phrasing.bare`); the addresses in order.
        """
        sought = bare(part)
        found: dict[str, str] = {}
        with self._database.reading() as connection:
            for columns in _NAMED:
                # In whatever script: SQLite's own lower() knows the letters of English alone.
                for row in connection.execute(select(*columns).distinct()):
                    who, called = str(row[0]), str(row[1])
                    if not who or len(called) < len(found.get(who, "")):
                        continue
                    if sought in who or sought in _plain(called):
                        found[who] = called
        return dict(sorted(found.items()))


def _plain(name: str) -> str:
    return " ".join(name.lower().split()) if name.isascii() else bare(name)
