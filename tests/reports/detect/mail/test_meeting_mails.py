"""Is a meeting mail joined to its meeting, and never to somebody who is not in it?"""

from __future__ import annotations

import pytest

from tests.support.facts.mail_box import DANA, EMIL, FRITZ, Box, found, instant

GOOGLE = "calendar-notification@google.com"


def notices(box: Box) -> list[tuple[str, str, str, str]]:
    table = found(box).notices
    return list(
        zip(table["meeting_key"], table["contact"], table["kind"], table["confidence"], strict=True)
    )


def test_a_uid_joins_whatever_the_title() -> None:
    box = Box()
    box.meeting("2026-11-25 10:00", series_uid="u", recurrence_id="20261125T090000Z")
    box.meeting("2026-12-02 10:00", series_uid="u", recurrence_id="20261202T090000Z")
    box.mail(
        "2026-11-20 10:00",
        subject="Abgelehnt: anything",
        meeting_type="decline",
        meeting_uid="u",
        meeting_recurrence_id="20261202T090000Z",
    )
    assert notices(box) == [("u 20261202T090000Z", DANA, "decline", "uid")]


def test_a_uid_without_occurrence_is_about_all_that_is_to_come() -> None:
    box = Box()
    for day in ("2026-11-18", "2026-11-25", "2026-12-02"):
        box.meeting(f"{day} 10:00", series_uid="u", recurrence_id=day, organizer=DANA, guests=())
    box.mail("2026-11-20 10:00", meeting_type="cancel", meeting_uid="u")
    assert [key for key, *_ in notices(box)] == ["u 2026-11-25", "u 2026-12-02"]


def test_a_uid_with_a_start_is_about_that_occurrence() -> None:
    box = Box()
    for day in ("2026-11-25", "2026-12-02"):
        box.meeting(f"{day} 10:00", series_uid="u", recurrence_id=day)
    box.mail(
        "2026-11-20 10:00",
        meeting_type="accept",
        meeting_uid="u",
        meeting_start_at=instant("2026-12-02 10:00"),
    )
    assert notices(box) == [("u 2026-12-02", DANA, "accept", "uid")]


def test_googles_mail_joins_by_title_and_sender() -> None:
    box = Box()
    box.meeting("2026-11-25 10:00", subject="Budget")
    box.meeting("2026-11-25 11:00", subject="Other")
    box.mail(
        "2026-11-20 10:00",
        subject="Declined: Budget @ Wed Nov 25, 2026 10am - 11am (CET) (ada@ours.example)",
        sender_address=GOOGLE,
    )
    assert notices(box) == [("uid1 ", DANA, "decline", "title")]


@pytest.mark.parametrize(
    ("tail", "key", "confidence"),
    [
        ("Wed Dec 2, 2026 10am (CET)", "u 2026-12-02", "title"),
        ("Mi. 2. Dez. 2026 10:00 (MEZ)", "u 2026-12-02", "title"),
        ("Wed 2026-12-02 10:00 (CET)", "u 2026-12-02", "title"),
        ("Every week from 10:00 to 11:00 on Wednesday (CET)", "u 2026-11-25", "weak"),
        ("Wed Dec 2, 2025 10am (CET)", "u 2026-11-25", "weak"),
    ],
)
def test_of_equal_titles_the_date_decides_else_it_is_weak(
    tail: str, key: str, confidence: str
) -> None:
    box = Box()
    for day in ("2026-11-25", "2026-12-02", "2026-12-09"):
        box.meeting(f"{day} 10:00", subject="Weekly", series_uid="u", recurrence_id=day)
    box.mail("2026-11-20 10:00", subject=f"Declined: Weekly @ {tail}", sender_address=GOOGLE)
    assert notices(box) == [(key, DANA, "decline", confidence)]


def test_a_mail_long_after_the_start_is_about_no_meeting() -> None:
    def joined(at: str) -> int:
        box = Box()
        box.meeting("2026-11-18 10:00", subject="Budget")
        box.mail(at, subject="Declined: Budget", meeting_type="decline")
        return len(notices(box))

    assert joined("2026-11-18 12:00") == 1
    assert joined("2026-11-18 12:01") == 0


def test_a_mail_before_the_meeting_was_made_is_about_another() -> None:
    box = Box()
    box.meeting("2026-11-25 10:00", subject="Budget", created="2026-11-20 10:00")
    box.rows["meetings"][0]["first_seen_at"] = instant("2026-11-20 10:00")
    box.mail("2026-11-18 10:00", subject="Declined: Budget", meeting_type="decline")
    assert notices(box) == []


def test_who_is_not_in_the_meeting_did_nothing_to_it() -> None:
    box = Box()
    box.meeting("2026-11-25 10:00", subject="Budget")
    box.mail("2026-11-20 10:00", FRITZ, subject="Declined: Budget", meeting_type="decline")
    assert notices(box) == []


def test_an_assistants_answer_is_their_principals() -> None:
    box = Box()
    box.meeting("2026-11-25 10:00", subject="Budget")
    box.mail("2026-11-02 10:00", DANA, sender_address=EMIL)
    box.mail("2026-11-20 10:00", EMIL, subject="Declined: Budget", meeting_type="decline")
    table = found(box).notices
    assert table[["contact", "via"]].to_numpy().tolist() == [[DANA, EMIL]]


def test_a_sender_for_somebody_is_the_way_it_came() -> None:
    box = Box()
    box.meeting("2026-11-25 10:00", subject="Budget")
    box.mail(
        "2026-11-20 10:00", subject="Declined: Budget", meeting_type="decline", sender_address=EMIL
    )
    assert found(box).notices["via"].tolist() == [EMIL]


@pytest.mark.parametrize(("organizer", "kind"), [("ada@ours.example", "decline"), (DANA, "cancel")])
def test_absage_is_a_guests_no_and_an_organisers_cancellation(organizer: str, kind: str) -> None:
    box = Box()
    guests = (DANA,) if organizer != DANA else ()
    box.meeting("2026-11-25 10:00", subject="Budget", organizer=organizer, guests=guests)
    box.mail("2026-11-20 10:00", subject="Absage: Budget")
    assert notices(box) == [("uid1 ", DANA, kind, "title")]


def test_a_guest_cannot_cancel() -> None:
    box = Box()
    box.meeting("2026-11-25 10:00", subject="Budget")
    box.mail("2026-11-20 10:00", subject="Canceled event: Budget", sender_address=GOOGLE)
    assert notices(box) == [("uid1 ", DANA, "cancel", "weak")]


def test_an_update_is_a_move_and_a_request_an_invitation() -> None:
    box = Box()
    box.meeting("2026-11-25 10:00", subject="Budget", organizer=DANA, guests=())
    box.mail("2026-11-20 10:00", subject="Budget", meeting_type="request")
    box.mail("2026-11-21 10:00", subject="Updated: Budget", meeting_type="request")
    box.mail(
        "2026-11-21 10:00", subject="Meeting Forward Notification: Budget", meeting_type="none"
    )
    assert [kind for _, _, kind, _ in notices(box)] == ["invite", "move"]


def test_the_readers_address_and_the_clock_name_no_day() -> None:
    box = Box()
    for day in ("2026-11-10", "2026-11-25", "2026-12-02"):
        box.meeting(f"{day} 10:00", series_uid=day, subject="Budget")
    box.mail(
        "2026-11-09 10:00",
        subject="Declined: Budget @ Wed Nov 25, 2026 10:00 - 11:00 (CET) (ada10.02@ours.example)",
        headers="sender: calendar-notification@google.com",
        sender_address=GOOGLE,
    )
    assert notices(box) == [("2026-11-25 ", DANA, "decline", "title")]


@pytest.mark.parametrize(
    ("tail", "confidence"),
    [
        ("Wed Nov 25, 2026 10am - 11am (CET)", "title"),
        ("Wed Nov 25, 2026 4am - 5am (EST)", "title"),  # a calendar in another zone
        ("Thu Nov 26, 2026 12am - 1am (GMT+14)", "title"),
        ("Wed Nov 25, 2026", "title"),
        ("Mi 25. Nov. 2026 10:00 - 11:00 (MEZ)", "title"),
        ("Weekly from 10am to 11am on Wednesday (CET)", "title"),
        ("room 2026", "title"),
        ("Wed Nov 25, 2026 4pm - 5pm (CET)", "weak"),
        ("Mon May 3, 2027 10am - 11am (CEST)", "weak"),
        ("Mo 3. Mai 2027 10:00 - 11:00 (MESZ)", "weak"),
        ("2027-05-03 10:00 - 11:00 (CEST)", "weak"),
        ("Fri Nov 20, 2026 10am - 11am (CET)", "weak"),
    ],
)
def test_a_mail_that_names_another_time_is_about_a_meeting_that_no_calendar_showed(
    tail: str, confidence: str
) -> None:
    """Of the same title, with the same person: it was called off before a poll saw it, or lies too far ahead."""
    box = Box()
    box.meeting("2026-11-25 10:00", subject="Budget")
    box.mail(
        "2026-11-20 10:00",
        subject=f"Declined: Budget @ {tail} (ada@ours.example)",
        sender_address=GOOGLE,
    )
    assert notices(box) == [("uid1 ", DANA, "decline", confidence)]


@pytest.mark.parametrize(
    ("said", "confidence"), [("2026-11-25 10:00", "title"), ("2027-05-03 10:00", "weak")]
)
def test_a_start_that_the_provider_tells_without_the_meeting_decides(
    said: str, confidence: str
) -> None:
    """Microsoft 365 types a meeting mail and gives its start also where its event is gone."""
    box = Box()
    box.meeting("2026-11-25 10:00", subject="Budget")
    told = {"meeting_type": "decline", "meeting_start_at": instant(said)}
    box.mail("2026-11-20 10:00", subject="Declined: Budget", **told)
    assert notices(box) == [("uid1 ", DANA, "decline", confidence)]


def test_a_mail_that_names_an_earlier_time_of_a_meeting_is_about_it() -> None:
    box = Box()
    box.meeting("2026-11-27 10:00", subject="Budget")
    box.observe(1, "2026-11-25 10:00")
    subject = "Declined: Budget @ Wed Nov 25, 2026 10am - 11am (CET) (ada@ours.example)"
    box.mail("2026-11-20 10:00", subject=subject, sender_address=GOOGLE)
    assert notices(box) == [("uid1 ", DANA, "decline", "title")]


def test_a_mail_of_equal_title_is_about_the_meeting_of_its_writer() -> None:
    box = Box()
    box.meeting("2026-11-25 10:00", series_uid="hers", subject="Catch-up")
    box.meeting("2026-11-25 15:00", series_uid="theirs", subject="Catch-up", guests=(FRITZ,))
    box.mail("2026-11-20 10:00", subject="Declined: Catch-up", sender_address=GOOGLE)
    assert notices(box) == [("hers ", DANA, "decline", "title")]
