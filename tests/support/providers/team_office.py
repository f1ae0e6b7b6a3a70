"""A team's mailboxes at both providers, read by a service account and by an app, in one house."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.auth.google.consent import SCOPES
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.microsoft.login import TENANT
from connectors.sandbox.microsoft.server import MicrosoftSandbox
from connectors.sandbox.world.people import System
from connectors.sandbox.world.world import World
from connectors.store.store import Store
from jobs.demo.stage import google_settings, microsoft_settings
from tests.support.providers.google_office import at
from tests.support.providers.house import House, keys_of
from tests.support.store_dump import dump

OMAR, LEE = "omar@client.example", "lee@vendor.example"
_SECRET = "right"


@dataclass
class Office:
    """Sellers with their provider, the servers that they are served by, and the world behind both."""

    world: World
    google: GoogleSandbox
    microsoft: MicrosoftSandbox
    sellers: tuple[tuple[str, str], ...]
    #: The service account's key file.
    key: str

    def house(
        self, folder: Path, patch: pytest.MonkeyPatch, named: bool = True, **tables: dict[str, Any]
    ) -> House:
        """An installation that reads all of them, with further tables of settings.

        `named`: the settings name each mailbox, and leave none to a directory.
        """
        made = House(folder, patch, self.world)
        folder.mkdir(mode=0o700)
        key = folder / "key.json"
        key.write_text(self.key, "utf-8")
        key.chmod(0o600)
        known: dict[str, dict[str, Any]] = {
            "own": {"domains": ["ourco.example"]},
            "google": google_settings(self.google)
            | {
                "attendance": False,
                "service_account_file": key,
                "units_per_minute": 1_000_000,
                "calendar_requests_per_minute": 100_000,
            },
            "microsoft": microsoft_settings(self.microsoft)
            | {"attendance": False, "flow": "app", "tenant": TENANT},
        }
        for name, more in tables.items():
            known[name] = known.get(name, {}) | more
        lines = ['zone = "Europe/Berlin"']
        for address, provider in self.sellers if named else ():
            lines += ["[[mailbox]]", *keys_of({"address": address, "provider": provider})]
        for name, table in known.items():
            lines += [f"[{name}]", *keys_of(table)]
        made.write("\n".join(lines) + "\n")
        made.environ["NOSHOW__MICROSOFT__CLIENT_SECRET"] = _SECRET
        return made


def facts(store: Store) -> dict[str, Any]:
    """What a store knows of the world. Microsoft's cursors hold the moment of the poll: left out."""
    found: dict[str, Any] = dump(store)
    for row in found["cursors"]:
        row["value"] = row["value"] is not None
    found["cursors"].sort(key=repr)
    return found


@contextmanager
def team_office(of_each: int) -> Iterator[Office]:
    """So many sellers at Google, and as many at Microsoft 365; each met Omar, who declined late."""
    world = World(at(-28))
    world.human(OMAR, "Omar Haddad", system="exchange")
    world.human(LEE, "Lee Park")
    sellers = []
    systems: tuple[tuple[System, str], ...] = (("google", "google"), ("exchange", "microsoft"))
    for number in range(of_each):
        for system, provider in systems:
            seller = f"{provider}{number}@ourco.example"
            world.account(seller, f"Seller {number}", zone="Europe/Berlin", system=system)
            sellers.append((seller, provider))
            hour = len(sellers) % 8
            for day in (-20, -13, -6):
                start = at(day, hour)
                uid = world.invite(start - timedelta(days=5), seller, [OMAR], start, title="Plan")
                world.answer(start - timedelta(days=4), uid, OMAR, "accepted")
                if day != -13:
                    world.answer(start - timedelta(hours=2), uid, OMAR, "declined")
            world.mail(at(-10, hour), seller, LEE, "Offer")
    world.advance_to(at(0))
    with GoogleSandbox(world) as google, MicrosoftSandbox(world, strict=False) as microsoft:
        microsoft.sign_in.secret = _SECRET
        key = json.dumps(google.service_account([*SCOPES["read"], *SCOPES["directory"]]))
        yield Office(world, google, microsoft, tuple(sellers), key)
