"""How does one page of a source, with its cursor, become part of the store?

Each page is one transaction: what it names is looked up, the caller decides (connectors.planning), and
what was decided is written with the cursor. A round that listed everything is closed in the
transaction of its last page: what it should have held and did not is marked, never removed. Killed
anywhere, the next run goes on from the cursor, or begins the round anew, and ends in the same state.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from connectors.interfaces import Page, Window
from connectors.model.records import Evidence
from connectors.planning.types import CURSOR_KINDS, Known, Plan, Poll, Round
from connectors.store.database.transactions import upsert
from connectors.store.privacy.privacy import suppressor
from connectors.store.tables.schema import cursors
from connectors.store.write import full_sync, losses, mails, meetings


class OnePage:
    """The transaction of one page of a poll, in the order: known, apply, (round, mark_gone), end.

    Where the block around it ends by an error, nothing of the page is stored.
    """

    def __init__(self, connection: Connection, poll: Poll, now: int) -> None:
        self._connection = connection
        self._poll = poll
        self._now = now
        self._waiting: frozenset[str] | None = None

    def known(self, page: Page) -> Known:
        """What the store holds of the things that the page names."""
        known = _lookup(self._connection, self._poll, page)
        self._waiting = known.pending
        return known

    def apply(self, decided: Plan) -> None:
        """Write what was decided, and move the cursor behind it. Again, it changes nothing."""
        connection, poll, now = self._connection, self._poll, self._now
        meetings.write(connection, poll, decided, now)
        mails.write(connection, poll, decided, now)
        waiting = self._waiting
        mails.settle(
            connection, poll, decided.settled if waiting is None else decided.settled & waiting
        )
        full_sync.narrow(connection, poll, decided)
        full_sync.stage(connection, poll, decided)
        _move_cursor(connection, poll, decided, now)
        if decided.lacking is not None:
            losses.lacks(connection, poll.mailbox_id, decided.lacking, now)
        if decided.missed:
            connection.execute(
                update(cursors)
                .where(cursors.c.mailbox_id == poll.mailbox_id, cursors.c.stream == poll.stream)
                .values(missed_at=now)
            )

    def listed_all(self, decided: Plan) -> bool:
        """Has the poll's round, of which this was the last page, listed all inside its window?"""
        return full_sync.still_full(self._connection, self._poll, decided)

    def round(self, window: Window | None) -> Round:
        """What the round should have held inside its window (None: at all), and what it did."""
        return full_sync.compared(self._connection, self._poll, window)

    def mark_gone(self, gone: Plan, window: Window | None) -> tuple[int, int]:
        """Mark what the round should have held and did not. Copies and mails marked."""
        return full_sync.mark_gone(self._connection, self._poll, gone, window, self._now)

    def end_round(self) -> None:
        """Forget what the round had staged: it is complete."""
        poll = self._poll
        full_sync.clear(self._connection, poll.mailbox_id, poll.stream, poll.round)


#: Built once: each poll asks it three times.
_CURSOR = select(cursors).where(
    cursors.c.mailbox_id == bindparam("box"), cursors.c.stream == bindparam("of_stream")
)


def cursor_row(connection: Connection, mailbox_id: int, stream: str) -> Any:
    """The row of a stream's cursor; None before its first look."""
    return connection.execute(_CURSOR, {"box": mailbox_id, "of_stream": stream}).first()


def _lookup(connection: Connection, poll: Poll, page: Page) -> Known:
    """What the store holds of the things that the page names."""
    box = poll.mailbox_id
    acts = meetings.keys_of(one for one in page.meetings if one.evidence is not Evidence.SNAPSHOT)
    copies = meetings.known_copies(connection, box, meetings.places_of(page, poll))
    fresh = {
        (one.series_uid, one.recurrence_id)
        for one in page.meetings
        if one.series_uid
        and one.evidence is Evidence.SNAPSHOT
        and (poll.calendar or one.calendar_id, one.provider_id) not in copies
    }
    named = mails.ids_of(page)
    every = named.union(
        (one.provider_id for one in page.meetings),
        (one.provider_id for one in page.failed),
        page.retracted,
    )
    return Known(
        copies=copies,
        by_key=meetings.known_by_key(connection, box, acts | fresh),
        acts=meetings.known_acts(connection, box, acts),
        messages={} if poll.calendar else mails.known_messages(connection, box, named),
        pending=mails.known_pending(connection, poll, every),
        suppressed=suppressor(connection),
    )


def _keep_place(connection: Connection, poll: Poll, place: str, now: int) -> None:
    """Where in its files an import goes on. It vouches for nothing that they do not show."""
    values = {
        "value": place,
        "midway": False,
        "parameters": poll.parameters,
        "updated_at": now,
    }
    connection.execute(
        upsert(connection, cursors)
        .values(mailbox_id=poll.mailbox_id, stream=poll.stream, **values)
        .on_conflict_do_update(index_elements=["mailbox_id", "stream"], set_=values)
    )


def _move_cursor(connection: Connection, poll: Poll, decided: Plan, now: int) -> None:
    """Go on behind this page; only rounds that go on from a cursor have one."""
    if poll.kind == "import" and decided.cursor is not None:
        _keep_place(connection, poll, decided.cursor, now)
    if poll.kind not in CURSOR_KINDS or (decided.cursor is None and not decided.last):
        return
    row = cursor_row(connection, poll.mailbox_id, poll.stream)
    values: dict[str, Any] = {
        "value": decided.cursor,
        "midway": not decided.last,
        "parameters": poll.parameters,
        "updated_at": now,
    }
    if decided.last:
        values["sure_at"] = poll.began_at
        if decided.cursor is None and row is not None and poll.kind == "delta" and not row.midway:
            values["value"] = row.value
    if row is None:
        connection.execute(
            insert(cursors).values(mailbox_id=poll.mailbox_id, stream=poll.stream, **values)
        )
        return
    connection.execute(
        update(cursors)
        .where(cursors.c.mailbox_id == poll.mailbox_id, cursors.c.stream == poll.stream)
        .values(values)
    )
