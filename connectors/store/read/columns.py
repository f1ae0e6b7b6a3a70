"""How do the rows of a query become a frame, column by column?

Of each cell as little is asked as can be: a store has tens of millions of them. Whole numbers that
are moments or flags become so at once, each column in one piece, without a float or an object
between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import CursorResult

from connectors.model.schemas import SCHEMAS, Kind

#: Runs one SELECT and gives it as a frame.
Read = Callable[[str], pd.DataFrame]

#: The driver of SQLite makes 1,024 rows a piece by itself, and each piece of a column costs. Of these
#: no piece holds the 2 GB of text which are its bound.
LARGE_PIECES: Final = {"adbc.sqlite.query.batch_rows": "32768"}

#: How arrays of moments write that there is none.
_NEVER: Final = int(np.datetime64("NaT").astype("int64"))


def _named(kind: Kind) -> frozenset[str]:
    return frozenset(
        name
        for schema in SCHEMAS.values()
        for name, column in schema.items()
        if column.kind == kind
    )


_INSTANTS: Final = _named("instant")
_FLAGS: Final = _named("flag")


def by_rows(result: CursorResult[Any]) -> pd.DataFrame:
    """The rows of a statement as a frame; its cells are objects, but for moments."""
    names = list(result.keys())
    rows = result.cursor.fetchall()
    result.close()
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return pd.DataFrame(
        {
            # By object, else a missing number would make a column of floats.
            name: _moments(values) if name in _INSTANTS else pd.Series(list(values), dtype=object)
            for name, values in zip(names, columns, strict=True)
        }
    )


def _moments(values: Sequence[int | None]) -> pd.Series:
    """Whole numbers with gaps as moments, without a float between."""
    whole = np.array([_NEVER if one is None else one for one in values], dtype="int64")
    return pd.Series(whole.view("datetime64[us]")).dt.tz_localize("UTC")


def by_arrow(connection: Any, options: Mapping[str, str] | None = None) -> Read:
    """A reader through this connection of ADBC; options: of its driver's statements.

    Arrow's own allocator hands freed pages back at once, and gets each anew from the kernel: of all that
    a large report takes that was a tenth. From here on the process allocates as everything else in it.
    """
    pa.set_memory_pool(pa.system_memory_pool())

    def read(query: str) -> pd.DataFrame:
        with connection.cursor(adbc_stmt_kwargs=options) as cursor:
            cursor.execute(query)
            table = cursor.fetch_arrow_table()
        # Else text that is none would be found by whoever reads it, one letter at a time.
        if not table.num_rows:
            return _no_rows(tuple(zip(table.schema.names, table.schema.types, strict=True)))
        table.validate(full=True)
        columns = {}
        for field in table.schema:
            columns[field.name] = _column(field.name, table.column(field.name))
        return pd.DataFrame(columns)

    return read


def _no_rows(columns: tuple[tuple[str, pa.DataType], ...]) -> pd.DataFrame:
    return _made_once(columns).copy(deep=False)


@lru_cache(maxsize=256)
def _made_once(columns: tuple[tuple[str, pa.DataType], ...]) -> pd.DataFrame:
    """A frame of no rows: most tables of a small store have none."""
    return pd.DataFrame({name: _column(name, pa.chunked_array([], kind)) for name, kind in columns})


def give_back() -> None:
    """What reading took beyond the columns goes back to the system, for what is done with them."""
    pa.default_memory_pool().release_unused()


def _column(name: str, cells: pa.ChunkedArray) -> pd.Series:
    """The column in one piece: whoever filters one pays for each of its pieces."""
    pieces = [_typed(name, piece) for piece in cells.chunks]
    whole = pa.concat_arrays(pieces or [_typed(name, pa.array([], cells.type))])
    if pa.types.is_large_string(whole.type):
        return pd.Series(pd.array(whole, dtype="str"))
    found: pd.Series = whole.to_pandas()
    return found


def _typed(name: str, cells: pa.Array) -> pa.Array:
    if name in _INSTANTS:
        # Whole numbers with gaps would become floats; moments keep them exactly.
        return cells.cast(pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    if name in _FLAGS and pa.types.is_integer(cells.type):
        return cells.cast(pa.bool_())
    return cells.cast(pa.large_string()) if pa.types.is_string(cells.type) else cells
