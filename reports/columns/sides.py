"""Which addresses are ours, and who is the same person under another address?

Both questions are answered once a distinct address, since a frame repeats few addresses often.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from config.ours import Ours
from reports.columns.instants import Flags, Texts


def renamed(addresses: pd.Series, merge: Mapping[str, str]) -> Texts:
    """The addresses as Python strings, after the user's `same-person` merges."""
    codes, unique = pd.factorize(addresses)
    names = np.asarray([merge.get(str(one), str(one)) for one in unique], dtype=object)
    return names[codes] if len(unique) else np.empty(len(addresses), dtype=object)


def among(addresses: Texts, wanted: Collection[object]) -> Flags:
    """True where the address is one of `wanted` (anything with `in`)."""
    codes, unique = pd.factorize(addresses)
    if not len(unique):
        return np.zeros(len(addresses), dtype=bool)
    return np.asarray([one in wanted for one in unique], dtype=bool)[codes]


def ours_mask(addresses: Texts, ours: Ours) -> Flags:
    """True where the address is ours, by itself or by its domain; an empty one is nobody's."""
    codes, unique = pd.factorize(addresses)
    if not len(unique):
        return np.zeros(len(addresses), dtype=bool)
    return np.asarray([str(one) in ours for one in unique], dtype=bool)[codes]
