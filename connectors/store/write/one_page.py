"""How does one page of a source, with its cursor, become part of the store?

Each page is one transaction: what it names is looked up, the caller decides (connectors.planning), and
what was decided is written with the cursor. A round that listed everything is closed in the
transaction of its last page: what it should have held and did not is marked, never removed. Killed
anywhere, the next run goes on from the cursor, or begins the round anew, and ends in the same state.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select, update

from connectors.interfaces import Page, Window
from connectors.model.records import Evidence
from connectors.planning.types import CURSOR_KINDS, Known, Look, Plan, Round
from connectors.store.database.transactions import upsert
from connectors.store.privacy.privacy import suppressor
from connectors.store.tables.schema import cursors
from connectors.store.write import full_sync, losses, mails, meetings


class OnePage:
    """The transaction of one page of a look, in the order: known, apply, (round, mark_gone), end.

    Where the block around it ends by an error, nothing of the page is stored.
    """

    def __init__(self, connection: Connection, look: Look, now: int) -> None:
        self._connection = connection
        self._look = look
        self._now = now
        self._waiting: frozenset[str] | None = None

    def known(self, page: Page) -> Known:
        """What the store holds of the things that the page names."""
        known = _lookup(self._connection, self._look, page)
        self._waiting = known.pending
        return known

    def apply(self, decided: Plan) -> None:
        """Write what was decided, and move the cursor behind it. Again, it changes nothing."""
        connection, look, now = self._connection, self._look, self._now
        meetings.write(connection, look, decided, now)
        mails.write(connection, look, decided, now)
        waiting = self._waiting
        mails.settle(
            connection, look, decided.settled if waiting is None else decided.settled & waiting
        )
        full_sync.narrow(connection, look, decided)
        full_sync.stage(connection, look, decided)
        _move_cursor(connection, look, decided, now)
        if decided.lacking is not None:
            losses.lacks(connection, look.mailbox_id, decided.lacking, now)
        if decided.missed:
            connection.execute(
                update(cursors)
                .where(cursors.c.mailbox_id == look.mailbox_id, cursors.c.stream == look.stream)
                .values(missed_at=now)
            )

    def listed_all(self, decided: Plan) -> bool:
        """Has the look's round, of which this was the last page, listed all inside its window?"""
        return full_sync.still_full(self._connection, self._look, decided)

    def round(self, window: Window | None) -> Round:
        """What the round should have held inside its window (None: at all), and what it did."""
        return full_sync.compared(self._connection, self._look, window)

    def mark_gone(self, gone: Plan, window: Window | None) -> tuple[int, int]:
        """Mark what the round should have held and did not. Copies and mails marked."""
        return full_sync.mark_gone(self._connection, self._look, gone, window, self._now)

    def end_round(self) -> None:
        """Forget what the round had staged: it is complete."""
        look = self._look
        full_sync.clear(self._connection, look.mailbox_id, look.stream, look.round)


def cursor_row(connection: Connection, mailbox_id: int, stream: str) -> Any:
    """The row of a stream's cursor; None before its first look."""
    return connection.execute(
        select(cursors).where(cursors.c.mailbox_id == mailbox_id, cursors.c.stream == stream)
    ).first()


def _lookup(connection: Connection, look: Look, page: Page) -> Known:
    """What the store holds of the things that the page names."""
    box = look.mailbox_id
    acts = meetings.keys_of(one for one in page.meetings if one.evidence is not Evidence.SNAPSHOT)
    copies = meetings.known_copies(connection, box, meetings.places_of(page, look))
    fresh = {
        (one.series_uid, one.recurrence_id)
        for one in page.meetings
        if one.series_uid
        and one.evidence is Evidence.SNAPSHOT
        and (look.calendar or one.calendar_id, one.provider_id) not in copies
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
        messages={} if look.calendar else mails.known_messages(connection, box, named),
        pending=mails.known_pending(connection, look, every),
        suppressed=suppressor(connection),
    )


def _keep_place(connection: Connection, look: Look, place: str, now: int) -> None:
    """Where in its files an import goes on. It vouches for nothing that they do not show."""
    values = {
        "value": place,
        "midway": False,
        "parameters": look.parameters,
        "updated_at": now,
    }
    connection.execute(
        upsert(connection, cursors)
        .values(mailbox_id=look.mailbox_id, stream=look.stream, **values)
        .on_conflict_do_update(index_elements=["mailbox_id", "stream"], set_=values)
    )


def _move_cursor(connection: Connection, look: Look, decided: Plan, now: int) -> None:
    """Go on behind this page; only rounds that go on from a cursor have one."""
    if look.kind == "import" and decided.cursor is not None:
        _keep_place(connection, look, decided.cursor, now)
    if look.kind not in CURSOR_KINDS or (decided.cursor is None and not decided.last):
        return
    row = cursor_row(connection, look.mailbox_id, look.stream)
    values: dict[str, Any] = {
        "value": decided.cursor,
        "midway": not decided.last,
        "parameters": look.parameters,
        "updated_at": now,
    }
    if decided.last:
        values["sure_at"] = look.began_at
        if decided.cursor is None and row is not None and look.kind == "delta" and not row.midway:
            values["value"] = row.value
    if row is None:
        connection.execute(
            insert(cursors).values(mailbox_id=look.mailbox_id, stream=look.stream, **values)
        )
        return
    connection.execute(
        update(cursors)
        .where(cursors.c.mailbox_id == look.mailbox_id, cursors.c.stream == look.stream)
        .values(values)
    )
