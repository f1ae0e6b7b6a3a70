"""How are PostgreSQL's advisory locks held, and what if the connection that holds them is lost?

All locks of a process lie in one session of its own: they end with it, hence with the process. A
session can also be lost alone: a server that is started anew, an administrator, a cut cable. Then
the locks are taken again over a new one. What nobody else has taken meanwhile is held on; what
somebody has taken, or has taken and given back, is lost, and its holder is told before it writes.

Somebody who had a mailbox's lock left a newer look behind (its *witness*), so that a lock which was
free again is no proof. And who writes a page asks inside its transaction, behind a lock that goes
with the transaction; who takes a mailbox's lock does so only where no such transaction is under way.
So never do two write one mailbox, whatever becomes of their connections.
"""

from __future__ import annotations

import hashlib
import select
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Select, create_engine, exc, text
from sqlalchemy.pool import NullPool

from config.errors import Busy
from connectors.store.database.engine import CONNECTING, translated
from connectors.store.database.lost import Patience

T = TypeVar("T")
Release = Callable[[], None]
#: The first half of the keys that order the pages of one mailbox; the second is its number.
_ROOM = 0x6E6F7368
#: A machine that vanished keeps its locks until the server notices: within a minute, not two hours.
_NOTICED = """SELECT set_config('tcp_keepalives_idle', '30', false),
    set_config('tcp_keepalives_interval', '10', false),
    set_config('tcp_keepalives_count', '3', false)"""
_WHO = """SELECT pid, CAST(backend_start AS text) FROM pg_stat_activity
    WHERE pid = pg_backend_pid()"""
#: The former session, if the server has not noticed yet that nobody is at its other end.
_END = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE pid = :pid AND CAST(backend_start AS text) = :began"""


@dataclass
class _Held:
    """A lock. `witness`: what tells that somebody else had it; `seen`: what it may say."""

    key: int
    shared: bool
    witness: Select[tuple[Any]] | None = None
    seen: set[object] = field(default_factory=set)
    holders: int = 1
    lost: bool = False


class Advisory:
    """The session with the locks of one process."""

    def __init__(self, url: URL, patience: Patience) -> None:
        self._url = url
        self._engine = create_engine(
            url,
            hide_parameters=True,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args=CONNECTING,
        )
        self._patience = patience
        self._guard = threading.RLock()
        self._connection: Connection | None = None
        #: Which session it is, to end it where the server believes that it lives.
        self._session: dict[str, Any] | None = None
        self._held: dict[str, _Held] = {}

    def try_lock(self, name: str, *, shared: bool, mailbox: int | None = None) -> Release | None:
        """Take a lock, at once or not at all. `mailbox`: it is this mailbox's. Raises StoreError."""
        with self._guard:
            here = self._held.get(name)
            if here is not None:
                if not (shared and here.shared):
                    return None
                here.holders += 1
            else:
                key = hashlib.sha256(f"noshow {name}".encode()).digest()[:8]
                here = _Held(int.from_bytes(key, signed=True), shared)
                if not self._ask(partial(_take, held=here, mailbox=mailbox)):
                    return None
                self._held[name] = here
            return partial(self._release, name, here)

    def vouch(self, name: str, witness: Select[tuple[Any]]) -> None:
        """From now on this query's answer tells whether somebody else had the lock."""
        with self._guard:
            held = self._held[name]
            held.seen = {self._ask(lambda connection: connection.execute(witness).scalar())}
            held.witness = witness

    def move(self, name: str, seen: object) -> None:
        """The holder itself is about to change what the witness says."""
        with self._guard:
            if name in self._held:
                self._held[name].seen.add(seen)

    def check(self, name: str) -> None:
        """Raises Busy where the lock was held here and is lost; asks the server."""
        with self._guard:
            if name in self._held:
                self._ask(lambda connection: connection.execute(text("SELECT 1")))
                self._tell(name)

    def glance(self, *names: str) -> None:
        """As `check`, but the server is asked only where its connection stirs: nobody speaks there
        unasked but to say farewell.
        """
        with self._guard:
            if self._connection is None or not self._held:
                return
            if _stirs(self._connection.connection.driver_connection):
                self._ask(lambda connection: connection.execute(text("SELECT 1")))
            for name in names:
                self._tell(name)

    def _tell(self, name: str) -> None:
        held = self._held.get(name)
        if held is not None and held.lost:
            raise Busy(
                "the connection to the database was lost, and another process goes on",
                hint="nothing to do; what was stored before is whole",
            )

    def _ask(self, work: Callable[[Connection], T]) -> T:
        """Ask over the session, or over a new one that has taken all locks again.

        A server that never answered is not waited for.
        """
        return (
            self._once(work)
            if self._session is None
            else self._patience.repeat(lambda: self._once(work))
        )

    def _once(self, work: Callable[[Connection], T]) -> T:
        with translated(self._url):
            try:
                if self._connection is None:
                    self._connect()
                assert self._connection is not None  # noqa: S101 - just made
                return work(self._connection)
            except BaseException:
                # SQLAlchemy would go on over another session, which holds nothing.
                self._hang_up()
                raise

    def _connect(self) -> None:
        former, fresh = self._session, self._engine.connect()
        try:
            with suppress(exc.ProgrammingError):
                fresh.execute(text(_NOTICED))
            pid, began = fresh.execute(text(_WHO)).one()
            if former is not None:
                fresh.execute(text(_END), former)
            for held in self._held.values():
                held.lost = held.lost or not _again(fresh, held)
        except BaseException:
            fresh.close()
            raise
        self._connection, self._session = fresh, {"pid": pid, "began": began}

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(exc.SQLAlchemyError):
                connection.invalidate()
                connection.close()

    def _release(self, name: str, held: _Held) -> None:
        with self._guard:
            held.holders -= 1
            if held.holders:
                return
            del self._held[name]
            if not self._held:
                self._hang_up()
            elif self._connection is not None and not held.lost:
                # Where the connection is lost the lock is, too.
                try:
                    _give_back(self._connection, held)
                except exc.SQLAlchemyError:
                    self._hang_up()


def in_order(connection: Connection, mailbox_id: int) -> None:
    """Let this transaction wait for the one that writes the mailbox now; ends with the transaction."""
    connection.execute(
        text("SELECT pg_advisory_xact_lock(:room, :mailbox)"),
        {"room": _ROOM, "mailbox": mailbox_id},
    )


def _take(connection: Connection, held: _Held, mailbox: int | None = None) -> bool:
    call = "pg_try_advisory_lock_shared" if held.shared else "pg_try_advisory_lock"
    if not connection.execute(text(f"SELECT {call}(:key)"), {"key": held.key}).scalar():
        return False
    if mailbox is None:
        return True
    # Whoever had it may have lost it within the transaction of a page.
    quiet = connection.execute(
        text("SELECT pg_try_advisory_xact_lock(:room, :mailbox)"),
        {"room": _ROOM, "mailbox": mailbox},
    ).scalar()
    if not quiet:
        _give_back(connection, held)
    return bool(quiet)


def _again(connection: Connection, held: _Held) -> bool:
    """Take a lock that was lost. False where somebody has it, or has had it."""
    if not _take(connection, held):
        return False
    if held.witness is None or connection.execute(held.witness).scalar() in held.seen:
        return True
    _give_back(connection, held)
    return False


def _stirs(raw: Any) -> bool:
    """Has the server said something, or hung up?"""
    if raw.closed:
        return True
    poll = select.poll()
    poll.register(raw.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _give_back(connection: Connection, held: _Held) -> None:
    call = "pg_advisory_unlock_shared" if held.shared else "pg_advisory_unlock"
    connection.execute(text(f"SELECT {call}(:key)"), {"key": held.key})
