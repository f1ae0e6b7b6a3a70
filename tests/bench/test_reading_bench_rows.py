"""Does the bench of the files measure what it says, on few mails?"""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.bench import files_bench


@pytest.mark.proof
def test_a_quick_run_measures_every_reader_and_every_peak(
    capsys: pytest.CaptureFixture[str],
) -> None:
    files_bench.main(["--scale", "0.002"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        "mbox, grep",
        "mbox, mailbox",
        "mbox, mailbox, facts",
        "mbox, ours",
        "mbox, store",
        "ours / mailbox",
        "ours / mailbox, facts",
        "store / ours",
        "grep / ours",
        "peak, ours, 200 mails",
        "peak, store, 200 mails",
        "store / ours, 200 mails",
        "ours, all cores, 200 mails",
        "all cores / one, ours, 200",
        "store, all cores, 200 mails",
        "all cores / one, store, 200",
        "peak, ours, 2000 mails",
        "peak, store, 2000 mails",
        "store / ours, 2000 mails",
        "ours, all cores, 2000 mails",
        "all cores / one, ours, 2000",
        "store, all cores, 2000 mails",
        "all cores / one, store, 2000",
        "peak, ours, 1 M / 100 k",
        "peak, store, 1 M / 100 k",
    ]


def test_the_readers_find_the_same_mails(tmp_path: Path) -> None:
    path = tmp_path / "mails.mbox"
    files_bench.write_mbox(path, 120, 3)
    readers = (
        files_bench.read_grep,
        files_bench.read_mailbox,
        files_bench.read_mailbox_facts,
        files_bench.read_ours,
        files_bench.read_into_store,
    )
    assert [read(str(path)) for read in readers] == [120] * 5


def test_a_reader_that_misses_mails_is_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    figures = files_bench.Figures(1, math.pi, math.pi, math.pi, math.pi)
    monkeypatch.setattr(files_bench, "_measure", lambda reader, path: figures)
    with pytest.raises(RuntimeError, match="grep read 1 of 50 messages"):
        files_bench.run(0.0001)
