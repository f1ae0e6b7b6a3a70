"""Which private copies of the store did killed processes leave?"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

#: How the folder of a copy begins.
PREFIX = "frames-"
_STALE = 60.0


def remove_stale(folder: Path, *, older: float = _STALE) -> int:
    """Remove the snapshots that killed processes left; returns how many are in use.

    Nobody holds the lock of one that was left. It may also be one that is being made just now, so
    that only those older than so many [s] are touched, by the file system's time.
    """
    in_use = 0
    for place in folder.glob(f"{PREFIX}*"):
        with suppress(FileNotFoundError):
            if time.time() - place.stat().st_mtime < older:
                continue
            try:
                handle = os.open(place / "lock", os.O_RDWR | os.O_CREAT, 0o600)
            except OSError:
                continue
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(place, ignore_errors=True)
            except BlockingIOError:
                in_use += 1
            finally:
                os.close(handle)
    return in_use
