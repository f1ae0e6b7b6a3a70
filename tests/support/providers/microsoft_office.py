"""One salesperson's Microsoft 365, on loopback: the sandbox, a login in a vault, and our way to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from config.clock import Clock, to_micros
from connectors.auth.microsoft.consent import Registration, Stored, cache_of, scopes_for
from connectors.auth.microsoft.login import OwnersLogin
from connectors.auth.vault import FileVault
from connectors.interfaces import Page, Window
from connectors.microsoft.calendar.source import MicrosoftCalendar
from connectors.microsoft.client import Graph
from connectors.microsoft.concurrency import Lanes
from connectors.microsoft.mail.source import MicrosoftMail
from connectors.model.records import MeetingSeen, MessageSeen
from connectors.sandbox.microsoft.server import CLIENT_ID, MicrosoftSandbox
from connectors.sandbox.world.world import World
from connectors.transport.backoff import Patience
from connectors.transport.client import Transport
from tests.support.servers.scripted_http import Purse

KATE = "kate@ourco.example"
DANA = "dana@client.example"
LEE = "lee@client.example"
ANA = "ana@client.example"
MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)
ZONE = "Europe/Berlin"


def at(days: float, hours: float = 0) -> datetime:
    """A moment after Monday 2 November 2026, 08:00 UTC."""
    return MONDAY + timedelta(days=days, hours=hours)


@dataclass
class Naps:
    """A clock's sleeps that take no time and are remembered [s]."""

    slept: list[float] = field(default_factory=list)
    really: bool = False

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self.really:
            Clock().sleep(seconds)


@dataclass
class Office:
    world: World
    sandbox: MicrosoftSandbox
    vault: FileVault
    naps: Naps
    transport: Transport
    graph: Graph = field(init=False)

    @property
    def registration(self) -> Registration:
        return Registration(CLIENT_ID, "organizations", self.sandbox.authority)

    @property
    def calendar(self) -> MicrosoftCalendar:
        return MicrosoftCalendar(self.graph, addresses=frozenset({KATE}), zone=ZONE)

    @property
    def mail(self) -> MicrosoftMail:
        return MicrosoftMail(self.graph, addresses=frozenset({KATE}), zone=ZONE)

    @property
    def window(self) -> Window:
        now = self.world.now
        return Window(to_micros(now - timedelta(days=200)), to_micros(now + timedelta(days=120)))

    @property
    def since(self) -> int:
        return to_micros(self.world.now - timedelta(days=200))

    def login(self, purpose: str = "read", *more: str) -> OwnersLogin:
        """Kate's login for a purpose, newly given and put into the vault."""
        scopes = (*scopes_for(purpose), *more)
        cache = self.sandbox.issue_cache(KATE, scopes)
        (account,) = cache_of(cache).search("Account")
        now = to_micros(self.world.now)
        stored = Stored(
            purpose,
            CLIENT_ID,
            "organizations",
            account["home_account_id"],
            KATE,
            scopes,
            now,
            cache,
        )
        self.vault.write(f"microsoft-{purpose}", stored.entry())
        return self.bearer(purpose)

    def bearer(self, purpose: str = "read") -> OwnersLogin:
        return OwnersLogin(
            self.vault, f"microsoft-{purpose}", purpose, self.transport, self.registration
        )

    def graph_for(self, bearer: Any, user: str = "", **more: Any) -> Graph:
        return Graph(
            self.transport,
            bearer,
            app=CLIENT_ID,
            account="1",
            root=self.sandbox.graph_root,
            user=user,
            lanes=Lanes(),
            **more,
        )

    def meetings(self) -> dict[tuple[str, str], MeetingSeen]:
        """One full listing of the primary calendar, by key."""
        return meetings(list(self.calendar.snapshot("primary", self.window)))

    def messages(self) -> dict[str, MessageSeen]:
        """One full listing of the mailbox, by Message-ID."""
        return messages(list(self.mail.pages(None, self.since)))


@contextmanager
def office(
    folder: Path,
    *,
    login: bool = True,
    really: bool = False,
    world: World | None = None,
    patience: Patience | None = None,
    stopping: Callable[[], bool] = lambda: False,
    **sandbox: Any,
) -> Iterator[Office]:
    """A world that begins on MONDAY with Kate's mailbox and two contacts, and all that reads it.

    `really`: sleeps take their time (where the server's own clock matters).
    """
    world = world or small(World(MONDAY))
    naps = Naps(really=really)
    clock = Clock(now_=lambda: world.now, sleep_=naps.sleep)
    with MicrosoftSandbox(world, **sandbox) as served:
        with Transport(
            clock, Purse(), ca_file=served.ca_file, patience=patience, stopping=stopping
        ) as transport:
            made = Office(world, served, FileVault(folder / "tokens"), naps, transport)
            if login:
                made.graph = made.graph_for(made.login())
            yield made


def small(world: World) -> World:
    """Kate's mailbox, and two contacts with an assistant."""
    world.account(KATE, "Kate Lind", zone=ZONE, system="exchange")
    world.human(DANA, "Dana Kim")
    world.human(LEE, "Lee Park", system="exchange")
    world.human(ANA, "Ana Pires", system="exchange")
    return world


def meetings(pages: list[Page]) -> dict[tuple[str, str], MeetingSeen]:
    """The last state of each meeting in some pages, by its key."""
    return {(seen.series_uid, seen.recurrence_id): seen for page in pages for seen in page.meetings}


def messages(pages: list[Page]) -> dict[str, MessageSeen]:
    """The messages of some pages, by their Message-ID; of a mail to oneself the received half."""
    found: dict[str, MessageSeen] = {}
    for page in pages:
        for seen in page.messages:
            if seen.message_key not in found or not seen.sent:
                found[seen.message_key] = seen
    return found
