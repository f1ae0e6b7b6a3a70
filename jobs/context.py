"""What does every job get? The settings, the folders, the clock, the store, a stop flag and a voice."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from structlog.typing import Processor

from config.clock import Clock, clock_from
from config.errors import ConfigError
from config.loading import load
from config.paths import Paths, paths_from
from config.settings import Mailbox, Settings
from connectors.model.normal_forms import address as normal_address
from connectors.store.store import Store
from jobs import folders
from jobs.outcome import Reporter, StopFlag

#: The loggers that follow NOSHOW_LOG: noshow's, and the four rooms' by their modules' names.
OURS = ("noshow", "config", "connectors", "reports", "jobs")


@dataclass
class Context:
    """Handed to each job's `run`. `closed`: folders that others could look into until now."""

    settings: Settings
    paths: Paths
    clock: Clock
    store: Store
    stop: StopFlag = field(default_factory=StopFlag)
    say: Reporter = field(default_factory=Reporter)
    closed: tuple[Path, ...] = ()

    def mailbox_id(self, mailbox: Mailbox) -> int:
        """The store's row of this mailbox, made when it is new."""
        return self.store.mailboxes.ensure(
            normal_address(mailbox.address), mailbox.provider, self.settings.zone_of(mailbox)
        )

    def chosen(self, addresses: tuple[str, ...] = ()) -> tuple[Mailbox, ...]:
        """The mailboxes of the settings, or those named. Raises ConfigError for an unknown one."""
        if not addresses:
            return self.settings.mailbox
        known = {normal_address(box.address): box for box in self.settings.mailbox}
        wanted = [normal_address(one) for one in addresses]
        unknown = [one for one, key in zip(addresses, wanted, strict=True) if key not in known]
        if unknown:
            raise ConfigError(
                f"no mailbox {', '.join(unknown)} in the settings",
                hint=f"the settings know: {', '.join(known) or 'none'}",
            )
        return tuple(known[key] for key in wanted)

    @property
    def report_folder(self) -> Path:
        return self.settings.report.folder or self.paths.reports


@contextmanager
def opened(
    settings: Settings | None = None,
    *,
    paths: Paths | None = None,
    clock: Clock | None = None,
    quiet: bool = False,
) -> Iterator[Context]:
    """A context over the settings file (or the given settings), its store opened and closed.

    Raises ConfigError, StoreError.
    """
    places = paths or paths_from()
    loaded = settings if settings is not None else load(settings_file(places))
    start_log(places.state)
    closed = folders.close(loaded, places)
    ticking = clock or clock_from()
    store = Store.open(loaded.store.url or places.store_url, ticking)
    try:
        context = Context(loaded, places, ticking, store, say=Reporter(quiet=quiet), closed=closed)
        for folder in closed:
            context.say.say(f"{folder} was open to other users of this machine; now it is closed")
        yield context
    finally:
        store.close()


def settings_file(places: Paths) -> Path:
    """`NOSHOW_SETTINGS`, else noshow.toml in the settings folder."""
    given = os.environ.get("NOSHOW_SETTINGS", "")
    return Path(given).expanduser() if given else places.settings_file


def start_log(state: Path) -> None:
    """Structured lines on standard error: noshow's own from level NOSHOW_LOG (default warning) on.

    `info` shows retries and waits, `debug` each request with its status, time and request id. Of
    libraries only warnings are shown, whatever the level: they print addresses and whole requests.
    Nothing that noshow logs holds a subject, an address or a token: the callers see to that.
    """
    level = os.environ.get("NOSHOW_LOG", "warning").upper()
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
