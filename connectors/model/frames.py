"""How do facts become frames of a known shape?

`enforce` makes any frame fit its schema (connectors.model.schemas) or raises: in pandas 3 empty and
all-null columns lose their type, `s != x` is True for missing text, and years 1 and 4501 are
accepted silently.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa

from config.errors import StoreError
from connectors.model.schemas import SCHEMAS, Column, Schema

_EARLIEST = np.datetime64("1970-01-01", "us")
_LATEST = np.datetime64("2200-01-01", "us")


@dataclass(frozen=True)
class Frames:
    """All facts of one store as of one moment, each frame by its schema (see SCHEMAS)."""

    mailboxes: pd.DataFrame
    meetings: pd.DataFrame
    observations: pd.DataFrame
    guests: pd.DataFrame
    messages: pd.DataFrame
    recipients: pd.DataFrame
    attendance: pd.DataFrame
    calls: pd.DataFrame
    tags: pd.DataFrame
    promises: pd.DataFrame
    claims: pd.DataFrame
    answers: pd.DataFrame
    pending: pd.DataFrame
    losses: pd.DataFrame
    polls: pd.DataFrame
    memory: pd.DataFrame
    standings: pd.DataFrame

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(
                self,
                field.name,
                enforce(getattr(self, field.name), SCHEMAS[field.name], field.name),
            )

    def __iter__(self) -> Iterator[tuple[str, pd.DataFrame]]:
        return ((field.name, getattr(self, field.name)) for field in fields(self))


def empty(schema: Schema) -> pd.DataFrame:
    """A frame of no rows that fits the schema."""
    return _empty(tuple(schema.items())).copy(deep=False)


@lru_cache(maxsize=256)
def _empty(columns: tuple[tuple[str, Column], ...]) -> pd.DataFrame:
    """Made once: a first run, a small store and every small test have dozens of them."""
    return pd.DataFrame({name: pd.Series([], dtype=column.dtype) for name, column in columns})


def empty_frames(**given: pd.DataFrame) -> Frames:
    """Frames of no facts but the given ones: the start of every small test and first run."""
    return Frames(**{name: given.get(name, empty(schema)) for name, schema in SCHEMAS.items()})


def enforce(frame: pd.DataFrame, schema: Schema, name: str = "frame") -> pd.DataFrame:
    """The frame with exactly the schema's columns, in its order and dtypes; the input is untouched.

    Instants may come as integer microseconds UTC or as datetimes with a zone; missing text
    becomes "". Raises StoreError where a column is missing, cannot be converted, holds a null
    that the schema forbids, or an instant outside 1970 to 2200.
    """
    if _fits(frame, schema):
        for label, column in schema.items():
            if column.kind == "instant" and len(frame):
                _check_instants(frame[label], column, f"{name}.{label}")
        return frame.copy(deep=False)
    if not len(frame) and all(label in frame.columns for label in schema):
        # Nothing is there that could not be converted, and most tables of a small store are empty.
        return empty(schema)
    columns: dict[str, pd.Series] = {}
    index = pd.RangeIndex(len(frame))
    frame = frame.set_axis(index, axis=0)
    for label, column in schema.items():
        if label not in frame.columns:
            raise StoreError(f"{name}: the column {label!r} is missing")
        try:
            columns[label] = _convert(frame[label], column)
        except (TypeError, ValueError, OverflowError) as error:
            raise StoreError(
                f"{name}.{label}: not {column.kind}: {type(error).__name__}"
            ) from error
        if column.kind == "instant":
            _check_instants(columns[label], column, f"{name}.{label}")
    return pd.DataFrame(columns, index=index)


def _fits(frame: pd.DataFrame, schema: Schema) -> bool:
    """Is it as `enforce` would make it, but for instants out of bounds? Most frames come from there,
    and to convert each of their columns into itself was most of what a small report cost.
    """
    index, labels = frame.index, frame.columns
    if not (
        isinstance(index, pd.RangeIndex)
        and (index.start, index.step, index.name) == (0, 1, None)
        and (str(labels.dtype), labels.name) == ("str", None)
        and labels.tolist() == list(schema)
    ):
        return False
    columns = schema.values()
    if any(dtype != one.dtype for dtype, one in zip(frame.dtypes, columns, strict=True)):
        return False
    texts = [label for label, column in schema.items() if column.kind == "text"]
    return not len(frame) or not any(frame[label].hasnans for label in texts)


def _convert(values: pd.Series, column: Column) -> pd.Series:
    if values.dtype == column.dtype and (column.kind != "text" or not values.hasnans):
        return values
    if column.kind == "instant":
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            converted: pd.Series = values.dt.tz_convert("UTC").astype("datetime64[us, UTC]")
            return converted
        if len(values) == 0 or values.isna().all():
            return pd.Series(pd.NaT, index=values.index, dtype="datetime64[us, UTC]")
        if values.dtype == object and isinstance(values.dropna().iloc[0], pd.Timestamp):
            return pd.to_datetime(values, utc=True).astype("datetime64[us, UTC]")
        whole = values.astype("Int64")
        filled: pd.Series = whole.fillna(0).astype("int64").astype("datetime64[us]")
        known: pd.Series = filled.dt.tz_localize("UTC").where(whole.notna().astype(bool))
        return known
    if column.kind == "text":
        if values.dtype == object:
            try:
                # As below, at a fifth of its time: but only where all that is there is text.
                texts = pa.array(values, type=pa.large_string(), from_pandas=True)
                return pd.Series(pd.array(texts.fill_null(""), dtype="str"))
            except (pa.ArrowInvalid, pa.ArrowTypeError):
                pass
        if values.dtype == column.dtype:
            return values.fillna("")
        return values.astype("str").where(values.notna(), "").astype("str")
    if column.kind == "number":
        return values.astype("float64")
    if column.kind == "flag":
        if values.isna().any():
            raise ValueError("a flag is missing")
        return values.astype("bool")
    if values.isna().any():
        raise ValueError("a number is missing")
    return values.astype("int64")


def _check_instants(series: pd.Series, column: Column, place: str) -> None:
    if not len(series):
        return
    moments = series.to_numpy("datetime64[us]")
    if not column.null and np.isnat(moments).any():
        raise StoreError(f"{place}: a moment is missing")
    # Both leave out what is missing.
    if np.fmin.reduce(moments) < _EARLIEST or np.fmax.reduce(moments) > _LATEST:
        raise StoreError(f"{place}: a moment lies outside 1970 to 2200")
