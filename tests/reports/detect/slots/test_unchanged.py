"""Do columns judge the untouched mass exactly as the telling of each meeting would?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.model.frames import Frames, empty
from reports.columns.instants import micro
from reports.detect.meetings import copies, dated_acts
from reports.detect.setting import Setting
from reports.detect.slots import unchanged
from reports.detect.slots.notice import Limits
from reports.detect.slots.slot_schema import TOLD, told_frame
from reports.detect.slots.slots import ended, told
from reports.schemas import PEOPLE
from tests.support.facts import busy_world
from tests.support.facts.mail_box import ADA, BEN, OURS, PHRASES
from tests.support.facts.random_worlds import MONDAY, build, plans
from tests.support.facts.whole_world import AS_OF, DAY, HOUR, STANDARD, World

DANA = "dana@client.example"


def gathered(frames: Frames, as_of: pd.Timestamp) -> tuple[copies.Gathered, pd.DataFrame, Limits]:
    setting = Setting.of(frames.tags, OURS, STANDARD, PHRASES, as_of)
    found = copies.gather(setting, frames, empty(PEOPLE), frozenset())
    starts = found.meetings["start"].to_numpy(dtype="int64")
    dated = dated_acts.spread(found.dated, found.meetings, starts)
    return found, dated, Limits.of(STANDARD, OURS.zone, micro(as_of))


def rows(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    return sorted(table[list(TOLD)].itertuples(index=False, name=None), key=repr)


def the_same_by_columns_and_by_telling(frames: Frames, as_of: pd.Timestamp) -> int:
    found, dated, limits = gathered(frames, as_of)
    codes = unchanged.found(found, dated)
    by_columns = told_frame(unchanged.judged(found, limits, codes))
    assert rows(by_columns) == rows(told(found, dated, limits, codes))
    everything = found.meetings.index.to_numpy(dtype="int64")
    assert rows(ended(found, dated, limits)) == rows(told(found, dated, limits, everything))
    return len(codes)


ANSWERS = st.sampled_from(["none", "unknown", "accepted", "accepted", "declined", "tentative", ""])
PERSONS = (ADA, BEN, DANA, "emil@client.example")
MEETINGS = st.fixed_dictionaries(
    {
        "organizer": st.sampled_from([*PERSONS, ""]),
        "first": st.fixed_dictionaries(dict.fromkeys(PERSONS, ANSWERS)),
        "then": st.lists(
            st.tuples(st.integers(0, 3), ANSWERS, st.booleans(), st.integers(-30, 20)), max_size=3
        ),
        "day": st.integers(-4, 40),
        "lead": st.integers(-2, 300),
        "dated": st.booleans(),
        "created": st.booleans(),
    }
)


def answered_both_ways(drawn: list[dict[str, Any]]) -> None:
    world = World(str(MONDAY - 400 * DAY))
    for number, one in enumerate(drawn):
        start = MONDAY - one["day"] * DAY + number * HOUR
        agreed = start - one["lead"] * HOUR
        meeting = world.meet(
            start,
            guests=one["first"],
            organizer=one["organizer"],
            agreed=agreed,
            dated=one["dated"],
            created_at=agreed - HOUR if one["created"] else pd.NaT,
        )
        for who, answer, exact, hours in sorted(one["then"], key=lambda step: step[3]):
            at = start + hours * HOUR
            said = at - HOUR if exact else None
            meeting.poll(at, says={PERSONS[who]: answer}, at_said=said)
    the_same_by_columns_and_by_telling(world.facts(MONDAY), MONDAY)


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(MEETINGS, min_size=4, max_size=8))
def test_any_answers_end_the_same_both_ways(drawn: list[dict[str, Any]]) -> None:
    answered_both_ways(drawn)


@pytest.mark.proof
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(MEETINGS, min_size=1, max_size=8))
def test_many_answers_end_the_same_both_ways(drawn: list[dict[str, Any]]) -> None:
    answered_both_ways(drawn)


@pytest.mark.proof
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(plans())
def test_any_small_world_ends_the_same_both_ways(plan: Any) -> None:
    the_same_by_columns_and_by_telling(build(plan).facts(MONDAY), MONDAY)


def test_a_busy_world_ends_the_same_both_ways_and_is_mostly_untouched() -> None:
    frames = busy_world.facts()
    assert the_same_by_columns_and_by_telling(frames, AS_OF) > 0
