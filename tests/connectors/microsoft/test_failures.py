"""Whatever breaks while Microsoft 365 is read: is anything lost, and does the next run finish?

The matrix: each switch on each stream, struck in the middle of a first sync and of a later one. A
run that fails may fail in its own way; the runs after it must end in the same store as undisturbed
ones. `make proof` prints the table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from config.clock import to_micros
from config.errors import NoshowError
from connectors.sandbox.server.faults import Fault, Kind
from connectors.sandbox.world.recurrence import Rule
from connectors.store.store import Store
from connectors.sync import SyncOutcome, sync_calendar, sync_mail
from connectors.transport.backoff import Patience
from tests.support.facts.seen import sqlite_url
from tests.support.providers.microsoft_office import ANA, DANA, KATE, LEE, Office, at, office
from tests.support.stored_mails import stored_mails

KINDS: tuple[Kind, ...] = (
    "gone",
    "not_found",
    "too_many",
    "server_error",
    "expired_token",
    "forbidden",
    "html",
    "truncated",
    "drop_before",
    "drop_after",
    "empty_page",
    "repeated_page",
)
#: What is read, and whether the calendar by its deltas: mail is read alike beside both.
WAYS = (
    ("calendarView.list", False),
    ("calendarView.list", True),
    ("calendarView.delta", True),
    ("messages.delta", True),
    ("messages.get", True),
    ("mailFolders.*", True),
)
SHORT = Patience(tries=2, seconds=30.0, first=0.01)


@dataclass
class Reader:
    """Kate's store and what is read into it."""

    office: Office
    store: Store
    box: int
    use_delta: bool

    def poll(self) -> list[SyncOutcome | NoshowError]:
        """One sync of both streams, as a job makes it: one failing does not stop the other."""
        office = self.office
        source = replace(office.calendar, use_delta=self.use_delta)
        found: list[SyncOutcome | NoshowError] = []
        steps: list[Callable[[], SyncOutcome]] = [
            lambda: sync_calendar(self.store, source, self.box, "primary", office.window),
            lambda: sync_mail(self.store, office.mail, self.box, to_micros(at(-30))),
        ]
        for step in steps:
            try:
                found.append(step())
            except NoshowError as error:
                found.append(error)
        return found


def life(office: Office) -> None:
    """Enough of everything that each stream has pages, changes and meeting mails."""
    world = office.world
    weekly = world.invite(at(0, 1), KATE, [DANA], at(1), title="W", rule=Rule("weekly", count=6))
    review = world.invite(at(0, 1), KATE, [LEE], at(5), title="Review")
    vendor = world.invite(at(0, 1), LEE, [KATE], at(6), title="Vendor")
    asked = world.mail(at(0, 1), KATE, DANA, "Offer")
    dead = world.mail(at(0, 1), DANA, KATE, "Deleted later")
    world.answer(at(0, 1.5), review, LEE, "accepted")
    world.mail(at(1), DANA, KATE, "Re: Offer", reply_to=asked)
    world.cancel(at(1), weekly, occurrence=at(8))
    world.answer(at(1), review, LEE, "declined", by=ANA)
    world.cancel(at(1), vendor)
    world.delete_mail(at(1), KATE, dead)
    world.label(at(1), KATE, asked, add=["Clients"])


def reading(
    folder: Path, faults: list[Fault], when: int, *, use_delta: bool
) -> tuple[Any, list[Any], int]:
    """The store's content after five looks, with faults switched on before look number `when`; what
    each poll said, and how many requests were struck.
    """
    with office(folder, patience=SHORT) as kate:
        life(kate)
        with Store.open(sqlite_url(folder), kate.transport.clock) as store:
            box = store.mailboxes.ensure(KATE, "microsoft", "Europe/Berlin")
            reader = Reader(kate, store, box, use_delta)
            said: list[Any] = []
            for number, hours in enumerate((2, 4, 26, 28, 30)):
                kate.world.advance_to(at(0, hours))
                if number == when:
                    for fault in faults:
                        kate.sandbox.faults.add(fault)
                said.append(reader.poll())
                kate.sandbox.faults.clear()
            return state_of(store), said, kate.sandbox.faults.fired.total()


def state_of(store: Store) -> dict[str, Any]:
    """What is known in the end, without when it was seen and what was seen meanwhile."""
    frames = store.frames()
    meetings = frames.meetings.sort_values(["series_uid", "recurrence_id"])
    columns = ["series_uid", "recurrence_id", "start_at", "subject", "organizer_is_self", "online"]
    mails = stored_mails(store).sort_values("message_key")
    acts = frames.observations[frames.observations.evidence == "notice"]
    gone = meetings.status.isin(["vanished", "removed"])
    return {
        "meetings": meetings[columns].to_dict("list"),
        "gone": gone.tolist(),
        "cancelled": (meetings.status == "cancelled").tolist(),
        "mails": mails[["message_key", "subject", "sent", "labels", "meeting_type"]].to_dict(
            "list"
        ),
        "deleted": mails.deleted_at.notna().tolist(),
        "acts": sorted(zip(acts.method, acts.acted_at, acts.sent_by, strict=True)),
        "pending": len(frames.pending),
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, dict[str, Any]]:
    return {
        use_delta: reading(tmp_path_factory.mktemp("whole"), [], 9, use_delta=use_delta)[0]
        for use_delta in (False, True)
    }


def test_both_ways_of_reading_a_calendar_end_alike(undisturbed: dict[bool, dict[str, Any]]) -> None:
    assert undisturbed[False] == undisturbed[True]
    assert sum(undisturbed[False]["gone"]) == 1
    assert sum(undisturbed[False]["deleted"]) == 1
    assert len(undisturbed[False]["acts"]) == 4


def faults_of(kind: Kind, stream: str, when: int, *, ever: bool) -> list[Fault]:
    # An idle delta of a calendar is one request, and so are known folders: nothing comes before it.
    single = stream == "calendarView.delta" or (stream == "mailFolders.*" and when > 0)
    after = 0 if single else 1
    return [Fault(kind, where=stream, after=after, times=None if ever else 1, retry_after=1)]


@pytest.mark.parametrize("kind", ["too_many", "server_error", "truncated", "drop_after", "gone"])
@pytest.mark.parametrize("stream", ["calendarView.*", "messages.*"])
def test_nothing_is_lost_by_what_breaks_in_the_middle(
    tmp_path: Path, undisturbed: dict[bool, dict[str, Any]], kind: Kind, stream: str
) -> None:
    """What keeps breaking; what breaks once is among the long tests, in the whole matrix."""
    for when in (0, 2):
        faults = faults_of(kind, stream, when, ever=True)
        folder = tmp_path / f"{when}"
        folder.mkdir()
        state, said, struck = reading(folder, faults, when, use_delta=True)
        assert struck
        assert state == undisturbed[True]
        assert all(isinstance(one, SyncOutcome) and one.complete for one in said[-1])


def believed(kind: Kind, stream: str, *, ever: bool) -> bool:
    """A server that keeps saying of a message by its id that it is gone is believed."""
    return stream == "messages.get" and kind in ("gone", "not_found") and ever


@pytest.mark.proof
@pytest.mark.parametrize(("stream", "use_delta"), WAYS)
def test_the_whole_matrix(
    tmp_path: Path, undisturbed: dict[bool, dict[str, Any]], stream: str, use_delta: bool
) -> None:
    rows, lost, spared = [], [], []
    for kind in KINDS:
        for when in (0, 2):
            for ever in (False, True):
                folder = tmp_path / f"{len(rows)}"
                folder.mkdir()
                faults = faults_of(kind, stream, when, ever=ever)
                state, said, struck = reading(folder, faults, when, use_delta=use_delta)
                whole = state == undisturbed[use_delta]
                word = "whole" if whole else "as told"
                words = ", ".join(_word(one) for one in said[when])
                often = "always" if ever else "once"
                rows.append(
                    f"{stream:<18} {kind:<14} look {when + 1} {often:<7} {words:<30} {word}"
                )
                if not struck:
                    spared.append(rows[-1])
                if not whole and not believed(kind, stream, ever=ever):
                    lost.append(rows[-1])
    print("\n" + "\n".join(rows))
    assert lost == []
    assert spared == [], "a row that struck nothing shows nothing"


def _word(said: SyncOutcome | NoshowError) -> str:
    if isinstance(said, NoshowError):
        return type(said).__name__
    return "complete" if said.complete else type(said.error).__name__ if said.error else "pending"
