"""Where does an address stand in the store, in whatever column and spelling?

Columns of addresses hold the normal form; the raw headers of a mail, a subject, a problem or a
user's own words may hold it as it was written: `Dana+crm@Client.Example`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Column, Connection, Table, Text, func, or_, select

from connectors.model.normal_forms import address as normal_address
from connectors.store.tables.schema import METADATA

#: Linear: anchored where a word begins (connectors.model.headers.header_values).
_WRITTEN = re.compile(r"(?<![^\s<>()\",;:@'\[\]|])[^\s<>()\",;:@'\[\]|]+@[^\s<>()\",;:@'\[\]|]+")


def naming(who: str) -> Callable[[str], bool]:
    """Does a text name this address (in normal form), in any spelling?

    Also as links and returning envelopes write it: `dana%40client.example`, `x+dana=client.example@y`.
    """
    needle = who.lower()
    written = needle.replace("@", "="), needle.replace("@", "%40")

    def names(text: str) -> bool:
        lower = text.lower()
        if needle in lower or any(one in lower for one in written):
            return True
        return "@" in lower and any(
            normal_address(found.strip(".-")) == needle for found in _WRITTEN.findall(lower)
        )

    return names


def texts(table: Table) -> list[Column[Any]]:
    """The columns of a table that hold text."""
    return [column for column in table.columns if isinstance(column.type, Text)]


def rows_naming(connection: Connection, table: Table, who: str) -> Iterator[tuple[Any, ...]]:
    """The primary keys of the rows of a table in which any text names the address."""
    names, columns, keys = naming(who), texts(table), list(table.primary_key.columns)
    if not columns:
        return
    domain = who.rpartition("@")[2]
    # The other spellings of a domain are its Unicode form and, for Gmail, its old name.
    likely = {domain, "googlemail.com"} if domain == "gmail.com" else {domain}
    # lower() also makes a text of bytes, which stand in place of one in a damaged row.
    spelt = [
        func.lower(column).contains(one, autoescape=True) for one in likely for column in columns
    ]
    if domain.startswith("xn--") or ".xn--" in domain:
        spelt = [column.contains("@") for column in columns]
    statement = select(*keys, *columns).where(or_(*spelt))
    for row in connection.execute(statement).all():
        if any(names(_as_text(text)) for text in row[len(keys) :] if text):
            yield tuple(row[: len(keys)])


def _as_text(value: Any) -> str:
    """The text of a cell; a damaged one holds bytes, and they may name somebody as well."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def all_tables() -> tuple[Table, ...]:
    return tuple(METADATA.tables.values())
