"""What do all tests share? Real servers, a browser, and a closed door to the outside.

Only what many modules need is here and in tests/support. A builder or a double of one subject
belongs to that subject's tests.
"""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from tests.support.machine.memory import in_memory
from tests.support.machine.workers import in_one_worker, long_ones_first

pytest_plugins = [
    "tests.support.machine.browser",
    "tests.support.machine.devtools",
    "tests.support.machine.log_levels",
    "tests.support.machine.outside",
    "tests.support.machine.postgres",
]

# Before anything imports them: no window, and never the person's own keyring.
os.environ["MPLBACKEND"] = "Agg"
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

# What passed is cleared at once (`tmp_path_retention_policy`), so that the memory suffices.
if memory := in_memory():
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", memory)

# A slow machine is no failure, hence no deadline. CI repeats itself exactly; by hand every run
# attacks anew, and what it finds is kept in .hypothesis. `proof` is chosen by the long tests.
settings.register_profile("dev", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev")
)


# Until all tests are collected, next to nothing is given up: there is nothing to look for.
gc.disable()


def pytest_collection_finish() -> None:
    """What is there before the first test stays to the end: the collector need not look at it again.

    It took a tenth of all time, since thousands of tests and the libraries are a large heap.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Who asks for a server or a browser bears its marker, so that `-m 'not postgres'` is true."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if fixtures & {"postgres", "postgres_url"}:
            item.add_marker(pytest.mark.postgres)
        if fixtures & {"chromium", "screenshot"}:
            item.add_marker(pytest.mark.browser)
    if config.getoption("loadgroup", default=False):
        for item in items:
            in_one_worker(item)
        long_ones_first(items)
