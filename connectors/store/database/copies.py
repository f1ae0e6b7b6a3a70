"""How is a SQLite store copied whole while others use it, and which copies does noshow keep itself?

Before a store is brought up to a newer version, it is copied beside itself: should the new version
be unfit, the old one finds its store as it was. Such a copy holds what the store holds, so whoever is
forgotten goes from it, too, by its removal; and it ends after a month.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy.engine import URL

from config.errors import StoreError
from connectors.store.database.engine import PATIENCE
from connectors.store.database.troubles import is_sqlite

#: A copy from before an update is removed after this [s].
KEPT = 30 * 24 * 3600.0


def copy(source: Path, target: Path) -> None:
    """Copy the store into the file `target`, whole and of one moment, readable by its owner only.

    Raises OSError and sqlite3.Error; StoreError where the copy is not whole. What fails leaves no file.
    """
    # A name of its own: two may copy at once, and what lies there is somebody else's.
    rough = target.with_name(f".{target.name[:200]}.{secrets.token_hex(4)}.part")
    try:
        os.close(os.open(rough, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600))
        with (
            closing(sqlite3.connect(source, timeout=PATIENCE)) as original,
            closing(sqlite3.connect(rough)) as made,
        ):
            original.backup(made)
            # One file: a copy in the mode of its original wants a log beside it.
            made.execute("PRAGMA journal_mode=DELETE").fetchall()
            (found,) = made.execute("PRAGMA quick_check").fetchone()
        if found != "ok":
            raise StoreError("the copy is not whole", hint="run noshow doctor")
        rough.replace(target)
    finally:
        rough.unlink(missing_ok=True)


def before_update(url: URL, version: str) -> Path | None:
    """Copy the store of this version beside itself, in place of earlier such copies.

    None for PostgreSQL, which its server copies. Raises StoreError where no copy can be made.
    """
    if not is_sqlite(url):
        return None
    place = Path(str(url.database))
    target = place.with_name(f"{place.stem}-before-update-{version}{place.suffix}")
    try:
        copy(place, target)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            "the store is of an older version, and could not be copied before its update",
            hint=f"free as much space in {place.parent} as the store takes, and try again",
        ) from error
    for one in kept(url):
        if one != target:
            one.unlink(missing_ok=True)
    return target


def kept(url: URL) -> list[Path]:
    """The copies from before an update."""
    if not is_sqlite(url):
        return []
    place = Path(str(url.database))
    return sorted(place.parent.glob(f"{place.stem}-before-update-*{place.suffix}"))


def remove(url: URL, *, older: float = 0.0) -> None:
    """Remove the copies from before an update that are older than this [s]."""
    for one in kept(url):
        with suppress(OSError):
            if time.time() - one.stat().st_mtime >= older:
                one.unlink()
