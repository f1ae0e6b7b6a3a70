"""Does one worker run the tests that share what was built once, and do the long ones begin first?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.machine.workers import long_ones_first

ROOT = Path(__file__).parents[2]

TESTS = """
import os
import pathlib

import pytest

HERE = pathlib.Path(__file__).parent


def note(name):
    with (HERE / name).open("a") as file:
        file.write(os.environ["PYTEST_XDIST_WORKER"] + " ")


@pytest.fixture(scope="module")
def built():
    note("built")


@pytest.mark.parametrize("number", range(6))
def test_of_what_the_module_built(built, number):
    note("shared")


@pytest.mark.xdist_group("told")
@pytest.mark.parametrize("number", range(6))
def test_of_a_group(number):
    note("told")


@pytest.mark.parametrize("number", range(6))
def test_of_nothing(number):
    note("single")
"""


def test_a_group_and_what_shares_a_modules_fixture_are_run_by_one_worker(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "conftest.py").write_text(
        "from tests.conftest import pytest_collection_modifyitems"
    )
    command = [
        "-q",
        "-n",
        "2",
        "--dist",
        "loadgroup",
        "--import-mode=importlib",
        "-p",
        "no:cacheprovider",
    ]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *command, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr

    def workers(name: str) -> list[str]:
        return (tmp_path / name).read_text().split()

    assert len(workers("built")) == 1, "built once, for all workers"
    assert len(workers("shared")) == len(workers("told")) == len(workers("single")) == 6
    assert len({*workers("shared")}) == len({*workers("told")}) == 1


def test_what_is_lengthy_is_dealt_out_before_all_else(request: pytest.FixtureRequest) -> None:
    def item(name: str, *marks: str) -> pytest.Item:
        made = pytest.Function.from_parent(request.node.parent, name=name, callobj=lambda: None)
        for mark in marks:
            made.add_marker(mark)
        return made

    items = [item("a"), item("b", "proof"), item("c", "lengthy"), item("d"), item("e", "lengthy")]
    long_ones_first(items)
    assert "".join(one.name for one in items) == "ceabd"
