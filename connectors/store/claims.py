"""What did reports say, under which id, and what did the user answer?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, func, insert, select, update

from config.errors import StoreError
from connectors.model import short_ids
from connectors.store.database.lost import repeated
from connectors.store.database.transactions import Database, clean, insert_once
from connectors.store.tables.schema import answers, claims

_ATTEMPTS = 50


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


@repeated
class Claims:
    """Claims with their ids, and the answers to them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ids(self, mailbox_id: int, wanted: Sequence[Claim]) -> tuple[str, ...]:
        """The ids of these claims, in their order: the same natural key always has the same id.

        Notes that they are printed now. Ids are random, six Crockford characters, unique in the
        mailbox. Raises StoreError.
        """
        now = self._database.now()
        with self._database.writing() as connection:
            return tuple(_claim_id(connection, mailbox_id, claim, now) for claim in wanted)

    def find(self, mailbox_id: int, claim_id: str) -> Claim | None:
        """The claim with this id, however its letters were typed; None where there is none."""
        typed = short_ids.as_drawn(claim_id)
        with self._database.reading() as connection:
            row = connection.execute(
                select(claims).where(claims.c.mailbox_id == mailbox_id, claims.c.claim_id == typed)
            ).first()
        if row is None:
            return None
        return Claim(row.kind, row.contact, row.meeting_key, row.evidence_key)

    def answer(self, mailbox_id: int, claim_id: str, word: str, at: int, source: str) -> bool:
        """Keep an answer; False where exactly this one was known already."""
        row = {"mailbox_id": mailbox_id, "claim_id": claim_id, "word": word}
        with self._database.writing() as connection:
            return insert_once(connection, answers, row | {"at": at, "source": source})

    def answered_since(self, mailbox_id: int, claim_id: str) -> int | None:
        """When the claim was first answered [µs UTC]; None where it never was."""
        query = select(func.min(answers.c.at)).where(
            answers.c.mailbox_id == mailbox_id, answers.c.claim_id == claim_id
        )
        with self._database.reading() as connection:
            first = connection.execute(query).scalar()
        return None if first is None else int(first)


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
        drawn = short_ids.drawn()
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
