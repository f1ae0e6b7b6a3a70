"""What did the last report find that is asked for again and again, and has anything happened since?

To find open questions or the meetings ahead everything has to be judged, which takes seconds; the lists
that a report or a command found are kept, and hold as long as nothing was fetched or said since. In a
large store they serve longer, said as of when: what was only fetched is the next report's; what the user
said is heeded at once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, select

from connectors.store.database.lost import repeated
from connectors.store.database.transactions import Database, clean, upsert
from connectors.store.tables.schema import (
    answers,
    calls,
    claims,
    meta,
    polls,
    promises,
    suppressed,
    tags,
)

#: Where the lists lie. They hold subjects and addresses: `forget` drops them.
QUESTIONS, COMING = "open_questions", "coming_meetings"
#: How the rows are written; a list of another form, which an older version kept, is made anew.
_FORM = 3
#: Whatever happens adds a row to one of these.
_COUNTED = (
    polls.c.poll_id,
    answers.c.answer_id,
    calls.c.call_id,
    promises.c.promise_id,
    tags.c.tag_id,
)
#: Time alone may close questions and open others: older than this it is looked for anew [µs].
_SKEW = 3_600_000_000
_OLDEST = 7 * 24 * 3_600_000_000


@repeated
@dataclass(frozen=True)
class Kept:
    """A list that is older than what was fetched. `at`: of when it is [µs UTC]."""

    rows: list[list[str]]
    at: int


class KeptList:
    """The last list of its kind, with what was known when it was made."""

    def __init__(self, database: Database, key: str) -> None:
        self._database, self._key = database, key

    def state(self) -> str:
        """What is known now, in a word: to be asked before the facts are read."""
        with self._database.reading() as connection:
            return _state(connection)

    def keep(self, state: str, rows: Sequence[Sequence[str]]) -> None:
        """Keep the list that was found from facts of that state."""
        kept = {"form": _FORM, "state": state, "at": self._database.now(), "rows": rows}
        value = json.dumps(kept)
        with self._database.writing() as connection:
            statement = upsert(connection, meta).values(key=self._key, value=clean(value))
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["key"], set_={"value": statement.excluded.value}
                )
            )

    def read(self) -> list[list[str]] | None:
        """The list, if it still holds; None where it has to be made anew."""
        with self._database.reading() as connection:
            kept = self._found(connection)
            if kept is None or kept["state"] != _state(connection):
                return None
        return _rows(kept)

    def before_the_last_fetch(self, *, answerable: bool) -> Kept | None:
        """The list, if nothing but fetching happened since; None where it has to be made anew.

        answerable: answers may have been given since, and what they are about is left out; but where one
        was taken back, something may be missing. Another list, any answer makes old.
        """
        with self._database.reading() as connection:
            kept = self._found(connection)
            if kept is None:
                return None
            then, now = (_said(one) for one in (kept["state"], _state(connection)))
            since = int(kept["at"])
            given = select(answers.c.word).where(answers.c.at >= since)
            words = set(connection.execute(given).scalars())
            if then != now or "undo" in words or (words and not answerable):
                return None
            both = (answers.c.mailbox_id == claims.c.mailbox_id) & (
                answers.c.claim_id == claims.c.claim_id
            )
            query = select(claims.c.contact, claims.c.evidence_key).join(answers, both)
            done = {
                (row[0], row[1]) for row in connection.execute(query.where(answers.c.at >= since))
            }
        rows = [row for row in _rows(kept) if not _about(row, done)]
        return Kept(rows, since)

    def _found(self, connection: Connection) -> dict[str, Any] | None:
        """What is kept, of our form and not too old."""
        value = connection.execute(select(meta.c.value).where(meta.c.key == self._key)).scalar()
        if value is None:
            return None
        kept: dict[str, Any] = json.loads(value)
        fresh = -_SKEW <= self._database.now() - int(kept["at"]) <= _OLDEST
        return kept if fresh and kept.get("form") == _FORM else None


def _rows(kept: dict[str, Any]) -> list[list[str]]:
    return [[str(cell) for cell in row] for row in kept["rows"]]


def _about(row: list[str], done: set[tuple[str, str]]) -> bool:
    """Is the row (of open questions) about one of these contacts and pieces of evidence?"""
    return any(contact in row and evidence in row for contact, evidence in done)


def _said(state: str) -> list[str]:
    """What of a state only the user changes, but by answers: calls, promises, tags, who was forgotten."""
    return state.split(" ")[2:6]


def drop(connection: Connection) -> None:
    """Forget the lists."""
    connection.execute(delete(meta).where(meta.c.key.in_((QUESTIONS, COMING))))


def _state(connection: Connection) -> str:
    newest = (select(func.coalesce(func.max(one), 0)).scalar_subquery() for one in _COUNTED)
    gone = select(func.count()).select_from(suppressed).scalar_subquery()
    finished = select(func.count(polls.c.finished_at)).scalar_subquery()
    return " ".join(str(one) for one in connection.execute(select(*newest, gone, finished)).one())
