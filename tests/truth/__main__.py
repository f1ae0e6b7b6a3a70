"""`python -m tests.truth`: the table of what is said and what is so. See `--help`."""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any, Final

from tests.support.machine.memory import in_memory
from tests.truth import playing, whole_year, wired
from tests.truth.labels import MODES, Mode
from tests.truth.scoring import ACTS, COLUMNS, LISTED, QUESTIONS, SILENCES, WIRE, Score, score

Table = dict[tuple[str, Mode], Score]
PROVIDERS: Final = ("google", "microsoft")
#: Of what is said so much must be true, of what can be known so much must be said.
PRECISION: Final = 0.99
RECALL: Final[dict[Mode, float]] = {"live 2 h": 0.95, "live 6 h": 0.90, "first look": 0.80}


def one_seed(seed: int, provider: str, contacts: int, weeks: int, modes: Sequence[Mode]) -> Table:
    """The scores of one made-up year, lived through in each mode."""
    found: Table = {}
    for mode in modes:
        lived = whole_year.make(seed, provider, contacts=contacts, weeks=weeks)
        with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
            url = f"sqlite:///{Path(folder) / 'truth.db'}"
            with playing.lived(lived, url, mode) as (store, moments):
                found[provider, mode] = score(lived, store, moments, mode)
    return found


def over_the_wire(seed: int, provider: str, contacts: int, weeks: int) -> Table:
    """Of one made-up year read both ways: how many tables are equal, and which are not."""
    found = Score()
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        differs = wired.differing(
            lambda: whole_year.make(seed, provider, contacts=contacts, weeks=weeks),
            Path(folder), "live 6 h",
        )  # fmt: skip
    for name, differ in differs.items():
        found.add(WIRE, "said")
        found.add(WIRE, "true", int(not differ))
        found.wrong += [f"{name} differs over the wire in year {seed}"] if differ else []
    return {(provider, "live 6 h"): found}


def kept(folder: Path | None, name: str, ask: Callable[..., Table], *given: Any) -> Table:
    """What `ask` gives, or gave in an earlier run that kept it in this folder."""
    file = folder / f"{name}.json" if folder else None
    if file is not None and file.exists():
        told = json.loads(file.read_text("utf-8"))
        return {(provider, mode): Score.loads(one) for provider, mode, one in told}
    found = ask(*given)
    if file is not None:
        told = [[*key, one.dumps()] for key, one in found.items()]
        file.write_text(json.dumps(told), "utf-8")
    return found


def table(scores: Table) -> str:
    """The counts, the precision and the recall of each rule, as aligned text."""
    head = ("provider", "mode", "rule", *COLUMNS, "precision", "recall")
    lines = ["{:10} {:11} {:14} {:>6} {:>6} {:>9} {:>6} {:>10} {:>7}".format(*head)]
    for (provider, mode), one in sorted(scores.items()):
        groups = [(rule, (rule,)) for rule in (*ACTS, *QUESTIONS, *SILENCES, LISTED)]
        groups += [("all incidents", ACTS), ("all silences", SILENCES), (WIRE, (WIRE,))]
        for name, rules in groups:
            counts = [one.total(column, rules) for column in COLUMNS]
            if any(counts):
                lines.append(
                    "{:10} {:11} {:14} {:6} {:6} {:9} {:6} {:10.3f} {:7.3f}".format(
                        provider, mode, name, *counts, one.precision(*rules), one.recall(*rules)
                    )
                )
    return "\n".join(lines)


def written(page: Path, lines: str) -> None:
    """Put the table into the page, where one stands between two fences. Raises ValueError if none."""
    text, found = re.subn(
        r"(?s)(?<=```\n)provider +mode .*?(?=\n```)",
        lambda _: lines,
        page.read_text("utf-8"),
    )
    if found != 1:
        raise ValueError(f"{found} tables in {page}")
    page.write_text(text, "utf-8")


def short_of(scores: Table) -> list[str]:
    """What the table misses of what it must reach, one line each; [] where all is well."""
    found = []
    for (provider, mode), one in sorted(scores.items()):
        place = f"{provider}, {mode}:"
        for name, rules in (("incidents", ACTS), ("silences", SILENCES)):
            if one.precision(*rules) < PRECISION:
                found.append(f"{place} {one.precision(*rules):.3f} of the {name} said are true")
        if one.recall(*ACTS) < RECALL[mode]:
            found.append(f"{place} {one.recall(*ACTS):.3f} of the incidents knowable are said")
        if one.recall(*QUESTIONS) < 1:
            found.append(f"{place} {one.recall(*QUESTIONS):.3f} of the questions are asked")
        if one.precision(WIRE) < 1:
            found.append(f"{place} the wire gives other facts")
        if one.total("said", [LISTED]):
            found.append(f"{place} {one.total('said', [LISTED])} listed who must not be")
    return found


def main() -> int:
    """Print the table of some seeds; below it each wrong or missing claim (`--all`)."""
    parser = argparse.ArgumentParser(prog="python -m tests.truth", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many years, by turns of both")
    parser.add_argument(
        "--wired", type=int, default=2, help="how many of them, the last, are read over a wire, too"
    )
    parser.add_argument("--contacts", type=int, default=200)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--mode", choices=MODES, action="append")
    parser.add_argument("--jobs", type=int, default=2, help="how many processes")
    parser.add_argument(
        "--keep", type=Path, help="a folder for each year's score, from which a later run goes on"
    )
    parser.add_argument(
        "--check", action="store_true", help="exit 1 where it is short of its goals"
    )
    parser.add_argument(
        "--write", type=Path, help="put the table into this page, for the one there"
    )
    parser.add_argument("--all", action="store_true", help="name each wrong and each missed claim")
    given = parser.parse_args()
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
    scores: Table = {}
    size = (given.contacts, given.weeks)
    with ProcessPoolExecutor(given.jobs) as pool:
        asked = [
            pool.submit(
                kept, given.keep, f"year-{seed}", one_seed, seed, PROVIDERS[seed % 2], *size,
                given.mode or MODES,
            )
            for seed in range(given.seeds)
        ]  # fmt: skip
        asked += [
            pool.submit(
                kept, given.keep, f"wire-{seed}", over_the_wire, seed, PROVIDERS[seed % 2], *size
            )
            for seed in range(given.seeds - given.wired, given.seeds)
        ]
        for done, future in enumerate(as_completed(asked), 1):
            for key, one in future.result().items():
                scores[key] = scores.get(key, Score()) + one
            print(f"{done} of {len(asked)} years read", file=sys.stderr, flush=True)
    print(table(scores))
    if given.write:
        written(given.write, table(scores))
    for _, one in sorted(scores.items()):
        lines = [*one.wrong, *(f"missed: {line}" for line in one.missed)]
        for line in lines if given.all else one.wrong[:10]:
            print("  ", line)
    short = short_of(scores)
    for line in short:
        print("short of its goal:", line)
    return 1 if given.check and short else 0


if __name__ == "__main__":
    sys.exit(main())
