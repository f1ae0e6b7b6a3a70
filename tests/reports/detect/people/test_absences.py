"""Does an out-of-office open an absence, and only that?"""

from __future__ import annotations

import pandas as pd
import pytest

from tests.support.facts.mail_box import BEN, DANA, FRITZ, Box, found, instant

AWAY = "auto-submitted: auto-replied"


def absences(box: Box) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    table = found(box).absences
    return list(zip(table["opens_at"], table["closes_at"], strict=True))


def away(*moments: str, back: str = "", headers: str = AWAY, subject: str = "Away") -> Box:
    box = Box()
    for moment in moments:
        box.mail(moment, headers=headers, subject=subject)
    if back:
        box.mail(back)
    return box


def test_it_opens_one_business_day_before_and_lasts_fifteen() -> None:
    assert absences(away("2026-11-02 10:00")) == [
        (instant("2026-10-30 10:00"), instant("2026-11-23 10:00"))
    ]


def test_it_closes_with_their_next_human_act() -> None:
    assert absences(away("2026-11-02 10:00", back="2026-11-05 09:00")) == [
        (instant("2026-10-30 10:00"), instant("2026-11-05 09:00"))
    ]


def test_an_act_after_the_cap_changes_nothing() -> None:
    assert absences(away("2026-10-05 10:00", back="2026-11-05 09:00")) == [
        (instant("2026-10-02 10:00"), instant("2026-10-26 10:00"))
    ]


def test_absences_that_touch_are_one() -> None:
    box = away("2026-10-05 10:00", "2026-10-27 10:00")
    assert absences(box) == [(instant("2026-10-02 10:00"), instant("2026-11-17 10:00"))]
    assert found(box).absences["noticed_at"].tolist() == [instant("2026-10-05 10:00")]


def test_absences_that_do_not_touch_are_two() -> None:
    assert len(absences(away("2026-10-05 10:00", "2026-10-28 10:00"))) == 2


@pytest.mark.parametrize(
    "headers",
    [
        "auto-submitted: auto-generated",
        "content-type: multipart/report; report-type=disposition-notification\nauto-submitted: auto-replied",
        "list-id: <x>",
        "",
    ],
)
def test_what_is_no_notice_of_absence_opens_none(headers: str) -> None:
    assert absences(away("2026-11-02 10:00", headers=headers)) == []


@pytest.mark.parametrize(
    ("headers", "subject"),
    [
        ("return-path: <>\nx-auto-response-suppress: All", "Automatic reply: Offer"),
        ("auto-submitted: auto-generated", "Abwesenheitsnotiz"),
        ("x-autoreply: yes", "Re: Offer"),
        ("precedence: auto_reply", "Re: Offer"),
    ],
)
def test_what_real_programs_send_is_a_notice(headers: str, subject: str) -> None:
    assert len(absences(away("2026-11-02 10:00", headers=headers, subject=subject))) == 1


def test_a_machine_is_never_away() -> None:
    box = Box()
    box.mail("2026-11-02 10:00", "no-reply@client.example", headers=AWAY)
    box.mail("2026-11-02 10:00", BEN, headers=AWAY)
    assert absences(box) == []


def test_absences_of_two_people_do_not_meet() -> None:
    box = away("2026-11-02 10:00")
    box.mail("2026-11-02 10:00", FRITZ, headers=AWAY)
    assert found(box).absences["contact"].tolist() == [DANA, FRITZ]


def test_a_notice_of_tomorrow_is_not_known_today() -> None:
    box = away("2026-11-02 10:00")
    assert found(box, "2026-11-02 09:59").absences.empty
    assert len(found(box, "2026-11-02 10:00").absences) == 1
