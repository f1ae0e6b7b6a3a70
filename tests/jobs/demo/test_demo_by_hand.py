"""Does the demonstration end with what one wants to see next, and can it be stopped?"""

from __future__ import annotations

import os
import signal
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jobs.demo import demo
from tests.support.providers.house import NOSHOW, ended


def test_each_command_that_it_ends_with_can_be_pasted_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", [str(NOSHOW), "demo"])
    root = tmp_path / "a folder with blanks & more"
    lines = demo.next_commands(root, datetime(2026, 11, 30, 6, tzinfo=UTC))
    pasted = [line.strip() for line in lines if line.startswith("  ")]
    assert len(pasted) == 3
    for line in pasted:
        asked = subprocess.run(
            ["/bin/sh", "-c", f"{line} --help"],
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert asked.returncode == 0, asked.stderr
        assert "Usage: noshow" in asked.stdout


@pytest.mark.parametrize("interruptions", [1, 2])
def test_ctrl_c_ends_it_with_130_and_without_a_traceback(
    tmp_path: Path, interruptions: int
) -> None:
    process = subprocess.Popen(
        [NOSHOW, "demo", "--folder", tmp_path / "demo"],
        env={**os.environ, "NOSHOW_HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "first sync" in process.stdout.readline()
    for _ in range(interruptions):
        process.send_signal(signal.SIGINT)
    typed = ended(process)
    assert typed.code == 130
    assert "Traceback" not in typed.said
    assert "stopped" in typed.said
