"""How does one page of a source, with its cursor, become part of the store?

Each page is one transaction: look up what it names, let `connectors.planning.meetings` decide, write, move
the cursor. A round that listed everything is closed in the transaction of its last page: what it
should have held and did not is marked, never removed. Killed anywhere, the next run goes on from
the cursor, or begins the round anew, and ends in the same state.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select, text, update

from connectors.interfaces import Page, Window
from connectors.model.records import Evidence
from connectors.planning import meetings as planning
from connectors.planning.types import CURSOR_KINDS, Applied, Cursor, Known, KnownCopy, Look, Plan
from connectors.store.privacy import suppressor
from connectors.store.tables import cursors, looks
from connectors.store.tables import meetings as meetings_table
from connectors.store.transactions import Database, clean, moment, upsert
from connectors.store.write import full_sync, mails, meetings


class Pages:
    """Looks, cursors and pages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cursor(self, mailbox_id: int, stream: str, parameters: str) -> Cursor:
        """Where the stream goes on; none where other parameters were frozen with the stored one."""
        with self._database.reading() as connection:
            row = _cursor_row(connection, mailbox_id, stream)
            if row is None or row.value is None or row.parameters != parameters:
                return Cursor(None)
            if not row.midway:
                return Cursor(row.value, kind="delta")
            kind = full_sync.begun_as(connection, mailbox_id, stream)
            # A continued round of which nobody knows what it began as cannot be closed.
            return Cursor(row.value, midway=True, kind=kind) if kind else Cursor(None)

    def drop_cursor(self, mailbox_id: int, stream: str) -> None:
        """Forget where the stream stood: the next round is a full one. No fact is touched."""
        values: dict[str, Any] = {"value": None, "midway": False}
        values["updated_at"] = self._database.now()
        with self._database.writing() as connection:
            if full_sync.is_comparable(connection, mailbox_id, stream) is False:
                # What it has not listed yet was last seen with other parameters than those that
                # its first page wrote down.
                values["parameters"] = ""
            connection.execute(
                update(cursors)
                .where(cursors.c.mailbox_id == mailbox_id, cursors.c.stream == stream)
                .values(values)
            )
            full_sync.clear(connection, mailbox_id, stream, full_sync.CURSOR_ROUND)

    def begin_look(
        self,
        mailbox_id: int,
        stream: str,
        kind: str,
        window: Window | None = None,
        *,
        parameters: str = "",
        resume: bool = False,
    ) -> Look:
        """Note that a look began. `kind`: full, delta, backfill, fetch or import.

        `resume`: it continues the cut-off round of the stored cursor; else the round begins anew,
        and what an earlier attempt at it had listed is forgotten.
        """
        now = self._database.now()
        with self._database.writing() as connection:
            number = connection.execute(
                insert(looks)
                .values(
                    mailbox_id=mailbox_id,
                    stream=stream,
                    kind=kind,
                    window_from=moment(window.start) if window else None,
                    window_to=moment(window.end) if window else None,
                    started_at=now,
                )
                .returning(looks.c.look_id)
            ).scalar_one()
            row = _cursor_row(connection, mailbox_id, stream)
            if row is None and parameters:
                connection.execute(
                    insert(cursors).values(
                        mailbox_id=mailbox_id,
                        stream=stream,
                        parameters=parameters,
                        midway=False,
                        updated_at=now,
                    )
                )
            name = full_sync.name_of(kind, number)
            began, comparable = now, row is None or row.parameters == parameters
            if name:
                began, comparable = full_sync.begin(
                    connection, (mailbox_id, stream, name), kind, now, comparable, resume
                )
        return Look(
            look_id=number,
            mailbox_id=mailbox_id,
            stream=stream,
            kind=kind,
            window=window,
            round=name,
            began_at=began,
            stream_sure_at=row.sure_at if row is not None else None,
            parameters=parameters,
            comparable=comparable,
            complete_deltas=row is None
            or row.missed_at is None
            or row.missed_at < now - planning.DISTRUST,
        )

    def finish_look(self, look: Look, problem: str = "", *, window: Window | None = None) -> None:
        """Note that the look is complete, or (`problem`) why it is not.

        `window`: what it really covered, where that is known only now.
        """
        values: dict[str, Any] = {"problem": clean(problem)}
        if not problem:
            values["finished_at"] = self._database.now()
        if window is not None:
            values |= {"window_from": moment(window.start), "window_to": moment(window.end)}
        with self._database.writing() as connection:
            connection.execute(update(looks).where(looks.c.look_id == look.look_id).values(values))

    def known(
        self, mailbox_id: int, calendar: str, provider_ids: list[str]
    ) -> dict[str, KnownCopy]:
        """The stored copies in one calendar, by the provider's id."""
        with self._database.reading() as connection:
            found = meetings.known_copies(
                connection, mailbox_id, {(calendar, one) for one in provider_ids}
            )
        return {provider_id: copy for (_, provider_id), copy in found.items()}

    def occurrences(self, mailbox_id: int, series_uid: str) -> list[str]:
        """The stored recurrence ids of a series, in order; none for a single meeting."""
        with self._database.reading() as connection:
            return list(
                connection.execute(
                    select(meetings_table.c.recurrence_id)
                    .where(
                        meetings_table.c.mailbox_id == mailbox_id,
                        meetings_table.c.series_uid == series_uid,
                        meetings_table.c.recurrence_id != "",
                    )
                    .distinct()
                    .order_by(meetings_table.c.recurrence_id)
                ).scalars()
            )

    def apply(self, look: Look, page: Page, *, allow_empty: bool = False) -> Applied:
        """Store one page and its cursor in one transaction. Applying it again changes nothing.

        Raises SuspiciousSync, with nothing of the page stored, where it completes a full round
        that lists next to nothing of what was there (unless `allow_empty`); StoreError, Busy.
        """
        with self._database.writing() as connection:
            if connection.dialect.name == "postgresql":
                # What SQLite's single writer gives for free: pages of one mailbox in a row.
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:room, :mailbox)"),
                    {"room": 0x6E6F7368, "mailbox": look.mailbox_id},
                )
            decided = planning.plan(_lookup(connection, look, page), page, look)
            now = self._database.now()
            meetings.write(connection, look, decided, now)
            mails.write(connection, look, decided, now)
            full_sync.narrow(connection, look, decided)
            full_sync.stage(connection, look, decided)
            vanished, deleted = 0, 0
            if look.round and decided.last and full_sync.still_full(connection, look, decided):
                vanished, deleted = full_sync.close_full(
                    connection, look, decided, now, allow_empty
                )
            _move_cursor(connection, look, decided, now)
            if decided.missed:
                connection.execute(
                    update(cursors)
                    .where(cursors.c.mailbox_id == look.mailbox_id, cursors.c.stream == look.stream)
                    .values(missed_at=now)
                )
            if look.round and decided.last:
                full_sync.clear(connection, look.mailbox_id, look.stream, look.round)
        return Applied(
            stored=len(decided.new_messages)
            + sum(copy.changed for copy in decided.copies)
            + len(decided.attendance),
            observations=len(decided.observations),
            vanished=vanished,
            deleted=deleted + len(decided.deleted),
            last=decided.last,
        )


def _cursor_row(connection: Connection, mailbox_id: int, stream: str) -> Any:
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
    every = named | {one.provider_id for one in page.meetings}
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
    row = _cursor_row(connection, look.mailbox_id, look.stream)
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
