"""Where does another process stand? It is held there until the test has done what it came for."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def held(database: Path, mails: int, *, within: float = 120.0) -> Iterator[int]:
    """Nobody else writes to the database while the block runs; gives how many mails it holds.

    It begins when at least so many are stored. What another process is importing can neither end nor
    go on meanwhile, however fast it is: it waits for the database. Within its patience [30 s] the
    block must be over.
    """
    limit = time.monotonic() + within
    while stored(database) < mails:
        assert time.monotonic() < limit, f"{mails} mails did not come"
        time.sleep(0.02)
    with closing(sqlite3.connect(database, timeout=20, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        (count,) = connection.execute("SELECT count(*) FROM messages").fetchone()
        yield int(count)


def stored(database: Path) -> int:
    """How many mails another process has committed; 0 before there is a store."""
    if not database.exists():
        return 0
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)) as connection:
        try:
            (count,) = connection.execute("SELECT count(*) FROM messages").fetchone()
        except sqlite3.OperationalError:
            return 0
    return int(count)
