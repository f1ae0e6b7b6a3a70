"""How do the links of mails (connectors.model.mail_links) get into their table?

Links are checksums, so that each new one belongs at a place of its own: a page of mails would touch, and
write anew, nearly every page of a large table. On SQLite they are kept as they come, and sorted into the
others when they are many; PostgreSQL takes them as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import Connection

from connectors.model.mail_links import Linked, links
from connectors.store.database.transactions import insert_tuples, upsert
from connectors.store.tables.schema import mail_links

#: Fewer new ones are looked through faster than they are sorted.
FEW: Final = 20_000
#: Rows of one statement: of so short ones each costs less than a statement does.
AT_ONCE: Final = 250
_COLUMNS: Final = ("link", "message_id")
_KEEP: Final = "INSERT INTO new_mail_links (link, message_id) VALUES "
#: Some may be there: of a draft that was sent while its links were new. OR IGNORE, for with a clause
#: ON CONFLICT SQLite would keep in memory how each page of the table was.
_SORT: Final = (
    "INSERT OR IGNORE INTO mail_links (link, message_id)"
    " SELECT link, message_id FROM new_mail_links ORDER BY link, message_id"
)


def write(connection: Connection, mails: Iterable[Linked]) -> None:
    """Link mails that are not linked yet."""
    if connection.dialect.name != "sqlite":
        insert_tuples(connection, mail_links, _COLUMNS, sorted(_rows(mails)))
        return
    values = [one for row in _rows(mails) for one in row]
    for begin in range(0, len(values), 2 * AT_ONCE):
        some = tuple(values[begin : begin + 2 * AT_ONCE])
        connection.exec_driver_sql(_KEEP + ", ".join(["(?, ?)"] * (len(some) // 2)), some)
    if values and _many(connection, values[-1]):
        sort(connection)


def sort(connection: Connection) -> None:
    """Sort the new links into the others: when they are many, and when an import has ended."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_SORT)
        connection.exec_driver_sql("DELETE FROM new_mail_links")


def rewrite(connection: Connection, mails: Iterable[Linked]) -> None:
    """Link mails that may name others than before: a draft that was sent. What they named stays."""
    rows = [dict(zip(_COLUMNS, row, strict=True)) for row in _rows(mails)]
    if rows:
        connection.execute(upsert(connection, mail_links).on_conflict_do_nothing(), rows)


def _many(connection: Connection, mails: int) -> bool:
    """Are the new links at least a quarter of so many mails? Each is then sorted in some few times."""
    (number,) = connection.exec_driver_sql("SELECT max(rowid) FROM new_mail_links").one()
    return bool(number and number >= max(FEW, mails // 4))


def _rows(mails: Iterable[Linked]) -> Iterator[tuple[int, int]]:
    for number, box, thread, own, answered, named in mails:
        for one in links(box, thread, own, answered, named):
            yield one, number
