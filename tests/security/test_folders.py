"""Can another user of the machine read what noshow writes?"""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from config import private_files
from config.errors import ConfigError
from tests.support.providers.house import House


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def careless() -> object:
    """A umask that gives everybody everything."""
    before = os.umask(0)
    yield
    os.umask(before)


def loose(folder: Path) -> list[str]:
    """What below the folder others could read, write or enter."""
    return [str(one) for one in (folder, *folder.rglob("*")) if mode(one) & 0o077]


def test_all_that_commands_write_is_for_its_owner_only(kates: House, tmp_path: Path) -> None:
    kates.home.chmod(0o755)
    kates.settings_file.chmod(0o600)
    for words in (
        ("sync",),
        ("report", "--to", "folder"),
        ("export", "--to", str(tmp_path / "all.json")),
        ("export", "--format", "csv", "--to", str(tmp_path / "all")),
    ):
        typed = kates.type(*words)
        assert typed.code in (0, 3), typed.said
    assert loose(kates.home) == []
    assert loose(tmp_path / "all") == []
    assert mode(tmp_path / "all.json") == 0o600


def test_an_export_over_an_open_file_closes_it_and_follows_no_link(
    kates: House, tmp_path: Path
) -> None:
    victim, file = tmp_path / "victim", tmp_path / "all.json"
    victim.write_text("precious")
    file.symlink_to(victim)
    assert kates.type("sync").code == 0
    assert kates.type("export", "--to", str(file)).code == 0
    assert victim.read_text() == "precious"
    assert not file.is_symlink()
    assert mode(file) == 0o600


@pytest.mark.parametrize("which", ["home", "state", "reports"])
def test_a_folder_that_became_loose_is_closed_and_said(kates: House, which: str) -> None:
    kates.type("status")
    folder = {"home": kates.home, "state": kates.paths.state, "reports": kates.reports}[which]
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    typed = kates.type("doctor")
    assert f"closed to other users just now: {folder}" in typed.out
    assert mode(folder) == 0o700
    assert "closed to other users" not in kates.type("doctor").out


def test_a_folder_of_the_settings_with_other_things_in_it_is_refused(
    kates: House, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    kates.settings(report={"folder": shared})
    assert kates.type("status").code == 4  # nothing fetched yet; empty: it can be noshow's
    assert mode(shared) == 0o700
    shared.chmod(0o755)
    (shared / "holiday.jpg").touch()
    typed = kates.type("status")
    assert typed.code == 2
    assert f"chmod 700 {shared}" in typed.err
    assert mode(shared) == 0o755


def test_a_copy_that_was_put_back_with_other_rights_is_closed(kates: House) -> None:
    kates.type("sync")
    held = [kates.paths.state / "noshow.db", *kates.paths.tokens.glob("*.json")]
    assert len(held) > 1
    for one in held:
        one.chmod(0o644)
    assert kates.type("status").code == 0
    assert [mode(one) for one in held] == [0o600] * len(held)


def test_a_folder_of_everybody_is_refused(tmp_path: Path) -> None:
    everybodys = tmp_path / "tmp"
    everybodys.mkdir()
    everybodys.chmod(0o1777)
    with pytest.raises(ConfigError, match="for its owner alone"):
        private_files.close_folder(everybodys)


@pytest.mark.parametrize("which", [".", "users/kate"])
def test_a_home_that_is_the_users_own_or_around_it_is_not_closed(
    kates: House, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    shared = kates.home
    monkeypatch.setenv("HOME", str(shared / which))
    (shared / "holiday.jpg").touch()
    shared.chmod(0o755)
    typed = kates.type("status")
    assert typed.code == 2
    assert f"such as {shared}/noshow" in typed.err
    assert "chmod" not in typed.err
    assert mode(shared) == 0o755


def test_nobody_is_told_to_shut_others_out_of_what_the_machine_needs(kates: House) -> None:
    kates.settings(report={"folder": "/etc"})
    typed = kates.type("status")
    assert typed.code == 2
    assert "chmod" not in typed.err


def test_a_store_elsewhere_is_closed_too(kates: House, tmp_path: Path) -> None:
    place = tmp_path / "facts"
    place.mkdir(mode=0o755)
    kates.settings(store={"url": f"sqlite:///{place}/noshow.db"})
    assert kates.type("status").code == 4, "nothing was fetched yet"
    assert loose(place) == []


def test_with_postgresql_the_folders_are_closed_as_well(kates: House, postgres_url: str) -> None:
    kates.settings(store={"url": postgres_url})
    kates.settings_file.chmod(0o600)
    kates.home.chmod(0o755)
    kates.paths.state.chmod(0o755)
    assert kates.type("sync").code in (0, 3)
    kates.type("report", "--to", "folder")
    assert loose(kates.home) == []


def test_a_half_written_file_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kept.json"
    private_files.write(file, "old")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left")))
    with pytest.raises(OSError, match="No space"):
        private_files.write(file, "new")
    assert file.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["kept.json"]
