"""Are reply times fair to those who do not always answer?"""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from reports.detect.silence import reply_times
from tests.support.facts.mail_box import DANA, Box, found


def median(answered: list[float], waiting: list[float]) -> float:
    hours = [*answered, *waiting]
    seen = [True] * len(answered) + [False] * len(waiting)
    key = pd.Series([DANA] * len(hours), dtype="str")
    return float(reply_times.medians(key, pd.Series(hours), pd.Series(seen)).loc[DANA])


@pytest.mark.parametrize(
    ("answered", "waiting", "expected"),
    [
        ([1, 2, 3, 4, 5], [], 3.0),
        ([1, 2, 3], [10, 10], 3.0),  # three of five by hour 3
        ([1, 2], [10, 10, 10], math.nan),  # never half of them
        ([5, 6], [1, 1], 5.0),  # who left early says nothing about later
        ([2, 2], [2, 2], 2.0),  # an answer comes before a leave of the same hour
        ([], [1], math.nan),
    ],
)
def test_the_median_is_kaplan_meiers(
    answered: list[float], waiting: list[float], expected: float
) -> None:
    found_ = median(answered, waiting)
    assert found_ == expected or (math.isnan(found_) and math.isnan(expected))


hours = st.lists(st.integers(0, 20), max_size=12)


@given(answered=st.lists(st.integers(0, 20), min_size=1, max_size=12), waiting=hours)
def test_the_medians_are_those_of_scipy(answered: list[int], waiting: list[int]) -> None:
    given_ = stats.CensoredData(uncensored=answered, right=waiting)
    survival = stats.ecdf(given_).sf
    below = survival.quantiles[survival.probabilities <= 0.5 + 1e-12]
    expected = float(below[0]) if len(below) else math.nan
    ours = median([float(one) for one in answered], [float(one) for one in waiting])
    assert ours == expected or (math.isnan(ours) and math.isnan(expected))


def dialogue(times: int, *, unanswered: int = 0) -> Box:
    """Ada opens a thread on Mondays at 9, Dana answers at noon, and Ada never again."""
    box = Box()
    for number in range(times):
        day = (pd.Timestamp("2026-06-01") + pd.Timedelta(weeks=number)).date()
        first = box.sent(f"{day} 09:00", subject=f"s{number}")
        box.mail(f"{day} 12:00", re=first)
    for number in range(unanswered):
        box.sent(f"2026-11-{2 + number * 3:02} 09:00", subject=f"u{number}")
    return box


def test_times_are_shown_from_five_replies_on() -> None:
    for times, shown in ((4, False), (5, True)):
        row = found(dialogue(times)).replies.iloc[0]
        assert row["theirs"] == times
        assert math.isnan(row["their_median_hours"]) is not shown


def test_several_mails_before_an_answer_are_one_wait() -> None:
    row = found(dialogue(5, unanswered=4)).replies.iloc[0]
    assert row["theirs"] == 5
    assert row["their_median_hours"] == 3.0


def test_our_own_pace_is_measured_alike() -> None:
    box = Box()
    for number in range(6):
        day = (pd.Timestamp("2026-06-01") + pd.Timedelta(weeks=number)).date()
        theirs = box.mail(f"{day} 09:00", DANA)
        box.sent(f"{day} 11:00", re=theirs)
    row = found(box).replies.iloc[0]
    assert row[["theirs", "ours", "our_median_hours"]].tolist() == [0, 6, 2.0]
    assert math.isnan(row["their_median_hours"])


def test_an_automatic_answer_is_no_reply() -> None:
    box = Box()
    first = box.sent("2026-06-01 09:00")
    box.mail("2026-06-01 09:01", re=first, headers="auto-submitted: auto-generated")
    assert found(box).replies["theirs"].tolist() == [0]
