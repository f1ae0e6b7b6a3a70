"""Do processes that work beside this one end with what they were hired for? With real processes."""

from __future__ import annotations

import time

import pytest

from config.errors import Stopped
from jobs.fleet import executors
from reports.detect.shards import side_by_side


def _stopped_at_work() -> None:
    with executors.beside(1, side_by_side.ready) as crew:
        crew.executor.submit(side_by_side.ready).result()
        # Longer than any test may take.
        crew.executor.submit(time.sleep, 86_400)
        raise Stopped("asked to end")


def test_a_run_that_ends_waits_for_nobody_who_works_beside_it() -> None:
    with pytest.raises(Stopped):
        _stopped_at_work()
