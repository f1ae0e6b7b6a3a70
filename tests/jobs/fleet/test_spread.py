"""Does every unit end, whatever becomes of the workers? With real processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import Settings, SyncSettings
from jobs.fleet.executors import hiring
from jobs.fleet.spread import KILLS, Ended, spread
from tests.jobs.fleet.units import Square, fails, work

TWO = Settings(sync=SyncSettings(workers=2))


def of(folder: Path, *kills: int) -> list[Square]:
    return [Square(number, folder / "seen", many) for number, many in enumerate(kills)]


def ends(units: list[Square], **how: object) -> dict[int, Ended[Square, int]]:
    hire = hiring(TWO, len(units))
    return {end.unit.number: end for end in spread(hire, work, units, **how)}  # type: ignore[arg-type]


def test_every_unit_is_done_once(tmp_path: Path) -> None:
    found = ends(of(tmp_path, 0, 0, 0, 0, 0))
    assert {number: end.result for number, end in found.items()} == {n: n**2 for n in range(5)}
    assert sorted((tmp_path / "seen").read_text().split()) == list("01234")


def test_a_worker_that_dies_costs_a_repetition_and_no_result(tmp_path: Path) -> None:
    found = ends(of(tmp_path, 0, 1, 0, 0))
    assert {number: end.result for number, end in found.items()} == {n: n**2 for n in range(4)}


def test_a_unit_with_which_workers_keep_dying_is_given_up_and_takes_no_other_along(
    tmp_path: Path,
) -> None:
    found = ends(of(tmp_path, 0, 99, 0, 0))
    assert {number: end.result for number, end in found.items() if number != 1} == {
        0: 0,
        2: 4,
        3: 9,
    }
    assert (found[1].result, found[1].kills) == (None, KILLS)
    assert (tmp_path / "seen").read_text().split().count("1") == KILLS


def test_who_killed_before_comes_last_and_alone(tmp_path: Path) -> None:
    first, *others = of(tmp_path, 1, 0, 0)
    hire = hiring(TWO, len(others), apart=True)
    found = list(spread(hire, work, others, alone=[first]))
    assert found[-1] == Ended(first, 0)
    assert (tmp_path / "seen").read_text().split()[-2:] == ["0", "0"]


def test_what_has_not_begun_when_it_is_stopped_ends_without_a_result(tmp_path: Path) -> None:
    found = ends(of(tmp_path, 0, 0), stop=lambda: True)
    assert [(end.result, end.kills) for end in found.values()] == [(None, 0), (None, 0)]
    assert not (tmp_path / "seen").exists()


@pytest.mark.parametrize("units", [1, 2])
def test_a_mistake_in_the_work_is_not_taken_for_a_death(tmp_path: Path, units: int) -> None:
    given = of(tmp_path, *(0 for _ in range(units)))
    with pytest.raises(LookupError):
        list(spread(hiring(TWO, units), fails, given))
