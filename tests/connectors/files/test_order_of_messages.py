"""What is said of a meeting whose messages come out of order, or are about a version of yesterday?"""

from __future__ import annotations

import pytest

from tests.connectors.files.test_stories import (
    DETAILS,
    INVITED,
    START,
    THEIRS,
    Judge,
    Told,
    answer,
    judged,
    moved,
)
from tests.support.facts.files import DANA, ME, guest, organizer

__all__ = ["judged"]

YES = answer("2026-11-11 10:00", "ACCEPTED")
LATER = "2026-11-24 09:00"


def said(at: str, partstat: str, *lines: str) -> Told:
    return Told(at, "REPLY", (*lines, organizer(ME), guest(DANA, partstat)))


@pytest.mark.parametrize("stamp", ["20261123T034000Z", "20261110T080000Z"])
def test_a_yes_that_comes_behind_a_no_is_the_last_word_whatever_its_clock_says(
    judged: Judge, stamp: str
) -> None:
    no = answer("2026-11-23 08:20", "DECLINED")
    again = said("2026-11-23 08:40", "ACCEPTED", f"DTSTAMP:{stamp}")
    assert judged(INVITED, YES, no, again).outcome(START)[0] == "kept"
    assert judged(INVITED, YES, no).outcome(START)[0] == "cancelled_late"


def test_a_no_that_was_long_on_its_way_is_no_later_than_it_says(judged: Judge) -> None:
    no = said("2026-11-23 08:50", "DECLINED", "DTSTAMP:20261123T082000Z")
    ending = judged(INVITED, YES, answer("2026-11-23 08:40", "ACCEPTED"), no)
    assert ending.outcome(START)[0] == "kept"


MOVED = moved(
    "2026-11-12 07:00",
    "20261124T090000Z",
    "20261124T093000Z",
    1,
    organizer(ME),
    guest(ME, "ACCEPTED"),
    guest(DANA, "NEEDS-ACTION"),
    sender=ME,
)
NEW = ("DTSTART:20261124T090000Z", "SEQUENCE:1")
OLD = ("DTSTART:20261123T090000Z", "SEQUENCE:0")


def test_a_no_to_the_hour_that_was_given_up_is_none_to_the_new_one(judged: Judge) -> None:
    told = (INVITED, YES, MOVED, said("2026-11-12 09:00", "ACCEPTED", *NEW))
    stale = judged(*told, said("2026-11-24 07:30", "DECLINED", *OLD))
    assert stale.outcome(LATER)[0] == "unknown"
    for lines in (NEW, NEW[:1]):
        late = judged(*told, said("2026-11-24 07:30", "DECLINED", *lines))
        assert late.outcome(LATER)[:2] == ("cancelled_late", "M2")


def test_a_yes_to_the_hour_that_was_given_up_is_none_to_the_new_one(judged: Judge) -> None:
    told = (INVITED, MOVED, said("2026-11-12 09:00", "ACCEPTED", *OLD))
    ending = judged(*told, said("2026-11-24 07:30", "DECLINED", *NEW))
    assert not ending.slots["in_k"].any()


HERS = moved("2026-11-10 08:00", "20261123T090000Z", "20261123T093000Z", 0, *THEIRS)


def cancelled(at: str, sequence: int, *lines: str, sender: str = DANA) -> Told:
    people = lines or THEIRS
    return Told(at, "CANCEL", (f"SEQUENCE:{sequence}", *people), sender=sender)


def again(start: str, sequence: int, *lines: str, sender: str = DANA) -> Told:
    end = start.replace("0000Z", "3000Z")
    return moved("2026-11-23 08:10", start, end, sequence, *(lines or THEIRS), sender=sender)


def test_who_calls_off_and_invites_again_has_called_nothing_off(judged: Judge) -> None:
    off = cancelled("2026-11-23 08:00", 1)
    assert judged(HERS, off).outcome(START)[0] == "cancelled_late"
    assert judged(HERS, off, again("20261123T090000Z", 2)).outcome(START)[0] == "kept"
    ending = judged(HERS, off, again("20261123T140000Z", 2))
    assert ending.outcome(START)[:2] == ("moved_late", "M3")
    assert ending.outcome("2026-11-23 14:00")[0] == "kept"


def test_who_calls_off_again_has_called_off(judged: Judge) -> None:
    ending = judged(
        HERS,
        cancelled("2026-11-23 08:00", 1),
        again("20261123T090000Z", 2),
        cancelled("2026-11-23 08:40", 3),
    )
    assert ending.outcome(START)[:2] == ("cancelled_late", "M1")


def test_ours_that_we_called_off_and_sent_again_was_kept(judged: Judge) -> None:
    people = (*DETAILS, guest(DANA, "ACCEPTED"))
    off = cancelled("2026-11-23 08:00", 1, *people, sender=ME)
    anew = again("20261123T090000Z", 2, *people[1:], sender=ME)
    assert judged(INVITED, YES, off).outcome(START)[1] == "M6"
    assert judged(INVITED, YES, off, anew).outcome(START)[0] == "kept"


def test_an_old_invitation_that_comes_once_more_brings_nothing_back(judged: Judge) -> None:
    old = again("20261123T090000Z", 0, "DTSTAMP:20261110T080000Z", *THEIRS)
    ending = judged(HERS, cancelled("2026-11-23 08:00", 1), old)
    assert ending.outcome(START)[:2] == ("cancelled_late", "M1")


def test_a_cancellation_of_the_hour_that_was_given_up_is_not_known_to_be_one_of_the_new(
    judged: Judge,
) -> None:
    told = (HERS, moved("2026-11-12 08:00", "20261124T090000Z", "20261124T093000Z", 2, *THEIRS))
    stale = judged(*told, cancelled("2026-11-24 08:00", 1, OLD[0], *THEIRS))
    assert stale.outcome(LATER)[0] == "unknown"
    named = judged(*told, cancelled("2026-11-24 08:00", 1, NEW[0], *THEIRS))
    assert named.outcome(LATER)[:2] == ("cancelled_late", "M1")


def updated(at: str, partstat: str, *, by: str = ME) -> Told:
    people = (organizer(by), guest(ME, "ACCEPTED"), guest(DANA, partstat))
    return moved(at, "20261123T090000Z", "20261123T093000Z", 1, *people, sender=by)


@pytest.mark.parametrize("by", [ME, "omar@northwind.example"])
def test_an_invitation_that_shows_a_no_does_not_say_when_it_was_given(
    judged: Judge, by: str
) -> None:
    """She may have said so a week ago: only her own word, or another invitation, would tell."""
    first = updated("2026-11-10 08:00", "ACCEPTED", by=by)
    last = updated("2026-11-23 08:30", "DECLINED", by=by)
    assert judged(first, last).outcome(START)[0] == "unknown"
    assert not judged(YES, last).slots["in_k"].any()
    between = judged(first, updated("2026-11-23 08:00", "ACCEPTED", by=by), last)
    assert between.outcome(START)[:2] == ("cancelled_late", "M2")


def test_her_own_word_dates_the_no_that_an_invitation_shows(judged: Judge) -> None:
    told = (INVITED, YES, updated("2026-11-23 08:30", "DECLINED"))
    early = judged(*told, answer("2026-11-16 08:00", "DECLINED"))
    assert early.outcome(START)[0] == "changed_early"
    late = judged(*told, answer("2026-11-23 08:20", "DECLINED"))
    assert late.outcome(START)[:2] == ("cancelled_late", "M2")


def ours(at: str, method: str, partstat: str, *lines: str) -> Told:
    return Told(at, method, (*lines, organizer(DANA), guest(ME, partstat)), sender=ME)


def test_who_calls_off_what_we_had_declined_has_called_nothing_off(judged: Judge) -> None:
    off = cancelled("2026-11-23 08:00", 1)
    no, yes = (ours("2026-11-12 08:00", "REPLY", one) for one in ("DECLINED", "ACCEPTED"))
    assert not judged(HERS, no, off).slots["in_k"].any()
    assert judged(HERS, yes, off).outcome(START)[:2] == ("cancelled_late", "M1")
    again_yes = ours("2026-11-13 08:00", "REPLY", "ACCEPTED")
    assert judged(HERS, no, again_yes, off).outcome(START)[0] == "cancelled_late"


def test_our_late_no_before_her_change_is_ours(judged: Judge) -> None:
    no = ours("2026-11-23 07:30", "REPLY", "DECLINED")
    assert judged(HERS, no, cancelled("2026-11-23 08:00", 1)).outcome(START)[1] == "M6"


def test_a_move_to_the_hour_that_we_proposed_by_mail_is_what_we_asked_for(judged: Judge) -> None:
    moves = again("20261124T090000Z", 1)
    proposed = ours("2026-11-23 07:30", "COUNTER", "TENTATIVE", "DTSTART:20261124T090000Z")
    assert judged(HERS, moves).outcome(START)[0] == "moved_late"
    assert not judged(HERS, proposed, moves).slots["in_k"].any()


UNREAD = ("DTSTART;TZID=Old House/Attic:20261124T090000", "SEQUENCE:1")
#: We moved it to an hour in a zone that nobody knows.
AWAY = Told(
    "2026-11-12 07:00",
    "REQUEST",
    (*UNREAD, organizer(ME), guest(ME, "ACCEPTED"), guest(DANA, "NEEDS-ACTION")),
    sender=ME,
)


@pytest.mark.parametrize("lines", [(), UNREAD, UNREAD[1:], OLD])
def test_nothing_is_late_for_an_hour_that_gave_way_to_one_that_cannot_be_read(
    judged: Judge, lines: tuple[str, ...]
) -> None:
    no = said("2026-11-23 08:30", "DECLINED", *lines)
    ending = judged(INVITED, YES, AWAY, no)
    assert ending.outcome(START)[0] == "unknown"
    assert judged(INVITED, YES, no).outcome(START)[0] == "cancelled_late"


def test_an_hour_that_is_told_again_counts(judged: Judge) -> None:
    people = (organizer(ME), guest(ME, "ACCEPTED"), guest(DANA, "NEEDS-ACTION"))
    hour = ("20261124T090000Z", "20261124T093000Z")
    told = moved("2026-11-13 07:00", *hour, 2, *people, sender=ME)
    yes, no = (
        said(at, partstat, f"DTSTART:{hour[0]}", "SEQUENCE:2")
        for at, partstat in (("2026-11-13 09:00", "ACCEPTED"), ("2026-11-24 07:30", "DECLINED"))
    )
    assert judged(INVITED, YES, AWAY, told, yes).outcome(LATER)[0] == "kept"
    assert judged(INVITED, YES, AWAY, told, yes, no).outcome(LATER)[0] == "cancelled_late"


def test_their_meeting_at_an_hour_that_cannot_be_read_was_not_called_off_late(
    judged: Judge,
) -> None:
    away = Told("2026-11-12 07:00", "REQUEST", (*UNREAD, *THEIRS), sender=DANA)
    off = cancelled("2026-11-23 08:00", 2)
    assert judged(HERS, off).outcome(START)[0] == "cancelled_late"
    assert judged(HERS, away, off).outcome(START)[0] == "unknown"
    assert judged(HERS, away).outcome(START)[0] == "unknown"


def test_an_hour_that_had_passed_before_stays_as_it_was(judged: Judge) -> None:
    away = Told("2026-11-23 12:00", "REQUEST", (*UNREAD, *THEIRS), sender=DANA)
    off = cancelled("2026-11-23 08:00", 1)
    assert judged(HERS, away).outcome(START)[0] == "kept"
    assert judged(HERS, off, away).outcome(START)[0] == "cancelled_late"
