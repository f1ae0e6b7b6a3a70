"""Does a clock that jumps, both ways, ever stop the work, cost a report, or hide what was read?"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from config.clock import Clock
from config.settings import Settings
from connectors.store.store import Store
from jobs.context import Context
from jobs.schedule import clock_ahead
from jobs.schedule.due import due
from jobs.schedule.serve import known_runs
from tests.support.facts.seen import sqlite_url
from tests.support.providers.house import KATE, House

PLAN = Settings.model_validate(
    {"zone": "Europe/Berlin", "mailbox": [{"address": KATE, "provider": "google"}]}
)
START = datetime(2026, 11, 9, 0, tzinfo=UTC)  # a Monday
STEP = timedelta(hours=1)
HOURS = 10 * 24
#: (when the clock jumps [h], by how much [h], for how long [h])
JUMPS = st.tuples(
    st.integers(30, HOURS - 60),
    st.sampled_from([-24 * 900, -24 * 8, -26, -3, -1, 1, 3, 26, 24 * 8, 24 * 400, 24 * 3000]),
    st.integers(1, 30),
)


class House3Weeks:
    """The real ledger and the real decision; the jobs only write down that they ran."""

    def __init__(self, folder: Path) -> None:
        self.shown = self.true = START
        clock = Clock(now_=lambda: self.shown)
        self.store = Store.open(sqlite_url(folder), clock)
        self.context = Context(PLAN, None, clock, self.store)  # type: ignore[arg-type]
        self.polls: list[datetime] = []
        self.sent: list[tuple[str, datetime]] = []
        self.said = 0

    def tick(self, true: datetime, off: timedelta) -> None:
        self.true, self.shown = true, true + off
        self.said += bool(clock_ahead.put_right(self.context).problems)
        for one in due(known_runs(self.context), PLAN, self.shown):
            number = self.store.ledger.begin_run(f"{one.job}:{one.key}")
            if one.job == "report":
                line = self.store.ledger.claim_report(KATE, one.key)
                if line is not None:
                    self.store.ledger.handed_over(line.report_id, "x")
                    self.sent.append((one.key, true))
            else:
                self.polls.append(true)
            self.store.ledger.finish_run(number, "0")


@settings(max_examples=5, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
@example(jumps=[(30, 26, 9)])
@example(jumps=[(30, -24 * 900, 1), (100, 24 * 8, 30)])
@given(jumps=st.lists(JUMPS, min_size=1, max_size=2))
def test_whatever_jumps_a_right_clock_fetches_in_time_and_each_week_has_its_report(
    jumps: list[tuple[int, int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    house = House3Weeks(tmp_path_factory.mktemp("clocks"))
    wrong: set[int] = set()
    with house.store:
        for hour in range(HOURS):
            off = next((by for at, by, long in jumps if at <= hour < at + long), 0)
            wrong |= {hour} if off else set()
            house.tick(START + hour * STEP, timedelta(hours=off))
    # Two hours after the last wrong hour at the latest, and from then on every two hours.
    fetched = {(one - START) // STEP for one in house.polls}
    for hour in range(2, HOURS):
        lately = {hour - 2, hour - 1, hour}
        assert lately & fetched or lately & wrong, f"nothing was fetched for hours until {hour}"
    # Each Monday at seven by a right clock: that week's report is there, and was sent once from
    # a right clock at most.
    counts = Counter(week for week, at in house.sent if (at - START) // STEP not in wrong)
    assert all(number == 1 for number in counts.values()), house.sent
    for week, day in (("2026-W45", 0), ("2026-W46", 7)):
        hours = {day * 24 + hour for hour in range(6, 54)}
        if not hours <= wrong:
            assert week in {key for key, _ in house.sent}, (week, jumps)


@pytest.mark.parametrize("years", [1, 5])
def test_a_report_that_a_leaping_clock_sent_does_not_cost_the_week_that_comes(
    tmp_path: Path, years: int
) -> None:
    house = House3Weeks(tmp_path)
    with house.store:
        house.tick(START + 8 * STEP, timedelta())
        ahead = years * timedelta(weeks=52)
        house.tick(START + 9 * STEP, ahead)
        (_, (stolen, _)) = house.sent
        house.tick(START + 10 * STEP, timedelta())
        assert house.said == 1, "once is enough, since it is struck out"
        assert house.store.ledger.ahead() is None
        assert [one.week for one in house.store.ledger.reports()] == ["2026-W45"]
        house.tick(START + 10 * STEP + ahead, timedelta())
        assert [key for key, _ in house.sent].count(stolen) == 2


def test_a_clock_that_fell_behind_strikes_out_nothing(tmp_path: Path) -> None:
    house = House3Weeks(tmp_path)
    with house.store:
        for hour in range(60):
            house.tick(START + hour * STEP, timedelta())
        known = len(house.store.ledger.reports())
        for behind in (timedelta(days=1), timedelta(days=12_000)):
            house.tick(START + 61 * STEP, -behind)
            assert house.said
        house.tick(START + 62 * STEP, timedelta())
        assert len(house.store.ledger.reports()) >= known


def test_what_was_fetched_by_a_clock_ahead_is_in_the_report_and_syncs_go_on(kates: House) -> None:
    monday = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)
    kates.now = monday - timedelta(days=1)
    assert kates.type("doctor").code == 3  # a first run by a right clock is none yet
    kates.now = monday + timedelta(days=700)
    assert kates.agreed, "whoever stands between dates by the same clock"
    assert kates.type("sync").code == 0
    kates.now = monday
    assert "in the future" in kates.type("doctor").err
    typed = kates.type("run-due")
    assert typed.code == 3
    assert "clock was ahead" in typed.err
    assert "calendar" in typed.out, "it fetched, though a run of the future was there"
    with kates.store() as store:
        seen = store.frames(kates.now + timedelta(minutes=kates.commands)).observations["seen_at"]
        assert len(seen) > 5
        assert (seen.dt.year == 2026).all()
    assert kates.type("run-due").code == 0


def test_a_clock_that_is_hours_ahead_reads_nothing_and_a_right_one_goes_on(kates: House) -> None:
    assert kates.world is not None
    assert kates.type("sync").code == 0
    kates.agreed = False
    kates.now = kates.world.now + timedelta(hours=2)
    typed = kates.type("sync")
    assert typed.code == 2, typed.said
    assert "2 hours ahead of the provider's" in typed.said
    assert "set the clock" in typed.said
    assert "ahead of the provider's" in kates.type("report", "--to", "stdout", "--dry-run").said
    kates.now = None
    assert kates.type("sync").code == 0
