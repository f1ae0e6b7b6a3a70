"""Where does the demonstration play? A world, its servers on loopback, and a context that reads them.

`google` and `microsoft` serve the same people, each in its provider's way. In `both`, Kate's mailbox
is Google's and her colleague Mira's is Microsoft's, and one executive cancels on both of them.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from config import private_files
from config.clock import Clock
from config.paths import Paths
from config.settings import Settings
from connectors.auth.google import consent as google_consent
from connectors.auth.microsoft import consent as microsoft_consent
from connectors.auth.vault import Entry
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.microsoft.server import CLIENT_ID, MicrosoftSandbox
from connectors.sandbox.scenario.stage import KATE, MIRA
from connectors.sandbox.scenario.worlds import DEMO_NOW, demo_script
from connectors.sandbox.world.people import System
from connectors.sandbox.world.world import World
from jobs.context import Context, opened
from jobs.providers.access import login_name, vault

HALF_YEAR = timedelta(weeks=25)
PROVIDERS = ("google", "microsoft", "both")
_NAMES = {"google": "Google", "microsoft": "Microsoft 365"}


@dataclass
class Stage:
    """The running demonstration. `servers` by their provider."""

    world: World
    context: Context
    servers: Mapping[str, GoogleSandbox | MicrosoftSandbox]

    def heard(self) -> tuple[str, ...]:
        """Which endpoints were asked, how often: the servers' own logs."""
        lines = []
        for name, server in self.servers.items():
            counts = server.log.counts()
            listed = ", ".join(f"{method} {number}" for method, number in sorted(counts.items()))
            lines.append(
                f"{_NAMES[name]}, asked over HTTP ({sum(counts.values())} requests, at most "
                f"{server.log.peak} at a time): {listed}"
            )
        return tuple(lines)


@contextmanager
def stage(
    root: Path, provider: str = "google", *, now: datetime = DEMO_NOW, quiet: bool = False
) -> Iterator[Stage]:
    """The demonstration's world, half a year before `now`, and a context over a store in `root`."""
    kates: System = "exchange" if provider == "microsoft" else "google"
    world = demo_script(now, system=kates, colleague="exchange" if provider == "both" else None)
    world.advance_to(now - HALF_YEAR)
    with ExitStack() as open_:
        tree, servers = _served(world, provider, open_)
        tree |= {
            "zone": "Europe/Berlin",
            "own": {"domains": ["ourco.example"], "countries": ["DE"]},
            "report": {"deliver": ["folder"], "folder": str(root / "reports")},
            "mailbox": _mailboxes(provider),
        }
        if provider == "both":
            # One report over both mailboxes.
            tree["report"] = {**_table(tree["report"]), "recipients": [KATE]}
        paths = Paths(config=root, state=root / "state", reports=root / "reports")
        private_files.close_folder(root)
        private_files.write(paths.settings_file, toml(tree))
        settings = Settings.model_validate(tree)
        context = open_.enter_context(
            opened(settings, paths=paths, clock=world_clock(world), quiet=quiet)
        )
        for purpose in ("read", "attendance"):
            log_in(context, servers, purpose)
        yield Stage(world, context, servers)


def _served(
    world: World, provider: str, open_: ExitStack
) -> tuple[dict[str, object], dict[str, GoogleSandbox | MicrosoftSandbox]]:
    tree: dict[str, object] = {}
    servers: dict[str, GoogleSandbox | MicrosoftSandbox] = {}
    if provider in ("google", "both"):
        google = open_.enter_context(
            GoogleSandbox(world, enforce_quota=True, steady=lambda: world.now.timestamp())
        )
        servers["google"], tree["google"] = google, google_settings(google)
    if provider in ("microsoft", "both"):
        microsoft = open_.enter_context(MicrosoftSandbox(world))
        servers["microsoft"], tree["microsoft"] = microsoft, microsoft_settings(microsoft)
    return tree, servers


def _mailboxes(provider: str) -> list[dict[str, object]]:
    boxes: list[dict[str, object]] = [
        {
            "address": KATE,
            "provider": "microsoft" if provider == "microsoft" else "google",
            "name": "Kate Lind",
            "aliases": ["k.lind@ourco.example"],
        }
    ]
    if provider == "both":
        boxes.append({"address": MIRA, "provider": "microsoft", "name": "Mira Sol"})
    return boxes


def google_settings(google: GoogleSandbox) -> dict[str, object]:
    """The settings' table that points at this sandbox."""
    return {
        "calendar_root": f"{google.api_root}calendar/v3/",
        "gmail_root": google.api_root,
        "meet_root": google.api_root,
        "reports_root": google.api_root,
        "token_uri": google.token_uri,
        "auth_uri": google.auth_uri,
        "attendance": True,
    }


def microsoft_settings(microsoft: MicrosoftSandbox) -> dict[str, object]:
    """The settings' table that points at this sandbox."""
    return {
        "client_id": CLIENT_ID,
        "authority": microsoft.authority,
        "graph_root": microsoft.graph_root,
        "ca_file": str(microsoft.ca_file),
        "attendance": True,
    }


def log_in(
    context: Context,
    servers: Mapping[str, GoogleSandbox | MicrosoftSandbox],
    purpose: str = "read",
) -> None:
    """Put a login of each mailbox into the vault, as its owner's consent would."""
    for box in context.settings.mailbox:
        server = servers.get(box.provider)
        if server is not None:
            entry = login_of(server, box.address, purpose, context.clock.micros())
            vault(context).write(login_name(box.provider, box, purpose), entry)


def login_of(
    server: GoogleSandbox | MicrosoftSandbox, address: str, purpose: str, now: int
) -> Entry:
    """What the vault holds after the owner's consent at `now` [us]."""
    if isinstance(server, GoogleSandbox):
        info = server.issue_token(address, google_consent.SCOPES[purpose])
        return google_consent.Stored.from_authorized_user(info, purpose, now).entry()
    scopes = microsoft_consent.scopes_for(purpose)
    cache = server.issue_cache(address, scopes)
    (account,) = microsoft_consent.cache_of(cache).search("Account")
    return microsoft_consent.Stored(
        purpose,
        CLIENT_ID,
        "organizations",
        account["home_account_id"],
        address,
        scopes,
        now,
        cache,
    ).entry()


def world_clock(world: World) -> Clock:
    """The world's time. Waiting (for quota) lets it pass, so that the demonstration does not wait."""
    guard = threading.Lock()

    def sleep(seconds: float) -> None:
        with guard:
            world.advance_to(world.now + timedelta(seconds=seconds))

    return Clock(now_=lambda: world.now, steady_=time.monotonic, sleep_=sleep)


def toml(tree: Mapping[str, object]) -> str:
    """A settings file that says the same as this tree, so that other commands can look closer.

    JSON's texts, numbers, truths and lists of them are TOML's, too.
    """
    plain = [f"{key} = {json.dumps(value)}" for key, value in tree.items() if _flat(value)]
    tables = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            tables += [
                f"\n[{key}]",
                *(f"{name} = {json.dumps(one)}" for name, one in value.items()),
            ]
        elif not _flat(value) and isinstance(value, list):
            for row in value:
                lines = [f"{name} = {json.dumps(one)}" for name, one in row.items()]
                tables += [f"\n[[{key}]]", *lines]
    return "\n".join([*plain, *tables, ""])


def _flat(value: object) -> bool:
    if isinstance(value, list):
        return not any(isinstance(one, Mapping) for one in value)
    return not isinstance(value, Mapping)


def _table(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, Mapping) else {}
