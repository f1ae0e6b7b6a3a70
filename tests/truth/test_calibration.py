"""Is a rate as high as noshow says, and are as many listed by chance as it says?"""

from __future__ import annotations

import pytest

from config.policy import Policy
from tests.truth import calibration

#: No group of ten, and no mean, may lie further off than this many standard errors.
FAR = 4


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_ten_groups_each_gives_up_as_often_as_estimated(seed: int) -> None:
    table = calibration.bins(calibration.drawn(seed, "prior"), Policy())
    off = (table["then"] - table["posterior"]).abs() / table["error"]
    assert off.max() < FAR, table


def test_a_prior_that_is_wrong_would_be_seen() -> None:
    wrong = Policy(baseline=0.30)
    table = calibration.bins(calibration.drawn(1, "prior"), wrong)
    assert ((table["then"] - table["posterior"]).abs() / table["error"]).max() > FAR


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_as_many_are_listed_by_chance_as_the_report_says(seed: int) -> None:
    found = calibration.chance(calibration.drawn(seed, "prior"), Policy())
    assert abs(found.expected.mean() - found.real.mean()) < FAR * found.error


def test_of_a_mixture_of_reliable_and_unreliable_people_chance_is_overstated_rather_than_hidden() -> (
    None
):
    """Nobody there has a rate near the baseline: the report is more careful than it must be."""
    found = calibration.chance(calibration.drawn(1, "mixture"), Policy())
    assert found.real.mean() < found.expected.mean()
