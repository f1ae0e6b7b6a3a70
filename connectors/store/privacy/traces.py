"""Where does an address stand in the store, in whatever column and spelling?

Columns of addresses hold the normal form; the raw headers of a mail, a subject, a problem or a
user's own words may hold it as it was written: `Dana+crm@Client.Example`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Column, Connection, Table, Text, func, or_, select

from connectors.model.written_addresses import written
from connectors.store.tables.schema import METADATA


def naming(who: str) -> Callable[[str], bool]:
    """Does a text name this address (in normal form), in any spelling that is known of such?

    Somebody whose address only ends with the same letters is another.
    """
    needle = who.lower()
    domain = needle.rpartition("@")[2]
    held = _spellings(domain)

    def names(text: str) -> bool:
        lower = text.lower()
        if not any(one in lower for one in held):
            return False
        return needle in written(lower) or lower.strip() == needle

    return names


def _spellings(domain: str) -> tuple[str, ...]:
    """What a text that names an address of this domain holds: the domain, unless it can be otherwise
    written, as in Unicode or, at Gmail, by its old name.
    """
    if domain.startswith("xn--") or ".xn--" in domain or not domain:
        return ("@", "%40")
    return (domain, "googlemail.com") if domain == "gmail.com" else (domain,)


def texts(table: Table) -> list[Column[Any]]:
    """The columns of a table that hold text."""
    return [column for column in table.columns if isinstance(column.type, Text)]


def rows_naming(connection: Connection, table: Table, who: str) -> Iterator[tuple[Any, ...]]:
    """The primary keys of the rows of a table in which any text names the address."""
    names, columns, keys = naming(who), texts(table), list(table.primary_key.columns)
    if not columns:
        return
    likely = _spellings(who.rpartition("@")[2])
    spelt = [column.icontains(one, autoescape=True) for one in likely for column in columns]
    if connection.dialect.name == "sqlite":
        # LIKE heeds no letters' case there, and lower() would take twice as long; it passes over bytes,
        # which stand in place of a text in a damaged row.
        spelt = [column.contains(one, autoescape=True) for one in likely for column in columns]
        spelt += [func.typeof(column) == "blob" for column in columns]
    statement = select(*keys, *columns).where(or_(*spelt))
    for row in connection.execute(statement).all():
        if any(names(_as_text(text)) for text in row[len(keys) :] if text):
            yield tuple(row[: len(keys)])


def _as_text(value: Any) -> str:
    """The text of a cell; a damaged one holds bytes, and they may name somebody as well."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def all_tables() -> tuple[Table, ...]:
    return tuple(METADATA.tables.values())
