"""Does the sync engine survive whatever hypothesis does to it?

The machine changes a calendar and a mailbox, and syncs them over pages that come twice, late, empty
or never, with lost cursors, other parameters, and crashes between pages and between statements. A
model that is a dict of the truth says what must hold after every step, and after a calm sync.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import event, select

from config.errors import SuspiciousSync
from connectors.interfaces import Window
from connectors.model.records import MeetingSeen, Response
from connectors.planning.fingerprints import fingerprint
from connectors.store.store import Store
from connectors.store.tables.schema import meetings, messages, observations
from connectors.store.write.meetings import known_copies
from connectors.sync import (
    MAIL,
    Steering,
    backfill_calendar,
    calendar_stream,
    sync_calendar,
    sync_mail,
)
from tests.support.facts.seen import (
    DANA,
    DAY,
    WINDOW,
    Hands,
    at,
    mail,
    mailbox,
    meeting,
    open_store,
    sqlite_url,
)
from tests.support.servers.slow_provider import Calendar, Crash, Mailbox, Script
from tests.support.store_dump import dump

NAMES = [f"m{number}" for number in range(7)]
IDS = [f"{number:02}" for number in range(9)]
STREAM = calendar_stream("primary")
SCRIPTS = st.builds(
    Script,
    repeat=st.frozensets(st.integers(0, 3), max_size=2),
    late=st.frozensets(st.integers(1, 3), max_size=2),
    empty=st.frozensets(st.integers(0, 3), max_size=2),
    cut=st.sampled_from([-1, -1, 0, 1]),
    broken=st.sampled_from([-1, -1, 0, 1]),
    crash=st.sampled_from([-1, -1, 0, 1, 2]),
)
DYING = st.sampled_from([0, 0, 0, 1, 2, 3, 5, 8, 13, 21, 34])


@pytest.fixture(scope="module")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("template")
    open_store(sqlite_url(folder)).close()
    Machine.template = folder / "state"
    yield
    Machine.template = None


#: Believes a source that is now empty.
WHATEVER = Steering(allow_empty=True)


class Machine(RuleBasedStateMachine):
    template: Path | None = None

    @initialize(size=st.integers(1, 4))
    def begin(self, size: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="noshow-machine-"))
        assert self.template is not None
        shutil.copytree(self.template, self.folder / "state")
        self.hands = Hands("Fri 00:00")
        self.store = self.open()
        self.box = mailbox(self.store)
        self.calendar = Calendar(lambda: self.hands.micros, size=size)
        self.mails = Mailbox(size=size)
        self.seen: list[dict[str, Any]] = []
        self.parameters = 1

    def open(self) -> Store:
        return open_store(sqlite_url(self.folder), self.hands)

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            try:
                self.calm()
            finally:
                self.store.close()
                shutil.rmtree(self.folder)

    @contextmanager
    def surviving(self, statement: int) -> Iterator[None]:
        """The process may die: at a page, or before the n-th statement (0: not at all)."""
        left = statement

        def count(*_: object) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Crash

        event.listen(self.store.database.engine, "before_cursor_execute", count)
        try:
            yield
        except Crash:
            self.store.close()
            self.store = self.open()
        except SuspiciousSync:
            pass
        else:
            event.remove(self.store.database.engine, "before_cursor_execute", count)
            return
        if event.contains(self.store.database.engine, "before_cursor_execute", count):
            event.remove(self.store.database.engine, "before_cursor_execute", count)

    # What happens in the world

    @rule(minutes=st.integers(1, 600))
    def wait(self, minutes: int) -> None:
        self.hands.go(minutes=minutes)

    @rule(
        name=st.sampled_from(NAMES),
        response=st.sampled_from(list(Response)[:4]),
        day=st.integers(0, 3),
    )
    def change(self, name: str, response: Response, day: int) -> None:
        self.hands.go(minutes=1)
        answers = {
            Response.ACCEPTED: {"accepted": DANA},
            Response.DECLINED: {"declined": DANA},
            Response.TENTATIVE: {"tentative": DANA},
        }.get(response, {})
        known = self.calendar.history.get(f"id-{name}")
        created = known[0][0] if known else self.hands.micros
        start = at("Mon 09:00") + day * DAY
        self.calendar.put(meeting(name, start, created=created, **answers))

    @rule(name=st.sampled_from(NAMES))
    def delete(self, name: str) -> None:
        self.hands.go(minutes=1)
        if f"id-{name}" in self.calendar.items:
            self.calendar.delete(f"id-{name}")

    @rule(number=st.sampled_from(IDS), flagged=st.booleans(), spam=st.booleans())
    def write(self, number: str, flagged: bool, spam: bool) -> None:
        if number in self.mails.items:
            self.mails.flag(number, flagged=flagged, spam=spam)
        elif ("removed", number) not in self.mails.log:
            self.mails.put(mail(moment="Mon 08:00", provider_id=number, flagged=flagged))

    @rule(number=st.sampled_from(IDS))
    def throw_away(self, number: str) -> None:
        if number in self.mails.items:
            self.mails.delete(number)

    @rule(broken=st.sets(st.sampled_from(IDS)), silent=st.sets(st.sampled_from(IDS)))
    def trouble(self, broken: set[str], silent: set[str]) -> None:
        self.mails.broken, self.mails.silent = broken, silent

    @rule(number=st.sampled_from(IDS))
    def give_up(self, number: str) -> None:
        if number not in self.mails.items and ("removed", number) not in self.mails.log:
            self.mails.hopeless.add(number)

    @rule()
    def lose_cursors(self) -> None:
        self.calendar.lose_cursors()
        self.mails.lose_cursors()

    @precondition(lambda self: self.parameters < 3)
    @rule()
    def other_parameters(self) -> None:
        self.parameters += 1
        self.calendar.parameters = self.mails.parameters = f"p{self.parameters}"

    # What the product does

    @rule(script=SCRIPTS, dying=DYING, name=st.sampled_from(NAMES), moving=st.booleans())
    def sync_the_calendar(self, script: Script, dying: int, name: str, moving: bool) -> None:
        if moving:
            script.between = lambda number: (
                self.change(name, Response.DECLINED, number % 2) if number < 3 else None
            )
        self.calendar.script = script
        with self.surviving(dying):
            sync_calendar(self.store, self.calendar, self.box, "primary", WINDOW)
        self.calendar.script = Script()

    @rule(script=SCRIPTS, dying=DYING, first=st.integers(0, 2), days=st.integers(1, 4))
    def second_poll(self, script: Script, dying: int, first: int, days: int) -> None:
        start = at("Mon 00:00") + first * DAY
        self.calendar.script = script
        with self.surviving(dying):
            backfill_calendar(
                self.store,
                self.calendar,
                self.box,
                "primary",
                [Window(start, start + days * DAY)],
                Steering(lock_wait=0.0),
            )
        self.calendar.script = Script()

    @rule(script=SCRIPTS, fetching=SCRIPTS, dying=DYING, batch=st.integers(1, 5))
    def sync_the_mail(self, script: Script, fetching: Script, dying: int, batch: int) -> None:
        self.mails.script, self.mails.fetching = script, fetching
        with self.surviving(dying):
            sync_mail(self.store, self.mails, self.box, 0, batch=batch)
        self.mails.script, self.mails.fetching = Script(), Script()

    @rule()
    def calm(self) -> None:
        """Nothing goes wrong any more: the store must hold the truth."""
        self.mails.broken, self.mails.silent = set(), set()
        self.hands.go(minutes=5)
        for _ in range(2):
            sync_calendar(self.store, self.calendar, self.box, "primary", WINDOW, WHATEVER)
            outcome = sync_mail(self.store, self.mails, self.box, 0, WHATEVER)
        backfill_calendar(self.store, self.calendar, self.box, "primary", [WINDOW], WHATEVER)
        assert outcome.complete, outcome
        self.holds_the_calendar()
        self.holds_the_mail()
        before = dump(self.store)
        sync_calendar(self.store, self.calendar, self.box, "primary", WINDOW)
        sync_mail(self.store, self.mails, self.box, 0)
        assert dump(self.store) == before

    def holds_the_calendar(self) -> None:
        named = {("primary", f"id-{name}") for name in NAMES}
        with self.store.database.reading() as connection:
            copies = known_copies(connection, self.box, named)
        known = {provider_id: copy for (_, provider_id), copy in copies.items()}
        for provider_id, copy in known.items():
            there = self.calendar.items.get(provider_id)
            if there is None:
                assert copy.status in ("removed", "vanished"), provider_id
            else:
                assert copy.fingerprint == fingerprint(there), provider_id
        assert set(self.calendar.items) <= set(known)

    def holds_the_mail(self) -> None:
        rows = {row["provider_id"]: row for row in dump(self.store)["messages"]}
        hopeless = {one.provider_id for one in self.store.pending.failures(self.box)}
        assert hopeless <= self.mails.hopeless
        for provider_id, message in self.mails.items.items():
            if provider_id in hopeless:
                continue
            row = rows[provider_id]
            assert (row["flagged"], row["spam"]) == (message.flagged, message.spam), provider_id
            assert not row["deleted"], provider_id
        for provider_id, row in rows.items():
            assert row["deleted"] == (provider_id not in self.mails.items), provider_id

    # What always holds

    def rows(self) -> list[dict[str, Any]]:
        with self.store.database.reading() as connection:
            found = connection.execute(
                select(observations, meetings.c.provider_id)
                .join_from(observations, meetings)
                .order_by(observations.c.observation_id)
            )
            return [dict(row) for row in found.mappings()]

    @invariant()
    def no_poll_is_lost_or_rewritten_or_dated_too_exactly(self) -> None:
        if not hasattr(self, "store"):
            return
        rows = self.rows()
        assert rows[: len(self.seen)] == self.seen
        for row in rows[len(self.seen) :]:
            if row["seen_after"] is not None and row["status"] != "vanished":
                assert row["seen_after"] <= self.became(row), row
        self.seen = rows

    def became(self, row: dict[str, Any]) -> int:
        """When the item last became what this observation shows, as of when it was seen."""
        return [
            moment
            for moment, state in self.calendar.history[row["provider_id"]]
            if moment <= row["seen_at"] and _same(state, row)
        ][-1]

    @invariant()
    def all_that_was_listed_is_accounted_for(self) -> None:
        if not hasattr(self, "store"):
            return
        counts = self.store.pending.counts(self.box, MAIL)
        with self.store.database.reading() as connection:
            stored = set(connection.execute(select(messages.c.provider_id)).scalars())
        waiting = {one.provider_id for one in self.store.pending.wanted(self.box, MAIL, 1000)}
        named = {one.provider_id for one in self.store.pending.failures(self.box)}
        assert (len(stored), len(waiting), len(named)) == (
            counts.stored,
            counts.pending,
            counts.given_up,
        )
        assert not stored & waiting
        assert not stored & named
        cursor = self.store.pages.cursor(self.box, MAIL, self.mails.parameters)
        if cursor.value is None:
            return
        # What lies behind the cursor and still exists is stored, pending or named.
        epoch, kind, number, after = cursor.value.split("|")
        if int(epoch) != self.mails.epoch:
            return
        behind = {name for _, name in self.mails.log[: int(number)]}
        if kind == "full":
            behind = {name for name in behind if name <= after}
        assert behind & set(self.mails.items) <= stored | waiting | named


def _same(state: MeetingSeen | None, row: dict[str, Any]) -> bool:
    if state is None:
        return bool(row["status"] == "removed")
    return bool(row["status"] == "confirmed" and row["updated_at"] == state.updated_at)


def _attack(examples: int, steps: int) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.usefixtures("_template")
def test_whatever_happens_the_store_tells_the_truth() -> None:
    _attack(examples=10, steps=20)


@pytest.mark.proof
@pytest.mark.usefixtures("_template")
def test_whatever_happens_for_long_the_store_tells_the_truth() -> None:
    _attack(examples=100, steps=50)
