"""Do mails that belong together meet, and strangers with one subject not?"""

from __future__ import annotations

from tests.support.facts.mail_box import ADA, BEN, DANA, EMIL, FRITZ, Box, found


def conversations(box: Box) -> list[int]:
    return found(box).mails["conversation"].tolist()


def test_an_answer_joins_what_it_answers() -> None:
    box = Box()
    first = box.sent("2026-11-02 10:00")
    box.mail("2026-11-03 10:00", re=first)
    box.mail("2026-11-03 11:00")
    assert conversations(box) == [1, 1, 3]


def test_two_answers_to_a_mail_that_nobody_holds_are_one_conversation() -> None:
    box = Box()
    box.mail("2026-11-02 10:00", in_reply_to="gone@client.example")
    box.mail("2026-11-03 10:00", reference_keys="older@client.example gone@client.example")
    assert conversations(box) == [1, 1]


def test_references_join_across_mailboxes_and_copies_are_one() -> None:
    box = Box()
    box.mailbox(2, BEN)
    box.sent("2026-11-02 10:00", cc=BEN)
    box.mail(
        "2026-11-02 10:01", ADA, DANA, cc=BEN, mailbox=2, sent=False, message_key="m1@mail.example"
    )
    box.mail("2026-11-03 10:00", in_reply_to="m1@mail.example", mailbox=2)
    assert conversations(box) == [1, 1, 1]


def test_an_equal_subject_joins_nobody() -> None:
    box = Box()
    box.mail("2026-11-02 10:00", subject="Invoice")
    box.mail("2026-11-03 10:00", subject="Re: Invoice")
    assert conversations(box) == [1, 2]


def test_a_sent_mail_without_references_joins_its_providers_thread() -> None:
    # Graph gives no internet headers for sent items.
    box = Box()
    box.mail("2026-11-02 10:00", thread_id="t")
    box.sent("2026-11-03 10:00", thread_id="t")
    assert conversations(box) == [1, 1]


def test_a_providers_thread_joins_nobody_without_a_common_person() -> None:
    # Outlook puts equal subjects of strangers into one conversation.
    box = Box()
    box.mail("2026-11-02 10:00", DANA, thread_id="t")
    box.mail("2026-11-03 10:00", FRITZ, thread_id="t")
    assert conversations(box) == [1, 2]


def test_a_colleague_who_names_a_mail_that_nobody_holds_answers_in_the_providers_thread() -> None:
    """Who was sent a mail on answers that one; and a relay gives ours another Message-ID."""
    box = Box()
    box.sent("2026-11-02 10:00", thread_id="t")
    box.mail("2026-11-03 10:00", EMIL, in_reply_to="inside@client.example", thread_id="t")
    assert conversations(box) == [1, 1]


def test_two_at_one_freemail_service_are_no_colleagues() -> None:
    box = Box()
    box.sent("2026-11-02 10:00", to="dana@gmail.com", thread_id="t")
    box.mail("2026-11-03 10:00", "zed@gmail.com", in_reply_to="x@client.example", thread_id="t")
    assert conversations(box) == [1, 2]


def test_a_colleague_who_names_a_mail_that_we_hold_answers_that_one() -> None:
    box = Box()
    box.sent("2026-11-02 10:00", thread_id="t")
    other = box.sent("2026-11-02 11:00", to=EMIL, thread_id="u")
    box.mail("2026-11-03 10:00", EMIL, re=other, thread_id="t")
    assert conversations(box) == [1, 2, 2]


def test_a_providers_thread_is_one_of_its_mailbox() -> None:
    box = Box()
    box.mailbox(2, BEN)
    box.mail("2026-11-02 10:00", thread_id="t")
    box.mail("2026-11-03 10:00", DANA, BEN, thread_id="t", mailbox=2)
    assert conversations(box) == [1, 2]


def test_references_beat_the_providers_thread() -> None:
    box = Box()
    first = box.sent("2026-11-02 10:00", thread_id="a")
    box.sent("2026-11-02 11:00", thread_id="b")
    box.mail("2026-11-03 10:00", re=first, thread_id="b")
    assert conversations(box) == [1, 2, 1]


def test_mails_without_a_message_id_do_not_meet_in_its_absence() -> None:
    box = Box()
    box.mail("2026-11-02 10:00", message_key="")
    box.mail("2026-11-03 10:00", message_key="")
    assert conversations(box) == [1, 2]


def test_a_mail_that_names_itself_is_alone() -> None:
    box = Box()
    box.mail("2026-11-02 10:00", message_key="a@b", in_reply_to="a@b", thread_id="t")
    box.mail("2026-11-03 10:00")
    assert conversations(box) == [1, 2]
