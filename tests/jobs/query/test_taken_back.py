"""Does what is taken back leave nothing behind in what reports have noted?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.sandbox.world.world import World
from tests.support.providers.house import KATE, House, house_with_google, moved_into

MONDAY = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)
ANN, BO = "ann@cold.example", "bo@warm.example"


def cold_and_warm() -> World:
    """Kate asked Ann three times, who never wrote; Bo answered and came to a meeting."""
    world = World(MONDAY - timedelta(days=120))
    world.account(KATE, "Kate Lind")
    world.human(ANN, "Ann Cold")
    world.human(BO, "Bo Warm")
    for days in (40, 30, 20):
        world.mail(MONDAY - timedelta(days=days), KATE, ANN, f"Offer {days}")
    hello = world.mail(MONDAY - timedelta(days=90), KATE, BO, "Hello")
    world.mail(MONDAY - timedelta(days=89), BO, KATE, "Re: Hello", reply_to=hello)
    start = MONDAY - timedelta(days=60)
    met = world.invite(start - timedelta(days=6), KATE, [BO], start, title="Plan")
    world.answer(start - timedelta(days=5), met, BO, "accepted")
    world.advance_to(MONDAY - timedelta(days=100))
    return world


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Kate's installation after weeks of looks."""
    with pytest.MonkeyPatch.context() as patch:
        with house_with_google(tmp_path_factory.mktemp("taken"), patch, cold_and_warm()) as made:
            assert made.world is not None
            while made.world.now < MONDAY:
                assert made.type("sync").code == 0
                made.world.advance_to(min(MONDAY, made.world.now + timedelta(days=7)))
            yield made


@pytest.fixture
def lived(built: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with moved_into(built, tmp_path, monkeypatch) as made:
        yield made


def stages(house: House) -> dict[str, str]:
    tree = json.loads(house.type("export", "--format", "json").out)
    return {one["contact"]: one["stage"] for one in tree["people"] if one["contact"] in (ANN, BO)}


def rule(house: House) -> dict[str, str]:
    tree = json.loads(house.type("export", "--format", "json").out)
    return {one["contact"]: one["rule"] for one in tree["silences"]}


@pytest.mark.parametrize(
    "back",
    [
        ("tag", "undo", "1"),
        ("tag", ANN, "same-person", BO, "--remove"),
        ("tag", BO, "same-person", ANN, "--remove"),
    ],
    ids=["undo", "remove", "the other way round"],
)
def test_a_join_by_mistake_makes_nobody_one_we_met(lived: House, back: tuple[str, ...]) -> None:
    assert lived.type("tag", ANN, "same-person", BO).code == 0
    assert lived.type("run-due").code == 0
    assert stages(lived) == {ANN: "met"}
    assert lived.type(*back).code == 0
    assert stages(lived) == {ANN: "never", BO: "met"}
    assert rule(lived) == {ANN: "T4"}


def test_a_call_of_the_wrong_person_that_is_undone_was_none(lived: House) -> None:
    assert lived.type("call", ANN, "spoke", "--at", "2026-10-01 10:00").code == 0
    assert lived.type("run-due").code == 0
    assert stages(lived)[ANN] == "dialogue"
    assert lived.type("call", "undo", "1").code == 0
    assert stages(lived)[ANN] == "never"
    assert rule(lived) == {ANN: "T4"}


def test_a_call_that_stays_makes_a_dialogue_of_it(lived: House) -> None:
    assert lived.type("call", ANN, "spoke", "--at", "2026-10-01 10:00").code == 0
    assert lived.type("run-due").code == 0
    assert rule(lived) == {ANN: "T3"}


def test_an_answer_that_is_undone_leaves_nothing_behind(lived: House) -> None:
    assert lived.type("run-due").code == 0
    (line,) = [one for one in lived.newest().splitlines() if "Ann Cold: " in one]
    drawn = line.partition("[")[2][:6]
    assert lived.type("answer", drawn, "reached").code == 0
    lived.now = MONDAY + timedelta(days=7)
    assert lived.type("run-due").code == 0
    assert rule(lived) == {}
    assert lived.type("answer", drawn, "undo").code == 0
    assert stages(lived)[ANN] == "never"
    assert rule(lived) == {ANN: "T4"}
