"""Is it true what noshow says of a year that never was, and does it say what could be known?

The whole table is `make truth`: 18 years of 200 contacts. Here one small year a provider runs
whole, and a year is read over the wire and straight.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.store_dump import dump
from tests.truth import playing, wired, year
from tests.truth.__main__ import one_seed, short_of
from tests.truth.labels import MODES

PROVIDERS = ("google", "microsoft")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_small_year_is_judged_right(provider: str) -> None:
    scores = one_seed(7, provider, 14, 20, MODES[:1])
    assert short_of(scores) == [], [(one.wrong, one.missed) for one in scores.values()]
    assert all(sum(one.counts.values()) > 10 for one in scores.values())


@pytest.mark.parametrize(
    ("provider", "contacts", "weeks"),
    [
        ("google", 8, 16),
        *(pytest.param(one, 40, 26, marks=pytest.mark.proof) for one in PROVIDERS),
    ],
)
def test_read_straight_a_year_gives_the_facts_that_the_wire_gives(
    provider: str, contacts: int, weeks: int, tmp_path: Path
) -> None:
    made = year.make(5, provider, contacts=contacts, weeks=weeks)
    with playing.lived(made, f"sqlite:///{tmp_path / 'straight.db'}", "live 6 h") as (store, _):
        straight = dump(store)
    made = year.make(5, provider, contacts=contacts, weeks=weeks)
    with wired.lived(made, tmp_path, "live 6 h") as (store, _):
        over_the_wire = dump(store)
    # where each way stands is its own affair
    del straight["cursors"], over_the_wire["cursors"]
    assert straight["meetings"]
    assert straight["messages"]
    for table, rows in straight.items():
        assert rows == over_the_wire[table], table


def test_the_same_seed_gives_the_same_year_whoever_serves_it() -> None:
    one, again = (year.make(3, "google", contacts=20, weeks=12) for _ in range(2))
    assert one.world.script == again.world.script
    assert one.truth == again.truth
    other = year.make(4, "google", contacts=20, weeks=12)
    assert other.truth != one.truth


def test_the_years_know_nothing_of_how_noshow_decides() -> None:
    """The makers and readers of the years import nothing of reports; only the scoring does."""
    folder = Path(__file__).parent
    for name in ("labels", "year", "straight", "playing", "wired"):
        assert "reports" not in (folder / f"{name}.py").read_text("utf-8").split("import", 1)[1]
