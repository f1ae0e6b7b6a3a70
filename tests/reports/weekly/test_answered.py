"""Does the report say what the reader answered, and what became of it?"""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import Any

from connectors.model.frames import Frames
from reports.claims import FITTING
from reports.detect.scoring import past_standings
from reports.render.arrange import arrange
from reports.render.document import text_of
from reports.render.mail import render
from reports.render.parts import cards
from reports.render.plain_text import plain
from reports.render.writer import Pen
from reports.weekly.report import WeeklyReport
from tests.support.facts import findings as b
from tests.support.facts import report_story
from tests.support.facts.findings import build, slot

FINN = "finn.dahl@clover.example"
KEY = f"{FINN}-2026-11-17 15:00@cal "


def asked(claim: str, kind: str = "M8", key: str = KEY) -> dict[str, Any]:
    return {
        "claim_id": claim,
        "kind": kind,
        "contact": FINN,
        "meeting_key": key,
        "evidence_key": f"{key}|{FINN}|2026-11-17T14:00|{kind}",
    }


def said(*answers: tuple[str, str, str], kind: str = "M8", key: str = KEY) -> Frames:
    """Answers (claim id, word, when), each to a claim of this kind about Finn."""
    ids = dict.fromkeys(claim for claim, _, _ in answers)
    return b.facts(
        claims=[asked(claim, kind, key) for claim in ids],
        answers=[
            {"answer_id": number, "claim_id": claim, "word": word, "at": b.at(when)}
            for number, (claim, word, when) in enumerate(answers)
        ],
    )


def report(facts: Frames, outcome: str = "cancelled_late", **more: Any) -> WeeklyReport:
    found = b.findings(slots=[slot(FINN, "2026-11-17 15:00", outcome, subject="Pricing", **more)])
    earlier = b.findings(as_of=b.at("2026-11-16 07:00"))
    before = past_standings.dumps(past_standings.snapshot(earlier, "2026-W46"))
    return build(found, facts, previous=before)


def text(of: WeeklyReport) -> str:
    pen = Pen(of)
    return " ".join(plain(arrange(pen), pen).split())


def test_an_answer_is_said_back_with_its_effect() -> None:
    made = report(said(("AAAAAA", "them", "2026-11-18 09:00")))
    assert (
        "Finn Dahl, 17 Nov: you said “they called it off”; counted as late by them; undo this answer "
        "noshow AAAAAA undo" in text(made)
    )


def test_an_answer_that_came_by_mail_is_said_back_too() -> None:
    """Such a mail lies in the mailbox, and its answer is in no table."""
    mail = {
        "message_id": 7,
        "message_key": "7@x",
        "subject": "noshow AAAAAA them",
        "at": b.at("2026-11-18 09:00"),
        "from_address": b.KATE,
        "sent": True,
    }
    to = {"message_id": 7, "role": "to", "address": b.KATE}
    facts = b.facts(
        messages=[mail],
        recipients=[to],
        claims=[asked("AAAAAA")],
    )
    assert "17 Nov: you said “they called it off”; counted" in text(report(facts))


def test_each_effect_is_that_of_the_findings_and_not_of_the_word() -> None:
    told = {
        ("kept", ""): "counted as kept",
        ("absent", "them"): "counted as absent",
        ("agreed", "us"): "counted as yours",
        ("agreed", ""): "counted for nobody",
    }
    for (outcome, origin), words in told.items():
        made = report(said(("AAAAAA", "held", "2026-11-18 09:00")), outcome, origin=origin)
        assert f"“it took place”; {words}" in text(made)


def test_an_answer_without_any_effect_that_is_known_claims_none() -> None:
    made = report(said(("AAAAAA", "none", "2026-11-18 09:00")), "unknown")
    assert "17 Nov: you said “a slip or tidying”; undo" in text(made)


def test_the_last_word_holds_and_taking_it_back_is_said() -> None:
    facts = said(("AAAAAA", "them", "2026-11-18 09:00"), ("AAAAAA", "undo", "2026-11-18 10:00"))
    assert "17 Nov: you said “taken back”" in text(report(facts))
    assert "they called it off" not in text(report(facts))


def test_a_silence_is_answered_by_its_name() -> None:
    made = report(said(("AAAAAA", "reached", "2026-11-18 09:00"), kind="silence", key=""))
    assert "Finn Dahl: you said “they answered me another way”" in text(made)


def test_what_was_answered_before_the_last_report_or_does_not_fit_is_not_said_again() -> None:
    old = report(said(("AAAAAA", "them", "2026-11-15 09:00")))
    assert "you said" not in text(old)
    unfit = report(said(("AAAAAA", "wrong", "2026-11-18 09:00")))
    assert "you said" not in text(unfit)
    # The moment of the last report belongs to it.
    assert "you said" not in text(report(said(("AAAAAA", "them", "2026-11-16 07:00"))))


def test_every_word_that_fits_any_claim_can_be_said_back() -> None:
    made = report(said(("AAAAAA", "them", "2026-11-18 09:00")))
    (one,) = made.answered
    every = tuple(
        replace(one, kind=kind, word=word)
        for kind, words in FITTING.items()
        for word in (*words, "undo")
    )
    pen = Pen(made)
    said_back = [text_of(cards.said_back(pen, one).line) for one in every]
    assert len(said_back) > 30
    assert all("you said “" in one for one in said_back)


def test_many_answers_are_cut_and_counted() -> None:
    many = [(f"AAAA{n:02}", "them", f"2026-11-18 09:{n:02}") for n in range(15)]
    made = report(said(*many))
    assert len(made.answered) == 15
    assert text(made).count("you said") == 3
    assert "12 more on the page" in text(made)


def test_a_change_that_two_looks_days_apart_show_is_told_by_its_days() -> None:
    found = b.findings(
        questions=[
            b.question(FINN, "2026-11-17 15:00", "M8", "gone", notice_lo=-100.0, notice_hi=500.0)
        ]
    )
    assert (
        "it disappeared from the calendar between Tue 27 Oct and Sat 21 Nov, by whom cannot be seen."
        in text(build(found))
    )


def test_a_silence_with_no_step_left_is_a_line() -> None:
    found = b.findings(
        standings=[b.standing(FINN, "talk", by="silence", rules="T2+ T3")],
        silences=[b.silence(FINN, "T3", "2026-10-12 09:00", "2026-11-09 09:00", 4)],
        asks=[b.ask(FINN, "2026-10-12 09:00"), b.ask(FINN, "2026-11-09 09:00")],
    )
    assert "- Finn Dahl: your 4 mails since 12 Oct, no answer [" in text(build(found))


def test_headings_lead_through_the_page_without_a_gap() -> None:
    page = render(build(report_story.full_findings(), report_story.full_facts())).html
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert levels.count(3) == 2, "each card is a heading"
