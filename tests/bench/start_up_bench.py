"""How long does what is typed by hand keep somebody waiting, and how much memory does it take?

Each command runs as a process of its own on the store of the demonstration, beside an interpreter
that does nothing and one that only loads what every command needs. The least processor time of
several runs counts: what others do on the machine is not the command's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from connectors.sandbox.scenario.worlds import DEMO_NOW
from tests.bench.run import Row, table

NOSHOW = Path(sys.executable).with_name("noshow")
#: A command by hand may take so long [s of the processor], and so much memory [MB].
SECONDS, MEGABYTES = 0.5, 80
_RUNS = 7
_WHO = "omar@client.example"


def commands(answered: str) -> dict[str, list[str]]:
    """What is measured, by name. `answered`: the id of an open question. Those that change come last."""
    noshow = str(NOSHOW)
    return {
        "python -c pass": [sys.executable, "-c", "pass"],
        "import sqlalchemy, typer": [sys.executable, "-c", "import sqlalchemy, typer"],
        "noshow status": [noshow, "status"],
        "noshow questions": [noshow, "questions"],
        "noshow schedule --print": [noshow, "schedule", "--print", "cron"],
        "noshow answer": [noshow, "answer", answered, "them"],
        "noshow tag": [noshow, "tag", _WHO, "warm"],
        "noshow call": [noshow, "call", _WHO, "spoke", "--at", "yesterday"],
    }


def measured(words: Sequence[str], environ: Mapping[str, str]) -> tuple[float, float, int]:
    """Processor time [s], most memory [MB] and exit code of one process."""
    process = subprocess.Popen(
        words, env=dict(environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, process.returncode


def run(home: Path, now: str, runs: int = _RUNS) -> list[Row]:
    """(command, least processor time, s, memory) of each, over the installation in `home` at `now`."""
    environ = {**os.environ, "NOSHOW_HOME": str(home), "NOSHOW_NOW": now}
    asked = subprocess.run(
        [NOSHOW, "questions", "--format", "json"],
        env=environ, capture_output=True, text=True, check=True,
    )  # fmt: skip
    questions = json.loads(asked.stdout)
    rows: list[Row] = []
    for name, words in commands(questions[0]["id"] if questions else "000000").items():
        found = [measured(words, environ) for _ in range(runs)]
        seconds, megabytes = min(one[0] for one in found), max(one[1] for one in found)
        note = f"{megabytes:.0f} MB"
        if name.startswith("noshow") and (seconds > SECONDS or megabytes > MEGABYTES):
            note += f", more than {SECONDS} s or {MEGABYTES} MB"
        if codes := sorted({one[2] for one in found} - {0}):
            note += f", exit code {codes[-1]}"
        rows.append((name, seconds, "s", note))
    return rows


def main() -> None:
    """The demonstration's store is made first, which takes a minute."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "demo"
        subprocess.run(
            [NOSHOW, "demo", "--folder", home], check=True, stdout=subprocess.DEVNULL
        )  # fmt: skip
        print(table(run(home, (DEMO_NOW + timedelta(days=7)).isoformat())))


if __name__ == "__main__":
    main()
