"""Which questions were open when they were last looked for, and has anything happened since?

To find the questions everything has to be judged, which takes seconds; the list that a report or
`noshow questions` found is kept, and holds as long as nothing was fetched or said since.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, select

from connectors.store.database.lost import repeated
from connectors.store.database.transactions import Database, clean, upsert
from connectors.store.tables.schema import answers, calls, looks, meta, promises, suppressed, tags

#: Where the list lies. It holds subjects and addresses: `forget` drops it.
KEY = "open_questions"
#: How the rows are written; a list of another form, which an older version kept, is made anew.
_FORM = 3
#: Whatever happens adds a row to one of these.
_COUNTED = (
    looks.c.look_id,
    answers.c.answer_id,
    calls.c.call_id,
    promises.c.promise_id,
    tags.c.tag_id,
)
#: Time alone may close questions and open others: older than this it is looked for anew [µs].
_SKEW = 3_600_000_000
_OLDEST = 7 * 24 * 3_600_000_000


@repeated
class QuestionList:
    """The last list, with what was known when it was made."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self) -> str:
        """What is known now, in a word: to be asked before the facts are read."""
        with self._database.reading() as connection:
            return _state(connection)

    def keep(self, state: str, rows: Sequence[Sequence[str]]) -> None:
        """Keep the list that was found from facts of that state."""
        kept = {"form": _FORM, "state": state, "at": self._database.now(), "rows": rows}
        value = json.dumps(kept)
        with self._database.writing() as connection:
            statement = upsert(connection, meta).values(key=KEY, value=clean(value))
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["key"], set_={"value": statement.excluded.value}
                )
            )

    def read(self) -> list[list[str]] | None:
        """The list, if it still holds; None where it has to be made anew."""
        with self._database.reading() as connection:
            value = connection.execute(select(meta.c.value).where(meta.c.key == KEY)).scalar()
            if value is None:
                return None
            kept = json.loads(value)
            fresh = -_SKEW <= self._database.now() - int(kept["at"]) <= _OLDEST
            same = kept.get("form") == _FORM and kept["state"] == _state(connection)
            if not fresh or not same:
                return None
        return [[str(cell) for cell in row] for row in kept["rows"]]


def drop(connection: Connection) -> None:
    """Forget the list."""
    connection.execute(delete(meta).where(meta.c.key == KEY))


def _state(connection: Connection) -> str:
    newest = (select(func.coalesce(func.max(one), 0)).scalar_subquery() for one in _COUNTED)
    gone = select(func.count()).select_from(suppressed).scalar_subquery()
    finished = select(func.count(looks.c.finished_at)).scalar_subquery()
    return " ".join(str(one) for one in connection.execute(select(*newest, gone, finished)).one())
