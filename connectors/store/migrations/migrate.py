"""Is the store of this version, and how is it brought up to it?

Every version of the tables is an Alembic revision inside the package. A store that is older is
migrated at opening, by one process while nobody else has it open, in one transaction; one that is
newer is refused.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL

from config.clock import Clock
from config.errors import Busy, StoreError
from connectors.store.engine import READS, translated
from connectors.store.locks import Locks

#: Another process that opens a new store at the same time is done within this [s].
_PATIENCE = 30.0
_PAUSE = 0.05


def settings() -> Config:
    """Alembic's configuration: scripts beside this file, no ini file, no output."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def opened(engine: Engine, url: URL, locks: Locks, clock: Clock) -> ExitStack:
    """Bring the store up to date; the stack holds the shared lock while the store is in use.

    Raises StoreError for a newer store, Busy where it must be migrated and is in use.
    """
    left = _PATIENCE
    while True:
        held = ExitStack()
        try:
            held.enter_context(locks.in_use(wait=left))
            if _is_current(engine, url):
                return held
        except BaseException:
            held.close()
            raise
        held.close()
        try:
            with locks.migration():
                if not _is_current(engine, url):
                    with translated(url), engine.begin() as connection:
                        upgrade(connection)
        except Busy:
            # Perhaps by somebody who is doing just this: then it will be current in a moment.
            if left <= 0:
                raise
            clock.sleep(_PAUSE)
            left -= _PAUSE


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to a revision in the transaction of this connection."""
    config = settings()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _is_current(engine: Engine, url: URL) -> bool:
    """Whether the store is of this version. Raises StoreError where it is of a newer one."""
    script = ScriptDirectory.from_config(settings())
    with translated(url), engine.connect() as connection:
        with connection.execution_options(**{READS: True}).begin():
            found = MigrationContext.configure(connection).get_current_revision()
    if found is None:
        return False
    try:
        script.get_revision(found)
    except CommandError as error:
        raise StoreError(
            f"the store was written by a newer noshow (its tables are of version {found})",
            hint="update noshow, or point [store] url to another store",
        ) from error
    return found == script.get_current_head()
