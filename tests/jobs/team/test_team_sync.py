"""Does a team's sync bring what a single sync brings, wherever it is done, and name nobody?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.clock import Clock
from connectors.store.store import Store
from jobs.fetch.sync import Manner
from jobs.fleet import set_aside
from jobs.team.unit import Unit, read, without_password
from tests.support.providers.house import House
from tests.support.providers.team_office import Office, facts, team_office


@pytest.fixture(scope="module")
def office() -> object:
    with team_office(1) as made:
        yield made


def test_processes_bring_what_threads_bring_and_the_status_names_nobody(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = office.house(tmp_path / "plain", monkeypatch)
    team = office.house(tmp_path / "team", monkeypatch)
    assert team.type("team", "status").code == 4
    first, second = plain.type("sync"), team.type("team", "sync")
    assert (first.code, second.code) == (0, 0), first.said + second.said
    assert sorted(first.out.splitlines()) == sorted(second.out.splitlines())
    with plain.store() as one, team.store() as other:
        assert facts(one) == facts(other)
    shown = team.type("team", "status")
    assert shown.code == 0
    assert "2 mailboxes: 2 current" in shown.out
    assert "@" not in shown.said
    (named, _) = json.loads(team.type("team", "status", "--format", "json", "--names").out)
    assert (named["mailbox"], named["address"]) == (1, office.sellers[0][0])


def test_a_mailbox_with_which_workers_die_rests_is_named_and_is_tried_again(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = office.house(tmp_path / "house", monkeypatch)
    house.type("team", "status")
    with house.store() as store:
        run = store.ledger.begin_run(set_aside.JOB, 2)
        store.ledger.finish_run(run, "killed", "3 workers died with it")
    skipped = house.type("team", "sync")
    assert skipped.code == 3
    assert "mailbox 2: set aside" in skipped.err
    assert office.sellers[1][0] not in skipped.said
    for words in (("status",), ("team", "status")):
        said = house.type(*words)
        assert said.code == 3
        assert "mailbox 2 is set aside since" in said.err
    again = house.type("team", "sync", "--again", "-m", office.sellers[1][0])
    assert again.code == 0, again.said
    assert "2 mailboxes: 2 current" in house.type("team", "status").out


def test_a_worker_with_another_store_refuses_and_names_a_number(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = office.house(tmp_path / "house", monkeypatch)
    for name, value in house.variables().items():
        monkeypatch.setenv(name, value)
    ended = read(Unit("postgresql+psycopg://noshow@db.ourco.example/noshow", 7), Manner())
    (problem,) = ended.outcome.problems
    assert problem.startswith("mailbox 7: the settings of this worker name another store")


def test_units_bear_no_password() -> None:
    shown = without_password("postgres://noshow:secret@127.0.0.1:5432/noshow")
    assert shown == "postgresql+psycopg://noshow@127.0.0.1:5432/noshow"
    assert without_password(shown) == shown


def test_a_scheduler_without_postgresql_is_a_mistake_in_the_settings(house: House) -> None:
    house.settings(fleet={"scheduler": "tcp://127.0.0.1:8786"})
    said = house.type("team", "sync")
    assert said.code == 2
    assert "set [store] url to a PostgreSQL database" in said.err


def test_the_number_of_a_mailbox_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'noshow.db'}", Clock()) as store:
        with pytest.raises(Exception, match="no mailbox 7"):
            store.mailboxes.address(7)
