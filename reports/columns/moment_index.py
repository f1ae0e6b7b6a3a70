"""What did somebody do next after a moment, or last before it?

The one question that silence, absence, debts and promises share, answered for a million pairs at
once by a binary search over (person, moment).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from reports.columns import tables
from reports.columns.instants import NONE, Ints, micros, whole_instants
from reports.columns.text import one_piece

#: Keys and moments together fit one whole number below it.
NONE_BELOW: Final = -NONE


def _arrow(key: pd.Series) -> pa.Array:
    return one_piece(pa.array(key, from_pandas=True))


def _distinct(ordered: Ints) -> tuple[Ints, Ints]:
    """Sorted values, each once, and the place of each among them.

    NumPy's own `unique` hashes, which is many times slower.
    """
    first = np.ones(len(ordered), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first], np.cumsum(first) - 1


class Timeline:
    """Moments by key (a contact, a conversation, or both joined). Order and repeats do not matter."""

    def __init__(self, key: pd.Series, at: pd.Series) -> None:
        known = at.notna().to_numpy()
        when = micros(at)[known]
        keys = _arrow(key).filter(pa.array(known))
        coded = keys.dictionary_encode()
        self._keys, code = coded.dictionary, coded.indices.to_numpy().astype("int64")
        first, last = (int(when.min()), int(when.max())) if len(when) else (0, 0)
        self._first_moment, span = first, last - first
        #: The moments that count; None where every microsecond between the first and the last does.
        self._moments: Ints | None = None
        if (span + 2) * (len(self._keys) + 1) < NONE_BELOW:
            self._wide = span + 2
            place = code * self._wide + (when - self._first_moment)
        else:
            order = np.argsort(when)
            self._moments, rank = _distinct(when[order])
            self._wide = len(self._moments) + 1
            place = code[order] * self._wide + rank
        if (place[1:] < place[:-1]).any():
            place = np.sort(place)
        self._places, _ = _distinct(place)
        self._first = np.searchsorted(self._places, np.arange(len(self._keys)) * self._wide)

    @classmethod
    def of(cls, *parts: pd.DataFrame) -> Timeline:
        """The moments `at` by `contact` of all these tables."""
        given = [tables.narrow(part, ["contact", "at"]) for part in parts if len(part)]
        given = given or [joined([])]
        table = pd.concat(given, ignore_index=True)
        return cls(table["contact"], table["at"])

    def after(self, key: pd.Series, at: pd.Series, *, same: bool = False) -> pd.Series:
        """The first moment of the key later than `at` (`same`: or equal); NaT where none.

        key, at: aligned; the result has their index. A NaT `at` has no moment after it.
        """
        code, found = self._code(key), micros(at)
        rank = self._rank(found, with_it=not same)
        index = np.searchsorted(self._places, code * self._wide + rank)
        return self._moment(index, code, found, key.index)

    def before(self, key: pd.Series, at: pd.Series, *, same: bool = False) -> pd.Series:
        """The last moment of the key earlier than `at` (`same`: or equal); NaT where none."""
        code, found = self._code(key), micros(at)
        rank = self._rank(found, with_it=same)
        index = np.searchsorted(self._places, code * self._wide + rank) - 1
        return self._moment(index, code, found, key.index)

    def count(self, key: pd.Series, at: pd.Series) -> Ints:
        """How many different moments of the key are not later than `at`; int64, aligned."""
        code = self._code(key)
        rank = self._rank(micros(at), with_it=True)
        upto = np.searchsorted(self._places, code * self._wide + rank)
        first = np.append(self._first, 0)[code]
        counted: Ints = np.where(code < 0, 0, upto - first).astype("int64")
        return counted

    def _rank(self, asked: Ints, *, with_it: bool) -> Ints:
        """How many of the moments that count are before these, or (`with_it`) not after them."""
        if self._moments is not None:
            return np.searchsorted(self._moments, asked, side="right" if with_it else "left")
        first, last = self._first_moment, self._first_moment + self._wide - 2
        if with_it:
            return np.clip(asked, first - 1, last) - (first - 1)
        return np.clip(asked, first, last + 1) - first

    def _code(self, key: pd.Series) -> Ints:
        if not len(self._keys) or not len(key):
            return np.full(len(key), -1, dtype="int64")
        found = pc.index_in(_arrow(key).cast(self._keys.type), value_set=self._keys)
        codes: Ints = found.fill_null(-1).to_numpy().astype("int64")
        return codes

    def _moment(self, index: Ints, code: Ints, asked: Ints, labels: pd.Index) -> pd.Series:
        inside = (index >= 0) & (index < len(self._places)) & (code >= 0) & (asked != NONE)
        result = np.full(len(index), NONE, dtype="int64")
        place = self._places[index[inside]]
        mine = place // self._wide == code[inside]
        rank = (place % self._wide)[mine]
        found = rank + self._first_moment if self._moments is None else self._moments[rank]
        result[np.flatnonzero(inside)[mine]] = found
        return whole_instants(result).set_axis(labels)


def joined(
    parts: Iterable[pd.DataFrame], labels: tuple[str, ...] = ("contact", "at")
) -> pd.DataFrame:
    """The given columns of all parts, one below the other, each row once; empty parts are fine."""
    chosen = [tables.narrow(part, labels) for part in parts if len(part)]
    if not chosen:
        return pd.DataFrame(
            {
                label: pd.Series([], dtype="datetime64[us, UTC]" if label == "at" else "str")
                for label in labels
            }
        )
    return tables.once(pd.concat(chosen, ignore_index=True), ignore_index=True)
