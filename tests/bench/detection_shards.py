"""What does judging a store take by several processes at once, beside one alone?

Each way in a process of its own, so that one's memory is not the other's: `taken(path, processes)`.
"""

from __future__ import annotations

import multiprocessing
import pickle
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from config import phrasing
from config.ours import Ours
from config.policy import Policy
from connectors.model.frames import Frames
from connectors.store.store import Store
from jobs.fleet import executors
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from reports.detect.shards import side_by_side
from reports.detect.shards.cut import packed
from reports.detect.shards.side_by_side import Helpers
from reports.weekly.limits import OTHERS, run_again, tried
from tests.bench import detection_world as world
from tests.bench.run import worked


@dataclass(frozen=True)
class Taken:
    """`wall`: seconds to load, to judge, and to judge under other limits; `work`: processor seconds of
    all processes; `peak`: the most memory of each process, in sum [MiB].
    """

    wall: float
    work: float
    peak: float


def taken(path: Path, ours: Ours, processes: int) -> Taken:
    """What this many processes take, begun anew."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_taken, packed((path, ours, processes))).result()


def peak() -> float:
    """The most memory that this process ever held [MiB]."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not getrusage: a process that was begun anew still counts there what its parent held.
        line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _taken(unit: bytes) -> Taken:
    path, ours, processes = pickle.loads(unit)
    began, before = time.perf_counter(), worked()
    if processes > 1:
        with executors.beside(processes - 1, side_by_side.ready) as crew:
            helpers = Helpers(crew.executor, processes, crew.deaths)
            frames, setting = _read(path, ours)
            policies = [one.policy for one in tried(setting.policy, frames, OTHERS)]
            found = side_by_side.detection(frames, setting, helpers, policies)
            held = [crew.executor.submit(peak) for _ in range(processes - 1)]
            others = max(one.result() for one in held) * (processes - 1)
    else:
        found, others = Detection(*_read(path, ours)), 0.0
        _ = found.findings
    run_again(found)
    return Taken(time.perf_counter() - began, worked() - before, peak() + others)


def _read(path: Path, ours: Ours) -> tuple[Frames, Setting]:
    with Store.open(f"sqlite:///{path}") as store:
        frames = store.frames(world.AS_OF.to_pydatetime())
    return frames, Setting.of(frames.tags, ours, Policy(), phrasing.load(), world.AS_OF)
