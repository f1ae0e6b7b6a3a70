"""Which mails does a mail name, in In-Reply-To or References?

One table of (row, key) pairs, taken apart in Arrow: no Python loop over a million mails.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from reports.columns import text
from reports.columns.instants import Flags


@dataclass(frozen=True)
class Links:
    """`row[i]` (a position in the frame) names the mail `key[i]`. Both have the same length."""

    row: npt.NDArray[np.int64]
    key: pa.Array


def links(messages: pd.DataFrame) -> Links:
    """All pairs of a mail (its position) and a Message-ID that it names, as `linking` writes it; none for empty headers."""
    rows: list[npt.NDArray[np.int64]] = []
    keys: list[pa.Array] = []
    for label, many in (("in_reply_to", False), ("reference_keys", True)):
        given = (messages[label] != "").to_numpy()
        if not given.any():
            continue
        position = np.flatnonzero(given)
        texts = text.arrow(messages.loc[given, label])
        if many:
            parts = pc.split_pattern(texts, " ")
            position = position[pc.list_parent_indices(parts).to_numpy()]
            texts = pc.list_flatten(parts)
            filled = pc.not_equal(texts, "").to_numpy(zero_copy_only=False)
            if not filled.all():
                position, texts = position[filled], texts.filter(pa.array(filled))
        rows.append(position.astype("int64"))
        keys.append(texts)
    if not rows:
        return Links(np.array([], dtype="int64"), pa.array([], type=pa.large_string()))
    return Links(np.concatenate(rows), pc.ascii_lower(pa.concat_arrays(keys)))


def linking(message_ids: pd.Series) -> pa.Array:
    """Message-IDs as they are compared: without their case, which gateways and hosts' names do not keep."""
    return pc.ascii_lower(text.arrow(message_ids))


def naming(messages: pd.DataFrame, keys: pd.Series) -> Flags:
    """Which of the mails name at least one of the Message-IDs `keys`; shape (len(messages),)."""
    found = np.zeros(len(messages), dtype=bool)
    pairs = links(messages)
    if len(pairs.row) and len(keys):
        named, held = pairs.key, linking(keys)
        if len(held) > len(named):
            # A table is made of the fewer of both.
            held = held.filter(pc.is_in(held, value_set=named))
        hit = pc.is_in(named, value_set=held)
        found[pairs.row[hit.to_numpy(zero_copy_only=False)]] = True
    return found
