"""What do many mailboxes cost: one, ten, a hundred, a thousand? And what would 100,000 take?

Made-up stores of small mailboxes (500 mails and 50 meetings each, 30 days of looks), filled in bulk, each
size in a process of its own. `--most 1000` goes on to a thousand; `--plan` prints the arithmetic for
100,000 mailboxes and measures nothing. Seconds are of the processor's own time.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from config.clock import Clock, to_micros
from config.paths import Paths
from config.settings import Mailbox, Own, Settings
from connectors.interfaces import Window
from connectors.store.store import Store
from connectors.store.tables.schema import cursors
from connectors.sync import MAIL, sync_calendar, sync_mail
from jobs.context import Context
from jobs.delivery import judging, weekly
from jobs.delivery.envelope.audience import audiences
from jobs.delivery.envelope.report_week import last_complete
from tests.bench import detection_world as world
from tests.bench.run import Row, table
from tests.support.machine.postgres import running
from tests.support.providers.team_office import team_office
from tests.support.servers import slow_provider

SIZES = (1, 10, 100, 1_000)
MAILS, MEETINGS, DAYS = 500, 50, 30
#: So many sellers' reports are made to know what one takes.
_REPORTS = 20
NOW = world.AS_OF.to_pydatetime()
_CLOCK = Clock(now_=lambda: NOW)


def spent(work: Callable[[], Any]) -> float:
    """Seconds of the processor for this work."""
    began = time.process_time()
    work()
    return time.process_time() - began


def ready(store: Store, mailboxes: int) -> None:
    """Every stream has a cursor, as after a first look."""
    rows = [
        {
            "mailbox_id": number,
            "stream": stream,
            "value": value,
            "parameters": "p1",
            "midway": False,
            "updated_at": 0,
            "sure_at": 0,
        }
        for number in range(1, mailboxes + 1)
        for stream, value in ((MAIL, "0|delta|0|"), ("calendar:primary", "0|delta|0|0|"))
    ]
    with store.database.writing() as connection:
        connection.execute(insert(cursors), rows)


def idle(store: Store, mailboxes: int) -> float:
    """Seconds of one mailbox's look with nothing new: all that a sync does but HTTP."""
    now = to_micros(NOW)
    window = Window(now - 200 * 86_400_000_000, now + 120 * 86_400_000_000)

    def poll() -> None:
        for number in range(1, mailboxes + 1):
            with store.locks.mailbox(number):
                calendar = slow_provider.Calendar(lambda: now)
                done = sync_calendar(store, calendar, number, "primary", window)
                mail = sync_mail(store, slow_provider.Mailbox(), number, window.start)
                if not (done.complete and mail.complete):
                    raise RuntimeError("a look did not come to its end")

    return spent(poll) / mailboxes


def on_postgres(mailboxes: int) -> float:
    """The same over PostgreSQL; its server's own work is not counted."""
    with running() as server, Store.open(server.fresh(), _CLOCK) as store:
        for number in range(1, mailboxes + 1):
            store.mailboxes.ensure(world.ours(number), "google", "Europe/Berlin")
        ready(store, mailboxes)
        return idle(store, mailboxes)


def one_size(mailboxes: int, folder: Path) -> dict[str, float]:
    """What so many mailboxes cost, by step: seconds, and megabytes."""
    path = folder / "noshow.db"
    world.build(path, mailboxes * MAILS, mailboxes * MEETINGS, mailboxes=mailboxes, days=DAYS)
    found = {"store": path.stat().st_size / 1e6}
    settings = Settings(
        zone="Europe/Berlin",
        own=Own(domains=("ours.example",)),
        mailbox=tuple(
            Mailbox(address=world.ours(n), provider="files") for n in range(1, mailboxes + 1)
        ),
    )
    paths = Paths(config=folder, state=folder, reports=folder)
    with Store.open(f"sqlite:///{path}", _CLOCK) as store:
        ready(store, mailboxes)
        found["idle"] = idle(store, mailboxes)
        context = Context(settings, paths, _CLOCK, store)
        # Once before, for what is only loaded the first time: a quarter of a second is no mailbox's.
        judging.found(context, NOW)
        made: list[Any] = []
        found["load"] = spent(lambda: made.append(judging.found(context, NOW)))
        found["detect"] = spent(lambda: made[0].findings)
        readers = audiences(context)[:_REPORTS]
        week = last_complete(NOW.date())
        found["report"] = spent(
            lambda: [weekly.report_for(context, one, made[0], week) for one in readers]
        ) / len(readers)
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def asked() -> dict[str, float]:
    """How many requests does a poll with nothing new take, at each provider?"""
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
        team_office(1) as office,
    ):
        house = office.house(Path(folder, "house"), patch)
        if house.type("sync").code:
            raise RuntimeError("the first look failed")
        before = {one: len(one.log) for one in (office.google, office.microsoft)}
        if house.type("sync").code:
            raise RuntimeError("the second look failed")
        return {
            "google": len(office.google.log) - before[office.google],
            "microsoft": len(office.microsoft.log) - before[office.microsoft],
        }


def measured(mailboxes: int) -> dict[str, float]:
    """`one_size` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", __spec__.name, "--one", str(mailboxes)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def rows_of(mailboxes: int, found: dict[str, float]) -> list[Row]:
    """One size: each step, and which takes most of a week."""
    sellers = mailboxes * found["report"]
    polls = 12 * 7 * mailboxes * found["idle"]
    steps = {"84 looks": polls, "load": found["load"], "detection": found["detect"]}
    steps["reports"] = sellers
    most = max(steps, key=lambda name: steps[name])
    noun = f"{mailboxes:,} mailbox{'es' if mailboxes > 1 else ''}"
    rows: list[Row] = [
        (f"{noun}: a look, nothing new", 1e3 * found["idle"], "ms/mailbox", "SQLite, without HTTP"),
        ("  the same, PostgreSQL", 1e3 * found["postgres"], "ms/mailbox", "without the server's"),
        ("  84 looks (a week, every two hours)", polls, "s", ""),
        ("  load the facts", found["load"], "s", f"{mailboxes * MAILS:,} mails"),
        ("  detection", found["detect"], "s", f"{mailboxes * MEETINGS:,} meetings"),
        ("  a seller's report", 1e3 * found["report"], "ms", f"of {min(mailboxes, _REPORTS)}"),
        ("  all reports", sellers, "s", f"most of a week: {most}"),
        ("  store", found["store"], "MB", f"{found['store'] / mailboxes:.2f} a mailbox"),
        ("  peak memory", found["peak"], "MiB", "load, detection and reports"),
    ]
    return rows


#: Of 100,000 mailboxes: mails of a first look; seconds of a request to Graph, and requests of a poll
#: with nothing new there (the bench's last row measures them).
_ALL, _FIRST, _ANSWER, _IDLE = 100_000, 10_000, 0.5, 15


def plan() -> list[Row]:
    """The arithmetic for 100,000 mailboxes of 10,000 mails, from the providers' published limits."""
    rows: list[Row] = []
    for prices, get, minute in (("new", 20, 6_000), ("old", 5, 15_000)):
        units = _FIRST * get
        note = f"{units:,} units each, {minute:,} a minute"
        rows += [
            (f"Gmail, {prices} prices: one first look", units / minute, "min", note),
            ("  all, 1,200,000 units a minute", _ALL * units / 1.2e6 / 1440, "days", "a project"),
            ("  all, 80,000,000 units a day", _ALL * units / 8e7, "days", "without a bill"),
        ]
    requests = _FIRST / 250 + 10
    in_flight = 4 / _ANSWER
    rows += [
        ("Graph: one first look", requests, "requests", "250 mails a page, 10 for calendars"),
        ("  all, 4 in flight for an app", _ALL * requests / in_flight / 86_400, "days",
         f"{_ANSWER} s a request"),
        ("  a look at all, nothing new", _ALL * _IDLE / in_flight / 3600, "h", f"{_IDLE} requests each"),
        ("Calendar: a look at all", _ALL / 10_000, "min", "1 request each, 10,000 a minute"),
    ]  # fmt: skip
    return rows


def run(most: int = 100) -> list[Row]:
    """All rows: (name, value, unit, note)."""
    rows: list[Row] = []
    for size in SIZES:
        if size <= most:
            rows += rows_of(size, measured(size))
    requests = asked()
    return [
        *rows,
        ("requests of a look, nothing new: Google", requests["google"], "", "with the login"),
        ("requests of a look, nothing new: Microsoft", requests["microsoft"], "", "with the login"),
    ]


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=100, help="the largest number of mailboxes")
    parser.add_argument("--one", type=int, help="measure this number in this process")
    parser.add_argument("--plan", action="store_true", help="only the arithmetic for 100,000")
    given = parser.parse_args(arguments)
    if given.one:
        with tempfile.TemporaryDirectory() as folder:
            found = one_size(given.one, Path(folder))
            found["postgres"] = on_postgres(given.one)
            print(json.dumps(found))
    else:
        print(table(plan() if given.plan else run(given.most)))


if __name__ == "__main__":
    main(sys.argv[1:])
