"""What do the stories share? One empty store with all its tables, copied for each of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.telling import make_template


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("stories"))
