"""Does a sync say how fast it is, what of the quota it has spent, and how long the rest will take?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.server.faults import Fault
from connectors.sandbox.world.world import World
from jobs.console.progress import Pace, Units
from tests.support.providers.google_office import DANA, MONDAY, at
from tests.support.providers.house import KATE, House

MAILS = 400
LINE = re.compile(
    r"mail of mailbox 1: (?P<done>[\d,]+)(?: of (?P<total>[\d,]+))? records, (?P<rate>[\d.]+)/s, "
    r"(?P<units>[\d,]+) units(?:, (?P<left>\d+) (?P<unit>s|min) left)?$",
    re.MULTILINE,
)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Kate's installation over so many mails, each a thread of its own."""
    world = World(MONDAY)
    world.account(KATE, "Kate Lind")
    world.human(DANA, "Dana Kim")
    world.invite(at(0, 1), DANA, [KATE], at(9), title="Budget")
    for number in range(MAILS):
        world.mail(at(0, number / 100), DANA, KATE, f"Offer {number}")
    world.advance_to(at(1))
    with GoogleSandbox(world) as google:
        made = House(tmp_path / "house", monkeypatch, world, google)
        made.settings()
        made.log_in()
        yield made


def told(text: str) -> dict[str, str]:
    found = LINE.search(text)
    assert found, text
    return found.groupdict(default="")


def number(text: str) -> float:
    return float(text.replace(",", ""))


def test_a_whole_sync_says_what_it_has_spent_to_the_unit(house: House) -> None:
    typed = house.type("sync")
    assert typed.code == 0, typed.said
    said = told(typed.err)
    assert number(said["done"]) >= MAILS
    assert said["total"] == said["left"] == "", "nothing is left"
    assert house.google is not None
    # Google's own count, by its price list.
    assert number(said["units"]) == house.google.log.units("gmail.") > MAILS * 20
    assert number(said["rate"]) > 1
    (calendar,) = re.findall(r"calendar of mailbox 1: .*", typed.err)
    assert "/s" in calendar
    assert "units" not in calendar


def test_a_sync_that_is_cut_short_says_how_long_the_quota_makes_the_rest_last(
    house: House,
) -> None:
    assert house.google is not None
    house.settings(google={"units_per_minute": 6_000})
    house.google.faults.add(
        Fault("daily_403", where="gmail.users.messages.get", after=20, times=None)
    )
    typed = house.type("sync")
    assert typed.code == 3
    said = told(typed.err)
    done, total = number(said["done"]), number(said["total"])
    assert 0 < done <= 20
    assert total >= MAILS
    # 300 messages a minute and not what the first seconds let through.
    seconds = number(said["left"]) * (60 if said["unit"] == "min" else 1)
    assert seconds == pytest.approx((total - done) * 20 / 6_000 * 60, abs=31)
    assert seconds >= 60


@dataclass
class Run:
    """A stream on a clock of its own; what it spends is counted by hand."""

    now: float = 0.0
    units: int = 0
    done: int = 0
    pace: Pace = field(init=False)

    def counted(self, per_minute: int = 6_000) -> Run:
        self.pace = Pace(lambda: self.now, Units(lambda: self.units, per_minute))
        return self

    def fetch(self, records: int, seconds: float, total: int, price: int = 20) -> str:
        self.now += seconds
        self.done += records
        self.units += records * price
        return self.pace.note(self.done, total - self.done)


def test_a_burst_at_the_beginning_promises_nothing() -> None:
    run = Run().counted()
    # 230 a second at first, as a full bucket allows it; the quota makes it 5 a second.
    assert run.fetch(12, 12 / 230, 2_538) == "230/s, 240 units, 8 min left"


def test_the_rate_is_that_of_the_last_minute() -> None:
    run = Run().counted(per_minute=1_000_000)
    run.fetch(10_000, 10, 20_000)
    for _ in range(14):
        said = run.fetch(10, 5, 20_000)
    assert said == "2.0/s, 202,800 units, 1 h 22 min left"


def test_naming_what_is_to_be_fetched_does_not_slow_the_rate_down() -> None:
    run = Run().counted(per_minute=1_000_000)
    for _ in range(3):
        run.now += 30
        run.units += 5
        assert run.pace.note(0, 500) == f"{run.units} units"
    assert run.fetch(100, 10, 500) == "10/s, 2,015 units, 40 s left"


def test_without_units_none_are_made_up() -> None:
    run = Run()
    run.pace = Pace(lambda: run.now)
    assert run.fetch(50, 10, 100) == "5.0/s, 10 s left"
    assert run.fetch(50, 10, 100) == "5.0/s"
