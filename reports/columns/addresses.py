"""Whose address is it: ours, or which contact's, and who is the same person under another one?

Every rule is asked once for each distinct address, never once for each row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from config.ours import Ours
from reports.columns.instants import Flags, Texts
from reports.columns.text import arrow, column, distinct


def holds(addresses: pd.Series, rule: Callable[[str], bool]) -> Flags:
    """Where the rule holds; shape (len(addresses),). The rule sees each distinct address once."""
    return distinct(addresses).holds(rule)


def among(texts: pd.Series | Texts, wanted: pd.Series | Collection[Any]) -> Flags:
    """Which texts are among the wanted; shape (len(texts),).

    As `Series.isin`, which in pandas 3.1 turns each wanted text into a Python object, twice.
    """
    series = wanted if isinstance(wanted, pd.Series) else pd.Series(list(wanted), dtype="str")
    found: Flags = pc.is_in(arrow(texts), value_set=arrow(series)).to_numpy(zero_copy_only=False)
    return found


def ours_mask(addresses: pd.Series | Texts, ours: Ours) -> Flags:
    """Where the address is one of ours, by itself or by its domain; an empty one is nobody's."""
    return distinct(addresses).holds(ours.__contains__)


def renamed(addresses: pd.Series, merge: Mapping[str, str]) -> Texts:
    """The addresses, ours too, as Python strings after `same-person` merges."""
    coded = distinct(addresses)
    names = np.empty(len(coded.texts), dtype=object)
    names[:] = [merge.get(one, one) for one in coded.texts.to_pylist()]
    found: Texts = names[coded.codes]
    return found


def contacts(addresses: pd.Series, ours: Ours, merge: Mapping[str, str]) -> pd.Series:
    """The contact behind each address after `same-person` merges; "" for ours and for none.

    addresses: in normal form. Text, same index.
    """
    coded = distinct(addresses)
    names = behind(coded.texts, ours, merge).take(pa.array(coded.codes))
    return column(names, addresses.index)


def behind(texts: pa.Array, ours: Ours, merge: Mapping[str, str]) -> pa.Array:
    """The same for each of these addresses."""
    names = ["" if not one or one in ours else merge.get(one, one) for one in texts.to_pylist()]
    return pa.array(names, type=pa.large_string())
