"""Is what strangers send a line a kind and week, and the user's own always named before it?"""

from __future__ import annotations

import pandas as pd
import pytest

from config.policy import Policy
from reports.detect.outcomes.remarks import Foreign, Notices, Remark, noticed
from reports.weekly import brief
from tests.support.facts import findings as b

ZONE = "Europe/Berlin"
OWN = "An answer to 7Q3F2K was sent by a mail not to this mailbox alone: not obeyed."


def forged(*moments: str, kind: Foreign = Foreign.ANSWER) -> list[Remark]:
    return [Remark(pd.Timestamp(at, tz="UTC"), foreign=kind) for at in moments]


def told(remarks: list[Remark], as_of: str = "2026-11-23 07:00") -> Notices:
    return noticed(remarks, Policy(), pd.Timestamp(as_of, tz="UTC"), ZONE)


def test_a_hundred_of_one_week_are_one_line() -> None:
    (line,) = told(forged(*["2026-11-17 09:00"] * 99, "2026-11-18 09:00")).lines
    assert line.startswith("100 mails look like answers")
    assert "last 2026-11-18" in line


def test_each_kind_and_each_week_has_its_own_line_the_newest_week_first() -> None:
    sent = [
        *forged("2026-11-10 09:00", "2026-11-17 09:00", "2026-11-18 09:00", "2026-11-03 09:00"),
        *forged("2026-11-17 10:00", kind=Foreign.CALL),
    ]
    lines = told(sent).lines
    assert [line.partition("(")[2].partition(")")[0] for line in lines] == [
        "last 2026-11-18",
        "2026-11-17",
        "2026-11-10",
        "2026-11-03",
    ]
    assert lines[1].startswith("One mail looks like a logged call")


def test_a_second_report_in_one_week_adds_to_the_line_of_that_week() -> None:
    sent = forged("2026-11-17 09:00", "2026-11-19 09:00")
    first, second = told(sent[:1], "2026-11-18 07:00"), told(sent, "2026-11-20 07:00")
    assert (len(first.lines), len(second.lines)) == (1, 1)
    assert first.lines[0].startswith("One mail looks like an answer")
    assert second.lines[0].startswith("2 mails look like answers")


@pytest.mark.parametrize(
    ("zone", "weeks"), [("Europe/Berlin", 2), ("Pacific/Kiritimati", 1), ("Pacific/Pago_Pago", 1)]
)
def test_the_week_is_the_readers(zone: str, weeks: int) -> None:
    """Sunday 23:30 of Berlin is Monday in Kiritimati; Monday 10:00 is Sunday in Pago Pago."""
    sent = forged("2026-11-15 22:30", "2026-11-16 09:00")
    now = pd.Timestamp("2026-11-23 07:00", tz="UTC")
    assert len(noticed(sent, Policy(), now, zone).lines) == weeks


def test_what_is_older_than_a_question_lives_is_named_no_more() -> None:
    assert told(forged("2026-10-20 09:00")).lines == ()


def test_the_users_own_are_first_however_many_strangers_write() -> None:
    sent = [
        *forged(*[f"2026-11-{day:02d} 09:00" for day in range(1, 23)]),
        Remark(pd.Timestamp("2026-11-22 10:00", tz="UTC"), "It was called off by Ana.", own=False),
        Remark(pd.Timestamp("2026-11-02 09:00", tz="UTC"), OWN),
        Remark(pd.Timestamp("2026-11-02 09:00", tz="UTC"), OWN),
        Remark(pd.Timestamp("2026-06-02 09:00", tz="UTC"), "An old slip."),
    ]
    found = told(sent)
    assert found.own == 1
    assert found.lines[:3] == (OWN, "An old slip.", "It was called off by Ana.")


def test_the_mail_names_all_of_the_users_own_and_says_how_much_more_there_is() -> None:
    own = tuple(f"An answer to {number} was sent elsewhere." for number in range(5))
    others = ("Forged.", "Forged, too.")
    report = b.build(b.findings(notices=(*own, *others), own_notices=5))
    chosen = brief.choose(report)
    assert chosen.notices == own
    assert chosen.more == 2
