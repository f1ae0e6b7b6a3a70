"""Which listings are under way, what have they shown so far, and what should they have shown?

A round lists a stream to its end; it may span several polls. What it showed is staged, so that at its
end what it should have held and did not is marked. Two processes may list one window at once.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, func, insert, select, update

from connectors.interfaces import Window
from connectors.model.streams import FILES
from connectors.planning.types import CURSOR_KINDS, Plan, Poll, Round
from connectors.store.database.transactions import chunks, clean, upsert
from connectors.store.tables.schema import messages, rounds, staging
from connectors.store.write import mails, meetings

CURSOR_ROUND = "cursor"
#: A listing that began so long ago [µs] and has not come to its end will not.
_DESERTED = 24 * 3_600_000_000


def name_of(kind: str, stream: str, poll_id: int) -> str:
    """The name of a poll's round; "" for a fetch, which is none.

    Only a cursor round is ever continued. Two processes may list one window at the same time.
    A fetch and imported files list nothing in full: nothing can be found missing at their end.
    """
    if kind in CURSOR_KINDS:
        return CURSOR_ROUND
    return "" if kind == "fetch" or stream == FILES else f"{kind}:{poll_id}"


# Each poll asks all of these, and to build a statement takes longer than to run it.
_BOX: BindParameter[int] = bindparam("box")
_STREAM: BindParameter[str] = bindparam("of_stream")
_NAME: BindParameter[str] = bindparam("of_name")


def _named(table: Any) -> tuple[Any, ...]:
    return (table.c.mailbox_id == _BOX, table.c.stream == _STREAM, table.c.name == _NAME)


_ROUND = select(rounds).where(*_named(rounds))
_CLEARED = tuple(delete(table).where(*_named(table)) for table in (staging, rounds))
_NARROWED = update(rounds).where(*_named(rounds)).values(full=False)
_BEGUN = insert(rounds)
_DESERTED_NAMES = select(rounds.c.name).where(
    rounds.c.mailbox_id == _BOX,
    rounds.c.stream == _STREAM,
    rounds.c.name != CURSOR_ROUND,
    rounds.c.started_at < bindparam("before"),
)
_FULL_NAMES = select(rounds.c.name).where(
    rounds.c.mailbox_id == _BOX, rounds.c.stream == _STREAM, rounds.c.full.is_(True)
)


def _of(mailbox_id: int, stream: str, name: str) -> dict[str, Any]:
    return {"box": mailbox_id, "of_stream": stream, "of_name": name}


def begun_as(connection: Connection, mailbox_id: int, stream: str) -> str | None:
    """The kind of the stream's open cursor round; None where there is none."""
    row = connection.execute(_ROUND, _of(mailbox_id, stream, CURSOR_ROUND)).first()
    return None if row is None else str(row.kind)


def is_comparable(connection: Connection, mailbox_id: int, stream: str) -> bool | None:
    """Is the stream's open cursor round read with the parameters of what is stored? None: no round."""
    row = connection.execute(_ROUND, _of(mailbox_id, stream, CURSOR_ROUND)).first()
    return None if row is None else bool(row.comparable)


def begin(
    connection: Connection,
    place: tuple[int, str, str],
    kind: str,
    now: int,
    comparable: bool,
    resume: bool,
) -> tuple[int, bool]:
    """The round's beginning and whether it is comparable: of the one that goes on, or a new one."""
    if resume:
        row = connection.execute(_ROUND, _of(*place)).first()
        if row is not None:
            return int(row.started_at), bool(row.comparable)
    clear(connection, *place)
    mailbox_id, stream, name = place
    _clear_deserted(connection, mailbox_id, stream, now)
    connection.execute(
        _BEGUN,
        {
            "mailbox_id": mailbox_id,
            "stream": stream,
            "name": name,
            "kind": kind,
            "started_at": now,
            "full": True,
            "comparable": comparable,
        },
    )
    return now, comparable


def _clear_deserted(connection: Connection, mailbox_id: int, stream: str, now: int) -> None:
    """Forget what listings had staged whose processes died; one that still lives marks nothing."""
    place = {"box": mailbox_id, "of_stream": stream, "before": now - _DESERTED}
    names = connection.execute(_DESERTED_NAMES, place).scalars()
    for name in names.all():
        clear(connection, mailbox_id, stream, name)


def clear(connection: Connection, mailbox_id: int, stream: str, name: str) -> None:
    for statement in _CLEARED:
        connection.execute(statement, _of(mailbox_id, stream, name))


def narrow(connection: Connection, poll: Poll, decided: Plan) -> None:
    """A round from a cursor lists everything only where each of its pages says so.

    In any other round the last page alone says whether it was full.
    """
    if poll.kind == "delta" and not decided.full:
        connection.execute(_NARROWED, _of(poll.mailbox_id, poll.stream, poll.round))


def stage(connection: Connection, poll: Poll, decided: Plan) -> None:
    """Remember what was listed, for every round of the stream that is open.

    A backfill gives its lock back between pages: what it shows meanwhile has not vanished for a
    cursor round that is under way, and the other way round.
    """
    if not decided.listed:
        return
    place = {"box": poll.mailbox_id, "of_stream": poll.stream}
    names = connection.execute(_FULL_NAMES, place).scalars()
    for name in names.all():
        connection.execute(
            upsert(connection, staging).on_conflict_do_nothing(),
            [
                {
                    "mailbox_id": poll.mailbox_id,
                    "stream": poll.stream,
                    "name": name,
                    "provider_id": provider_id,
                }
                for provider_id in sorted({clean(one) for one in decided.listed})
            ],
        )


def still_full(connection: Connection, poll: Poll, decided: Plan) -> bool:
    if not decided.full:
        return False
    row = connection.execute(_ROUND, _of(poll.mailbox_id, poll.stream, poll.round)).first()
    return row is not None and bool(row.full)


def compared(connection: Connection, poll: Poll, window: Window | None) -> Round:
    """What the round's window should have held, what the round listed, and what is missing."""
    if poll.calendar:
        listed = meetings.staged(connection, poll)
        there = meetings.expected(connection, poll, window)
        missing = tuple(copy for copy in there if copy.provider_id not in listed)
        if "" in listed:
            # Something was there that does not say which of them it is: so nothing is gone.
            return Round(len(there), len(listed), len(missing))
        mails.settle(connection, poll, [""])
        waiting: set[str] = set()
        for part in chunks([copy.provider_id for copy in missing]):
            waiting |= mails.known_pending(connection, poll, part)
        return Round(len(there), len(listed), len(missing), missing, frozenset(waiting))
    condition = mails.expected(poll, window)
    staged = select(func.count()).where(
        staging.c.mailbox_id == poll.mailbox_id,
        staging.c.stream == poll.stream,
        staging.c.name == poll.round,
    )
    unlisted = select(func.count()).where(condition & mails.unlisted(poll))
    return Round(
        expected=connection.execute(select(func.count()).where(condition)).scalar_one(),
        listed=connection.execute(staged).scalar_one(),
        missing=connection.execute(unlisted).scalar_one(),
    )


def mark_gone(
    connection: Connection, poll: Poll, gone: Plan, window: Window | None, now: int
) -> tuple[int, int]:
    """Append that copies vanished, and mark mails that were not listed. Copies and mails marked."""
    meetings.write(connection, poll, gone, now)
    if not gone.unlisted:
        return len(gone.observations), 0
    unlisted = mails.expected(poll, window) & mails.unlisted(poll)
    marked = connection.execute(update(messages).where(unlisted).values(deleted_at=now))
    return len(gone.observations), marked.rowcount
