"""Is it said what to do where a PostgreSQL server lets noshow in only half, or not at all?"""

from __future__ import annotations

import pytest
import sqlalchemy
from sqlalchemy import text

from config.errors import ConfigError, NoshowError, StoreError
from connectors.store.store import Store
from tests.support.facts.seen import mailbox, open_store
from tests.support.machine.postgres import PostgresServer

pytestmark = pytest.mark.postgres


def prepare(url: str, *statements: str) -> None:
    """Statements of the database's owner."""
    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for one in statements:
            connection.execute(text(one))
    engine.dispose()


def told(url: str) -> NoshowError:
    with pytest.raises(NoshowError) as raised:
        Store.open(url).close()
    return raised.value


def test_a_login_that_is_refused_is_told_from_a_server_that_is_not_there(
    postgres: PostgresServer, postgres_url: str
) -> None:
    wrong = told(postgres_url.replace(postgres.password, "hidden"))
    assert wrong.message == "the database server refused the login"
    assert "hidden" not in wrong.told
    assert "~/.pgpass" in told(postgres_url.replace(f":{postgres.password}", "")).hint
    assert "cannot be reached" in told(postgres_url.replace(str(postgres.port), "1")).message
    assert "name is not found" in told(postgres_url.replace("127.0.0.1", "db.invalid")).message
    assert "createdb" in told(postgres.url("missing")).hint


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("sslmode=require", "no TLS"), ("sslmode=bogus", "option"), ("sslmod=require", "option"),
    ],
)  # fmt: skip
def test_an_option_of_the_url_that_cannot_be_is_said(
    postgres_url: str, options: str, said: str
) -> None:
    assert said in told(f"{postgres_url}?{options}").message
    Store.open(f"{postgres_url}?sslmode=prefer").close()


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_hold_every_subject_is_refused_at_once(
    postgres: PostgresServer, encoding: str
) -> None:
    name = f"narrow_{encoding.lower()}"
    made = f"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'"
    prepare(postgres.url("postgres"), made)
    refused = told(postgres.url(name))
    postgres.drop(postgres.url(name))
    assert isinstance(refused, ConfigError)
    assert encoding in refused.message
    assert "--encoding=UTF8" in refused.hint


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE mailboxes (x int)",),
        ("CREATE TABLE alembic_version (version_num text)", "INSERT INTO alembic_version VALUES ('ab12')"),
    ],
    ids=["tables", "versions"],
)  # fmt: skip
def test_a_database_of_another_program_is_left_alone(
    postgres_url: str, statements: tuple[str, ...]
) -> None:
    prepare(postgres_url, *statements)
    refused = told(postgres_url)
    assert "a database of its own" in refused.hint
    assert "mistake in noshow" not in refused.told
    engine = sqlalchemy.create_engine(postgres_url)
    assert len(sqlalchemy.inspect(engine).get_table_names()) == 1
    engine.dispose()


def test_a_role_that_may_only_read_reads_and_is_found_before_a_report(
    postgres: PostgresServer, postgres_url: str
) -> None:
    with open_store(postgres_url) as store:
        mailbox(store)
        store.check_writing()
    granted = (
        "DROP ROLE IF EXISTS reader",
        "CREATE ROLE reader LOGIN PASSWORD 'only'",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
    )
    reader = postgres_url.replace(f"noshow:{postgres.password}@", "reader:only@")
    prepare(postgres_url, *granted)
    with open_store(reader) as store:
        with pytest.raises(StoreError, match="does not let noshow write"):
            store.check_writing()
        assert store.size() == 0


def test_where_no_table_can_be_made_the_rights_are_named(
    postgres: PostgresServer, postgres_url: str
) -> None:
    granted = ("DROP ROLE IF EXISTS weak", "CREATE ROLE weak LOGIN PASSWORD 'weak'")
    prepare(postgres.url("postgres"), *granted)
    refused = told(postgres_url.replace(f"noshow:{postgres.password}@", "weak:weak@"))
    assert "rights on its schema" in refused.hint
