"""What is left of a meeting whose details a reader of somebody's calendar is no longer shown?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from config.clock import Clock, to_micros
from connectors.google.calendar.parse import Owner, meeting
from connectors.google.calendar.source import GoogleCalendar
from connectors.interfaces import Window
from connectors.model.records import MeetingSeen, Status
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.world.recurrence import Rule
from connectors.sandbox.world.world import World
from connectors.store.store import Store
from connectors.sync import sync_calendar
from connectors.transport.client import Transport
from tests.support.providers.google_office import DANA, KATE, MONDAY, Office, at
from tests.support.servers.scripted_http import Fast, Purse

BOSS = "boss@ourco.example"
TIMES = {
    "start": {"dateTime": "2026-11-17T15:00:00+01:00"},
    "end": {"dateTime": "2026-11-17T15:30:00+01:00"},
}
READER = Owner(frozenset({KATE}), primary=False)


@dataclass
class Shared:
    """Kate's view of her boss's calendar, and what is stored of it."""

    world: World
    store: Store
    source: GoogleCalendar
    mailbox: int

    def poll(self, day: float) -> None:
        self.world.advance_to(at(day))
        window = Window(to_micros(at(-100)), to_micros(at(100)))
        assert sync_calendar(self.store, self.source, self.mailbox, BOSS, window).complete

    def states(self) -> list[tuple[str, bool, list[tuple[str, str]]]]:
        """Status, stub and guests of each observation."""
        frames = self.store.frames()
        rows = zip(
            frames.observations["observation_id"],
            frames.observations["status"],
            frames.observations["stub"],
            strict=True,
        )
        return [
            (
                str(status),
                bool(stub),
                [
                    (str(one.address), str(one.response))
                    for one in frames.guests.loc[
                        frames.guests["observation_id"] == number
                    ].itertuples()
                    if one.address == DANA
                ],
            )
            for number, status, stub in rows
        ]

    @property
    def meeting(self) -> pd.Series:
        (number,) = self.store.frames().meetings.index
        return self.store.frames().meetings.loc[number]


@contextmanager
def shared(folder: Path) -> Iterator[Shared]:
    world = World(MONDAY)
    world.human(DANA, "Dana Kim")
    world.account(BOSS, "Bo Oss")
    world.account(KATE, "Kate Lind", shared={BOSS: "reader"})
    fast = Fast()
    clock = Clock(now_=lambda: world.now, steady_=fast.steady, sleep_=fast.sleep)
    from connectors.auth.vault import FileVault

    with (
        GoogleSandbox(world, steady=fast.steady) as served,
        Transport(clock, Purse()) as transport,
        Store.open(f"sqlite:///{folder / 'noshow.db'}", clock) as store,
    ):
        one = Office(world, served, FileVault(folder / "tokens"), Purse(), fast, transport)
        one.google = one.google_for(one.login())
        source = GoogleCalendar(one.google, (BOSS,), frozenset({KATE, BOSS}))
        yield Shared(world, store, source, store.mailboxes.ensure(KATE, "google", "Europe/Berlin"))


def test_what_becomes_private_keeps_what_was_known_of_it(tmp_path: Path) -> None:
    with shared(tmp_path) as one:
        uid = one.world.invite(at(0.2), BOSS, [DANA], at(6), title="Deal")
        one.world.answer(at(0.5), uid, DANA, "accepted")
        one.world.edit(at(1.5), uid, BOSS, visibility="private")
        one.poll(1)
        one.poll(2)
        states, known = one.states(), one.meeting
    assert states == [("confirmed", False, [(DANA, "accepted")]), ("hidden", True, [])]
    assert (known["status"], known["subject"], known["organizer"]) == ("hidden", "Deal", BOSS)
    assert known["series_uid"] == uid.lower()
    assert known["start_at"] == pd.Timestamp(at(6))
    assert not known["stub"]


def test_what_is_shown_again_does_not_say_since_when_it_is_so(tmp_path: Path) -> None:
    with shared(tmp_path) as one:
        uid = one.world.invite(at(0.2), BOSS, [DANA], at(9), title="Deal")
        one.world.answer(at(0.5), uid, DANA, "accepted")
        one.world.edit(at(1.5), uid, BOSS, visibility="private")
        one.world.answer(at(3.5), uid, DANA, "declined")
        one.world.edit(at(8.8), uid, BOSS, visibility="default")
        for day in (1, 2, 3, 4, 8, 8.9):
            one.poll(day)
        states = one.states()
        last = one.store.frames().observations.iloc[-1]
    assert [status for status, _, _ in states] == ["confirmed", "hidden", "confirmed"]
    assert states[-1][2] == [(DANA, "declined")]
    # The last poll that saw her answer is that of the first day.
    assert last["seen_after"] == pd.Timestamp(at(1))


def test_a_private_entry_that_was_never_shown_is_no_meeting(tmp_path: Path) -> None:
    with shared(tmp_path) as one:
        one.world.invite(at(0.2), BOSS, [DANA], at(6), title="Deal", visibility="private")
        one.poll(1)
        frames = one.store.frames()
    assert frames.meetings["stub"].tolist() == [True]
    assert not len(frames.guests)


def test_a_private_series_without_end_is_not_stored_beyond_the_window(tmp_path: Path) -> None:
    with shared(tmp_path) as one:
        one.world.invite(
            at(0.2), BOSS, [DANA], at(1), title="Gym", visibility="private", rule=Rule("weekly")
        )
        one.poll(1)
        stored = len(one.store.frames().meetings)
    assert 10 <= stored <= 16


def read(**item: Any) -> MeetingSeen:
    seen = meeting({"id": "k3", "status": "confirmed", **TIMES, **item}, BOSS, READER, 0)
    assert seen is not None
    return seen


@pytest.mark.parametrize(
    ("item", "hidden"),
    [
        ({"visibility": "private"}, True),
        ({"visibility": "confidential", "organizer": {"email": BOSS}}, True),
        ({}, True),
        ({"organizer": {"email": BOSS}}, False),
        ({"visibility": "private", "summary": "Doctor", "organizer": {"email": BOSS}}, False),
        ({"visibility": "private", "attendees": [{"email": DANA}]}, False),
    ],
)
def test_busy_time_alone_is_hidden_and_an_untitled_meeting_is_not(
    item: dict[str, Any], hidden: bool
) -> None:
    seen = read(**item)
    assert (seen.status is Status.HIDDEN) is hidden
    assert seen.stub is hidden


def test_a_private_entry_that_is_cancelled_is_cancelled() -> None:
    assert read(status="cancelled", visibility="private").status is Status.CANCELLED
