"""Is it true what noshow says of a year that never was, and does it say what could be known?

The whole table is `make truth`: 20 years of 200 contacts. Here one small year a provider runs
whole, and a year is read over the wire and straight.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.truth import whole_year, wired
from tests.truth.__main__ import one_seed, short_of
from tests.truth.labels import MODES
from tests.truth.year import Year

PROVIDERS = ("google", "microsoft")


@pytest.mark.lengthy
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_small_year_is_judged_right(provider: str) -> None:
    scores = one_seed(7, provider, 14, 20, MODES[:1])
    assert short_of(scores) == [], [(one.wrong, one.missed) for one in scores.values()]
    assert all(sum(one.counts.values()) > 10 for one in scores.values())


@pytest.mark.lengthy
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
    def made() -> Year:
        return whole_year.make(5, provider, contacts=contacts, weeks=weeks)

    differs = wired.differing(made, tmp_path, "live 6 h")
    assert {"meetings", "messages"} <= set(differs)
    assert [table for table, differ in differs.items() if differ] == []


def test_the_same_seed_gives_the_same_year_whoever_serves_it() -> None:
    one, again = (whole_year.make(3, "google", contacts=20, weeks=12) for _ in range(2))
    assert one.world.script == again.world.script
    assert one.truth == again.truth
    other = whole_year.make(4, "google", contacts=20, weeks=12)
    assert other.truth != one.truth


def test_the_years_know_nothing_of_how_noshow_decides() -> None:
    """The makers and readers of the years import nothing of reports; only the scoring does."""
    folder = Path(__file__).parent
    for name in ("labels", "year", "whole_year", "straight", "playing", "wired"):
        assert "reports" not in (folder / f"{name}.py").read_text("utf-8").split("import", 1)[1]
