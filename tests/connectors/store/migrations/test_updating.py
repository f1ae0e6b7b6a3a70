"""Is a store that an earlier version wrote brought up to date whole, with a copy of how it was?"""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from config.errors import StoreError
from connectors.store.database import copies, engine
from connectors.store.store import Store
from connectors.store.tables.schema import METADATA
from tests.connectors.store.migrations.old_stores import OLD, ROWS, VERSIONS, load

OLDER = VERSIONS[:-1]


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'noshow.db'}"


DANA = "dana@client.example"
#: Tables of the first version that have another name today.
RENAMED = {"looks": "polls"}


def test_every_version_before_this_one_has_a_stored_store() -> None:
    stored = {path.stem[1:] for path in OLD.glob("v*.sql")}
    assert set(OLDER) <= stored, "python -m tests.connectors.store.migrations.old_stores"


@pytest.mark.parametrize("version", OLDER)
def test_a_stored_store_is_brought_up_to_date_with_all_it_held(
    tmp_path: Path, version: str
) -> None:
    place = tmp_path / "noshow.db"
    load(place, version)
    with Store.open(sqlite_url(tmp_path)) as store:
        facts = store.frames()
        assert (len(facts.meetings), len(facts.calls)) == (1, 1)
        assert list(facts.messages["subject"]) == ["Offer"]
        assert list(facts.tags["word"]) == ["client"]
        assert list(facts.promises["words"]) == ["the deposit"]
        assert store.people.known(DANA)
    connected = engine.connect(engine.parse(sqlite_url(tmp_path)))
    with connected.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        for table, rows in ROWS.items():
            now = RENAMED.get(table, table)
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {now}").scalar() == len(rows)
    connected.dispose()

    (copy,) = copies.kept(engine.parse(sqlite_url(tmp_path)))
    assert version in copy.name
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    fresh = tmp_path / "fresh.db"
    load(fresh, version)
    assert contents(copy) == contents(fresh), "the copy is the store as it was"


def contents(path: Path) -> list[str]:
    opened = sqlite3.connect(path)
    try:
        return list(opened.iterdump())
    finally:
        opened.close()


def test_a_new_store_and_one_of_this_version_are_not_copied(tmp_path: Path) -> None:
    for _ in range(2):
        Store.open(sqlite_url(tmp_path)).close()
    assert copies.kept(engine.parse(sqlite_url(tmp_path))) == []


def test_a_store_that_cannot_be_copied_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "noshow.db"
    load(place, OLDER[0])
    before = contents(place)

    def full(_source: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    # A full disk cannot be had in a test.
    monkeypatch.setattr(copies, "copy", full)
    with pytest.raises(StoreError, match="could not be copied") as caught:
        Store.open(sqlite_url(tmp_path))
    assert "free as much space" in caught.value.hint
    assert contents(place) == before


def test_who_is_forgotten_goes_from_the_copy_too_and_an_old_copy_ends(tmp_path: Path) -> None:
    url = engine.parse(sqlite_url(tmp_path))
    load(tmp_path / "noshow.db", OLDER[0])
    with Store.open(sqlite_url(tmp_path)) as store:
        (copy,) = copies.kept(url)
        store.privacy.retain(0)
        assert copies.kept(url) == [copy], "it is new"
        month = time.time() - copies.KEPT - 60
        os.utime(copy, (month, month))
        store.privacy.retain(0)
        assert copies.kept(url) == []
    load(tmp_path / "second.db", OLDER[0])
    with Store.open(f"sqlite:///{tmp_path / 'second.db'}") as store:
        assert len(list(tmp_path.glob("second-before-update-*"))) == 1
        store.privacy.forget(DANA)
    assert list(tmp_path.glob("second-before-update-*")) == []
    assert DANA.encode() not in (tmp_path / "second.db").read_bytes()
