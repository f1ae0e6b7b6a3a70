"""Would the tests notice a wrong line? Changes lines of detection at random, one at a time.

    python -m tests.support.proof.mutate --count 30 --seed 7
    python -m tests.support.proof.mutate --count 30 --seed 7 --tests HEAD~1 --only 3 8

The second form asks the tests of another commit about the same changes (some of them by number): what
they caught and today's let pass was lost. The changes are made in a copy; the tree stays as it is.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]
TARGET: Final = "reports/detect"
#: The cheapest first: the first that fails has caught it. "near" are the tests of the changed folder.
SUITES: Final = (
    "near",
    "tests/reports/detect",
    "tests/stories",
    "tests/reports/weekly",
    "tests/properties",
)
_PARTS: Final = ("config", "connectors", "jobs", "reports", "tests", "docs", "pyproject.toml")
_SWAPS: Final[dict[type[ast.cmpop] | type[ast.operator], tuple[str, str]]] = {
    ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="), ast.NotEq: ("!=", "=="), ast.BitAnd: ("&", "|"), ast.BitOr: ("|", "&"),
    ast.Add: ("+", "-"), ast.Sub: ("-", "+"),
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: the characters from `start` to `end` of a file become `after`."""

    path: str
    line: int
    start: int
    end: int
    before: str
    after: str

    def applied(self, text: str) -> str:
        return text[: self.start] + self.after + text[self.end :]

    def __str__(self) -> str:
        return f"{self.path}:{self.line}  {self.before!r} -> {self.after!r}"


def mutants(path: str, text: str) -> Iterator[Mutant]:
    """Every change of one file that can be made: comparisons, numbers, truths, signs, returns."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line.encode()))
    raw = text.encode()

    def place(line: int, column: int) -> int:
        return len(raw[: starts[line - 1] + column].decode())

    def change(node: ast.expr | ast.stmt, start: int, end: int, after: str) -> Mutant:
        return Mutant(path, node.lineno, start, end, text[start:end], after)

    def between(left: ast.expr, right: ast.expr, swap: tuple[str, str]) -> Iterator[Mutant]:
        first = place(left.end_lineno or left.lineno, left.end_col_offset or 0)
        last = place(right.lineno, right.col_offset)
        at = text.find(swap[0], first, last)
        if at >= 0:
            yield change(left, at, at + len(swap[0]), swap[1])

    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for left, sign, right in zip(sides, node.ops, sides[1:], strict=False):
                if type(sign) in _SWAPS:
                    yield from between(left, right, _SWAPS[type(sign)])
        elif isinstance(node, ast.BinOp) and type(node.op) in _SWAPS:
            yield from between(node.left, node.right, _SWAPS[type(node.op)])
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert | ast.Not):
            yield change(
                node,
                place(node.lineno, node.col_offset),
                place(node.operand.lineno, node.operand.col_offset),
                "",
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float):
            start = place(node.lineno, node.col_offset)
            end = place(node.end_lineno or node.lineno, node.end_col_offset or 0)
            flipped = not node.value if isinstance(node.value, bool) else node.value + 1
            yield change(node, start, end, repr(flipped))
        elif isinstance(node, ast.Return) and node.value is not None:
            if isinstance(node.value, ast.Constant) and node.value.value is None:
                continue  # it says None already
            start = place(node.value.lineno, node.value.col_offset)
            end = place(node.value.end_lineno or node.lineno, node.value.end_col_offset or 0)
            yield change(node, start, end, "None")


def chosen(count: int, seed: int) -> list[Mutant]:
    """`count` changes of detection, the same for the same code and seed; one a line at most."""
    every = [
        one
        for path in sorted((ROOT / TARGET).rglob("*.py"))
        for one in mutants(str(path.relative_to(ROOT)), path.read_text("utf-8"))
    ]
    by_line = {(one.path, one.line): one for one in random.Random(seed).sample(every, len(every))}
    return random.Random(seed).sample(sorted(by_line.values(), key=str), count)


def places(mutant: Mutant, suites: Sequence[str], copy: Path) -> list[str]:
    """The suites as paths of the copy, that of the changed folder for "near" where it has one."""
    near = f"tests/{Path(mutant.path).parent}"
    known = near if near != f"tests/{TARGET}" and (copy / near).is_dir() else ""
    return [one for suite in suites if (one := known if suite == "near" else suite)]


def _forget_compiled(path: Path) -> None:
    """A changed line of the same length within a second would be hidden by what was compiled before."""
    for old in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        old.unlink()


def caught(copy: Path, mutant: Mutant, suites: Sequence[str], patience: int) -> tuple[str, float]:
    """Which suite of the copy's tests fails ("" for none, "time" for one without end) [s]."""
    path = copy / mutant.path
    text = path.read_text("utf-8")
    environment = os.environ | {"PYTHONPATH": str(copy), "HYPOTHESIS_PROFILE": "ci"}
    # All else is compiled once: each start would else compile all of it anew, which is most of its price.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.monotonic()
    path.write_text(mutant.applied(text), "utf-8")
    _forget_compiled(path)
    try:
        for suite in places(mutant, suites, copy):
            command = [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-x",
                "-n",
                "0",
                "-p",
                "no:cacheprovider",
            ]
            command += ["-m", "not proof and not browser and not postgres", suite]
            done = subprocess.run(
                command,
                cwd=copy,
                env=environment,
                capture_output=True,
                text=True,
                timeout=patience,
                check=False,
            )
            if done.returncode != 0:
                failed = [
                    one for one in done.stdout.splitlines() if one.startswith(("FAILED", "ERR"))
                ]
                name = failed[0].partition(" ")[2].partition(" - ")[0] if failed else suite
                return name, time.monotonic() - began
        return "", time.monotonic() - began
    except subprocess.TimeoutExpired:
        return "time", time.monotonic() - began
    finally:
        path.write_text(text, "utf-8")
        _forget_compiled(path)


def copied(to: Path, tests: str) -> None:
    """The tree without what is no source; with the tests of the commit `tests` where given."""
    for part in _PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, to / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, to / part)
    if tests:
        shutil.rmtree(to / "tests")
        packed = subprocess.run(
            ["git", "archive", tests, "tests"], cwd=ROOT, capture_output=True, check=True
        )
        subprocess.run(["tar", "-x"], cwd=to, input=packed.stdout, check=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--only", type=int, nargs="*", help="their numbers; default all")
    parser.add_argument("--tests", default="", help="a commit whose tests are asked")
    parser.add_argument("--suites", nargs="*", default=SUITES)
    parser.add_argument("--patience", type=int, default=900, help="for one suite [s]")
    given = parser.parse_args(arguments)
    print(f"seed {given.seed}, {given.count} changes, {' '.join(given.suites)}", flush=True)
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        copied(copy, given.tests)
        for number, mutant in enumerate(chosen(given.count, given.seed), start=1):
            if given.only and number not in given.only:
                continue
            by, took = caught(copy, mutant, given.suites, given.patience)
            survived += not by
            said = f"caught by {by}" if by else "SURVIVED"
            print(f"{number:3} {took:5.0f} s  {mutant}  {said}", flush=True)
    print(f"survived: {survived}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
