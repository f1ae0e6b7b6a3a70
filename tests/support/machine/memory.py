"""Where do folders lie that nobody needs tomorrow? In memory, if the machine has room there."""

from __future__ import annotations

import shutil
from pathlib import Path

_MEMORY = Path("/dev/shm")
#: So much must be free before anything is put there [bytes].
_ROOM = 4 << 30


def in_memory() -> str | None:
    """A file system in memory with room for stores of tests; None where there is none.

    Each commit of a store waits for its disk, and tests make some hundred thousand of them.
    """
    there = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM
    return str(_MEMORY) if there else None
