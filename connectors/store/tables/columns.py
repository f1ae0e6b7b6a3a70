"""Of what kinds are the columns of the store, and how are its tables named?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex
from sqlalchemy.sql.compiler import DDLCompiler

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_WHERE = "where"
#: SQLite numbers rows by itself only in a column of the type INTEGER.
BIG = BigInteger().with_variant(Integer, "sqlite")


def row_id(name: str) -> Column[int]:
    return Column(name, BIG, primary_key=True, autoincrement=True)


def text(name: str, **options: Any) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="", **options)


def flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def count(name: str, default: int = 0) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=str(default))


def instant(name: str, *, null: bool = True) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


def of_mailbox(*, named: str | None = None, **options: Any) -> Column[int]:
    """The mailbox that a row is of. named: what its foreign key is called, where it is not as all are."""
    return Column(
        "mailbox_id",
        BIG,
        ForeignKey("mailboxes.mailbox_id", name=named, ondelete="CASCADE"),
        nullable=False,
        **options,
    )


def table(name: str, *parts: Any, **options: Any) -> Table:
    # Row numbers are never used twice: "in order of arrival" must survive a deletion.
    counted = any(_counts(part) for part in parts)
    return Table(name, METADATA, *parts, sqlite_autoincrement=counted, **options)


def _counts(part: Any) -> bool:
    return isinstance(part, Column) and part.primary_key and part.autoincrement is True


def some(name: str, column: str, where: str) -> Index:
    """An index of those rows alone of which the words of SQL are true; a query must use the same words."""
    # Not by the options of each database: to check them SQLAlchemy loads both, for every command.
    return Index(name, column, info={_WHERE: where})


@compiles(CreateIndex)
def _create_index(element: CreateIndex, compiler: DDLCompiler, **options: Any) -> str:
    where = element.element.info.get(_WHERE)
    words: str = compiler.visit_create_index(element, **options)  # type: ignore[no-untyped-call]
    return f"{words} WHERE {where}" if where else words
