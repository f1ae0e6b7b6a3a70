"""How does one read a frame row by row, where words are made of it?

Detection works on columns; a report prints single rows, and here missing values become None.
"""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from reports.columns.text import arrow


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows as named tuples, in their order; their types are those of the frame's schema."""
    if len(frame):
        made = _named(tuple(frame.columns))._make
        yield from map(made, zip(*(_cells(values) for _, values in frame.items()), strict=True))


def _cells(values: pd.Series) -> Iterable[Any]:
    """The cells of a column. At once where that gives the same: one by one each costs ten times as much."""
    cells: Iterable[Any] = values
    if isinstance(values.dtype, pd.StringDtype) and not values.hasnans:
        cells = arrow(values).to_pylist()
    elif isinstance(values.dtype, np.dtype) and values.dtype.kind in "biufO":
        cells = values.to_numpy().tolist()
    return cells


@lru_cache(maxsize=256)
def _named(labels: tuple[str, ...]) -> Any:
    """A class of tuples, made once for each set of columns: it costs more than a hundred rows."""
    return namedtuple("Row", labels, rename=True)


def moment(value: Any) -> pd.Timestamp | None:
    """An instant, or None for NaT."""
    if value is None or pd.isna(value):
        return None
    stamp: pd.Timestamp = pd.Timestamp(value)
    return stamp


def number(value: Any) -> float | None:
    """A number, or None for NaN and infinities."""
    found = float(value)
    return found if math.isfinite(found) else None
