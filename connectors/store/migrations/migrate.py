"""Is the store of this version, and how is it brought up to it?

Every version of the tables is an Alembic revision inside the package. A store that is older is
copied beside itself and migrated at opening, by one process while nobody else has it open, in one
transaction; one that is newer is refused. A new one gets the tables as they are now, which takes a
fifth of the time of making the first version's and changing them.
"""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    insert,
    inspect,
    select,
)
from sqlalchemy.engine import URL

from config.clock import Clock
from config.errors import Busy, StoreError
from connectors.store.coordination.locks import Locks
from connectors.store.database import copies
from connectors.store.database.engine import READS, translated
from connectors.store.tables.schema import METADATA

if TYPE_CHECKING:
    from alembic.config import Config

#: Another process that opens a new store at the same time is done within this [s].
_PATIENCE = 30.0
_PAUSE = 0.05
_HERE = Path(__file__).parent
_NUMBER = re.compile(r"\d{4}")
#: Where Alembic writes the version down, as it makes this table itself.
_VERSIONS = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def settings() -> Config:
    """Alembic's configuration: scripts beside this file, no ini file, no output."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HERE))
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
                locks.keep_to(select(_VERSIONS.c.version_num))
                return held
        except BaseException:
            held.close()
            raise
        held.close()
        try:
            with locks.migration():
                if not _is_current(engine, url):
                    old = _version(engine, url)
                    if old is not None:
                        copies.before_update(url, old)
                    with translated(url), engine.begin() as connection:
                        upgrade(connection) if old is not None else create(connection)
        except Busy:
            # Perhaps by somebody who is doing just this: then it will be current in a moment.
            if left <= 0:
                raise
            clock.sleep(_PAUSE)
            left -= _PAUSE


def create(connection: Connection) -> None:
    """Make all tables of this version in an empty database, in the transaction of this connection."""
    METADATA.create_all(connection, checkfirst=False)
    _VERSIONS.create(connection)
    connection.execute(insert(_VERSIONS).values(version_num=_versions()[-1]))


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to a revision in the transaction of this connection."""
    # Only an old store pays for loading it.
    from alembic import command

    config = settings()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _versions() -> list[str]:
    """The versions that this noshow knows, the newest last."""
    return sorted(path.stem[1:5] for path in (_HERE / "versions").glob("v[0-9]*.py"))


def _is_current(engine: Engine, url: URL) -> bool:
    """Whether the store is of this version. Raises StoreError where it is of a newer one."""
    known = _versions()
    found = _version(engine, url)
    if found is None:
        return False
    if found not in known and not _NUMBER.fullmatch(found):
        raise StoreError(
            "the database holds the tables of another program",
            hint="give noshow a database of its own in [store] url",
        )
    if found not in known:
        raise StoreError(
            f"the store was written by a newer noshow (its tables are of version {found})",
            hint="update noshow, or point [store] url to another store",
        )
    return bool(found == known[-1])


def _version(engine: Engine, url: URL) -> str | None:
    """The version of the tables; None where there are none yet."""
    with translated(url), engine.connect() as connection:
        with connection.execution_options(**{READS: True}).begin():
            if not inspect(connection).has_table(_VERSIONS.name):
                return None
            found = connection.execute(select(_VERSIONS.c.version_num)).scalar()
    return None if found is None else str(found)
