"""Which files lie below a folder, hidden mail folders and linked ones among them?

A link to a folder is followed once, behind everything else, and never to a folder that was walked
already or that lies above: mail programs put a mailbox elsewhere and link it, and links may loop.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from connectors.files.file_kinds import is_mh
from connectors.files.problems import Lost, Problem, Report

#: Where mail programs keep their mail, hidden in a home folder.
_PROGRAMS = frozenset(
    (
        ".thunderbird",
        ".mozilla-thunderbird",
        ".icedove",
        ".betterbird",
        ".mozilla",
        ".evolution",
        ".kde",
        ".kde4",
        ".trinity",
        ".local",
        ".var",
        ".maildir",
        ".mail",
        ".mh",
        ".claws-mail",
        ".sylpheed",
        ".balsa",
    )
)
#: Files of mail programs that are no mail, hidden ones among them.
_NEVER = (".DS_Store", ".localized")


def walk(root: Path, report: Report) -> Iterator[Path]:
    """Files below a folder in a stable order; each folder once, whatever links lead to it."""
    waiting, seen, passed = [root], set[tuple[int, int]](), 0
    while waiting:
        start = waiting.pop(0)
        for folder, names, files in os.walk(start, onerror=lambda error: _failed(error, report)):
            if not _new(folder, seen):
                names[:] = []
                continue
            hidden = _holds_folders(names)
            kept = sorted(
                name
                for name in names
                if not name.startswith(".") or hidden or _holds_mail(folder, name)
            )
            passed += len(set(names) - set(kept))
            linked = [Path(folder, name) for name in kept if Path(folder, name).is_symlink()]
            waiting += [one for one in linked if not _above(one, root, report)]
            names[:] = [name for name in kept if not Path(folder, name).is_symlink()]
            for name in sorted(files):
                if not name.startswith("._") and name not in _NEVER:
                    yield Path(folder, name)
    if passed:
        what = "hidden folder" if passed == 1 else "hidden folders"
        report(Problem(str(root), f"{passed} {what} left alone", Lost.IGNORED))


def _failed(error: OSError, report: Report) -> None:
    reason = error.strerror or type(error).__name__
    report(Problem(str(error.filename), f"a folder passed over: {reason}", Lost.FILE))


def _new(folder: str, seen: set[tuple[int, int]]) -> bool:
    """Was this folder never walked, under any name?"""
    try:
        state = os.stat(folder)  # noqa: PTH116
    except OSError:
        return True
    key = (state.st_dev, state.st_ino)
    if key in seen:
        return False
    seen.add(key)
    return True


def _above(link: Path, root: Path, report: Report) -> bool:
    """Does a link lead to a folder that holds the one to be read? Named, and passed over."""
    try:
        target, base = link.resolve(), root.resolve()
    except OSError:
        return False
    if target != base and target in base.parents:
        report(Problem(str(link), "a link to a folder above it: left alone", Lost.IGNORED))
        return True
    return target == base


def _holds_folders(names: list[str]) -> bool:
    """A Maildir: its hidden folders are its subfolders (Maildir++)."""
    return "cur" in names and "new" in names


def _holds_mail(folder: str, name: str) -> bool:
    """A hidden folder of mail: `.Sent` of a Maildir++, `.Inbox.directory` of KMail, one of MH."""
    path = Path(folder, name)
    if (
        name.lower() in _PROGRAMS
        or name.endswith((".directory", ".sbd"))
        or any((path / part).is_dir() for part in ("cur", "new"))
    ):
        return True
    try:
        with os.scandir(path) as entries:
            return any(is_mh(entry.name) or entry.name == ".mh_sequences" for entry in entries)
    except OSError:
        return False
