"""Do two stores hold the same facts? A canonical form of all that is true of the world.

Left out: row numbers, run and look ids, random ids, and when we saw something. Everything else is
there, in an order that does not depend on the order of arrival, but for the snapshots of one copy,
whose order is a fact.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, Table, select

from connectors.store.contact_memory import latest
from connectors.store.store import Store
from connectors.store.tables.schema import (
    answers,
    attendance,
    attendees,
    calls,
    claims,
    cursors,
    mailboxes,
    meetings,
    messages,
    observations,
    participants,
    pending,
    promises,
    recipients,
    reports,
    standings,
    suppressed,
    tags,
)

_OURS = frozenset(
    (
        "added_at",
        "first_seen_at",
        "last_seen_at",
        "seen_at",
        "seen_after",
        "missed_at",
        "sure_at",
        "listed_at",
        "tried_in",
        "tries",
        "claimed_at",
        "handed_over_at",
        "first_printed_at",
        "last_printed_at",
    )
)
Rows = list[dict[str, Any]]


def dump(store: Store) -> dict[str, Rows]:
    """Every table's facts as plain rows, equal for two stores that know the same."""
    with store.database.reading() as connection:
        boxes = {row.mailbox_id: row.address for row in connection.execute(select(mailboxes))}
        found = {
            "mailboxes": _plain(connection, mailboxes, boxes, drop=("mailbox_id",)),
            "cursors": _plain(connection, cursors, boxes, drop=("updated_at",)),
            "meetings": _meetings(connection, boxes),
            "messages": _messages(connection, boxes),
            "attendance": _attendance(connection, boxes),
            "pending": _plain(connection, pending, boxes),
            "calls": _plain(connection, calls, boxes, drop=("call_id",)),
            "tags": _plain(connection, tags, boxes, drop=("tag_id",)),
            "promises": _plain(connection, promises, boxes, drop=("promise_id",)),
            "claims": _plain(connection, claims, boxes, drop=("claim_id",)),
            "answers": _answers(connection, boxes),
            "memory": [_noted(row) for row in connection.execute(latest()).mappings()],
            "standings": _plain(connection, standings, boxes, drop=("at",)),
            "reports": _plain(
                connection, reports, boxes, drop=("report_id", "token", "message_key")
            ),
            "suppressed": [{"count": len(connection.execute(select(suppressed)).all())}],
        }
    return {name: _ordered(rows) for name, rows in found.items()}


def _ordered(rows: Rows) -> Rows:
    return sorted(rows, key=lambda row: sorted((name, repr(row[name])) for name in row))


def _noted(row: RowMapping) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "noted_at"}


def _plain(
    connection: Connection,
    table: Table,
    boxes: dict[int, str],
    *,
    drop: tuple[str, ...] = (),
) -> Rows:
    rows = []
    for row in connection.execute(select(table)).mappings():
        plain = {
            name: value for name, value in row.items() if name not in _OURS and name not in drop
        }
        if "mailbox_id" in plain:
            plain["mailbox"] = boxes.get(plain.pop("mailbox_id"), "")
        rows.append(plain)
    return rows


def _children(connection: Connection, table: Table, parent: str) -> dict[int, Rows]:
    found: dict[int, Rows] = {}
    for row in connection.execute(select(table).order_by(table.c.position)).mappings():
        plain = dict(row)
        found.setdefault(plain.pop(parent), []).append(plain)
    return found


def _meetings(connection: Connection, boxes: dict[int, str]) -> Rows:
    guests = _children(connection, attendees, "observation_id")
    polls: dict[int, Rows] = {}
    acts: dict[int, Rows] = {}
    query = select(observations).order_by(observations.c.observation_id)
    for row in connection.execute(query).mappings():
        plain = {name: value for name, value in row.items() if name not in _OURS}
        plain["guests"] = guests.get(plain.pop("observation_id"), [])
        meeting_id = plain.pop("meeting_id")
        plain.pop("mailbox_id")
        (acts if plain["act_key"] else polls).setdefault(meeting_id, []).append(plain)
    rows = []
    for row in connection.execute(select(meetings)).mappings():
        plain = {name: value for name, value in row.items() if name not in _OURS}
        meeting_id = plain.pop("meeting_id")
        plain["mailbox"] = boxes[plain.pop("mailbox_id")]
        plain["polls"] = polls.get(meeting_id, [])
        plain["acts"] = _ordered(acts.get(meeting_id, []))
        rows.append(plain)
    return rows


def _messages(connection: Connection, boxes: dict[int, str]) -> Rows:
    people = _children(connection, recipients, "message_id")
    rows = []
    for row in connection.execute(select(messages)).mappings():
        plain = {name: value for name, value in row.items() if name not in _OURS}
        plain["recipients"] = people.get(plain.pop("message_id"), [])
        plain["mailbox"] = boxes[plain.pop("mailbox_id")]
        plain["deleted"] = plain.pop("deleted_at") is not None
        rows.append(plain)
    return rows


def _attendance(connection: Connection, boxes: dict[int, str]) -> Rows:
    people = _children(connection, participants, "record_id")
    rows = []
    for row in connection.execute(select(attendance)).mappings():
        plain = {name: value for name, value in row.items() if name not in _OURS}
        plain["participants"] = people.get(plain.pop("record_id"), [])
        plain["mailbox"] = boxes[plain.pop("mailbox_id")]
        rows.append(plain)
    return rows


def _answers(connection: Connection, boxes: dict[int, str]) -> Rows:
    rows = connection.execute(
        select(
            answers.c.mailbox_id,
            answers.c.word,
            answers.c.at,
            answers.c.source,
            claims.c.kind,
            claims.c.contact,
            claims.c.meeting_key,
            claims.c.evidence_key,
        ).join_from(
            answers,
            claims,
            (claims.c.mailbox_id == answers.c.mailbox_id)
            & (claims.c.claim_id == answers.c.claim_id),
            isouter=True,
        )
    ).mappings()
    return [
        {**{name: value for name, value in row.items() if name != "mailbox_id"}}
        | {"mailbox": boxes[row["mailbox_id"]]}
        for row in rows
    ]
