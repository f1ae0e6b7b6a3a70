"""A whole installation at one of the two providers: settings, store, logins, and the jobs over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.clock import Clock
from config.paths import Paths
from config.settings import Settings
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.microsoft.server import MicrosoftSandbox
from connectors.sandbox.world.world import World
from jobs.console.outcome import Outcome
from jobs.context import Context
from jobs.context import opened as context_of
from jobs.delivery.judging import found
from jobs.demo import stage as demo_stage
from jobs.fetch import sync
from reports.schemas import Coverage, Findings
from tests.support.providers.house import one_set_of_limits
from tests.support.providers.microsoft_office import KATE, ZONE, Naps

Server = GoogleSandbox | MicrosoftSandbox


@dataclass
class Hand:
    """The installation's clock: ahead of the world by time in which nothing happens there.

    It ticks whenever it is looked at, as real ones do.
    """

    world: World
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        self.ahead += timedelta(milliseconds=1)
        return self.world.now + self.ahead


@dataclass
class Desk:
    """Kate's installation; her time is the world's, and its waiting takes none."""

    world: World
    server: Server
    context: Context
    naps: Naps
    hand: Hand

    def log_in(self, *purposes: str) -> None:
        for purpose in purposes:
            demo_stage.log_in(self.context, {self.provider: self.server}, purpose)

    @property
    def provider(self) -> str:
        return "google" if isinstance(self.server, GoogleSandbox) else "microsoft"

    def sync(self, **how: Any) -> Outcome:
        return sync.run(self.context, **how)

    def findings(self) -> Findings:
        return found(self.context, self.context.clock.now()).findings

    def coverage(self) -> Coverage:
        return self.findings().coverage[0]


@dataclass(frozen=True)
class Given:
    """What a test changes of the settings: `tables` by name, and mailboxes beside Kate's."""

    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    also: tuple[str, ...] = ()


def tree_of(server: Server, folder: Path, given: Given) -> dict[str, Any]:
    """The settings' tree for this server, with the given tables laid over."""
    if isinstance(server, GoogleSandbox):
        provider, own = "google", demo_stage.google_settings(server)
        own |= {"units_per_minute": 1_000_000, "calendar_requests_per_minute": 100_000}
    else:
        provider, own = "microsoft", demo_stage.microsoft_settings(server)
    tree: dict[str, Any] = {
        "zone": ZONE,
        "own": {"domains": ["ourco.example"]},
        "report": {"deliver": ["folder"], "folder": str(folder / "reports")},
        provider: own | {"attendance": False},
        "mailbox": [{"address": one, "provider": provider} for one in (KATE, *given.also)],
    }
    for name, table in given.tables.items():
        tree[name] = tree.get(name, {}) | dict(table)
    return tree


@contextmanager
def desk_at(
    server: Server, world: World, folder: Path, given: Given | None = None, *, really: bool = False
) -> Iterator[Desk]:
    """An installation in `folder` that reads this server; nobody is logged in yet.

    `really`: waiting takes its time (where the server's own clock matters).
    """
    naps, hand = Naps(really=really), Hand(world)
    clock = Clock(now_=hand.now, sleep_=naps.sleep)
    settings = Settings.model_validate(tree_of(server, folder, given or Given()))
    paths = Paths(config=folder, state=folder / "state", reports=folder / "reports")
    with pytest.MonkeyPatch.context() as patch:
        one_set_of_limits(patch)
        with context_of(settings, paths=paths, clock=clock, quiet=True) as context:
            yield Desk(world, server, context, naps, hand)


@contextmanager
def desk(
    provider: str,
    world: World,
    folder: Path,
    given: Given | None = None,
    *,
    really: bool = False,
    **sandbox: Any,
) -> Iterator[Desk]:
    """The same with a server of its own, and Kate logged in for reading."""
    kind: Any = GoogleSandbox if provider == "google" else MicrosoftSandbox
    with kind(world, **sandbox) as server:
        with desk_at(server, world, folder, given, really=really) as made:
            made.log_in("read")
            yield made
