"""What does every job get? The settings, the folders, the clock, the store, a stop flag and a voice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from config.clock import Clock, clock_from
from config.errors import Busy, ConfigError, StoreError
from config.loading import load
from config.ours import Ours
from config.paths import Paths, paths_from
from config.settings import WEEKDAYS, Mailbox, Settings
from connectors.model.normal_forms import address as normal_address
from connectors.model.normal_forms import domain_of
from connectors.store.database.integrity import SMALL
from connectors.store.store import Store
from connectors.transport.backoff import Reach
from jobs import folders
from jobs.console.logs import start_log
from jobs.console.outcome import StopFlag
from jobs.console.progress import Reporter


@dataclass
class Context:
    """Handed to each job's `run`. `closed`: folders that others could look into until now;
    `reach`: what this run knows of the network; `written`: the settings without the mailboxes that
    a directory named. `away` is held by whatever waits for a provider, `turn` called after each page:
    both let others go on meanwhile (jobs.fetch.places).
    """

    settings: Settings
    paths: Paths
    clock: Clock
    store: Store
    stop: StopFlag = field(default_factory=StopFlag)
    say: Reporter = field(default_factory=Reporter)
    closed: tuple[Path, ...] = ()
    reach: Reach = field(default_factory=Reach)
    written: Settings | None = None
    away: Callable[[], AbstractContextManager[None]] = nullcontext
    turn: Callable[[], None] = lambda: None

    def take_members(self) -> None:
        """Go on with the mailboxes that the directories of `[team]` showed last."""
        self.written = self.written or self.settings
        self.settings = with_members(self.written, self.store)

    def mailbox_id(self, mailbox: Mailbox) -> int:
        """The store's row of this mailbox, made when it is new."""
        return self.store.mailboxes.ensure(
            normal_address(mailbox.address), mailbox.provider, self.settings.zone_of(mailbox)
        )

    def chosen(self, addresses: tuple[str, ...] = ()) -> tuple[Mailbox, ...]:
        """The mailboxes of the settings, or those named. Raises ConfigError for an unknown one."""
        if not addresses:
            return self.settings.mailbox
        known = {normal_address(box.address): box for box in self.settings.mailbox}
        wanted = [normal_address(one) for one in addresses]
        unknown = [one for one, key in zip(addresses, wanted, strict=True) if key not in known]
        if unknown:
            raise ConfigError(
                f"no mailbox {', '.join(unknown)} in the settings",
                hint=f"the settings know: {', '.join(known) or 'none'}",
            )
        return tuple(known[key] for key in wanted)

    @property
    def report_folder(self) -> Path:
        return self.settings.report.folder or self.paths.reports


@contextmanager
def opened(
    settings: Settings | None = None,
    *,
    paths: Paths | None = None,
    clock: Clock | None = None,
    quiet: bool = False,
) -> Iterator[Context]:
    """A context over the settings file (or the given settings), its store opened and closed.

    Raises ConfigError, StoreError.
    """
    places = paths or paths_from()
    loaded = settings if settings is not None else load(settings_file(places))
    start_log()
    closed = folders.close(loaded, places)
    ticking = clock or clock_from()
    store = Store.open(loaded.store.url or places.store_url, ticking)
    try:
        store.check(at_most=SMALL)
        context = Context(loaded, places, ticking, store, say=Reporter(quiet=quiet), closed=closed)
        context.take_members()
        for folder in closed:
            context.say.say(f"{folder} was open to other users of this machine; now it is closed")
        yield context
    except (Busy, ConfigError):
        raise
    except (StoreError, ValueError, LookupError, TypeError, ArithmeticError):
        # What no file of ours holds can go wrong in any place: is it damaged?
        store.check()
        raise
    finally:
        store.close()


def with_members(settings: Settings, store: Store) -> Settings:
    """The settings with the mailboxes that the directories of `[team]` showed last.

    What a `[[mailbox]]` says of somebody holds; who is left out is no mailbox of ours.
    """
    if not settings.team.providers:
        return settings
    known = {one for box in settings.mailbox for one in own_addresses(box)}
    known |= {normal_address(one) for one in settings.team.leave_out}
    found: list[Mailbox] = []
    for provider in settings.team.providers:
        for one in store.members.of(provider):
            if known.isdisjoint((one.address, *one.aliases)):
                box = Mailbox(
                    address=one.address, provider=provider, name=one.name, aliases=one.aliases
                )
                found.append(box)
                known |= own_addresses(box)
    return settings.model_copy(update={"mailbox": (*settings.mailbox, *found)})


def settings_file(places: Paths) -> Path:
    """`NOSHOW_SETTINGS`, else noshow.toml in the settings folder."""
    given = os.environ.get("NOSHOW_SETTINGS", "")
    return Path(given).expanduser() if given else places.settings_file


def own_addresses(mailbox: Mailbox) -> frozenset[str]:
    """The mailbox's address and aliases in normal form."""
    return frozenset(normal_address(one) for one in (mailbox.address, *mailbox.aliases))


def _normal(domain: str) -> str:
    """A domain as it stands in normalised addresses."""
    return domain_of(normal_address(f"anybody@{domain}"))


def ours_from(settings: Settings) -> Ours:
    """Our side in the form that detectors take: normalised addresses, aliases, domains."""
    own = settings.own
    boxes: dict[str, str] = {}
    for mailbox in settings.mailbox:
        main = normal_address(mailbox.address)
        for one in (mailbox.address, *mailbox.aliases):
            boxes[normal_address(one)] = main
    return Ours(
        mailboxes=MappingProxyType(boxes),
        domains=frozenset(map(_normal, own.domains)),
        clients=frozenset(
            normal_address(one) if domain_of(one) else _normal(one) for one in own.clients
        ),
        zone=settings.zone,
        countries=own.countries,
        weekend=frozenset(WEEKDAYS.index(day) for day in own.weekend),
    )
