"""Which calendars, mailboxes, mails and call lists lie in the given files, folders and archives?"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from config.clock import to_micros
from connectors.files.bounded import why
from connectors.files.containers import MOST_FILES, Found, Opener, Source, left_alone
from connectors.files.file_kinds import Kind, kind_of
from connectors.files.folder_walk import walk
from connectors.files.problems import Lost, Problem, Report


def sources(paths: Sequence[str | Path], report: Report, stack: ExitStack) -> list[Source]:
    """Everything readable below the paths: calendars first, then mail, then calls, by place.

    What cannot be read is reported; files of other kinds are reported as a number. The archives
    stay open, for their members to be read, until `stack` closes them.
    """
    opener = Opener(report, stack)
    once: dict[str, Source] = {}
    for path in paths:
        for source in _below(Path(path), opener, report):
            once.setdefault(source.key + source.place, source)
    order = list(Kind)
    return sorted(once.values(), key=lambda one: (order.index(one.kind), one.order, one.place))


def _below(path: Path, opener: Opener, report: Report) -> Iterator[Source]:
    if not path.is_dir():
        made = list(_file(path, path.parts[-2:], opener, report, named=True))
        yield from (one for one in made if one is not None)
        return
    ignored = 0
    for number, file in enumerate(walk(path, report)):
        if number > MOST_FILES:
            report(Problem(str(path), f"more than {MOST_FILES} files", Lost.FILE))
            break
        made = list(_file(file, _parts(file, path), opener, report, named=False))
        ignored += not made and not file.name.startswith(".")
        yield from (one for one in made if one is not None)
    left_alone(str(path), ignored, report)


def _parts(file: Path, root: Path) -> tuple[str, ...]:
    """The names on the way to a file, from the folder that was given on."""
    return file.relative_to(root.parent).parts


def _file(
    path: Path, parts: tuple[str, ...], opener: Opener, report: Report, *, named: bool
) -> Iterator[Source | None]:
    try:
        state = path.stat()
    except OSError as error:
        report(Problem(str(path), why(error), Lost.FILE))
        yield None
        return
    if not stat.S_ISREG(state.st_mode):
        if named or kind_of(parts, b"", named=False) is not None:
            report(Problem(str(path), "neither a file nor a folder", Lost.FILE))
            yield None
        return
    yield from opener.sources(
        Found(
            str(path),
            parts or (path.name,),
            state.st_size,
            to_micros(datetime.fromtimestamp(state.st_mtime, UTC)),
            state.st_mtime_ns,
            lambda: path.open("rb"),
            named=named,
        )
    )
