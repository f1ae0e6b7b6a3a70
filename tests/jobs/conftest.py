"""What do the tests of the command line share? An empty house, and Kate's with her Google."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.providers.house import House, house_with_google, moved_into


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """An installation of which nothing is there yet."""
    return House(tmp_path / "house", monkeypatch)


@pytest.fixture
def kates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Kate's installation over a small world, logged in, with nothing fetched yet."""
    with house_with_google(tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Kate's installation after its first sync: built once a module, and left as it is."""
    with pytest.MonkeyPatch.context() as patch:
        with house_with_google(tmp_path_factory.mktemp("synced"), patch) as made:
            assert made.type("sync").code == 0
            yield made


@pytest.fixture
def fetched(synced: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """A copy of it, for one test to do with as it likes."""
    with moved_into(synced, tmp_path, monkeypatch) as made:
        yield made
