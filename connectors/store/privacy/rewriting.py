"""How does what was deleted leave the disk too: free pages, the write-ahead log, old row versions?

SQLite: deleted bytes are overwritten (secure_delete, set on each connection), VACUUM writes the
file anew without its free pages, and the log is emptied. PostgreSQL: VACUUM FULL writes each table
anew. What lies outside (its own log, replicas, backups, the disk's spare cells) nobody here reaches.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from config.errors import StoreError
from connectors.store.database import copies
from connectors.store.database.engine import translated
from connectors.store.database.transactions import Database
from connectors.store.database.troubles import is_sqlite
from connectors.store.read.snapshots import remove_stale
from connectors.store.tables.schema import METADATA

_BUSY = (
    "another noshow process reads the store and keeps old pages until it ends: run the same "
    "command again then"
)
_LEFT = (
    "{message}: the store's file could not be written anew, and its free pages still hold what was "
    "removed: make as much room as the store takes, and run the same command again"
)
_SERVER = (
    "the database server keeps its write-ahead log, replicas and backups: "
    "its administrator rotates them"
)


def rewritten(database: Database) -> tuple[str, ...]:
    """Write everything anew; returns what could not be reached, in words.

    Raises StoreError where a database server fails.
    """
    if is_sqlite(database.url):
        return _sqlite(database)
    unreached = [_SERVER]
    with translated(database.url), database.engine.connect() as connection:
        raw = connection.execution_options(isolation_level="AUTOCOMMIT")
        raw.execute(text("SET lock_timeout = '20s'"))
        for name in METADATA.tables:
            try:
                raw.execute(text(f'VACUUM (FULL) "{name}"'))
            except DBAPIError:
                unreached.append(f"the table {name} is in use: run the same command again")
        raw.execute(text("RESET lock_timeout"))
    return tuple(unreached)


def flushed(database: Database) -> bool:
    """Let deleted rows leave the write-ahead log; False where a reader, or a full disk, delays it."""
    if not is_sqlite(database.url):
        return True
    # A full disk fails the driver itself, past SQLAlchemy.
    with suppress(DBAPIError, sqlite3.Error), database.engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    return False


def _sqlite(database: Database) -> tuple[str, ...]:
    unreached = []
    copies.remove(database.url)
    try:
        with translated(database.url), database.engine.connect() as connection:
            raw: Any = connection.connection.dbapi_connection
            raw.execute("VACUUM")
    except StoreError as error:
        # The rows are gone all the same, and whoever asked has to know what is left of them.
        unreached.append(_LEFT.format(message=error.message))
    if not flushed(database) and not unreached:
        unreached.append(_BUSY)
    if remove_stale(Path(str(database.url.database)).parent, older=0.0):
        unreached.append(_BUSY)
    return tuple(dict.fromkeys(unreached))
