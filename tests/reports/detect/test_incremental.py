"""Is a step computed again exactly where something that it read has changed?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from config.policy import Policy
from connectors.model.frames import empty
from connectors.model.schemas import TAGS
from reports.detect.incremental import Steps, same, step
from reports.detect.setting import Setting
from tests.support.facts.mail_box import OURS, PHRASES
from tests.support.facts.whole_world import AS_OF

FACTS = pd.DataFrame({"notice": [10.0, 30.0, 60.0]})


class Counting(Steps):
    """Late ones, how many, and what depends on the number alone; `ran` has each step that ran."""

    def __init__(self, setting: Setting, before: Steps | None = None) -> None:
        super().__init__(setting, before)
        self.ran: list[str] = []

    def under(self, **limits: float) -> Counting:
        policy = Policy.model_validate(self.setting.policy.model_dump() | limits)
        return Counting(replace(self.setting, policy=policy), self)

    @step
    def facts(self) -> pd.DataFrame:
        self.ran.append("facts")
        return FACTS.copy()

    @step
    def late(self) -> pd.DataFrame:
        self.ran.append("late")
        return self.facts.loc[self.facts["notice"] < self.setting.policy.late_hours]

    @step
    def number(self) -> int:
        self.ran.append("number")
        return len(self.late)

    @step
    def listed(self) -> bool:
        self.ran.append("listed")
        return self.number >= self.setting.policy.list_k


@pytest.fixture
def counting() -> Counting:
    return Counting(Setting.of(empty(TAGS), OURS, Policy(), PHRASES, AS_OF))


def test_what_was_found_is_kept(counting: Counting) -> None:
    assert counting.listed is False
    assert counting.listed is False
    assert counting.ran == ["listed", "number", "late", "facts"]


def test_a_step_runs_again_where_a_limit_that_it_read_has_changed(counting: Counting) -> None:
    other = counting.under(list_k=1, strong_k=3)
    assert not counting.listed
    assert other.listed
    assert other.ran == ["listed"]


def test_what_follows_from_a_change_runs_again_and_nothing_else(counting: Counting) -> None:
    other = counting.under(late_hours=48.0)
    assert other.number == 2
    assert other.listed
    assert other.facts is counting.facts
    assert other.ran == ["late", "number", "listed"]


def test_a_step_that_says_the_same_again_ends_the_change(counting: Counting) -> None:
    other = counting.under(late_hours=29.0)
    assert not other.listed
    assert other.ran == ["late"]
    assert other.late is counting.late


def test_a_change_of_what_is_read_by_nobody_changes_nothing(counting: Counting) -> None:
    other = counting.under(owed_days=99)
    assert not other.listed
    assert other.ran == []


def test_the_steps_of_a_third_follow_the_second(counting: Counting) -> None:
    second = counting.under(late_hours=48.0)
    third = second.under(late_hours=100.0)
    assert (third.number, second.number, counting.number) == (3, 2, 1)


@dataclass(frozen=True)
class Both:
    table: pd.DataFrame
    name: str


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FACTS, FACTS.astype("int64")),
        (FACTS, FACTS.iloc[:2]),
        (FACTS, FACTS.rename(columns={"notice": "hours"})),
        (FACTS["notice"], FACTS["notice"] + 1),
        (np.array([1, 2]), np.array([1, 3])),
        (np.array([1, 2]), np.array([1.0, 2.0])),
        (Both(FACTS, "a"), Both(FACTS, "b")),
        (Both(FACTS, "a"), Both(FACTS + 1, "a")),
        ((1, 2), (1, 2, 3)),
        ((1,), [1]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (1, True),
        (object(), object()),
    ],
)
def test_what_differs_is_not_the_same(one: object, other: object) -> None:
    assert not same(one, other)
    assert same(one, one)


def test_equal_copies_are_the_same() -> None:
    assert same(Both(FACTS, "a"), Both(FACTS.copy(), "a"))
    assert same((FACTS, {"a": np.arange(3)}), (FACTS.copy(), {"a": np.arange(3)}))
