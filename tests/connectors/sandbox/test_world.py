"""Is the world's state a pure function of its script and the time?"""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from config.clock import from_micros, to_micros
from connectors.model.normal_forms import series_uid
from connectors.sandbox.scenario.worlds import demo_script, small_world
from connectors.sandbox.world.mails import PRIVATE
from connectors.sandbox.world.recurrence import Rule, originals
from connectors.sandbox.world.world import World
from tests.support.providers.sandbox_requests import BEGIN, KATE, OMAR, day, world_of_kate


def dump(world: World) -> str:
    """All that is so, but for the counters of versions."""
    state = world.state
    return repr((state.now, state.meetings, state.mailboxes, state.conferences))


def test_a_look_back_shows_what_was_so_then() -> None:
    world = small_world()
    early = world.now - timedelta(days=9)
    twin = world.at(early)
    assert dump(world) != dump(twin)
    twin.advance_to(world.now)
    assert dump(twin) == dump(world)


@settings(max_examples=20)
@given(some.lists(some.integers(0, 35 * 24), max_size=6))
def test_in_how_many_steps_time_passes_does_not_matter(hours: list[int]) -> None:
    once, stepped = small_world(), small_world()
    once, stepped = once.at(once.start), stepped.at(stepped.start)
    end = once.start + timedelta(days=40)
    once.advance_to(end)
    for hour in sorted(hours):
        stepped.advance_to(stepped.start + timedelta(hours=hour))
    stepped.advance_to(end)
    assert dump(once) == dump(stepped)


def test_the_order_in_which_acts_were_written_does_not_matter() -> None:
    straight, crossed = world_of_kate(), world_of_kate()
    one = straight.invite(day(0), KATE, [OMAR], day(9), title="Review")
    straight.answer(day(1), one, OMAR, "accepted")
    straight.answer(day(3), one, OMAR, "declined")
    two = crossed.invite(day(0), KATE, [OMAR], day(9), title="Review")
    crossed.answer(day(3), two, OMAR, "declined")
    crossed.answer(day(1), two, OMAR, "accepted")
    straight.advance_to(day(4))
    crossed.advance_to(day(4))
    assert dump(straight) == dump(crossed)


def test_the_past_cannot_be_written_and_time_does_not_run_back() -> None:
    world = world_of_kate()
    world.advance_to(day(5))
    with pytest.raises(ValueError, match="past"):
        world.mail(day(4), OMAR, KATE, "Too late")
    with pytest.raises(ValueError, match="forward"):
        world.advance_to(day(4))


def test_acts_written_later_lie_beyond_now_until_time_passes() -> None:
    world = world_of_kate()
    world.advance_to(day(1))
    world.mail(day(2), OMAR, KATE, "Tomorrow")
    box = world.state.mailboxes[KATE]
    assert not box.mails
    world.advance_to(day(2))
    assert len(box.mails) == 1


def test_a_strange_guest_or_occurrence_is_a_mistake_in_the_script() -> None:
    world = world_of_kate()
    series = world.invite(day(0), KATE, [OMAR], day(1), title="Weekly", rule=Rule())
    world.answer(day(0, 12), series, OMAR, "accepted", occurrence=day(2))
    with pytest.raises(ValueError, match="no occurrence"):
        world.advance_to(day(1))


def test_an_answer_to_a_series_holds_for_occurrences_not_answered_alone() -> None:
    world = world_of_kate()
    series = world.invite(day(0), KATE, [OMAR], day(1), title="Weekly", rule=Rule())
    world.answer(day(0, 10), series, OMAR, "declined", occurrence=day(8))
    world.move(day(0, 11), series, day(16), occurrence=day(15))
    world.answer(day(0, 12), series, OMAR, "accepted")
    world.advance_to(day(1))
    meeting = world.state.meetings[series]
    answers = [meeting.seats_of(to_micros(day(n)))[OMAR].response for n in (1, 8, 15)]
    assert answers == ["accepted", "declined", "accepted"]


def test_uids_of_exchange_and_google_meet_in_their_normal_form() -> None:
    world = world_of_kate()
    world.human("petra@vendor.example", "Petra Voss", system="exchange")
    google = world.invite(day(0), KATE, [OMAR], day(1), title="Weekly", rule=Rule())
    exchange = world.invite(day(0), "petra@vendor.example", [KATE], day(2), title="Sync")
    split = world.split(day(3), google, day(8), day(9))
    assert series_uid(split) == series_uid(google)
    raw = bytes.fromhex(series_uid(exchange))
    assert len(raw) == 56
    assert raw[16:20] == bytes(4)


@settings(max_examples=60)
@given(
    some.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 - wall times
    some.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"]),
    some.integers(1, 4),
)
def test_a_series_keeps_its_wall_time_through_the_change_of_clocks(wall, zone, interval) -> None:
    wall = wall.replace(second=0, microsecond=0, hour=9)
    first = to_micros(wall.replace(tzinfo=ZoneInfo(zone)))
    found = originals(Rule(interval=interval, count=40), first, zone)
    shown = [from_micros(one).astimezone(ZoneInfo(zone)) for one in found]
    assert len(found) == 40
    assert {(one.weekday(), one.hour, one.minute) for one in shown} == {
        (wall.weekday(), 9, wall.minute)
    }
    days = [one.date() for one in shown]
    assert {(b - a).days for a, b in itertools.pairwise(days)} == {7 * interval}


def test_rules_of_other_kinds_fall_where_they_should() -> None:
    first = to_micros(day(0))
    daily = originals(Rule("daily", interval=2, count=3), first, "UTC")
    work = originals(Rule(days=(0, 2), count=4), first, "UTC")
    monthly = originals(Rule("monthly", count=3), to_micros(BEGIN.replace(day=30)), "UTC")
    assert [from_micros(one).day for one in daily] == [1, 3, 5]
    assert [from_micros(one).day for one in work] == [1, 3, 8, 10]
    assert [from_micros(one).month for one in monthly] == [6, 7, 8]
    late = originals(Rule("monthly", count=3), to_micros(BEGIN.replace(month=8, day=31)), "UTC")
    assert [from_micros(one).month for one in late] == [8, 10, 12]
    assert Rule(days=(0, 2), interval=2, count=4).text() == (
        "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=MO,WE"
    )


def test_every_private_text_bears_the_mark_that_tests_look_for() -> None:
    world = demo_script()
    world.advance_to(world.ends)
    for letter in world.state.letters:
        assert PRIVATE in letter.body or letter.kind == "bounce"
        assert PRIVATE not in letter.subject
    for meeting in world.state.meetings.values():
        assert PRIVATE in meeting.description
        assert PRIVATE in meeting.location or not meeting.location
