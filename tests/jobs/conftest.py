"""What do the tests of the command line share? An empty house, and Kate's with her Google."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.providers.house import House, house_with_google


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """An installation of which nothing is there yet."""
    return House(tmp_path / "house", monkeypatch)


@pytest.fixture
def kates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Kate's installation over a small world, logged in, with nothing fetched yet."""
    with house_with_google(tmp_path, monkeypatch) as made:
        yield made
