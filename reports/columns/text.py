"""Which rows of a text column match a pattern, and what is each text without its trimmings?

Vector forms over Arrow: patterns run in RE2 (no look-around), whose time is linear in the text,
so that no subject of a stranger can make a report slow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from reports.columns.instants import Flags, Texts

#: A text column as pandas makes it by "str" where Arrow is there.
_TEXT: Final = pd.StringDtype("pyarrow", na_value=np.nan)

#: RE2's own white space, and more than one of it: all that `plain` has to fold.
_UNEVEN = r"[\t\n\f\r]|  "


@dataclass(frozen=True)
class Distinct:
    """A text column by its distinct texts: what is asked of a text is asked once for each of them.

    `texts`: the distinct ones; `codes`: the place of each row's text in them.
    """

    texts: pa.Array
    codes: npt.NDArray[np.int64]

    def matches(self, pattern: str) -> Flags:
        """Where the RE2 pattern is found; shape (len(codes),)."""
        return self._spread(
            pc.match_substring_regex(self.texts, pattern).to_numpy(zero_copy_only=False)
        )

    def holds(self, rule: Callable[[str], bool]) -> Flags:
        """Where the rule holds; shape (len(codes),)."""
        answers = map(rule, self.texts.to_pylist())
        return self._spread(np.fromiter(answers, dtype=bool, count=len(self.texts)))

    def among(self, wanted: pd.Series) -> Flags:
        """Where the text is among the wanted."""
        found = pc.is_in(self.texts, value_set=arrow(wanted))
        return self._spread(found.to_numpy(zero_copy_only=False))

    def filled(self) -> Flags:
        """Where there is any text."""
        return self._spread(pc.not_equal(self.texts, "").to_numpy(zero_copy_only=False))

    def by(self, rule: Callable[[str], str], index: pd.Index) -> pd.Series:
        """What the rule says of each row's text, as a text column on this index."""
        said = pa.array(map(rule, self.texts.to_pylist()), type=pa.large_string())
        return column(said.take(pa.array(self.codes)), index)

    def take(self, rows: npt.NDArray[Any]) -> Distinct:
        """The rows at these places, or where this mask is True."""
        codes = self.codes[rows]
        if len(codes) >= len(self.texts):
            return Distinct(self.texts, codes)
        # Of few rows nothing is asked of the texts that are not among them.
        used, codes = np.unique(codes, return_inverse=True)
        return Distinct(self.texts.take(pa.array(used)), codes)

    def text(self) -> pd.Series:
        """The rows as a text column; index 0, 1, ..."""
        return column(self.texts.take(pa.array(self.codes)))

    def ranks(self) -> npt.NDArray[np.int64]:
        """The place of each row's text among the distinct ones in their order."""
        order = pc.array_sort_indices(self.texts).to_numpy()
        place = np.empty(len(order), dtype="int64")
        place[order] = np.arange(len(order))
        return place[self.codes] if len(order) else self.codes

    def _spread(self, found: npt.NDArray[Any]) -> Flags:
        return found[self.codes] if len(found) else np.zeros(len(self.codes), dtype=bool)


def distinct(texts: pd.Series | Texts) -> Distinct:
    """The column by its distinct texts; missing text is ""."""
    coded = arrow(texts).dictionary_encode()
    return Distinct(coded.dictionary, coded.indices.to_numpy().astype("int64"))


def chosen(texts: Sequence[str], codes: npt.NDArray[Any], index: pd.Index) -> pd.Series:
    """Few texts by their place, as a text column on this index."""
    array = pa.array(texts, type=pa.large_string()).take(pa.array(codes))
    return column(array, index)


def column(texts: pa.Array, index: pd.Index | None = None) -> pd.Series:
    """An Arrow array of texts as a text column on this index, by position; None: 0, 1, ...

    Not from a Series: pandas would align that by label, and on a filtered frame lose the text.
    """
    whole = texts if texts.type == pa.large_string() else texts.cast(pa.large_string())
    return pd.Series(_TEXT.__from_arrow__(whole), index=index)  # type: ignore[attr-defined]


def cells(texts: pd.Series | Texts) -> pa.Array:
    """The column as one Arrow array of large strings; missing text is null."""
    if isinstance(texts, pd.Series) and texts.dtype == _TEXT:
        # What lies there already; by pa.array it costs ten times as much on a small column.
        array = texts.array.__arrow_array__()
    else:
        array = pa.array(texts, type=pa.large_string(), from_pandas=True)
    return one_piece(array)


def one_piece(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The same cells without pieces, as they lie where there is one."""
    if not isinstance(array, pa.ChunkedArray):
        return array
    # To combine a single piece copies it: of a large store all its texts, each time one asks of them.
    return array.chunk(0) if array.num_chunks == 1 else array.combine_chunks()


def arrow(texts: pd.Series | Texts) -> pa.Array:
    """The column as one Arrow array of large strings; missing text is ""."""
    array = cells(texts)
    return array.fill_null("") if array.null_count else array


def matches(texts: pd.Series, pattern: str) -> Flags:
    """Where the RE2 pattern is found; shape (len(texts),)."""
    found: Flags = pc.match_substring_regex(arrow(texts), pattern).to_numpy(zero_copy_only=False)
    return found


def begins(texts: pd.Series, start: str) -> Flags:
    """Where the text begins so; shape (len(texts),)."""
    found: Flags = pc.starts_with(arrow(texts), start).to_numpy(zero_copy_only=False).copy()
    return found


def translated(texts: pd.Series, table: Mapping[str, str], default: str = "") -> pd.Series:
    """Each text through the table, `default` where it is not in it; text, same index.

    Unlike `Series.map`, the result is text even where nothing is found.
    """
    return distinct(texts).by(lambda one: table.get(one, default), texts.index)


def listed(texts: pd.Series) -> list[str]:
    """The texts as Python's own. To go through the column one by one costs ten times as much."""
    found: list[str] = arrow(texts).to_pylist()
    return found


def plain(texts: pd.Series) -> pd.Series:
    """Each text as config.phrasing.plain makes it: NFKC, lower case, single spaces."""
    array = pc.utf8_lower(pc.utf8_normalize(arrow(texts), "NFKC"))
    # To look for what must be folded takes a fifth of folding everything.
    uneven = pc.match_substring_regex(array, _UNEVEN)
    if pc.any(uneven).as_py():
        folded = pc.replace_substring_regex(array.filter(uneven), r"\s+", " ")
        array = pc.replace_with_mask(array, uneven, folded)
    return column(pc.utf8_trim_whitespace(array), texts.index)


def without(texts: pd.Series, pattern: str) -> pd.Series:
    """Each text with what the RE2 pattern matches cut out, trimmed."""
    array = pc.utf8_trim_whitespace(pc.replace_substring_regex(arrow(texts), pattern, ""))
    return column(array, texts.index)
