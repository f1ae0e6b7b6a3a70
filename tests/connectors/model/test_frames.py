"""Does any frame that fits its schema stay as it is, and any other become one, or raise?"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from config.errors import StoreError
from connectors.model.frames import empty, empty_frames, enforce
from connectors.model.schemas import SCHEMAS, Column, schema

SHAPE = schema(
    code=Column("key", "a number"),
    words=Column("text", "some text"),
    share=Column("number", "a number or none"),
    sure=Column("flag", "so or not"),
    at=Column("instant", "when"),
    since=Column("instant", "since when", null=True),
)
MOMENT = pd.Timestamp("2026-11-23 07:00", tz="UTC")


def made(**more: object) -> pd.DataFrame:
    told = {
        "code": [1, 2], "words": ["a", ""], "share": [0.5, float("nan")], "sure": [True, False],
        "at": [MOMENT, MOMENT], "since": [MOMENT, pd.NaT],
    }  # fmt: skip
    return pd.DataFrame(told | more)


def test_what_fits_stays_as_it_is_and_is_no_part_of_what_was_given() -> None:
    fits = enforce(made(), SHAPE)
    again = enforce(fits, SHAPE)
    assert_frame_equal(again, fits)
    again.loc[0, "words"] = "changed"
    assert fits.loc[0, "words"] == "a"


@pytest.mark.parametrize(
    "bent",
    [
        pytest.param(lambda frame: frame[list(frame)[::-1]], id="columns in another order"),
        pytest.param(lambda frame: frame.assign(more=1), id="a column too many"),
        pytest.param(lambda frame: frame.set_axis([3, 4]), id="an index of its own"),
        pytest.param(lambda frame: frame.set_axis(pd.RangeIndex(1, 3)), id="counted from one"),
        pytest.param(lambda frame: frame.rename_axis("row"), id="an index with a name"),
        pytest.param(lambda frame: frame.rename_axis(columns="name"), id="columns with a name"),
        pytest.param(lambda frame: frame.astype({"code": "int32"}), id="a narrower number"),
        pytest.param(lambda frame: frame.astype({"words": "object"}), id="text as objects"),
        pytest.param(lambda frame: frame.assign(words=["a", None]), id="missing text"),
        pytest.param(
            lambda frame: frame.assign(at=frame["at"].dt.tz_convert("Asia/Tokyo")), id="a zone"
        ),
    ],
)
def test_what_nearly_fits_is_made_to_fit(bent: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    fits = enforce(made(), SHAPE)
    assert_frame_equal(enforce(bent(fits), SHAPE), fits, check_column_type=True)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"at": [MOMENT, pd.NaT]}, "at: a moment is missing"),
        ({"at": [MOMENT, pd.Timestamp("1969-12-31", tz="UTC")]}, "outside 1970 to 2200"),
        ({"since": [pd.NaT, pd.Timestamp("2200-01-02", tz="UTC")]}, "outside 1970 to 2200"),
    ],
)
def test_moments_are_looked_at_in_a_frame_that_fits_as_well(
    more: dict[str, object], said: str
) -> None:
    fits = made(**more)
    stored = fits.assign(
        **{one: fits[one].astype("datetime64[us, UTC]") for one in ("at", "since")}
    )
    for frame in (fits, stored):
        with pytest.raises(StoreError, match=said):
            enforce(frame, SHAPE, "some")


def test_frames_of_nothing_share_nothing() -> None:
    one, other = empty(SHAPE), empty(SHAPE)
    one["more"] = 1
    assert list(other) == list(SHAPE)
    for name, frame in empty_frames():
        assert_frame_equal(enforce(frame, SCHEMAS[name]), frame)
        assert [str(kind) for kind in frame.dtypes] == [one.dtype for one in SCHEMAS[name].values()]
