"""Is nothing lost to a list out of order, to one message that cannot be had, or to a mark that came early?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.clock import to_micros
from config.errors import NoshowError
from connectors.google.mail.lanes import Lanes
from connectors.google.mail.listing import everything
from connectors.google.mail.source import GoogleMail
from connectors.interfaces import Listed, Page
from connectors.sandbox.server.faults import Fault
from connectors.store.store import Store
from connectors.store.tables.schema import messages as table
from connectors.store.write.mails import ENOUGH_TIME, ENOUGH_TRIES
from connectors.sync import sync_calendar, sync_mail
from tests.connectors.google.test_with_store import stored
from tests.support.providers.google_office import DANA, KATE, LEE, Office, at

Place = tuple[Office, Store, int]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with stored(tmp_path) as made:
        yield made


def ids(one: Office) -> list[str]:
    """The ids in Kate's mailbox, oldest first."""
    return [mail_id for _, mail_id in one.world.state.mailboxes[KATE].order]


def rows(store: Store) -> dict[str, Any]:
    with store.database.reading() as connection:
        return {row.provider_id: row for row in connection.execute(select(table))}


def broken(one: Office, message_id: str, **more: Any) -> Fault:
    """Google cannot show this one message, today or ever."""
    return one.sandbox.faults.add(
        Fault("server_error", where="gmail.users.*.get", item=message_id, times=None, **more)
    )


def many(one: Office, count: int = 1_600, hours: float = 0.75) -> None:
    for number in range(count):
        one.world.mail(at(0, number * hours), DANA, KATE, f"m{number}")
    one.world.advance_to(at(55))


def lanes(mail: GoogleMail, width: int = 2) -> Lanes:
    return Lanes(width, mail.google.pressure, mail.google.transport.clock.steady, fixed=True)


@pytest.mark.parametrize("width", [1, 3])
def test_the_lists_of_labels_are_read_side_by_side_and_never_more_than_there_are_lanes(
    place: Place, width: int
) -> None:
    one, _, _ = place
    one.world.mail(at(31), LEE, KATE, "a mail")
    one.world.advance_to(at(50))
    one.sandbox.faults.add(Fault("slow", where="gmail.*", times=None, seconds=0.2))
    names = ("SENT", "INBOX", "STARRED", "SPAM", "TRASH", "DRAFT")
    found = everything(one.google, names, (), 0, lanes(one.mail, width))
    assert [set(labels) for labels in found.labels.values()] == [{"INBOX"}]
    assert one.sandbox.log.peak == width


def test_a_list_that_fails_ends_the_others_and_the_listing(place: Place) -> None:
    one, _, _ = place
    many(one, count=1_100)
    one.sandbox.faults.add(
        Fault("forbidden", where="gmail.users.messages.list", after=4, times=None)
    )
    names = ("SENT", "INBOX", "STARRED", "SPAM", "TRASH", "DRAFT", "CHAT")
    with pytest.raises(NoshowError):
        everything(one.google, names, (), 0, lanes(one.mail))
    # Four were answered, and the two under way refused; no list was begun after them.
    assert sum(line.method == "gmail.users.messages.list" for line in one.sandbox.log) <= 4 + 2


@pytest.mark.parametrize("since", [0, to_micros(at(-10)), to_micros(at(30))])
@pytest.mark.parametrize("sought", [False, True])
def test_a_message_that_cannot_be_shown_stops_no_first_look(
    place: Place, since: int, sought: bool
) -> None:
    one, store, box = place
    for number in range(30):
        one.world.mail(at(31, number), LEE, KATE, f"m{number}")
    for day in (32.0, 34.0):
        uid = one.world.invite(at(day), KATE, [DANA], at(day + 5), title="Talk")
        one.world.answer(at(day + 4.9), uid, DANA, "declined")
    one.world.advance_to(at(50))
    assert sync_calendar(store, one.calendar, box, "primary", one.window).complete
    asked = partial(store.undated_changes.sought, box, least=2, late_hours=24)
    mail = GoogleMail(one.google, sought=asked) if sought else one.mail
    for bad in ids(one)[::3]:
        fault = broken(one, bad)
        sync_mail(store, mail, box, since)
        counts = store.pending.counts(box)
        assert (counts.stored + counts.pending, counts.given_up) == (len(ids(one)), 0)
        assert counts.pending <= 1
        one.sandbox.faults.drop(fault)
        store.pages.drop_cursor(box, "mail")
    assert sync_mail(store, mail, box, since).complete


def test_a_mark_on_a_message_that_cannot_be_shown_comes_when_it_can(place: Place) -> None:
    one, store, box = place
    key = one.world.mail(at(0), DANA, KATE, "Offer")
    one.world.label(at(2), KATE, key, add=["STARRED"])
    one.world.mail(at(2, 1), DANA, KATE, "Later")
    one.world.advance_to(at(1))
    assert sync_mail(store, one.mail, box, 0).complete
    (first,) = ids(one)
    one.world.advance_to(at(3))
    fault = broken(one, first)
    outcome = sync_mail(store, one.mail, box, 0)
    assert (outcome.complete, outcome.pending) == (False, 1)
    assert len(rows(store)) == 2
    one.sandbox.faults.drop(fault)
    assert sync_mail(store, one.mail, box, 0).complete
    assert rows(store)[first].flagged


@pytest.mark.parametrize("filled", [False, True], ids=["bare", "filled"])
def test_a_mark_put_on_a_mail_before_its_arrival_was_told_is_kept(
    place: Place, filled: bool
) -> None:
    one, store, box = place
    one.sandbox.quirks.history_labels = filled
    asked = one.world.mail(at(1), KATE, DANA, "Offer")
    reply = one.world.mail(at(1, 1), DANA, KATE, "Re: Offer", reply_to=asked)
    second = one.world.mail(at(3), DANA, KATE, "Re: Offer", reply_to=reply)
    one.world.label(at(4), KATE, second, add=["SPAM", "Kunde"], remove=["INBOX"])
    one.world.advance_to(at(2))
    mail = one.mail

    class Slow:
        """The second reply arrives while the backfill is under way: its thread brings it."""

        parameters = mail.parameters

        def pages(self, cursor: str | None, since: int) -> Iterator[Page]:
            return mail.pages(cursor, since)

        def fetch(self, wanted: Any) -> Iterator[Page]:
            one.world.advance_to(at(3, 1))
            return mail.fetch(wanted)

    sync_mail(store, Slow(), box, 0)
    newest = ids(one)[-1]
    assert rows(store)[newest].inbox
    one.world.advance_to(at(5))
    assert sync_mail(store, one.mail, box, 0).complete
    row = rows(store)[newest]
    assert (row.spam, row.inbox, row.labels) == (True, False, "Kunde")


def test_news_that_were_marked_at_once_cost_no_question_of_their_labels(place: Place) -> None:
    one, store, box = place
    for hour in range(20):
        key = one.world.mail(at(2, hour), LEE, KATE, f"m{hour}")
        one.world.label(at(2, hour + 0.1), KATE, key, remove=["INBOX"])
    one.world.advance_to(at(1))
    assert sync_mail(store, one.mail, box, 0).complete
    one.world.advance_to(at(4))
    one.sandbox.log.clear()
    assert sync_mail(store, one.mail, box, 0).complete
    assert one.sandbox.log.counts()["gmail.users.messages.get"] == 20
    assert not any(row.inbox for row in rows(store).values())


def test_new_mail_that_a_list_shows_behind_all_old_mail_is_fetched(place: Place) -> None:
    one, store, box = place
    many(one)
    victim = ids(one)[1_500]
    one.sandbox.quirks.listed_last = frozenset({victim})
    outcome = sync_mail(store, one.mail, box, to_micros(at(25)))
    assert outcome.complete
    assert rows(store)[victim].inbox
    # What is really older is still left where it is.
    assert len(rows(store)) < 1_000


def test_stored_mail_that_a_list_shows_behind_all_old_mail_is_not_taken_for_deleted(
    place: Place,
) -> None:
    one, store, box = place
    many(one)
    assert sync_mail(store, one.mail, box, to_micros(at(-10))).complete
    stray, deleted = ids(one)[1_500], ids(one)[1_400]
    one.sandbox.quirks.listed_last = frozenset({stray})
    one.world.delete_mail(at(56), KATE, rows(store)[deleted].message_key)
    one.world.advance_to(at(57))
    one.sandbox.faults.add(Fault("not_found", where="gmail.users.history.list"))
    assert sync_mail(store, one.mail, box, to_micros(at(25))).complete
    found = rows(store)
    assert found[stray].deleted_at is None
    assert found[stray].inbox
    assert found[deleted].deleted_at is not None
    assert [one_.provider_id for one_ in found.values() if one_.deleted_at] == [deleted]


def test_where_ids_tell_nothing_what_is_there_is_still_not_taken_for_deleted(
    place: Place,
) -> None:
    from tests.connectors.google.test_mail import DATES, SINCE, mailbox

    _, store, box = place
    names = list(DATES)[:320]
    with mailbox({"": names, "INBOX": names}, DATES, size=50) as mail:
        assert sync_mail(store, mail, box, 0).complete
    store.pages.drop_cursor(box, "mail")
    # m20 now stands among mail of a year before, and m30 is deleted.
    moved = [name for name in names if name not in ("m20", "m30")]
    moved.insert(300, "m20")
    with mailbox({"": moved, "INBOX": moved}, DATES, size=50) as mail:
        assert sync_mail(store, mail, box, SINCE).complete
    gone = {name for name, row in rows(store).items() if row.deleted_at is not None}
    assert gone == {"m30"}


def test_old_mail_brought_in_lately_is_not_taken_for_new_by_its_ids() -> None:
    from tests.connectors.google.test_fetch_order import id_at
    from tests.connectors.google.test_mail import mailbox

    now = to_micros(at(0))
    dates = {id_at(now - day * 86_400_000_000): at(-day) for day in range(200)}
    brought = {id_at(now - 3_600_000_000, salt): at(-400 - salt) for salt in range(400)}
    with mailbox({"": [*dates, *brought], "INBOX": []}, dates | brought, size=50) as mail:
        found = everything(mail.google, (), (), to_micros(at(-100)), lanes(mail), samples=3)
    assert not found.astray
    assert 100 <= len(found.threads) <= 105
    assert len(found.threads) + len(found.older) == 600


def test_a_message_is_given_up_after_enough_tries_on_enough_days(place: Place) -> None:
    one, store, box = place
    for hour in range(5):
        one.world.mail(at(0, hour), DANA, KATE, f"m{hour}")
    one.world.advance_to(at(1))
    bad = ids(one)[2]
    broken(one, bad)

    def after(step: timedelta, runs: int) -> tuple[int, int]:
        for _ in range(runs):
            one.world.advance_to(one.world.now + step)
            sync_mail(store, one.mail, box, 0)
        counts = store.pending.counts(box)
        return counts.pending, counts.given_up

    assert after(timedelta(minutes=5), ENOUGH_TRIES + 2) == (1, 0)
    assert after(timedelta(microseconds=ENOUGH_TIME), 1) == (0, 1)
    assert [failure.provider_id for failure in store.pending.failures(box)] == [bad]
    one.sandbox.log.clear()
    assert sync_mail(store, one.mail, box, 0).complete
    assert one.sandbox.log.counts()["gmail.users.messages.get"] == 0


def test_an_outage_counts_against_no_message(place: Place) -> None:
    one, store, box = place
    for hour in range(40):
        one.world.mail(at(0, hour), DANA, KATE, f"m{hour}")
    one.world.advance_to(at(2))
    one.sandbox.faults.add(Fault("server_error", where="gmail.users.messages.get", times=None))
    for _ in range(ENOUGH_TRIES + 2):
        one.world.advance_to(one.world.now + timedelta(hours=12))
        assert sync_mail(store, one.mail, box, 0).error is not None
    assert store.pending.counts(box).given_up == 0
    with store.database.reading() as connection:
        from connectors.store.tables.schema import pending

        assert set(connection.execute(select(pending.c.tries)).scalars()) == {0}


def units_of(thread_size: int, sought: Callable[[], Any]) -> int:
    """What fetching 300 mails costs whose threads go on for days."""
    from connectors.google.client import NEW_PRICES
    from connectors.google.mail.fetch_order import in_order
    from connectors.google.mail.fetching import jobs
    from connectors.google.mail.listing import Listing
    from tests.connectors.google.test_fetch_order import HOUR, NOW, id_at

    mails = sorted(
        (
            (NOW - (thread * 13 + step * 6) * HOUR, f"t{thread}", thread * 10 + step)
            for thread in range(300 // thread_size)
            for step in range(thread_size)
        ),
        reverse=True,
    )
    threads = {id_at(moment, salt): thread for moment, thread, salt in mails}
    listing = Listing(
        threads,
        dict.fromkeys(threads, frozenset({"INBOX"})),
        None,
        probed={id_at(moment, salt): moment for moment, _, salt in mails[:3]},
    )
    waiting = sorted(
        in_order(listing, NOW, sought()), key=lambda one: (one.priority, one.provider_id)
    )
    units = 0
    while waiting:
        done: set[str] = set()
        for job in jobs(waiting[:100], NEW_PRICES):
            units += NEW_PRICES.thread if job.thread else NEW_PRICES.get
            done |= {one for one in threads if threads[one] == job.thread} or set(job.ids)
        waiting = [one for one in waiting if one.provider_id not in done]
    return units


@pytest.mark.parametrize("size", [3, 5])
def test_an_order_by_what_is_sought_tears_no_thread_apart(size: int) -> None:
    from tests.connectors.google.test_fetch_order import around

    assert units_of(size, lambda: [around(2_000)]) <= units_of(size, tuple)


def test_what_is_sought_comes_newest_first() -> None:
    from connectors.google.mail.fetch_order import in_order
    from tests.connectors.google.test_fetch_order import NOW, around, listing

    found = listing(dict.fromkeys((1, 5, 50, 100, 300, 2_000, 3_000), "INBOX"))
    order: list[Listed] = in_order(found, NOW, [around(3_000)])
    # The store breaks ties by the id: none may be left.
    assert len({one.priority for one in order}) == len(order)
    assert [one.provider_id for one in order[:5]] == list(found.threads)[:5]
