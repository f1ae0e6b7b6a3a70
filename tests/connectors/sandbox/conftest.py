"""What do the sandbox's tests share? That every connection is closed after each of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.providers.sandbox_requests import OPEN


@pytest.fixture(autouse=True)
def _closed_connections() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop()()
