"""Is each change of a meeting told with bounds that are rather too wide than too narrow?"""

from __future__ import annotations

from dataclasses import replace

from reports.columns.instants import HOUR, MINUTE
from reports.detect.meetings.event_history import of
from reports.detect.meetings.events import OWN, US, Act, Answer, Event, Snapshot

DANA = "dana@client.example"
START = 1000 * HOUR
END = START + HOUR


def snapshot(
    hi: int,
    response: str = "accepted",
    *,
    lo: int | None = None,
    start: int = START,
    status: str = "confirmed",
    updated: int | None = None,
    at: int | None = None,
    leads: bool = True,
    people: bool = True,
) -> Snapshot:
    answers = {DANA: Answer(response, at, machine=False, proposed=None)} if people else {}
    return Snapshot(
        hi, lo, hi, leads, False, status, False, start, start + HOUR, updated, True, answers
    )


def act(at: int, kind: str, who: str = DANA, *, own: bool = False) -> Act:
    return Act(at, kind, who, own, "", None, False, "m1")


def told(*snapshots: Snapshot, acts: tuple[Act, ...] = (), organiser: str = US) -> list[Event]:
    return of(snapshots, acts, organiser=organiser)


def declines(events: list[Event]) -> list[tuple[int | None, int]]:
    return [(one.lo, one.hi) for one in events if one.value == "declined"]


def test_a_change_lies_between_the_look_before_and_the_look_that_shows_it() -> None:
    events = told(
        snapshot(START - 9 * HOUR), snapshot(START - HOUR, "declined", lo=START - 8 * HOUR)
    )
    assert declines(events) == [(START - 8 * HOUR, START - HOUR)]


def test_a_look_that_cannot_say_after_what_it_came_is_not_dated_by_the_look_before() -> None:
    # files, other parameters, what had left the window: what was stored first may be the newer
    events = told(snapshot(START - 9 * HOUR), snapshot(START - HOUR, "declined", lo=None))
    assert declines(events) == [(None, START - HOUR)]


def test_the_last_change_bounds_a_change_from_above_and_never_from_below() -> None:
    events = told(
        snapshot(START - 40 * HOUR),
        snapshot(
            START - HOUR, lo=START - 39 * HOUR, start=START + 24 * HOUR, updated=START - 2 * HOUR
        ),
    )
    moves = [(one.lo, one.hi) for one in events if one.kind == "move"]
    assert moves == [(START - 39 * HOUR, START - 2 * HOUR)]


def test_the_last_change_does_not_bound_an_answer() -> None:
    # it may be an edit of the morning, and the answer have come after the start
    events = told(
        snapshot(START - 40 * HOUR),
        snapshot(START + HOUR, "declined", lo=START - 2 * HOUR, updated=START - HOUR),
    )
    assert declines(events) == [(START - 2 * HOUR, START + HOUR)]


def test_a_last_change_from_before_the_look_before_bounds_nothing() -> None:
    # an answer need not move it
    events = told(
        snapshot(START - 9 * HOUR),
        snapshot(START - HOUR, "declined", lo=START - 8 * HOUR, updated=START - 20 * HOUR),
    )
    assert declines(events) == [(START - 8 * HOUR, START - HOUR)]


def test_of_two_changes_at_once_the_last_change_bounds_neither() -> None:
    moved = snapshot(
        START - HOUR,
        "declined",
        lo=START - 9 * HOUR,
        start=START + 24 * HOUR,
        updated=START - 2 * HOUR,
    )
    events = told(snapshot(START - 9 * HOUR), moved)
    assert {(one.kind, one.hi) for one in events if not one.first} == {
        ("move", START - HOUR),
        ("response", START - HOUR),
    }


def test_the_guests_own_answer_time_is_exact() -> None:
    events = told(
        snapshot(START - 9 * HOUR),
        snapshot(START - HOUR, "declined", lo=START - 8 * HOUR, at=START - 3 * HOUR),
    )
    (decline,) = [one for one in events if one.value == "declined"]
    assert (decline.lo, decline.hi, decline.proof) == (START - 3 * HOUR, START - 3 * HOUR, True)


def test_an_answer_time_after_the_look_that_shows_it_is_not_believed() -> None:
    events = told(
        snapshot(START - 9 * HOUR),
        snapshot(START - HOUR, "declined", lo=START - 8 * HOUR, at=START),
    )
    assert declines(events) == [(START - 8 * HOUR, START - HOUR)]


def test_a_mail_inside_the_interval_dates_the_change() -> None:
    events = told(
        snapshot(START - 9 * HOUR),
        snapshot(START - HOUR, "declined", lo=START - 8 * HOUR),
        acts=(act(START - 4 * HOUR, "decline"),),
    )
    (decline,) = [one for one in events if one.value == "declined"]
    assert (decline.lo, decline.hi, decline.proof) == (START - 4 * HOUR, START - 4 * HOUR, True)


def test_a_mail_from_outside_the_interval_is_another_act() -> None:
    events = told(
        snapshot(START - 9 * HOUR),
        snapshot(START - HOUR, "declined", lo=START - 8 * HOUR),
        acts=(act(START - 30 * HOUR, "decline"),),
    )
    assert (START - 8 * HOUR, START - HOUR) in declines(events)


def test_a_decline_that_a_later_look_contradicts_was_taken_back() -> None:
    events = told(
        snapshot(START - 9 * HOUR),
        snapshot(START - HOUR, lo=START - 8 * HOUR),
        acts=(act(START - 20 * HOUR, "decline"),),
    )
    values = [one.value for one in events if one.who == DANA]
    assert values[-1] == "accepted"
    assert "declined" in values


def test_an_act_of_somebody_who_is_no_guest_is_nobodys() -> None:
    events = told(
        snapshot(START - 9 * HOUR), acts=(act(START - 2 * HOUR, "decline", "eve@evil.test"),)
    )
    assert declines(events) == []


def test_a_cancellation_by_a_guest_ends_nothing() -> None:
    events = told(snapshot(START - 9 * HOUR), acts=(act(START - 2 * HOUR, "cancel"),))
    assert [one for one in events if one.kind == "end"] == []


def test_a_cancellation_by_the_organiser_outside_is_theirs() -> None:
    events = told(
        snapshot(START - 9 * HOUR),
        snapshot(START - HOUR, lo=START - 8 * HOUR, status="cancelled"),
        acts=(act(START - 2 * HOUR, "cancel"),),
        organiser=DANA,
    )
    (end,) = [one for one in events if one.kind == "end"]
    assert (end.who, end.proof, end.lo, end.hi) == (DANA, True, START - 2 * HOUR, START - 2 * HOUR)


def test_what_vanished_proves_nobodys_act() -> None:
    events = told(
        snapshot(START - 9 * HOUR),
        snapshot(START - HOUR, lo=START - 8 * HOUR, status="vanished"),
        organiser=DANA,
    )
    (end,) = [one for one in events if one.kind == "end"]
    assert not end.proof


def test_another_copy_that_showed_it_earlier_narrows_the_later_end() -> None:
    events = told(
        snapshot(START - 30 * HOUR),
        snapshot(START - 20 * HOUR, "declined", lo=None, leads=False),
        snapshot(START - HOUR, "declined", lo=START - 29 * HOUR),
    )
    assert declines(events) == [(START - 29 * HOUR, START - 20 * HOUR)]


def _of_ours(hi: int, response: str, *, lo: int | None = None, leads: bool = False) -> Snapshot:
    bob = {f"{OWN}bob@ours.example": Answer(response, None, machine=False, proposed=None)}
    return replace(snapshot(hi, lo=lo, leads=leads), people=bob)


def test_an_answer_of_ours_is_known_by_their_own_copy_where_no_other_shows_it() -> None:
    events = told(
        _of_ours(START - 60 * HOUR, "none", leads=True),
        _of_ours(START - 59 * HOUR, "none"),
        _of_ours(START - 29 * HOUR, "declined", lo=START - 31 * HOUR),
        _of_ours(START - 20 * HOUR, "declined", lo=START - 21 * HOUR),
        _of_ours(START - HOUR, "none", lo=START - 2 * HOUR, leads=True),
        organiser=DANA,
    )
    assert declines(events) == [(START - 31 * HOUR, START - 29 * HOUR)]


def test_an_answer_of_ours_that_the_leading_copy_shows_is_told_once() -> None:
    events = told(
        _of_ours(START - 60 * HOUR, "none", leads=True),
        _of_ours(START - 59 * HOUR, "none"),
        _of_ours(START - 29 * HOUR, "declined", lo=START - 31 * HOUR),
        _of_ours(START - 28 * HOUR, "declined", lo=START - 30 * HOUR, leads=True),
        organiser=DANA,
    )
    assert declines(events) == [(START - 30 * HOUR, START - 29 * HOUR)]


def test_a_meeting_first_seen_when_it_was_gone_ended_at_its_last_change_or_before() -> None:
    events = told(
        snapshot(START + 50 * HOUR, status="cancelled", updated=START - 5 * MINUTE), organiser=DANA
    )
    (end,) = [one for one in events if one.kind == "end"]
    assert (end.lo, end.hi) == (None, START - 5 * MINUTE)
