"""On which databases do the store's tests run? On both, each test with a store of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.store.store import Store
from tests.support.facts.seen import Hands, open_store, sqlite_url


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def store(url: str, hands: Hands) -> Iterator[Store]:
    with open_store(url, hands) as opened:
        yield opened
