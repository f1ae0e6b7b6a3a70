"""Three ways to read one small world into a store: Google's API, Microsoft's Graph, exported files.

Each reader has the same few verbs, so that one suite holds all of them to one contract. What a way
cannot do by its nature is named in `cannot`, with the reason, and looked at by the suite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from config.clock import Clock, to_micros
from connectors import sync
from connectors.auth.vault import FileVault
from connectors.files.importing import import_files
from connectors.files.problems import Problem
from connectors.files.reader import read
from connectors.interfaces import CalendarSource, MailSource, Page, Window
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.microsoft.server import MicrosoftSandbox
from connectors.sandbox.server.faults import Fault
from connectors.sandbox.world.world import World
from connectors.store.store import Store
from connectors.transport.client import Transport
from tests.contracts import takeout
from tests.support.facts.seen import sqlite_url
from tests.support.providers import google_office
from tests.support.providers.microsoft_office import KATE, ZONE
from tests.support.providers.microsoft_office import office as microsoft_office
from tests.support.servers.scripted_http import Fast, Purse
from tests.support.stored_mails import stored_mails

KEY = ["series_uid", "recurrence_id"]
FLAGS = ["sent", "spam", "draft", "inbox", "trash"]
WAYS = ("google", "microsoft", "files")
Server = GoogleSandbox | MicrosoftSandbox


def window_of(world: World) -> Window:
    return Window(
        to_micros(world.now - timedelta(days=60)), to_micros(world.now + timedelta(days=60))
    )


@dataclass
class Reader:
    """One way of reading Kate's mailbox. `look` reads all streams once, as a sync does."""

    way: str
    folder: Path
    world: World
    store: Store
    box: int
    poll: Callable[[], list[sync.SyncOutcome]]
    #: The raw pages of one full round, with nothing stored, stream by stream.
    pages: Callable[[], dict[str, list[Page]]]
    #: Read the first page of each stream, and die.
    torn: Callable[[], None]
    server: Server | None = None
    cannot: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def advance(self, moment: datetime) -> None:
        self.world.advance_to(moment)

    @property
    def meetings(self) -> pd.DataFrame:
        """Stored meetings that a calendar has shown, by their key.

        What only a mail told of (an answer to a whole series) has a key of its own.
        """
        facts = self.store.frames()
        seen = facts.observations.loc[facts.observations["evidence"] == "snapshot", "meeting_id"]
        frame = facts.meetings.loc[facts.meetings["meeting_id"].isin(seen)]
        return frame.set_index(["series_uid", "recurrence_id"], drop=False).sort_index()

    @property
    def mails(self) -> pd.DataFrame:
        """Stored mails, by their Message-ID."""
        return stored_mails(self.store).set_index("message_key", drop=False).sort_index()

    def state(self) -> dict[str, object]:
        """What is known in the end, without when it was seen."""
        meetings, mails = self.meetings.reset_index(drop=True), self.mails.reset_index(drop=True)
        return {
            "meetings": meetings[[*KEY, "start_at", "status", "subject"]].to_dict("list"),
            "mails": mails[["message_key", "subject", *FLAGS, "labels"]].to_dict("list"),
            "deleted": mails["deleted_at"].notna().tolist(),
            "answers": sorted(self.answers().items()),
            "pending": len(self.store.frames().pending),
        }

    def answers(self) -> dict[tuple[str, str, str], str]:
        """The last answer of each guest as the calendar shows it, by key and address."""
        facts = self.store.frames()
        last = facts.observations.loc[facts.observations["evidence"] == "snapshot"]
        last = last.sort_values("observation_id").drop_duplicates("meeting_id", keep="last")
        keyed = last.merge(
            facts.meetings[["meeting_id", "series_uid", "recurrence_id"]], on="meeting_id"
        )
        people = facts.guests.merge(
            keyed[["observation_id", "series_uid", "recurrence_id"]], on="observation_id"
        )
        return {
            (row.series_uid, row.recurrence_id, row.address): row.response
            for row in people.itertuples()
        }

    def stored_bytes(self) -> bytes:
        """All that lies on the disk, whatever table it is in."""
        files = sorted((self.folder / "state").glob("noshow.db*"))
        return b"".join(one.read_bytes() for one in files if one.is_file())


@contextmanager
def reader(way: str, folder: Path, world: World) -> Iterator[Reader]:
    """A reader of this world over an empty store."""
    opened = {"google": _google, "microsoft": _microsoft, "files": _files}[way]
    with opened(folder, world) as made:
        yield made


@contextmanager
def _google(folder: Path, world: World) -> Iterator[Reader]:
    fast, purse = Fast(), Purse()
    clock = Clock(now_=lambda: world.now, steady_=fast.steady, sleep_=fast.sleep)
    with (
        GoogleSandbox(world, steady=fast.steady) as served,
        Transport(clock, purse) as transport,
        Store.open(sqlite_url(folder), clock) as store,
    ):
        made = google_office.Office(
            world, served, FileVault(folder / "tokens"), purse, fast, transport
        )
        made.google = made.google_for(made.login())
        yield _over_http("google", folder, world, store, made.calendar, made.mail, served)


@contextmanager
def _microsoft(folder: Path, world: World) -> Iterator[Reader]:
    with microsoft_office(folder, world=world) as made:
        with Store.open(sqlite_url(folder), made.transport.clock) as store:
            yield _over_http(
                "microsoft", folder, world, store, made.calendar, made.mail, made.sandbox
            )


def _over_http(
    way: str,
    folder: Path,
    world: World,
    store: Store,
    calendar: CalendarSource,
    mail: MailSource,
    server: Server,
) -> Reader:
    box = store.mailboxes.ensure(KATE, way, ZONE)
    since = to_micros(world.start)

    def poll() -> list[sync.SyncOutcome]:
        return [
            sync.sync_calendar(store, calendar, box, "primary", window_of(world)),
            sync.sync_mail(store, mail, box, since),
        ]

    def pages() -> dict[str, list[Page]]:
        listed = list(mail.pages(None, since))
        wanted = [one for page in listed for one in page.listed]
        return {
            "calendar": list(calendar.pages("primary", None, window_of(world))),
            "mail": listed,
            "fetch": list(mail.fetch(wanted)) if wanted else [],
        }

    def torn() -> None:
        streams = (
            ("calendar:primary", calendar.pages("primary", None, window_of(world))),
            ("mail", mail.pages(None, since)),
        )
        for stream, found in streams:
            parameters = calendar.parameters if stream != "mail" else mail.parameters
            poll_ = store.pages.begin_poll(
                box, stream, "full", window_of(world), parameters=parameters
            )
            for page in islice(found, 1):
                sync.apply_page(store, poll_, page)

    return Reader(way, folder, world, store, box, poll, pages, torn, server)


@contextmanager
def _files(folder: Path, world: World) -> Iterator[Reader]:
    clock = Clock(now_=lambda: world.now, sleep_=lambda seconds: None)
    with Store.open(sqlite_url(folder), clock) as store:
        box = store.mailboxes.ensure(KATE, "files", ZONE)
        problems: list[Problem] = []
        count = iter(range(1_000))

        def exported() -> list[Path]:
            return takeout.write(world, KATE, folder / f"export-{next(count)}")

        def poll() -> list[sync.SyncOutcome]:
            outcome = import_files(
                store,
                box,
                exported(),
                me=(KATE,),
                zone=ZONE,
                horizon=window_of(world),
                problems=problems.append,
            )
            assert problems == [], problems
            return [outcome]

        def whole() -> Iterator[Page]:
            return read(
                exported(),
                me=(KATE,),
                zone=ZONE,
                horizon=window_of(world),
                problems=problems.append,
            )

        def torn() -> None:
            poll_ = store.pages.begin_poll(box, "mail", "import", Window(0, 0))
            for page in islice(whole(), 1):
                sync.apply_page(store, poll_, page)

        cannot = {
            "deletion": "an export does not say what is no longer there: its next one may be of "
            "another range",
            "cursor": "nobody but the reader itself keeps the place in a file",
        }
        yield Reader(
            "files",
            folder,
            world,
            store,
            box,
            poll,
            lambda: {"files": list(whole())},
            torn,
            None,
            cannot,
        )


def lose_cursors(reader: Reader) -> None:
    """Let the server forget every place that it gave out, once."""
    server = reader.server
    assert server is not None
    if isinstance(server, GoogleSandbox):
        server.faults.add(Fault("gone", where="calendar.events.list", needs="syncToken"))
        server.faults.add(Fault("not_found", where="gmail.users.history.list"))
    else:
        server.faults.add(Fault("gone", where="messages.delta"))
