"""Where do all facts lie, and how does one open the place?

`Store` holds the parts, each over the same database: what sources show is written through `pages`,
what reports and users say of it through `claims`, `user_input`, `contact_memory` and `ledger`; the
facts come out as `frames`. Each part is a module of this folder or of its rooms `write` and `read`;
what `status` and `answer` do not need is loaded when it is asked for: pandas, and the planner's words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING

from sqlalchemy import delete, false, func, select

from config.clock import Clock
from connectors.store.claims import Claims
from connectors.store.contact_memory import ContactMemory
from connectors.store.coordination.locks import Locks
from connectors.store.coordination.rate_limits import Rate, SharedLimiter
from connectors.store.database import engine as engines
from connectors.store.database import integrity
from connectors.store.database.transactions import Database
from connectors.store.ledger import Ledger
from connectors.store.mailboxes import Mailboxes
from connectors.store.members import Members
from connectors.store.migrations import migrate
from connectors.store.privacy.privacy import Privacy
from connectors.store.question_list import COMING, QUESTIONS, KeptList
from connectors.store.read.attendance_due import AttendanceDue
from connectors.store.read.pending import Pending
from connectors.store.read.people import People
from connectors.store.read.sightings import Sightings
from connectors.store.read.streams import Streams
from connectors.store.read.undated_changes import UndatedChanges
from connectors.store.tables.schema import messages, observations, polls
from connectors.store.user_input import UserInput
from connectors.store.write.losses import Losses

if TYPE_CHECKING:
    from connectors.model.frames import Frames
    from connectors.model.wanted import Wanted
    from connectors.store.write.pages import Pages


class Store:
    """One store: a SQLite file or a PostgreSQL database. Close it, or use it in a `with`.

    Threads may share it. A process opens its own; all of them may work at the same time.
    """

    def __init__(self, database: Database, locks: Locks, held: ExitStack) -> None:
        self.database = database
        self.locks = locks
        self._held = held
        self.mailboxes = Mailboxes(database)
        self.members = Members(database)
        self.pending = Pending(database)
        self.losses = Losses(database)
        self.attendance_due = AttendanceDue(database)
        self.undated_changes = UndatedChanges(database)
        self.claims = Claims(database)
        self.user_input = UserInput(database)
        self.contact_memory = ContactMemory(database)
        self.ledger = Ledger(database)
        self.privacy = Privacy(database)
        self.sightings = Sightings(database)
        self.people = People(database)
        self.streams = Streams(database)
        self.question_list = KeptList(database, QUESTIONS)
        self.coming_list = KeptList(database, COMING)

    @cached_property
    def pages(self) -> Pages:
        """What writes the pages of sources."""
        from connectors.store.write.pages import Pages

        return Pages(self.database, self.locks)

    @classmethod
    def open(cls, url: str, clock: Clock | None = None) -> Store:
        """Open the store, made or brought up to date where needed.

        `url`: `sqlite:////folder/noshow.db` or `postgresql+psycopg://user@host/database`. Raises
        ConfigError for another url; StoreError where it cannot be read or written, is damaged or
        was written by a newer version; Busy where it must be brought up to date and is in use.
        """
        place = engines.parse(url)
        ticking = clock or Clock()
        if integrity.was_emptied(place):
            raise integrity.damaged(place)
        engine = engines.connect(place)
        locks = Locks(place, ticking)
        try:
            held = migrate.opened(engine, place, locks, ticking)
        except BaseException:
            engine.dispose()
            raise
        integrity.mark(place)
        database = Database(engine, place, ticking, locks.patience, locks.check)
        return cls(database, locks, held)

    @property
    def url(self) -> str:
        """The url to open the same store with in another process. It may hold a password."""
        return self.database.url.render_as_string(hide_password=False)

    def now(self) -> int:
        """The moment by the store's clock [µs UTC]."""
        return self.database.now()

    def frames(self, as_of: datetime | int | None = None, contacts: Wanted | None = None) -> Frames:
        """All facts as they were known of that moment (None: now), as one consistent snapshot.

        `as_of`: an aware datetime, or microseconds UTC. `contacts`: only what must be known to judge
        these contacts as if all had been read. Raises StoreError.
        """
        from connectors.store.read.frames import FactReader

        return FactReader(self.database).read(as_of, contacts)

    def size(self) -> int:
        """About how many mails and snapshots lie here: as many as were ever numbered."""
        with self.database.reading() as connection:
            newest = (
                connection.execute(select(func.max(one))).scalar() or 0
                for one in (messages.c.message_id, observations.c.observation_id)
            )
            return sum(newest)

    def check(self, *, at_most: int | None = None) -> None:
        """Is the file whole? Looks at all of it, or only if it has at most so many bytes.

        Raises StoreError where it is damaged.
        """
        integrity.check(self.database, at_most=at_most)

    def check_writing(self) -> None:
        """Raises StoreError where nothing can be written: a role without rights, a disk that is read only."""
        with self.database.writing() as connection:
            connection.execute(delete(polls).where(false()))

    def limiter(
        self,
        rates: Mapping[str, Rate],
        *,
        budget: float = 3600.0,
        should_stop: Callable[[], bool] | None = None,
        away: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> SharedLimiter:
        """A limiter whose buckets all processes of this store share. `budget` in [s]."""
        return SharedLimiter(
            self.database, rates, budget=budget, should_stop=should_stop, away=away
        )

    def close(self) -> None:
        """Give back connections and the lock on the store's version. May be called twice."""
        self.database.engine.dispose()
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
