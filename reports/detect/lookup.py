"""What do the facts say about these mails, without copying a million rows to find out?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd


def columns(messages: pd.DataFrame, ids: pd.Series, labels: Sequence[str]) -> pd.DataFrame:
    """The given columns of the mails `ids` (message_id), aligned with `ids`.

    Of repeated rows the first is taken. Every id must be there: MAILS is made from the same frame.
    """
    known = messages["message_id"].to_numpy()
    if (known[1:] > known[:-1]).all():
        place = np.searchsorted(known, ids.to_numpy())
    else:
        order = np.argsort(known, kind="stable")
        place = order[np.searchsorted(known[order], ids.to_numpy())]
    return messages[list(labels)].take(place).set_axis(ids.index)


def unique(frame: pd.DataFrame, label: str) -> pd.DataFrame:
    """The frame ordered by a key, each key once; the frame itself where it is so already."""
    keys = frame[label].to_numpy()
    if (keys[1:] > keys[:-1]).all():
        return frame
    return frame.drop_duplicates(label).sort_values(label)


def letters(messages: pd.DataFrame, ids: pd.Series) -> pd.Series:
    """One number for all copies of a mail: the smallest of `ids` with its Message-ID.

    ids: message_id, ascending. A mail without a Message-ID is its own. int64, aligned.
    """
    keys = columns(messages, ids, ["message_key"])["message_key"]
    codes, unique_keys = pd.factorize(keys, use_na_sentinel=False)
    number = ids.to_numpy(dtype="int64")
    first = np.zeros(len(unique_keys), dtype="int64")
    first[codes[::-1]] = number[::-1]
    return pd.Series(np.where(keys == "", number, first[codes]), index=ids.index)
