"""Does a Dask cluster of real processes over a real PostgreSQL bring what one process brings on SQLite?

A hundred mailboxes of both providers; one worker is killed while it reads.
"""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.clock import Clock
from connectors.store.store import Store
from tests.support.providers.house import House, ended, wait_until
from tests.support.providers.team_office import Office, facts, team_office

pytestmark = pytest.mark.proof


@contextmanager
def cluster(house: House, workers: int) -> Iterator[Any]:
    """A scheduler and its workers, each a process that knows this house's settings alone."""
    from distributed import LocalCluster

    with house.patch.context() as patched:
        for name, value in house.variables().items():
            patched.setenv(name, value)
        with LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
            host="127.0.0.1",
        ) as made:
            yield made


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with team_office(50) as made:
        yield made


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
def test_a_killed_worker_changes_nothing_of_what_a_hundred_mailboxes_bring(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    serial = office.house(tmp_path / "serial", monkeypatch, sync={"workers": 1})
    assert serial.type("sync").code == 0
    fleet = office.house(tmp_path / "fleet", monkeypatch, store={"url": postgres_url})
    with cluster(fleet, 2) as made:
        text = fleet.settings_file.read_text("utf-8")
        fleet.write(f'{text}[fleet]\nscheduler = "{made.scheduler_address}"\n')
        office.google.log.clear()
        running = fleet.start("team", "sync")
        # Not before the work has begun, and long before its end.
        wait_until(lambda: sum(office.google.log.counts().values()) >= 20)
        victim = next(iter(made.workers.values())).process.pid
        os.kill(victim, signal.SIGKILL)
        found = ended(running, within=500)
    assert found.code == 0, found.err[-3000:]
    with (
        serial.store() as one,
        Store.open(postgres_url, Clock(now_=lambda: office.world.now)) as other,
    ):
        mine, theirs = facts(one), facts(other)
    assert len(mine["mailboxes"]) == 100
    for name in mine:
        assert mine[name] == theirs[name], name


def test_a_scheduler_that_is_not_there_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_url: str, office: Office
) -> None:
    house = office.house(
        tmp_path / "house",
        monkeypatch,
        fleet={"scheduler": "tcp://127.0.0.1:1"},
        store={"url": postgres_url},
    )
    said = house.type("team", "sync", "-m", office.sellers[0][0])
    assert said.code == 3
    assert "scheduler does not answer" in said.err
