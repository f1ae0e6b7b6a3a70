"""How does everything in the store reach its rows?

One engine, one clock, and two kinds of transaction: `writing` takes the write lock at once,
`reading` never takes it. Also what every writer needs: text and moments that the database and
the frames accept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table, exc, insert, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL

from config.clock import Clock
from connectors.store.database.engine import READS, relaxed, translated
from connectors.store.database.lost import Patience, Unreachable
from connectors.store.database.troubles import is_lost

T = TypeVar("T")
#: SQLite takes 32,766 variables in a statement, PostgreSQL 65,535; a tuple needs two.
CHUNK = 500
#: From so many rows on, they are copied: below, a statement is as fast.
COPIED = 20
#: So many rows are the first of very many.
MANY = 1_000
#: 1970 to 2200: what connectors.model.frames accepts.
LATEST = 7_258_118_400_000_000


class Database:
    """The ground that all parts of the store stand on.

    `patience` waits for the server; `check` is called before each transaction that writes, and raises
    where a lock was lost.
    """

    def __init__(
        self,
        engine: Engine,
        url: URL,
        clock: Clock,
        patience: Patience,
        check: Callable[[], None],
    ) -> None:
        self.engine = engine
        self.url = url
        self.clock = clock
        self.patience = patience
        self._check = check

    def now(self) -> int:
        """The moment by the store's clock [µs UTC]."""
        return self.clock.micros()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that may write: all of the block or nothing. Raises StoreError, Busy.

        Unreachable: the connection was lost, and nothing of the block is stored. Where it was lost
        with the commit under way and the transaction took place, the block ends well.
        """
        self._check()
        number: str | None = None
        try:
            with translated(self.url), self.engine.connect() as connection:
                with connection.begin():
                    yield connection
                    number = _number_of(connection)
        except Unreachable as error:
            cause = error.__cause__
            if number is None or not isinstance(cause, exc.DBAPIError) or not is_lost(cause):
                raise
            if not self.patience.repeat(lambda: self._took_place(number)):
                raise

    def _took_place(self, number: str) -> bool:
        """Was the transaction of this number committed? Raises Unreachable while nobody knows."""
        # A server that lost its memory gives the numbers out once more.
        status = text(
            "SELECT CASE WHEN CAST(:number AS xid8) < pg_snapshot_xmax(pg_current_snapshot())"
            " THEN pg_xact_status(CAST(:number AS xid8)) END"
        )
        with self.reading() as connection:
            found = connection.execute(status, {"number": number}).scalar()
        if found == "in progress":
            raise Unreachable(
                "the connection to the database was lost, and what it was about to store is undecided",
                hint="run it again: what is stored already is not stored twice",
            )
        return bool(found == "committed")

    @contextmanager
    def writing_in_passing(self) -> Iterator[Connection]:
        """As `writing`, for what a power cut may take back: nobody waits until the disk has it."""
        with translated(self.url), self.engine.connect() as connection:
            with relaxed(connection), connection.begin():
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that only reads. Raises StoreError."""
        with translated(self.url), self.engine.connect() as connection:
            quiet = connection.execution_options(**{READS: True})
            with quiet.begin():
                yield quiet


def _number_of(connection: Connection) -> str | None:
    """The number by which the server knows what has become of this transaction; None without rows."""
    if connection.dialect.name == "sqlite":
        return None
    number = text("SELECT CAST(pg_current_xact_id_if_assigned() AS text)")
    found: str | None = connection.execute(number).scalar()
    return found


def chunks(values: Collection[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The distinct values in lists that fit into one statement."""
    ordered = list(dict.fromkeys(values))
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def upsert(connection: Connection, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, in the words of this database."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    # Here: its drivers' modules take a while to load, and most stores are files.
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


@lru_cache(maxsize=64)
def _insert_sql(table: Table, names: tuple[str, ...]) -> str:
    """The statement, with its question marks in the order of the names."""
    columns = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{table.name}" ({columns}) VALUES ({", ".join("?" * len(names))})'  # noqa: S608


def insert_tuples(
    connection: Connection, table: Table, names: tuple[str, ...], rows: list[tuple[Any, ...]]
) -> None:
    """Insert many rows, each the values of at least two columns, in the order of their `names`.

    A mailbox file brings millions: on SQLite they go to the driver as they are, without a look of
    SQLAlchemy at each value, and to PostgreSQL by COPY where they are many.
    """
    if not rows:
        return
    if connection.dialect.name != "sqlite":
        if len(rows) >= COPIED:
            _copy(connection, table, names, rows)
        else:
            connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in rows])
        if len(rows) >= MANY:
            _count_once(connection, table)
        return
    connection.exec_driver_sql(_insert_sql(table, names), rows)


def _copy(
    connection: Connection, table: Table, names: tuple[str, ...], rows: list[tuple[Any, ...]]
) -> None:
    """Let PostgreSQL read the rows from a stream, which spares it a statement a row."""
    columns = ", ".join(f'"{name}"' for name in names)
    statement = f'COPY "{table.name}" ({columns}) FROM STDIN'
    proxied: Any = connection.connection
    try:
        with proxied.driver_connection.cursor() as cursor, cursor.copy(statement) as stream:
            for row in rows:
                stream.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        # SQLAlchemy knows nothing of COPY; what it would do is done here.
        lost = connection.dialect.is_disconnect(error, proxied.driver_connection, None)
        if lost:
            connection.invalidate(error)
        raise exc.DBAPIError.instance(
            statement,
            None,
            error,
            connection.dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=connection.dialect,
        ) from error


def _count_once(connection: Connection, table: Table) -> None:
    """Let PostgreSQL count a table that it knows nothing of.

    It does so by itself within minutes. Until then it takes a mailbox for a few rows, and reads all of
    it where a page asks which of its mails are there: a first import would take the square of its time.
    """
    known = text("SELECT reltuples >= 0 FROM pg_class WHERE oid = CAST(:name AS regclass)")
    if not connection.execute(known, {"name": f'"{table.name}"'}).scalar():
        connection.execute(text(f'ANALYZE "{table.name}"'))


def draw_numbers(connection: Connection, table: Table, count: int) -> Sequence[int]:
    """`count` numbers for new rows of a table that the store itself numbers (columns.row_id), rising.

    None of them was ever used. On SQLite the writer has the lock, and the row takes its number.
    """
    if connection.dialect.name == "sqlite":
        used = connection.exec_driver_sql(
            "SELECT seq FROM sqlite_sequence WHERE name = ?", (table.name,)
        ).scalar()
        return range((used or 0) + 1, (used or 0) + 1 + count)
    (column,) = table.primary_key.columns
    drawn = text(
        "SELECT nextval(pg_get_serial_sequence(:name, :number)) FROM generate_series(1, :count)"
    )
    values = {"name": table.name, "number": column.name, "count": count}
    return sorted(connection.execute(drawn, values).scalars())


def insert_once(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row with its text cleaned; False where its natural key is there already."""
    values = {
        name: clean(value) if isinstance(value, str) else value for name, value in row.items()
    }
    statement = upsert(connection, table).values(values).on_conflict_do_nothing()
    made = connection.execute(statement.returning(*table.primary_key.columns))
    return made.first() is not None


def clean(text: str) -> str:
    """Text that both databases store: without NUL (PostgreSQL refuses it) and lone surrogates."""
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def moment(micros: int | None) -> int | None:
    """The moment, or None where it is absurd: outside 1970 to 2200 no frame could hold it."""
    return micros if micros is not None and 0 <= micros < LATEST else None


def small(number: int) -> int:
    """A count that fits a 32-bit column of any reader; SEQUENCE and sizes can be anything."""
    return max(-(2**31), min(number, 2**31 - 1))
