"""Are as many messages asked for at once as the quota pays for, and no more than Gmail suffers?"""

from __future__ import annotations

from pathlib import Path

from connectors.google.mail.lanes import MOST, Lanes
from connectors.sandbox.server.faults import Fault
from connectors.sync import sync_mail
from connectors.transport.client import Pressure
from tests.connectors.google.test_with_store import stored
from tests.support.providers.google_office import DANA, KATE, at


class Meter:
    """A clock and a quota that a test turns by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waited = 0.0
        self.crowded = 0

    def pressure(self) -> Pressure:
        return Pressure(self.waited, self.crowded)

    def go(self, lanes: Lanes, requests: int, *, waiting: float = 0.0) -> None:
        """So many requests of a second each, of which a share passes waiting for units."""
        for _ in range(requests):
            with lanes.one():
                self.now += 1.0
                self.waited += waiting


def lanes_of(meter: Meter, first: int, *, fixed: bool = False) -> Lanes:
    return Lanes(first, meter.pressure, lambda: meter.now, fixed=fixed)


def test_while_nobody_waits_for_units_one_after_another_is_added_up_to_the_most() -> None:
    meter = Meter()
    lanes = lanes_of(meter, 2)
    meter.go(lanes, 4)
    assert lanes.width == 3
    meter.go(lanes, 1_000)
    assert lanes.width == MOST


def test_where_most_of_the_time_is_spent_waiting_they_become_fewer_but_one_remains() -> None:
    meter = Meter()
    lanes = lanes_of(meter, 6)
    meter.go(lanes, 12, waiting=0.3)
    assert lanes.width == 6, "some waiting is the quota being used up"
    meter.go(lanes, 12, waiting=0.9)
    assert lanes.width == 5
    meter.go(lanes, 200, waiting=0.9)
    assert lanes.width == 1


def test_who_is_told_that_there_are_too_many_halves_them_and_stays_below() -> None:
    meter = Meter()
    lanes = lanes_of(meter, 8)
    meter.crowded += 1
    meter.go(lanes, 16)
    assert lanes.width == 4
    meter.go(lanes, 1_000)
    assert lanes.width == 7


def test_a_fixed_number_stays() -> None:
    meter = Meter()
    lanes = lanes_of(meter, 3, fixed=True)
    meter.go(lanes, 100)
    meter.crowded += 1
    meter.go(lanes, 100, waiting=0.9)
    assert lanes.width == 3


def test_a_mailbox_that_suffers_three_at_once_is_read_whole_and_few_are_refused(
    tmp_path: Path,
) -> None:
    with stored(tmp_path, max_in_flight=3) as (one, store, mailbox):
        # Who was refused comes back when the others are done, and not at once six times.
        one.fast.really = 0.01
        for number in range(300):
            one.world.mail(at(0, 0.05 * number), DANA, KATE, f"Matter {number}")
        one.world.advance_to(at(20))
        one.sandbox.faults.add(Fault("slow", where="gmail.*.get", times=None, seconds=0.01))
        outcome = sync_mail(store, one.mail, mailbox, 0)
        assert outcome.complete, outcome.problem
        assert store.pending.counts(mailbox).stored >= 300
        answers = [entry.status for entry in one.sandbox.log if entry.method.endswith("get")]
        assert one.sandbox.log.peak > 3, "it was tried"
        assert 429 in answers
        assert 429 not in answers[len(answers) // 2 :], "what was learned holds"
