"""Which rows belong to these values? Lists of any length in one statement, on both engines.

A list goes as one JSON parameter: neither database limits its length, and both look each value up in
the index of the column.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, text

#: PostgreSQL's words for it.
_LISTED = "(SELECT CAST(value AS {kind}) FROM json_array_elements_text(CAST(:among AS json)))"
_DISTINCT = """
    WITH RECURSIVE one(value) AS (
        SELECT min({column}) FROM {table} WHERE {column} <> ''
        UNION ALL
        SELECT (SELECT min({column}) FROM {table} WHERE {column} <> '' AND {column} > one.value)
        FROM one WHERE one.value IS NOT NULL
    )
    SELECT value FROM one WHERE value IS NOT NULL"""


class Lookups:
    """Statements of one reading transaction. `{name}` in one stands for the words given by this name."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._sqlite = connection.dialect.name == "sqlite"

    def rows(
        self, query: str, *, among: Collection[Any] | None = None, **words: str | int
    ) -> Sequence[Any]:
        """The rows of a statement; `{among}` in it is the list of these values, all of one type.

        Nothing is asked of an empty list.
        """
        for name, word in words.items():
            query = query.replace(f"{{{name}}}", str(word))
        if among is not None and not among:
            return []
        given = {} if among is None else self.given(among)
        asked = query if among is None else self.of(query, among)
        with self.connection.execute(text(asked), given) as result:
            # As the driver gives them: a million are asked for one cell each.
            rows: Sequence[Any] = result.cursor.fetchall()
            return rows

    def of(self, query: str, among: Collection[Any]) -> str:
        """The statement with its list, which is not empty."""
        if self._sqlite:
            return query.replace("{among}", "(SELECT value FROM json_each(:among))")
        kind = "bigint" if isinstance(next(iter(among)), int) else "text"
        return query.replace("{among}", _LISTED.replace("{kind}", kind))

    def given(self, among: Collection[Any]) -> dict[str, str]:
        """The parameters of a statement with a list."""
        return {"among": json.dumps(sorted(among))}

    def firsts(
        self, query: str, *, among: Collection[Any] | None = None, **words: str | int
    ) -> set[Any]:
        """The first column of the rows, each value once."""
        return {row[0] for row in self.rows(query, among=among, **words)}

    def distinct(self, table: str, column: str) -> set[str]:
        """Each filled value of an indexed column: from one to the next, not by reading all rows."""
        return self.firsts(_DISTINCT, table=table, column=column)
