"""What is logged, and how: lines on standard error as text or JSON, without what a person wrote.

`NOSHOW_LOG` chooses the level, `NOSHOW_LOG_FORMAT` the form (`text` or `json`). Each line bears the
run's id, so that the lines of one run are found among those of many.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO, cast
from uuid import uuid4

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor

#: The loggers that follow NOSHOW_LOG: noshow's, and the four rooms' by their modules' names.
OURS = ("noshow", "config", "connectors", "reports", "jobs")
#: The order of a line's keys.
_KEYS = ["timestamp", "level", "logger", "run", "event"]


class _Run:
    """The run that goes on in this process."""

    id = str(uuid4())


def begin_run() -> str:
    """A new id for what runs from now on; it stands in each line, and in each ping."""
    _Run.id = str(uuid4())
    return _Run.id


def run_id() -> str:
    """The id of what runs now: a UUID, as monitoring services want it."""
    return _Run.id


def in_json() -> bool:
    """Does somebody want JSON lines on standard error?"""
    return os.environ.get("NOSHOW_LOG_FORMAT", "").lower() == "json"


def start_log() -> None:
    """Lines on standard error: noshow's own from level NOSHOW_LOG on (default: warning, error on a
    terminal).

    `info` shows retries and waits, `debug` each request with its status, time and request id. Of
    libraries only warnings are shown, whatever the level: they print addresses and whole requests;
    on a terminal nothing of them, unless NOSHOW_LOG asks for lines.
    Nothing that noshow logs holds a subject, an address or a token: the callers see to that.
    """
    # What goes wrong is said in words where somebody reads along; the lines are for a log.
    asked = os.environ.get("NOSHOW_LOG", "")
    read_along = sys.stderr.isatty() and not asked
    level = (asked or ("error" if read_along else "warning")).upper()
    levels = logging.getLevelNamesMapping()
    if level not in levels:
        # Nobody's work stops for it; but whoever waits for lines should know why none come.
        sys.stderr.write("noshow: NOSHOW_LOG is not one of debug, info, warning, error\n")
    number = levels.get(level, logging.WARNING)
    root = logging.getLogger()
    for before in [one for one in root.handlers if isinstance(one, _Said)]:
        root.removeHandler(before)
    root.addHandler(_Said(ours_alone=read_along))
    root.setLevel(max(number, logging.WARNING))
    for ours in OURS:
        logging.getLogger(ours).setLevel(number)
    # These print URLs with ids, or the whole of a request.
    for noisy in ("apscheduler", "urllib3", "google", "googleapiclient", "msal", "alembic"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


@contextmanager
def all_in_lines() -> Iterator[None]:
    """For the block, with NOSHOW_LOG_FORMAT=json, all on standard error is one JSON object a line.

    What is said to a person is there too, with the logger `said`.
    """
    if not in_json():
        yield
        return
    before = sys.stderr
    lines = _Lines(before)
    sys.stderr = cast("TextIO", lines)
    try:
        yield
    finally:
        lines.end()
        sys.stderr = before


class _Lines:
    """A text stream that makes a JSON object of each line that is written to it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._begun = ""
        #: Where rich writes: here, not past it.
        self.rich_proxied_file = self

    def write(self, text: str) -> int:
        *whole, self._begun = (self._begun + text).split("\n")
        for line in whole:
            self._said(line)
        return len(text)

    def line(self, ready: str) -> None:
        """A line that is JSON already."""
        self._stream.write(f"{ready}\n")

    def end(self) -> None:
        """What was written without a line's end."""
        self._said(self._begun)
        self._begun = ""

    def isatty(self) -> bool:
        return False

    def _said(self, text: str) -> None:
        if text.strip():
            now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
            values = (now, "info", "said", run_id(), text.strip())
            self.line(json.dumps(dict(zip(_KEYS, values, strict=True)), ensure_ascii=False))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Said(logging.Handler):
    """Writes to what standard error is at the moment, one line a record."""

    def __init__(self, *, ours_alone: bool) -> None:
        super().__init__()
        self._ours_alone = ours_alone

    def emit(self, record: logging.LogRecord) -> None:
        if self._ours_alone and record.name.partition(".")[0] not in OURS:
            return
        try:
            if self.formatter is None:
                # With the first line: most commands log none, and need not wait for its maker.
                self.setFormatter(_formatter())
            # In one piece, since other threads write, too.
            text = self.format(record)
            if isinstance(sys.stderr, _Lines):
                sys.stderr.line(text)
            else:
                sys.stderr.write(f"{text}\n")
        except Exception:  # noqa: BLE001 - a log that cannot be written stops no work
            self.handleError(record)


def _formatter() -> logging.Formatter:
    """What makes a line of a record, as text or JSON."""
    import structlog

    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _with_run,
    ]
    last: list[Processor] = (
        [_in_order, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if in_json()
        else [structlog.processors.LogfmtRenderer(key_order=_KEYS)]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )


def _with_run(_logger: Any, _name: str, event: EventDict) -> EventDict:
    return {**event, "run": run_id()}


def _in_order(_logger: Any, _name: str, event: EventDict) -> EventDict:
    return {name: event[name] for name in [*_KEYS, *sorted(set(event) - {*_KEYS})] if name in event}
