"""Where do all facts lie, and how does one open the place?

`Store` puts the parts together: pages of sources, opinions, the ledger of reports and runs,
privacy, frames and the dump; locks and limits are reached through it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from types import TracebackType

from sqlalchemy import Engine
from sqlalchemy.engine import URL

from config.clock import Clock
from connectors.store import engine as engines
from connectors.store import migrate
from connectors.store.dump import Dump
from connectors.store.ledger import Ledger
from connectors.store.locks import Locks
from connectors.store.opinions import Opinions
from connectors.store.privacy import Privacy
from connectors.store.rate_limits import Rate, SharedLimiter
from connectors.store.read.attendance_due import Held
from connectors.store.read.frames import Reading
from connectors.store.read.pending import Waiting
from connectors.store.read.undated_changes import Undated
from connectors.store.write.pages import Pages


class Store(Pages, Waiting, Opinions, Ledger, Privacy, Held, Undated, Reading, Dump):
    """One store: a SQLite file or a PostgreSQL database. Close it, or use it in a `with`.

    Threads may share it. A process opens its own; all of them may work at the same time.
    """

    def __init__(
        self, engine: Engine, url: URL, clock: Clock, locks: Locks, held: ExitStack
    ) -> None:
        super().__init__(engine, url, clock)
        self.locks = locks
        self._held = held

    @classmethod
    def open(cls, url: str, clock: Clock | None = None) -> Store:
        """Open the store, made or brought up to date where needed.

        `url`: `sqlite:////folder/noshow.db` or `postgresql+psycopg://user@host/database`. Raises
        ConfigError for another url; StoreError where it cannot be read or written, is damaged or
        was written by a newer version; Busy where it must be brought up to date and is in use.
        """
        place = engines.parse(url)
        ticking = clock or Clock()
        engine = engines.connect(place)
        locks = Locks(place, ticking)
        try:
            held = migrate.opened(engine, place, locks, ticking)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, place, ticking, locks, held)

    @property
    def url(self) -> str:
        """The url to open the same store with in another process. It may hold a password."""
        return self._url.render_as_string(hide_password=False)

    def limiter(
        self,
        rates: Mapping[str, Rate],
        *,
        budget: float = 3600.0,
        should_stop: Callable[[], bool] | None = None,
    ) -> SharedLimiter:
        """A limiter whose buckets all processes of this store share. `budget` in [s]."""
        return SharedLimiter(self, rates, clock=self._clock, budget=budget, should_stop=should_stop)

    def close(self) -> None:
        """Give back connections and the lock on the store's version. May be called twice."""
        self._engine.dispose()
        self._held.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
