"""How is the store copied while others use it? `noshow backup FILE`, by SQLite's own online copy.

The copy is whole and of one moment, whatever is written meanwhile, and readable by its owner only.
Logins are not in it: they are made anew on the other machine, or carried by `noshow connect`.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from config.errors import ConfigError, StoreError
from connectors.store.database import copies
from connectors.store.database.troubles import is_sqlite
from jobs.console.outcome import Outcome
from jobs.context import Context


def run(context: Context, *, file: Path) -> Outcome:
    """Copy the store into a new file, and look at the copy. Raises ConfigError, StoreError."""
    url = context.store.database.url
    if not is_sqlite(url):
        raise ConfigError(
            "the store is a PostgreSQL database, which its server copies",
            hint="pg_dump --format=custom; see docs/operations.md",
        )
    if file.exists():
        raise ConfigError(f"{file} is there already", hint="name another file")
    try:
        copies.copy(Path(str(url.database)), file)
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}") from error
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"the store could not be copied ({type(error).__name__})",
            hint=f"check the free space and the rights of {file.parent}; then noshow doctor",
        ) from error
    size = file.stat().st_size / 1_000_000
    return Outcome(lines=(f"wrote {file} ({size:.1f} MB); restore: docs/operations.md",))
