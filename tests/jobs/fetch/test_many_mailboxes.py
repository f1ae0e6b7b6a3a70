"""Are many mailboxes of both providers read by one process, though some of them have to wait?"""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from config.clock import Clock
from connectors.model.streams import MAIL
from connectors.sandbox.server.faults import Fault
from connectors.store.store import Store
from jobs.context import opened
from jobs.fetch import sync
from tests.support.providers.team_office import facts, team_office

#: Told by the provider [s]; nobody waits for that long here.
TOLD = 100.0
LONG = 300.0


@pytest.mark.parametrize(
    ("of_each", "throttled"), [(6, 10), pytest.param(50, 30, marks=pytest.mark.proof)]
)
def test_mailboxes_that_have_to_wait_keep_no_other_from_being_read(
    of_each: int, throttled: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with team_office(of_each) as office:
        house = office.house(tmp_path / "house", monkeypatch, sync={"workers": 2})
        for name, value in house.variables().items():
            monkeypatch.setenv(name, value)
        # The first ones of the settings, with both providers among them.
        held = dict(office.sellers[:throttled])
        free = [address for address, _ in office.sellers[throttled:]]
        assert len(held) > 2 * 4, "more than there are places, and lanes at Microsoft 365"
        servers = {"google": office.google, "microsoft": office.microsoft}
        faults = [
            (servers[provider], Fault("too_many", who=address, times=None, retry_after=TOLD))
            for address, provider in held.items()
        ]
        for server, fault in faults:
            server.faults.add(fault)
        opened_store: list[Store] = []
        guard, over = threading.Lock(), threading.Event()

        def sleep(seconds: float) -> None:
            """What a provider told is over as soon as all others have been read."""
            if seconds < 1.0:
                time.sleep(seconds)
                return
            limit = time.monotonic() + LONG
            while not over.wait(0.05):
                assert time.monotonic() < limit, "who waits keeps others from being read"
                with guard:
                    if not over.is_set() and read(opened_store[0], free):
                        asked = [entry for one in servers.values() for entry in one.log]
                        refused = [one.mailbox for one in asked if one.status == 429]
                        # Each was asked for once, and then not before its time.
                        assert sorted(refused) == sorted(held)
                        for server, fault in faults:
                            server.faults.drop(fault)
                        over.set()

        clock = Clock(now_=lambda: office.world.now, sleep_=sleep)
        with opened(clock=clock, quiet=True) as context:
            opened_store.append(context.store)
            done = sync.run(context)
            assert (done.code, over.is_set()) == (0, True), done.problems
            found = facts(context.store)
            assert read(context.store, list(held))
    assert len(found["mailboxes"]) == 2 * of_each
    per_mailbox = {box: 0 for box, _ in office.sellers}
    for row in found["meetings"]:
        per_mailbox[row["mailbox"]] += 1
    assert set(per_mailbox.values()) == {3}


def read(store: Store, addresses: list[str]) -> bool:
    """Were all of these read to their end?"""
    numbers = store.sightings.mailboxes()
    return all(
        address in numbers
        and any(
            stream.name == MAIL and stream.complete_to is not None
            for stream in store.streams.of(numbers[address])
        )
        and store.pending.count(numbers[address]) == 0
        for address in addresses
    )
