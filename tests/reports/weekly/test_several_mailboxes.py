"""Does a report over one of several mailboxes list only whom that one shows, and say what it shows?"""

from __future__ import annotations

from typing import Any

import pytest

from reports.render.mail import Envelope, render
from reports.render.page import page
from reports.weekly import brief
from reports.weekly.build import claims, with_ids
from reports.weekly.person import Person
from reports.weekly.report import WeeklyReport
from tests.reports.weekly.test_lead import BOTH, FACTS, LATE, LEE, OMAR, listed, reports
from tests.support.facts import findings as b

KEPT = b.slot(OMAR, "2026-11-05 10:00", "kept")
#: Of mailbox 2 alone.
ASKS: dict[str, Any] = {
    "silences": [b.silence(LEE, "T2+", "2026-10-12 10:00", "2026-11-02 10:00", 2, mailbox_id=2)],
    "asks": [
        b.ask(LEE, "2026-10-12 10:00", mailbox_id=2),
        b.ask(LEE, "2026-11-02 10:00", mailbox_id=2),
        b.ask(LEE, "2026-03-02 10:00", open=False, mailbox_id=1),
    ],
}


def of(report: WeeklyReport, contact: str) -> Person:
    (one,) = [one for one in report.people if one.who.address == contact]
    return one


def mailed(report: WeeklyReport) -> str:
    return " ".join(render(report, Envelope("7Q3F2K")).text.split())


def test_whoever_was_late_on_another_mailbox_alone_is_on_no_list_here() -> None:
    kate, jonas = reports(slots=[dict(KEPT), *LATE[1:]], standings=[listed(k=2, n=3)])
    here = of(kate, OMAR)
    assert (here.tier, here.by, here.step, here.elsewhere) == ("", "", "", True)
    assert (here.k, here.n, here.here) == (2, 3, (0, 1))
    assert brief.choose(kate).people == ()
    assert kate.standings.contacts.keys() == set() or not kate.standings.contacts[OMAR].tier
    there = of(jonas, OMAR)
    assert (there.tier, there.by, there.step, there.here) == (
        "talk",
        "meetings",
        "ask-directly",
        (2, 2),
    )


def test_a_silence_of_another_mailbox_is_no_reason_here() -> None:
    standing = listed(LEE, by="silence", rules="T2+", k=0, n=0, step="another-way")
    kate, jonas = reports(slots=[], standings=[standing], **ASKS)
    assert [one.tier for one in kate.people if one.who.address == LEE] == [""]
    assert (of(jonas, LEE).tier, of(jonas, LEE).here) == ("talk", None)


@pytest.mark.parametrize(
    ("by", "tier", "of_kate"),
    [
        ("both", "talk", ("talk", "meetings", "ask-directly")),
        # Paused by the silence, which Jonas's mailbox shows: Kate's shows the meetings.
        ("silence", "pause", ("talk", "meetings", "")),
    ],
)
def test_of_two_reasons_the_one_that_this_mailbox_shows_is_told(
    by: str, tier: str, of_kate: tuple[str, str, str]
) -> None:
    late = [{**one, "contact": LEE, "mailbox_id": 1} for one in LATE]
    standing = listed(LEE, by=by, rules="R1 T2+ T3", k=3, n=3) | {"tier": tier}
    kate, jonas = reports(slots=late, standings=[standing], **ASKS)
    one = of(kate, LEE)
    assert (one.tier, one.by, one.step) == of_kate
    other = of(jonas, LEE)
    assert (other.tier, other.by) == (tier, "silence")


def test_who_was_let_go_is_not_listed_by_the_rules_that_hold() -> None:
    kate, _ = reports(standings=[listed(by="", step="") | {"tier": ""}])
    assert of(kate, OMAR).tier == ""
    assert not of(kate, OMAR).elsewhere


def test_the_mail_says_how_much_of_a_share_its_mailbox_shows() -> None:
    kate, jonas = reports(standings=[listed()])
    assert "they 3 of 5" in mailed(kate)
    assert "In this mailbox 1 of 1." in mailed(kate)
    assert "In this mailbox 2 of 2." in mailed(jonas)


def test_a_reply_that_another_mailbox_owes_is_not_asked_of_this_one() -> None:
    owed = [b.owed(OMAR, "2026-11-10 10:00", 12, mailbox_id=2)]
    made = reports(standings=[listed(step="answer-first", owed=1)], owed=owed)
    shown = [page.render(with_ids(one, dict.fromkeys(claims(one), "7Q3F2K"))) for one in made]
    assert ["answer first, from another mailbox" in one for one in shown] == [True, False]


def test_a_report_over_all_mailboxes_says_nothing_of_mailboxes() -> None:
    found = b.findings(
        seen=BOTH, slots=[dict(KEPT), *LATE], standings=[listed(k=3, n=4), listed(LEE)], **ASKS
    )
    made = b.build(found, b.facts(**FACTS))
    assert (of(made, OMAR).tier, of(made, OMAR).here) == ("talk", None)
    assert "this mailbox" not in mailed(made)
