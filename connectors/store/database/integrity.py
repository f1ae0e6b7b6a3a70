"""Is the store's file whole, and what is to be said where it is not?

A disk, a copy or a crash of the machine can leave a file whose rows are not those that were
written. SQLite tells by `quick_check`, in some milliseconds a megabyte; PostgreSQL keeps itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

from config.errors import StoreError
from connectors.store.database.engine import translated
from connectors.store.database.transactions import Database
from connectors.store.database.troubles import WAY_BACK, folder_of, is_sqlite

#: Up to this size [bytes] each command checks the whole file before it believes it: a quarter of a
#: second. Larger ones are checked by doctor, every night, and when something could not be read.
SMALL = 32 << 20


def damaged(url: URL) -> StoreError:
    """The store's file does not hold what was written."""
    return StoreError(
        "the store's file is damaged", hint=WAY_BACK.format(folder=folder_of(url) or "the server")
    )


def check(database: Database, *, at_most: int | None = None) -> None:
    """Look at the whole file, or only if it has at most so many bytes. Raises StoreError.

    Nothing is looked at on PostgreSQL.
    """
    if not is_sqlite(database.url):
        return
    if at_most is not None and Path(str(database.url.database)).stat().st_size > at_most:
        return
    with translated(database.url), database.engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        found = raw.execute("PRAGMA quick_check(1)").fetchone()
    if found is None or found[0] != "ok":
        raise damaged(database.url)


def was_emptied(url: URL) -> bool:
    """Is the file there and empty, though it once held a store? A new one has never been marked."""
    file = Path(str(url.database))
    return is_sqlite(url) and _mark(file).exists() and file.exists() and file.stat().st_size == 0


def mark(url: URL) -> None:
    """Remember beside the file that it holds a store."""
    if is_sqlite(url):
        _mark(Path(str(url.database))).touch(mode=0o600)


def _mark(file: Path) -> Path:
    return file.parent / f"{file.name}.locks" / "made"
