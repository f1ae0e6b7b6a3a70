"""`python -m tests.truth`: the table of what is said and what is so. See `--help`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.truth import playing, year
from tests.truth.labels import MODES, Mode
from tests.truth.scoring import ACTS, COLUMNS, LISTED, QUESTIONS, SILENCES, Score, score

Table = dict[tuple[str, Mode], Score]


def one_seed(seed: int, provider: str, contacts: int, weeks: int, modes: Sequence[Mode]) -> Table:
    """The scores of one made-up year, lived through in each mode."""
    found: Table = {}
    for mode in modes:
        lived = year.make(seed, provider, contacts=contacts, weeks=weeks)
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'truth.db'}"
            with playing.lived(lived, url, mode) as (store, moments):
                found[provider, mode] = score(lived, store, moments, mode)
    return found


def table(scores: Table) -> str:
    """The counts, the precision and the recall of each rule, as aligned text."""
    head = ("provider", "mode", "rule", *COLUMNS, "precision", "recall")
    lines = ["{:10} {:11} {:14} {:>6} {:>6} {:>9} {:>6} {:>10} {:>7}".format(*head)]
    for (provider, mode), one in sorted(scores.items()):
        groups = [(rule, (rule,)) for rule in (*ACTS, *QUESTIONS, *SILENCES, LISTED)]
        groups += [("all incidents", ACTS), ("all silences", SILENCES)]
        for name, rules in groups:
            counts = [one.total(column, rules) for column in COLUMNS]
            if any(counts):
                lines.append(
                    "{:10} {:11} {:14} {:6} {:6} {:9} {:6} {:10.3f} {:7.3f}".format(
                        provider, mode, name, *counts, one.precision(*rules), one.recall(*rules)
                    )
                )
    return "\n".join(lines)


def main() -> int:
    """Print the table of some seeds, and each wrong or missing claim below it."""
    parser = argparse.ArgumentParser(prog="python -m tests.truth", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2, help="how many years, from seed 0 on")
    parser.add_argument("--contacts", type=int, default=200)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--mode", choices=MODES, action="append")
    parser.add_argument("--provider", choices=("google", "microsoft"), action="append")
    given = parser.parse_args()
    scores: Table = {}
    for seed in range(given.seeds):
        for provider in given.provider or ("google", "microsoft"):
            found = one_seed(seed, provider, given.contacts, given.weeks, given.mode or MODES)
            for key, one in found.items():
                scores[key] = scores.get(key, Score()) + one
    print(table(scores))
    for one in scores.values():
        for line in (*one.wrong, *(f"missed: {line}" for line in one.missed)):
            print("  ", line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
