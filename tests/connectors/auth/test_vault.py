"""Are saved logins their owner's alone, and does no crash lose one?"""

from __future__ import annotations

import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from config.errors import AuthError, StoreError
from connectors.auth.vault import FileVault, entry_name


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_was_written_is_read_again_and_only_the_owner_can(tmp_path: Path) -> None:
    vault = FileVault(tmp_path / "state" / "tokens")
    before = os.umask(0)
    try:
        vault.write("google-read", {"refresh_token": "r"})
    finally:
        os.umask(before)
    assert vault.read("google-read") == {"refresh_token": "r"}
    assert vault.has("google-read")
    assert mode(vault.folder) == 0o700
    assert {mode(path) for path in vault.folder.iterdir()} == {0o600}


def test_a_login_that_a_copy_has_opened_to_others_is_closed_when_read(tmp_path: Path) -> None:
    vault = FileVault(tmp_path / "tokens")
    vault.write("a", {})
    (tmp_path / "tokens" / "a.json").chmod(0o644)
    vault.read("a")
    assert mode(tmp_path / "tokens" / "a.json") == 0o600


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"a": '])
def test_a_damaged_login_is_signed_out_and_says_what_to_do(tmp_path: Path, text: bytes) -> None:
    vault = FileVault(tmp_path)
    (tmp_path / "a.json").write_bytes(text)
    with pytest.raises(AuthError) as caught:
        vault.read("a")
    assert "noshow connect" in caught.value.hint


def test_a_missing_login_is_not_connected(tmp_path: Path) -> None:
    vault = FileVault(tmp_path / "none")
    with pytest.raises(AuthError, match="not connected"):
        vault.read("a")
    assert not vault.has("a")
    vault.forget("a")


def test_a_write_that_fails_leaves_the_old_login_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = FileVault(tmp_path / "tokens")
    vault.write("a", {"n": 1})

    def full_disk(_number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(StoreError, match="No space left"):
        vault.write("a", {"n": 2})
    assert vault.read("a") == {"n": 1}
    assert sorted(path.name for path in vault.folder.iterdir() if path.name != ".lock") == [
        "a.json"
    ]


def _count(folder: str, times: int) -> None:
    vault = FileVault(Path(folder))
    for _ in range(times):
        vault.update("a", lambda entry: {"n": entry["n"] + 1})


def test_two_processes_that_change_one_login_lose_no_change(tmp_path: Path) -> None:
    vault = FileVault(tmp_path)
    vault.write("a", {"n": 0})
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_count, args=(str(tmp_path), 30)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert vault.read("a") == {"n": 60}


def test_a_name_cannot_leave_the_folder(tmp_path: Path) -> None:
    name = entry_name("google", "../../Dana Kim@client.example", "read")
    FileVault(tmp_path / "tokens").write(name, {})
    assert {path.parent for path in tmp_path.rglob("*.json")} == {tmp_path / "tokens"}
    for bad in ("../a", "a/b", ".lock"):
        with pytest.raises(ValueError):
            FileVault(tmp_path).read(bad)
