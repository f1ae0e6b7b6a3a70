"""Is a mailbox that confirms every mail told from a person who is away now and then?"""

from __future__ import annotations

import pytest

from tests.support.facts.mail_box import DANA, EMIL, Box, found

NULL = "return-path: <>"
DAYS = ["2026-09-14", "2026-09-28", "2026-10-12", "2026-10-26"]


def asked(
    box: Box, headers: str = NULL, subject: str = "We have it", days: list[str] = DAYS
) -> None:
    """A mail of ours to Dana on each day, answered a minute later by a machine."""
    for day in days:
        ours = box.sent(f"{day} 10:00", subject=f"Offer of {day}")
        box.mail(f"{day} 10:01", re=ours, headers=headers, subject=subject)


def classes(box: Box, contact: str = DANA) -> list[str]:
    mails = found(box).mails
    return mails.loc[mails["contact"] == contact, "mail_class"].tolist()


@pytest.mark.parametrize(
    "headers",
    [
        NULL,
        "auto-submitted: auto-replied",
        "auto-submitted: auto-generated",
        "x-autoreply: yes",
        f"auto-submitted: auto-generated\n{NULL}",
    ],
)
def test_a_mailbox_that_answers_each_mail_by_itself_confirms_from_the_first_on(
    headers: str,
) -> None:
    box = Box()
    asked(box, headers)
    assert classes(box) == ["confirming"] * 4


def test_what_a_phrase_table_knows_means_away_however_often_it_comes() -> None:
    box = Box()
    asked(box, subject="Automatic reply: Offer")
    assert classes(box) == ["auto"] * 4


def test_a_notice_of_absence_among_confirmations_still_means_away() -> None:
    box = Box()
    asked(box)
    box.mail("2026-11-02 10:00", headers=NULL, subject="Out of office: Offer")
    assert classes(box) == ["confirming"] * 4 + ["auto"]


def test_somebody_who_is_away_three_times_a_year_confirms_nothing() -> None:
    box = Box()
    for month in ("08", "09", "10"):
        for day in ("03", "10", "17", "24"):
            box.sent(f"2026-{month}-{day} 10:00", subject=f"Offer of {day}.{month}.")
    for day in ("2026-08-03", "2026-09-10", "2026-10-24"):
        box.mail(f"{day} 10:01", headers=NULL, subject="Sjálfvirkt svar")
    assert classes(box) == ["auto"] * 3


def test_three_answers_within_one_absence_confirm_nothing() -> None:
    box = Box()
    asked(box, days=["2026-09-14", "2026-09-21", "2026-10-01"])
    assert classes(box) == ["auto"] * 3


def test_a_mailbox_that_confirms_says_nothing_of_others_in_its_house() -> None:
    box = Box()
    asked(box)
    box.mail("2026-10-27 10:00", EMIL, headers=NULL, subject="We have it")
    assert classes(box, EMIL) == ["auto"]


def test_receipts_and_reports_are_no_confirmations() -> None:
    box = Box()
    receipt = "content-type: multipart/report; report-type=disposition-notification"
    asked(box, f"{NULL}\n{receipt}", subject="Read: Offer")
    assert classes(box) == ["auto"] * 4


def test_what_was_written_by_hand_stays_so() -> None:
    box = Box()
    asked(box)
    box.mail("2026-11-02 10:00", subject="We have it")
    assert classes(box)[-1] == "human"


def test_copies_in_two_mailboxes_are_one_answer() -> None:
    box = Box()
    box.mailbox(2, "ben@ours.example")
    for day in ("2026-09-14", "2026-10-26"):
        for mailbox in (1, 2):
            box.mail(
                f"{day} 10:01", mailbox=mailbox, message_key=f"{day}@x", headers=NULL, subject="Got"
            )
    assert classes(box) == ["auto"] * 4
