"""Is a damaged store said to be one, by every command, with the way back, and never a bug?"""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from config.errors import StoreError
from connectors.store.database import integrity
from connectors.store.store import Store
from tests.support.every_command import WITHOUT_A_STORE, Said, every_command
from tests.support.facts.files import calendar
from tests.support.providers.house import House


def store_of(house: House) -> Path:
    """The store's file, all in it, and nothing beside it."""
    file = house.paths.state / "noshow.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    for end in ("-wal", "-shm"):
        file.with_name(file.name + end).unlink(missing_ok=True)
    return file


def opening(folder: Path) -> list[tuple[str, ...]]:
    """Every command that opens the store; there is something to import."""
    files = folder / "files"
    files.mkdir(exist_ok=True)
    (files / "none.ics").write_bytes(calendar())
    typed = every_command(Said("omar@client.example", "a call", folder, files))
    return [words for words in typed if words[0] not in WITHOUT_A_STORE]


def named(house: House, *words: str) -> None:
    typed = house.type(*words)
    assert typed.code == 4, (words, typed.said)
    assert "damaged" in typed.err
    assert "backup" in typed.err
    assert "a bug" not in typed.said


def test_every_command_says_that_a_cut_off_store_is_damaged(fetched: House, tmp_path: Path) -> None:
    file = store_of(fetched)
    whole = file.read_bytes()
    for words in opening(tmp_path):
        file.write_bytes(whole[: len(whole) // 2 // 4096 * 4096])
        named(fetched, *words)


def test_a_store_cut_off_anywhere_is_never_taken_for_a_new_one(fetched: House) -> None:
    file = store_of(fetched)
    whole = file.read_bytes()
    for size in (0, 50, 4096, 10_000):
        file.write_bytes(whole[:size])
        named(fetched, "status")
        named(fetched, "sync")


@pytest.mark.parametrize("seeds", [12, pytest.param(24, marks=pytest.mark.proof)])
def test_random_flips_are_named_or_harmless_and_never_a_bug(
    fetched: House, tmp_path: Path, seeds: int
) -> None:
    commands = opening(tmp_path)
    file = store_of(fetched)
    whole = file.read_bytes()
    seen = []
    for seed in range(seeds):
        chance = random.Random(seed)
        broken = bytearray(whole)
        for _ in range(chance.choice((1, 8, 64, 400))):
            broken[chance.randrange(100, len(broken))] ^= 1 << chance.randrange(8)
        for end in ("-wal", "-shm"):
            file.with_name(file.name + end).unlink(missing_ok=True)
        file.write_bytes(broken)
        typed = fetched.type(*commands[seed % len(commands)])
        assert "a bug" not in typed.said, (seed, typed.said)
        assert typed.code in (0, 2, 3, 4), (seed, typed.said)
        if typed.code == 4 and "damaged" in typed.err:
            assert "backup" in typed.err
            seen.append(seed)
    assert len(seen) >= seeds // 3


def test_text_that_is_none_is_damage_and_is_not_quoted(fetched: House) -> None:
    file = store_of(fetched)
    raw = file.read_bytes()
    assert raw.count(b"omar@client.example") > 3
    file.write_bytes(raw.replace(b"omar@client.example", b"om\xffr@client.example"))
    typed = fetched.type("report", "--dry-run")
    assert typed.code == 4, typed.said
    assert "damaged" in typed.err
    assert "client.example" not in typed.err


def test_bytes_where_a_text_was_are_forgotten_with_it(fetched: House) -> None:
    """One flipped bit in the head of a row makes bytes of a text."""
    with closing(sqlite3.connect(store_of(fetched))) as connection:
        changed = connection.execute(
            "UPDATE messages SET subject=CAST('to omar@client.example' AS BLOB), at='soon'"
        )
        assert changed.rowcount > 3
        connection.commit()
        connection.execute(
            "UPDATE messages SET headers=CAST('for eva@xn--mller-kva.example' AS BLOB)"
            " WHERE message_id % 2"
        )
        connection.commit()
    forgotten = ("omar@client.example", "eva@xn--mller-kva.example")
    for words in (("report", "--dry-run"), *(("forget", one, "--yes") for one in forgotten)):
        typed = fetched.type(*words)
        assert "a bug" not in typed.said, typed.said
        for one in forgotten:
            if one in words:
                assert one.encode() not in store_of(fetched).read_bytes()


def test_a_broken_record_of_an_earlier_report_is_named_with_the_way_back(fetched: House) -> None:
    with closing(sqlite3.connect(store_of(fetched))) as connection:
        connection.execute("INSERT OR REPLACE INTO standings VALUES (1, '2026-W40', 1, '{')")
        connection.commit()
    named(fetched, "report", "--dry-run")


def test_a_large_store_is_checked_by_doctor_and_by_night(
    fetched: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = store_of(fetched)
    monkeypatch.setattr("jobs.context.SMALL", 0)
    raw = bytearray(file.read_bytes())
    # A page in the middle of something that neither command has to read for itself.
    size = int.from_bytes(raw[16:18], "big")
    page = len(raw) // size * 3 // 4 * size
    raw[page : page + size] = b"\x07" * size
    file.write_bytes(raw)
    named(fetched, "doctor")
    named(fetched, "sync", "--heal")


def test_a_whole_store_passes_and_the_way_back_works(fetched: House) -> None:
    file = store_of(fetched)
    backup = file.with_name("kept")
    shutil.copy(file, backup)
    assert "open and whole" in fetched.type("doctor").out
    file.write_bytes(b"\x00" * 4096)
    named(fetched, "status")
    shutil.copy(backup, file)
    assert fetched.type("status").code == 0
    # The other way: away with it, and fetched anew.
    file.unlink()
    assert fetched.type("sync").code == 0


def test_a_first_start_that_was_killed_early_is_no_damage(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    (folder / "noshow.db.locks").mkdir(parents=True)
    (folder / "noshow.db").touch()
    Store.open(f"sqlite:///{folder}/noshow.db").close()


def test_postgresql_is_not_looked_at(postgres_url: str) -> None:
    with Store.open(postgres_url) as store:
        store.check()


def test_the_error_names_the_folder(tmp_path: Path) -> None:
    error = integrity.damaged(Store.open(f"sqlite:///{tmp_path}/s/noshow.db").database.url)
    assert isinstance(error, StoreError)
    assert str(tmp_path / "s") in error.hint
