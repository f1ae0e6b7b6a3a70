"""Is each agreed start judged by who had agreed to it, when, and who gave it up?"""

from __future__ import annotations

from typing import Any

import pytest

from config.policy import Policy
from reports.columns.instants import DAY, HOUR, MINUTE
from reports.detect.meetings.events import US, Event
from reports.detect.slots.changed import fold
from reports.detect.slots.notice import Limits, Slot, Story

DANA = "dana@client.example"
LEE = "lee@client.example"
#: A Wednesday, 15:00 in Berlin.
START = 1_795_010_400_000_000
LIMITS = Limits.of(Policy(), "Europe/Berlin", START + 30 * DAY)


def event(before: float, kind: str, who: str = DANA, value: str = "", **more: Any) -> Event:
    """Something that happened exactly `before` hours before the start, by somebody's own word."""
    at = int(START - before * HOUR)
    return Event(at, at, kind, who, value, proof=more.pop("proof", True), **more)


def between(lo: float, hi: float, kind: str, who: str = DANA, value: str = "") -> Event:
    """Something that happened between `lo` and `hi` hours before the start."""
    return Event(int(START - lo * HOUR), int(START - hi * HOUR), kind, who, value)


def yes(before: float = 190, who: str = DANA) -> Event:
    return event(before, "response", who, "accepted")


def no(before: float, who: str = DANA, **more: Any) -> Event:
    return event(before, "response", who, "declined", **more)


def slots(
    *events: Event,
    organiser: str = US,
    contacts: tuple[str, ...] = (DANA,),
    set_before: float | None = 200,
    seen_before: float = 199,
) -> dict[str, list[Slot]]:
    set_at = None if set_before is None else int(START - set_before * HOUR)
    story = Story(
        organiser,
        set_at,
        set_at if set_at is not None else int(START - seen_before * HOUR),
        int(START - seen_before * HOUR),
        START,
        START + HOUR,
        sorted(events, key=lambda one: one.hi),
    )
    return fold(story, contacts, LIMITS)


def only(*events: Event, **more: Any) -> Slot:
    (slot,) = slots(*events, **more)[DANA]
    return slot


def outcome(slot: Slot) -> tuple[str, str, str]:
    return slot.outcome, slot.rule, slot.question


def test_accepted_and_undisturbed_is_kept() -> None:
    assert outcome(only(yes())) == ("kept", "", "")


@pytest.mark.parametrize(
    ("before", "expected"), [(24.0, "changed_early"), (23.99, "cancelled_late")]
)
def test_a_decline_is_late_below_24_hours(before: float, expected: str) -> None:
    assert only(yes(), no(before)).outcome == expected


def test_what_was_agreed_shortly_before_is_late_only_below_half_of_that_time() -> None:
    assert outcome(only(yes(9), no(5), set_before=10, seen_before=10))[0] == "changed_early"
    assert outcome(only(yes(9), no(4), set_before=10, seen_before=10))[0] == "cancelled_late"


def test_the_first_yes_is_when_it_was_agreed_and_a_second_one_changes_nothing() -> None:
    assert only(yes(6), no(3.5)).outcome == "changed_early"
    assert only(yes(190), no(100), yes(6), no(3.5)).outcome == "cancelled_late"


def test_where_nobody_knows_when_it_was_set_their_dated_yes_still_counts() -> None:
    assert only(yes(4), no(2.5), set_before=None, seen_before=60).outcome == "changed_early"
    assert only(yes(4), no(1.5), set_before=None, seen_before=60).outcome == "cancelled_late"
    assert only(yes(60), no(23), set_before=None, seen_before=60).outcome == "cancelled_late"


def test_where_nobody_knows_when_it_was_set_and_it_was_seen_late_nothing_is_claimed() -> None:
    assert outcome(only(yes(40), no(2), set_before=None, seen_before=47)) == ("unknown", "M2", "")


def test_an_interval_over_the_limit_is_unknown_and_one_inside_it_is_likely() -> None:
    over = only(yes(), between(26, 20, "response", DANA, "declined"))
    assert outcome(over) == ("unknown", "M2", "")
    inside = only(yes(), between(23, 2, "response", DANA, "declined"))
    assert outcome(inside) == ("cancelled_late", "M2", "")


def test_an_interval_that_holds_the_start_is_a_question() -> None:
    slot = only(yes(), between(2, -1, "response", DANA, "declined"))
    assert outcome(slot) == ("unknown", "M8", "M8")


def test_a_decline_without_a_lower_bound_is_unknown() -> None:
    undated = Event(None, START - HOUR, "response", DANA, "declined")
    seen = Event(None, START - 300 * HOUR, "response", DANA, "accepted", first=True)
    assert only(seen, undated).outcome == "unknown"


def test_a_decline_without_a_lower_bound_came_after_their_dated_yes() -> None:
    undated = Event(None, START - HOUR, "response", DANA, "declined")
    assert only(yes(), undated).outcome == "unknown"
    assert outcome(only(yes(), no(100), yes(6), undated)) == ("cancelled_late", "M2", "")


def test_declined_and_accepted_again_is_kept() -> None:
    assert only(yes(), no(20), yes(3)).outcome == "kept"


def test_declining_what_was_never_accepted_is_nobodys_act() -> None:
    slot = only(no(2))
    assert (slot.outcome, slot.why) == ("", "not-accepted")


def test_a_machine_that_declines_excuses() -> None:
    assert only(yes(), no(2, machine=True)).outcome == "excused"


def test_an_organiser_outside_who_cancels_by_their_own_word_is_m1() -> None:
    cancelled = event(2, "end", DANA, "cancelled")
    assert outcome(only(cancelled, organiser=DANA)) == ("cancelled_late", "M1", "")


def test_a_cancelled_status_alone_is_a_question() -> None:
    shown = between(3, 2, "end", DANA, "cancelled")
    assert outcome(only(shown, organiser=DANA)) == ("unknown", "M1", "M1")


def test_our_own_late_cancellation_is_a_question_to_us() -> None:
    slot = only(yes(), event(2, "end", US, "cancelled"))
    assert outcome(slot) == ("unknown", "M6", "M6")
    assert slot.origin == "unknown"


def test_our_cancellation_after_their_decline_is_its_consequence() -> None:
    slot = only(yes(), no(3), event(2, "end", US, "cancelled"))
    assert outcome(slot) == ("cancelled_late", "M2", "")
    assert slot.we_followed


def test_our_cancellation_after_the_decline_of_another_guest_is_no_question() -> None:
    found = slots(
        yes(), yes(190, LEE), no(3, LEE), event(2, "end", US, "cancelled"), contacts=(DANA, LEE)
    )
    assert (found[DANA][0].outcome, found[DANA][0].why) == ("", "ended-by-other")
    assert outcome(found[LEE][0]) == ("cancelled_late", "M2", "")


def test_a_late_move_of_theirs_ends_the_slot_and_opens_an_agreed_one() -> None:
    moved = event(3, "move", DANA, start=START + DAY)
    first, second = slots(moved, organiser=DANA)[DANA]
    assert outcome(first) == ("moved_late", "M3", "")
    assert (second.outcome, second.start, second.fresh) == ("kept", START + DAY, True)


def test_half_an_hour_within_the_day_is_no_move() -> None:
    near = event(3, "move", DANA, start=START + 30 * MINUTE)
    (slot,) = slots(near, organiser=DANA)[DANA]
    assert (slot.outcome, slot.start) == ("kept", START + 30 * MINUTE)
    far = event(3, "move", DANA, start=START + 31 * MINUTE)
    assert outcome(slots(far, organiser=DANA)[DANA][0]) == ("moved_late", "M3", "")


def test_after_our_move_their_old_yes_is_enough_to_be_kept_but_not_to_decline() -> None:
    moved = event(100, "move", US, start=START + DAY)
    assert slots(yes(), moved)[DANA][-1].outcome == "kept"
    declined = slots(yes(), moved, no(-20))[DANA][-1]
    assert (declined.outcome, declined.why) == ("", "not-accepted")
    again = slots(yes(), moved, yes(90), no(-20))[DANA][-1]
    assert outcome(again) == ("cancelled_late", "M2", "")


def test_a_proposal_that_we_follow_is_theirs_at_its_own_notice() -> None:
    proposed = event(5, "counter", DANA, start=START + DAY)
    first = slots(yes(), proposed, event(2, "move", US, start=START + DAY))[DANA][0]
    assert outcome(first) == ("moved_late", "M4", "")
    early = event(60, "counter", DANA, start=START + DAY)
    first = slots(yes(), early, event(2, "move", US, start=START + DAY))[DANA][0]
    assert first.outcome == "changed_early"


def test_a_proposal_followed_by_the_meeting_as_it_was_is_nothing() -> None:
    assert only(yes(), event(5, "counter", DANA, start=START + DAY)).outcome == "kept"


def test_a_decline_soon_after_the_start_is_a_question_and_later_nothing() -> None:
    assert outcome(only(yes(), no(-1.9))) == ("unknown", "M8", "M8")
    assert outcome(only(yes(), no(-2.1))) == ("kept", "", "")


def test_tentative_at_the_start_is_unknown() -> None:
    slot = only(yes(), event(3, "response", DANA, "tentative"))
    assert slot.outcome == "unknown"


def test_taken_off_the_list_by_us_is_a_question_and_not_their_act() -> None:
    slot = only(yes(), between(3, 2, "left", DANA))
    assert outcome(slot) == ("unknown", "M6", "M6")


def test_their_cancellation_after_all_of_us_had_declined_is_not_theirs() -> None:
    for before, expected in ((30, ("changed_early", "", "")), (3, ("unknown", "M6", "M6"))):
        ours = event(before, "response", "us:kate@ourco.example", "declined")
        slot = only(ours, event(2, "end", DANA, "cancelled"), organiser=DANA)
        assert outcome(slot) == expected


def test_a_meeting_still_to_come_is_given_up_and_not_yet_judged() -> None:
    limits = Limits.of(Policy(), "Europe/Berlin", START - HOUR)
    set_at = START - 200 * HOUR
    story = Story(US, set_at, set_at, set_at, START, START + HOUR, [yes(), no(2)])
    (slot,) = fold(story, (DANA,), limits)[DANA]
    assert slot.outcome == "coming"
