"""Is what was not seen never claimed, whichever looks failed or never happened?

Random looks over random meetings and mails (rules.md sections 1, 3 and 5): a meeting is `kept`
only if its calendar was looked at an hour after its start; a silence is printed only for days on
which the mail was read, and not while unread mail may hold the answer; `Coverage` names every
failure that nothing made good, and never covers a moment that no poll has reached.
"""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.schemas import Findings
from tests.support.facts.random_worlds import MONDAY
from tests.support.facts.whole_world import DAY, HOUR, MINUTE, STANDARD, World

STREAMS = ("mail", "calendar:primary")

#: One poll: stream, hours before the report, does it fail, is it cut off (no end, no problem).
LOOK = st.tuples(
    st.sampled_from(STREAMS),
    st.integers(0, 40 * 24),
    st.sampled_from(["done", "done", "failed", "cut off"]),
)
#: One kept meeting, or one ask that nobody answered: days and the hour.
FACT = st.tuples(st.sampled_from(["meeting", "ask"]), st.integers(0, 35), st.integers(8, 17))


def told(
    polls: list[tuple[str, int, str]], facts: list[tuple[str, int, int]], pending: int | None
) -> tuple[World, Findings]:
    world = World(str(MONDAY - 100 * DAY))
    for stream, hours, how in polls:
        at = MONDAY - hours * HOUR
        end = at + MINUTE if hours else at
        if how == "done":
            world.glance(1, stream, at, finished_at=end)
        else:
            problem = "timeout" if how == "failed" else ""
            world.glance(1, stream, at, finished_at=pd.NaT, problem=problem)
    for kind, day, hour in facts:
        moment = MONDAY.normalize() - (day + 1) * DAY + hour * HOUR
        if kind == "meeting":
            world.meet(moment, agreed=MONDAY - 60 * DAY)
        else:
            world.sent(str(moment), subject=f"Offer {day} {hour}")
    if pending is not None:
        until = MONDAY - pending * DAY
        world.add("pending", mailbox_id=1, stream="mail", provider_id="x", not_after=until, tries=2)
    return world, world.detect(STANDARD, MONDAY, looked=False)


def reached(world: World, stream: str) -> pd.Timestamp:
    """Up to when completed looks saw this stream, by the plain facts."""
    done = [
        row["started_at"]
        for row in world.rows["polls"]
        if row["stream"] == stream and row["finished_at"] is not pd.NaT and not row["problem"]
    ]
    latest: pd.Timestamp = max(done)
    return latest


def unrepaired(world: World, stream: str) -> bool:
    """Did a poll fail with a reason, and no complete one begin after it?"""
    failed = [row["started_at"] for row in world.rows["polls"] if row["problem"]
              and row["stream"] == stream]  # fmt: skip
    return bool(failed) and max(failed) >= reached(world, stream)


def nothing_unseen_is_claimed(
    polls: list[tuple[str, int, str]], facts: list[tuple[str, int, int]], pending: int | None
) -> None:
    world, found = told(polls, facts, pending)
    (seen,) = found.coverage
    mail, calendar = (reached(world, stream) for stream in STREAMS)

    kept = found.slots[found.slots["outcome"] == "kept"]
    assert (kept["start_at"] + HOUR <= calendar + MINUTE).all()
    over = found.slots[
        (found.slots["start_at"] + HOUR > calendar + MINUTE)
        & (found.slots["start_at"] + HOUR <= MONDAY)
    ]
    assert set(over["outcome"]) <= {"unknown"}

    # A clock stops at the last poll: nobody waited for days that were not read.
    longest = (mail.normalize() - found.asks["at"].dt.normalize()).dt.days.clip(lower=0)
    assert (found.asks["waited_days"] <= longest).all()
    unread = pending is not None
    silences = found.silences
    certain = silences[silences["rule"] != "unknown"]
    assert (certain["first_ask_at"] < mail).all()
    if pending is not None:
        may_hold_the_answer = silences["first_ask_at"] <= MONDAY - pending * DAY
        assert set(silences.loc[may_hold_the_answer, "rule"]) <= {"unknown"}

    assert seen.complete_to is not None
    assert seen.complete_to <= min(mail, calendar) + MINUTE
    for weeks, reach in ((seen.mail_weeks, mail), (seen.calendar_weeks, calendar)):
        assert weeks * 7 * DAY <= reach - (MONDAY - 100 * DAY) + MINUTE
    assert seen.pending == int(unread)
    named = " ".join(seen.problems)
    assert ("mail: timeout" in named) == unrepaired(world, "mail")
    assert ("calendar: timeout" in named) == unrepaired(world, "calendar:primary")


def attack(worlds: int) -> None:
    @settings(max_examples=worlds, suppress_health_check=list(HealthCheck))
    @given(
        polls=st.lists(LOOK, max_size=6),
        facts=st.lists(FACT, min_size=1, max_size=5, unique_by=lambda one: one[1:]),
        pending=st.none() | st.integers(0, 30),
    )
    def tried(
        polls: list[tuple[str, int, str]],
        facts: list[tuple[str, int, int]],
        pending: int | None,
    ) -> None:
        nothing_unseen_is_claimed(polls, facts, pending)

    tried()


def test_nothing_unseen_is_claimed() -> None:
    attack(4)


@pytest.mark.proof
def test_nothing_unseen_is_claimed_in_many_worlds() -> None:
    attack(120)


def test_without_any_look_nothing_is_kept_and_nobody_is_silent() -> None:
    world = World()
    world.rows["polls"].clear()
    world.meet(MONDAY - 3 * DAY)
    for day in (50, 40, 30):
        world.sent(str(MONDAY - day * DAY), subject=f"Offer {day}")
    found = world.detect(STANDARD, MONDAY, looked=False)
    assert found.silences[["rule"]].empty
    assert found.coverage[0].complete_to is None
    assert found.standings[found.standings["tier"] != ""].empty
