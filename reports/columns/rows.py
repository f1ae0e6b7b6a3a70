"""How does one read a frame row by row, where words are made of it?

Detection works on columns; a report prints single rows, and here missing values become None.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows as named tuples, in their order; their types are those of the frame's schema."""
    yield from frame.itertuples(index=False, name="Row")


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
