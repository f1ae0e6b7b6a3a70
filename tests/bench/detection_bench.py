"""How long does detection take beside merely loading the facts? Goal: at most twice as long.

`main()` builds a made-up store of 1 M mails and 100,000 meetings (tests.bench.detection_world; once,
kept below .bench/), loads its frames and runs `reports.findings.detect`, both in this one process
and run, so that the machine's mood cancels out of the ratio. `--scale 0.1` is a quick run.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from config import phrasing
from config.ours import Ours
from config.policy import Policy
from connectors.model.frames import Frames
from connectors.store.store import Store
from reports import coverage, findings, people, scoring, stages
from reports.shapes import Findings
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

#: What `detect` calls, by module; everything of reports.detect is added by name.
_STEPS: dict[ModuleType, tuple[str, ...]] = {
    people: ("basic", "assistants"),
    stages: ("complete",),
    coverage: ("find",),
    scoring: ("standings", "would_change"),
}


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
    """Seconds by detector: each function that `detect` calls is wrapped for the while."""
    spent: dict[str, float] = defaultdict(float)
    steps = dict(_STEPS)
    for name, module in vars(findings).items():
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
            del name
    kept = [(module, label, getattr(module, label)) for module in steps for label in steps[module]]
    depth = 0

    def wrapped(label: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **options: Any) -> Any:
            nonlocal depth
            outer, depth = depth, depth + 1
            began = time.perf_counter()
            try:
                return function(*args, **options)
            finally:
                depth = outer
                if not outer:
                    spent[label] += time.perf_counter() - began

        return run

    try:
        for module, label, function in kept:
            name = f"{module.__name__.removeprefix('reports.').removeprefix('detect.')}.{label}"
            setattr(module, label, wrapped(name, function))
        yield spent
    finally:
        for module, label, function in kept:
            setattr(module, label, function)


def measure(path: Path) -> tuple[Frames, Findings, float, float, dict[str, float]]:
    """The frames, the findings, seconds for both, and seconds by detector."""
    phrases = phrasing.load()
    with Store.open(f"sqlite:///{path}") as store:
        began = time.perf_counter()
        frames = store.frames(world.AS_OF.to_pydatetime())
        load = time.perf_counter() - began
    with timed() as spent:
        began = time.perf_counter()
        found = findings.detect(frames, OURS, Policy(), phrases, world.AS_OF)
        detect = time.perf_counter() - began
    return frames, found, load, detect, dict(spent)


def run(scale: float = 1.0, folder: Path = CACHE) -> list[Row]:
    """The table's rows: name, value, unit, note."""
    began = time.perf_counter()
    path = store_of(scale, folder)
    built = time.perf_counter() - began
    frames, found, load, detect, spent = measure(path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = f"{len(frames.messages):,} mails, {len(frames.meetings):,} meetings"
    rows: list[Row] = [
        ("build", built, "s", "0 where kept from an earlier run"),
        ("load the frames", load, "s", f"{size}, {path.stat().st_size / 1e6:,.0f} MB"),
        ("detect", detect, "s", f"{len(found.slots):,} slots, {len(found.asks):,} asks"),
        ("detect / load", detect / load, "x", "goal: at most 2"),
        ("peak memory", peak, "MiB", ""),
    ]
    longest = sorted(spent.items(), key=lambda one: -one[1])[:10]
    rows += [(f"  {name}", took, "s", f"{took / detect:.0%} of detect") for name, took in longest]
    return rows


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size")
    parser.add_argument("--folder", type=Path, default=CACHE, help="where the store is kept")
    chosen = parser.parse_args(arguments)
    print(table(run(chosen.scale, chosen.folder)))


if __name__ == "__main__":
    main()
