"""How is the same year read over the providers' wire? The real clients, against the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from config.clock import Clock
from connectors.auth.vault import FileVault
from connectors.interfaces import CalendarSource, MailSource
from connectors.sandbox.google.server import GoogleSandbox
from connectors.store.store import Store
from connectors.transport.client import Transport
from tests.support.providers import google_office, microsoft_office
from tests.support.servers.scripted_http import Fast, Purse
from tests.support.store_dump import dump
from tests.truth import playing
from tests.truth.labels import Mode
from tests.truth.playing import play, polls
from tests.truth.year import Year


@contextmanager
def _sources(year: Year, folder: Path) -> Iterator[tuple[CalendarSource, MailSource]]:
    if year.provider == "microsoft":
        with microsoft_office.office(folder, world=year.world) as made:
            yield made.calendar, made.mail
        return
    fast, purse = Fast(), Purse()
    clock = Clock(now_=lambda: year.world.now, steady_=fast.steady, sleep_=fast.sleep)
    with GoogleSandbox(year.world, steady=fast.steady) as served:
        with Transport(clock, purse) as transport:
            office = google_office.Office(
                year.world, served, FileVault(folder / "tokens"), purse, fast, transport
            )
            office.google = office.google_for(office.login())
            yield office.calendar, office.mail


def differing(make: Callable[[], Year], folder: Path, mode: Mode) -> dict[str, bool]:
    """Which tables of the store differ between the two ways of reading this year?"""
    with playing.lived(make(), f"sqlite:///{folder / 'straight.db'}", mode) as (store, _):
        straight = dump(store)
    with lived(make(), folder, mode) as (store, _):
        over_the_wire = dump(store)
    # where each way stands is its own affair
    del straight["cursors"], over_the_wire["cursors"]
    return {table: rows != over_the_wire[table] for table, rows in straight.items() if rows}


@contextmanager
def lived(year: Year, folder: Path, mode: Mode) -> Iterator[tuple[Store, list[int]]]:
    """The store after the year, read over the wire, and when the calendar was read."""
    moments = polls(year, mode)
    clock = Clock(now_=lambda: year.world.now)
    with Store.open(f"sqlite:///{folder / 'wired.db'}", clock) as store:
        with _sources(year, folder) as (calendar, mail):
            play(year, store, moments, calendar, mail)
        yield store, moments
