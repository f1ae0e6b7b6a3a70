"""Which files of a folder are reports of noshow's own making, and of which day is each?

The folder may be one that the settings name, with its owner's other files in it: what noshow did not
write is not noshow's to remove, however much its name looks like a week's.
"""

from __future__ import annotations

import re
import time
from datetime import date
from pathlib import Path

from connectors.mailer.folder import PAGE

#: What of a report a person reads: in these a contact is looked for.
READABLE = (".txt", ".html")
#: The last day that there is: of a name that tells none.
_NEVER = date.max
#: `2026-W47-weekly-kate@ourco.example.txt`, `2026-11-24-remind-…`, `2026-11-24T07-00-stop-…`: as
#: connectors.mailer.folder names them.
_NAME = (
    r"(?P<when>\d{4}-W\d{2}|\d{4}-\d{2}-\d{2}(?:T\d{2}-\d{2})?)"
    r"-(?:weekly|by-hand|preview|lead|remind|stop)-[^/]+@[^/]+\.(?:txt|html|eml|png)"
)
_REPORT = re.compile(_NAME)
#: What is left of a file that was being written when its process was killed.
_HALF = re.compile(rf"\.{_NAME}\.[0-9a-f]{{8}}\.tmp")
#: Nothing is written for so long [s].
_STALE = 3600.0


def is_report(name: str) -> bool:
    """Does noshow give its reports such a name?"""
    return _REPORT.fullmatch(name) is not None


def reports(folder: Path) -> dict[str, list[Path]]:
    """The files of the folder by report: the name without ending, pictures with their report."""
    found: dict[str, list[Path]] = {}
    if not folder.is_dir():
        return found
    files = [one for one in sorted(folder.iterdir()) if is_report(one.name) and one.is_file()]
    # A report's page belongs to the mail that holds it too.
    own = [one for one in files if not one.name.endswith(PAGE)]
    stems = sorted({one.stem for one in own if one.suffix in (*READABLE, ".eml")}, key=len)
    for one in files:
        stem = next((stem for stem in reversed(stems) if one.name.startswith(stem)), one.stem)
        found.setdefault(stem, []).append(one)
    return found


def half_written(folder: Path) -> list[Path]:
    """What killed processes left of reports; what may still be written is none of it."""
    if not folder.is_dir():
        return []
    halves = [one for one in folder.iterdir() if _HALF.fullmatch(one.name) and one.is_file()]
    return [one for one in halves if time.time() - one.stat().st_mtime >= _STALE]


def last_day(stem: str) -> date:
    """The last day that the report of this name speaks of; a day without end where it names none."""
    when = stem[:10]
    try:
        if when[5:6] == "W":
            return date.fromisocalendar(int(when[:4]), int(when[6:8]), 7)
        return date.fromisoformat(when)
    except ValueError:
        return _NEVER
