"""Do all functions of detection keep the house's contract, on facts of every shape?

Pure (no input is changed), true to their schema, free of warnings (the suite makes them errors),
and blind to the order and repetition of rows. The facts are empty, all null, permuted, doubled, or
lack one frame; what flows between the detectors is then replayed with each table in turn permuted,
doubled or empty.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
import pandas as pd
import pytest

from connectors.model.frames import Frames, empty, empty_frames, enforce
from connectors.model.schemas import SCHEMAS, Schema
from reports import schemas
from reports.detect import pipeline
from reports.detect.mail.meeting_mails import NOTICES
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from reports.schemas import SHAPES, Findings
from tests.properties.watching import Call, name_of, public, watched
from tests.support.facts import busy_world
from tests.support.facts.mail_box import OURS, PHRASES
from tests.support.facts.whole_world import AS_OF, STANDARD

#: Several tests look at one run: in one process it is made once.
pytestmark = pytest.mark.xdist_group("contract")

#: The detectors that `pipeline.detect` asks, with the schema of their answer.
DETECTORS: dict[str, Schema] = {
    "threads.mails": schemas.MAILS,
    "directory.basic": schemas.PEOPLE,
    "assistants.find_assistants": schemas.ASSISTANTS,
    "meeting_mails.join": NOTICES,
    "human_acts.find_acts": schemas.ACTS,
    "absences.find_absences": schemas.ABSENCES,
    "outcomes.shaped": schemas.SLOTS,
    "asks.find_asks": schemas.ASKS,
    "stages.complete": schemas.PEOPLE,
    "silence.find_silences": schemas.SILENCES,
    "owed.find_owed": schemas.OWED,
    "promises.find_passed": schemas.PASSED,
    "reply_times.find_replies": schemas.REPLIES,
    "tiers.find_standings": schemas.STANDINGS_NOW,
    "questions.open_questions": schemas.QUESTIONS,
    "questions.chosen": schemas.QUESTIONS,
}
#: Used by others than `detect`, or only where a subject must decide.
ELSEWHERE = {"mail_class.delay_notice", "coverage.complete_to", "past_standings.snapshot"}


def detect(frames: Frames) -> Findings:
    return pipeline.detect(frames, OURS, STANDARD, PHRASES, AS_OF)


def _nulled(table: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    """The same rows with nothing in them: what may be missing is missing, keys and duties stay."""
    blank: dict[str, Any] = {"text": "", "flag": False, "count": 0, "number": np.nan}
    columns = {}
    for label, column in schema.items():
        if column.kind == "key" or (column.kind == "instant" and not column.null):
            columns[label] = table[label]
        else:
            columns[label] = pd.Series(
                pd.NaT if column.kind == "instant" else blank[column.kind],
                table.index,
                dtype=column.dtype,
            )
    return enforce(pd.DataFrame(columns), schema)


def permuted(table: pd.DataFrame) -> pd.DataFrame:
    return table.sample(frac=1, random_state=7)


def doubled(table: pd.DataFrame) -> pd.DataFrame:
    return permuted(pd.concat([table, table], ignore_index=True))


def everywhere(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Frames:
    return Frames(**{name: change(table) for name, table in busy_world.facts()})


def nothing_in_them() -> Frames:
    """All null but the earlier reports: one that cannot be read is an error, and rightly so."""
    return Frames(
        **{
            name: table if name == "standings" else _nulled(table, SCHEMAS[name])
            for name, table in busy_world.facts()
        }
    )


def without(name: str) -> Frames:
    return Frames(**{**dict(busy_world.facts()), name: empty(SCHEMAS[name])})


def alone(name: str) -> Frames:
    return empty_frames(**{name: getattr(busy_world.facts(), name)})


FACTS: dict[str, Callable[[], Frames]] = {
    "busy": busy_world.facts,
    "empty": empty_frames,
    "all null": nothing_in_them,
    "permuted": partial(everywhere, permuted),
    "doubled": partial(everywhere, doubled),
    **{f"without {name}": partial(without, name) for name in SCHEMAS},
    **{f"{name} alone": partial(alone, name) for name in SCHEMAS if name != "standings"},
}


@cache
def thoroughly(facts: str) -> tuple[tuple[Call, ...], Findings]:
    """Each step, also where the pipeline would know that there is nothing to say."""
    calls: list[Call] = []
    frames = FACTS[facts]()
    with watched(calls):
        setting = Setting.of(frames.tags, OURS, STANDARD, PHRASES, AS_OF)
        found = Detection(frames, setting, thorough=True).findings
    return tuple(calls), found


def true_to_shape(found: Findings) -> None:
    for name, schema in SHAPES.items():
        table = getattr(found, name)
        pd.testing.assert_frame_equal(table, enforce(table, schema, name), obj=name)


def test_the_busy_world_has_something_for_every_detector() -> None:
    nothing = [name for name in SHAPES if getattr(busy_world.findings(), name).empty]
    assert nothing == []


def test_every_public_function_of_detection_is_watched() -> None:
    reached = {call.name for call in thoroughly("busy")[0]}
    assert {name_of(function) for function in public()} - reached <= ELSEWHERE
    assert set(DETECTORS) <= reached


#: One frame missing or alone: a few in every run, all of them among the long tests.
_OFTEN = {
    "busy", "empty", "all null", "doubled", "without observations", "messages alone",
    "meetings alone",
}  # fmt: skip


@pytest.mark.parametrize(
    "facts",
    [name if name in _OFTEN else pytest.param(name, marks=pytest.mark.proof) for name in FACTS],
)
def test_no_input_is_changed_and_every_answer_fits_its_schema(facts: str) -> None:
    calls, found = thoroughly(facts)
    true_to_shape(found)
    # and what it leaves out says the same
    plain = detect(FACTS[facts]())
    for name in SHAPES:
        pd.testing.assert_frame_equal(getattr(plain, name), getattr(found, name), obj=name)
    assert (plain.notices, plain.coverage) == (found.notices, found.coverage)
    for call in calls:
        if call.name in DETECTORS:
            schema = DETECTORS[call.name]
            pd.testing.assert_frame_equal(
                call.result, enforce(call.result, schema, call.name), obj=call.name
            )
    assert {call.name for call in calls} >= set(DETECTORS) - {"outcomes.shaped"}


def test_a_function_that_changed_its_input_would_be_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from reports.detect.silence import promises

    original = promises.find_passed

    def find_passed(setting: Setting, frames: Frames, *args: Any, **options: Any) -> pd.DataFrame:
        frames.promises["words"] = "changed"
        return original(setting, frames, *args, **options)

    find_passed.__module__ = promises.__name__
    monkeypatch.setattr(promises, "find_passed", find_passed)
    facts = Frames(**{name: table.copy() for name, table in busy_world.facts()})
    with pytest.raises(AssertionError, match="promises was changed"), watched([]):
        detect(facts)


@pytest.mark.parametrize("facts", ["permuted", "doubled"])
def test_order_and_repetition_of_facts_change_nothing(facts: str) -> None:
    _, found = thoroughly(facts)
    for name in SHAPES:
        pd.testing.assert_frame_equal(
            getattr(found, name), getattr(busy_world.findings(), name), obj=name
        )


def _last(name: str) -> Call:
    return [call for call in thoroughly("busy")[0] if call.name == name][-1]


def _replayed(call: Call, place: int | str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Any:
    args, options = list(call.args), dict(call.options)
    if isinstance(place, int):
        args[place] = change(args[place])
    else:
        options[place] = change(options[place])
    return call.function(*args, **options)


def _places(call: Call) -> list[int | str]:
    """Where the tables are that another detector made."""
    found: list[int | str] = [
        place for place, value in enumerate(call.args) if isinstance(value, pd.DataFrame)
    ]
    return found + [
        label for label, value in call.options.items() if isinstance(value, pd.DataFrame)
    ]


@pytest.mark.parametrize("name", list(DETECTORS))
def test_what_one_detector_hands_to_the_next_may_come_in_any_order(name: str) -> None:
    call = _last(name)
    for place in _places(call):
        again = _replayed(call, place, permuted)
        if name == "outcomes.shaped":
            # Gives columns their shape and leaves the order to whoever judged the slots.
            order = ["start_at", "meeting_key", "contact", "number"]
            again = again.sort_values(order, ignore_index=True)
        pd.testing.assert_frame_equal(again, call.result, obj=f"{name}, argument {place}")


@pytest.mark.parametrize("name", list(DETECTORS))
def test_a_detector_survives_that_another_one_found_nothing(name: str) -> None:
    call = _last(name)
    for place in _places(call):
        again = _replayed(call, place, lambda table: table.iloc[:0])
        schema = DETECTORS[name]
        pd.testing.assert_frame_equal(again, enforce(again, schema, name), obj=f"{name}, {place}")
