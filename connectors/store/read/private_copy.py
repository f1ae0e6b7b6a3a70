"""How is a private copy of a SQLite store made, and read as columns?"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from config.errors import StoreError
from connectors.store.read.columns import LARGE_PIECES, Read, by_arrow
from connectors.store.read.snapshots import PREFIX, remove_stale


@contextmanager
def copied(database: Path, folder: Path) -> Iterator[Read]:
    """A reader of a private copy of the database, which is removed afterwards in any case."""
    from adbc_driver_sqlite import dbapi

    remove_stale(folder)
    with ExitStack() as stack:
        try:
            place = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
            stack.callback(shutil.rmtree, place, ignore_errors=True)
            mark = os.open(place / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            stack.callback(os.close, mark)
            fcntl.flock(mark, fcntl.LOCK_EX)
            copy = place / "copy.db"
            os.close(os.open(copy, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise StoreError(
                f"no snapshot can be taken: {error.strerror}",
                hint=f"check the rights and the free space of {folder}",
            ) from error
        try:
            with (
                closing(sqlite3.connect(database, timeout=30)) as source,
                closing(sqlite3.connect(copy)) as target,
            ):
                # Whatever fails, the copy is removed: nothing in it must outlive this run.
                target.execute("PRAGMA synchronous=OFF").fetchall()
                source.backup(target)
                # Else the copy, as its original, wants a -wal and a -shm beside it.
                target.execute("PRAGMA journal_mode=DELETE").fetchall()
        except sqlite3.Error as error:
            raise StoreError(
                f"no snapshot can be taken ({type(error).__name__})",
                hint=f"the free space of {folder} must hold the store once more; "
                "if it does, run noshow doctor",
            ) from error
        try:
            connection = stack.enter_context(dbapi.connect(str(copy)))
            yield by_arrow(connection, LARGE_PIECES)
        except dbapi.Error as error:
            raise StoreError(
                f"the snapshot could not be read ({type(error).__name__})",
                hint="run noshow doctor",
            ) from error
