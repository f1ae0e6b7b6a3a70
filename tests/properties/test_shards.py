"""Do shards say together what one detection of all facts says?

Every findings frame, row by row and in order, whatever the facts and into however many shards they are
cut. What differs is a fault of the survey: some step looks beyond a contact, and was not given what it saw.
"""

from __future__ import annotations

import os
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from connectors.model.frames import Frames, empty_frames
from connectors.store.store import Store
from jobs.fleet import executors
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from reports.detect.shards import side_by_side
from reports.detect.shards.side_by_side import Helpers
from reports.weekly.limits import OTHERS, run_again, tried
from tests.stories.reading import Story, stories
from tests.stories.telling import companies, detection_of, fresh_url, make_template
from tests.support.facts import busy_world, random_worlds
from tests.support.facts.crossed_worlds import crossed
from tests.support.facts.mail_box import OURS, PHRASES
from tests.support.facts.random_worlds import MONDAY, Plan, plans
from tests.support.facts.whole_world import AS_OF, DAY, STANDARD, World
from tests.support.proof import filled_store
from tests.support.proof.sharded import agree, hold_alone, hold_together

NUMBERS = (1, 2, 7, 32)


def of(frames: Frames, as_of: object = AS_OF) -> tuple[Detection, Setting]:
    setting = Setting.of(frames.tags, OURS, STANDARD, PHRASES, as_of)  # type: ignore[arg-type]
    return Detection(frames, setting), setting


def test_of_no_facts_all_shards_say_nothing() -> None:
    hold_together(*of(empty_frames()), 1, 2)


#: Every run cuts a little; the long tests cut everything.
_LONG = pytest.mark.proof


@pytest.mark.parametrize(
    "number", [7, *(pytest.param(one, marks=_LONG) for one in NUMBERS if one != 7)]
)
def test_the_busy_world_is_judged_the_same_in_shards(number: int) -> None:
    hold_together(*of(busy_world.facts()), number)


@_LONG
@given(plan=plans(), number=st.sampled_from(NUMBERS))
@settings(max_examples=12)
def test_random_worlds_are_judged_the_same_in_shards(plan: Plan, number: int) -> None:
    frames = random_worlds.build(plan).facts(str(MONDAY))
    hold_together(*of(frames, MONDAY), number)


@pytest.mark.parametrize("seed", [2, *(pytest.param(one, marks=_LONG) for one in range(3, 18))])
def test_contacts_held_together_are_judged_the_same_apart(seed: int) -> None:
    world = crossed(seed)
    if seed % 2:
        _answer(world, Random(seed))
    detection, setting = of(world.facts())
    hold_together(detection, setting, NUMBERS[1 + seed % 3])


@pytest.mark.parametrize(
    ("seed", "each"), [(2, 12), *(pytest.param(one, 4, marks=_LONG) for one in range(2, 18))]
)
def test_a_contacts_facts_say_of_them_what_all_facts_say(
    seed: int, each: int, tmp_path: Path, template: Path
) -> None:
    """Of each so manyth contact."""
    world = crossed(seed)
    if seed % 2:
        _answer(world, Random(seed))
    facts = world.facts()
    with Store.open(fresh_url(tmp_path, template)) as store:
        filled_store.fill(store, facts)
        everybody = Detection(store.frames(AS_OF.to_pydatetime()), of(facts)[1]).people["contact"]
        some = everybody.iloc[seed % 4 :: each]
        assert len(some) > 1
        hold_alone(store, OURS, AS_OF, some)


def test_by_several_processes_the_same_is_found_also_where_one_dies() -> None:
    detection, setting = of(crossed(2).facts())
    others = {name: OTHERS[name] for name in ("late_hours", "baseline")}
    policies = [one.policy for one in tried(STANDARD, detection.given, others)]
    died: list[int] = []
    with executors.beside(1, side_by_side.ready) as crew:
        helpers = Helpers(crew.executor, 2, crew.deaths, died=died.append)
        found = side_by_side.detection(detection.given, setting, helpers, policies)
        assert not died
        agree(found, detection, "two processes")
        # Found by the shards, not anew.
        assert all(found.under(one) is found.under(one) for one in policies)
        for one, other in zip(run_again(found, others), run_again(detection, others), strict=True):
            listed = ["contact", "tier", "k", "n"]
            assert_frame_equal(one.standings[listed], other.standings[listed])
            assert_frame_equal(one.owed, other.owed)
        with pytest.raises(BrokenProcessPool):
            crew.executor.submit(os._exit, 1).result()
        found = side_by_side.detection(detection.given, setting, helpers)
    agree(found, detection, "one that died")
    assert died == [1]


def _answer(world: World, chance: Random) -> None:
    """Say of a few of the questions and incidents that a report would print whose they were."""
    slots = of(world.facts())[0].slots
    asked = slots[(slots["rule"] != "") & (slots["evidence_key"] != "")]
    for row in asked.sample(min(3, len(asked)), random_state=1).itertuples():
        kind = row.rule if row.rule in ("M1", "M6", "M8") else "incident"
        word = chance.choice(
            ("them", "us", "held", "none") if kind != "incident" else ("wrong", "us")
        )
        world.claim(kind, str(row.contact), str(row.evidence_key), word, str(AS_OF - DAY))


_COMPANIES = companies(stories().values())
_TOLD = [
    pytest.param(group, id=f"{group[0].file}-{group[0].name}",
                 marks=() if group[0].name == "asked_far_from_greenwich" else _LONG)
    for group in _COMPANIES
]  # fmt: skip


@pytest.mark.parametrize("group", _TOLD)
def test_the_stories_are_judged_the_same_in_shards(
    group: list[Story], tmp_path: Path, template: Path
) -> None:
    detection = detection_of(group, fresh_url(tmp_path, template))
    hold_together(detection, replace(detection.setting, policy=STANDARD), 7)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("shards"))
