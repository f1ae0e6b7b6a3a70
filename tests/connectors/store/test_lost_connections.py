"""Is what a lost connection to PostgreSQL cut off done again as a whole, and by one process alone?

A real server ends sessions before chosen statements, is shut and started again, or hangs behind a cable
that is cut. Nothing here waits: the clock is the test's own, and a session that was ended is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from config.clock import Clock
from config.errors import Busy, StoreError
from connectors.interfaces import Page
from connectors.store.coordination.rate_limits import Rate
from connectors.store.database.lost import WAITS, Unreachable
from connectors.store.database.transactions import COPIED
from connectors.store.store import Store
from connectors.sync import MAIL, apply_page, sync_calendar, sync_mail
from tests.support.facts.seen import WINDOW, Hands, mail, mailbox, meeting, open_store, sqlite_url
from tests.support.machine.postgres import PostgresServer
from tests.support.servers.database_cable import cable
from tests.support.servers.slow_provider import Calendar, Mailbox
from tests.support.store_dump import Rows, dump

#: More statements than a transaction has, so that each is lost once and comes through the next time.
STRIDE = 47


def three_polls(store: Store, hands: Hands) -> None:
    """Looks at a calendar and a mailbox that change between; before the last their cursors are lost."""
    calendar, box = Calendar(hands.clock.micros), Mailbox()
    for number in range(7):
        calendar.put(meeting(f"m{number}", "Tue 10:00", guests=("dana@client.example",)))
        box.put(mail(moment="Mon 08:00", provider_id=f"{number:04}", cc="lee@client.example"))
    poll(store, calendar, box)
    hands.go(days=3)
    calendar.put(meeting("m1", "Wed 12:00", declined="dana@client.example"))
    calendar.delete("id-m2")
    box.flag("0003", flagged=True)
    box.delete("0004")
    box.put(mail(moment="Thu 08:00", provider_id="0007"))
    poll(store, calendar, box)
    calendar.delete("id-m3")
    box.delete("0005")
    calendar.lose_cursors()
    box.lose_cursors()
    poll(store, calendar, box)


def poll(store: Store, calendar: Calendar, box: Mailbox) -> None:
    number = mailbox(store)
    with store.locks.mailbox(number):
        assert sync_calendar(store, calendar, number, "primary", WINDOW).complete
        assert sync_mail(store, box, number, 0).complete


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    hands = Hands("Mon 00:00")
    with open_store(sqlite_url(tmp_path_factory.mktemp("undisturbed")), hands) as store:
        three_polls(store, hands)
        found = dump(store)
    assert {row["status"] for row in found["meetings"]} >= {"removed", "vanished"}
    assert sum(row["deleted"] for row in found["messages"]) == 2
    return found


@contextmanager
def before_statements(
    store: Store, chosen: Callable[[int], bool], do: Callable[[int], object]
) -> Iterator[list[int]]:
    """Before each chosen statement of the store: `do`, with the process of its session."""
    met: list[int] = []
    count = 0

    def meet(connection: Connection, *_: Any) -> None:
        nonlocal count
        count += 1
        if chosen(count):
            met.append(count)
            raw: Any = connection.connection.driver_connection
            do(raw.info.backend_pid)

    event.listen(store.database.engine, "before_cursor_execute", meet)
    try:
        yield met
    finally:
        event.remove(store.database.engine, "before_cursor_execute", meet)


@pytest.mark.parametrize(
    ("whose", "offset"),
    [
        ("the statement's", 5),
        ("all, with the locks", 29),
        *(
            pytest.param(whose, offset, marks=pytest.mark.proof)
            for whose in ("the statement's", "all, with the locks")
            for offset in range(1, STRIDE, 5)
        ),
    ],
)
def test_whatever_session_is_ended_the_store_is_that_of_an_undisturbed_sync(
    postgres: PostgresServer,
    postgres_url: str,
    undisturbed: dict[str, Rows],
    whose: str,
    offset: int,
) -> None:
    hands = Hands("Mon 00:00")
    ends = postgres.end_sessions

    def end(process: int) -> None:
        assert ends(postgres_url, only=process if whose == "the statement's" else None)

    with open_store(postgres_url, hands) as store:
        with before_statements(store, lambda count: count % STRIDE == offset, end) as met:
            three_polls(store, hands)
        assert len(met) > 5
        assert dump(store) == undisturbed


def test_a_server_that_is_started_anew_is_waited_for(
    postgres: PostgresServer, postgres_url: str, undisturbed: dict[str, Rows]
) -> None:
    hands = Hands("Mon 00:00")

    def sleep(seconds: float) -> None:
        hands.slept += seconds
        if not postgres.process and hands.slept > 5:
            postgres.start()

    clock = Clock(now_=hands.now, steady_=lambda: 0.0, sleep_=sleep)
    with Store.open(postgres_url, clock) as store:
        stop = postgres.stop
        with before_statements(store, lambda count: count in (90, 200), lambda _: stop()) as met:
            three_polls(store, hands)
        assert met == [90, 200]
        assert dump(store) == undisturbed
        assert hands.slept > 5


def test_a_server_that_does_not_come_back_ends_the_run_and_is_named(
    postgres: PostgresServer, postgres_url: str, hands: Hands
) -> None:
    with open_store(postgres_url, hands) as store:
        number = mailbox(store)
        poll = store.pages.begin_poll(number, MAIL, "full", parameters="p1")
        postgres.stop()
        try:
            with pytest.raises(StoreError, match="cannot be reached") as caught:
                apply_page(store, poll, Page(messages=(mail(),), cursor="1"))
            assert caught.value.exit_code == 4
            assert "check the url" in caught.value.hint
            assert hands.slept == sum(WAITS) == 60
            # What is still to be noted is tried, and not waited for once more.
            with pytest.raises(Unreachable):
                store.pages.finish_poll(poll, "lost")
            assert hands.slept == 60
        finally:
            postgres.start()
        store.pages.finish_poll(poll, "lost")
        assert apply_page(store, poll, Page(messages=(mail(),), cursor="1")).stored == 1


def test_a_commit_whose_answer_was_lost_is_not_done_twice(postgres_url: str, hands: Hands) -> None:
    with cable(postgres_url) as laid, open_store(laid.url, hands) as store:
        number = mailbox(store)
        muted: list[int] = []

        def verdict(count: int, request: bytes) -> str:
            if muted or b"COMMIT\0" not in request:
                return "pass"
            muted.append(count)
            return "mute"

        laid.verdict = verdict
        store.ledger.begin_run("sync:")
        assert muted
        assert len(store.ledger.runs("sync:")) == 1
        # The last page of a full round, applied twice, would find its round gone.
        rest = (mail(provider_id="1"), mail(provider_id="2"))
        before = store.pages.begin_poll(number, MAIL, "full", parameters="p1")
        apply_page(store, before, Page(messages=rest, cursor="1", last=True, full=True))
        again = store.pages.begin_poll(number, MAIL, "full", parameters="p1")
        muted.clear()
        applied = apply_page(
            store, again, Page(messages=(*rest, mail(provider_id="3")), last=True, full=True)
        )
        assert muted
        assert (applied.stored, applied.deleted) == (1, 0)
        assert [row["deleted"] for row in dump(store)["messages"]] == [False] * 3


def test_a_commit_that_never_reached_the_server_is_done(postgres_url: str, hands: Hands) -> None:
    with cable(postgres_url) as laid, open_store(laid.url, hands) as store:
        cut: list[int] = []

        def verdict(count: int, request: bytes) -> str:
            if cut or b"COMMIT\0" not in request:
                return "pass"
            cut.append(count)
            return "cut"

        laid.verdict = verdict
        store.ledger.begin_run("sync:")
        assert cut
        assert len(store.ledger.runs("sync:")) == 1


def test_a_copy_that_was_cut_off_is_done_again(postgres_url: str, hands: Hands) -> None:
    with cable(postgres_url) as laid, open_store(laid.url, hands) as store:
        number = mailbox(store)
        poll = store.pages.begin_poll(number, MAIL, "full", parameters="p1")
        many = tuple(mail(provider_id=f"{each:04}") for each in range(COPIED))
        cut: list[int] = []

        def verdict(count: int, request: bytes) -> str:
            if len(cut) == 3 or request[:1] != b"d":
                return "pass"
            cut.append(count)
            return "cut"

        laid.verdict = verdict
        assert apply_page(store, poll, Page(messages=many, cursor="1")).stored == COPIED
        assert len(cut) == 3
        assert store.pending.counts(number).stored == COPIED


def test_facts_whose_reading_is_cut_off_are_read_again(postgres_url: str, hands: Hands) -> None:
    with open_store(postgres_url, hands) as store:
        three_polls(store, hands)
    with cable(postgres_url) as laid, open_store(laid.url, hands) as store:
        begun = laid.requests
        whole = store.frames()
        needed = laid.requests - begun
        assert needed > 10
        for place in range(1, needed, max(1, needed // 4)):
            at = laid.requests + place
            laid.verdict = lambda count, _request, at=at: "cut" if count == at else "pass"  # type: ignore[misc]
            again = store.frames()
            assert laid.requests > at
            for name in ("messages", "meetings", "observations", "guests"):
                assert getattr(again, name).equals(getattr(whole, name))


def test_a_quota_is_taken_though_its_connection_was_lost(
    postgres: PostgresServer, postgres_url: str, hands: Hands
) -> None:
    with open_store(postgres_url, hands) as store:
        limiter = store.limiter({"graph": Rate(600)})
        limiter.take("graph", 1)
        ends = postgres.end_sessions
        with before_statements(
            store, lambda count: count == 2, lambda process: ends(postgres_url, only=process)
        ) as met:
            limiter.take("graph", 1)
        assert met == [2]


class Two:
    """Two processes with one store; the first has lost its locks' session."""

    def __init__(self, server: PostgresServer, url: str, first: Store, second: Store) -> None:
        self.server, self.url, self.first, self.second = server, url, first, second
        self.number = mailbox(first)

    def cut_first(self) -> None:
        with self.second.database.reading() as connection:
            holder = connection.execute(
                text(
                    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
                    " AND mode = 'ExclusiveLock' AND objsubid = 1"
                )
            ).scalar_one()
        assert self.server.end_sessions(self.url, only=int(holder)) == 1


@pytest.fixture
def two(postgres: PostgresServer, postgres_url: str, hands: Hands) -> Iterator[Two]:
    with open_store(postgres_url, hands) as first, open_store(postgres_url, hands) as second:
        yield Two(postgres, postgres_url, first, second)


PAGE = Page(messages=(mail(provider_id="old"),), cursor="old")


def test_who_lost_a_mailbox_to_another_process_writes_no_page_more(two: Two) -> None:
    first, second, number = two.first, two.second, two.number
    with first.locks.mailbox(number):
        poll = first.pages.begin_poll(number, MAIL, "full", parameters="p1")
        two.cut_first()
        with second.locks.mailbox(number):
            with pytest.raises(Busy, match="another process"):
                apply_page(first, poll, PAGE)
            newer = second.pages.begin_poll(number, MAIL, "full", parameters="p1")
            apply_page(second, newer, Page(messages=(mail(provider_id="new"),), cursor="new"))
        # It is free again, and what the first one has read is old.
        for attempt in (
            lambda: apply_page(first, poll, PAGE),
            lambda: first.pages.begin_poll(number, MAIL, "full", parameters="p1"),
            lambda: first.pages.drop_cursor(number, MAIL),
        ):
            with pytest.raises(Busy, match="another process"):
                attempt()
    assert [row["provider_id"] for row in dump(second)["messages"]] == ["new"]
    with first.locks.mailbox(number):
        assert apply_page(first, newer, PAGE).stored == 1


def test_who_lost_a_mailbox_that_nobody_took_goes_on_and_holds_it(two: Two) -> None:
    first, second, number = two.first, two.second, two.number
    with first.locks.mailbox(number):
        poll = first.pages.begin_poll(number, MAIL, "full", parameters="p1")
        two.cut_first()
        with second.locks.mailbox(number):
            pass  # it read nothing
        assert apply_page(first, poll, PAGE).stored == 1
        with pytest.raises(Busy), second.locks.mailbox(number):
            pass
    with second.locks.mailbox(number):
        pass


def test_a_mailbox_is_not_taken_while_a_page_of_it_is_being_written(two: Two) -> None:
    first, second, number = two.first, two.second, two.number
    with first.locks.mailbox(number):
        poll = first.pages.begin_poll(number, MAIL, "full", parameters="p1")
        with first.pages.storing(poll):
            # It was asked for its lock, and still had it; now it has not.
            two.cut_first()
            with pytest.raises(Busy), second.locks.mailbox(number):
                pass
        with second.locks.mailbox(number):
            pass


def test_a_process_that_missed_a_migration_writes_nothing(two: Two) -> None:
    with two.second.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    two.server.end_sessions(two.url)
    with pytest.raises(Busy):
        two.first.ledger.begin_run("sync:")


def test_a_second_report_is_not_begun_over_a_lost_lock(two: Two) -> None:
    with two.first.locks.report():
        two.cut_first()
        with two.second.locks.report(), pytest.raises(Busy, match="another process"):
            two.first.ledger.begin_run("report:")
