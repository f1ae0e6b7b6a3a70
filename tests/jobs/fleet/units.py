"""Units for test_spread: small enough that a new process is there at once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Square:
    """`kills`: with so many of its first tries the worker dies. `seen`: a line for each try."""

    number: int
    seen: Path
    kills: int = 0


def work(unit: Square) -> int:
    with unit.seen.open("a") as tries:
        tries.write(f"{unit.number}\n")
    if unit.seen.read_text().split().count(str(unit.number)) <= unit.kills:
        os._exit(9)
    return unit.number**2


def fails(unit: Square) -> int:
    raise LookupError(unit.number)
