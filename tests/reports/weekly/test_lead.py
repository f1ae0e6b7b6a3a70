"""Does the lead's view say only what sellers' reports say, and nothing of a seller's own side?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reports.render import lead as writing
from reports.render.mail import Envelope
from reports.render.writer import Pen
from reports.weekly import lead
from reports.weekly.lead import LeadView
from reports.weekly.report import WeeklyReport
from tests.support.facts import findings as b

KATE, JONAS = b.KATE, "jonas@ourco.example"
OMAR, LEE = "omar.haddad@client.example", "lee.park@vendor.example"
FACTS = {
    "mailboxes": [
        {"mailbox_id": 1, "address": KATE, "provider": "google", "zone": b.ZONE},
        {"mailbox_id": 2, "address": JONAS, "provider": "google", "zone": b.ZONE},
    ]
}
BOTH = (b.coverage(), b.coverage(mailbox_id=2, address=JONAS))
LATE = [
    b.slot(OMAR, "2026-11-10 10:00", "cancelled_late"),
    b.slot(OMAR, "2026-11-12 10:00", "cancelled_late", mailbox_id=2),
    b.slot(OMAR, "2026-11-17 10:00", "absent", mailbox_id=2),
]


def listed(contact: str = OMAR, **more: Any) -> dict[str, Any]:
    known = {"by": "meetings", "rules": "R1", "k": 3, "n": 5, "step": "ask-directly"}
    return b.standing(contact, "talk", **(known | more))


def reports(seen: Any = BOTH, **rows: Any) -> list[WeeklyReport]:
    """Kate's report and Jonas's, of the same findings."""
    found = b.findings(seen=seen, **({"slots": [dict(one) for one in LATE]} | rows))
    names = {KATE: "Kate Lind", JONAS: "Jonas Weber"}
    return [b.build(found, b.facts(**FACTS), mailboxes=[box], names=names) for box in (1, 2)]


def viewed(made: list[WeeklyReport], hours: dict[str, float] | None = None) -> LeadView:
    return lead.view(made, hours or {}, mailboxes=2)


def test_who_was_late_on_two_is_joined_with_whose_mailbox_said_what() -> None:
    (one,) = viewed(reports(standings=[listed()]), {OMAR: 3.0}).shared
    assert (one.who.address, one.k, one.n, one.late_on, one.lists, one.hours) == (
        OMAR,
        3,
        5,
        2,
        2,
        3.0,
    )
    assert [(told.seller.name, len(told.late)) for told in one.told] == [
        ("Jonas Weber", 2),
        ("Kate Lind", 1),
    ]


def test_who_is_listed_for_nobody_is_not_in_it() -> None:
    made = reports(standings=[b.standing(OMAR, "", k=3, n=20)])
    assert viewed(made, {OMAR: 3.0}) == LeadView((), (), 2, 2)


def test_one_sellers_own_matter_is_in_it_only_for_the_hours_that_it_cost() -> None:
    made = reports(slots=[dict(LATE[0])], standings=[listed(k=1, n=1)])
    assert viewed(made) == LeadView((), (), 2, 2)
    view = viewed(made, {OMAR: 1.0})
    assert (view.shared, [one.who.address for one in view.costly]) == ((), [OMAR])


def test_where_as_many_changes_were_ours_nothing_is_said_of_theirs() -> None:
    made = reports(standings=[listed(own_late=3)])
    assert viewed(made, {OMAR: 3.0}) == LeadView((), (), 2, 2)


def test_where_as_many_changes_of_ours_are_still_a_question_nothing_is_said_of_theirs() -> None:
    """Two on Jonas of theirs, and as many of his own of which he has not said who needed them."""
    asked = [
        b.slot(OMAR, f"2026-11-{day} 15:00", "unknown", rule="M6", mailbox_id=2)
        for day in (3, 4, 5)
    ]
    made = reports(standings=[listed(unknown=3)], slots=[dict(one) for one in (*LATE, *asked)])
    (one,) = viewed(made, {OMAR: 3.0}).costly
    assert [told.seller.name for told in one.told] == ["Kate Lind"]
    fewer = reports(standings=[listed(unknown=1)], slots=[dict(one) for one in (*LATE, asked[0])])
    assert [one.lists for one in viewed(fewer).shared] == [2]


def test_a_silence_is_not_told_where_the_seller_owes_the_reply() -> None:
    quiet = {
        "slots": [],
        "silences": [b.silence(LEE, "T2+", "2026-10-12 10:00", "2026-11-02 10:00", 2)],
        "asks": [b.ask(LEE, "2026-10-12 10:00"), b.ask(LEE, "2026-11-02 10:00")],
        "standings": [listed(LEE, by="silence", rules="T2+", k=0, n=0)],
    }
    asked = viewed(reports(**quiet))
    assert asked.shared == asked.costly == ()
    both = {
        "silences": [*quiet["silences"], b.silence(LEE, "T2+", "2026-10-13 10:00", "2026-11-03 10:00", 2, mailbox_id=2)],
        "asks": [*quiet["asks"], b.ask(LEE, "2026-10-13 10:00", mailbox_id=2)],
    }  # fmt: skip
    (one,) = viewed(reports(**(quiet | both))).shared
    assert [told.quiet is not None for told in one.told] == [True, True]
    owes = {"owed": [b.owed(LEE, "2026-11-13 10:00", 6)]}
    made = viewed(reports(**(quiet | both | owes)))
    assert made.shared == ()


def test_a_mailbox_that_is_not_read_to_its_end_says_nothing_and_is_counted() -> None:
    old = b.coverage(mailbox_id=2, address=JONAS, complete_to=b.at("2026-11-19 14:05"))
    view = viewed(reports(seen=(b.coverage(), old), standings=[listed()]))
    assert (view.shared, view.used, view.mailboxes) == ((), 1, 2)
    made = reports(standings=[listed()])
    text = writing.render(Pen(made[0]), view, Envelope()).text
    assert "1 of 2 mailboxes stand behind this" in " ".join(text.split())


def test_the_hours_are_those_of_late_changes_that_count_within_the_time_that_counts() -> None:
    old = b.slot(OMAR, "2026-03-10 10:00", "cancelled_late")
    slots = b.findings(
        slots=[*(dict(one) for one in LATE), old, b.slot(LEE, "2026-11-10 11:00")]
    ).slots
    assert lead.lost_hours(slots, b.NOW, 180) == {OMAR: 3.0}


def test_the_mail_has_no_title_no_link_no_id_and_no_step_of_anybody() -> None:
    made = reports(standings=[listed()])
    mail = writing.render(Pen(made[0]), viewed(made, {OMAR: 3.0}), Envelope("7Q3F2K"))
    assert mail.subject.endswith("(7Q3F2K)")
    assert "late on 2 of the team" in mail.html
    for text in (mail.text, mail.html.partition("<body")[2]):
        for own in ("Review", "href=", "mailto:", "noshow stop", "Ask what", "You called"):
            assert own not in text, own


def test_sellers_are_told_only_where_there_is_a_lead() -> None:
    from reports.render.mail import render

    (kate, _) = reports(standings=[listed()])
    assert "Who else sees" not in render(kate).text
    said = " ".join(render(replace(kate, lead="boss@ourco.example")).text.split())
    assert "boss@ourco.example gets a short list of contacts" in said
