"""Who may do what at the same time?

One lock a mailbox (sync, backfill), one for report and claim, one for the scheduler, one for the
whole store that everybody shares and a migration takes alone. They die with their process: flock
on files beside a SQLite store, advisory locks of a session of their own on PostgreSQL, which may be
lost alone (connectors.store.database.advisory).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import URL, Select, func, select

from config.clock import Clock
from config.errors import Busy, StoreError
from connectors.store.database.advisory import Advisory, Release
from connectors.store.database.lost import Patience
from connectors.store.database.troubles import is_sqlite
from connectors.store.tables.syncing import polls

_PAUSE = 0.05
#: Held for long, while other connections write.
_LONG = ("store", "report", "scheduler")


class _Doors(Protocol):
    def try_lock(
        self, name: str, *, shared: bool, mailbox: int | None = None
    ) -> Release | None: ...


class _Files:
    """flock: belongs to the open file, so two threads exclude each other too."""

    def __init__(self, database: Path) -> None:
        self.folder = database.parent / f"{database.name}.locks"

    def try_lock(
        self,
        name: str,
        *,
        shared: bool,
        mailbox: int | None = None,  # noqa: ARG002 - no file's lock is lost
    ) -> Release | None:
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


class Locks:
    """The locks of one store. Each is a context manager that raises Busy where it is taken.

    `wait` is how long to try [s]. A lock is not re-entrant: who holds a mailbox's lock and asks
    for it again gets Busy.
    """

    def __init__(self, url: URL, clock: Clock) -> None:
        self._clock = clock
        self.patience = Patience(clock)
        self._session = None if is_sqlite(url) else Advisory(url, self.patience)
        self._doors: _Doors = self._session or _Files(Path(str(url.database)))

    @contextmanager
    def mailbox(self, mailbox_id: int, *, wait: float = 0.0) -> Iterator[None]:
        """Sync and backfill of one mailbox."""
        name, problem = _of(mailbox_id), f"mailbox {mailbox_id} is being read"
        with self._held(name, problem, wait, mailbox=mailbox_id):
            if self._session is not None:
                newest = select(func.max(polls.c.poll_id)).where(polls.c.mailbox_id == mailbox_id)
                self._session.vouch(name, newest)
            yield

    def check_mailbox(self, mailbox_id: int) -> None:
        """Raises Busy where the mailbox was locked here, and the lock was lost with its connection."""
        if self._session is not None:
            self._session.check(_of(mailbox_id))

    def note_poll(self, mailbox_id: int, poll_id: int) -> None:
        """This poll is of whoever has the mailbox's lock here, and no sign of somebody else."""
        if self._session is not None:
            self._session.move(_of(mailbox_id), poll_id)

    def check(self) -> None:
        """Raises Busy where a lock of this process that is no mailbox's was lost to somebody else."""
        if self._session is not None:
            self._session.glance(*_LONG)

    def keep_to(self, version: Select[tuple[Any]]) -> None:
        """The store is of this version for as long as it is open here (PostgreSQL alone).

        Else a process whose connection was lost could go on after somebody else's migration.
        """
        if self._session is not None:
            self._session.vouch("store", version)

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
        self,
        name: str,
        problem: str,
        wait: float,
        *,
        shared: bool = False,
        mailbox: int | None = None,
    ) -> Iterator[None]:
        release = self._try([name], wait, shared=shared, mailbox=mailbox)
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

    def _try(
        self, names: list[str], wait: float, *, shared: bool, mailbox: int | None = None
    ) -> Release | None:
        left = wait
        while True:
            for name in names:
                release = self._doors.try_lock(name, shared=shared, mailbox=mailbox)
                if release is not None:
                    return release
            if left <= 0:
                return None
            self._clock.sleep(_PAUSE)
            left -= _PAUSE


def _of(mailbox_id: int) -> str:
    return f"mailbox-{mailbox_id}"
