"""What does the user say of contacts by hand: tags, calls, promises?

All writes are idempotent by natural keys, since the same mail or mark is read again every week.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table

from connectors.model.records import Call
from connectors.store.database.transactions import Database, insert_once
from connectors.store.privacy.privacy import suppressor
from connectors.store.tables import promises, tags
from connectors.store.write.mails import write_calls


class UserInput:
    """Tags, calls and promises. What names a forgotten address is not kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tag(self, mailbox_id: int, address: str, word: str, value: str, at: int) -> bool:
        """Keep a tag; False where exactly this one was known already."""
        row = {"address": address, "word": word, "value": value, "at": at}
        return self._once(tags, {"mailbox_id": mailbox_id, **row})

    def log_calls(self, mailbox_id: int, calls: Iterable[Call]) -> int:
        """Log calls; returns how many were new."""
        with self._database.writing() as connection:
            forgotten = suppressor(connection)
            return write_calls(
                connection, mailbox_id, [one for one in calls if not forgotten(one.address)]
            )

    def promise(
        self, mailbox_id: int, address: str, words: str, made_at: int, due_at: int, source: str
    ) -> bool:
        """Keep a promise; False where it was known (its first `made_at` stays)."""
        row = {"address": address, "words": words, "made_at": made_at, "due_at": due_at}
        return self._once(promises, {"mailbox_id": mailbox_id, "source": source, **row})

    def _once(self, table: Table, row: dict[str, Any]) -> bool:
        with self._database.writing() as connection:
            if suppressor(connection)(row["address"]):
                return False
            return insert_once(connection, table, row)
