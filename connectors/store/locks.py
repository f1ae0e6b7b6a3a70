"""Who may do what at the same time?

One lock a mailbox (sync, backfill), one for report and claim, one for the scheduler, one for the
whole store that everybody shares and a migration takes alone. They die with their process: flock
on files beside a SQLite store, advisory locks of a connection of their own on PostgreSQL.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, Engine, create_engine, text
from sqlalchemy.pool import NullPool

from config.clock import Clock
from config.errors import Busy, StoreError
from connectors.store.database.engine import is_sqlite, translated

_PAUSE = 0.05
Release = Callable[[], None]


class _Doors(Protocol):
    def try_lock(self, name: str, *, shared: bool) -> Release | None: ...


class _Files:
    """flock: belongs to the open file, so two threads exclude each other too."""

    def __init__(self, database: Path) -> None:
        self.folder = database.parent / f"{database.name}.locks"

    def try_lock(self, name: str, *, shared: bool) -> Release | None:
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            handle = os.open(self.folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(
                f"a lock file cannot be made: {error.strerror}",
                hint=f"check the rights and the disk of {self.folder.parent}",
            ) from error
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        return lambda: os.close(handle)


class _Advisory:
    """PostgreSQL session locks: gone with their connection, hence with their process."""

    def __init__(self, url: URL, engine: Engine) -> None:
        self.url = url
        self.engine = engine

    def try_lock(self, name: str, *, shared: bool) -> Release | None:
        key = int.from_bytes(hashlib.sha256(f"noshow {name}".encode()).digest()[:8], signed=True)
        call = "pg_try_advisory_lock_shared" if shared else "pg_try_advisory_lock"
        with translated(self.url):
            connection = self.engine.connect()
            try:
                taken = connection.execute(text(f"SELECT {call}(:key)"), {"key": key}).scalar()
            except BaseException:
                connection.close()
                raise
        if not taken:
            connection.close()
            return None
        return connection.close


class Locks:
    """The locks of one store. Each is a context manager that raises Busy where it is taken.

    `wait` is how long to try [s]. A lock is not re-entrant: who holds a mailbox's lock and asks
    for it again gets Busy.
    """

    def __init__(self, url: URL, clock: Clock) -> None:
        self._clock = clock
        self._doors: _Doors
        if is_sqlite(url):
            self._doors = _Files(Path(str(url.database)))
        else:
            self._doors = _Advisory(
                url,
                create_engine(
                    url,
                    hide_parameters=True,
                    poolclass=NullPool,
                    isolation_level="AUTOCOMMIT",
                    connect_args={"connect_timeout": 15, "keepalives_idle": 30},
                ),
            )

    @contextmanager
    def mailbox(self, mailbox_id: int, *, wait: float = 0.0) -> Iterator[None]:
        """Sync and backfill of one mailbox."""
        with self._held(f"mailbox-{mailbox_id}", f"mailbox {mailbox_id} is being read", wait):
            yield

    @contextmanager
    def report(self, *, wait: float = 0.0) -> Iterator[None]:
        """Building, claiming and sending reports."""
        with self._held("report", "a report is being made", wait):
            yield

    @contextmanager
    def scheduler(self, *, wait: float = 0.0) -> Iterator[None]:
        """Waking up and running what is due."""
        with self._held("scheduler", "a scheduler is running", wait):
            yield

    @contextmanager
    def migration(self, *, wait: float = 0.0) -> Iterator[None]:
        """Nobody else has the store open."""
        with self._held("store", "the store is in use", wait):
            yield

    @contextmanager
    def in_use(self, *, wait: float = 0.0) -> Iterator[None]:
        """The store is open here: no migration may start. Shared by all."""
        with self._held("store", "the store is being brought up to date", wait, shared=True):
            yield

    @contextmanager
    def slot(self, key: str, count: int, *, wait: float) -> Iterator[None]:
        """One of `count` places on `key`, in all processes together (requests in flight)."""
        digest = hashlib.sha256(key.encode()).hexdigest()[:16]
        with ExitStack() as stack:
            stack.callback(self._one_of([f"slot-{digest}-{n}" for n in range(count)], wait))
            yield

    @contextmanager
    def _held(
        self, name: str, problem: str, wait: float, *, shared: bool = False
    ) -> Iterator[None]:
        release = self._try([name], wait, shared=shared)
        if release is None:
            raise Busy(problem, hint="another noshow process does it; nothing to do")
        try:
            yield
        finally:
            release()

    def _one_of(self, names: list[str], wait: float) -> Release:
        release = self._try(names, wait, shared=False)
        if release is None:
            raise Busy("all requests that may be under way at once are under way", hint="wait")
        return release

    def _try(self, names: list[str], wait: float, *, shared: bool) -> Release | None:
        left = wait
        while True:
            for name in names:
                release = self._doors.try_lock(name, shared=shared)
                if release is not None:
                    return release
            if left <= 0:
                return None
            self._clock.sleep(_PAUSE)
            left -= _PAUSE
