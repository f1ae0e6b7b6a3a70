"""Whatever breaks while a mailbox is read: what does `noshow sync` say, and is anything lost?

The matrix of both providers: each switch of the sandbox on each stream, once or as long as the run
lasts, at a first sync and at a later one. Each cell is struck, or says why it cannot be: none is empty. A run may fail; it must say so with its exit code and in
the coverage, and the run after it must end in the store that undisturbed runs make. Google stands
beside Microsoft 365 here because the promise is one. `make proof` prints the table.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from connectors.model.frames import empty
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.microsoft.server import MicrosoftSandbox
from connectors.sandbox.server.faults import Fault, Kind
from connectors.sandbox.world.acts import Participant
from connectors.sandbox.world.recurrence import Rule
from connectors.sandbox.world.script import micros
from connectors.sandbox.world.world import World
from jobs.console.outcome import DONE, NOTHING, PARTLY, USAGE, Outcome
from reports.detect.scoring import coverage
from reports.schemas import MAILS, Coverage
from tests.support.providers.desk import Desk, Given, desk_at
from tests.support.providers.microsoft_office import ANA, DANA, KATE, LEE, at, small
from tests.support.store_dump import dump

#: What can break anywhere; `gone` and the like only where a provider says such a thing.
ANYWHERE: tuple[Kind, ...] = (
    "too_many",
    "server_error",
    "expired_token",
    "forbidden",
    "not_found",
    "html",
    "truncated",
    "drop_before",
    "drop_after",
)
STREAMS: dict[str, dict[str, tuple[Kind, ...]]] = {
    "google": {
        "calendar.events.list": (*ANYWHERE, "gone", "rate_403", "quota_403", "empty_page"),
        "gmail.users.getProfile": ANYWHERE,
        "gmail.users.labels.list": ANYWHERE,
        "gmail.users.messages.list": (*ANYWHERE, "empty_page", "repeated_page"),
        "gmail.users.history.list": (*ANYWHERE, "no_history_key", "daily_403"),
        "gmail.users.messages.get": (*ANYWHERE, "rate_403"),
        "gmail.users.threads.get": ANYWHERE,
        "meet.*": ANYWHERE,
        "oauth2.token": ("server_error", "invalid_grant", "html", "drop_before", "drop_after"),
    },
    "microsoft": {
        "calendarView.list": (*ANYWHERE, "empty_page", "repeated_page"),
        "mailFolders.list": ANYWHERE,
        "mailFolders.get": ANYWHERE,
        "messages.delta": (*ANYWHERE, "gone", "empty_page", "repeated_page"),
        "messages.get": (*ANYWHERE, "gone"),
        "batch": ANYWHERE,
        "onlineMeetings.list": ANYWHERE,
        "attendanceReports.*": ANYWHERE,
        "login.token": ("server_error", "html", "drop_before", "drop_after"),
    },
}
#: What a later sync asks for only where a mailbox has to be listed anew: what makes it so.
LISTED_ANEW: dict[str, Fault] = {
    "gmail.users.getProfile": Fault("not_found", where="gmail.users.history.list"),
    "gmail.users.messages.list": Fault("not_found", where="gmail.users.history.list"),
    "mailFolders.get": Fault("gone", where="messages.delta"),
}
#: (stream, is it a later sync?) -> why nothing can be struck there. It is tried all the same.
CANNOT: dict[tuple[str, bool], str] = {
    ("gmail.users.history.list", False): "cannot happen: no history before a first look",
}
MISSING = (("not_found", "calendar.events.list"), ("not_found", "calendarView.list"))
GIVEN = Given({"google": {"attendance": True}, "microsoft": {"attendance": True}})


@dataclass(frozen=True)
class Strike:
    """One switch on one stream. `later`: the mailbox was read once before."""

    stream: str
    kind: Kind
    later: bool
    always: bool

    @property
    def fault(self) -> Fault:
        return Fault(
            self.kind, where=self.stream, times=None if self.always else 1, retry_after=1.0
        )

    @property
    def cannot(self) -> str:
        return CANNOT.get((self.stream, self.later), "")

    @property
    def believed(self) -> bool:
        """A server that says of an item, whenever asked, that it is not there is believed."""
        return self.kind in ("not_found", "gone") and self.stream in (
            "messages.get",
            "gmail.users.messages.get",
            "gmail.users.threads.get",
        )


@dataclass
class Told:
    """What a struck run and the one after it said."""

    fired: int
    outcome: Outcome
    seen: Coverage
    whole: bool
    after: Outcome
    seen_after: Coverage
    whole_after: bool

    @property
    def cell(self) -> str:
        """Exit code, what the report would say, and the exit code of the next run; "" where nothing
        was struck.
        """
        if not self.fired:
            return ""
        said = "incomplete" if self.seen.problems or self.seen.pending else "complete"
        end = "whole" if self.whole_after else "as told"
        return f"{self.outcome.code} {said:<10} then {self.after.code} {end}"


class Grounds:
    """A server, and two installations to start from: nothing read yet, and read once."""

    def __init__(self, server: GoogleSandbox | MicrosoftSandbox, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.world: World = server.world
        self._count = 0
        for name in ("fresh", "read"):
            with self._desk(folder / name) as kate:
                kate.log_in("read", "attendance")
                if name == "read":
                    assert kate.sync().code == DONE
        _later(self.world)
        self.undisturbed = {later: self._undisturbed(later) for later in (False, True)}

    def strike(self, strike: Strike) -> Told:
        with self._copy(later=strike.later) as kate:
            faults = self.server.faults
            faults.clear()
            if isinstance(self.server, MicrosoftSandbox) and strike.stream.startswith("login"):
                self.server.sign_in.expire()
            before = faults.fired.total()
            anew = LISTED_ANEW.get(strike.stream) if strike.later else None
            if anew is not None:
                faults.add(anew)
            faults.add(strike.fault)
            outcome = kate.sync()
            fired = faults.fired.total() - before - (anew is not None)
            faults.clear()
            seen, whole = seen_by(kate), facts(kate) == self.undisturbed[strike.later]
            kate.hand.ahead += timedelta(minutes=1)
            after = kate.sync()
            return Told(
                fired,
                outcome,
                seen,
                whole,
                after,
                seen_by(kate),
                facts(kate) == self.undisturbed[strike.later],
            )

    def _undisturbed(self, later: bool) -> dict[str, Any]:
        with self._copy(later=later) as kate:
            outcome = kate.sync()
            assert (outcome.code, outcome.problems) == (DONE, ())
            return facts(kate)

    @contextmanager
    def _copy(self, *, later: bool) -> Iterator[Desk]:
        self._count += 1
        folder = self.folder / f"copy-{self._count}"
        shutil.copytree(self.folder / ("read" if later else "fresh"), folder)
        with self._desk(folder) as kate:
            yield kate
        shutil.rmtree(folder)

    @contextmanager
    def _desk(self, folder: Path) -> Iterator[Desk]:
        with desk_at(self.server, self.world, folder, GIVEN) as kate:
            yield kate


def _life() -> World:
    """Enough of everything that each stream has something to lose."""
    world = small(World(at(-14)))
    pilot = world.invite(at(-9), KATE, [DANA], at(-2), title="Pilot", online=True)
    world.answer(at(-8), pilot, DANA, "accepted")
    inside = [
        Participant(who, "signed_in", micros(at(-2)), micros(at(-2, 0.5)), who)
        for who in (KATE, DANA)
    ]
    world.hold(at(-2, 0.6), pilot, inside)
    weekly = world.invite(at(-8), KATE, [DANA], at(1), title="W", rule=Rule("weekly", count=6))
    review = world.invite(at(-8), KATE, [LEE], at(5), title="Review", online=True)
    world.answer(at(-7), review, LEE, "accepted")
    vendor = world.invite(at(-8), LEE, [KATE], at(6), title="Vendor")
    asked = world.mail(at(-7), KATE, DANA, "Offer")
    doomed = world.mail(at(-7), DANA, KATE, "Deleted later")
    held = world.invite(at(-6), KATE, [LEE], at(0, 6), title="Held", online=True)
    world.hold(
        at(0, 6.6), held, [Participant(LEE, "signed_in", micros(at(0, 6)), micros(at(0, 6.5)), LEE)]
    )
    # What happens between the two polls.
    for hour in (3, 3.5):
        # Two of one thread: they are fetched by it.
        world.mail(at(0, hour), DANA, KATE, "Re: Offer", reply_to=asked)
    world.cancel(at(0, 3), weekly, occurrence=at(8))
    world.answer(at(0, 3), review, LEE, "declined", by=ANA)
    world.cancel(at(0, 4), vendor)
    world.delete_mail(at(0, 4), KATE, doomed)
    world.label(at(0, 4), KATE, asked, add=["Clients"])
    world.advance_to(at(0))
    return world


def _later(world: World) -> None:
    world.advance_to(at(0, 8))


def facts(kate: Desk) -> dict[str, Any]:
    """What the store knows, without when it was seen.

    Nor the provider's own number of a mail's state: one that is fetched again has a later one.
    """
    dumped = dump(kate.context.store)
    known = {name: dumped[name] for name in ("meetings", "messages", "attendance", "pending")}
    known["messages"] = [{**row, "revision": ""} for row in known["messages"]]
    return known


def seen_by(kate: Desk) -> Coverage:
    """What the report would say that it could see."""
    now = pd.Timestamp(kate.context.clock.now())
    (one,) = coverage.find_coverage(kate.context.store.frames(now), empty(MAILS), now)
    return one


@pytest.fixture(params=["google", "microsoft"])
def grounds(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Grounds]:
    kind: Any = GoogleSandbox if request.param == "google" else MicrosoftSandbox
    with kind(_life()) as server:
        yield Grounds(server, tmp_path)


def wrong(strike: Strike, told: Told) -> list[str]:
    """In what a struck run broke the promise."""
    found = []
    # A chosen calendar that is not there is a mistake in the settings, and says so.
    settings = USAGE if (strike.kind, strike.stream) in MISSING else PARTLY
    if told.outcome.code not in (DONE, PARTLY, NOTHING, settings):
        found.append(f"exit code {told.outcome.code}")
    if told.outcome.code == DONE and not told.whole and not strike.believed:
        found.append("something is missing and nothing was said")
    if told.outcome.code != DONE and not told.outcome.problems:
        found.append("no word of what went wrong")
    incomplete = bool(told.seen.problems or told.seen.pending)
    if incomplete != (told.outcome.code != DONE):
        found.append("exit code and coverage do not say the same")
    if strike.believed:
        return found
    if told.after.code != DONE or told.after.problems:
        found.append(f"the next run ended with {told.after.code}")
    if told.seen_after.problems or told.seen_after.pending:
        found.append("the coverage is still incomplete after the next run")
    if not told.whole_after:
        found.append("something was lost")
    return found


@pytest.mark.parametrize("kind", ["server_error", "truncated", "forbidden"])
def test_a_stream_that_breaks_is_told_and_made_up_for(grounds: Grounds, kind: Kind) -> None:
    streams = {"google": "gmail.users.history.list", "microsoft": "messages.delta"}
    calendars = {"google": "calendar.events.list", "microsoft": "calendarView.list"}
    provider = "google" if isinstance(grounds.server, GoogleSandbox) else "microsoft"
    for stream in (streams[provider], calendars[provider]):
        strike = Strike(stream, kind, later=True, always=True)
        told = grounds.strike(strike)
        assert told.fired
        assert told.outcome.code == PARTLY
        assert told.seen.problems
        assert wrong(strike, told) == []


def test_a_refusal_that_passes_leaves_no_header_out(tmp_path: Path) -> None:
    with MicrosoftSandbox(_life()) as server:
        told = Grounds(server, tmp_path).strike(
            Strike("messages.get", "forbidden", later=True, always=False)
        )
    assert (told.fired, told.outcome.code, told.whole) == (1, DONE, True)


@pytest.mark.proof
def test_the_whole_matrix_loses_nothing(
    grounds: Grounds, capsys: pytest.CaptureFixture[str]
) -> None:
    provider = "google" if isinstance(grounds.server, GoogleSandbox) else "microsoft"
    lines, broken, unstruck, struck = [], [], [], 0
    ways = [(False, True), (True, False), (True, True)]
    for stream, kinds in STREAMS[provider].items():
        for kind in kinds:
            cells = []
            for later, always in ways:
                strike = Strike(stream, kind, later, always)
                told = grounds.strike(strike)
                struck += bool(told.fired)
                cells.append(strike.cannot or told.cell)
                if bool(told.fired) is bool(strike.cannot):
                    unstruck.append(strike)
                if told.fired:
                    broken += [f"{strike}: {one}" for one in wrong(strike, told)]
            lines.append(
                "  ".join(
                    [
                        f"{stream:<26}",
                        f"{kind:<14}",
                        *(f"{c:<46}" if c.startswith("cannot") else f"{c:<27}" for c in cells),
                    ]
                )
            )
    head = ("stream", "switch", "first sync, always", "later sync, once", "later sync, always")
    title = f"{head[0]:<26}  {head[1]:<14}  {head[2]:<27}  {head[3]:<27}  {head[4]}"
    table = "\n".join([title, *lines, f"{struck} runs struck, {len(broken)} promises broken"])
    with capsys.disabled():
        # A worker of `make proof` has no standard output of its own, but shares the error stream.
        print(
            f"\n\n{provider}: exit code and coverage of the struck run, then the next run\n{table}",
            file=sys.stderr,
        )
    assert broken == []
    assert unstruck == []
    assert struck > 100
