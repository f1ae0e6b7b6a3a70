"""How is a person forgotten for good, and when does old evidence end?

`forget` removes every meeting, mail and record that names an address, each as a whole, and keeps
nothing of it but a keyed hash, by which later syncs know not to bring it back. The key lies in the
store beside the hashes: they tell nobody an address, but who has the store can test a guess.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, exists, func, or_, select, text, update

from connectors.model.normal_forms import address as normal_address
from connectors.store import question_list
from connectors.store.database import copies
from connectors.store.database.lost import repeated
from connectors.store.database.transactions import Database, chunks, upsert
from connectors.store.privacy import rewriting, traces
from connectors.store.read.lookups import Lookups
from connectors.store.tables.schema import (
    answers,
    attendance,
    attendees,
    calls,
    claims,
    contacts_memory,
    losses,
    mail_links,
    mailboxes,
    meetings,
    messages,
    meta,
    new_mail_links,
    observations,
    participants,
    pending,
    polls,
    promises,
    recipients,
    reports,
    runs,
    standings,
    suppressed,
    tags,
)

_KEY = "suppression_key"
#: The rows of these that name somebody go with their meeting or mail.
_SEARCHED = (meetings, observations, attendees, messages, recipients)


def suppressor(connection: Connection) -> Callable[[str], bool]:
    """Was this address (in normal form) forgotten? Asked for every address that a sync brings."""
    # Here: what only answers needs none of the planner's words.
    from connectors.planning.types import nobody

    hashes = set(connection.execute(select(suppressed.c.hash)).scalars())
    if not hashes:
        return nobody
    key = _key(connection)
    told: dict[str, bool] = {}

    def forgotten(address: str) -> bool:
        if address not in told:
            told[address] = _hash(key, address) in hashes
        return told[address]

    return forgotten


def _key(connection: Connection) -> bytes:
    stored = select(meta.c.value).where(meta.c.key == _KEY)
    value = connection.execute(stored).scalar()
    if value is None:
        statement = upsert(connection, meta).values(key=_KEY, value=secrets.token_hex(32))
        connection.execute(statement.on_conflict_do_nothing())
        value = connection.execute(stored).scalar_one()
    return bytes.fromhex(value)


def _hash(key: bytes, address: str) -> str:
    return hmac.new(key, address.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many meetings, mails, records and notes went, and what could not be reached as yet."""

    rows: int
    unreached: tuple[str, ...] = ()


@repeated
class Privacy:
    """Forgetting on request, and by age."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_forgotten(self, address: str) -> bool:
        """Whether `forget` was called for this address."""
        with self._database.reading() as connection:
            return suppressor(connection)(normal_address(address))

    def forgotten_at(self) -> tuple[int, ...]:
        """When somebody was forgotten, oldest first [µs UTC]; nothing says who."""
        with self._database.reading() as connection:
            return tuple(
                connection.execute(select(suppressed.c.at).order_by(suppressed.c.at)).scalars()
            )

    def names_of(self, address: str) -> tuple[str, ...]:
        """The names under which mails, calendars and records show this address."""
        who = normal_address(address)
        shown = (
            select(attendees.c.name).where(attendees.c.address == who),
            select(observations.c.organizer_name).where(observations.c.organizer == who),
            select(messages.c.from_name).where(messages.c.from_address == who),
            select(recipients.c.name).where(recipients.c.address == who),
            select(participants.c.name).where(participants.c.address == who),
        )
        with self._database.reading() as connection:
            found = {name for one in shown for name in connection.execute(one).scalars()}
        return tuple(sorted(name for name in found if name))

    def merged_with(self, address: str) -> tuple[str, ...]:
        """The other addresses that the user's tags say are the same person's, now."""
        who = normal_address(address)
        same = select(tags.c.address, tags.c.value).where(
            tags.c.word == "same-person", or_(tags.c.address == who, tags.c.value == who)
        )
        with self._database.reading() as connection:
            found = {one for row in connection.execute(same) for one in row}
        return tuple(sorted(found - {who, ""}))

    def forget(self, address: str) -> Forgotten:
        """Remove all that names this address, in whatever column and spelling, and never take it
        in again.

        A meeting or mail goes as a whole, also what it says of others. Then the file is written
        anew, so that no free page, log or snapshot keeps it. Raises StoreError.
        """
        who = normal_address(address) or address.strip().lower()
        gone = self._database.patience.repeat(lambda: self._forget(who))
        return Forgotten(gone, rewriting.rewritten(self._database))

    def _forget(self, who: str) -> int:
        with self._database.writing() as connection:
            hashed = _hash(_key(connection), who)
            statement = upsert(connection, suppressed).values(hash=hashed, at=self._database.now())
            connection.execute(statement.on_conflict_do_nothing())
            mails = _forget_mails(connection, who)
            gone = _forget_meetings(connection, who) + len(mails) + _forget_records(connection, who)
            gone += _forget_opinions(connection, who)
            gone += _forget_leftovers(connection, who)
            _unlink_these(connection, mails)
            question_list.drop(connection)
        return gone

    def retain(self, before: int) -> int:
        """End what lies before this moment [µs UTC]: whole meetings, mails, records, old looks.

        What contacts_memory, tags and suppressions hold stays. Returns how many rows went.
        """
        last = func.coalesce(meetings.c.end_at, meetings.c.start_at, meetings.c.last_seen_at)
        old_claims = select(claims.c.claim_id).where(
            claims.c.mailbox_id == answers.c.mailbox_id, claims.c.last_printed_at < before
        )
        newer = contacts_memory.alias()
        steps = (
            delete(meetings).where(last < before),
            # What was seen before then was written before then, whatever its date says.
            delete(messages).where(or_(messages.c.at < before, messages.c.first_seen_at < before)),
            delete(attendance).where(attendance.c.started_at < before),
            delete(calls).where(calls.c.at < before),
            delete(promises).where(promises.c.due_at < before),
            delete(answers).where(answers.c.claim_id.in_(old_claims)),
            delete(claims).where(claims.c.last_printed_at < before),
            delete(answers).where(
                answers.c.at < before,
                ~exists().where(
                    claims.c.mailbox_id == answers.c.mailbox_id,
                    claims.c.claim_id == answers.c.claim_id,
                ),
            ),
            delete(pending).where(func.coalesce(pending.c.not_after, pending.c.listed_at) < before),
            delete(losses).where(func.coalesce(losses.c.not_after, losses.c.at) < before),
            delete(standings).where(standings.c.at < before),
            delete(reports).where(reports.c.claimed_at < before),
            delete(polls).where(polls.c.started_at < before),
            delete(runs).where(runs.c.started_at < before),
            # Of what is remembered the last row holds; what it was before is told no longer.
            delete(contacts_memory).where(
                contacts_memory.c.noted_at < before,
                exists().where(
                    newer.c.address == contacts_memory.c.address,
                    newer.c.noted_at > contacts_memory.c.noted_at,
                    newer.c.noted_at < before,
                ),
            ),
        )
        with self._database.writing() as connection:
            gone = sum(connection.execute(step).rowcount for step in steps)
            if gone:
                _unlink(connection)
                question_list.drop(connection)
        rewriting.flushed(self._database)
        copies.remove(self._database.url, older=copies.KEPT)
        return gone


def _forget_meetings(connection: Connection, who: str) -> int:
    guests = (
        select(observations.c.meeting_id)
        .join_from(attendees, observations)
        .where(attendees.c.address == who)
    )
    actors = select(observations.c.meeting_id).where(
        or_(
            observations.c.organizer == who,
            observations.c.actor == who,
            observations.c.sent_by == who,
        )
    )
    numbers = set(connection.execute(guests).scalars()) | set(connection.execute(actors).scalars())
    numbers |= {key[0] for key in traces.rows_naming(connection, meetings, who)}
    looked = {key[0] for key in traces.rows_naming(connection, observations, who)}
    looked |= {key[0] for key in traces.rows_naming(connection, attendees, who)}
    for part in chunks(sorted(looked)):
        of = select(observations.c.meeting_id).where(observations.c.observation_id.in_(part))
        numbers.update(connection.execute(of).scalars())
    keys: set[tuple[str, str]] = set()
    for part in chunks(sorted(numbers)):
        rows = connection.execute(
            select(meetings.c.series_uid, meetings.c.recurrence_id).where(
                meetings.c.meeting_id.in_(part)
            )
        )
        keys.update((row.series_uid, row.recurrence_id) for row in rows)
    # Whole: every copy of it, also those that hide the guest.
    for series_uid, recurrence_id in keys:
        numbers.update(
            connection.execute(
                select(meetings.c.meeting_id).where(
                    meetings.c.series_uid == series_uid, meetings.c.recurrence_id == recurrence_id
                )
            ).scalars()
        )
    for part in chunks(sorted(numbers)):
        connection.execute(delete(meetings).where(meetings.c.meeting_id.in_(part)))
    return len(numbers)


def _forget_mails(connection: Connection, who: str) -> set[int]:
    """Returns the numbers of the mails that went."""
    received = select(recipients.c.message_id).where(recipients.c.address == who)
    named = or_(
        messages.c.from_address == who,
        messages.c.sender_address == who,
        messages.c.message_id.in_(received),
    )
    mails = set(connection.execute(select(messages.c.message_id).where(named)).scalars())
    mails |= {key[0] for key in traces.rows_naming(connection, messages, who)}
    mails |= {key[0] for key in traces.rows_naming(connection, recipients, who)}
    for part in chunks(sorted(mails)):
        connection.execute(delete(messages).where(messages.c.message_id.in_(part)))
    return mails


def _forget_records(connection: Connection, who: str) -> int:
    present = select(participants.c.record_id).where(participants.c.address == who)
    return connection.execute(
        delete(attendance).where(attendance.c.record_id.in_(present))
    ).rowcount


def _unlink(connection: Connection) -> None:
    """Drop the links of mails that are gone: no key ties them to these, which would cost each mail."""
    for links in (mail_links, new_mail_links):
        gone = ~exists().where(messages.c.message_id == links.c.message_id)
        connection.execute(delete(links).where(gone))


def _unlink_these(connection: Connection, mails: set[int]) -> None:
    """The same for mails whose numbers are known: each link is read, and none looked up."""
    lookups = Lookups(connection)
    for links in (mail_links, new_mail_links) if mails else ():
        gone = lookups.of(f"DELETE FROM {links.name} WHERE message_id IN {{among}}", mails)  # noqa: S608
        connection.execute(text(gone), lookups.given(mails))


def _forget_opinions(connection: Connection, who: str) -> int:
    printed = select(claims.c.claim_id).where(
        claims.c.mailbox_id == answers.c.mailbox_id, claims.c.contact == who
    )
    steps = (
        delete(answers).where(answers.c.claim_id.in_(printed)),
        delete(claims).where(claims.c.contact == who),
        delete(calls).where(calls.c.address == who),
        delete(tags).where(or_(tags.c.address == who, tags.c.value == who)),
        delete(promises).where(promises.c.address == who),
        delete(contacts_memory).where(contacts_memory.c.address == who),
    )
    gone = sum(connection.execute(step).rowcount for step in steps)
    names = traces.naming(who)
    rows = connection.execute(select(standings)).all()
    for row in rows:
        if names(row.payload):
            connection.execute(
                update(standings)
                .where(standings.c.mailbox_id == row.mailbox_id, standings.c.week == row.week)
                .values(payload=_without(row.payload, names))
            )
    return gone


def _forget_leftovers(connection: Connection, who: str) -> int:
    """Rows of the other tables that name the address in a text: a note, a stream, a problem."""
    gone = 0
    for table in traces.all_tables():
        if table in _SEARCHED or table in (meta, suppressed, mailboxes, standings):
            continue
        for key in traces.rows_naming(connection, table, who):
            columns = zip(table.primary_key.columns, key, strict=True)
            gone += connection.execute(
                delete(table).where(*(column == value for column, value in columns))
            ).rowcount
    return gone


def _without(payload: str, names: Callable[[str], bool]) -> str:
    """A snapshot without the entries that name the address; one that cannot be read goes whole."""
    try:
        return json.dumps(_pruned(json.loads(payload), names), sort_keys=True)
    except ValueError:
        return "{}"


def _pruned(value: Any, names: Callable[[str], bool]) -> Any:
    """Cut the smallest list element or dictionary entry that holds the address."""
    if isinstance(value, list):
        kept = []
        for one in value:
            flat = not isinstance(one, list | dict) or _about(one, names)
            if flat and names(json.dumps(one, ensure_ascii=False)):
                continue
            kept.append(_pruned(one, names))
        return kept
    if isinstance(value, dict):
        return {
            key: _pruned(one, names)
            for key, one in value.items()
            if not names(key)
            and not (isinstance(one, str) and names(one))
            and not (isinstance(one, dict) and _about(one, names))
        }
    return value


def _about(value: Any, names: Callable[[str], bool]) -> bool:
    """Whether an object is about the address: one of its own plain values holds it."""
    plain = value.values() if isinstance(value, dict) else value
    return any(isinstance(one, str) and names(one) for one in plain)
