"""What comes next after a moment, and last before it, of each key: held to looking through all of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reports.columns.instants import NONE, instants
from reports.columns.moment_index import Timeline

SECOND = 1_000_000
#: Keys and moments of the second do not fit one whole number together.
FEW_KEYS, MANY_KEYS = 5, 4_000


@pytest.mark.parametrize(
    ("keys", "span"), [(FEW_KEYS, 9 * SECOND), (MANY_KEYS, 130 * 365 * 86_400 * SECOND)]
)
def test_moments_are_found_as_by_looking_through_all_of_them(keys: int, span: int) -> None:
    chance = np.random.default_rng(keys)
    rows, asked = 2 * keys, 200
    who = chance.integers(0, keys, rows)
    step = span // 9
    when = np.where(chance.random(rows) < 0.1, NONE, chance.integers(0, 10, rows) * step)
    line = Timeline(pd.Series(who), instants(when))
    key = pd.Series(chance.integers(0, keys + 2, asked), index=range(asked, 0, -1))
    at = chance.integers(-1, 11, asked) * step + chance.integers(-1, 2, asked)
    at = np.where(chance.random(asked) < 0.1, NONE, np.maximum(at, 0))
    moments = instants(at).set_axis(key.index)
    known = {one: np.unique(when[(who == one) & (when != NONE)]) for one in key.unique()}

    def expected(find: str, same: bool) -> list[int]:
        found = []
        for one, moment in zip(key, at, strict=True):
            mine = known[one]
            if find == "after":
                fit = mine[mine >= moment] if same else mine[mine > moment]
                found.append(fit[0] if len(fit) and moment != NONE else NONE)
            else:
                fit = mine[mine <= moment] if same else mine[mine < moment]
                found.append(fit[-1] if len(fit) and moment != NONE else NONE)
        return found

    for same in (False, True):
        for find in ("after", "before"):
            told = getattr(line, find)(key, moments, same=same)
            pd.testing.assert_series_equal(
                told, instants(expected(find, same)).set_axis(key.index), obj=f"{find}, {same}"
            )
    upto = [int((known[one] <= moment).sum()) for one, moment in zip(key, at, strict=True)]
    assert line.count(key, moments).tolist() == upto


def test_of_no_moments_none_is_found() -> None:
    nothing = Timeline(pd.Series([], dtype="str"), instants([]))
    asked, at = pd.Series(["ada"]), instants([SECOND])
    assert nothing.after(asked, at).isna().all()
    assert nothing.before(asked, at).isna().all()
    assert nothing.count(asked, at).tolist() == [0]
