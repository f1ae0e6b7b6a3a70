"""What does the user say of contacts by hand: tags, calls, promises?

All writes are idempotent by natural keys, since the same mail or mark is read again every week.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, delete, select

from connectors.model.records import Call
from connectors.store import question_list
from connectors.store.database.lost import repeated
from connectors.store.database.transactions import Database, insert_once
from connectors.store.privacy.privacy import suppressor
from connectors.store.tables.schema import calls, promises, tags


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that was said of somebody. `words`: a call's outcome, a tag, what was promised.

    `at`: a call's moment, when the tag was set, the promise's day [µs UTC]. `more`: a call's
    channel, the other address of a tag, where a promise comes from.
    """

    number: int
    at: int
    address: str
    words: str
    more: str


@repeated
class UserInput:
    """Tags, calls and promises. What names a forgotten address is not kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tag(self, mailbox_id: int, address: str, word: str, value: str, at: int) -> bool:
        """Keep a tag; False where exactly this one was known already."""
        row = {"address": address, "word": word, "value": value, "at": at}
        return self._once(tags, {"mailbox_id": mailbox_id, **row})

    def log_calls(self, mailbox_id: int, made: Collection[Call]) -> int:
        """Log calls; returns how many were new."""
        with self._database.writing() as connection:
            forgotten = suppressor(connection)
            from connectors.store.write.mails import write_calls

            return write_calls(
                connection, mailbox_id, [one for one in made if not forgotten(one.address)]
            )

    def promise(
        self, mailbox_id: int, address: str, words: str, made_at: int, due_at: int, source: str
    ) -> bool:
        """Keep a promise; False where it was known (its first `made_at` stays)."""
        row = {"address": address, "words": words, "made_at": made_at, "due_at": due_at}
        return self._once(promises, {"mailbox_id": mailbox_id, "source": source, **row})

    def calls(self) -> list[Said]:
        """All logged calls, the oldest first."""
        return self._said(calls, "call_id", "at", "outcome", "channel")

    def tags(self) -> list[Said]:
        """All tags that were set or taken off, in that order."""
        return self._said(tags, "tag_id", "at", "word", "value")

    def promises(self) -> list[Said]:
        """All promises, by their day."""
        return self._said(promises, "promise_id", "due_at", "words", "source")

    def drop_call(self, number: int) -> bool:
        """Take a call back as if it had never been logged; False where there is none."""
        return self._drop(calls, number)

    def drop_promise(self, number: int) -> bool:
        """Take a promise back as if it had never been kept; False where there is none."""
        return self._drop(promises, number)

    def _said(self, table: Table, key: str, at: str, words: str, more: str) -> list[Said]:
        number, when = table.c[key], table.c[at]
        query = select(number, when, table.c.address, table.c[words], table.c[more])
        with self._database.reading() as connection:
            found = connection.execute(query.order_by(when, number))
            return [
                Said(int(one[0]), int(one[1]), str(one[2]), str(one[3]), str(one[4]))
                for one in found
            ]

    def _drop(self, table: Table, number: int) -> bool:
        (key,) = table.primary_key.columns
        with self._database.writing() as connection:
            gone = connection.execute(delete(table).where(key == number)).rowcount
            # The kept list tells by the newest row whether anything happened since.
            question_list.drop(connection)
        return gone > 0

    def _once(self, table: Table, row: dict[str, Any]) -> bool:
        with self._database.writing() as connection:
            if suppressor(connection)(row["address"]):
                return False
            return insert_once(connection, table, row)
