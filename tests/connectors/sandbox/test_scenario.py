"""Does the demonstration really contain what it says it planted, and nothing that accuses others?"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from datetime import timedelta

import pytest

from config.clock import from_micros, to_micros
from connectors.sandbox.scenario.stage import KATE, ROOM
from connectors.sandbox.scenario.worlds import DEMO_NOW, big_world, demo_script, demo_world
from connectors.sandbox.world.acts import Planted
from connectors.sandbox.world.world import World

HOUR = 3_600_000_000


@pytest.fixture(scope="module")
def world() -> World:
    """The demonstration at its very end, two weeks after the first report."""
    made = demo_world()
    made.advance_to(made.ends)
    return made


def planted(world: World, kind: str) -> list[Planted]:
    return [one for group in world.truth.values() for one in group if one.kind == kind]


def test_it_is_the_same_each_time_quickly_built_and_stands_at_now() -> None:
    began = time.perf_counter()
    one = demo_world()
    assert time.perf_counter() - began < 3
    two = demo_world()
    assert one.now == DEMO_NOW
    assert repr(one.state.mailboxes) == repr(two.state.mailboxes)
    assert repr(one.state.meetings) == repr(two.state.meetings)
    assert timedelta(days=10) < one.ends - one.now < timedelta(days=15)


def test_its_size_is_that_of_a_salespersons_half_year(world: World) -> None:
    box = world.state.mailboxes[KATE]
    weeks = 28
    kinds = Counter(mail.letter.kind for mail in box.mails.values())
    assert 85 <= len(box.mails) / weeks <= 115
    assert all(
        kinds[kind] > 0 for kind in ("newsletter", "auto_reply", "bounce", "machine", "notice")
    )
    outside = {
        seat.address
        for meeting in world.state.meetings.values()
        for seat in meeting.seats.values()
        if not seat.address.endswith("ourco.example") and seat.address != ROOM
    }
    mailed = {human.address for letter in world.state.letters for human in letter.addressed}
    contacts = outside | {one for one in mailed if not one.endswith("ourco.example")}
    assert 38 <= len(contacts) <= 48
    assert len({one.partition("@")[2] for one in contacts}) >= 15
    with_contacts = [
        meeting
        for meeting in world.state.meetings.values()
        if outside & set(meeting.seats) and meeting.rule is None
    ]
    assert 7 <= len(with_contacts) / weeks <= 11


def test_everybody_lives_at_a_reserved_domain(world: World) -> None:
    machines = {"mailer-daemon@googlemail.com", "calendar-notification@google.com", ROOM}
    for letter in world.state.letters:
        for human in (letter.from_, *letter.addressed, *([letter.sender] if letter.sender else [])):
            assert human.address.endswith((".example", ".test")) or human.address in machines


def test_three_people_change_late_again_and_again(world: World) -> None:
    late = Counter(one.address for one in planted(world, "late_cancellation"))
    late += Counter(one.address for one in planted(world, "late_move"))
    assert late == {
        "omar@client.example": 4,
        "petra.voss@vendor.example": 3,
        "lena.ruiz@harbor.example": 4,
    }


@pytest.mark.parametrize("kind", ["late_cancellation", "late_move", "single_incident"])
def test_each_late_change_is_late_agreed_ahead_and_told_by_a_mail(world: World, kind: str) -> None:
    box = world.state.mailboxes[KATE]
    for one in planted(world, kind):
        assert one.start is not None
        assert 0 < one.start - one.at < 24 * HOUR
        meeting = world.at(from_micros(one.at - 1000)).state.meetings[one.uid]
        assert meeting.start == one.start
        guest = KATE if meeting.organizer == one.address else one.address
        seat = meeting.seats[guest]
        assert seat.response == "accepted"
        assert seat.responded_at is not None
        agreed = max(meeting.created, seat.responded_at)
        assert one.start - one.at < (one.start - agreed) / 2
        told = [
            mail
            for mail in box.mails.values()
            if mail.letter.notice is not None
            and mail.letter.notice.uid == one.uid
            and mail.letter.notice.stamp == one.at
        ]
        assert [mail.letter.from_.address for mail in told] == [one.address]
        assert 0 < told[0].at - one.at < 10_000_000


def test_one_of_them_declines_through_an_assistant(world: World) -> None:
    senders = [
        mail.letter.sender.address
        for mail in world.state.mailboxes[KATE].mails.values()
        if mail.letter.kind == "notice"
        and mail.letter.from_.address == "omar@client.example"
        and mail.letter.sender is not None
    ]
    assert senders == ["ana@client.example"] * 3


def mails_between(world: World, who: str) -> list[tuple[int, str]]:
    """(moment, `out` or `in`) of the human mails between Kate and somebody, in order."""
    found = []
    for mail in world.state.mailboxes[KATE].mails.values():
        letter = mail.letter
        if letter.kind != "human":
            continue
        if letter.from_.address == KATE and who in {one.address for one in letter.to}:
            found.append((mail.at, "out"))
        elif letter.from_.address == who:
            found.append((mail.at, "in"))
    return sorted(found)


def test_the_silent_are_asked_often_enough_and_are_silent() -> None:
    world = demo_world()
    silent = {one.address for one in planted(world, "silence") + planted(world, "cold")}
    assert silent == {"dana.kim@lumen.example", "gus@birch.example", "viktor@quarry.example"}
    for who in silent:
        turns = mails_between(world, who)
        last = max((at for at, way in turns if way == "in"), default=0)
        asks = [at for at, way in turns if way == "out" and at > last + 24 * HOUR]
        assert len(asks) >= 3
        assert asks[-1] - asks[0] >= 14 * 24 * HOUR
        assert all(b - a >= 48 * HOUR for a, b in itertools.pairwise(asks))
        assert to_micros(DEMO_NOW) - asks[-1] >= 7 * 24 * HOUR
    assert not [way for _, way in mails_between(world, "viktor@quarry.example") if way == "in"]
    assert [way for _, way in mails_between(world, "dana.kim@lumen.example") if way == "in"]


def test_the_two_weeks_after_the_first_report_change_the_second() -> None:
    first = demo_world()
    after = to_micros(first.now)
    later = {one.kind for group in first.truth.values() for one in group if one.at > after}
    assert {"late_cancellation", "returned"} <= later


def told_late(world: World) -> set[tuple[str, int]]:
    """(meeting, moment) of every cancellation, refusal or move on the day that Kate's mail tells of."""
    late = set()
    for mail in world.state.mailboxes[KATE].mails.values():
        notice = mail.letter.notice
        if notice is None or notice.response in ("accepted", "tentative"):
            continue
        start = notice.previous_start or notice.start
        new = notice.method == "request" and notice.previous_start is None
        if not new and 0 < start - notice.stamp < 24 * HOUR:
            late.add((notice.uid, notice.stamp))
    return late


def check_that_nobody_else_is_late(world: World) -> None:
    known = {(one.uid, one.at) for group in world.truth.values() for one in group if one.uid}
    late = told_late(world)
    assert late <= known
    guilty = planted(world, "late_cancellation") + planted(world, "late_move")
    assert {(one.uid, one.at) for one in guilty if KATE in one.extra["seen_by"]} <= late


def test_nobody_but_the_planted_is_late(world: World) -> None:
    check_that_nobody_else_is_late(world)


def test_a_colleagues_mailbox_shows_the_same_person_and_the_same_meeting() -> None:
    world = demo_world(system="google", colleague="exchange")
    world.advance_to(world.ends)
    check_that_nobody_else_is_late(world)
    mira, late = "mira@ourco.example", planted(world, "late_cancellation")
    both = [one for one in late if one.extra["seen_by"] == f"{KATE} {mira}"]
    assert len(both) == 1
    meeting = world.state.meetings[both[0].uid]
    assert set(meeting.copies) == {KATE, mira}
    hers = [one for one in late if one.extra["seen_by"] == mira]
    assert {one.address for one in hers} == {"omar@client.example"}
    assert all(one.uid.startswith("040000008200E0") for one in hers)
    assert len(world.state.mailboxes[mira].mails) > 5


def test_kates_own_mailbox_may_be_exchanges() -> None:
    world = demo_world(system="exchange")
    own = [one for one in world.state.meetings.values() if one.organizer == KATE]
    assert all(one.uid.startswith("040000008200E0") for one in own)


def test_every_ordinary_mail_to_kate_is_answered_or_answers(world: World) -> None:
    owed = {one.address for one in planted(world, "owed_reply")}
    box = world.state.mailboxes[KATE]
    answered = {mail.letter.in_reply_to for mail in box.mails.values() if "SENT" in mail.labels}
    waiting = {
        mail.letter.from_.address
        for mail in box.mails.values()
        if mail.letter.kind == "human"
        and mail.received
        and not mail.letter.in_reply_to
        and mail.letter.key not in answered
        and not mail.letter.from_.address.endswith("ourco.example")
        and mail.at < to_micros(DEMO_NOW - timedelta(days=7))
    }
    assert waiting == owed - {"ines.roy@alder.example"}


def test_innocents_are_those_a_naive_tool_would_accuse(world: World) -> None:
    innocent = {one.address: one.why for one in planted(world, "innocent")}
    assert len(innocent) >= 15
    accused = {one.address for group in world.truth.values() for one in group if one.accused}
    assert not accused & set(innocent)
    box = world.state.mailboxes[KATE]
    spam = [mail.letter.from_.address for mail in box.mails.values() if "SPAM" in mail.labels]
    assert spam == ["felix@tern.example"]
    for who in ("yuki@delta-labs.example", "carl@ember.example", "marta@fable.example"):
        assert sum(one.address == who for one in planted(world, "innocent")) >= 2


def test_the_night_of_the_clocks_deceives_whoever_reads_them(world: World) -> None:
    (one,) = [one for one in planted(world, "innocent") if one.address == "emil@nettle.example"]
    start = world.state.meetings[one.uid].start
    assert start - one.at == 24.5 * HOUR


def test_no_two_of_kates_single_meetings_overlap(world: World) -> None:
    slots = sorted(
        (meeting.start, meeting.end)
        for meeting in world.state.meetings.values()
        if KATE in meeting.seats
        and meeting.rule is None
        and not meeting.cancelled
        and meeting.seats[KATE].response == "accepted"
    )
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(slots))


@pytest.mark.parametrize("days", range(0, 370, 41))
def test_it_can_be_told_for_any_day_of_any_year(days: int) -> None:
    now = DEMO_NOW + timedelta(days=days, hours=days % 24)
    world = demo_script(now)
    world.advance_to(world.ends)
    check_that_nobody_else_is_late(world)


def test_a_big_world_has_what_was_ordered() -> None:
    world = big_world(messages=3000, meetings=200)
    box = world.state.mailboxes[KATE]
    human = sum(mail.letter.kind != "notice" for mail in box.mails.values())
    assert 2900 <= human <= 3000
    assert len(world.state.meetings) == 200
    assert any(len(thread) > 2 for thread in box.threads.values())
