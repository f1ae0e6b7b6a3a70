"""How are tables narrowed, ordered and joined at the price of their rows?

A call of pandas has a fixed price, beside which some hundred rows weigh nothing, and a detection of a
few mails is hundreds of such calls. What is asked for most often is answered here for small tables by
NumPy on one whole number for each value; large ones go to pandas. Both say the same, row for row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from reports.columns import keys, text
from reports.columns.instants import Flags, Ints

#: Up to so many rows the fixed price is most of a call.
FEW: Final = 2_000
_LAST: Final = np.iinfo(np.int64).max


def narrow(frame: pd.DataFrame, labels: Iterable[str]) -> pd.DataFrame:
    """These columns, as `frame[labels]`, at a fourth of its fixed price. Raises KeyError for none."""
    place = frame.columns.get_loc
    return frame.take(np.array([place(one) for one in labels], dtype="intp"), axis=1)


def kept(
    frame: pd.DataFrame, flags: pd.Series | Flags, labels: Iterable[str] | None = None
) -> pd.DataFrame:
    """The rows where the flag holds, by position, of all columns or these; with their index.

    flags: bool, without missing ones, one for each row. Raises ValueError for more or fewer.
    """
    chosen = frame if labels is None else narrow(frame, labels)
    wanted = flags if isinstance(flags, np.ndarray) else flags.to_numpy(dtype=bool)
    if len(wanted) != len(frame):
        raise ValueError(f"{len(wanted)} flags for {len(frame)} rows")
    if wanted.all():
        return chosen.copy(deep=False)
    # Of little, often nothing is wanted. Of much, a part would keep the whole alive.
    if len(frame) <= FEW and not wanted.any():
        return chosen.iloc[:0]
    return chosen.take(np.flatnonzero(wanted))


def put(frame: pd.DataFrame, flags: pd.Series | Flags, labels: Sequence[str], values: Any) -> None:
    """As `frame.loc[flags, labels] = values`, and nothing is done where no flag holds."""
    if np.asarray(flags, dtype=bool).any():
        frame.loc[flags, list(labels)] = values


def once(
    frame: pd.DataFrame,
    labels: str | Sequence[str] | None = None,
    keep: Literal["first", "last"] = "first",
    *,
    ignore_index: bool = False,
) -> pd.DataFrame:
    """As `drop_duplicates`: of rows that are equal in these columns (None: in all) the first or last."""
    if len(frame) > FEW:
        again = frame.duplicated(labels, keep=keep).to_numpy()
        if again.any():
            frame = frame.loc[~again]
    elif len(frame) > 1:
        names = frame.columns if labels is None else _listed(labels)
        numbers = _together([_numbers(frame[name]) for name in names])
        if keep == "last":
            numbers = numbers[::-1]
        first = np.sort(np.unique(numbers, return_index=True)[1])
        if len(first) < len(frame):
            frame = frame.take(first if keep == "first" else len(frame) - 1 - first[::-1])
    return _counted(frame) if ignore_index else frame.copy(deep=False)


def ordered(
    frame: pd.DataFrame,
    by: str | Sequence[str],
    ascending: bool | Sequence[bool] = True,
    *,
    ignore_index: bool = False,
) -> pd.DataFrame:
    """As `sort_values` by columns, missing values last; equal rows stay in their order."""
    names = _listed(by)
    if len(frame) > 1:
        ways = [ascending] * len(names) if isinstance(ascending, bool) else ascending
        ranks = [_ranks(frame[name], up) for name, up in zip(names, ways, strict=True)]
        if not _in_order(ranks):
            frame = frame.take(np.lexsort(ranks[::-1]))
    return _counted(frame) if ignore_index else frame.copy(deep=False)


def _in_order(ranks: Sequence[npt.NDArray[Any]]) -> bool:
    """Do the rows stand in the order of these ranks? Much of what is ordered has been before."""
    equal: Flags | None = None
    for one in ranks:
        later, earlier = one[1:], one[:-1]
        before = later < earlier
        if (before if equal is None else before & equal).any():
            return False
        same = later == earlier
        equal = same if equal is None else equal & same
    return True


def joined(
    left: pd.DataFrame,
    right: pd.DataFrame,
    on: str | Sequence[str],
    how: Literal["inner", "left"] = "inner",
) -> pd.DataFrame:
    """As `left.merge(right, on=on, how=how)`: in the order of `left`, and of `right` within."""
    names = _listed(on)
    others = [name for name in right.columns if name not in names]
    if any(name in left.columns for name in others) or any(
        left[name].dtype != right[name].dtype for name in names
    ):
        return left.merge(right, on=names, how=how)
    if len(left) + len(right) > FEW:
        found = _by_number(left, right, names, others) if how == "inner" else None
        return left.merge(right, on=names, how=how) if found is None else found
    both = [_numbers(left[name], right[name]) for name in names]
    numbers = _together(both)
    mine, theirs = numbers[: len(left)], numbers[len(left) :]
    order = np.argsort(theirs, kind="stable")
    sought = theirs[order]
    first = np.searchsorted(sought, mine, side="left")
    many = np.searchsorted(sought, mine, side="right") - first
    if how == "left" and not many.all():
        return left.merge(right, on=names, how=how)
    rows = np.repeat(np.arange(len(left)), many)
    places = order[np.repeat(first - np.cumsum(many) + many, many) + np.arange(len(rows))]
    whole = len(rows) == len(left) and bool(many.all())
    table = _counted(left.copy(deep=False) if whole else left.take(rows))
    return _with(table, right, others, places)


def _by_number(
    left: pd.DataFrame, right: pd.DataFrame, names: Sequence[str], others: Sequence[str]
) -> pd.DataFrame | None:
    """The inner join on a whole number that `right` holds in order, each once; None for another."""
    if len(names) > 1 or left[names[0]].dtype != np.dtype("int64"):
        return None
    known = right[names[0]].to_numpy()
    if not len(known) or not (known[1:] > known[:-1]).all():
        return None
    place, held = keys.places(known, left[names[0]].to_numpy())
    return _with(_counted(kept(left, held)), right, others, place[held])


def _with(
    table: pd.DataFrame, right: pd.DataFrame, others: Sequence[str], places: Ints
) -> pd.DataFrame:
    """The table with these columns of the rows of `right` at these places; its index is 0, 1, ..."""
    for name in others:
        column = right[name]
        # As a column an array of objects would be taken for text.
        plain = column.dtype != object
        table[name] = (
            column.array.take(places) if plain else column.take(places).set_axis(table.index)
        )
    return table


def _listed(labels: str | Sequence[str]) -> list[str]:
    return [labels] if isinstance(labels, str) else list(labels)


def _counted(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows with the index 0, 1, ..."""
    return frame.set_axis(pd.RangeIndex(len(frame)), axis=0)


def _numbers(*columns: pd.Series) -> Ints:
    """A whole number for each value of these columns, one below the other: equal where the values are."""
    dtype = columns[0].dtype
    if isinstance(dtype, pd.StringDtype):
        parts = [text.cells(one) for one in columns]
        coded = pa.concat_arrays(parts).dictionary_encode(null_encoding="encode")
        codes: Ints = coded.indices.to_numpy().astype("int64")
        return codes
    if isinstance(dtype, pd.DatetimeTZDtype):
        raw = [one.to_numpy(f"datetime64[{dtype.unit}]").astype("int64") for one in columns]
    else:
        raw = [one.to_numpy() for one in columns]
    values = np.concatenate(raw) if len(raw) > 1 else raw[0]
    if values.dtype.kind in "iub":
        return values.astype("int64")
    if values.dtype.kind == "M":
        return values.view("int64")
    return pd.factorize(values, use_na_sentinel=False)[0].astype("int64")


def _together(numbers: Sequence[Ints]) -> Ints:
    """One number for each combination."""
    found, *others = numbers
    for other in others:
        found, each = pd.factorize(found)[0], pd.factorize(other)[0]
        found = found * (int(each.max(initial=0)) + 1) + each
    return found.astype("int64")


def _ranks(column: pd.Series, up: bool) -> npt.NDArray[np.generic]:
    """What orders the values as pandas does, missing ones last; down where not `up`."""
    dtype = column.dtype
    if isinstance(dtype, pd.StringDtype):
        array = text.cells(column).dictionary_encode()
        order = pc.array_sort_indices(array.dictionary).to_numpy()
        place = np.empty(len(order), dtype="int64")
        place[order] = np.arange(len(order))
        known = array.indices.is_valid().to_numpy(zero_copy_only=False)
        codes = array.indices.fill_null(0).to_numpy()
        ranks = place[codes] if len(order) else np.zeros(len(codes), dtype="int64")
    elif isinstance(dtype, pd.DatetimeTZDtype):
        ranks = column.to_numpy(f"datetime64[{dtype.unit}]").astype("int64")
        known = ranks != np.iinfo(np.int64).min
    elif dtype.kind in "iub":
        ranks, known = column.to_numpy().astype("int64"), np.ones(len(column), dtype=bool)
    else:
        codes, _ = pd.factorize(column.to_numpy(), sort=True)
        ranks, known = codes.astype("int64"), codes >= 0
    # Not the negative: the least whole number has none.
    return np.where(known, ranks if up else ~ranks, _LAST)
