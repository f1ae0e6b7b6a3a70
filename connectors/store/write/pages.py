"""Where does a stream go on, which polls were made of it, and how is a page of one stored?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from connectors.interfaces import Window
from connectors.planning.types import DISTRUST, Cursor, Poll
from connectors.store.coordination.locks import Locks
from connectors.store.database.advisory import in_order
from connectors.store.database.lost import repeated
from connectors.store.database.transactions import Database, clean, moment
from connectors.store.tables.schema import cursors, polls
from connectors.store.tables.schema import meetings as meetings_table
from connectors.store.write import full_sync, mail_links
from connectors.store.write.one_page import OnePage, cursor_row

_BEGUN = insert(polls).returning(polls.c.poll_id)
_OF_POLL = update(polls).where(polls.c.poll_id == bindparam("of_poll"))


@repeated
class Pages:
    """Looks, cursors and pages.

    Whoever holds a mailbox's lock and lost it with its connection is told before anything is
    written that somebody else would not expect: with Busy.
    """

    def __init__(self, database: Database, locks: Locks) -> None:
        self._database = database
        self._locks = locks

    def cursor(self, mailbox_id: int, stream: str, parameters: str) -> Cursor:
        """Where the stream goes on; none where other parameters were frozen with the stored one."""
        with self._database.reading() as connection:
            row = cursor_row(connection, mailbox_id, stream)
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
        with self._ordered(mailbox_id) as connection:
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

    def begin_poll(
        self,
        mailbox_id: int,
        stream: str,
        kind: str,
        window: Window | None = None,
        *,
        parameters: str = "",
        resume: bool = False,
    ) -> Poll:
        """Note that a poll began. `kind`: full, delta, backfill, fetch or import.

        `resume`: it continues the cut-off round of the stored cursor; else the round begins anew,
        and what an earlier attempt at it had listed is forgotten.
        """
        now = self._database.now()
        with self._ordered(mailbox_id) as connection:
            number = connection.execute(
                _BEGUN,
                {
                    "mailbox_id": mailbox_id,
                    "stream": stream,
                    "kind": kind,
                    "window_from": moment(window.start) if window else None,
                    "window_to": moment(window.end) if window else None,
                    "started_at": now,
                },
            ).scalar_one()
            self._locks.note_poll(mailbox_id, number)
            row = cursor_row(connection, mailbox_id, stream)
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
            name = full_sync.name_of(kind, stream, number)
            began, comparable = now, row is None or row.parameters == parameters
            if name:
                began, comparable = full_sync.begin(
                    connection, (mailbox_id, stream, name), kind, now, comparable, resume
                )
        return Poll(
            poll_id=number,
            mailbox_id=mailbox_id,
            stream=stream,
            kind=kind,
            window=window,
            round=name,
            began_at=began,
            stream_sure_at=row.sure_at if row is not None else None,
            parameters=parameters,
            comparable=comparable,
            complete_deltas=row is None or row.missed_at is None or row.missed_at < now - DISTRUST,
        )

    def finish_poll(self, poll: Poll, problem: str = "", *, window: Window | None = None) -> None:
        """Note that the poll is complete, or (`problem`) why it is not.

        `window`: what it really covered, where that is known only now.
        """
        values: dict[str, Any] = {"problem": clean(problem)}
        if not problem:
            values["finished_at"] = self._database.now()
        if window is not None:
            values |= {"window_from": moment(window.start), "window_to": moment(window.end)}
        with self._database.writing() as connection:
            connection.execute(_OF_POLL, {"of_poll": poll.poll_id} | values)
            if poll.kind == "import" and not problem:
                mail_links.sort(connection)

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

    @contextmanager
    def storing(self, poll: Poll) -> Iterator[OnePage]:
        """The one transaction of one page of a poll. Raises StoreError, Busy.

        Unreachable: nothing of it is stored, and the page is to be applied again.
        """
        with self._ordered(poll.mailbox_id) as connection:
            yield OnePage(connection, poll, self._database.now())

    @contextmanager
    def _ordered(self, mailbox_id: int) -> Iterator[Connection]:
        """One transaction, after those that write this mailbox now, by whoever has its lock."""
        with self._database.writing() as connection:
            if connection.dialect.name == "postgresql":
                # What SQLite's single writer gives for free.
                in_order(connection, mailbox_id)
                self._locks.check_mailbox(mailbox_id)
            yield connection
