"""How fast and how lean is everything that is measured? `make bench` prints one table a subject.

A bench is a module `*_bench.py` beside this one whose `main()` prints its table when it is called
without arguments. Each runs in a process of its own, so that one subject's memory and imports are
not another's; one that fails is named at the end and stops no other.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
Row = tuple[str, float, str, str]


def names(folder: Path = HERE) -> list[str]:
    """Which benches are there? Module names, in alphabetical order."""
    return sorted(path.stem for path in folder.glob("*_bench.py"))


def worked() -> float:
    """The processor's time of this process, and of those it has started and awaited [s]."""
    below = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + below.ru_utime + below.ru_stime


def table(rows: Sequence[Row]) -> str:
    """How do (name, value, unit, note) rows look, one a line, the values under each other?"""
    wide = max((len(row[0]) for row in rows), default=0)
    return "\n".join(
        f"{name:<{wide}}  {value:>14,.2f} {unit:<12} {note}".rstrip()
        for name, value, unit, note in rows
    )


def run_one(name: str, arguments: Sequence[str] = ()) -> bool:
    """Did this bench end well? Its table goes straight to our own output."""
    print(f"\n== {name.removesuffix('_bench')} ==", flush=True)
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{name}", *arguments], cwd=HERE.parents[1], check=False
    )
    took = time.perf_counter() - began
    print(f"({took:.0f} s{'' if done.returncode == 0 else f'; FAILED with {done.returncode}'})")
    return done.returncode == 0


def main(arguments: Sequence[str]) -> int:
    """0 where every chosen bench ended well, 1 where one failed. arguments: names; none: all."""
    chosen = [one if one.endswith("_bench") else f"{one}_bench" for one in arguments] or names()
    unknown = [one for one in chosen if one not in names()]
    if unknown:
        print(f"no such bench: {', '.join(unknown)}; there are: {', '.join(names())}")
        return 2
    failed = [one for one in chosen if not run_one(one)]
    if failed:
        print(f"\nfailed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
