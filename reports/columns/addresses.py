"""Whose address is it: ours, or which contact's?

Every rule is asked once for each distinct address, never once for each row.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from config.ours import Ours
from reports.detect.mail.subject_lines import Mask, arrow, distinct


def holds(addresses: pd.Series, rule: Callable[[str], bool]) -> Mask:
    """Where the rule holds; shape (len(addresses),). The rule sees each distinct address once."""
    return distinct(addresses).holds(rule)


def among(texts: pd.Series, wanted: pd.Series | Collection[str]) -> Mask:
    """Which texts are among the wanted; shape (len(texts),).

    As `Series.isin`, which in pandas 3.1 turns each wanted text into a Python object, twice.
    """
    series = wanted if isinstance(wanted, pd.Series) else pd.Series(list(wanted), dtype="str")
    found: Mask = pc.is_in(arrow(texts), value_set=arrow(series)).to_numpy(zero_copy_only=False)
    return found


def ours_mask(addresses: pd.Series, ours: Ours) -> Mask:
    """Where the address is one of ours, by itself or by its domain."""
    return holds(addresses, lambda text: text in ours)


def contacts(addresses: pd.Series, ours: Ours, merge: Mapping[str, str]) -> pd.Series:
    """The contact behind each address after `same-person` merges; "" for ours and for none.

    addresses: in normal form. Text, same index.
    """
    coded = distinct(addresses)
    names = behind(coded.texts, ours, merge).take(pa.array(coded.codes))
    return pd.Series(pd.array(names, dtype="str"), index=addresses.index)


def behind(texts: pa.Array, ours: Ours, merge: Mapping[str, str]) -> pa.Array:
    """The same for each of these addresses."""
    names = ["" if not one or one in ours else merge.get(one, one) for one in texts.to_pylist()]
    return pa.array(names, type=pa.large_string())
