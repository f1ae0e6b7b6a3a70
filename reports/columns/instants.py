"""How do instants become plain integers, and back?

The detectors compare many moments; as int64 microseconds UTC they do so without any surprise of
dtypes, units and missing values. `NONE` (the smallest int64, as pandas stores NaT) is "unknown".
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

NONE: Final[int] = int(np.iinfo(np.int64).min)
SECOND: Final[int] = 1_000_000
MINUTE: Final[int] = 60 * SECOND
HOUR: Final[int] = 60 * MINUTE
DAY: Final[int] = 24 * HOUR

#: The dtype of a column of instants by the frames' schema.
UTC: Final = pd.DatetimeTZDtype("us", "UTC")

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]


def micros(instants: pd.Series) -> Ints:
    """Microseconds UTC of a column by the frames' schema (datetime64[us, UTC]); NaT is NONE."""
    if instants.dtype != UTC:
        instants = instants.astype(UTC)
    whole: Ints = instants.to_numpy("datetime64[us]").astype("int64")
    return whole


def micro(moment: pd.Timestamp) -> int:
    """Microseconds UTC of one moment; NaT is NONE."""
    if np.isnat(moment.asm8):
        return NONE
    # Not `.value`: that is nanoseconds, whatever the unit.
    return int(moment.tz_convert("UTC").tz_localize(None).asm8.astype("M8[us]").astype("int64"))


def instants(values: Any) -> pd.Series:
    """A column of the frames' schema from microseconds; NONE (or None) is NaT."""
    whole = np.asarray([NONE if one is None else one for one in values], dtype="int64")
    return whole_instants(whole)


def whole_instants(whole: Ints) -> pd.Series:
    """The same from an array that is int64 already."""
    return pd.Series(whole.astype("datetime64[us]"), dtype=UTC)


def hours(spans: Ints, known: Flags) -> Floats:
    """Spans in microseconds as hours [h]; NaN where not known."""
    return np.where(known, np.where(known, spans, 0) / HOUR, np.nan)
