"""Does the report say what the findings say, all of it, and nothing else?"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from config.ours import Ours
from config.policy import Policy
from reports.claims import FITTING
from reports.detect.scoring import past_standings
from reports.render.mail import render
from reports.weekly import build as weekly
from tests.support.facts import findings as b
from tests.support.facts import report_story
from tests.support.facts.findings import at, build, findings, question, silence, slot, standing

OMAR, PETRA = "omar@client.example", "petra@vendor.example"


def text(report: Any) -> str:
    return " ".join(render(report).text.split())


def test_a_report_of_nothing_is_calm_and_whole() -> None:
    report = build(findings())
    assert weekly.claims(report) == ()
    said = text(report)
    assert "Nobody to talk to this week" in said
    assert "Complete up to Sun 22 Nov 23:40. Read since 1 May: 31 meetings" in said
    assert "How to read this" in said


def test_the_week_is_an_iso_week_in_the_owners_zone() -> None:
    first, end = weekly.span("2026-W53", "Europe/Berlin")
    assert (first, end) == (at("2026-12-28 00:00"), at("2027-01-04 00:00"))
    first, end = weekly.span("2026-W43", "Europe/Berlin")
    assert (end - first).total_seconds() / 3600 == 7 * 24 + 1, "the clocks go back on 25 October"
    with pytest.raises(ValueError, match="does not match"):
        weekly.span("2026-47", "UTC")


def test_every_claim_of_the_report_is_printed_with_its_id() -> None:
    report = build(
        report_story.full_findings(), report_story.full_facts(), previous=report_story.last_week()
    )
    said = text(report)
    claims = weekly.claims(report)
    assert len(claims) == len(set(claims)) > 12
    assert {one.kind for one in claims} == {"M1", "M6", "M8"} | set(FITTING) - {"M1", "M6", "M8"}
    for claim in claims:
        assert report.ids[claim] in said, claim


def test_a_report_whose_claims_have_no_ids_does_not_leave() -> None:
    report = weekly.build(
        report_story.full_findings(),
        report_story.full_facts(),
        week=b.WEEK,
        ours=b.OURS,
        policy=Policy(),
    )
    ids = dict(b.ids(report))
    ids.popitem()
    with pytest.raises(ValueError, match="1 of"):
        weekly.with_ids(report, ids)


def test_the_order_is_ours_first_then_questions_then_theirs() -> None:
    report = build(
        report_story.full_findings(), report_story.full_facts(), previous=report_story.last_week()
    )
    said = render(report).text
    titles = [
        "Complete up to", "Your side first", "Questions only you", "worth confirming",
        "To talk to\n", "To consider pausing\n", "Asked, not yet", "Mail does not arrive",
        "Promises whose", "Came back", "Since last week", "Twelve weeks", "Kept last week", "How to read",
    ]  # fmt: skip
    places = [said.index(title) for title in titles]
    assert places == sorted(places)


# --- coverage ---------------------------------------------------------------------------------


def test_what_is_missing_is_said_first_and_in_the_subject() -> None:
    seen = b.coverage(pending=12, given_up=3, problems=("calendar: the provider refused twice",))
    mail = render(build(findings(seen=(seen,)), warnings=("The login ends on Friday.",)))
    flat = " ".join(mail.text.split())
    assert "incomplete" in mail.subject
    assert "12 items are still to be fetched and 3 could not be had" in flat
    assert "calendar: the provider refused twice" in flat
    assert "Nobody so far; not everything has been read yet." in flat
    assert flat.index("The login ends on Friday") < flat.index("Looked at up to")


def test_two_mailboxes_are_complete_only_as_far_as_both_are() -> None:
    two = (
        b.coverage(),
        b.coverage(mailbox_id=2, address="k2@ourco.example", complete_to=at("2026-11-20 08:00")),
    )
    boxes = [
        {"mailbox_id": 1, "address": b.KATE, "provider": "google"},
        {"mailbox_id": 2, "address": "k2@ourco.example", "provider": "files"},
    ]
    said = text(build(findings(seen=two), b.facts(mailboxes=boxes)))
    assert (
        "Complete up to Fri 20 Nov 08:00 for both mailboxes. Read since 1 May: 62 meetings" in said
    )


def test_an_empty_coverage_says_that_nothing_was_read() -> None:
    mail = render(build(findings(seen=())))
    assert "No mailbox could be read" in mail.text
    assert "incomplete" in mail.subject
    never = render(build(findings(seen=(b.coverage(complete_to=None),))))
    assert "No mailbox has been read completely yet" in never.text


def test_too_early_says_so_and_shows_no_rates() -> None:
    found = findings(
        seen=(b.coverage(calendar_weeks=3.5, mail_weeks=3.5),),
        slots=[slot(OMAR, "2026-11-18 10:00", "cancelled_late")],
        standings=[standing(OMAR, k=1, n=1, too_early=True)],
        questions=[question(OMAR, "2026-11-17 15:00")],
        owed=[b.owed("ines@client.example", "2026-11-13 10:00", 6)],
    )
    report = build(found)
    mail = render(report)
    flat = " ".join(mail.text.split())
    assert mail.subject.startswith("Too early for rates")
    assert "3.5 weeks of calendar and 3.5 of mail seen so far, 8 are needed" in flat
    assert "that came to their day" not in flat
    assert report.twelve is None
    assert mail.pictures == {}
    assert "You owe Ines" in flat
    assert "Who needed that?" in flat


# --- whose report it is -----------------------------------------------------------------------


def test_a_colleagues_contacts_are_not_in_my_report() -> None:
    found = findings(
        slots=[slot(OMAR, "2026-11-18 10:00", "cancelled_late", mailbox_id=2)],
        standings=[standing(OMAR, "talk", by="meetings", rules="R1", k=2, n=2)],
        questions=[question(PETRA, "2026-11-17 15:00", mailbox_id=2)],
        owed=[b.owed(PETRA, "2026-11-13 10:00", 6, mailbox_id=2)],
        coming=[b.coming(PETRA, "2026-11-25 10:00", mailbox_id=2)],
        passed=[b.passed(PETRA, "deposit", "2026-11-20", mailbox_id=2)],
        silences=[silence(PETRA, "T3", "2026-10-19 09:00", "2026-11-12 09:00", 3, mailbox_id=2)],
    )
    found.acts["mailbox_id"] = 2
    boxes = [
        {"mailbox_id": 1, "address": b.KATE},
        {"mailbox_id": 2, "address": "lee@ourco.example"},
    ]
    mine = build(found, b.facts(mailboxes=boxes), mailboxes={1})
    assert weekly.claims(mine) == ()
    assert "Omar" not in text(mine)
    assert "Petra" not in text(mine)
    assert len(weekly.claims(build(found, b.facts(mailboxes=boxes), mailboxes={2}))) >= 4


def test_who_was_let_go_is_on_no_list() -> None:
    found = findings(
        people=[b.person(OMAR, "Omar Haddad", let_go=True)],
        slots=[slot(OMAR, "2026-11-18 10:00", "cancelled_late")],
        standings=[standing(OMAR, "talk", by="meetings", rules="R1", k=2, n=2)],
        questions=[question(OMAR, "2026-11-17 15:00")],
        coming=[b.coming(OMAR, "2026-11-25 10:00")],
        owed=[b.owed(OMAR, "2026-11-13 10:00", 6)],
    )
    assert "Omar" not in text(build(found))


# --- questions ----------------------------------------------------------------------------------


def test_questions_are_at_most_five_and_two_a_contact_in_their_order() -> None:
    asked = [question(OMAR, f"2026-11-{day} 15:00") for day in (10, 11, 12)]
    asked += [question(f"p{n}@x.example", f"2026-11-0{n} 09:00") for n in range(1, 5)]
    asked[-4]["would_change"] = True
    asked += [question("a@x.example", "2026-11-11 15:00")]
    report = build(findings(questions=asked))
    got = [(one.who.address, one.start_at) for one in report.questions]
    assert got == [
        ("p1@x.example", at("2026-11-01 09:00")),
        (OMAR, at("2026-11-12 15:00")),
        ("a@x.example", at("2026-11-11 15:00")),
        (OMAR, at("2026-11-11 15:00")),
        ("p4@x.example", at("2026-11-04 09:00")),
    ]
    assert report.left_out["questions"] == 2
    assert "and 2 more" in text(report)


@pytest.mark.parametrize(("age", "asked"), [(27, True), (29, False)])
def test_a_question_expires_28_days_after_it_was_first_printed(age: int, asked: bool) -> None:
    one = question(OMAR, "2026-10-20 15:00")
    printed = {key: one[key] for key in ("kind", "contact", "meeting_key", "evidence_key")} | {
        "claim_id": "AAAAAA",
        "first_printed_at": b.NOW - pd.Timedelta(days=age),
    }
    report = build(findings(questions=[one]), b.facts(claims=[printed]))
    assert bool(report.questions) is asked


@pytest.mark.parametrize(
    ("start", "asked"), [("2026-09-25 15:00", True), ("2026-09-23 15:00", False)]
)
def test_what_is_older_than_60_days_is_not_asked(start: str, asked: bool) -> None:
    assert bool(build(findings(questions=[question(OMAR, start)])).questions) is asked


@pytest.mark.parametrize("kind", ["M1", "M6", "M8"])
def test_a_question_offers_every_word_that_fits_and_no_other(kind: str) -> None:
    was = {"M1": "gone", "M6": "moved", "M8": "mailed"}[kind]
    report = build(findings(questions=[question(OMAR, "2026-11-17 15:00", kind, was)]))
    (claim_id,) = report.ids.values()
    lines = [line.split() for line in render(report).text.splitlines()]
    words = [parts[2] for parts in lines if parts[:2] == ["noshow", claim_id]]
    assert sorted(words) == sorted(FITTING[kind])


def test_a_question_names_the_mail_that_came_with_it() -> None:
    one = question(OMAR, "2026-11-18 10:00", mail_at=at("2026-11-18 08:05"))
    assert "Omar wrote on Wed 18 Nov 08:05. Who needed that?" in text(
        build(findings(questions=[one]))
    )


# --- our side -------------------------------------------------------------------------------------


def test_what_perhaps_is_owed_stands_on_a_card_only() -> None:
    perhaps = [
        b.owed(OMAR, "2026-11-12 10:00", 7, perhaps=True),
        b.owed(PETRA, "2026-11-12 10:00", 7, perhaps=True),
    ]
    found = findings(
        owed=perhaps,
        slots=[slot(OMAR, "2026-11-18 10:00", "cancelled_late")],
        standings=[standing(OMAR, "talk", by="meetings", rules="R1", k=2, n=2)],
    )
    said = text(build(found))
    assert said.count("Perhaps yours") == 1
    assert "You owe" not in said
    assert "Petra" not in said


def test_an_answered_mail_is_owed_no_more() -> None:
    done = b.owed(OMAR, "2026-11-02 10:00", 7, answered_at=at("2026-11-12 10:00"))
    assert build(findings(owed=[done])).owed == ()


def test_our_late_change_is_ours_by_our_own_word() -> None:
    report = build(report_story.full_findings(), report_story.full_facts())
    said = text(report)
    assert (
        "You changed Roadmap with Lee Park 3 h before it began (your answer of Fri 20 Nov)." in said
    )


def test_our_late_change_of_an_earlier_week_is_not_told_again() -> None:
    old = slot(OMAR, "2026-11-04 10:00", "agreed", origin="us", notice_lo=1.0, notice_hi=1.0)
    assert build(findings(slots=[old])).own_changes == ()


# --- cards ----------------------------------------------------------------------------------------


def test_a_card_prints_all_of_the_count() -> None:
    said = text(build(report_story.full_findings(), report_story.full_facts()))
    assert (
        "3 of 5 meetings that came to their day fell through or were moved late; 1 unknown; "
        "2 changed in good time." in said
    )


def test_moves_alone_are_called_so() -> None:
    said = text(build(report_story.full_findings(), report_story.full_facts()))
    assert "2 of 2 meetings that came to their day were moved late." in said
    assert "Changes on the day, keeps the new date." in said


def test_evidence_beyond_six_is_counted_and_where_to_find_it_said() -> None:
    slots = [slot(OMAR, f"2026-{month:02d}-10 10:00", "cancelled_late") for month in range(6, 12)]
    slots += [slot(OMAR, f"2026-{month:02d}-20 10:00", "cancelled_late") for month in (9, 10)]
    found = findings(
        slots=slots, standings=[standing(OMAR, "talk", by="meetings", rules="R1", k=8, n=8)]
    )
    (card,) = build(found).talk
    assert len(card.incidents) == 6
    assert card.incidents[0].start_at == at("2026-11-10 10:00")
    assert "2 earlier ones within 180 days: noshow contact omar@client.example" in text(
        build(found)
    )


def test_a_kept_replacement_stands_beside_the_loss() -> None:
    lost = slot(OMAR, "2026-11-18 10:00", "moved_late", replaced_at=at("2026-11-20 10:00"))
    found = findings(
        slots=[lost], standings=[standing(OMAR, "talk", by="meetings", rules="R1", k=2, n=2)]
    )
    assert "kept on Fri 20 Nov instead" in text(build(found))


def test_a_likely_silence_says_what_cannot_be_seen() -> None:
    found = findings(
        seen=(b.coverage(live_since=at("2026-11-01 00:00")),),
        silences=[silence(PETRA, "T2+", "2026-10-19 09:00", "2026-11-06 09:00", 2, grade="likely")],
        standings=[standing(PETRA, "talk", by="silence", rules="T2+", step="another-way")],
    )
    assert "Mail deleted before 1 November cannot be seen." in text(build(found))


def test_the_worst_comes_first_and_what_has_no_room_is_named() -> None:
    many = [f"c{n:02d}@x.example" for n in range(12)]
    found = findings(
        slots=[slot(one, "2026-11-18 10:00", "cancelled_late") for one in many],
        standings=[
            standing(one, "talk", by="meetings", rules="R1", k=2 + n, n=20)
            for n, one in enumerate(many)
        ],
    )
    report = build(found)
    assert [card.k for card in report.talk] == [13, 12, 11, 10, 9, 8, 7, 6]
    mail = render(report)
    assert mail.subject.startswith("12 to talk to")
    assert "Also listed, in less detail: C03, C02, C01, C00." in mail.text


# --- the lists --------------------------------------------------------------------------------------


def test_the_week_ahead_holds_who_is_worth_confirming_by_weight() -> None:
    ahead = [
        b.coming(OMAR, "2026-11-25 10:00", accepted=True, k=3, n=5, weight=0.2),
        b.coming(PETRA, "2026-11-26 10:00", accepted=False, weight=0.9),
        b.coming("fine@x.example", "2026-11-24 10:00", accepted=True),
        b.coming(OMAR, "2026-12-02 10:00", k=3, n=5),
        b.coming(OMAR, "2026-11-22 10:00", k=3, n=5),
    ]
    report = build(findings(coming=ahead))
    assert [one.who.address for one in report.coming] == [PETRA, OMAR]
    assert "Not accepted yet." in text(report)


def test_unread_mail_makes_a_silence_unknown_and_not_a_claim() -> None:
    found = findings(
        silences=[
            silence(PETRA, "unknown", "2026-10-19 09:00", "2026-11-06 09:00", 3, why="not-all-read")
        ]
    )
    report = build(found)
    assert weekly.claims(report) == ()
    assert "not all mail since then has been read" in text(report)


def test_a_promise_day_does_not_move_with_the_zone() -> None:
    ours = Ours(mailboxes=b.OURS.mailboxes, zone="America/Los_Angeles")
    report = build(findings(passed=[b.passed(PETRA, "deposit", "2026-11-20")]), ours=ours)
    assert "promised for 20 November, passed without a word" in text(report)


def test_who_came_back_is_said_with_the_days() -> None:
    report = build(
        report_story.full_findings(), report_story.full_facts(), previous=report_story.last_week()
    )
    assert (
        "Maya Sol (fabrikam.example) was back in touch on Thu 19 Nov, 26 days after the first "
        "ask, and kept the meeting of Fri 20 Nov." in text(report)
    )


def test_who_is_still_silent_has_not_come_back() -> None:
    found = findings(
        silences=[silence(PETRA, "T2+", "2026-10-19 09:00", "2026-11-06 09:00", 3)],
        standings=[standing(PETRA, "talk", by="silence", rules="T2+")],
    )
    previous = past_standings.dumps(past_standings.snapshot(found, "2026-W46"))
    assert build(found, previous=previous).came_back == ()


def test_what_changed_is_new_worse_better_and_gone() -> None:
    report = build(
        report_story.full_findings(), report_story.full_facts(), previous=report_story.last_week()
    )
    got = {one.who.address: one.movement for one in report.changes}
    assert got == {
        report_story.ULA: "new",
        report_story.OMAR: "worse",
        report_story.PETRA: "worse",
        report_story.MAYA: "gone",
    }
    assert (
        "Worse: Omar Haddad (3 of 5, was 2 of 4) and Petra Voss (to talk to → to consider pausing)."
        in text(report)
    )


def test_a_missed_week_is_not_called_last_week() -> None:
    previous = report_story.last_week().replace("2026-W46", "2026-W44")
    report = build(report_story.full_findings(), report_story.full_facts(), previous=previous)
    assert "Since the report of week 44" in text(report)
    assert "worse than in week 44" in text(report)


def test_the_first_report_compares_with_nothing() -> None:
    said = text(build(report_story.full_findings(), report_story.full_facts()))
    assert "This is the first report" in said
    assert "last week" not in said.replace("Kept last week", "")


def test_kept_meetings_that_no_record_confirms_are_listed_on_site_and_first_ones_first() -> None:
    slots = [
        slot("often@x.example", "2026-10-19 10:00"),
        slot("often@x.example", "2026-11-16 10:00"),
        slot("first@x.example", "2026-11-17 10:00"),
        slot("site@x.example", "2026-10-19 10:00"),
        slot("site@x.example", "2026-11-18 10:00", on_site=True),
        slot("sure@x.example", "2026-11-16 12:00", "attended"),
        slot("later@x.example", "2026-11-23 00:30"),
    ]
    report = build(findings(slots=slots))
    assert [one.who.name for one in report.kept] == ["Site", "First", "Often"]


# --- twelve weeks -------------------------------------------------------------------------------------


def test_twelve_weeks_count_meetings_and_not_guests() -> None:
    both = {"meeting_key": "board@cal ", "lost_hours": 0.5}
    slots = [
        slot("a@x.example", "2026-11-18 10:00", "cancelled_late", **both),
        slot("b@x.example", "2026-11-18 10:00", "cancelled_late", **both),
        slot("a@x.example", "2026-11-19 10:00"),
        slot("a@x.example", "2026-11-20 10:00", "unknown"),
        slot("a@x.example", "2026-11-20 12:00", "agreed", origin="us"),
        slot("a@x.example", "2026-11-20 14:00", "agreed", origin="them"),
        slot("a@x.example", "2026-08-20 10:00", "absent"),
        slot("a@x.example", "2026-08-30 23:30"),
        slot("a@x.example", "2026-08-31 00:30"),
    ]
    twelve = build(findings(slots=slots)).twelve
    assert twelve is not None
    last = twelve.weeks[-1]
    assert (last.kept, last.late, last.absent, last.ours, last.unknown) == (1, 1, 0, 1, 1)
    assert (twelve.late, twelve.n, twelve.hours) == (1, 3, 1.0)
    assert twelve.before == (1, 2)
    assert twelve.weeks[0].monday == at("2026-08-31 00:00")


def test_the_twelve_weeks_before_are_compared_only_where_they_were_seen() -> None:
    short = b.coverage(calendar_from=at("2026-08-01 00:00"))
    twelve = build(findings(seen=(short,), slots=[slot(OMAR, "2026-11-18 10:00")])).twelve
    assert twelve is not None
    assert twelve.before is None
    shorter = b.coverage(calendar_from=at("2026-09-20 00:00"), calendar_weeks=9.0)
    report = build(findings(seen=(shorter,), slots=[slot(OMAR, "2026-11-18 10:00")]))
    assert "Seen since 20 September." in text(report)


def test_what_is_still_to_be_fetched_is_not_called_complete() -> None:
    said = text(build(findings(seen=(b.coverage(pending=7),))))
    assert "Looked at up to Sun 22 Nov 23:40." in said
    assert "Complete up to" not in said
    assert "Not complete: 7 items are still to be fetched" in said
