"""Do the sources, the sync and the store together lose nothing, and spend no unit twice?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from config.clock import Clock, to_micros
from connectors.google.client import Google
from connectors.google.mail.source import GoogleMail
from connectors.sandbox.google.quirks import Quirks
from connectors.sandbox.server.faults import Fault
from connectors.sandbox.world.recurrence import Rule
from connectors.store.coordination.rate_limits import Rate
from connectors.store.store import Store
from connectors.sync import backfill_calendar, sync_calendar, sync_mail
from connectors.transport.client import Transport
from tests.support.providers.google_office import DANA, KATE, LEE, Office, at, office
from tests.support.stored_mails import stored_mails

MAILS = 400


@contextmanager
def stored(tmp_path: Path, **sandbox: Any) -> Iterator[tuple[Office, Store, int]]:
    with office(tmp_path, **sandbox) as one:
        clock = Clock(now_=lambda: one.world.now, steady_=one.fast.steady, sleep_=one.fast.sleep)
        with Store.open(f"sqlite:///{tmp_path / 'noshow.db'}", clock) as store:
            yield one, store, store.mailboxes.ensure(KATE, "google", "Europe/Berlin")


def correspondence(one: Office) -> None:
    """Threads of one to four mails, a third of them with an answer of Kate's."""
    sizes = [1 + number % 4 for number in range(MAILS * 2 // 5)]
    assert sum(sizes) == MAILS
    for number, size in enumerate(sizes):
        moment = at(0, 0.05 * number)
        first = DANA if number % 2 else LEE
        last = one.world.mail(moment, first, KATE, f"Matter {number}")
        for step in range(1, size):
            sender, to = (KATE, first) if step % 2 and number % 3 == 0 else (first, KATE)
            moment += timedelta(minutes=10)
            last = one.world.mail(moment, sender, to, f"Re: Matter {number}", reply_to=last)
    one.world.advance_to(at(20))


def test_a_quota_that_ends_midway_loses_nothing_and_the_next_run_fetches_the_rest(
    tmp_path: Path,
) -> None:
    with stored(tmp_path) as (one, store, mailbox):
        correspondence(one)
        one.sandbox.faults.add(Fault("daily_403", where="gmail.*.get", after=90, times=None))
        first = sync_mail(store, one.mail, mailbox, 0)
        counts = store.pending.counts(mailbox)
        assert first.error is not None
        assert first.error.exit_code == 3
        assert counts.stored
        assert counts.pending
        assert counts.stored + counts.pending == MAILS
        one.sandbox.faults.clear()
        one.sandbox.log.clear()
        second = sync_mail(store, one.mail, mailbox, 0)
        asked = one.sandbox.log.counts()
        end = store.pending.counts(mailbox)
    assert second.complete
    assert (end.stored, end.pending) == (MAILS, 0)
    assert asked["gmail.users.messages.list"] == 0
    assert asked["gmail.users.messages.get"] + asked["gmail.users.threads.get"] <= counts.pending


def test_a_backfill_costs_less_than_a_get_for_every_message(tmp_path: Path) -> None:
    with stored(tmp_path) as (one, store, mailbox):
        correspondence(one)
        one.sandbox.log.clear()
        assert sync_mail(store, one.mail, mailbox, 0).complete
        spent = one.sandbox.log.units("gmail.")
        assert store.pending.counts(mailbox).stored == MAILS
    assert spent < 0.75 * MAILS * 20


def test_an_idle_sync_is_three_requests(tmp_path: Path) -> None:
    with stored(tmp_path) as (one, store, mailbox):
        correspondence(one)
        sync_mail(store, one.mail, mailbox, 0)
        sync_calendar(store, one.calendar, mailbox, "primary", one.window)
        one.sandbox.log.clear()
        assert sync_mail(store, one.mail, mailbox, 0).complete
        assert sync_calendar(store, one.calendar, mailbox, "primary", one.window).complete
        assert one.sandbox.log.counts() == {
            "gmail.users.labels.list": 1,
            "gmail.users.history.list": 1,
            "calendar.events.list": 1,
        }


def test_the_shared_limiter_keeps_google_from_refusing_and_uses_what_it_gives(
    tmp_path: Path,
) -> None:
    with stored(tmp_path, enforce_quota=True) as (one, store, mailbox):
        correspondence(one)
        began = one.world.now
        clock = Clock(
            now_=lambda: began + timedelta(seconds=one.fast.steady()),
            steady_=one.fast.steady,
            sleep_=one.fast.sleep,
        )
        with Store.open(store.url, clock) as timed:
            limiter = timed.limiter({"gmail": Rate(6000), "calendar": Rate(600)}, budget=3600)
            with Transport(clock, limiter) as transport:
                google = Google(
                    transport,
                    one.login(),
                    account="1",
                    endpoints=one.google._endpoints,
                )
                start = one.fast.steady()
                # One at a time: simulated time cannot pass in two threads at once.
                outcome = sync_mail(timed, GoogleMail(google, in_flight=1), mailbox, 0)
                minutes = (one.fast.steady() - start) / 60
        assert outcome.complete
        assert one.sandbox.quota.refused == 0
        spent = one.sandbox.log.units("gmail.")
    assert minutes < spent / 6000 / 0.9 + 0.1


def test_a_lost_calendar_cursor_loses_nothing_and_calls_nothing_cancelled(
    tmp_path: Path,
) -> None:
    with stored(tmp_path) as (one, store, mailbox):
        for day in range(3, 9):
            one.world.invite(at(0), KATE, [DANA], at(day), title=f"Day {day}")
        one.world.advance_to(at(1))
        window = one.window
        sync_calendar(store, one.calendar, mailbox, "primary", window)
        before = store.frames().observations
        one.sandbox.faults.add(Fault("gone", where="calendar.events.list"))
        outcome = sync_calendar(store, one.calendar, mailbox, "primary", window)
        after = store.frames().observations
    assert outcome.complete
    assert one.sandbox.faults.fired["gone"] == 1
    assert len(after) == len(before)
    assert set(after["status"]) == {"confirmed"}


def test_an_occurrence_that_was_moved_near_and_far_again_is_where_it_is(tmp_path: Path) -> None:
    with stored(tmp_path) as (one, store, mailbox):
        far, near = at(19 * 7, 4), at(10)
        uid = one.world.invite(at(0), KATE, [DANA], at(0, 4), title="Weekly", rule=Rule("weekly"))
        one.world.move(at(2), uid, near, occurrence=far)
        one.world.move(at(4), uid, far, occurrence=far)
        starts = []
        for day in (1, 3, 5):
            one.world.advance_to(at(day))
            assert sync_calendar(store, one.calendar, mailbox, "primary", one.window).complete
            frame = store.frames().meetings
            moved = frame[frame["recurrence_id"] == f"{far:%Y%m%dT%H%M%SZ}"]
            starts.append([moment.to_pydatetime() for moment in moved["start_at"]])
        held = frame["start_at"] < at(130)
    # Behind the horizon it is not known of, and what is known is followed wherever it goes.
    assert starts == [[], [near], [far]]
    assert held.sum() == len(frame) - 1


def test_a_touched_series_does_not_bring_back_what_lies_before_the_window(tmp_path: Path) -> None:
    with stored(tmp_path) as (one, store, mailbox):
        uid = one.world.invite(at(0), KATE, [DANA], at(0, 4), title="Weekly", rule=Rule("weekly"))
        one.world.edit(at(61), uid, KATE, title="Weekly, again")
        one.world.advance_to(at(60))
        narrow = replace(one.window, start=to_micros(at(40)))
        for day in (60, 62):
            one.world.advance_to(at(day))
            done = sync_calendar(store, one.calendar, mailbox, "primary", narrow)
            assert done.complete
        frame = store.frames().meetings
        assert set(frame["subject"]) == {"Weekly, again"}
        assert frame["start_at"].min() == at(42, 4)


def test_where_google_tells_no_answers_they_are_dated_by_listings_alone(tmp_path: Path) -> None:
    """Whether an answer comes with a delta is documented nowhere: the listings find out."""
    quirks = Quirks(rsvp_in_delta=False, rsvp_moves_updated=False)
    with stored(tmp_path, quirks=quirks) as (one, store, mailbox):
        uid = one.world.invite(at(0), KATE, [DANA], at(6), title="Review")
        one.world.answer(at(1, 2), uid, DANA, "accepted", mail=False)
        one.world.answer(at(3, 2), uid, DANA, "declined", mail=False)
        one.world.edit(at(3, 5), uid, KATE, title="Review, again")

        def poll(day: float, hours: float = 0, *, heal: bool = False) -> None:
            one.world.advance_to(at(day, hours))
            assert sync_calendar(store, one.calendar, mailbox, "primary", one.window).complete
            if heal:
                assert backfill_calendar(
                    store, one.calendar, mailbox, "primary", [one.window]
                ).complete

        for day in (0.5, 1, 2, 3):
            poll(day, heal=True)
        poll(3, 4)
        poll(3, 6)
        seen = store.frames().observations
    # Accepted on day 1 and told by no delta; declined two hours after the listing of day 3, and
    # shown with a new title by the delta four hours later.
    assert len(seen) == 3
    last = seen.iloc[-1]
    assert (last["seen_after"], last["seen_at"]) == (at(3), at(3, 6))


def test_a_lost_history_is_listed_anew_without_fetching_what_is_stored(tmp_path: Path) -> None:
    with stored(tmp_path) as (one, store, mailbox):
        star = one.world.mail(at(0), DANA, KATE, "Star")
        gone = one.world.mail(at(0, 1), DANA, KATE, "Gone")
        one.world.label(at(2), KATE, star, add=["STARRED"])
        one.world.delete_mail(at(2), KATE, gone)
        new = one.world.mail(at(2, 1), DANA, KATE, "New")
        one.world.advance_to(at(1))
        sync_mail(store, one.mail, mailbox, 0)
        one.world.advance_to(at(3))
        one.sandbox.faults.add(Fault("not_found", where="gmail.users.history.list"))
        one.sandbox.log.clear()
        assert sync_mail(store, one.mail, mailbox, 0).complete
        fetched = one.sandbox.log.counts()["gmail.users.messages.get"]
        mails = stored_mails(store).set_index("message_key")
    assert fetched == 1
    assert set(mails.index) == {star, gone, new}
    assert mails.loc[star, "flagged"]
    assert mails["deleted_at"].notna().to_dict() == {star: False, gone: True, new: False}


def test_mail_is_read_no_further_back_than_asked_and_says_so(tmp_path: Path) -> None:
    with stored(tmp_path) as (one, store, mailbox):
        for day in range(60):
            for hour in range(20):
                one.world.mail(at(day, hour * 0.5), LEE, KATE, f"Day {day} {hour}")
        one.world.advance_to(at(61))
        since = to_micros(at(50))
        outcome = sync_mail(store, one.mail, mailbox, since)
        frame = store.frames().messages
    assert outcome.complete
    recent = frame[frame["at"] >= at(50)]
    assert len(recent) == 10 * 20
    # Three days of slack, and no more.
    assert frame["at"].min() >= at(46)
