"""Is the process's log after a test as it was before? What a command sets of it is its own."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from jobs.console.logs import OURS


@pytest.fixture
def log_as_before() -> Iterator[None]:
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in (*OURS, "")}
    handlers = list(root.handlers)
    yield
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    root.handlers[:] = handlers
