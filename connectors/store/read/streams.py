"""How far is each stream of a mailbox read, and what is wrong with it?"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import case, func, select

from connectors.store.database.lost import repeated
from connectors.store.database.transactions import Database
from connectors.store.tables.schema import losses, mailboxes, meetings, polls


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream. `complete_to`: the end of its last complete poll, of a file its own end; `last`: when it was last looked
    at; `problem`: what was wrong with that poll. Moments in µs UTC, None where never.
    """

    name: str
    complete_to: int | None
    last: int | None
    problem: str


@dataclass(frozen=True, slots=True)
class Loss:
    """A file that was not read; `not_after`: it may hold mail until then [µs UTC], None: unknown."""

    mailbox: str
    place: str
    reason: str
    not_after: int | None


@repeated
class Streams:
    """The streams of a mailbox, from its polls; none counts that lies in the future."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, mailbox_id: int) -> list[Stream]:
        """All streams that were ever looked at, calendars first."""
        problem = func.coalesce(polls.c.problem, "")
        mine = (polls.c.mailbox_id == mailbox_id) & (polls.c.started_at <= self._database.now())
        own_end = case(
            (polls.c.window_to < polls.c.started_at, polls.c.window_to), else_=polls.c.started_at
        )
        end = case(
            (polls.c.kind.in_(("full", "delta")), polls.c.finished_at),
            (polls.c.kind == "import", own_end),
        )
        done = case(((problem == "") & polls.c.finished_at.is_not(None), end))
        ends = (
            select(polls.c.stream, func.max(done).label("done"), func.max(polls.c.poll_id))
            .where(mine)
            .group_by(polls.c.stream)
            .order_by(polls.c.stream)
        )
        with self._database.reading() as connection:
            found = connection.execute(ends).all()
            last = {
                row.poll_id: row
                for row in connection.execute(
                    select(polls.c.poll_id, polls.c.started_at, problem.label("problem")).where(
                        polls.c.poll_id.in_([newest for _, _, newest in found])
                    )
                )
            }
        return [
            Stream(str(name), ended, last[newest].started_at, str(last[newest].problem))
            for name, ended, newest in found
        ]

    def losses(self) -> list[Loss]:
        """The files that were given to an import and not read."""
        query = (
            select(mailboxes.c.address, losses.c.place, losses.c.reason, losses.c.not_after)
            .join(mailboxes, mailboxes.c.mailbox_id == losses.c.mailbox_id)
            .order_by(mailboxes.c.address, losses.c.place, losses.c.reason)
        )
        with self._database.reading() as connection:
            return [Loss(*row) for row in connection.execute(query)]

    def meetings(self, mailbox_id: int) -> int:
        """How many meetings of the mailbox are known."""
        query = select(func.count()).where(meetings.c.mailbox_id == mailbox_id)
        with self._database.reading() as connection:
            return int(connection.execute(query).scalar_one())
