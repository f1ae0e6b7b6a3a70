"""Is a mail an ask only by a sign of our own, and is its clock fair?"""

from __future__ import annotations

import pandas as pd
import pytest

from tests.support.facts.mail_box import ADA, BEN, DANA, EMIL, FRITZ, Box, found, instant

AWAY = "auto-submitted: auto-replied"


def signs(box: Box, contact: str = DANA) -> list[str]:
    table = found(box).asks
    return table.loc[table["contact"] == contact, "sign"].tolist()


def answered_thread() -> tuple[Box, int]:
    """Ada asks, Dana answers, Ada thanks: the thread may be over."""
    box = Box()
    first = box.sent("2026-11-02 10:00")
    theirs = box.mail("2026-11-03 10:00", re=first)
    return box, box.sent("2026-11-03 11:00", re=theirs)


def test_a_mail_that_opens_a_thread_to_one_person_asks() -> None:
    box = Box()
    box.sent("2026-11-02 10:00")
    assert signs(box) == ["opener"]


@pytest.mark.parametrize(
    "more",
    [{"cc": EMIL}, {"bcc": EMIL}, {"to": [DANA, EMIL]}, {"in_reply_to": "seen-nowhere@x.example"}],
)
def test_a_mail_to_two_or_to_an_old_thread_opens_nothing(more: dict[str, object]) -> None:
    box = Box()
    box.sent("2026-11-02 10:00", **{"to": DANA, **more})
    assert signs(box) == []


def test_a_colleague_of_ours_in_copy_does_not_matter() -> None:
    box = Box()
    box.sent("2026-11-02 10:00", cc=BEN)
    assert signs(box) == ["opener"]


def test_whoever_is_only_in_copy_is_not_asked() -> None:
    box = Box()
    first = box.sent("2026-11-02 10:00", to=EMIL, cc=DANA)
    box.sent("2026-11-05 10:00", to=EMIL, cc=DANA, re=first)
    assert signs(box) == []
    assert signs(box, EMIL) == ["again", "again"]


@pytest.mark.parametrize(("day", "expected"), [("03", []), ("04", ["again", "again"])])
def test_writing_again_two_business_days_later_asks_twice(day: str, expected: list[str]) -> None:
    box = Box()
    first = box.sent("2026-11-02 10:00", to=[DANA, EMIL])
    box.sent(f"2026-11-{day} 09:00", to=[DANA, EMIL], re=first)
    assert signs(box) == expected


def test_writing_again_over_a_weekend_is_not_again() -> None:
    box = Box()
    first = box.sent("2026-11-06 10:00", to=[DANA, EMIL])
    box.sent("2026-11-09 17:00", to=[DANA, EMIL], re=first)
    assert signs(box) == []


def test_writing_again_in_another_thread_is_not_again() -> None:
    box = Box()
    box.sent("2026-11-02 10:00", to=[DANA, EMIL])
    box.sent("2026-11-09 10:00", to=[DANA, EMIL])
    assert signs(box) == []


def test_writing_again_after_an_answer_elsewhere_is_not_again() -> None:
    box = Box()
    first = box.sent("2026-11-02 10:00", to=[DANA, EMIL])
    box.mail("2026-11-03 10:00", subject="A new thread")
    box.sent("2026-11-09 10:00", to=[DANA, EMIL], re=first)
    assert signs(box) == []


def test_three_mails_a_day_apart_are_asks_by_the_first_and_the_last() -> None:
    box = Box()
    first = box.sent("2026-11-02 10:00", to=[DANA, EMIL])
    second = box.sent("2026-11-03 10:00", to=[DANA, EMIL], re=first)
    box.sent("2026-11-04 10:00", to=[DANA, EMIL], re=second)
    table = found(box).asks
    assert table.loc[table["contact"] == DANA, "message_id"].tolist() == [1, 3]


def test_our_first_answer_to_theirs_closes_until_we_write_again() -> None:
    box, last = answered_thread()
    assert signs(box) == ["opener"]
    box.sent("2026-11-09 10:00", re=last)
    assert signs(box) == ["opener", "again"]  # the later mail asks; the closing one does not


def test_a_marked_mail_asks_whatever_closes() -> None:
    box, _ = answered_thread()
    box.rows["messages"][2]["flagged"] = True
    assert signs(box) == ["opener", "marked"]
    box.rows["messages"][2].update(flagged=False, important=True)
    assert signs(box) == ["opener", "marked"]


@pytest.mark.parametrize("subject", ["Thanks for today", "FYI", "Danke!", "zur Info: Zahlen"])
def test_thanks_and_information_ask_nothing(subject: str) -> None:
    box = Box()
    first = box.sent("2026-11-02 10:00", subject=subject)
    assert signs(box) == []
    box.sent("2026-11-09 10:00", subject="Offer", re=first)
    assert signs(box) == ["again"]


def test_a_long_talk_that_changed_sides_may_be_over() -> None:
    def earlier_asks(sides: str) -> int:
        box = Box()
        last = None
        for day, side in enumerate(sides, 2):
            write = box.sent if side == "o" else box.mail
            last = write(
                f"2026-11-{day:02} 10:00", re=last, **({"to": [DANA, EMIL]} if side == "o" else {})
            )
        box.sent("2026-11-16 10:00", to=[DANA, EMIL], re=last)
        return signs(box).count("again") - 1

    # io: our first answer. ioo: the second of ours is the third mail of a talk that changed sides.
    assert earlier_asks("io") == 0
    assert earlier_asks("ioo") == 0
    assert earlier_asks("oo") == 2  # nobody else spoke: both were asks


def test_a_meeting_they_accepted_closes_an_opener() -> None:
    box = Box()
    box.sent("2026-11-02 10:00")
    box.mail("2026-11-03 10:00", meeting_type="accept")
    assert signs(box) == []


def test_an_opener_they_answered_before_they_accepted_was_an_ask() -> None:
    box = Box()
    box.sent("2026-11-02 10:00")
    box.mail("2026-11-03 10:00")
    box.mail("2026-11-04 10:00", meeting_type="accept")
    assert signs(box) == ["opener"]


@pytest.mark.parametrize(("others", "asked"), [(2, 2), (3, 0)])
def test_four_outside_recipients_ask_nobody(others: int, asked: int) -> None:
    box = Box()
    cc = [f"p{number}@client.example" for number in range(others)]
    first = box.sent("2026-11-02 10:00", cc=cc)
    box.sent("2026-11-09 10:00", cc=cc, re=first)
    assert len(signs(box)) == asked


@pytest.mark.parametrize(("mails", "asked"), [(4, ["opener"]), (5, [])])
def test_five_equal_subjects_on_one_day_are_a_mailing(mails: int, asked: list[str]) -> None:
    box = Box()
    box.sent("2026-11-02 08:00", subject="Our offer")
    for number in range(mails - 1):
        box.sent("2026-11-02 22:00", to=f"p{number}@other.example", subject="our  OFFER")
    box.sent("2026-11-03 08:00", to="p9@other.example", subject="our offer")
    assert signs(box) == asked


@pytest.mark.parametrize(("hidden", "asked"), [(1, ["again", "again"]), (4, [])])
def test_many_hidden_recipients_are_a_mailing(hidden: int, asked: list[str]) -> None:
    box = Box()
    bcc = [f"p{number}@other.example" for number in range(hidden)]
    first = box.sent("2026-11-02 10:00", bcc=bcc)
    box.sent("2026-11-09 10:00", bcc=bcc, re=first)
    assert signs(box) == asked


def test_our_bulk_mail_asks_nothing() -> None:
    box = Box()
    box.sent("2026-11-02 10:00", headers="list-unsubscribe: <mailto:x@ours.example>")
    assert signs(box) == []


def test_a_machine_is_never_asked() -> None:
    box = Box()
    box.sent("2026-11-02 10:00", to="no-reply@client.example")
    assert found(box).asks.empty


def test_one_mail_in_two_mailboxes_is_one_ask() -> None:
    box = Box()
    box.mailbox(2, BEN)
    box.sent("2026-11-02 10:00", cc=BEN)
    box.mail(
        "2026-11-02 10:01",
        ADA,
        DANA,
        cc=BEN,
        mailbox=2,
        sent=False,
        message_key="m1@mail.example",
        flagged=True,
    )
    table = found(box).asks
    assert table[["message_id", "sign", "mailbox_id"]].to_numpy().tolist() == [[1, "marked", 1]]


def test_a_mail_that_only_says_it_is_ours_is_no_ask() -> None:
    # Among the sent mail of a mailbox we read it would have been found.
    box = Box()
    box.mail("2026-11-02 10:00", ADA, DANA, sent=False)
    assert signs(box) == []


def test_a_colleague_whose_mailbox_we_do_not_read_asks_for_us() -> None:
    box = Box()
    box.mail("2026-11-02 10:00", "carla@ours.example", DANA, cc=ADA, sent=False)
    assert signs(box) == ["opener"]


@pytest.mark.parametrize("outcome", ["no-answer", "assistant", "spoke", "will-call"])
def test_a_call_that_reached_nobody_asks(outcome: str) -> None:
    box = Box()
    box.sent("2026-01-05 10:00", subject="FYI")
    box.call("2026-11-02 10:00", outcome=outcome)
    assert signs(box) == (["call"] if outcome in ("no-answer", "assistant") else [])


def test_a_proven_unanswered_invitation_asks_at_the_meetings_start() -> None:
    box = Box()
    box.meeting("2026-11-10 10:00")
    given = pd.DataFrame(
        {"contact": [DANA], "at": [instant("2026-11-10 10:00")], "mailbox_id": [1]}
    )
    table = found(box, invitations=given).asks
    assert table[["kind", "sign", "waited_days"]].to_numpy().tolist() == [
        ["invitation", "invitation", 8]
    ]


def state(box: Box, now: str = "2026-11-23 07:00") -> list[list[object]]:
    table = found(box, now).asks
    return table[["open", "ripe", "waited_days"]].to_numpy().tolist()


@pytest.mark.parametrize(
    ("now", "ripe", "days"), [("2026-11-09 23:59", False, 4), ("2026-11-10 00:00", True, 5)]
)
def test_an_ask_is_ripe_when_five_business_days_have_ended(now: str, ripe: bool, days: int) -> None:
    box = Box()
    box.sent("2026-11-02 10:00")
    assert state(box, now) == [[True, ripe, days]]


def test_any_human_act_ends_it() -> None:
    box = Box()
    box.sent("2026-11-02 10:00")
    box.mail("2026-11-09 10:00", subject="typed afresh")
    assert state(box) == [[False, False, 14]]


def test_a_decline_ends_it() -> None:
    box = Box()
    box.sent("2026-11-02 10:00", flagged=True)
    box.mail("2026-11-09 10:00", meeting_type="decline")
    assert state(box)[0][0] is False


def test_an_automatic_answer_ends_nothing() -> None:
    box = Box()
    first = box.sent("2026-11-02 10:00")
    box.mail(
        "2026-11-02 10:01", re=first, headers="auto-submitted: auto-generated", subject="Ticket 7"
    )
    assert state(box) == [[True, True, 14]]


def test_a_colleague_ends_it_by_references_or_with_them_in_copy() -> None:
    for answers, ends in (({}, False), ({"re": 1}, True), ({"cc": DANA}, True)):
        box = Box()
        box.sent("2026-11-02 10:00")
        box.mail("2026-11-09 10:00", EMIL, **answers)
        table = found(box).asks.set_index("contact")
        assert bool(table.loc[DANA, "open"]) is not ends, answers


def test_a_stranger_or_a_freemail_neighbour_ends_nothing() -> None:
    box = Box()
    box.sent("2026-11-02 10:00", to=FRITZ)
    box.mail("2026-11-09 10:00", "franz@gmail.com", re=1, cc=FRITZ)
    assert state(box) == [[True, True, 14]]
    box = Box()
    box.sent("2026-11-02 10:00")
    box.mail("2026-11-09 10:00", "x@other.example", re=1, cc=DANA)
    assert state(box) == [[True, True, 14]]


@pytest.mark.parametrize("word", ["wrong", "done", "reached"])
def test_the_users_word_on_a_silence_ends_it(word: str) -> None:
    box = Box()
    box.sent("2026-11-02 10:00")
    box.claim("silence", DANA, "x", word, "2026-11-16 10:00")
    assert state(box)[0][0] is False
    box.answer("C0", "undo", "2026-11-17 10:00")
    assert state(box)[0][0] is True


def test_an_answer_ends_only_what_was_asked_before_it() -> None:
    box = Box()
    box.sent("2026-11-02 10:00")
    box.mail("2026-11-03 10:00")
    box.sent("2026-11-04 10:00")
    assert [row[0] for row in state(box)] == [False, True]


def test_a_clock_runs_no_further_than_the_mailbox_was_read() -> None:
    box = Box()
    box.sent("2026-11-02 10:00")
    box.looked(1, "2026-11-05 00:00", kind="delta")
    box.looked(1, "2026-11-20 00:00", kind="delta", problem="refused")
    box.looked(1, "2026-11-20 00:00", kind="fetch")
    assert found(box, read=False).asks["waited_days"].tolist() == [2]


def test_an_import_reaches_no_further_than_its_window() -> None:
    box = Box()
    box.sent("2026-11-02 10:00")
    box.looked(1, "2026-11-20 00:00", kind="import", window_to=instant("2026-11-06 00:00"))
    assert found(box, read=False).asks["waited_days"].tolist() == [3]


def test_a_mailbox_that_was_never_read_has_no_clock() -> None:
    box = Box()
    box.rows["polls"].clear()
    box.sent("2026-11-02 10:00")
    assert found(box, read=False).asks[["waited_days", "ripe"]].to_numpy().tolist() == [[0, False]]


def dates(box: Box) -> list[list[object]]:
    return found(box).asks[["at", "message_id"]].to_numpy().tolist()


def test_asks_that_an_absence_met_are_one_dated_when_it_ends() -> None:
    box = Box()
    box.sent("2026-10-12 10:00", subject="a")
    box.mail("2026-10-19 10:00", headers=AWAY)
    box.sent("2026-10-26 10:00", subject="b")
    box.sent("2026-11-16 10:00", subject="c")
    assert dates(box) == [[instant("2026-11-09 10:00"), 3], [instant("2026-11-16 10:00"), 4]]
    assert found(box).asks["waited_days"].tolist() == [9, 4]


def test_an_ask_answered_before_the_absence_is_not_moved_by_it() -> None:
    box = Box()
    box.sent("2026-10-12 10:00")
    box.mail("2026-10-14 10:00")
    box.mail("2026-10-19 10:00", headers=AWAY)
    assert dates(box) == [[instant("2026-10-12 10:00"), 1]]


def test_an_absence_that_goes_on_stops_the_clock() -> None:
    box = Box()
    box.sent("2026-11-02 10:00")
    box.mail("2026-11-16 10:00", headers=AWAY)
    assert state(box) == [[True, False, 0]]


def test_an_ask_is_dated_by_the_last_absence_that_met_it() -> None:
    box = Box()
    box.sent("2026-08-03 10:00")
    box.mail("2026-08-05 10:00", headers=AWAY)
    box.mail("2026-10-05 10:00", headers=AWAY)
    assert dates(box) == [[instant("2026-10-26 10:00"), 1]]


@pytest.mark.parametrize(
    "bounce",
    [
        {"headers": "x-failed-recipients: dana@client.example"},
        {"in_reply_to": "m1@mail.example", "headers": "x-ms-exchange-message-is-ndr: 1"},
        {"reference_keys": "m1@mail.example", "subject": "Undelivered Mail Returned to Sender"},
    ],
)
def test_a_bounce_makes_the_ask_undeliverable(bounce: dict[str, str]) -> None:
    box = Box()
    box.sent("2026-11-02 10:00")
    box.mail("2026-11-02 10:01", "mailer-daemon@host.example", **bounce)
    assert found(box).asks[["undeliverable", "ripe"]].to_numpy().tolist() == [[True, False]]


def test_a_report_that_does_not_say_what_became_of_the_ask_makes_it_unknown() -> None:
    box = Box()
    box.sent("2026-11-02 10:00")
    box.mail("2026-11-02 10:01", "mailer-daemon@host.example", reference_keys="m1@mail.example")
    said = found(box)
    assert not said.asks["undeliverable"].any()
    assert said.silences["why"].tolist() == ["unclear-report"]


def test_a_bounce_that_our_own_server_writes_counts_as_well() -> None:
    box = Box()
    box.sent("2026-11-02 10:00")
    writer = "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e@ours.example"
    ndr = "content-type: multipart/report\nx-ms-exchange-message-is-ndr: "
    box.mail("2026-11-02 10:01", writer, in_reply_to="m1@mail.example", headers=ndr)
    assert found(box).asks[["undeliverable", "ripe"]].to_numpy().tolist() == [[True, False]]


@pytest.mark.parametrize(
    "bounce",
    [
        {"subject": "Delivery Status Notification (Delay)"},
        {
            "headers": "x-failed-recipients: dana@client.example\nauto-submitted: auto-generated (warning-timeout)"
        },
        {"headers": "x-failed-recipients: emil@client.example"},
    ],
)
def test_a_delay_or_somebody_elses_bounce_counts_for_nothing(bounce: dict[str, str]) -> None:
    box = Box()
    box.sent("2026-11-02 10:00")
    box.mail(
        "2026-11-02 10:01",
        "mailer-daemon@host.example",
        **({"headers": "x-failed-recipients: dana@client.example"} | bounce),
    )
    assert found(box).asks["undeliverable"].tolist() == [False]


def test_a_bounce_of_a_mail_to_two_names_nobody() -> None:
    box = Box()
    first = box.sent("2026-11-02 10:00", to=[DANA, EMIL])
    box.sent("2026-11-09 10:00", to=[DANA, EMIL], re=first)
    box.mail("2026-11-09 10:01", "mailer-daemon@host.example", re=first)
    assert found(box).asks["undeliverable"].tolist() == [False] * 4


def test_an_ask_after_the_bounce_was_delivered() -> None:
    box = Box()
    box.sent("2026-08-03 10:00")
    box.mail(
        "2026-08-03 10:01",
        "mailer-daemon@host.example",
        headers="x-failed-recipients: dana@client.example",
    )
    box.sent("2026-11-02 10:00")
    assert found(box).asks["undeliverable"].tolist() == [True, False]


def chosen(*moments: str) -> list[bool]:
    box = Box()
    for number, moment in enumerate(moments):
        box.sent(moment, subject=f"s{number}")
    return found(box).asks["distinct"].tolist()


def test_distinct_asks_are_two_business_days_apart() -> None:
    assert chosen("2026-11-02 10:00", "2026-11-03 10:00", "2026-11-04 09:00") == [True, False, True]
    assert chosen("2026-11-06 10:00", "2026-11-09 10:00", "2026-11-10 09:00") == [True, False, True]
    # From the last chosen, not from the last.
    assert chosen("2026-11-02 10:00", "2026-11-03 10:00", "2026-11-05 10:00") == [True, False, True]


def test_what_is_not_ripe_is_not_chosen() -> None:
    assert chosen("2026-11-02 10:00", "2026-11-20 10:00") == [True, False]
