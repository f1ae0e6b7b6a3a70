"""Is a silence named by the rule it has reached, and not named where we did not look?"""

from __future__ import annotations

import pandas as pd
import pytest

from tests.support.facts.mail_box import BEN, DANA, EMIL, FRITZ, Box, Found, found, instant


def silent(*moments: str, heard: str = "2026-06-01 10:00", contact: str = DANA) -> Box:
    """Openers to a contact who, unless `heard` is empty, once wrote to us."""
    box = Box()
    if heard:
        box.mail(heard, contact)
    for number, moment in enumerate(moments):
        box.sent(moment, to=contact, subject=f"s{number}")
    return box


@pytest.mark.parametrize(
    ("now", "rule"),
    [
        ("2026-11-05 23:59", ""),
        ("2026-11-06 00:00", "T1"),
        ("2026-11-09 23:59", "T1"),
        ("2026-11-10 00:00", "T2"),
    ],
)
def test_one_ask_awaits_after_three_days_and_is_unanswered_after_five(now: str, rule: str) -> None:
    assert found(silent("2026-11-02 10:00"), now).rule() == rule


def test_two_distinct_asks_to_somebody_in_dialogue_are_talk() -> None:
    assert found(silent("2026-11-02 10:00", "2026-11-03 10:00")).rule() == "T2"
    assert found(silent("2026-11-02 10:00", "2026-11-04 10:00")).rule() == "T2+"


def test_a_second_ask_counts_only_when_its_own_clock_has_run() -> None:
    assert found(silent("2026-11-02 10:00", "2026-11-13 10:00"), "2026-11-20 23:59").rule() == "T2"
    assert found(silent("2026-11-02 10:00", "2026-11-13 10:00"), "2026-11-21 00:00").rule() == "T2+"


@pytest.mark.parametrize(
    ("last", "rule"), [("2026-11-11 09:59", "T2+"), ("2026-11-11 10:00", "T3")]
)
def test_three_asks_over_fourteen_days_are_persistent(last: str, rule: str) -> None:
    box = silent("2026-10-28 10:00", "2026-11-04 10:00", last)
    assert found(box).rule() == rule


def test_two_asks_over_a_month_are_not_persistent() -> None:
    assert found(silent("2026-10-05 10:00", "2026-11-04 10:00")).rule() == "T2+"


def test_the_same_to_somebody_never_engaged_is_cold() -> None:
    days = ("2026-10-05 10:00", "2026-10-14 10:00", "2026-11-04 10:00")
    assert found(silent(*days, heard="")).rule() == "T4"
    assert found(silent(*days[:2], heard="")).rule() == "T2"


def test_somebody_warm_is_not_cold() -> None:
    box = silent("2026-10-05 10:00", "2026-10-14 10:00", "2026-11-04 10:00", heard="")
    box.tag("2026-11-01 10:00", DANA, "warm")
    assert found(box).rule() == "T3"


def test_a_dead_address_is_its_own_section() -> None:
    box = silent("2026-10-05 10:00", "2026-10-14 10:00", "2026-11-04 10:00")
    box.mail(
        "2026-11-04 10:01",
        "mailer-daemon@h.example",
        headers="x-failed-recipients: dana@client.example",
    )
    result = found(box)
    assert result.rule() == "T5"
    assert result.silences["asks"].tolist() == [3]


def test_calls_count_as_asks_and_are_counted_apart() -> None:
    box = silent("2026-10-05 10:00", "2026-10-14 10:00")
    box.call("2026-11-04 10:00")
    row = found(box).silences.iloc[0]
    assert row[["rule", "asks", "calls", "evidence"]].tolist() == ["T3", 3, 1, "m2 m3 c1"]


def test_where_nobody_called_no_call_is_counted() -> None:
    row = found(silent("2026-10-05 10:00", "2026-10-14 10:00")).silences.iloc[0]
    assert row[["rule", "asks", "calls"]].tolist() == ["T2+", 2, 0]


def test_it_says_since_when_and_last_heard() -> None:
    row = found(silent("2026-10-05 10:00", "2026-10-14 10:00")).silences.iloc[0]
    assert row["first_ask_at"] == instant("2026-10-05 10:00")
    assert row["last_ask_at"] == instant("2026-10-14 10:00")
    assert row["last_heard_at"] == instant("2026-06-01 10:00")
    assert row["evidence_key"] == f"{DANA} m2@mail.example"


def test_an_answer_after_the_asks_is_no_silence() -> None:
    box = silent("2026-10-05 10:00", "2026-10-14 10:00")
    box.mail("2026-11-20 10:00")
    assert found(box).silences.empty


def unread(not_after: str | None, stream: str = "mail") -> Found:
    box = silent("2026-10-05 10:00", "2026-10-14 10:00")
    moment = pd.NaT if not_after is None else instant(not_after)
    box.add("pending", mailbox_id=2, stream=stream, provider_id="p", not_after=moment)
    return found(box)


@pytest.mark.parametrize(
    ("not_after", "rule"),
    [("2026-10-05 09:59", "T2+"), ("2026-10-05 10:00", "unknown"), (None, "unknown")],
)
def test_unread_mail_since_the_first_ask_makes_it_unknown(not_after: str | None, rule: str) -> None:
    result = unread(not_after)
    assert result.rule() == rule
    assert result.silences["why"].tolist() == (["not-all-read"] if rule == "unknown" else [""])


def test_an_unread_calendar_hides_no_mail() -> None:
    assert unread(None, "calendar:x").rule() == "T2+"


@pytest.mark.parametrize(
    ("at", "rule"), [("2026-10-04 10:00", "T2+"), ("2026-10-06 10:00", "unknown")]
)
def test_their_bulk_mail_after_an_ask_makes_it_unknown(at: str, rule: str) -> None:
    box = silent("2026-10-05 10:00", "2026-10-14 10:00")
    box.mail(at, headers="list-unsubscribe: <x>")
    result = found(box)
    assert result.rule() == rule
    assert result.silences["why"].tolist() == (["bulk-answer"] if rule == "unknown" else [""])


@pytest.mark.parametrize(
    ("began", "grade"), [("2026-10-05 10:00", "certain"), ("2026-10-05 10:01", "likely")]
)
def test_a_silence_begun_before_live_sync_is_likely_at_most(began: str, grade: str) -> None:
    box = silent("2026-10-05 10:00", "2026-10-14 10:00")
    box.rows["polls"].clear()
    box.looked(1, began)
    for week in range(1, 7):
        box.looked(1, str(instant("2026-10-05 10:00") + pd.Timedelta(weeks=week)), kind="delta")
    assert found(box).silences["grade"].tolist() == [grade]


def test_a_silence_in_a_mailbox_from_files_is_likely() -> None:
    box = silent("2026-10-05 10:00", "2026-10-14 10:00")
    box.rows["polls"].clear()
    box.looked(1, "2026-11-23 00:00", kind="import")
    assert found(box, read=False).silences["grade"].tolist() == ["likely"]


def test_a_silence_belongs_to_the_mailbox_that_asked_most() -> None:
    box = silent("2026-10-05 10:00")
    box.mailbox(2, BEN)
    for day in ("2026-10-14", "2026-10-21"):
        box.mail(f"{day} 10:00", BEN, DANA, mailbox=2, subject=day)
    assert found(box).silences["mailbox_id"].tolist() == [2]


@pytest.mark.parametrize(
    ("at", "contact", "colleague"),
    [
        ("2026-08-25 08:00", EMIL, EMIL),
        ("2026-08-25 07:59", EMIL, ""),
        ("2026-11-01 10:00", FRITZ, ""),
        ("2026-11-01 10:00", "no-reply@client.example", ""),
    ],
)
def test_a_colleague_who_wrote_within_ninety_days_may_be_asked(
    at: str, contact: str, colleague: str
) -> None:
    box = silent("2026-10-05 10:00", "2026-10-14 10:00")
    box.mail(at, contact)
    assert found(box).silences["colleague"].tolist() == [colleague]


def test_a_colleague_who_is_silent_too_is_not_proposed() -> None:
    box = silent("2026-10-05 10:00", "2026-10-14 10:00")
    box.mail("2026-10-01 10:00", EMIL)
    box.sent("2026-11-02 10:00", to=EMIL)
    table = found(box).silences.set_index("contact")
    assert table.loc[DANA, "colleague"] == ""


def test_two_silent_people_are_two_lines() -> None:
    box = silent("2026-10-05 10:00", "2026-10-14 10:00")
    box.sent("2026-11-02 10:00", to=FRITZ)
    assert found(box).silences[["contact", "rule"]].to_numpy().tolist() == [
        [DANA, "T2+"],
        [FRITZ, "T2"],
    ]
