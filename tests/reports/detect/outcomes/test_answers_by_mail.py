"""Which mails to oneself are answers, and to which claims?"""

from __future__ import annotations

import pytest

from reports.detect.outcomes import answers
from tests.support.facts import findings as b


def heard(*subjects: str) -> answers.ByMail:
    """What is heard in mails with these subjects, from Kate to Kate."""
    mails = [
        {
            "message_id": number,
            "message_key": f"{number}@x",
            "subject": subject,
            "at": b.at("2026-11-18 09:00"),
            "from_address": b.KATE,
            "sent": True,
        }
        for number, subject in enumerate(subjects)
    ]
    to = [{"message_id": one["message_id"], "role": "to", "address": b.KATE} for one in mails]
    return answers.by_mail(b.facts(messages=mails, recipients=to), b.OURS, b.NOW)


def pairs(found: answers.ByMail) -> list[tuple[str, str]]:
    return list(zip(found.answers["claim_id"], found.answers["word"], strict=True))


def test_several_ids_before_one_word_are_an_answer_each() -> None:
    found = heard("noshow 7Q3F2K K3X9QD wrong")
    assert pairs(found) == [("7Q3F2K", "wrong"), ("K3X9QD", "wrong")]
    assert found.remarks == ()


@pytest.mark.parametrize(
    "subject",
    ["Re: noshow 7q3f2k, k3x9qd Wrong", "noshow 7Q3F2K,K3X9QD  wrong", "noshow 7Q3F2K K3X9QD, wrong,",
     "noshow 7Q3F2K K3X9QD 7Q3F2K wrong", "AW: Re: NOSHOW 7Q3F2K K3X9QD wrong "],
)  # fmt: skip
def test_ids_may_be_written_as_people_write_lists(subject: str) -> None:
    assert pairs(heard(subject)) == [("7Q3F2K", "wrong"), ("K3X9QD", "wrong")]


def test_what_is_no_id_among_ids_is_named_and_the_others_count() -> None:
    found = heard("noshow 7Q3F2K K3X9Q wrong")
    assert pairs(found) == [("7Q3F2K", "wrong")]
    assert tuple(one.text for one in found.remarks) == (
        "An answer 'wrong' names 'K3X9Q', which is no id.",
    )


@pytest.mark.parametrize(
    "subject",
    ["noshow report for monday", "noshow: wrong", "noshow wrong", "noshow", "the noshow 7Q3F2K wrong",
     "noshow my notes about 7Q3F2K"],
)  # fmt: skip
def test_a_mail_that_only_speaks_of_noshow_is_no_answer(subject: str) -> None:
    found = heard(subject)
    assert pairs(found) == []
    assert found.message_ids == frozenset()


def test_a_subject_of_a_hundred_thousand_blanks_is_read_at_once() -> None:
    assert pairs(heard("noshow 7Q3F2K" + " " * 100_000 + "wrong")) == [("7Q3F2K", "wrong")]
