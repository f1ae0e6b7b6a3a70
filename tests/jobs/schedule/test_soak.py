"""Do weeks of failures end in the same store as weeks without, with one report a week?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from connectors.sandbox.server.faults import Kind
from reports.columns import iso_weeks
from tests.jobs.schedule.soak import KINDS, START, WEEK, Disturbed, Life, Told
from tests.support.providers.house import one_set_of_limits
from tests.support.store_dump import Rows

#: What is true of the world; reports and claims say when something was seen, which faults change.
FACTS = ("mailboxes", "meetings", "messages", "attendance", "pending", "suppressed")


def weeks_of(number: int) -> list[str]:
    """The weeks whose reports are due: that of the first Monday is the week before it."""
    return [iso_weeks.week_of((START + (one - 1) * WEEK).date()) for one in range(number)]


def differing(one: Told, other: Told) -> dict[str, list[object]]:
    """What only one of the two stores holds, by table.

    one: the disturbed life. Where its polls failed for longer than a state of a meeting lasted,
    nobody can have seen that state: it may lack looks of the other's, never the last.
    """
    found = {}
    for name in FACTS:
        mine, theirs = one.facts[name], other.facts[name]
        if name == "meetings":
            theirs = [as_seen(row, by_id(mine)) for row in theirs]
        if mine != theirs:
            found[name] = [row for row in mine if row not in theirs][:2] + [
                row for row in theirs if row not in mine
            ][:2]
    return found


def by_id(meetings: Rows) -> dict[str, dict[str, Any]]:
    return {row["provider_id"]: row for row in meetings}


def as_seen(row: dict[str, Any], seen: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The meeting without the polls that the other store lacks, but with its last in any case."""
    other = seen.get(row["provider_id"], row)
    *before, last = row["polls"]
    return row | {"polls": [*(one for one in before if one in other["polls"]), last]}


def hold(folder: Path, weeks: int, disturbed: Disturbed, stolen: int) -> Told:
    """Live both lives and compare. `stolen`: reports that a clock ahead sent before their time."""
    quiet = Life(folder / "quiet", weeks, None).live()
    told = Life(folder / "disturbed", weeks, disturbed).live()
    assert quiet.facts["meetings"]
    assert quiet.facts["messages"]
    assert differing(told, quiet) == {}
    # Some are done before their moment comes.
    assert told.killed >= disturbed.kills * 3 // 4
    due = weeks_of(weeks)
    assert [one for one, _, _ in told.reports] == due
    assert {(state, tries) for _, state, tries in told.reports} == {("seen", 1)}
    assert sorted(told.delivered) == due
    assert set(told.delivered.values()) == {1}, told.delivered
    assert sum(told.ahead.values()) == stolen, told.ahead
    return told


@pytest.fixture(autouse=True)
def _one_set_of_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    one_set_of_limits(monkeypatch)


def test_four_weeks_of_failures_end_in_the_same_store_with_one_report_a_week(
    tmp_path: Path,
) -> None:
    disturbed = Disturbed(
        kills=2, mornings=True, jumps=((1.4, timedelta(days=-8), 1),), restored=2.8, seed=3
    )
    told = hold(tmp_path, 4, disturbed, 0)
    assert told.fired.total() > 5


@pytest.mark.proof
def test_a_year_of_failures_ends_in_the_same_store_with_one_report_a_week(tmp_path: Path) -> None:
    jumps = ((10.8, timedelta(days=-8), 1), (23.7, timedelta(days=5), 1), (36.7, timedelta(404), 1))
    # The weeks of the jumps and of the backup, and one that nothing else disturbs.
    busy = (10, 23, 32, 36, 45)
    disturbed = Disturbed(kills=26, jumps=jumps, restored=32.0, busy=busy, seed=5)
    told = hold(tmp_path, 52, disturbed, 0)
    assert told.killed >= 20
    assert told.fired.total() > 100


def test_the_soak_knows_every_kind_of_failure() -> None:
    assert {kind for kinds in KINDS.values() for kind in kinds} == set(get_args(Kind)) - {"stubs"}
