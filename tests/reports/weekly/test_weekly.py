"""Does the report say what the findings say, all of it, and nothing else?"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from config.ours import Ours
from reports.claims import FITTING
from reports.detect.scoring import past_standings
from reports.render.arrange import arrange
from reports.render.mail import Envelope, render
from reports.render.page import page
from reports.render.plain_text import plain
from reports.render.writer import Pen
from reports.weekly import build as weekly
from tests.support.facts import findings as b
from tests.support.facts import report_story
from tests.support.facts.findings import at, build, findings, question, silence, slot, standing

OMAR, PETRA = "omar@client.example", "petra@vendor.example"


def text(report: Any) -> str:
    pen = Pen(report)
    return " ".join(plain(arrange(pen), pen).split())


def test_a_report_of_nothing_is_calm_and_whole() -> None:
    report = build(findings())
    assert weekly.claims(report) == ()
    said = text(report)
    assert "Nothing to do this week." in said
    assert "You owe no reply, no coming meeting needs a word, no question is open." in said
    assert "complete to Sun 22 Nov, 23:40" in said


def test_the_week_is_an_iso_week_in_the_owners_zone() -> None:
    first, end = weekly.span("2026-W53", "Europe/Berlin")
    assert (first, end) == (at("2026-12-28 00:00"), at("2027-01-04 00:00"))
    first, end = weekly.span("2026-W43", "Europe/Berlin")
    assert (end - first).total_seconds() / 3600 == 7 * 24 + 1, "the clocks go back on 25 October"
    with pytest.raises(ValueError, match="does not match"):
        weekly.span("2026-47", "UTC")


def test_every_kind_of_claim_is_among_the_reports_claims_once() -> None:
    report = build(
        report_story.full_findings(), report_story.full_facts(), previous=report_story.last_week()
    )
    claims = weekly.claims(report)
    assert len(claims) == len(set(claims)) > 12
    assert {one.kind for one in claims} == {"M1", "M6", "M8"} | set(FITTING) - {"M1", "M6", "M8"}


def test_a_report_whose_claims_have_no_ids_does_not_leave() -> None:
    told = b.detected(report_story.full_findings(), report_story.full_facts())
    report = weekly.build(told, weekly.Edition(b.WEEK))
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
        "Repeat no-show report", "Do now\n", "Ines Roy has waited", "Omar Haddad, Wed 25 Nov",
        "Only you can answer\n", "people to talk to\n", "Also this week", "Twelve weeks", "Why you get",
    ]  # fmt: skip
    places = [said.index(title) for title in titles]
    assert places == sorted(places)


# --- coverage ---------------------------------------------------------------------------------


def test_what_is_missing_is_said_first_and_in_the_subject() -> None:
    seen = b.coverage(pending=12, given_up=3)
    mail = render(build(findings(seen=(seen,)), warnings=("The login ends on Friday.",)))
    flat = " ".join(mail.text.split())
    assert mail.subject.startswith("Incomplete: ")
    assert "12 entries are still to be fetched; 3 could not be had" in flat
    assert "What is missing counts against nobody." in flat
    assert flat.index("The login ends on Friday") < flat.index("Why you get this")


def test_a_mailbox_that_could_not_be_read_is_the_headline_and_lists_wait() -> None:
    seen = b.coverage(
        complete_to=at("2026-11-19 14:05"), problems=("mail: Google no longer accepts the login",)
    )
    found = findings(
        seen=(seen,),
        slots=[slot(OMAR, "2026-11-18 10:00", "cancelled_late")],
        standings=[
            standing(OMAR, "talk", by="meetings", rules="R1", k=2, n=2, step="ask-directly")
        ],
        owed=[b.owed("ines@client.example", "2026-11-13 10:00", 6)],
    )
    mail = render(build(found))
    flat = " ".join(mail.text.split())
    assert mail.subject.startswith("Incomplete since 19 November: log in again · week 47")
    assert "Log in again: nothing since Thursday 19 November, 14:05, could be read." in flat
    assert "noshow connect google -m kate@ourco.example" in flat
    assert "Ines wrote on Fri 13 Nov" in flat
    assert "whether you answered since is unknown" in flat
    assert "2 of 2" not in flat
    assert mail.pictures == {}


def test_a_look_that_failed_an_hour_ago_holds_no_list_back() -> None:
    seen = b.coverage(problems=("calendar: the provider refused twice",))
    report = build(findings(seen=(seen,)))
    assert report.reached
    assert not report.complete
    assert "The last look failed: calendar: the provider refused twice" in text(report)


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
    assert "complete to Fri 20 Nov, 08:00" in said


def test_an_empty_coverage_says_that_nothing_was_read() -> None:
    mail = render(build(findings(seen=())))
    assert "No mailbox could be read" in mail.text
    assert mail.subject.startswith("Incomplete: ")
    never = render(build(findings(seen=(b.coverage(complete_to=None),))))
    assert "Nothing could be read to its end yet." in never.text


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
    assert mail.subject.startswith("Answer Ines")
    assert "3.5 of 8 weeks of calendar are read, and 3.5 of 8 of mail" in flat
    assert "late, they" not in flat
    assert report.twelve is None
    assert mail.pictures == {}
    assert "Ines has waited 6 working days" in flat
    assert "Who needed the change?" in flat


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
    assert "Only you can answer (3 of 7)" in text(report)


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
    words = re.findall(rf"noshow {claim_id} (\w+)", render(report).text)
    assert sorted(words) == sorted(FITTING[kind])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Omar proposed another time on Wed 18 Nov, 08:05. Who needed the change?"),
        (
            "de",
            "Omar schlug am Mi, 18. Nov., 08:05 Uhr einen anderen Termin vor. Auf wessen Wunsch?",
        ),
    ],
)
def test_a_question_calls_a_proposal_in_the_calendar_no_mail(language: str, said: str) -> None:
    one = question(OMAR, "2026-11-18 10:00", mail_at=at("2026-11-18 08:05"))
    proposal = b.act(OMAR, "2026-11-18 08:05", "proposal")
    found = findings(questions=[one], acts=[proposal])
    flat = " ".join(render(build(found, language=language)).text.split())
    assert said in flat
    other = b.act("ines@client.example", "2026-11-18 08:05", "proposal")
    earlier = b.act(OMAR, "2026-11-18 08:04", "proposal")
    assert "Omar wrote on Wed 18 Nov, 08:05." in text(
        build(findings(questions=[one], acts=[other, earlier]))
    )


def test_a_question_names_the_mail_that_came_with_it() -> None:
    one = question(OMAR, "2026-11-18 10:00", mail_at=at("2026-11-18 08:05"))
    assert "Omar wrote on Wed 18 Nov, 08:05. Who needed the change?" in text(
        build(findings(questions=[one]))
    )


# --- our side -------------------------------------------------------------------------------------


def test_what_perhaps_is_owed_stands_on_the_page_only() -> None:
    perhaps = [b.owed(OMAR, "2026-11-12 10:00", 7, perhaps=True)]
    report = build(findings(owed=perhaps))
    assert report.owed == ()
    assert [one.kind for one in report.people[0].events] == ["perhaps"]
    assert "Omar" not in text(report)


def test_an_answered_mail_is_owed_no_more() -> None:
    done = b.owed(OMAR, "2026-11-02 10:00", 7, answered_at=at("2026-11-12 10:00"))
    assert build(findings(owed=[done])).owed == ()


def test_our_late_change_is_ours_by_our_own_word() -> None:
    report = build(report_story.full_findings(), report_story.full_facts())
    (lee,) = [one for one in report.people if one.who.address == report_story.LEE]
    assert [(one.kind, one.how) for one in lee.events] == [("ours", "us")]


# --- cards ----------------------------------------------------------------------------------------


def listed(contact: str, *slots: dict[str, Any], **more: Any) -> Any:
    """A report that lists this contact by these slots, with a step that has a draft."""
    k = sum(one["in_k"] for one in slots)
    n = sum(one["in_n"] for one in slots)
    line = {"by": "meetings", "rules": "R1", "k": k, "n": n, "step": "ask-directly"} | more
    return findings(slots=list(slots), standings=[standing(contact, "talk", **line)])


def test_a_strip_shows_all_that_is_counted_and_the_sentence_both_sides() -> None:
    days = ("2026-07-08", "2026-08-26")
    off = ("2026-07-29", "2026-09-23", "2026-10-28", "2026-11-18")
    found = listed(
        OMAR,
        *(slot(OMAR, f"{day} 14:00") for day in days),
        *(slot(OMAR, f"{day} 14:00", "cancelled_late", notice_lo=n, notice_hi=n)
          for day, n in zip(off, (4.0, 3.0, 2.4, 3.5), strict=True)),
        slot(OMAR, "2026-10-01 14:00", "unknown"),
        unknown=1,
    )  # fmt: skip
    said = text(build(found))
    assert "8 Jul kept, 29 Jul off, 26 Aug kept, 23 Sep off, 28 Oct off, 18 Nov off" in said
    assert "You called off none, they 4 of 6, 2½ to 4 hours before. One more is unknown." in said


@pytest.mark.parametrize(
    ("own", "more", "sentence"),
    [
        (0, ("unknown",), "You changed none late (1 open), they 2 of 2, 2 hours before."),
        (1, ("unknown",), "You changed 1 late (and 1 open), they 2 of 2, 2 hours before."),
        (1, (), "You changed 1 late, they 2 of 2, 2 hours before."),
        (0, (), "You called off none, they 2 of 2, 2 hours before."),
    ],
)
def test_a_late_change_of_ours_is_told_beside_theirs_also_while_it_is_a_question(
    own: int, more: tuple[str, ...], sentence: str
) -> None:
    late = [slot(OMAR, f"2026-11-{day} 14:00", "cancelled_late") for day in (11, 18)]
    asked = [slot(OMAR, "2026-11-04 14:00", outcome, rule="M6") for outcome in more]
    found = listed(OMAR, *late, *asked, own_late=own, unknown=len(more))
    said = text(build(found))
    assert sentence in said
    assert "more is unknown" not in said


@pytest.mark.parametrize(
    ("live_since", "own", "hidden"),
    [
        ("2026-11-01 00:00", "none", ""),
        ("2026-11-12 00:00", "none that can be seen", "before 12 November may be missing."),
        ("", "none that can be seen", "before "),
    ],
)
def test_none_of_ours_is_claimed_only_where_all_was_read_live(
    live_since: str, own: str, hidden: str
) -> None:
    """No calendar keeps what we called off ourselves, and a first look sees what they did by mail."""
    late = [slot(OMAR, f"2026-11-{day} 14:00", "cancelled_late") for day in (11, 18)]
    since = at(live_since) if live_since else None
    found = replace(listed(OMAR, *late), coverage=(b.coverage(live_since=since),))
    report = build(found)
    assert f"You called off {own}, they 2 of 2" in text(report)
    shown = page.render(report)
    assert (f"What you called off {hidden}" in shown) if hidden else "may be missing" not in shown


def test_more_than_ten_meetings_show_the_latest_ten() -> None:
    slots = [slot(OMAR, f"2026-{month:02d}-{day} 10:00", "cancelled_late")
             for month in (6, 7, 8, 9, 10, 11) for day in (10, 17)]  # fmt: skip
    mail = render(build(listed(OMAR, *slots)), Envelope(page_url="https://x.example/p.html"))
    assert mail.html.count('class="sq o"') == 10
    assert "10 Jun off" not in mail.text
    assert "All 12: https://x.example/p.html#omar" in mail.text


def test_what_it_was_in_the_last_report_stands_beside_the_share() -> None:
    late = (
        slot(OMAR, "2026-10-28 10:00", "cancelled_late"),
        slot(OMAR, "2026-11-18 10:00", "cancelled_late"),
    )
    before = past_standings.dumps(
        past_standings.snapshot(listed(OMAR, late[0], slot(OMAR, "2026-09-01 10:00")), "2026-W46")
    )
    assert "they 2 of 2 (last report: 1 of 2)" in text(build(listed(OMAR, *late), previous=before))
    older = before.replace("2026-W46", "2026-W44")
    assert "they 2 of 2 (report of week 44: 1 of 2)" in text(
        build(listed(OMAR, *late), previous=older)
    )


def moved(contact: str, week: int, to: str = "Thu", kept: bool = True) -> list[dict[str, Any]]:
    """A meeting of a Tuesday that they moved on the day, to the Thursday unless said otherwise."""
    tuesday = pd.Timestamp("2026-07-14") + pd.Timedelta(weeks=week)
    then = tuesday + pd.Timedelta(days={"Thu": 2, "Fri": 3}[to])
    key = f"{contact}-{week}@cal "
    return [
        slot(contact, f"{tuesday:%Y-%m-%d} 11:00", "moved_late", meeting_key=key),
        slot(
            contact,
            f"{then:%Y-%m-%d} 11:00",
            "kept" if kept else "unknown",
            meeting_key=key,
            number=1,
        ),
    ]


def test_a_weekday_that_four_of_four_moves_led_to_is_a_fact() -> None:
    four = [one for week in (0, 3, 6, 9) for one in moved(OMAR, week)]
    assert "You moved none, they 4 of 8, Tuesday to Thursday; all new dates kept." in text(
        build(listed(OMAR, *four, moves_only=True))
    )


@pytest.mark.parametrize(
    "weeks",
    [
        [one for week in (0, 3, 6) for one in moved(OMAR, week)],
        [one for week in (0, 3, 6) for one in moved(OMAR, week)] + moved(OMAR, 9, "Fri"),
        [one for week in (0, 3, 6) for one in moved(OMAR, week)] + moved(OMAR, 9, kept=False),
        [one for week in (0, 3, 6, 9) for one in moved(OMAR, week)]
        + [slot(OMAR, "2026-11-18 10:00", "cancelled_late")],
    ],
    ids=["three", "another day once", "once not kept", "one called off"],
)
def test_no_weekday_is_named_where_not_all_of_four_say_so(weeks: list[dict[str, Any]]) -> None:
    assert "Tuesday to" not in text(build(listed(OMAR, *weeks)))


def test_a_likely_silence_says_what_cannot_be_seen() -> None:
    found = findings(
        seen=(b.coverage(live_since=at("2026-11-01 00:00")),),
        silences=[silence(PETRA, "T2+", "2026-10-19 09:00", "2026-11-06 09:00", 2, grade="likely")],
        standings=[standing(PETRA, "talk", by="silence", rules="T2+", step="another-way")],
    )
    assert "Mail deleted before 1 November cannot be seen." in text(build(found))


def test_three_have_a_card_and_the_next_a_line_and_no_more_than_that() -> None:
    many = [f"c{n:02d}@x.example" for n in range(12)]
    found = findings(
        slots=[slot(one, "2026-11-18 10:00", "cancelled_late") for one in many],
        standings=[
            standing(one, "talk", by="meetings", rules="R1", k=2 + n, k_hard=2 + n, n=20, step="ask-directly")
            for n, one in enumerate(many)
        ],
    )  # fmt: skip
    mail = render(build(found))
    assert mail.subject.startswith("Ask C11, C10 and 1 more")
    assert mail.text.count("> Ask what changed") == 3
    assert mail.text.count(" called off late [") == 8
    assert "1 more on the page" in mail.text


def test_a_step_without_a_draft_has_no_card() -> None:
    found = listed(OMAR, slot(OMAR, "2026-11-18 10:00", "cancelled_late"), step="let-rest")
    mail = render(build(found))
    assert "to talk to" not in mail.text
    assert "Omar: 1 of 1 called off late" in mail.text


# --- the lists --------------------------------------------------------------------------------------


def test_the_week_ahead_is_by_day_and_names_who_is_worth_confirming() -> None:
    ahead = [
        b.coming(OMAR, "2026-11-26 10:00", accepted=True, k=3, n=5, weight=0.9),
        b.coming(PETRA, "2026-11-25 10:00", accepted=False, weight=0.2),
        b.coming("fine@x.example", "2026-11-24 10:00", accepted=True),
        b.coming(OMAR, "2026-12-02 10:00", k=3, n=5),
        b.coming(OMAR, "2026-11-22 10:00", k=3, n=5),
    ]
    report = build(findings(coming=ahead))
    assert [one.who.address for one in report.coming] == ["fine@x.example", PETRA, OMAR]
    said = text(report)
    assert said.startswith(
        "Repeat no-show report · week 47 Confirm Wednesday with Petra and Thursday with Omar."
    )
    assert "Quarterly visit; not accepted yet" in said


def test_of_a_series_only_the_next_meeting_is_in_the_week_ahead() -> None:
    daily = [
        b.coming(OMAR, f"2026-11-{day} 10:00", k=3, n=5, meeting_key=f"daily@cal 2026-11-{day}")
        for day in (24, 25, 26)
    ]
    assert [one.start_at for one in build(findings(coming=daily)).coming] == [
        at("2026-11-24 10:00")
    ]


def test_unread_mail_makes_a_silence_unknown_and_not_a_claim() -> None:
    found = findings(
        silences=[
            silence(PETRA, "unknown", "2026-10-19 09:00", "2026-11-06 09:00", 3, why="not-all-read")
        ]
    )
    report = build(found)
    assert weekly.claims(report) == ()
    assert report.people[0].quiet is not None
    assert report.people[0].quiet.why == "not-all-read"
    assert "Petra" not in text(report)


def test_a_promise_day_does_not_move_with_the_zone() -> None:
    ours = Ours(mailboxes=b.OURS.mailboxes, zone="America/Los_Angeles")
    report = build(findings(passed=[b.passed(PETRA, "deposit", "2026-11-20")]), ours=ours)
    assert "you noted a promise for 20 Nov (deposit); no word since" in text(report)


def test_who_came_back_is_said_with_the_days() -> None:
    report = build(
        report_story.full_findings(), report_story.full_facts(), previous=report_story.last_week()
    )
    assert "Maya Sol: back in touch after 26 days" in text(report)


def test_a_word_to_a_colleague_is_said_to_whom_the_silence_was_told_and_to_nobody_else() -> None:
    silent = findings(
        silences=[silence(PETRA, "T2+", "2026-10-19 09:00", "2026-11-06 09:00", 3)],
        standings=[standing(PETRA, "talk", by="silence", rules="T2+")],
    )
    previous = past_standings.dumps(past_standings.snapshot(silent, "2026-W46"))
    boxes = [
        {"mailbox_id": 1, "address": b.KATE},
        {"mailbox_id": 2, "address": "lee@ourco.example"},
    ]
    found = findings(acts=[b.act(PETRA, "2026-11-09 08:00")])
    found.acts["mailbox_id"] = 2
    told = build(found, b.facts(mailboxes=boxes), mailboxes={1}, previous=previous)
    assert "back in touch after 21 days" in text(told)
    assert build(found, b.facts(mailboxes=boxes), mailboxes={1}).came_back == ()


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


def test_the_first_report_compares_with_nothing() -> None:
    said = text(build(report_story.full_findings(), report_story.full_facts()))
    assert "(last week" not in said


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
    owed = [b.owed(OMAR, "2026-11-13 10:00", 6)]
    report = build(findings(seen=(shorter,), slots=[slot(OMAR, "2026-11-18 10:00")], owed=owed))
    assert "Since 20 September: 0 of 1 meetings changed late or missed" in text(report)


def test_what_is_still_to_be_fetched_is_not_called_complete() -> None:
    mail = render(build(findings(seen=(b.coverage(pending=7),))))
    assert mail.subject.startswith("Incomplete: ")
    assert "7 entries are still to be fetched. What is missing counts against nobody." in " ".join(
        mail.text.split()
    )


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (("cancelled_late", "moved_late"), "2 of 2 changed late"),
        (("cancelled_late", "absent"), "2 of 2 changed late or missed"),
        (("absent", "absent"), "2 of 2 missed"),
        (("moved_late", "moved_late"), "2 of 2 moved late"),
    ],
)
def test_who_was_not_there_has_not_changed_anything(kinds: tuple[str, str], said: str) -> None:
    first, second = kinds
    found = findings(
        slots=[slot(OMAR, "2026-11-10 10:00", first), slot(OMAR, "2026-11-17 10:00", second)],
        standings=[
            standing(OMAR, "talk", by="meetings", rules="R1", k=2, n=2, step="ask-directly")
        ],
        coming=[b.coming(OMAR, "2026-11-25 11:00", k=2, n=2, accepted=True)],
    )
    assert re.search(rf"; {said}(?! or)\b", text(build(found)))
