"""How do mails, pending ids, attendance records and calls get into their tables?"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from connectors.interfaces import Failure, Listed, Page, Window
from connectors.model.mail_links import Linked
from connectors.model.records import AttendanceSeen, Call, MessageSeen
from connectors.planning.types import KnownMessage, Plan, Poll
from connectors.store.database.transactions import (
    chunks,
    clean,
    draw_numbers,
    insert_tuples,
    moment,
    small,
    upsert,
)
from connectors.store.tables.schema import (
    attendance,
    calls,
    messages,
    participants,
    pending,
    recipients,
    staging,
)
from connectors.store.write import mail_links, mail_rows

DAY = 86_400_000_000
#: What failed so often, and for so long [µs], is named and no longer asked for.
ENOUGH_TRIES = 10
ENOUGH_TIME = 3 * DAY


def ids_of(page: Page) -> set[str]:
    """Which ids of mails does a page name?"""
    named = {one.provider_id for one in page.messages}
    named.update(one.provider_id for one in page.changes)
    named.update(one.provider_id for one in page.listed)
    named.update(page.removed, page.present)
    return named


_KNOWN = """SELECT provider_id, message_id, draft, deleted_at IS NOT NULL, sent FROM messages
WHERE mailbox_id = ? AND provider_id IN (SELECT value FROM json_each(?))"""


def known_messages(
    connection: Connection, mailbox_id: int, ids: Collection[str]
) -> dict[str, KnownMessage]:
    if connection.dialect.name == "sqlite":
        # A mailbox file asks for millions: in one text, what SQLAlchemy would spell out one by one.
        rows = connection.exec_driver_sql(_KNOWN, (mailbox_id, json.dumps([*ids])))
        return {row[0]: KnownMessage(row[1], *map(bool, row[2:])) for row in rows}
    found: dict[str, KnownMessage] = {}
    columns = (messages.c.provider_id, messages.c.message_id, messages.c.draft)
    for part in chunks(ids):
        rows = connection.execute(
            select(*columns, messages.c.deleted_at.is_not(None), messages.c.sent).where(
                messages.c.mailbox_id == mailbox_id, messages.c.provider_id.in_(part)
            )
        )
        found.update((row[0], KnownMessage(row[1], *map(bool, row[2:]))) for row in rows)
    return found


_ANY_PENDING = (
    select(pending.c.stream)
    .where(pending.c.mailbox_id == bindparam("box"), pending.c.stream == bindparam("of_stream"))
    .limit(1)
)


def known_pending(connection: Connection, poll: Poll, ids: Collection[str]) -> frozenset[str]:
    """Which of these ids of the stream are waiting or given up."""
    place = {"box": poll.mailbox_id, "of_stream": poll.stream}
    if connection.execute(_ANY_PENDING, place).first() is None:
        return frozenset()
    found: set[str] = set()
    for part in chunks(ids):
        found.update(
            connection.execute(
                select(pending.c.provider_id).where(
                    pending.c.mailbox_id == poll.mailbox_id,
                    pending.c.stream == poll.stream,
                    pending.c.provider_id.in_(part),
                )
            ).scalars()
        )
    return frozenset(found)


def write(connection: Connection, poll: Poll, plan: Plan, now: int) -> None:
    """Write the plan's mails, records, calls, and what is pending or failed."""
    if plan.new_messages:
        _write_new(connection, poll.mailbox_id, plan, now)
    if plan.rewritten:
        written = {number: mail_rows.values(one) for number, one in plan.rewritten.items()}
        _update_messages(
            connection,
            [mail_rows.row(values) | {"number": number} for number, values in written.items()],
        )
        for part in chunks(list(plan.rewritten)):
            connection.execute(delete(recipients).where(recipients.c.message_id.in_(part)))
        _write_recipients(connection, plan.rewritten)
        mail_links.rewrite(connection, _linked(poll.mailbox_id, written))
    groups: dict[bool, list[dict[str, Any]]] = {}
    for number, seen in plan.flagged.items():
        whole = isinstance(seen, MessageSeen)
        groups.setdefault(whole, []).append(mail_rows.flags(seen) | {"number": number})
    for rows in groups.values():
        _update_messages(connection, rows)
    _mark(connection, plan.revived, None)
    _mark(connection, plan.deleted, now)
    for record in plan.attendance:
        _write_attendance(connection, poll.mailbox_id, record, now)
    write_calls(connection, poll.mailbox_id, plan.calls)
    _write_pending(connection, poll, list(plan.pending.values()), now)
    for failure in plan.failures:
        _write_failure(connection, poll, failure, now)


def _write_new(connection: Connection, mailbox_id: int, plan: Plan, now: int) -> None:
    """Mails that the store has not seen. Their numbers are drawn before: rows that are to give
    them back would go in one by one.
    """
    numbers = draw_numbers(connection, messages, len(plan.new_messages))
    numbered = dict(zip(numbers, plan.new_messages.values(), strict=True))
    deleted = plan.born_deleted
    written = {number: mail_rows.values(one) for number, one in numbered.items()}
    insert_tuples(
        connection,
        messages,
        ("message_id", "mailbox_id", "first_seen_at", "deleted_at", *mail_rows.WRITTEN),
        [
            (
                number,
                mailbox_id,
                now,
                now if deleted and numbered[number].provider_id in deleted else None,
                *values,
            )
            for number, values in written.items()
        ],
    )
    _write_recipients(connection, numbered)
    mail_links.write(connection, _linked(mailbox_id, written))


def _linked(mailbox_id: int, written: Mapping[int, tuple[Any, ...]]) -> Iterator[Linked]:
    """By what each mail hangs together with others; its values (mail_rows.values) by its number."""
    for number, values in written.items():
        yield (number, mailbox_id, *mail_rows.linking(values))


def _update_messages(connection: Connection, rows: list[dict[str, Any]]) -> None:
    names = [name for name in rows[0] if name != "number"]
    connection.execute(
        update(messages)
        .where(messages.c.message_id == bindparam("number"))
        .values({name: bindparam(name) for name in names} | {"deleted_at": None}),
        rows,
    )


def _mark(connection: Connection, numbers: list[int], at: int | None) -> None:
    for part in chunks(numbers):
        query = update(messages).where(messages.c.message_id.in_(part))
        if at is not None:
            query = query.where(messages.c.deleted_at.is_(None))
        connection.execute(query.values(deleted_at=at))


def _write_recipients(connection: Connection, numbered: dict[int, MessageSeen]) -> None:
    insert_tuples(connection, recipients, mail_rows.RECIPIENT, mail_rows.recipients(numbered))


def _write_attendance(
    connection: Connection, mailbox_id: int, record: AttendanceSeen, now: int
) -> None:
    """A record may grow while its session goes on: its participants are replaced as a whole."""
    started = moment(record.started_at)
    if started is None:
        return
    values = {
        "mailbox_id": mailbox_id,
        "provider_id": clean(record.provider_id),
        "series_uid": clean(record.series_uid),
        "recurrence_id": clean(record.recurrence_id),
        "started_at": started,
        "ended_at": moment(record.ended_at),
    }
    statement = upsert(connection, attendance).values(values | {"first_seen_at": now})
    number = connection.execute(
        statement.on_conflict_do_update(
            index_elements=["mailbox_id", "provider_id"], set_=values
        ).returning(attendance.c.record_id)
    ).scalar_one()
    connection.execute(delete(participants).where(participants.c.record_id == number))
    rows = [
        {
            "record_id": number,
            "position": position,
            "address": clean(one.address),
            "name": clean(one.name),
            "identity": clean(one.identity),
            "joined_at": moment(one.joined_at),
            "left_at": moment(one.left_at),
            "seconds": small(one.seconds),
        }
        for position, one in enumerate(record.participants)
    ]
    if rows:
        connection.execute(insert(participants), rows)


def write_calls(connection: Connection, mailbox_id: int, found: Collection[Call]) -> int:
    """Log calls, each once. Returns how many were new."""
    rows = [
        {
            "mailbox_id": mailbox_id,
            "at": moment(call.at),
            "address": clean(call.address),
            "outcome": clean(call.outcome),
            "channel": clean(call.channel),
        }
        for call in found
        if moment(call.at) is not None
    ]
    made = 0
    for row in rows:
        statement = upsert(connection, calls).values(row).on_conflict_do_nothing()
        # PostgreSQL's driver counts no rows here; what was made comes back.
        made += connection.execute(statement.returning(calls.c.call_id)).first() is not None
    return made


def _write_pending(connection: Connection, poll: Poll, wanted: list[Listed], now: int) -> None:
    """Queue what was listed; what waits already keeps its tries, and its more urgent place."""
    if not wanted:
        return
    statement = upsert(connection, pending)
    new = statement.excluded
    old = pending.c
    statement = statement.on_conflict_do_update(
        index_elements=["mailbox_id", "stream", "provider_id"],
        set_={
            "priority": case((old.priority < new.priority, old.priority), else_=new.priority),
            "thread_id": func.coalesce(func.nullif(new.thread_id, ""), old.thread_id),
            "not_before": func.coalesce(new.not_before, old.not_before),
            "not_after": func.coalesce(new.not_after, old.not_after),
        },
    )
    connection.execute(
        statement,
        [
            {
                "mailbox_id": poll.mailbox_id,
                "stream": poll.stream,
                "provider_id": clean(one.provider_id),
                "thread_id": clean(one.thread_id),
                "priority": one.priority,
                "not_before": moment(one.not_before),
                "not_after": moment(one.not_after),
                "given_up": False,
                "listed_at": now,
            }
            for one in wanted
        ],
    )


def settle(connection: Connection, poll: Poll, ids: Collection[str]) -> None:
    """Forget that these ids of the stream were waiting or given up."""
    for part in chunks(sorted(ids)):
        connection.execute(
            delete(pending).where(
                pending.c.mailbox_id == poll.mailbox_id,
                pending.c.stream == poll.stream,
                pending.c.provider_id.in_(part),
            )
        )


def _write_failure(connection: Connection, poll: Poll, failure: Failure, now: int) -> None:
    """Note a failure. Given up, and named, where it is final or was tried often, for days."""
    statement = upsert(connection, pending).values(
        mailbox_id=poll.mailbox_id,
        stream=poll.stream,
        provider_id=clean(failure.provider_id),
        tries=1,
        error=clean(failure.reason),
        given_up=failure.final,
        tried_in=poll.poll_id,
        listed_at=now,
    )
    tired = and_(pending.c.tries + 1 >= ENOUGH_TRIES, pending.c.listed_at <= now - ENOUGH_TIME)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["mailbox_id", "stream", "provider_id"],
            set_={
                "tries": pending.c.tries + 1,
                "error": statement.excluded.error,
                "given_up": or_(statement.excluded.given_up, tired),
                "tried_in": poll.poll_id,
            },
        )
    )


def expected(poll: Poll, window: Window | None) -> ColumnElement[bool]:
    """The condition on messages that a full listing of this window should hold.

    A provider may cut the window at a day of its own: the first day of it decides nothing.
    """
    condition = (messages.c.mailbox_id == poll.mailbox_id) & messages.c.deleted_at.is_(None)
    if window is None:
        return condition
    return and_(condition, messages.c.at >= window.start + DAY, messages.c.at < window.end)


def unlisted(poll: Poll) -> ColumnElement[bool]:
    """The condition on messages that the poll's round has not listed."""
    return ~exists().where(
        staging.c.mailbox_id == poll.mailbox_id,
        staging.c.stream == poll.stream,
        staging.c.name == poll.round,
        staging.c.provider_id == messages.c.provider_id,
    )
