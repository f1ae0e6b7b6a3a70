"""Killed at any page, statement or commit, does a sync go on to the very state of an undisturbed one?

Three chapters of one small world, each through Google's real client over HTTP: the first look at a
mailbox, what changed in four weeks, and a poll with calendar token and mail history both lost while
old tombstones were thrown away. A process is killed somewhere in a chapter; the next one goes on.
"""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.google.quirks import Quirks
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.scenario.worlds import DEMO_NOW, demo_script
from connectors.sandbox.server.faults import Fault, Faults
from connectors.store.store import Store
from tests.connectors.sync.killing import KINDS, Work, carry_out, killed, served
from tests.support.facts.seen import sqlite_url
from tests.support.machine.postgres import PostgresServer
from tests.support.store_dump import dump

pytestmark = pytest.mark.xdist_group("killed")
CHAPTERS = ("first look", "four weeks later", "cursors lost")


@dataclass(frozen=True)
class Chapter:
    """What is to be done, how much it is, the store before it, and the facts after it."""

    name: str
    work: Work
    size: Counter[str]
    before: Path
    after: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Chapter, ...]]:
    """The chapters, read once without any disturbance."""
    folder = tmp_path_factory.mktemp("book")
    script = demo_script(DEMO_NOW)
    begin = DEMO_NOW - timedelta(weeks=25)
    lost = Faults(
        Fault("gone", where="calendar.events.list", needs="syncToken", times=None),
        Fault("not_found", where="gmail.users.history.list", times=None),
    )
    sandboxes = [
        GoogleSandbox(script.at(begin)),
        GoogleSandbox(script.at(begin + timedelta(weeks=4)), quirks=_patient(30)),
        GoogleSandbox(
            script.at(begin + timedelta(weeks=5)), quirks=_patient(tombstones=0), faults=lost
        ),
    ]
    home = folder / "undisturbed"
    chapters = []
    with ExitStack() as open_:
        for name, sandbox in zip(CHAPTERS, sandboxes, strict=True):
            place = folder / name.replace(" ", "-")
            work = open_.enter_context(served(sandbox, place, sqlite_url(home)))
            before = place / "store"
            if home.exists():
                shutil.copytree(home, before)
            size = carry_out(work)
            chapters.append(Chapter(name, work, size, before, facts(work.url)))
        yield tuple(chapters)


def _patient(tombstones: int) -> Quirks:
    """A Google that remembers cursors for long, and deleted entries for so many days."""
    return Quirks(tombstone_days=tombstones, sync_token_days=90, history_days=90)


def facts(url: str) -> dict[str, list[dict[str, Any]]]:
    with Store.open(url) as store:
        return dump(store)


def kill_and_go_on(chapter: Chapter, chance: random.Random, url: str) -> str:
    """Kill one process somewhere, perhaps the next one too, and let the last do the rest."""
    work = chapter.work.into(url)
    kind = chance.choice(KINDS)
    number = chance.randint(1, chapter.size[kind])
    assert killed(work.to_die(kind, number)), "it came to its end before it could be killed"
    place = f"{chapter.name}: {kind} {number} of {chapter.size[kind]}"
    if chance.random() < 0.5:
        again = chance.choice(KINDS)
        number = chance.randint(1, chapter.size[again])
        # It has less to do than the first one, and may be done before.
        if killed(work.to_die(again, number)):
            place += f", then {again} {number}"
    carry_out(work)
    assert facts(url) == chapter.after
    return place


def attack(book: tuple[Chapter, ...], kills: int, folder: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)
    print(f"seed {seed}")
    for number in range(kills):
        chapter, home = book[number % len(book)], folder / str(number)
        if chapter.before.exists():
            shutil.copytree(chapter.before, home)
        print(kill_and_go_on(chapter, chance, sqlite_url(home)))
        shutil.rmtree(home)


def test_the_chapters_hold_what_a_kill_could_spoil(book: tuple[Chapter, ...]) -> None:
    first, later, lost = (chapter.after for chapter in book)
    polls = [sum(len(row["polls"]) for row in chapter.after["meetings"]) for chapter in book]
    assert len(first["meetings"]) > 100
    assert polls[0] < polls[1] < polls[2]
    assert len(first["messages"]) < len(later["messages"]) < len(lost["messages"])
    gone = {row["status"] for row in lost["meetings"]}
    assert {"confirmed", "vanished"} <= gone
    assert all(chapter.size["page"] > 5 and chapter.size["statement"] > 50 for chapter in book)


def test_killed_five_times_it_ends_as_if_nothing_had_happened(
    book: tuple[Chapter, ...], tmp_path: Path
) -> None:
    attack(book, 5, tmp_path)


@pytest.mark.proof
def test_killed_fifty_times_it_ends_as_if_nothing_had_happened(
    book: tuple[Chapter, ...], tmp_path: Path
) -> None:
    attack(book, 50, tmp_path)


@pytest.mark.proof
def test_killed_in_each_chapter_postgresql_keeps_its_word_too(
    book: tuple[Chapter, ...], postgres: PostgresServer
) -> None:
    undisturbed = postgres.fresh()
    same = []
    for chapter in book:
        size = carry_out(chapter.work.into(undisturbed))
        assert facts(undisturbed) == chapter.after
        same.append(replace(chapter, size=size))
    postgres.drop(undisturbed)
    seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)
    print(f"seed {seed}")
    for number, chapter in enumerate((*same, *same)):
        url = postgres.fresh()
        for earlier in book[: number % len(book)]:
            carry_out(earlier.work.into(url))
        print(kill_and_go_on(chapter, chance, url))
        postgres.drop(url)
