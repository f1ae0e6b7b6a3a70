"""What is logged, and how: structured lines on standard error, without what a person wrote."""

from __future__ import annotations

import logging
import os
import sys

import structlog
from structlog.typing import Processor

#: The loggers that follow NOSHOW_LOG: noshow's, and the four rooms' by their modules' names.
OURS = ("noshow", "config", "connectors", "reports", "jobs")


def start_log() -> None:
    """Structured lines on standard error: noshow's own from level NOSHOW_LOG on (default: warning,
    error on a terminal).

    `info` shows retries and waits, `debug` each request with its status, time and request id. Of
    libraries only warnings are shown, whatever the level: they print addresses and whole requests.
    Nothing that noshow logs holds a subject, an address or a token: the callers see to that.
    """
    # What goes wrong is said in words where somebody reads along; the lines are for a log.
    usual = "error" if sys.stderr.isatty() else "warning"
    level = (os.environ.get("NOSHOW_LOG") or usual).upper()
    number = logging.getLevelNamesMapping().get(level, logging.WARNING)
    root = logging.getLogger()
    for before in [one for one in root.handlers if isinstance(one, _Said)]:
        root.removeHandler(before)
    root.addHandler(_Said())
    root.setLevel(max(number, logging.WARNING))
    for ours in OURS:
        logging.getLogger(ours).setLevel(number)
    # These print URLs with ids, or the whole of a request.
    for noisy in ("apscheduler", "urllib3", "google", "googleapiclient", "msal", "alembic"):
        logging.getLogger(noisy).setLevel(logging.ERROR)


class _Said(logging.Handler):
    """Writes to what standard error is at the moment, one line a record."""

    def __init__(self) -> None:
        super().__init__()
        shared: list[Processor] = [
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
        ]
        order = ["timestamp", "level", "logger", "event"]
        self.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=shared,
                processors=[
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.LogfmtRenderer(key_order=order),
                ],
            )
        )

    def emit(self, record: logging.LogRecord) -> None:
        try:
            # In one piece, since other threads write, too.
            sys.stderr.write(f"{self.format(record)}\n")
        except Exception:  # noqa: BLE001 - a log that cannot be written stops no work
            self.handleError(record)
