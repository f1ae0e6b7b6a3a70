"""Do small tables say what pandas says of them, and large ones too?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from reports.columns import tables
from reports.columns.tables import FEW

KEYS = [["number"], ["text"], ["at"], ["flag"], ["thing"], ["share"], ["number", "text", "at"]]
SIZES = [0, 1, 2, 7, 60, FEW + 1]


def table(rows: int, seed: int, gaps: bool = True) -> pd.DataFrame:
    """Few different values, so that many rows are equal; some of them missing."""
    chance = np.random.default_rng(seed)
    missing = chance.random(rows) < (0.2 if gaps else 0.0)

    def text() -> pd.Series:
        return pd.Series(chance.choice(["", "b", "a", "ä"], rows), dtype="str")

    at = pd.Series(chance.integers(0, 5, rows) * 1_000_000).astype("datetime64[us]")
    return pd.DataFrame(
        {
            "number": chance.integers(-2, 3, rows),
            "text": text().mask(missing),
            "at": at.dt.tz_localize("UTC").mask(missing),
            "flag": chance.random(rows) < 0.5,
            "thing": text().astype(object),
            "share": pd.Series(chance.integers(0, 4, rows) / 4).mask(missing),
            "row": np.arange(rows),
        },
    ).set_axis(chance.permutation(rows), axis=0)


@pytest.mark.parametrize("rows", SIZES)
def test_columns_and_rows_are_those_that_were_asked_for(rows: int) -> None:
    given = table(rows, 1)
    assert_frame_equal(tables.narrow(given, ["text", "row"]), given[["text", "row"]])
    for share in (0.0, 0.4, 1.0):
        flags = np.random.default_rng(2).random(rows) < share
        assert_frame_equal(tables.kept(given, flags), given.loc[flags])
        assert_frame_equal(
            tables.kept(given, pd.Series(flags, given.index), ["at", "row"]),
            given.loc[flags, ["at", "row"]],
        )
    with pytest.raises(KeyError):
        tables.narrow(given, ["nothing"])
    with pytest.raises(ValueError, match="flags for"):
        tables.kept(given, np.zeros(rows + 1, dtype=bool))


@pytest.mark.parametrize("rows", SIZES)
@pytest.mark.parametrize("by", KEYS)
def test_equal_rows_are_there_once(by: list[str], rows: int) -> None:
    given = table(rows, 3)
    for keep in ("first", "last"):
        assert_frame_equal(tables.once(given, by, keep), given.drop_duplicates(by, keep=keep))
    assert_frame_equal(
        tables.once(given[by], ignore_index=True), given[by].drop_duplicates(ignore_index=True)
    )


@pytest.mark.parametrize("rows", SIZES)
@pytest.mark.parametrize("by", KEYS)
def test_rows_are_in_order(by: list[str], rows: int) -> None:
    given = table(rows, 4)
    ways: list[bool | list[bool]] = [True, False, [place % 2 == 1 for place in range(len(by))]]
    for way in ways:
        assert_frame_equal(
            tables.ordered(given, by, way), given.sort_values(by, ascending=way, kind="stable")
        )
    assert_frame_equal(
        tables.ordered(given, by, ignore_index=True),
        given.sort_values(by, ignore_index=True, kind="stable"),
    )


@pytest.mark.parametrize("sizes", [(0, 5), (5, 0), (1, 1), (7, 4), (60, 40), (FEW, 30)])
@pytest.mark.parametrize("on", KEYS)
def test_tables_are_joined(on: list[str], sizes: tuple[int, int]) -> None:
    left, right = table(sizes[0], 5), table(sizes[1], 6)
    right = right[[*on, "row"]].rename(columns={"row": "other"}).assign(more="x")
    single = right.drop_duplicates(on)
    for other in (right, single):
        for how in ("inner", "left"):
            assert_frame_equal(
                tables.joined(left, other, on, how), left.merge(other, on=on, how=how)
            )


def test_a_left_join_keeps_the_types_where_all_is_found() -> None:
    left = table(20, 7, gaps=False)
    right = left.drop_duplicates(["number"])[["number"]].assign(seen=True, count=3)
    found = tables.joined(left, right, "number", "left")
    assert (found["seen"].dtype, found["count"].dtype) == ("bool", "int64")
    assert_frame_equal(found, left.merge(right, on="number", how="left"))


def test_columns_of_the_same_name_are_told_apart_as_ever() -> None:
    left, right = table(5, 8), table(4, 9)
    assert_frame_equal(tables.joined(left, right, "number"), left.merge(right, on="number"))


@pytest.mark.parametrize(
    "asked",
    [
        lambda given: tables.kept(given, given["flag"] | True),
        lambda given: tables.once(given, "row"),
        lambda given: tables.ordered(given, "row"),
        lambda given: tables.joined(given, given[["row"]], "row"),
    ],
)
def test_what_was_given_stays_as_it_was(asked: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    given = table(9, 10).sort_values("row")
    before = given.copy()
    found = asked(given)
    found["number"] = 99
    found.loc[found.index[0], "text"] = "changed"
    assert_frame_equal(given, before)


@pytest.mark.parametrize("rows", [7, FEW + 1])
def test_what_is_known_to_be_in_order_stays_and_the_least_number_comes_last_downwards(
    rows: int,
) -> None:
    given = table(rows, 8).sort_values(["text", "number"], kind="stable")
    assert_frame_equal(tables.ordered(given, ["text", "number"]), given)
    least = np.iinfo("int64").min
    given = given.assign(number=given["number"].where(given["number"] > 0, least))
    assert_frame_equal(
        tables.ordered(given, ["number", "row"], False),
        given.sort_values(["number", "row"], ascending=False, kind="stable"),
    )


@pytest.mark.parametrize("keep", [0.0, 0.5, 1.0])
def test_a_large_table_is_joined_by_a_number_that_the_other_holds_in_order(keep: float) -> None:
    left = table(FEW, 9).assign(key=np.random.default_rng(9).integers(0, 50, FEW))
    known = np.flatnonzero(np.random.default_rng(10).random(50) < keep)
    right = table(len(known), 11)[["at", "thing"]].set_axis(["when", "what"], axis=1)
    right = right.assign(key=known)
    for other in (right, right.iloc[::-1], pd.concat([right, right])):
        assert_frame_equal(tables.joined(left, other, "key"), left.merge(other, on="key"))
