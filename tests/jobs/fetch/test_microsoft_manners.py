"""Does a sync keep Graph's rules of the road, as the server's own log tells?

Waiting is real here, because the server's clock is: at most four requests of the app in flight, no
one back before Retry-After has passed, and no one more than two seconds late.
"""

from __future__ import annotations

from pathlib import Path

from connectors.sandbox.microsoft.server import MicrosoftSandbox
from connectors.sandbox.server.faults import Fault
from connectors.sandbox.world.world import World
from jobs.console.outcome import DONE
from tests.support.providers.desk import Given, desk_at
from tests.support.providers.microsoft_office import DANA, KATE, at, small

MIRA = "mira@ourco.example"


def busy_world() -> World:
    """Two mailboxes with meeting mails and folders, so that every stream has something to ask."""
    world = small(World(at(-14)))
    world.account(MIRA, "Mira Sol", system="exchange")
    for who in (KATE, MIRA):
        for number in range(8):
            uid = world.invite(at(-9), who, [DANA], at(1 + number), title=f"M{number}")
            world.answer(at(-8, number / 10), uid, DANA, "accepted")
    world.advance_to(at(0))
    return world


def test_a_sync_comes_back_when_it_was_told_to_and_four_at_a_time(tmp_path: Path) -> None:
    with MicrosoftSandbox(busy_world()) as server:
        for stream, told in (
            ("calendarView.list", 1.2),
            ("messages.delta", 0.7),
            ("messages.get", 1.0),
            ("mailFolders.list", 0.5),
        ):
            server.faults.add(Fault("too_many", where=stream, times=2, retry_after=told))
        with desk_at(server, server.world, tmp_path, Given(also=(MIRA,)), really=True) as desk:
            desk.log_in("read")
            assert desk.sync().code == DONE
        log = server.log
        returned = list(log.returns())
        assert len(returned) == server.faults.fired.total() == 8
        assert log.undercut() == []
        assert log.overlong(2.0) == []
        assert 2 <= log.peak <= 4
        assert log.careless() == []
        assert {one.mailbox for one in log if one.mailbox} == {KATE, MIRA}


def test_without_being_told_a_request_waits_longer_each_time(tmp_path: Path) -> None:
    with MicrosoftSandbox(busy_world()) as server:
        server.faults.add(Fault("server_error", where="calendarView.list", times=3))
        with desk_at(server, server.world, tmp_path) as desk:
            desk.log_in("read")
            assert desk.sync().code == DONE
    # Three waits without a Retry-After: at least a half, one and two seconds (equal jitter).
    assert sum(desk.naps.slept) >= 3.5
