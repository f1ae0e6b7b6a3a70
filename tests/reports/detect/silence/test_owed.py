"""Do we owe an answer, before anybody else does?"""

from __future__ import annotations

import pytest

from tests.support.facts.mail_box import ADA, BEN, DANA, EMIL, FRITZ, Box, found, instant

MONDAY = "2026-11-02 10:00"


def known() -> Box:
    """Dana is somebody we have written to."""
    box = Box()
    box.sent("2026-06-01 10:00", subject="FYI")
    return box


def owed(box: Box, now: str = "2026-11-23 07:00") -> list[list[object]]:
    table = found(box, now).owed
    return table[["contact", "days", "perhaps"]].to_numpy().tolist()


@pytest.mark.parametrize(("now", "count"), [("2026-11-09 23:59", 0), ("2026-11-10 00:00", 1)])
def test_a_mail_that_opens_a_thread_is_owed_after_five_business_days(now: str, count: int) -> None:
    box = known()
    box.mail(MONDAY)
    assert len(owed(box, now)) == count


def test_it_counts_the_business_days_since() -> None:
    box = known()
    box.mail(MONDAY)
    assert owed(box) == [[DANA, 14, False]]


def test_a_stranger_is_owed_nothing() -> None:
    box = Box()
    box.mail(MONDAY)
    assert owed(box) == []


def test_who_was_introduced_or_met_is_owed() -> None:
    box = Box()
    box.mail("2026-10-01 10:00", FRITZ, [ADA, DANA])
    box.mail(MONDAY)
    assert [who for who, *_ in owed(box)] == [DANA]


@pytest.mark.parametrize(
    ("to", "cc", "count"),
    [
        (ADA, [EMIL, FRITZ], 1),
        (ADA, [EMIL, FRITZ, "x@y.example"], 0),
        (EMIL, [ADA], 0),  # only in copy
        (EMIL, [], 0),  # in Bcc
    ],
)
def test_we_must_be_in_to_with_at_most_three(to: str, cc: list[str], count: int) -> None:
    box = known()
    box.mail(MONDAY, to=to, cc=cc)
    assert len(owed(box)) == count


@pytest.mark.parametrize("headers", ["auto-submitted: auto-replied", "list-unsubscribe: <x>"])
def test_only_mail_by_hand_is_owed(headers: str) -> None:
    box = known()
    box.mail(MONDAY, headers=headers)
    assert owed(box) == []


def test_a_first_answer_to_ours_is_perhaps_ours() -> None:
    box = Box()
    first = box.sent("2026-10-30 10:00")
    second = box.mail(MONDAY, re=first)
    assert owed(box) == [[DANA, 14, True]]
    box.mail("2026-11-03 10:00", re=second)
    assert owed(box) == [[DANA, 14, True], [DANA, 13, False]]


def test_an_answer_to_something_nobody_holds_is_perhaps_ours() -> None:
    box = known()
    box.mail(MONDAY, in_reply_to="gone@ours.example")
    assert owed(box) == [[DANA, 14, True]]


@pytest.mark.parametrize(("answer", "count"), [("2026-11-09 18:00", 0), ("2026-11-10 08:00", 1)])
def test_an_answer_after_five_business_days_is_kept_as_late(answer: str, count: int) -> None:
    box = known()
    box.mail(MONDAY)
    box.sent(answer)
    table = found(box).owed
    assert table["answered_at"].tolist() == [instant(answer)] * count


def answered(box: Box) -> bool:
    return found(box).owed.empty


def test_a_colleagues_mail_with_them_in_copy_answers() -> None:
    box = known()
    box.mail(MONDAY)
    box.mail("2026-11-03 10:00", "carla@ours.example", EMIL, cc=[DANA, ADA], sent=False)
    assert answered(box)


def test_a_mail_of_ours_in_their_thread_answers() -> None:
    box = known()
    theirs = box.mail(MONDAY)
    box.sent("2026-11-03 10:00", to=EMIL, re=theirs)
    assert answered(box)


def test_an_internal_forward_does_not_answer() -> None:
    box = known()
    theirs = box.mail(MONDAY)
    box.sent("2026-11-03 10:00", to=BEN, re=theirs)
    assert not answered(box)


@pytest.mark.parametrize("outcome", ["spoke", "no-answer"])
def test_a_call_answers(outcome: str) -> None:
    box = known()
    box.mail(MONDAY)
    box.call("2026-11-03 10:00", outcome=outcome)
    assert answered(box)


def test_a_meeting_that_we_made_or_held_after_it_answers() -> None:
    for more in ({"created": "2026-11-03 10:00"}, {"organizer": FRITZ}):
        box = known()
        box.mail(MONDAY)
        box.meeting("2026-12-10 10:00" if "created" in more else "2026-11-04 10:00", **more)
        assert answered(box), more


def test_a_meeting_made_before_and_still_to_come_does_not() -> None:
    box = known()
    box.mail(MONDAY)
    box.meeting("2026-12-10 10:00")
    assert not answered(box)


def test_our_acceptance_of_theirs_answers() -> None:
    for response in ("accepted", "declined"):
        box = known()
        box.mail(MONDAY)
        meeting = box.meeting("2026-12-10 10:00", organizer=DANA, guests=(ADA,))
        seen = box.observe(meeting, "2026-12-10 10:00", seen="2026-11-03 10:00")
        box.guest(seen, meeting, ADA, response=response)
        assert answered(box) is (response == "accepted"), response


def test_done_and_wrong_answer_and_undo_takes_them_back() -> None:
    for word in ("done", "wrong"):
        box = known()
        box.mail(MONDAY)
        box.claim("owed", DANA, "m2@mail.example", word, "2026-11-03 10:00")
        assert answered(box), word
        box.answer("C0", "undo", "2026-11-04 10:00")
        assert not answered(box), word


def test_wrong_forgets_a_late_answer_and_done_keeps_it() -> None:
    for word, rows in (("done", 1), ("wrong", 0)):
        box = known()
        box.mail(MONDAY)
        box.claim("owed", DANA, "m2@mail.example", word, "2026-11-20 10:00")
        assert len(found(box).owed) == rows, word


@pytest.mark.parametrize(("at", "count"), [("2026-09-24 08:00", 1), ("2026-09-24 07:59", 0)])
def test_open_debts_end_after_sixty_days(at: str, count: int) -> None:
    box = known()
    box.mail(at)
    assert len(owed(box, "2026-11-23 07:00")) == count


def test_late_answers_are_kept_for_the_gate_of_a_pause() -> None:
    for at, count in (("2026-05-28 10:00", 1), ("2026-05-26 10:00", 0)):
        box = Box()
        box.mail(at)
        box.sent("2026-07-01 10:00")
        assert len(owed(box)) == count, at


def test_one_mail_to_two_of_us_is_owed_once() -> None:
    box = known()
    box.mailbox(2, BEN)
    box.mail(MONDAY, to=[ADA, BEN], message_key="same@client.example")
    box.mail(MONDAY, to=[ADA, BEN], message_key="same@client.example", mailbox=2)
    assert len(owed(box)) == 1
