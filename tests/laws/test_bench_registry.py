"""Does the bench run everything in its folder, and go on when one fails?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench import run

ROOT = Path(run.HERE).parents[1]


def test_every_bench_can_be_started_without_arguments() -> None:
    assert "detection_bench" in run.names()
    for name in run.names():
        text = (run.HERE / f"{name}.py").read_text()
        assert "def main(" in text, name
        assert '__name__ == "__main__"' in text, name


def test_one_that_fails_is_named_and_the_others_still_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = []

    def one(name: str) -> bool:
        ran.append(name)
        return name != run.names()[0]

    monkeypatch.setattr(run, "run_one", one)
    assert run.main([]) == 1
    assert ran == run.names()
    assert run.names()[0] in capsys.readouterr().out


def test_a_name_that_nobody_has_is_refused_and_the_names_are_said() -> None:
    done = subprocess.run(
        [sys.executable, "tests/bench/run.py", "nothing"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "files_bench" in done.stdout


def test_values_stand_under_each_other() -> None:
    lines = run.table([("a", 1.0, "s", ""), ("longer", 1234.5, "x", "note")]).splitlines()
    assert len({line.index(".") for line in lines}) == 1
