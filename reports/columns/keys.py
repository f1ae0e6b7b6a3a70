"""Where is each of many keys in a frame of a million, without copying it to find out?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from reports.columns.instants import Flags, Ints


def places(known: Ints, wanted: Ints) -> tuple[Ints, Flags]:
    """Where each of `wanted` is in `known` (ascending, each once), and whether it is there."""
    if not len(known):
        return np.zeros(len(wanted), dtype="int64"), np.zeros(len(wanted), dtype=bool)
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return place, known[place] == wanted


def together(*columns: Ints) -> Ints:
    """One number for each combination of whole numbers, counted as they first appear; shape of each."""
    found = pd.factorize(columns[0])[0]
    for column in columns[1:]:
        code, each = pd.factorize(column)
        found = pd.factorize(found * max(len(each), 1) + code)[0]
    return found


def unique(frame: pd.DataFrame, label: str) -> pd.DataFrame:
    """The frame ordered by a key, each key once; the frame itself where it is so already."""
    keys = frame[label].to_numpy()
    if (keys[1:] > keys[:-1]).all():
        return frame
    return frame.drop_duplicates(label).sort_values(label)
