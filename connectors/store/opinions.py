"""Where does what the user and the report say about facts lie: claims, answers, tags, calls?

All writes are idempotent by natural keys, since the same mail or mark is read again every week.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Table, case, func, insert, select, update

from config.errors import StoreError
from connectors.model.records import Call
from connectors.store.privacy import suppressor
from connectors.store.tables import (
    answers,
    claims,
    contacts_memory,
    mailboxes,
    promises,
    standings,
    tags,
)
from connectors.store.transactions import Access, clean, moment, upsert
from connectors.store.write.mails import write_calls

#: Crockford's base 32: no I, L, O, U, so that an id survives being read aloud.
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ATTEMPTS = 50


def random_id() -> str:
    """Six random Crockford characters (30 bits)."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(6))


@dataclass(frozen=True, slots=True)
class Claim:
    """What a report prints and the user can contradict, by its natural key.

    `meeting_key`: series UID, one space, recurrence id; "" for a claim about mail.
    `evidence_key`: the evidence as printed; new evidence makes a new claim.
    """

    kind: str
    contact: str
    meeting_key: str
    evidence_key: str


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


class Opinions(Access):
    """Mailboxes, claims and answers, tags, calls, promises, memory, standings."""

    def ensure_mailbox(self, address: str, provider: str, zone: str) -> int:
        """The row number of this mailbox; made when new, its provider and zone kept current."""
        values = {"provider": provider, "zone": zone}
        with self.writing() as connection:
            row = connection.execute(
                select(mailboxes).where(mailboxes.c.address == address)
            ).first()
            if row is not None:
                if (row.provider, row.zone) != (provider, zone):
                    connection.execute(
                        update(mailboxes).where(mailboxes.c.address == address).values(values)
                    )
                return int(row.mailbox_id)
            statement = upsert(connection, mailboxes).values(
                address=address, added_at=self._clock.micros(), **values
            )
            return int(
                connection.execute(
                    statement.on_conflict_do_update(
                        index_elements=["address"], set_=values
                    ).returning(mailboxes.c.mailbox_id)
                ).scalar_one()
            )

    def claim_ids(self, mailbox_id: int, wanted: Sequence[Claim]) -> tuple[str, ...]:
        """The ids of these claims, in their order: the same natural key always has the same id.

        Notes that they are printed now. Ids are random, six Crockford characters, unique in the
        mailbox. Raises StoreError.
        """
        now = self._clock.micros()
        with self.writing() as connection:
            return tuple(_claim_id(connection, mailbox_id, claim, now) for claim in wanted)

    def claim(self, mailbox_id: int, claim_id: str) -> Claim | None:
        """The claim with this id, however its letters were typed; None where there is none."""
        typed = claim_id.strip().upper().translate(str.maketrans("OIL", "011"))
        with self.reading() as connection:
            row = connection.execute(
                select(claims).where(claims.c.mailbox_id == mailbox_id, claims.c.claim_id == typed)
            ).first()
        if row is None:
            return None
        return Claim(row.kind, row.contact, row.meeting_key, row.evidence_key)

    def answer(self, mailbox_id: int, claim_id: str, word: str, at: int, source: str) -> bool:
        """Keep an answer; False where exactly this one was known already."""
        row = {"claim_id": claim_id, "word": word, "at": at, "source": source}
        return self._once(answers, {"mailbox_id": mailbox_id, **row})

    def tag(self, mailbox_id: int, address: str, word: str, value: str, at: int) -> bool:
        """Keep a tag; False where exactly this one was known already."""
        row = {"address": address, "word": word, "value": value, "at": at}
        return self._once(tags, {"mailbox_id": mailbox_id, **row})

    def call(self, mailbox_id: int, calls: Iterable[Call]) -> int:
        """Log calls; returns how many were new."""
        with self.writing() as connection:
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

    def remember(self, found: Iterable[Memory]) -> None:
        """Widen what is remembered of these contacts: earlier firsts, later lasts, a newer stage."""
        with self.writing() as connection:
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

    def save_standings(self, mailbox_id: int, week: str, at: int, payload: str) -> None:
        """Keep a report's standings; a later report of the same week takes their place."""
        values = {"at": at, "payload": clean(payload)}
        with self.writing() as connection:
            statement = upsert(connection, standings).values(
                mailbox_id=mailbox_id, week=week, **values
            )
            connection.execute(
                statement.on_conflict_do_update(index_elements=["mailbox_id", "week"], set_=values)
            )

    def _once(self, table: Table, row: dict[str, Any]) -> bool:
        values = {
            name: clean(value) if isinstance(value, str) else value for name, value in row.items()
        }
        with self.writing() as connection:
            who = values.get("address", "")
            if who and suppressor(connection)(who):
                return False
            statement = upsert(connection, table).values(values).on_conflict_do_nothing()
            made = connection.execute(statement.returning(*table.primary_key.columns))
            return made.first() is not None


_MEMORY = tuple(column.name for column in contacts_memory.columns if column.name != "address")


def _is_moment(name: str) -> bool:
    return name.startswith(("first_", "last_"))


def _wider(new: Any, name: str) -> Any:
    old, fresh = contacts_memory.c[name], new[name]
    if name == "stage":
        return func.coalesce(func.nullif(fresh, ""), old)
    better = fresh < old if name.startswith("first_") else fresh > old
    return case((old.is_(None), fresh), (fresh.is_(None), old), (better, fresh), else_=old)


def _claim_id(connection: Connection, mailbox_id: int, claim: Claim, now: int) -> str:
    key = {name: clean(value) for name, value in asdict(claim).items()}
    same = (
        claims.c.mailbox_id == mailbox_id,
        *(claims.c[name] == value for name, value in key.items()),
    )
    found = connection.execute(select(claims.c.claim_id).where(*same)).scalar()
    if found is not None:
        connection.execute(
            update(claims).where(*same, claims.c.last_printed_at < now).values(last_printed_at=now)
        )
        return str(found)
    for _ in range(_ATTEMPTS):
        drawn = random_id()
        taken = select(claims.c.claim_id).where(
            claims.c.mailbox_id == mailbox_id, claims.c.claim_id == drawn
        )
        if connection.execute(taken).first() is not None:
            continue
        connection.execute(
            insert(claims).values(
                mailbox_id=mailbox_id,
                claim_id=drawn,
                first_printed_at=now,
                last_printed_at=now,
                **key,
            )
        )
        return drawn
    raise StoreError("no free claim id was found", hint="this is a mistake in noshow")
