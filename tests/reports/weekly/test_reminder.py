"""Whom does the reminder of the day before name, and whom not any more?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from reports.columns.business_days import Calendar
from reports.render import notes
from reports.render.mail import Envelope
from reports.weekly import reminder
from reports.weekly.report import Coming
from tests.support.facts import findings as b

OMAR = "omar.haddad@client.example"


def reminded(
    now: str, *, facts: Any = None, acts: list[dict[str, Any]] | None = None, **coming: Any
) -> tuple[Coming, ...]:
    """What the reminder of this moment names, where Omar is on the list by 2 of 2."""
    start = coming.pop("start", "2026-11-25 11:00")
    helper = coming.pop("helper", "")
    as_of = b.at(now)
    found = b.findings(
        as_of=as_of,
        slots=[b.slot(OMAR, f"2026-11-{day} 10:00", "cancelled_late") for day in ("10", "17")],
        standings=[b.standing(OMAR, "talk", by="meetings", rules="R1", k=2, n=2, step="ask-directly")],
        coming=[b.coming(OMAR, start, **({"k": 2, "n": 2, "accepted": True} | coming))],
        acts=acts or [],
        assistants=[{"assistant": helper, "principal": OMAR, "name": ""}] if helper else [],
    )  # fmt: skip
    known = facts or b.facts(standings=[{"mailbox_id": 1, "week": "2026-W47", "at": b.NOW}])
    report = replace(b.build(found, known), as_of=as_of)
    return reminder.worth_a_word(report, found, known, b.OURS)


def test_the_day_before_a_meeting_with_somebody_on_the_list_is_named() -> None:
    (one,) = reminded("2026-11-24 16:00")
    assert one.who.address == OMAR


@pytest.mark.parametrize(
    ("now", "start", "named"),
    [
        ("2026-11-23 16:00", "2026-11-25 11:00", False),
        ("2026-11-25 08:00", "2026-11-25 11:00", False),
        ("2026-11-27 16:00", "2026-11-30 09:00", True),
        ("2026-11-27 16:00", "2026-11-28 09:00", True),
        ("2026-11-28 16:00", "2026-11-30 09:00", False),
    ],
    ids=["two days before", "the day itself", "Friday for Monday", "Friday for Saturday", "a Saturday rests"],
)  # fmt: skip
def test_it_comes_on_the_working_day_before(now: str, start: str, named: bool) -> None:
    assert bool(reminded(now, start=start)) is named


def test_none_where_they_wrote_since_the_last_report() -> None:
    assert not reminded("2026-11-24 16:00", acts=[b.act(OMAR, "2026-11-24 09:00")])
    assert reminded("2026-11-24 16:00", acts=[b.act(OMAR, "2026-11-20 09:00")])


def test_none_where_it_was_set_anew_since() -> None:
    assert not reminded("2026-11-24 16:00", agreed_at=b.at("2026-11-24 10:00"))
    assert reminded("2026-11-24 16:00", agreed_at=b.at("2026-11-10 10:00"))


def test_none_where_we_wrote_to_them_since() -> None:
    mail = {"message_id": 5, "sent": True, "at": b.at("2026-11-24 09:30")}
    to = {"message_id": 5, "role": "to", "address": OMAR}
    standings = [{"mailbox_id": 1, "week": "2026-W47", "at": b.NOW}]
    facts = b.facts(messages=[mail], recipients=[to], standings=standings)
    assert not reminded("2026-11-24 16:00", facts=facts)


@pytest.mark.parametrize(
    ("written_to", "named"),
    [
        ("omar@home.example", False),
        ("ana@client.example", False),
        ("bo@client.example", True),
    ],
    ids=["their other address", "who acts for them", "a colleague"],
)
def test_a_word_to_their_other_address_or_assistant_is_one(written_to: str, named: bool) -> None:
    facts = b.facts(
        messages=[{"message_id": 5, "sent": True, "at": b.at("2026-11-24 09:30")}],
        recipients=[{"message_id": 5, "role": "to", "address": written_to}],
        standings=[{"mailbox_id": 1, "week": "2026-W47", "at": b.NOW}],
        tags=[{"address": "omar@home.example", "word": "same-person", "value": OMAR, "at": b.NOW}],
    )
    assert bool(reminded("2026-11-24 16:00", facts=facts, helper="ana@client.example")) is named


def test_what_another_reader_was_told_meanwhile_is_no_report_of_this_one() -> None:
    """They wrote after this reader's report and before a colleague's, which came the day after."""
    standings = [
        {"mailbox_id": 1, "week": "2026-W47", "at": b.NOW},
        {"mailbox_id": 2, "week": "2026-W47", "at": b.at("2026-11-24 12:00")},
    ]
    wrote = [b.act(OMAR, "2026-11-24 09:00")]
    assert not reminded("2026-11-24 16:00", facts=b.facts(standings=standings), acts=wrote)
    told = [standings[0] | {"at": b.at("2026-11-24 12:00")}]
    assert reminded("2026-11-24 16:00", facts=b.facts(standings=told), acts=wrote)


@pytest.mark.parametrize("read", [True, False])
def test_a_reminder_by_a_calendar_that_was_not_read_says_so_and_counts_nothing(read: bool) -> None:
    seen = b.coverage() if read else b.coverage(complete_to=None, problems=("no answer",))
    report = b.build(b.findings(seen=(seen,)))
    mail = notes.day_before(report, reminded("2026-11-24 16:00"), Envelope())
    assert "2 of 2" not in mail.text or read
    assert ("if it still stands" in mail.text) is not read
    assert ("Nothing could be read to its end yet." in mail.text) is not read
    assert mail.subject == "Confirm Wednesday 11:00 with Omar"


def test_none_for_somebody_who_is_on_no_list() -> None:
    assert not reminded("2026-11-24 16:00", k=0)


def test_the_mail_is_short_and_holds_the_draft() -> None:
    meetings = reminded("2026-11-24 16:00")
    report = b.build(b.findings())
    mail = notes.day_before(report, meetings, Envelope("7Q3F2K"))
    assert mail.subject == "Confirm Wednesday 11:00 with Omar (7Q3F2K)"
    assert "mailto:omar.haddad@client.example?subject=" in mail.html
    assert len(mail.text.split()) < 80


def test_a_holiday_is_no_working_day() -> None:
    ours = replace(b.OURS, countries=("DE",))
    days = Calendar(ours.zone, ours.countries, ours.weekend)
    assert reminder.next_working_day(date(2026, 12, 24), days, ours.zone) == date(2026, 12, 28)
    assert reminder.next_working_day(date(2026, 12, 31), days, ours.zone) == date(2027, 1, 4)


def test_the_moment_is_read_in_the_owners_zone() -> None:
    late = pd.Timestamp("2026-11-23 23:30", tz="UTC")
    (one,) = reminded(str(late.tz_convert(b.ZONE).tz_localize(None)))
    assert one.start_at == b.at("2026-11-25 11:00")
