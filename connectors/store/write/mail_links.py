"""How do the links of mails (connectors.model.mail_links) get into their table?"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from connectors.model.mail_links import Linked, links
from connectors.store.database.transactions import insert_tuples, upsert
from connectors.store.tables.schema import mail_links


def write(connection: Connection, mails: Iterable[Linked]) -> None:
    """Link mails that are not linked yet."""
    insert_tuples(connection, mail_links, ("link", "message_id"), sorted(_rows(mails)))


def rewrite(connection: Connection, mails: Iterable[Linked]) -> None:
    """Link mails that may name others than before: a draft that was sent. What they named stays."""
    rows = [{"link": one, "message_id": number} for one, number in _rows(mails)]
    if rows:
        connection.execute(upsert(connection, mail_links).on_conflict_do_nothing(), rows)


def _rows(mails: Iterable[Linked]) -> list[tuple[int, int]]:
    return [
        (one, number)
        for number, box, thread, own, answered, named in mails
        for one in links(box, thread, own, answered, named)
    ]
