"""Can the store be opened where it can, and does it say what to do where it cannot?"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from config.errors import Busy, ConfigError, StoreError
from connectors.store.database import engine
from connectors.store.migrations import migrate
from connectors.store.store import Store
from connectors.store.tables.schema import METADATA
from tests.support.facts.seen import mailbox, open_store, sqlite_url
from tests.support.store_dump import dump


def test_a_new_store_has_the_tables_that_the_migrations_make(url: str) -> None:
    open_store(url).close()
    connected = sqlalchemy.create_engine(engine.parse(url))
    with connected.begin() as connection:
        new = shapes(connection)
        METADATA.drop_all(connection)
        connection.execute(sqlalchemy.text("DROP TABLE alembic_version"))
        migrate.upgrade(connection)
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert shapes(connection) == new
        assert set(new) >= {*METADATA.tables, "alembic_version"}
    connected.dispose()


def shapes(connection: sqlalchemy.Connection) -> dict[str, object]:
    """All that a database says of each table, in whatever order it was told; and what is in it."""
    seen = sqlalchemy.inspect(connection)
    found: dict[str, object] = {}
    for table in seen.get_table_names():
        facts = (
            seen.get_columns(table),
            seen.get_foreign_keys(table),
            seen.get_unique_constraints(table),
            [_readable(one) for one in seen.get_indexes(table)],
            seen.get_check_constraints(table),
        )
        key = seen.get_pk_constraint(table)
        rows = connection.execute(sqlalchemy.text(f'SELECT * FROM "{table}"')).all()
        found[table] = ([sorted(map(str, fact)) for fact in facts], str(key), rows)
    if connection.dialect.name == "sqlite":
        made = "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'"
        found["numbered"] = sorted(connection.execute(sqlalchemy.text(made)).scalars())
        found.pop("sqlite_sequence", None)
    return found


def _readable(index: Any) -> dict[str, object]:
    """An index with the words of its condition, which is an object."""
    options = {name: str(one) for name, one in index.get("dialect_options", {}).items()}
    return {**index, "dialect_options": options}


def test_it_opens_again_with_all_it_held(url: str) -> None:
    with open_store(url) as store:
        number = mailbox(store)
    with open_store(url) as store:
        assert mailbox(store) == number
        assert mailbox(store, "eli@ours.example") != number


def test_a_store_of_an_older_version_is_brought_up_to_date_with_all_it_held(url: str) -> None:
    with open_store(url) as store:
        number = mailbox(store)
        store.pages.begin_poll(number, "mail", "full", parameters="p1")
        before = dump(store)
    connected = engine.connect(engine.parse(url))
    with connected.begin() as connection:
        config = migrate.settings()
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        assert "missed_at" not in columns(connection, "cursors")
    connected.dispose()
    with open_store(url) as store:
        assert dump(store) == before
        assert len(before["cursors"]) == 1
        with store.database.reading() as connection:
            assert "missed_at" in columns(connection, "cursors")


def columns(connection: sqlalchemy.Connection, table: str) -> set[str]:
    return {column["name"] for column in sqlalchemy.inspect(connection).get_columns(table)}


def test_a_mailbox_keeps_its_number_and_takes_a_new_zone(store: Store) -> None:
    number = store.mailboxes.ensure("sam@ours.example", "google", "Europe/Berlin")
    assert store.mailboxes.ensure("sam@ours.example", "google", "Europe/Rome") == number
    assert store.frames().mailboxes.zone.tolist() == ["Europe/Rome"]


def test_a_store_of_a_newer_version_is_refused(url: str) -> None:
    open_store(url).close()
    connected = sqlalchemy.create_engine(engine.parse(url))
    with connected.begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = '9999'"))
    connected.dispose()
    with pytest.raises(StoreError, match="newer noshow") as caught:
        open_store(url)
    assert "update noshow" in caught.value.hint


def test_a_migration_excludes_everybody_and_waits_for_nobody_for_ever(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_PATIENCE", 0.2)
    with open_store(url) as store:
        with pytest.raises(Busy), store.locks.migration():
            pass
    connected = sqlalchemy.create_engine(engine.parse(url))
    with open_store(url):
        # Somebody uses it, as of an older version.
        with connected.begin() as connection:
            connection.execute(sqlalchemy.text("DELETE FROM alembic_version"))
        with pytest.raises(Busy, match="in use"):
            open_store(url)
    connected.dispose()


@pytest.mark.parametrize("wrong", ["mysql://host/x", "no url", "sqlite://", "sqlite:///:memory:"])
def test_a_url_that_cannot_be_is_a_mistake_in_the_settings(wrong: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Store.open(wrong)
    assert "sqlite:///" in caught.value.hint


def test_a_postgres_that_is_not_there_is_named() -> None:
    with pytest.raises(StoreError, match="cannot be reached"):
        Store.open("postgresql://nobody:secret@127.0.0.1:1/none")


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    with open_store(sqlite_url(tmp_path)) as store:
        mailbox(store)
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "state").iterdir()}
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    assert modes == {
        "noshow.db": 0o600,
        "noshow.db-wal": 0o600,
        "noshow.db-shm": 0o600,
        "noshow.db.locks": 0o700,
    }


def test_wal_and_its_companions_are_set(tmp_path: Path) -> None:
    with open_store(sqlite_url(tmp_path)) as store, store.database.reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")
        }
    assert found == {
        "journal_mode": "wal",
        "busy_timeout": 30_000,
        "foreign_keys": 1,
        "synchronous": 2,
    }


@pytest.mark.parametrize("damage", [b"this is no database at all" * 100, None])
def test_a_damaged_file_is_named(tmp_path: Path, damage: bytes | None) -> None:
    url = sqlite_url(tmp_path)
    open_store(url).close()
    file = Path(url.removeprefix("sqlite:///"))
    for name in ("noshow.db-wal", "noshow.db-shm"):
        file.with_name(name).unlink(missing_ok=True)
    if damage is None:
        whole = bytearray(file.read_bytes())
        whole[4096:] = b"\xa5" * (len(whole) - 4096)
        damage = bytes(whole)
    file.write_bytes(damage)
    with pytest.raises(StoreError, match="damaged") as caught:
        with open_store(url) as store:
            mailbox(store)
    assert "backup" in caught.value.hint


def test_a_full_disk_is_named_and_costs_nothing_that_was_stored(tmp_path: Path) -> None:
    with open_store(sqlite_url(tmp_path)) as store:
        number = mailbox(store)
        connection = store.database.engine.connect()
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        connection.close()
        with pytest.raises(StoreError, match="disk is full") as caught:  # noqa: PT012 - some week
            for week in range(1000):
                store.ledger.save_standings(number, f"2026-W{week}", week, "x" * 100_000)
        assert str(tmp_path) in caught.value.hint
        assert mailbox(store) == number


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="cannot be opened") as caught:
        open_store(sqlite_url(tmp_path))
    assert "rights" in caught.value.hint


def test_errors_quote_no_row(store: Store) -> None:
    with pytest.raises(StoreError) as caught:
        store.user_input.tag(999, "dana@client.example", "warm", "", 1)
    assert "dana" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_two_processes_may_open_a_new_store_at_once(url: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def use(_: int) -> int:
        with Store.open(url) as store:
            return mailbox(store)

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(use, range(4))) == {1}


def test_a_reader_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    with open_store(url) as store:
        mailbox(store)
        writer = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        assert len(store.frames().mailboxes) == 1
        writer.close()
