"""Does the bench run everything in its folder, and go on when one fails?"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.bench import commands_bench, detection_bench, detection_world, mailboxes_bench, run

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


def test_the_bench_of_detection_runs_at_a_small_scale(tmp_path: Path) -> None:
    rows = {row[0].strip(): row for row in detection_bench.run(0.001, tmp_path, processes=1)}
    assert rows["detect / load"][1] > 0
    assert "1,000 mails, 100 meetings" in rows["load the frames"][3]
    slots = int(rows["detect"][3].split()[0].replace(",", ""))
    assert slots >= 80
    spent = [row for name, row in rows.items() if "." in name]
    assert len(spent) == 10
    assert sum(row[1] for row in spent) <= rows["detect, own work"][1]


def test_the_made_up_store_is_the_same_every_time(tmp_path: Path) -> None:
    dumps = []
    for number in range(2):
        path = tmp_path / f"{number}.db"
        detection_world.build(path, 1_000, 100)
        with closing(sqlite3.connect(path)) as connection:
            kept = [
                line for line in connection.iterdump()
                if line.startswith('INSERT INTO "') and '"meta"' not in line
            ]  # fmt: skip
        dumps.append(kept)
    assert len(dumps[0]) > 3_000
    assert dumps[0] == dumps[1]


def test_the_bench_of_mailboxes_measures_one_and_reckons_with_all(tmp_path: Path) -> None:
    rows = mailboxes_bench.rows_of(1, mailboxes_bench.one_size(1, tmp_path) | {"postgres": 0.0})
    named = {row[0].strip(): row[1] for row in rows}
    assert named["load the facts"] > 0
    polls = named["84 looks (a week, every two hours)"]
    assert polls == pytest.approx(84 * named[rows[0][0]] / 1e3)
    days = {row[0].strip(): row[1] for row in mailboxes_bench.plan()}
    assert days["Gmail, new prices: one first look"] == 10_000 * 20 / 6_000


@pytest.mark.proof
def test_the_bench_of_commands_asks_each_of_a_store_of_its_own(tmp_path: Path) -> None:
    environ, ids = commands_bench.home(detection_bench.store_of(0.001, tmp_path), tmp_path / "home")
    who = commands_bench.people(1_000, 1)[0]
    for words in (["contact", who], ["answer", ids[0], "reached"], ["forget", who, "--yes"]):
        (seconds,), most = commands_bench.taken([words], environ)
        assert seconds > 0
        assert most > 0
    with pytest.raises(RuntimeError, match="noshow answer ended with 2"):
        commands_bench.taken([["answer", "000000", "reached"]], environ)
