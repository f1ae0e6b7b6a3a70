"""How is the database opened, and who must act when it fails?

SQLite: WAL, `BEGIN IMMEDIATE` for what writes (a deferred transaction that starts to write late
fails at once with SQLITE_BUSY, without waiting: https://www.sqlite.org/lang_transaction.html),
30 s of patience, files for their owner only. PostgreSQL: READ COMMITTED, the pages of one mailbox
ordered by an advisory lock. No error text carries a parameter: they hold subjects and addresses.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc
from sqlalchemy.engine import URL, make_url

from config import private_files
from config.errors import ConfigError, StoreError
from connectors.store.database.troubles import WAY_BACK, explain, folder_of, is_sqlite

PATIENCE = 30.0
#: How a connection to PostgreSQL is opened and watched: a server, or a network, that is silent for a
#: minute is gone.
CONNECTING = {
    "connect_timeout": 15,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
    "client_encoding": "utf8",
}
_CACHE = 65_536
#: Pages of the write-ahead log that are gathered before they go to the file itself.
_CHECKPOINT = 8_000
#: Set on a connection that only reads: its transaction takes no write lock.
READS = "noshow_reads"


def parse(url: str) -> URL:
    """The URL as SQLAlchemy wants it; PostgreSQL always through psycopg.

    Raises ConfigError for a URL that is none, another database, or SQLite without a file.
    """
    hint = "write sqlite:////folder/noshow.db or postgresql+psycopg://user@host/database"
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError) as error:
        # A port that is no number is the second.
        raise ConfigError("the store's url is no database URL", hint=hint) from error
    backend = parsed.drivername.split("+", 1)[0]
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ConfigError(f"the store cannot lie in {backend}", hint=hint)
    if not parsed.database or parsed.database == ":memory:":
        raise ConfigError("the store needs a file: other processes must see it too", hint=hint)
    # A folder may have a question mark in its name, and a store's file takes no options.
    file = Path(url.partition(":///")[2]).absolute()
    return parsed.set(drivername="sqlite", database=str(file), query={})


def connect(url: URL) -> Engine:
    """An engine over the store; a SQLite file and its folder are made, for their owner only.

    Raises StoreError where the file cannot be made, ConfigError where a driver is missing.
    """
    if is_sqlite(url):
        _prepare(Path(str(url.database)))
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": PATIENCE})
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
        return engine
    try:
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args=CONNECTING,
        )
    except ImportError as error:
        raise ConfigError(
            "PostgreSQL's driver is not installed",
            hint="install it beside noshow: in its folder, pipx install --force '.[postgres]', or "
            ".venv/bin/pip install '.[postgres]'",
        ) from error
    event.listen(engine, "connect", _in_unicode)
    return engine


def _in_unicode(connection: Any, _record: Any) -> None:
    """Raises ConfigError for a database that cannot hold every subject."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        connection.close()
        raise ConfigError(
            f"the database is written in {encoding}, which cannot hold every name and subject",
            hint="make another for noshow: createdb --encoding=UTF8 --template=template0 --owner=USER NAME",
        )


def _prepare(file: Path) -> None:
    try:
        private_files.make_folder(file.parent)
        # Made by us before SQLite does: it gives its -wal and -shm the same rights.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
        if file.stat().st_mode & 0o077:
            with suppress(PermissionError):
                file.chmod(0o600)
    except OSError as error:
        raise StoreError(
            f"the store's file cannot be opened for writing: {error.strerror}",
            hint=f"check the rights and the disk of {file.parent}",
        ) from error


def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    _to_wal(cursor)
    # FULL: a report that was claimed must stay claimed after a power cut.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA temp_store=MEMORY")
    # Indexes of addresses and ids are written at random places: an import of a million mails would
    # read and write the same pages again and again. [KiB, taken only where it is used]
    cursor.execute(f"PRAGMA cache_size=-{_CACHE}")
    cursor.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT}").fetchall()
    # What is deleted is overwritten, and not only unlinked; off in the SQLite of some systems.
    cursor.execute("PRAGMA secure_delete=ON").fetchall()
    cursor.close()


@contextmanager
def relaxed(connection: Connection) -> Iterator[None]:
    """Commits of the block are not waited for until they are on the disk (SQLite alone).

    With a write-ahead log that costs the last of them at a power cut, and damages nothing:
    https://www.sqlite.org/pragma.html#pragma_synchronous.
    """
    raw: Any = connection.connection.dbapi_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    raw.execute("PRAGMA synchronous=NORMAL").close()
    try:
        yield
    finally:
        raw.execute("PRAGMA synchronous=FULL").close()


def _to_wal(cursor: sqlite3.Cursor) -> None:
    """Write-ahead logging, once for the file. The switch itself does not wait for others."""
    until = time.monotonic() + PATIENCE
    while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            cursor.execute("PRAGMA journal_mode=WAL").fetchall()
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def _on_begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get(READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Database errors inside the block leave it as StoreError, Busy or (a bug of ours) as StoreError
    without the database's own words, which may quote a row.
    """
    try:
        yield
    except (exc.IntegrityError, exc.DataError, exc.ProgrammingError, exc.StatementError) as error:
        known = explain(error, url) if isinstance(error, exc.DBAPIError) else None
        if known is not None:
            raise known from error
        raise StoreError(
            f"the store refused a row or a statement ({type(error).__name__})",
            hint="this is a mistake in noshow; `noshow doctor` shows the versions to report",
        ) from None
    except exc.SQLAlchemyError as error:
        raise explain(error, url) or StoreError(
            f"the store failed ({type(error).__name__})", hint="run noshow doctor"
        ) from error
    except UnicodeDecodeError:
        # Only text is ever written. The error itself would quote what stands there.
        raise StoreError(
            "the store's file is damaged", hint=WAY_BACK.format(folder=folder_of(url) or "")
        ) from None
    except sqlite3.Error as error:
        raise explain(error, url) or StoreError(
            f"the store failed ({type(error).__name__})", hint="run noshow doctor"
        ) from error
