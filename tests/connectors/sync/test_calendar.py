"""Does a calendar's sync keep every poll, lose nothing, and never claim to know when too exactly?"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from sqlalchemy import func, select

from config.errors import Stopped, SuspiciousSync, TransientError
from connectors.interfaces import Failure, Page, Window
from connectors.model.records import Status
from connectors.store.store import Store
from connectors.store.tables.schema import staging
from connectors.sync import (
    Progress,
    Steering,
    SyncOutcome,
    apply_page,
    apply_pages,
    backfill_calendar,
    calendar_stream,
    sync_calendar,
)
from tests.support.facts.seen import DANA, DAY, WINDOW, Hands, at, mailbox, meeting, stub
from tests.support.servers.slow_provider import Calendar, Crash, Script
from tests.support.store_dump import dump

STREAM = calendar_stream("primary")


@pytest.fixture
def source(hands: Hands) -> Calendar:
    return Calendar(lambda: hands.micros)


def sync(store: Store, source: Calendar, *, allow_empty: bool = False) -> SyncOutcome:
    box = mailbox(store)
    return sync_calendar(store, source, box, "primary", WINDOW, Steering(allow_empty=allow_empty))


def heal(store: Store, source: Calendar, window: Window = WINDOW) -> SyncOutcome:
    return backfill_calendar(store, source, mailbox(store), "primary", [window])


def statuses(store: Store) -> dict[str, str]:
    frame = store.frames().meetings
    return dict(zip(frame.provider_id, frame.status, strict=True))


def intervals(store: Store) -> list[tuple[pd.Timestamp | None, pd.Timestamp]]:
    frame = store.frames().observations
    return [
        (None if pd.isna(after) else after, seen)
        for after, seen in zip(frame.seen_after, frame.seen_at, strict=True)
    ]


def moment(text: str | int) -> pd.Timestamp:
    return pd.Timestamp(at(text), unit="us", tz="UTC")


def test_a_first_sync_stores_everything_and_a_second_one_nothing(
    store: Store, source: Calendar
) -> None:
    for number in range(8):
        source.put(meeting(f"m{number}"))
    first = sync(store, source)
    assert (first.pages, first.stored, first.observations, first.complete) == (3, 8, 8, True)
    before = dump(store)
    second = sync(store, source)
    assert (second.stored, second.observations, second.complete) == (0, 0, True)
    assert dump(store) == before


def test_each_change_is_one_more_observation(store: Store, source: Calendar, hands: Hands) -> None:
    source.put(meeting())
    sync(store, source)
    for seen in (meeting(accepted=DANA), meeting(declined=DANA), meeting(start="Tue 09:00")):
        hands.go(hours=2)
        source.put(seen)
        sync(store, source)
    frames = store.frames()
    assert frames.guests.response.tolist() == ["none", "accepted", "declined", "none"]
    assert frames.meetings.start_at.tolist() == [moment("Tue 09:00")]


def test_a_stub_sets_the_status_and_keeps_all_that_was_known(
    store: Store, source: Calendar, hands: Hands
) -> None:
    source.put(meeting(accepted=DANA))
    sync(store, source)
    source.put(stub())
    sync(store, source)
    frames = store.frames()
    row = frames.meetings.iloc[0]
    assert (row.status, row.subject, row.organizer) == ("cancelled", "Talk m1", "sam@ours.example")
    assert row.start_at == moment("Mon 09:00")
    assert row.series_uid == "m1@cal.example"
    assert len(frames.guests) == 1


def test_stubs_of_things_never_seen_are_not_one_meeting(store: Store, source: Calendar) -> None:
    source.put(stub("m1"))
    source.put(stub("m2"))
    sync(store, source)
    frame = store.frames().meetings
    assert frame.stub.all()
    assert frame.series_uid.nunique() == 2


def test_removed_is_not_cancelled_and_what_was_never_seen_is_not_removed(
    store: Store, source: Calendar
) -> None:
    source.put(meeting("m1"))
    sync(store, source)
    source.put(meeting("m2"))
    source.delete("id-m2")
    source.delete("id-m1")
    sync(store, source)
    assert statuses(store) == {"id-m1": "removed"}


def test_a_lost_cursor_relists_and_marks_what_is_missing(
    store: Store, source: Calendar, hands: Hands
) -> None:
    for number in range(5):
        source.put(meeting(f"m{number}"))
    sync(store, source)
    before = store.frames().observations
    source.lose_cursors()
    source.delete("id-m3")
    hands.go(hours=2)
    outcome = sync(store, source)
    assert (outcome.vanished, outcome.complete) == (1, True)
    assert statuses(store)["id-m3"] == "vanished"
    after = store.frames().observations
    pd.testing.assert_frame_equal(after.iloc[: len(before)], before)
    polls = store.frames().polls
    assert polls.kind.tolist() == ["full", "delta", "full"]
    assert polls.finished_at.notna().tolist() == [True, False, True]
    assert polls.problem.tolist() == ["", "gone", ""]


def test_what_comes_back_after_it_vanished_is_confirmed_again(
    store: Store, source: Calendar, hands: Hands
) -> None:
    for number in range(3):
        source.put(meeting(f"m{number}"))
    sync(store, source)
    gone = source.items.pop("id-m1")
    source.lose_cursors()
    sync(store, source)
    assert statuses(store)["id-m1"] == "vanished"
    source.items["id-m1"] = gone
    heal(store, source)
    assert statuses(store)["id-m1"] == "confirmed"
    copies = store.frames().observations
    assert copies[copies.meeting_id == 2].status.tolist() == ["confirmed", "vanished", "confirmed"]


def test_only_what_the_window_should_have_held_can_vanish(store: Store, source: Calendar) -> None:
    for name, start in (("early", "Mon 09:00"), ("late", "Fri 09:00")):
        source.put(meeting(name, start))
    source.put(meeting("long", "Wed 00:00", minutes=36 * 60, all_day=True))
    sync(store, source)
    source.items.clear()
    source.put(meeting("other", "Thu 12:00"))
    heal(store, source, Window(at("Thu 00:00"), at("Fri 09:00")))
    assert set(statuses(store).values()) == {"confirmed"}
    heal(store, source, Window(at("Thu 00:00"), at("Fri 09:01")))
    assert statuses(store) == {
        "id-early": "confirmed",
        "id-long": "confirmed",
        "id-late": "vanished",
        "id-other": "confirmed",
    }


def test_what_was_cancelled_does_not_vanish(store: Store, source: Calendar) -> None:
    source.put(meeting("m1", status=Status.CANCELLED))
    source.put(meeting("m2"))
    sync(store, source)
    source.items.pop("id-m1")
    source.lose_cursors()
    sync(store, source)
    assert statuses(store) == {"id-m1": "cancelled", "id-m2": "confirmed"}


@pytest.mark.parametrize(("there", "left"), [(1, 0), (20, 1), (40, 3)])
def test_a_source_that_is_suddenly_empty_is_not_believed(
    store: Store, source: Calendar, there: int, left: int
) -> None:
    for number in range(there):
        source.put(meeting(f"m{number:02}"))
    sync(store, source)
    before = statuses(store)
    full = dict(source.items)
    for name in list(source.items)[left:]:
        source.items.pop(name)
    source.lose_cursors()
    for _ in range(2):
        with pytest.raises(SuspiciousSync) as caught:
            sync(store, source)
        assert "--allow-empty" in caught.value.hint
        assert statuses(store) == before
    source.items = full
    assert sync(store, source).vanished == 0
    for name in list(source.items)[left:]:
        source.items.pop(name)
    source.lose_cursors()
    assert sync(store, source, allow_empty=True).vanished == there - left


@pytest.mark.parametrize(("there", "left"), [(20, 2), (19, 1), (0, 0)])
def test_a_source_that_lost_much_but_not_nearly_all_is_believed(
    store: Store, source: Calendar, there: int, left: int
) -> None:
    for number in range(there):
        source.put(meeting(f"m{number:02}"))
    sync(store, source)
    for name in list(source.items)[left:]:
        source.items.pop(name)
    source.lose_cursors()
    assert sync(store, source).vanished == there - left


def test_other_parameters_need_a_full_round_and_date_no_difference(
    store: Store, source: Calendar, hands: Hands
) -> None:
    source.put(meeting(guests=()))
    sync(store, source)
    hands.go(hours=2)
    # With the new mask the guest becomes visible; the answer may be months old.
    source.parameters = "p2"
    source.items["id-m1"] = replace(meeting(accepted=DANA), updated_at=hands.micros - DAY)
    sync(store, source)
    assert [after for after, _ in intervals(store)] == [None, None]
    assert store.frames().polls.kind.tolist() == ["full", "full"]
    hands.go(hours=2)
    source.put(meeting(declined=DANA))
    sync(store, source)
    assert intervals(store)[-1] == (moment("Mon 02:00"), moment("Mon 04:00"))


def test_a_change_lies_after_the_beginning_of_the_look_before(
    store: Store, source: Calendar, hands: Hands
) -> None:
    source.put(meeting("a"))
    source.put(meeting("b"))
    source.size = 1

    def decline_while_the_poll_goes_on(number: int) -> None:
        hands.go(minutes=10)
        if number == 0:
            source.put(meeting("a", declined=DANA))

    hands.to("Mon 10:00")
    source.script = Script(between=decline_while_the_poll_goes_on)
    sync(store, source)
    source.script = Script()
    hands.to("Mon 12:00")
    sync(store, source)
    # It declined at 10:10, after its page was read and before the poll was complete.
    assert intervals(store)[-1] == (moment("Mon 10:00"), moment("Mon 12:00"))


def test_a_crashed_look_vouches_for_nothing(store: Store, source: Calendar, hands: Hands) -> None:
    for name in "abcd":
        source.put(meeting(name))
    source.size = 1
    hands.to("Mon 10:00")
    sync(store, source)
    for name in "abcd":
        source.put(meeting(name, accepted=DANA))
    hands.to("Mon 12:00")
    source.script = Script(crash=1)
    with pytest.raises(Crash):
        sync(store, source)
    hands.to("Mon 13:00")
    source.script = Script()
    source.put(meeting("a", declined=DANA))
    hands.to("Mon 14:00")
    sync(store, source)
    hands.to("Mon 16:00")
    sync(store, source)
    frames = store.frames()
    a = frames.observations[frames.observations.meeting_id == 1]
    # Declined at 13:00. The round that began at 12:00 went on at 14:00, behind the page of "a": it
    # is no proof that "a" was still accepted at 14:00.
    assert a.seen_after.tolist()[-1] == moment("Mon 12:00")
    assert a.seen_at.tolist()[-1] == moment("Mon 16:00")
    d = frames.observations[frames.observations.meeting_id == 4]
    assert d.seen_after.tolist()[-1] == moment("Mon 10:00")


def test_a_second_look_that_finds_what_deltas_missed_trusts_only_listings(
    store: Store, source: Calendar, hands: Hands
) -> None:
    source.put(meeting())
    hands.to("Mon 10:00")
    sync(store, source)
    hands.to("Mon 11:00")
    # The provider tells no delta of this answer.
    source.items["id-m1"] = meeting(declined=DANA, updated=hands.micros)
    hands.to("Mon 12:00")
    sync(store, source)
    hands.to("Tue 03:00")
    heal(store, source)
    assert intervals(store)[-1] == (moment("Mon 10:00"), moment("Tue 03:00"))


@pytest.mark.parametrize(
    ("days", "after"), [(1, "Tue 03:00"), (29, "Tue 03:00"), (31, "2026-12-04T02:00")]
)
def test_deltas_that_left_something_out_vouch_for_nothing_for_a_month(
    store: Store, source: Calendar, hands: Hands, days: int, after: str
) -> None:
    source.put(meeting("m1"))
    hands.to("Mon 10:00")
    sync(store, source)
    hands.to("Mon 11:00")
    source.items["id-m1"] = meeting("m1", accepted=DANA, updated=hands.micros)
    hands.to("Mon 13:00")
    sync(store, source)
    hands.to("Tue 03:00")
    heal(store, source)
    hands.micros = at("Tue 01:00") + days * DAY
    sync(store, source)
    hands.go(hours=1)
    sync(store, source)
    hands.go(hours=1)
    # Perhaps declined long ago, and shown now for another reason.
    source.put(meeting("m1", declined=DANA))
    sync(store, source)
    assert intervals(store)[-1][0] == moment(after)


def test_a_change_between_a_delta_and_the_listing_after_it_was_left_out_by_nobody(
    store: Store, source: Calendar, hands: Hands
) -> None:
    source.put(meeting("m1"))
    hands.to("Mon 10:00")
    sync(store, source)
    hands.to("Tue 03:00")
    sync(store, source)
    hands.go(minutes=1)
    source.put(meeting("m1", accepted=DANA))
    hands.go(minutes=1)
    heal(store, source)
    hands.to("Tue 05:00")
    sync(store, source)
    hands.to("Tue 07:00")
    source.put(meeting("m1", declined=DANA))
    sync(store, source)
    assert intervals(store)[-1] == (moment("Tue 05:00"), moment("Tue 07:00"))


def test_a_second_look_is_a_bound_only_for_what_it_showed(
    store: Store, source: Calendar, hands: Hands
) -> None:
    source.put(meeting("near", "Fri 09:00"))
    source.put(meeting("far", "2026-12-10T09:00"))
    hands.to("Mon 10:00")
    sync(store, source)
    hands.to("Mon 14:00")
    heal(store, source, Window(at("Mon 00:00"), at("Sun 00:00")))
    hands.to("Mon 15:00")
    source.put(meeting("near", "Fri 09:00", declined=DANA))
    source.put(meeting("far", "2026-12-10T09:00", declined=DANA))
    hands.to("Mon 16:00")
    sync(store, source)
    frame = store.frames().observations
    last = frame.drop_duplicates("meeting_id", keep="last").set_index("meeting_id").seen_after
    copies = store.frames().meetings.set_index("provider_id").meeting_id
    assert last[copies["id-near"]] == moment("Mon 14:00")
    assert last[copies["id-far"]] == moment("Mon 10:00")


def test_what_is_seen_for_the_first_time_may_be_old_unless_it_was_created_since(
    store: Store, source: Calendar, hands: Hands
) -> None:
    hands.to("Mon 10:00")
    source.put(meeting("m0"))
    sync(store, source)
    hands.to("Mon 11:00")
    source.put(meeting("new", created="Mon 11:00", accepted=DANA))
    source.put(meeting("old", created="Mon 09:00", accepted=DANA))
    source.put(meeting("undated", accepted=DANA))
    hands.to("Mon 12:00")
    sync(store, source)
    frames = store.frames()
    after = frames.observations.set_index("meeting_id").seen_after
    copies = frames.meetings.set_index("provider_id").meeting_id
    assert after[copies["id-new"]] == moment("Mon 10:00")
    assert pd.isna(after[copies["id-old"]])
    assert pd.isna(after[copies["id-undated"]])


def test_a_file_dates_nothing(store: Store, hands: Hands) -> None:
    box = mailbox(store)
    for when, seen in (("Mon 10:00", meeting()), ("Mon 12:00", meeting(declined=DANA))):
        hands.to(when)
        apply_pages(store, box, STREAM, [Page(meetings=(seen,), full=True, last=True)])
    assert [after for after, _ in intervals(store)] == [None, None]


def test_an_item_that_could_not_be_read_is_dated_by_its_own_last_listing(
    store: Store, source: Calendar, hands: Hands
) -> None:
    box = mailbox(store)
    hands.to("Mon 10:00")
    source.put(meeting())
    sync(store, source)
    hands.to("Mon 12:00")
    poll = store.pages.begin_poll(box, STREAM, "delta", WINDOW, parameters="p1")
    token = store.pages.cursor(box, STREAM, "p1").value
    apply_page(
        store, poll, Page(failed=(Failure("id-m1", "503", final=False),), cursor=token, last=True)
    )
    store.pages.finish_poll(poll)
    assert store.pending.count(box, STREAM) == 1
    hands.to("Mon 14:00")
    source.put(meeting(declined=DANA))
    sync(store, source)
    assert intervals(store)[-1] == (moment("Mon 10:00"), moment("Mon 14:00"))
    assert store.pending.count(box, STREAM) == 0


def test_a_late_page_changes_nothing_back(store: Store, source: Calendar, hands: Hands) -> None:
    box = mailbox(store)
    old = meeting(accepted=DANA, updated="Mon 09:00")
    new = meeting(declined=DANA, updated="Mon 10:00")
    apply_pages(store, box, STREAM, [Page(meetings=(old,)), Page(meetings=(new,))])
    assert apply_pages(store, box, STREAM, [Page(meetings=(old, new))]).observations == 0
    assert store.frames().guests.response.tolist() == ["accepted", "declined"]


def test_a_cut_off_source_leaves_an_incomplete_look_and_the_next_run_goes_on(
    store: Store, source: Calendar
) -> None:
    for number in range(8):
        source.put(meeting(f"m{number}"))
    source.script = Script(cut=0)
    outcome = sync(store, source)
    assert (outcome.complete, outcome.stored) == (False, 3)
    assert "before its last page" in outcome.problem
    assert store.frames().polls.finished_at.isna().all()
    source.script = Script()
    assert sync(store, source).stored == 5


def test_a_broken_network_is_an_outcome_and_not_an_exception(
    store: Store, source: Calendar
) -> None:
    for number in range(8):
        source.put(meeting(f"m{number}"))
    source.script = Script(broken=1)
    outcome = sync(store, source)
    assert isinstance(outcome.error, TransientError)
    assert (outcome.pages, outcome.complete, outcome.problem) == (2, False, "the network broke")


def test_asked_to_stop_it_stops_after_the_page(store: Store, source: Calendar) -> None:
    for number in range(8):
        source.put(meeting(f"m{number}"))
    told: list[Progress] = []
    with pytest.raises(Stopped):
        sync_calendar(
            store,
            source,
            mailbox(store),
            "primary",
            WINDOW,
            Steering(told.append, lambda: len(told) == 2),
        )
    assert [(one.pages, one.stored) for one in told] == [(1, 3), (2, 6)]
    assert sync(store, source).stored == 2


def test_a_full_round_killed_midway_and_gone_on_with_misses_nothing(
    store: Store, source: Calendar, hands: Hands
) -> None:
    for number in range(9):
        source.put(meeting(f"m{number}"))
    sync(store, source)
    source.lose_cursors()
    source.delete("id-m1")
    source.delete("id-m8")
    source.script = Script(crash=0)
    with pytest.raises(Crash):
        sync(store, source)
    source.script = Script()
    hands.go(hours=1)
    assert sync(store, source).vanished == 2
    gone = [name for name, status in statuses(store).items() if status == "vanished"]
    assert gone == ["id-m1", "id-m8"]


def test_a_backfill_and_a_sync_between_its_pages_do_not_make_each_other_blind(
    store: Store, source: Calendar
) -> None:
    for number in range(6):
        source.put(meeting(f"m{number}"))
    sync(store, source)

    def meanwhile(number: int) -> None:
        if number == 0:
            # Sorted before what is listed already: only the sync sees it.
            source.put(meeting("m00"))
            source.script = Script()
            sync(store, source)

    source.script = Script(between=meanwhile)
    outcome = heal(store, source)
    assert (outcome.vanished, outcome.complete) == (0, True)


def test_a_backfill_leaves_the_cursor_where_it_is(store: Store, source: Calendar) -> None:
    source.put(meeting())
    sync(store, source)
    before = store.pages.cursor(mailbox(store), STREAM, "p1")
    source.put(meeting("m2"))
    heal(store, source)
    assert store.pages.cursor(mailbox(store), STREAM, "p1") == before
    assert statuses(store) == {"id-m1": "confirmed", "id-m2": "confirmed"}


def test_what_had_left_the_window_is_dated_by_what_was_known_before(
    store: Store, source: Calendar, hands: Hands
) -> None:
    """It was moved away and declined there, and was then moved back: when, nobody saw."""
    source.put(meeting("m1"))
    source.put(meeting("m2"))
    first = moment(hands.micros)
    sync(store, source)
    hands.go(minutes=60)
    source.put(meeting("m1", WINDOW.end + DAY, declined=DANA))
    hands.go(minutes=60)
    source.lose_cursors()
    sync(store, source)
    assert statuses(store)["id-m1"] == "vanished"
    hands.go(minutes=60)
    source.put(meeting("m1", declined=DANA))
    sync(store, source)
    assert statuses(store)["id-m1"] == "confirmed"
    assert intervals(store)[-1] == (first, moment(hands.micros))


def test_two_processes_that_list_one_window_do_not_take_each_others_listing_away(
    store: Store, source: Calendar
) -> None:
    for number in range(8):
        source.put(meeting(f"m{number}"))
    sync(store, source)

    def another_begins(number: int) -> None:
        if number == 1:
            store.pages.begin_poll(mailbox(store), STREAM, "backfill", WINDOW, parameters="p1")

    source.script = Script(between=another_begins)
    outcome = heal(store, source)
    assert (outcome.vanished, outcome.complete) == (0, True)


def test_a_listing_that_died_is_forgotten_after_a_day(
    store: Store, source: Calendar, hands: Hands
) -> None:
    for number in range(8):
        source.put(meeting(f"m{number}"))
    source.script = Script(crash=1)
    with pytest.raises(Crash):
        heal(store, source)
    source.script = Script()
    heal(store, source)
    assert staged_rows(store) == 8
    hands.go(hours=25)
    heal(store, source)
    assert staged_rows(store) == 0


def staged_rows(store: Store) -> int:
    with store.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(staging)).scalar_one()


@pytest.mark.parametrize("trouble", ["lost", "suspicious"])
def test_a_round_with_other_parameters_that_was_dropped_midway_still_dates_no_difference(
    store: Store, source: Calendar, hands: Hands, trouble: str
) -> None:
    names = [f"m{number:02}" for number in range(30)]
    for name in names:
        source.put(meeting(name, guests=()))
    sync(store, source)
    hands.go(hours=2)
    source.parameters = "p2"
    for name in names:
        # With the new mask the guest becomes visible; the answer may be months old.
        seen = meeting(name, accepted=DANA)
        source.items[f"id-{name}"] = replace(seen, updated_at=hands.micros - DAY)
    if trouble == "lost":
        source.script = Script(broken=0)
        sync(store, source)
        source.lose_cursors()
    else:
        whole, source.size = dict(source.items), 1
        source.items = {f"id-{name}": whole[f"id-{name}"] for name in names[:2]}
        with pytest.raises(SuspiciousSync):
            sync(store, source)
        source.items = whole
    source.script = Script()
    hands.go(hours=2)
    assert sync(store, source).complete
    assert [after for after, _ in intervals(store)] == [None] * 60
