"""Do the locks exclude whom they should, and die with their process?"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.clock import Clock
from config.errors import Busy
from connectors.store.store import Store
from tests.support.facts.seen import Hands, open_store

ROOT = Path(__file__).parents[3]
HOLDER = """
import sys
from connectors.store.store import Store
with Store.open(sys.argv[1]) as store, getattr(store.locks, sys.argv[2])(*map(int, sys.argv[3:])):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(url: str, *what: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, url, *what],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_mailbox_is_read_by_one_process_and_free_when_that_is_killed(
    store: Store, url: str
) -> None:
    other = hold(url, "mailbox", "1")
    try:
        with pytest.raises(Busy, match="mailbox 1"), store.locks.mailbox(1):
            pass
        with store.locks.mailbox(2), store.locks.report(), store.locks.scheduler():
            pass
    finally:
        other.send_signal(signal.SIGKILL)
        other.communicate()
    # PostgreSQL notices within a moment that the connection is gone.
    until = time.monotonic() + 20
    while True:
        try:
            with store.locks.mailbox(1):
                return
        except Busy:
            assert time.monotonic() < until
            time.sleep(0.05)


@pytest.mark.parametrize("name", ["report", "scheduler"])
def test_there_is_one_report_and_one_scheduler(store: Store, url: str, name: str) -> None:
    with open_store(url) as other, getattr(other.locks, name)():
        with pytest.raises(Busy), getattr(store.locks, name)():
            pass
    with getattr(store.locks, name)():
        pass


def test_one_process_excludes_itself_too(store: Store) -> None:
    with store.locks.mailbox(1), pytest.raises(Busy), store.locks.mailbox(1):
        pass


def test_waiting_for_a_lock_ends(store: Store, hands: Hands) -> None:
    began = hands.micros
    with store.locks.mailbox(1), pytest.raises(Busy), store.locks.mailbox(1, wait=2.0):
        pass
    assert 2.0 <= (hands.micros - began) / 1_000_000 <= 2.2


def test_a_lock_is_given_back_after_an_error(store: Store) -> None:
    with pytest.raises(RuntimeError), store.locks.mailbox(1):
        raise RuntimeError
    with store.locks.mailbox(1):
        pass


def test_only_so_many_are_under_way_at_once(url: str) -> None:
    with Store.open(url, Clock()) as one, Store.open(url, Clock()) as other:
        with one.locks.slot("graph", 2, wait=0), other.locks.slot("graph", 2, wait=0):
            with pytest.raises(Busy), one.locks.slot("graph", 2, wait=0):
                pass
            with one.locks.slot("another", 2, wait=0):
                pass
        with one.locks.slot("graph", 2, wait=0):
            pass


def test_the_places_of_a_key_are_shared_by_all_who_have_the_store_open(url: str) -> None:
    with Store.open(url) as one, Store.open(url) as other:
        with one.locks.slot("graph", 2, wait=0), other.locks.slot("graph", 2, wait=0):
            with pytest.raises(Busy), one.locks.slot("graph", 2, wait=0.1):
                pass
            with other.locks.slot("mail", 2, wait=0):
                pass
        with other.locks.slot("graph", 2, wait=0):
            pass
