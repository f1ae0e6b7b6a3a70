"""What is kept of a contact when its mails and meetings have gone by age?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select

from connectors.store.database.lost import repeated
from connectors.store.database.transactions import Database, chunks, moment
from connectors.store.privacy.privacy import suppressor
from connectors.store.tables.schema import contacts_memory

_MEMORY = tuple(
    column.name for column in contacts_memory.columns if column.name not in ("address", "noted_at")
)


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


@repeated
class ContactMemory:
    """What is remembered of each contact, widened by each report; what it was before stays, too."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def remember(self, found: Collection[Memory]) -> None:
        """Widen what is remembered of these contacts: earlier firsts, later lasts, a newer stage."""
        now = self._database.now()
        with self._database.writing() as connection:
            forgotten = suppressor(connection)
            rows = {one.address: one for one in found if not forgotten(one.address)}
            known = _known(connection, list(rows))
            changed = []
            for address, row in rows.items():
                wider = _wider(known.get(address), row)
                if wider != known.get(address):
                    changed.append(asdict(wider) | {"noted_at": now})
            same = [(one["address"],) for one in changed]
            for part in chunks(same):
                connection.execute(
                    delete(contacts_memory).where(
                        contacts_memory.c.noted_at == now,
                        contacts_memory.c.address.in_([address for (address,) in part]),
                    )
                )
            if changed:
                connection.execute(insert(contacts_memory), changed)

    def unlearn(self, addresses: Collection[str], since: int) -> None:
        """Drop what was noted of these from a moment [µs UTC] on: it rested on what was taken back.

        What was noted before holds again, and the next report notes anew what the facts show.
        """
        with self._database.writing() as connection:
            for part in chunks(sorted(addresses)):
                connection.execute(
                    delete(contacts_memory).where(
                        contacts_memory.c.address.in_(part),
                        contacts_memory.c.noted_at >= since,
                    )
                )


def latest() -> Select[Any]:
    """The rows that hold now: the last noted of each contact."""
    memory = contacts_memory.c
    last = (
        select(memory.address, func.max(memory.noted_at).label("noted_at"))
        .group_by(memory.address)
        .subquery()
    )
    return select(contacts_memory).join(
        last, (memory.address == last.c.address) & (memory.noted_at == last.c.noted_at)
    )


def _known(connection: Connection, addresses: list[str]) -> dict[str, Memory]:
    found = {}
    for part in chunks(addresses):
        for row in connection.execute(
            latest().where(contacts_memory.c.address.in_(part))
        ).mappings():
            found[row["address"]] = Memory(row["address"], **{name: row[name] for name in _MEMORY})
    return found


def _wider(old: Memory | None, new: Memory) -> Memory:
    """Both together. Moments that no store can hold are none."""
    given: dict[str, Any] = {
        name: moment(value) if name != "stage" else value
        for name, value in asdict(new).items()
        if name != "address"
    }
    if old is None:
        return Memory(new.address, **given)
    held: dict[str, Any] = {}
    for name, value in given.items():
        before = getattr(old, name)
        if name == "stage":
            held[name] = value or before
        elif before is None or value is None:
            held[name] = before if value is None else value
        else:
            held[name] = min(before, value) if name.startswith("first_") else max(before, value)
    return Memory(new.address, **held)
