"""What are some weeks of noshow's life, with everything that goes wrong, and without?

A small world with a script that is known beforehand, `run-due` at each waking as cron calls it, and
beside it: requests that fail in every way that the sandbox knows, processes that are killed with
SIGKILL, clocks that jump, and a store that is put back from its backup. What weeks cost is wakings
times requests, so noshow wakes every two hours, as installed, in some of the weeks, and once or twice
a day in the others.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import event

from config.clock import Clock
from config.paths import Paths
from config.settings import Settings
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.server.faults import Fault, Kind
from connectors.sandbox.world.world import World
from jobs.context import Context, opened
from jobs.demo import stage
from jobs.fetch import sync
from jobs.keeping import backup
from jobs.schedule import serve
from tests.support.providers.desk import Given, tree_of
from tests.support.providers.google_office import DANA, LEE
from tests.support.providers.house import KATE
from tests.support.store_dump import Rows, dump

START = datetime(2026, 1, 5, 0, tzinfo=UTC)  # a Monday
WEEK, DAY = timedelta(days=7), timedelta(days=1)
#: At 17:00 UTC, and in a short life at 05:00 as well; and on Mondays at 06:05 UTC, five or sixty-five
#: minutes after seven in Berlin.
EVENING, MORNING = timedelta(hours=17), timedelta(hours=5)
REPORT = timedelta(hours=6, minutes=5)
TWO_HOURLY = tuple(timedelta(hours=hour) for hour in range(1, 24, 2))
#: Requests of a stream fail so often.
SHARE = 0.05

_ANYWHERE: tuple[Kind, ...] = (
    "too_many", "server_error", "expired_token", "forbidden", "not_found", "html", "truncated",
    "drop_before", "drop_after", "slow", "rate_403", "rate_403_new", "rate_403_list",
    "not_enabled",
)  # fmt: skip
_LISTS: tuple[Kind, ...] = ("empty_page", "repeated_page")
#: Every way to fail that the sandbox knows, where the provider may fail so; but not `stubs`, which
#: say less of a deleted meeting, so that less is stored of it.
KINDS: dict[str, tuple[Kind, ...]] = {
    "calendar.events.list": (
        *_ANYWHERE, "gone", "updated_min", "deleted", "quota_403", "empty_page", "late_item",
    ),
    "gmail.users.getProfile": _ANYWHERE,
    "gmail.users.labels.list": _ANYWHERE,
    "gmail.users.messages.list": (*_ANYWHERE, *_LISTS),
    "gmail.users.history.list": (*_ANYWHERE, "no_history_key", "daily_403"),
    "gmail.users.messages.get": _ANYWHERE,
    "gmail.users.threads.get": _ANYWHERE,
    "oauth2.token": (
        "server_error", "invalid_grant", "invalid_rapt", "invalid_scope", "html", "drop_before",
        "drop_after",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Disturbed:
    """What goes wrong, and when, in weeks from the start."""

    kills: int = 0
    jumps: tuple[tuple[float, timedelta, int], ...] = ()
    """(when [weeks], by how much, for how many wakings)"""
    busy: tuple[int, ...] = ()
    """In these weeks it wakes every two hours."""
    mornings: bool = False
    """Does it wake by five, too?"""
    restored: float = 0.0
    """... from a backup of a day and a half before; 0: never."""
    seed: int = 1


@dataclass
class Told:
    """How it went."""

    facts: dict[str, Rows]
    reports: list[tuple[str, str, int]] = field(default_factory=list)
    """The ledger at the end: week, state, tries."""
    delivered: Counter[str] = field(default_factory=Counter)
    """How often each week's report was written by a right clock."""
    ahead: Counter[str] = field(default_factory=Counter)
    """... and by a wrong one."""
    fired: Counter[str] = field(default_factory=Counter)
    killed: int = 0
    problems: int = 0


def script(weeks: int) -> World:
    """Kate's weeks: a meeting and four mails a week, and what becomes of them, days apart."""
    world = World(START)
    world.account(KATE, "Kate Lind", zone="Europe/Berlin")
    people = [DANA, LEE]
    world.human(DANA, "Dana Kim")
    world.human(LEE, "Lee Park")
    for week in range(weeks - 2):
        monday = START + week * WEEK
        who = people[week % 2]
        start = monday + WEEK + 3 * DAY + timedelta(hours=10)
        uid = world.invite(monday + timedelta(hours=9), KATE, [who], start, title=f"Plan {week}")
        world.answer(monday + 2 * DAY + timedelta(hours=9), uid, who, "accepted")
        if week % 4 == 1:
            world.answer(start - timedelta(hours=9), uid, who, "declined")
        elif week % 4 == 2:
            world.move(monday + 6 * DAY + timedelta(hours=10), uid, start + DAY)
        elif week % 4 == 3:
            world.cancel(monday + 5 * DAY + timedelta(hours=10), uid)
        for day, subject in ((1, "Question"), (3, "Idea")):
            at = monday + day * DAY + timedelta(hours=8)
            world.mail(at, who, KATE, f"{subject} {week}")
            world.mail(at + timedelta(hours=26), KATE, who, f"{subject} {week}, answered")
    return world


@dataclass(frozen=True)
class Place:
    """An installation that another process can open, too."""

    tree: dict[str, Any]
    folder: Path

    @property
    def paths(self) -> Paths:
        return Paths(self.folder, self.folder / "state", self.folder / "reports")

    @contextmanager
    def open(self, now: datetime) -> Iterator[Context]:
        """At this moment; its clock ticks whenever it is looked at, and its waiting takes no time."""
        ticks = count()
        clock = Clock(
            now_=lambda: now + timedelta(milliseconds=next(ticks)), sleep_=lambda _seconds: None
        )
        settings = Settings.model_validate(self.tree)
        with opened(settings, paths=self.paths, clock=clock, quiet=True) as context:
            yield context


def _dies(place: Place, now: datetime, statement: int) -> None:
    """A process that does what is due, and is killed before its n-th statement."""
    left = count(1)

    def fate(*_: object) -> None:
        if next(left) == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    with place.open(now) as context:
        event.listen(context.store.database.engine, "before_cursor_execute", fate)
        serve.run_due(context)


class Life:
    """One life: so many weeks, with or without what goes wrong."""

    def __init__(self, folder: Path, weeks: int, disturbed: Disturbed | None) -> None:
        self.folder, self.weeks, self.disturbed = folder, weeks, disturbed
        self.world = script(weeks)
        self.random = random.Random(disturbed.seed if disturbed else 0)
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload([__name__])

    def live(self) -> Told:
        with GoogleSandbox(self.world, sleep=lambda _seconds: None) as google:
            given = Given({"schedule": {"sync_every_hours": 1.7}, "report": {"attach_page": False}})
            self.place = Place(tree_of(google, self.folder, given), self.folder)
            with self.place.open(START) as context:
                stage.log_in(context, {"google": google}, "read")
            self.told = Told({})
            self.google = google
            if self.disturbed:
                self._break(google)
            moments = self._wakings()
            deaths = self._deaths(len(moments))
            for number, moment in enumerate(moments):
                self.world.advance_to(moment)
                self._backup(moment)
                off = self._off(number, moments)
                if number in deaths:
                    self._kill(moment + off)
                self._wake(moment + timedelta(minutes=15) + off, wrong=bool(off))
            google.faults.clear()
            self.told.fired = google.faults.fired
            self.world.advance_to(moments[-1] + timedelta(hours=1))
            self._end(self.world.now)
        return self.told

    def _wakings(self) -> list[datetime]:
        days = [START + day * DAY for day in range(7 * self.weeks)]
        if self.disturbed is None:
            # Nothing happens twice to one meeting within a day.
            return [day + EVENING for day in days]
        seldom = (EVENING, MORNING) if self.disturbed.mornings else (EVENING,)
        mondays = [day + REPORT for day in days if day.weekday() == 0]
        found = [
            day + at
            for day in days
            for at in (TWO_HOURLY if (day - START) // WEEK in self.disturbed.busy else seldom)
        ]
        return sorted([*found, *mondays])

    def _break(self, google: GoogleSandbox) -> None:
        for where, kinds in KINDS.items():
            for kind in kinds:
                chance = SHARE / len(kinds)
                # What a full listing leaves out has vanished there, and is stored so.
                needs = "syncToken" if kind == "late_item" else ""
                google.faults.add(
                    Fault(
                        kind, where=where, times=None, chance=chance, retry_after=1.0, needs=needs
                    )
                )

    def _deaths(self, number: int) -> set[int]:
        if self.disturbed is None or not self.disturbed.kills:
            return set()
        step = number // (self.disturbed.kills + 1)
        return {step * (one + 1) for one in range(self.disturbed.kills)}

    def _off(self, number: int, moments: list[datetime]) -> timedelta:
        """How wrong the clock is at this waking."""
        for at, by, long in self.disturbed.jumps if self.disturbed else ():
            first = next(n for n, moment in enumerate(moments) if moment >= START + at * WEEK)
            if first <= number < first + long:
                return by
        return timedelta()

    def _kill(self, now: datetime) -> None:
        statement = self.random.randint(15, 45)
        process = self._processes.Process(target=_dies, args=(self.place, now, statement))
        process.start()
        process.join(120)
        assert process.exitcode in (0, 1, -signal.SIGKILL), process.exitcode
        self.told.killed += process.exitcode == -signal.SIGKILL

    def _backup(self, moment: datetime) -> None:
        """Take the copy, and a day and a half later put it in the store's place."""
        if self.disturbed is None or not self.disturbed.restored:
            return
        at = START + self.disturbed.restored * WEEK
        store, copy = self.place.paths.state / "noshow.db", self.folder / "backup.db"
        if not copy.exists() and moment >= at - 1.5 * DAY:
            with self.place.open(moment) as context:
                backup.run(context, file=copy)
        elif copy.exists() and copy.stat().st_size and moment >= at:
            for ending in ("", "-wal", "-shm"):
                store.with_name(store.name + ending).unlink(missing_ok=True)
            shutil.copyfile(copy, store)
            store.chmod(0o600)
            copy.write_bytes(b"")

    def _wake(self, now: datetime, *, wrong: bool) -> None:
        with self.place.open(now) as context:
            if self.disturbed is None:
                sync.run(context)
                return
            before = self._mails()
            self.told.problems += len(serve.run_due(context).problems)
        for name, written in self._mails().items():
            if before.get(name) != written:
                (self.told.ahead if wrong else self.told.delivered)[name[:8]] += 1

    def _mails(self) -> dict[str, int]:
        return {one.name: one.stat().st_mtime_ns for one in self.place.paths.reports.glob("*.eml")}

    def _end(self, now: datetime) -> None:
        with self.place.open(now) as context:
            outcome = sync.run(context, heal=True)
            assert outcome.code == 0, outcome.problems
            self.told.facts = dump(context.store)
            self.told.reports = sorted(
                (one.week, one.state, one.tries) for one in context.store.ledger.reports()
            )
