"""What is kept of a contact when its mails and meetings have gone by age?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import case, func

from connectors.store.privacy import suppressor
from connectors.store.tables import contacts_memory
from connectors.store.transactions import Database, moment, upsert

_MEMORY = tuple(column.name for column in contacts_memory.columns if column.name != "address")


@dataclass(frozen=True, slots=True)
class Memory:
    """What is kept of a contact beyond retention. Moments in µs UTC, None where never."""

    address: str
    first_human_act: int | None = None
    last_human_act: int | None = None
    first_ask: int | None = None
    last_ask: int | None = None
    last_introduction: int | None = None
    last_spoke: int | None = None
    last_acceptance: int | None = None
    last_kept: int | None = None
    stage: str = ""


class ContactMemory:
    """One line a contact, widened by each report."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, found: Iterable[Memory]) -> None:
        """Widen what is remembered of these contacts: earlier firsts, later lasts, a newer stage."""
        with self._database.writing() as connection:
            forgotten = suppressor(connection)
            rows = [asdict(one) for one in found if not forgotten(one.address)]
            if not rows:
                return
            for row in rows:
                row.update({name: moment(row[name]) for name in row if _is_moment(name)})
            statement = upsert(connection, contacts_memory)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["address"],
                    set_={name: _wider(statement.excluded, name) for name in _MEMORY},
                ),
                rows,
            )


def _is_moment(name: str) -> bool:
    return name.startswith(("first_", "last_"))


def _wider(new: Any, name: str) -> Any:
    old, fresh = contacts_memory.c[name], new[name]
    if name == "stage":
        return func.coalesce(func.nullif(fresh, ""), old)
    better = fresh < old if name.startswith("first_") else fresh > old
    return case((old.is_(None), fresh), (fresh.is_(None), old), (better, fresh), else_=old)
