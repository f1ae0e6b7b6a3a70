"""Is a copy of the store whole and private, and does a restored one go on?"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from tests.support.providers.house import House


def test_a_copy_is_whole_private_and_of_a_moment_in_which_others_write(
    kates: House, tmp_path: Path
) -> None:
    assert kates.type("sync").code == 0
    with sqlite3.connect(kates.paths.state / "noshow.db") as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM messages")
        typed = kates.type("backup", str(tmp_path / "copy.db"))
        other.rollback()
    assert typed.code == 0, typed.said
    copy = tmp_path / "copy.db"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.db"]
    with sqlite3.connect(copy) as read:
        assert read.execute("SELECT count(*) FROM messages").fetchone()[0] > 10
    again = kates.type("backup", str(copy))
    assert again.code == 2
    assert "there already" in again.err


def test_a_restored_copy_goes_on(kates: House, tmp_path: Path) -> None:
    assert kates.type("sync").code == 0
    before = kates.type("export").out
    assert kates.type("backup", str(tmp_path / "copy.db")).code == 0
    store = kates.paths.state / "noshow.db"
    store.write_bytes(b"a disk that died")
    for beside in ("noshow.db-wal", "noshow.db-shm"):
        (store.parent / beside).unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "copy.db", store)
    assert kates.type("sync").code == 0
    assert len(kates.type("export").out) == len(before)


def test_a_place_that_cannot_be_written_is_said(kates: House, tmp_path: Path) -> None:
    typed = kates.type("backup", str(tmp_path / "no" / "such" / "copy.db"))
    assert typed.code == 2
    assert "cannot be written" in typed.err
