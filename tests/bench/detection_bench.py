"""How long does detection take beside merely loading the facts? Goal: at most twice as long.

`main()` builds a made-up store of 1 M mails and 100,000 meetings (tests.bench.detection_world; once,
kept below .bench/), loads its frames and runs `reports.detect.pipeline.detect`, both in this one process
and run, so that the machine's mood cancels out of the ratio. `--scale 0.1` is a quick run.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from config import phrasing
from config.hired import cores
from config.ours import Ours
from config.policy import Policy
from connectors.model.frames import Frames, empty_frames
from connectors.store.store import Store
from reports.contact import timeline
from reports.detect import pipeline
from reports.detect.setting import Setting
from reports.detect.shards import one_contact, survey
from reports.schemas import Findings
from tests.bench import detection_shards, open_asks
from tests.bench import detection_world as world
from tests.bench.run import Row, table

CACHE = Path(__file__).resolve().parents[2] / ".bench"
MESSAGES, MEETINGS = 1_000_000, 100_000
OURS = Ours(
    mailboxes=MappingProxyType(
        {world.ours(n): world.ours(n) for n in range(1, world.MAILBOXES + 1)}
    ),
    domains=frozenset({"ours.example"}),
    zone="Europe/Berlin",
    countries=("DE",),
)


def store_of(scale: float, folder: Path = CACHE) -> Path:
    """The path of the made-up store of this size, built where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"detection-v{world.VERSION}-{scale:g}.db"
    if not path.exists():
        # Beside it and renamed: an interrupted build is no store.
        half = path.with_suffix(".half")
        world.build(half, int(MESSAGES * scale), int(MEETINGS * scale))
        half.rename(path)
    return path


@contextmanager
def timed() -> Iterator[dict[str, float]]:
    """Processor seconds by detector: each function that `detect` calls is wrapped for the while."""
    spent: dict[str, float] = defaultdict(float)
    steps: dict[ModuleType, tuple[str, ...]] = {}
    for module in vars(pipeline).values():
        if isinstance(module, ModuleType) and module.__name__.startswith("reports.detect."):
            public = tuple(
                label
                for label, one in vars(module).items()
                if callable(one)
                and not label.startswith("_")
                and getattr(one, "__module__", "") == module.__name__
                and not isinstance(one, type)
            )
            steps[module] = public
    kept = [(module, label, getattr(module, label)) for module in steps for label in steps[module]]
    depth = 0

    def wrapped(label: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **options: Any) -> Any:
            nonlocal depth
            outer, depth = depth, depth + 1
            began = time.process_time()
            try:
                return function(*args, **options)
            finally:
                depth = outer
                if not outer:
                    spent[label] += time.process_time() - began

        return run

    try:
        for module, label, function in kept:
            name = f"{module.__name__.removeprefix('reports.').removeprefix('detect.')}.{label}"
            setattr(module, label, wrapped(name, function))
        yield spent
    finally:
        for module, label, function in kept:
            setattr(module, label, function)


@dataclass(frozen=True)
class Took:
    """Seconds by the wall clock, and of this process's own work: a busy machine lengthens the first."""

    wall: float
    work: float


@contextmanager
def clocked() -> Iterator[list[Took]]:
    took: list[Took] = []
    wall, work = time.perf_counter(), time.process_time()
    yield took
    took.append(Took(time.perf_counter() - wall, time.process_time() - work))


def measure(path: Path) -> tuple[Frames, Findings, Took, Took, dict[str, float]]:
    """The frames, the findings, what loading and detecting took, and seconds by detector."""
    phrases = phrasing.load()
    with Store.open(f"sqlite:///{path}") as store, clocked() as load:
        frames = store.frames(world.AS_OF.to_pydatetime())
    with timed() as spent, clocked() as detect:
        found = pipeline.detect(frames, OURS, Policy(), phrases, world.AS_OF)
    return frames, found, load[0], detect[0], dict(spent)


def on_nothing(times: int = 5) -> float:
    """Processor seconds that detection takes where there are no facts: the least of several."""
    phrases = phrasing.load()
    took = []
    for _ in range(times):
        with clocked() as clock:
            pipeline.detect(empty_frames(), OURS, Policy(), phrases, world.AS_OF)
        took.append(clock[0].work)
    return min(took)


def floor(frames: Frames) -> Took:
    """What it takes merely to read the same columns, from Parquet into pandas by pyarrow."""
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder) / f"{name}.parquet" for name, _ in frames]
        for place, (_, frame) in zip(places, frames, strict=True):
            parquet.write_table(pa.Table.from_pandas(frame, preserve_index=False), place)
        with clocked() as clock:
            for place in places:
                parquet.read_table(place).to_pandas()
    return clock[0]


def surveying(frames: Frames) -> tuple[Took, list[str]]:
    """What the survey of all facts takes; and the persons that it found, in order."""
    setting = Setting.of(frames.tags, OURS, Policy(), phrasing.load(), world.AS_OF)
    with clocked() as surveyed:
        seen = survey.survey(frames, setting)
    people = seen.whole.basic
    return surveyed[0], [str(one) for one in people.loc[~people["machine"], "contact"]]


def one_by_one(path: Path, contacts: list[str], times: int = 5) -> tuple[Took, Took, int]:
    """What reading one contact's facts takes, and judging them for their page, in the mean; and how many
    mails were read for each.
    """
    phrases = phrasing.load()
    chosen = contacts[:: max(1, len(contacts) // times)][:times]
    reading: list[Took] = []
    judging: list[Took] = []
    mails = 0
    with Store.open(f"sqlite:///{path}") as store:
        for contact in chosen:
            with clocked() as read:
                asked = one_contact.wanted(contact, OURS, phrases, world.AS_OF)
                frames = store.frames(world.AS_OF.to_pydatetime(), asked)
            with clocked() as judged:
                setting = Setting.of(frames.tags, OURS, Policy(), phrases, world.AS_OF)
                timeline.of(contact, pipeline.Detection(frames, setting), Policy(), OURS.zone)
            reading += read
            judging += judged
            mails += len(frames.messages)
    return _mean(reading), _mean(judging), mails // len(chosen)


def _mean(took: list[Took]) -> Took:
    wall, work = (sum(values) / len(took) for values in zip(*map(astuple, took), strict=True))
    return Took(wall, work)


def asking(frames: Frames, found: Findings, spent: dict[str, float]) -> list[Row]:
    """What the detectors of asks took beside DuckDB; no row where that is not installed."""
    asked = sum(spent.get(name, 0.0) for name in open_asks.OURS)
    other = open_asks.by_duckdb(frames, found)
    if other is None:
        return []
    took, contacts = other
    return [
        ("open asks, own work", asked, "s", "the detectors of asks"),
        ("open asks, DuckDB", took, "s", f"the plainest form of them; {contacts:,} contacts"),
        ("open asks / DuckDB", asked / took, "x", "goal: at most 5"),
    ]


def side_by_side(path: Path, processes: int) -> list[Row]:
    """What a report asks of all facts, under other limits too, by one process and by several."""
    if processes < 2:
        return []
    alone, together = (detection_shards.taken(path, OURS, one) for one in (1, processes))
    by = f"by {processes} processes"
    return [
        ("all a report asks, alone", alone.wall, "s", "load, detect, detect under other limits"),
        (f"all a report asks, {by}", together.wall, "s", f"{alone.wall / together.wall:.2f} x"),
        ("  its work, alone", alone.work, "s", "processor time"),
        (f"  its work, {by}", together.work, "s", f"{together.work / alone.work:.2f} x"),
        ("  peak memory, alone", alone.peak, "MiB", ""),
        ("peak memory, all processes", together.peak, "MiB", f"{by}; goal: at most 1,229"),
    ]


def run(scale: float = 1.0, folder: Path = CACHE, processes: int | None = None) -> list[Row]:
    """The table's rows: name, value, unit, note. processes: of the same by several; None: one a core."""
    with clocked() as built:
        path = store_of(scale, folder)
    frames, found, load, detect, spent = measure(path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    least = floor(frames)
    asks = asking(frames, found, spent)
    surveyed, contacts = surveying(frames)
    reading, judging, read = one_by_one(path, contacts)
    size = f"{len(frames.messages):,} mails, {len(frames.meetings):,} meetings"
    rows: list[Row] = [
        ("build", built[0].wall, "s", "0 where kept from an earlier run"),
        ("load the frames", load.wall, "s", f"{size}, {path.stat().st_size / 1e6:,.0f} MB"),
        ("detect", detect.wall, "s", f"{len(found.slots):,} slots, {len(found.asks):,} asks"),
        ("detect / load", detect.wall / load.wall, "x", "goal: at most 2"),
        ("load, own work", load.work, "s", "processor time: unmoved by what else is running"),
        ("detect, own work", detect.work, "s", ""),
        ("detect / load, own work", detect.work / load.work, "x", "goal: at most 2"),
        ("load + detect, own work", load.work + detect.work, "s", ""),
        ("floor, pyarrow, own work", least.work, "s", "the same columns from Parquet to pandas"),
        (
            "report / floor, own work",
            (load.work + detect.work) / least.work,
            "x",
            "goal: at most 18",
        ),
        *asks,
        ("survey, own work", surveyed.work, "s", "what looks beyond a contact, of all facts"),
        ("one contact: read", reading.work, "s", f"own work; by SQL, {read:,} mails"),
        ("one contact: judge", judging.work, "s", "own work; their page"),
        ("peak memory", peak, "MiB", "load and detect, this process"),
        *side_by_side(path, cores() if processes is None else processes),
        ("detect nothing, own work", on_nothing(), "s", "no facts at all; goal: at most 0.1"),
    ]
    longest = sorted(spent.items(), key=lambda one: -one[1])[:10]
    whole = sum(spent.values())
    rows += [
        (f"  {name}", took, "s", f"{took / whole:.0%} of detect's own work")
        for name, took in longest
    ]
    return rows


def print_scaled(
    measure: Callable[[float, Path], list[Row]], about: str | None, arguments: list[str] | None
) -> None:
    """The table of a bench that measures a share of the full size on a store that is kept."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size")
    parser.add_argument("--folder", type=Path, default=CACHE, help="where the store is kept")
    chosen = parser.parse_args(arguments)
    print(table(measure(chosen.scale, chosen.folder)))


def main(arguments: list[str] | None = None) -> None:
    print_scaled(run, __doc__, arguments)


if __name__ == "__main__":
    main()
