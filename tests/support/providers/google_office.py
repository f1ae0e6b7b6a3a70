"""One salesperson's Google, on loopback: the sandbox, a login in a vault, and our way to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from config.clock import Clock, to_micros
from connectors.auth.google.consent import SCOPES, Stored
from connectors.auth.google.login import OwnersLogin
from connectors.auth.vault import FileVault
from connectors.google.calendar.source import GoogleCalendar
from connectors.google.client import NEW_PRICES, OLD_PRICES, Endpoints, Google, Prices
from connectors.google.mail.source import GoogleMail
from connectors.interfaces import Page, Window
from connectors.model.records import MeetingSeen, MessageSeen
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.world.world import World
from connectors.transport.client import Transport
from tests.support.servers.scripted_http import Fast, Purse

KATE = "kate@ourco.example"
DANA = "dana@client.example"
LEE = "lee@client.example"
MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)


def at(days: float, hours: float = 0) -> datetime:
    """A moment after Monday 2 November 2026, 08:00 UTC."""
    return MONDAY + timedelta(days=days, hours=hours)


@dataclass
class Office:
    world: World
    sandbox: GoogleSandbox
    vault: FileVault
    purse: Purse
    fast: Fast
    transport: Transport
    google: Google = field(init=False)
    #: What the calendar is made with beside its login: small pages, for a round of many.
    reading: dict[str, Any] = field(default_factory=dict)

    @property
    def calendar(self) -> GoogleCalendar:
        return GoogleCalendar(self.google, addresses=frozenset({KATE}), **self.reading)

    @property
    def mail(self) -> GoogleMail:
        return GoogleMail(self.google)

    @property
    def window(self) -> Window:
        now = self.world.now
        return Window(to_micros(now - timedelta(days=200)), to_micros(now + timedelta(days=120)))

    def login(self, purpose: str = "read", kind: Any = "production") -> OwnersLogin:
        """Kate's login for a purpose, newly given and put into the vault."""
        info = self.sandbox.issue_token(KATE, SCOPES[purpose], kind)
        return logged_in(info, self.vault, self.transport, purpose)

    def google_for(self, bearer: Any) -> Google:
        prices = OLD_PRICES if self.sandbox.quota.prices == "old" else NEW_PRICES
        return google_over(self.sandbox.api_root, bearer, self.transport, prices)


def logged_in(
    info: Mapping[str, Any], vault: FileVault, transport: Transport, purpose: str = "read"
) -> OwnersLogin:
    """The login that the sandbox has issued, put into the vault. `info`: as issue_token gives it."""
    stored = Stored.from_authorized_user(info, purpose, transport.clock.micros())
    vault.write(f"google-{purpose}", stored.entry())
    return OwnersLogin(vault, f"google-{purpose}", purpose, transport, token_uri=info["token_uri"])


def google_over(root: str, bearer: Any, transport: Transport, prices: Prices) -> Google:
    """Our way to a sandbox whose API begins at `root`."""
    endpoints = Endpoints(f"{root}calendar/v3/", root, root, root)
    return Google(transport, bearer, account="1", endpoints=endpoints, prices=prices)


@contextmanager
def office(folder: Path, *, login: bool = True, **sandbox: Any) -> Iterator[Office]:
    """A world that begins on MONDAY with Kate's mailbox and two contacts, and all that reads it."""
    world = World(MONDAY)
    world.account(KATE, "Kate Lind")
    world.human(DANA, "Dana Kim")
    world.human(LEE, "Lee Park", system="exchange")
    fast, purse = Fast(), Purse()
    clock = Clock(now_=lambda: world.now, steady_=fast.steady, sleep_=fast.sleep)
    with GoogleSandbox(world, steady=fast.steady, **sandbox) as served:
        with Transport(clock, purse) as transport:
            made = Office(world, served, FileVault(folder / "tokens"), purse, fast, transport)
            if login:
                made.google = made.google_for(made.login())
            yield made


class Key:
    def token(self) -> str:
        return "key"

    def renew(self, refused: str) -> str:
        return "key-2"


@contextmanager
def google_at(
    url: str,
    *,
    purse: Purse | None = None,
    prices: Prices = NEW_PRICES,
    now: datetime = MONDAY,
) -> Iterator[Google]:
    """Our way to a server at this address, on a clock whose sleeps take no time."""
    fast = Fast()
    clock = Clock(now_=lambda: now, steady_=fast.steady, sleep_=fast.sleep)
    endpoints = Endpoints(f"{url}/calendar/v3/", f"{url}/", f"{url}/", f"{url}/")
    with Transport(clock, purse or Purse()) as transport:
        yield Google(transport, Key(), account="7", endpoints=endpoints, prices=prices)


def meetings(pages: list[Page]) -> dict[tuple[str, str], MeetingSeen]:
    """The last state of each meeting in some pages, by its key."""
    return {(seen.series_uid, seen.recurrence_id): seen for page in pages for seen in page.meetings}


def messages(pages: list[Page]) -> dict[str, MessageSeen]:
    """The messages of some pages, by their Message-ID."""
    return {seen.message_key: seen for page in pages for seen in page.messages}
