"""Where are these mails in a frame of a million, without copying it to find out?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from reports.detect.moments import Flags, Ints
from reports.detect.subjects import arrow


def columns(messages: pd.DataFrame, ids: pd.Series, labels: Sequence[str]) -> pd.DataFrame:
    """The given columns of the mails `ids` (message_id), aligned with `ids`.

    Of repeated rows the first is taken. Every id must be there: MAILS is made from the same frame.
    """
    known = messages["message_id"].to_numpy()
    if len(known) == len(ids) and (known == ids.to_numpy()).all():
        place = None
    elif (known[1:] > known[:-1]).all():
        place = np.searchsorted(known, ids.to_numpy())
    else:
        order = np.argsort(known, kind="stable")
        place = order[np.searchsorted(known[order], ids.to_numpy())]
    table = pd.DataFrame({label: _whole(messages[label]) for label in labels})
    return (table if place is None else table.take(place)).set_axis(ids.index)


def _whole(column: pd.Series) -> pd.Series:
    """The column in one piece: a store hands text over in a thousand, which every filter pays."""
    if isinstance(column.dtype, pd.StringDtype):
        return pd.Series(pd.array(arrow(column), dtype="str"), index=column.index)
    return column


def places(known: Ints, wanted: Ints) -> tuple[Ints, Flags]:
    """Where each of `wanted` is in `known` (ascending, each once), and whether it is there."""
    if not len(known):
        return np.zeros(len(wanted), dtype="int64"), np.zeros(len(wanted), dtype=bool)
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return place, known[place] == wanted


def unique(frame: pd.DataFrame, label: str) -> pd.DataFrame:
    """The frame ordered by a key, each key once; the frame itself where it is so already."""
    keys = frame[label].to_numpy()
    if (keys[1:] > keys[:-1]).all():
        return frame
    return frame.drop_duplicates(label).sort_values(label)
