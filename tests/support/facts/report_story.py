"""One full week as the sketch of the product tells it: every section has something to say."""

from __future__ import annotations

from typing import Any

import pandas as pd

from connectors.model.frames import Frames
from reports.detect.scoring import past_standings
from reports.schemas import Findings
from tests.support.facts import findings as b

OMAR, PETRA, DANA = (
    "omar.haddad@client.example",
    "petra.voss@vendor.example",
    "dana.kim@pilot.example",
)
ROSA, INES, TOM = (
    "rosa.lind@fabrikam.example",
    "ines.roy@client.example",
    "tom.abel@northwind.example",
)
LEE, MAYA, JON = "lee.park@acme.example", "maya.sol@fabrikam.example", "jon.berg@vendor.example"
ANA, ULA, VIC = (
    "ana.pires@client.example",
    "ula.brandt@longname-industries.example",
    "vic.day@bounce.example",
)
NIA = "nia.cole@quiet.example"


def _many_kept() -> list[dict[str, Any]]:
    """A hundred or so ordinary meetings over half a year."""
    rows = []
    for week in range(26):
        day = b.NOW - pd.Timedelta(days=7 * week + 3)
        for hour in range(2 + (week * 7) % 4):
            start = day.tz_convert(b.ZONE).strftime(f"%Y-%m-%d {9 + hour:02d}:00")
            rows.append(b.slot(f"guest.{hour}@many.example", start))
        if week % 5 == 2:
            start = day.tz_convert(b.ZONE).strftime("%Y-%m-%d 16:00")
            rows.append(b.slot("guest.9@many.example", start, "cancelled_late"))
        if week % 6 == 4:
            start = day.tz_convert(b.ZONE).strftime("%Y-%m-%d 17:00")
            rows.append(b.slot("guest.8@many.example", start, "unknown"))
    return rows


def full_findings() -> Findings:
    slots = [
        *_many_kept(),
        b.slot(OMAR, "2026-09-02 10:00", subject="Quarterly review"),
        b.slot(OMAR, "2026-09-16 10:00", "cancelled_late", subject="Budget", via=ANA),
        b.slot(OMAR, "2026-10-07 10:00", subject="Budget"),
        b.slot(OMAR, "2026-10-28 10:00", "moved_late", subject="Scope", notice_lo=2.0, notice_hi=5.0),
        b.slot(
            OMAR, "2026-11-18 14:00", "absent", subject="Scope for the first quarter",
            grade="likely", online=True,
        ),
        b.slot(OMAR, "2026-11-05 09:00", "unknown"),
        b.slot(ULA, "2026-10-12 09:00", "moved_late", subject="Site visit", on_site=True),
        b.slot(ULA, "2026-11-16 09:00", "moved_late", subject="Site visit", on_site=True),
        b.slot(LEE, "2026-11-19 11:00", "agreed", origin="us", notice_lo=3.0, notice_hi=3.0,
               subject="Roadmap", meeting_key="roadmap@cal "),
        b.slot(MAYA, "2026-11-20 11:00", on_site=True, subject="Plant tour"),
        b.slot(JON, "2026-11-19 14:00", subject="Catch-up"),
    ]  # fmt: skip
    return b.findings(
        people=[
            b.person(OMAR, "Omar Haddad", stage="client"),
            b.person(ULA, "Dr. Ulrike Brandt-Zimmermann"),
            b.person(VIC, "Vic Day", dead=True, dead_reason="bounce", dead_at=b.at("2026-11-17 08:00")),
        ],
        assistants=[{"assistant": ANA, "principal": OMAR, "name": "Ana Pires"}],
        slots=slots,
        standings=[
            b.standing(OMAR, "talk", by="meetings", rules="R1", k=3, k_hard=2, n=5, unknown=1,
                       early=2, posterior=0.33, step="ask-directly", lead_kept_days=6.0,
                       lead_lost_days=30.0, lost_hours=2.0),
            b.standing(ULA, "talk", by="meetings", rules="R1", k=2, n=2, moves_only=True,
                       posterior=0.3, step="confirm-before", own_late=1),
            b.standing(PETRA, "pause", by="silence", rules="T3", step="write-to", step_detail=JON),
            b.standing(NIA, "cold", by="silence", rules="T4"),
            b.standing(VIC, "dead", rules="T5"),
        ],
        asks=[
            b.ask(PETRA, "2026-10-19 09:00", message_id=71),
            b.ask(PETRA, "2026-10-26 09:00"),
            b.ask(PETRA, "2026-11-06 09:00", message_id=72),
            b.ask(PETRA, "2026-11-12 09:00", "call"),
            b.ask(NIA, "2026-10-05 09:00"), b.ask(NIA, "2026-10-20 09:00"), b.ask(NIA, "2026-11-09 09:00"),
        ],
        silences=[
            b.silence(PETRA, "T3", "2026-10-19 09:00", "2026-11-12 09:00", 4,
                      last_heard_at=b.at("2026-10-02 12:00"), calls=1),
            b.silence(NIA, "T4", "2026-10-05 09:00", "2026-11-09 09:00", 3),
            b.silence(VIC, "T5", "2026-11-16 09:00", "2026-11-16 09:00", 1),
            b.silence("pat.moor@slow.example", "T2", "2026-11-13 09:00", "2026-11-13 09:00", 1),
            b.silence("sam.hill@slow.example", "T1", "2026-11-17 09:00", "2026-11-17 09:00", 1),
            b.silence("kim.ode@news.example", "unknown", "2026-11-02 09:00", "2026-11-12 09:00", 2,
                      why="bulk-answer"),
        ],
        owed=[
            b.owed(INES, "2026-11-13 10:00", 6, message_id=81),
            b.owed(TOM, "2026-11-16 10:00", 5, message_id=82),
            b.owed(OMAR, "2026-11-13 09:00", 6, message_id=83, perhaps=True),
        ],
        questions=[
            b.question(DANA, "2026-11-17 15:00", would_change=True),
            b.question(ROSA, "2026-11-18 10:00", "M8", "mailed", subject="Visit at Fabrikam",
                       mail_at=b.at("2026-11-18 10:21"), notice_lo=float("nan"), notice_hi=float("nan")),
            b.question(TOM, "2026-11-12 16:00", "M1", "gone", notice_lo=-0.5, notice_hi=3.0,
                       subject="Data sheet"),
        ],
        coming=[
            b.coming(OMAR, "2026-11-25 10:00", on_site=True, accepted=True, k=3, n=5,
                     agreed_at=b.at("2026-10-22 10:00")),
            b.coming(DANA, "2026-11-26 09:30", subject="Pilot review", agreed_at=b.at("2026-11-17 13:00")),
        ],
        passed=[
            b.passed(TOM, "deposit", "2026-11-20"),
            b.passed(INES, "signed order", "2026-11-18", word_at=b.at("2026-11-17 17:00")),
        ],
        acts=[b.act(MAYA, "2026-11-19 08:00")],
        replies=[
            {"contact": OMAR, "theirs": 12, "their_median_hours": 9.0, "ours": 8, "our_median_hours": 0.6},
            {"contact": JON, "theirs": 7, "their_median_hours": 2.0, "ours": 2},
        ],
        notices=("The answer “noshow K3X9QD held” does not fit: that line is about a reply you owe.",),
    )  # fmt: skip


def full_facts() -> Frames:
    link = "https://www.google.com/calendar/event?eid="
    return b.facts(
        messages=[
            {"message_id": 71, "thread_id": "18c2f0a1b2c3d470", "subject": "Offer"},
            {"message_id": 72, "thread_id": "18c2f0a1b2c3d471", "subject": "Offer"},
            {"message_id": 81, "thread_id": "18c2f0a1b2c3d481", "subject": "Scope for the first quarter"},
            {"message_id": 82, "thread_id": "18c2f0a1b2c3d482", "subject": "Re: data sheet"},
            {"message_id": 83, "thread_id": "18c2f0a1b2c3d483", "subject": "Re: dates"},
        ],
        meetings=[
            {"meeting_id": number, "series_uid": f"{contact}-{start}@cal", "html_link": f"{link}ev{number}"}
            for number, (contact, start) in enumerate([
                (OMAR, "2026-11-18 14:00"), (OMAR, "2026-10-28 10:00"), (OMAR, "2026-09-16 10:00"),
                (DANA, "2026-11-17 15:00"), (OMAR, "2026-11-25 10:00"),
            ])
        ],
        claims=[{"claim_id": "AAAAAA", "kind": "M6", "contact": LEE, "meeting_key": "roadmap@cal "}],
        answers=[{"claim_id": "AAAAAA", "word": "us", "at": b.at("2026-11-20 17:00")}],
    )  # fmt: skip


def last_week() -> str:
    """The standings of week 46: Omar with one incident less, Maya silent, Petra to talk to."""
    found = b.findings(
        as_of=b.at("2026-11-16 07:00"),
        slots=[
            b.slot(OMAR, "2026-09-16 10:00", "cancelled_late"),
            b.slot(OMAR, "2026-10-28 10:00", "moved_late"),
        ],
        standings=[
            b.standing(OMAR, "talk", by="meetings", rules="R1", k=2, n=4, posterior=0.28),
            b.standing(PETRA, "talk", by="silence", rules="T2+"),
            b.standing(MAYA, "talk", by="silence", rules="T2+"),
            b.standing(NIA, "cold", by="silence", rules="T4"),
            b.standing(VIC, "dead", rules="T5"),
        ],
        silences=[
            b.silence(PETRA, "T2+", "2026-10-19 09:00", "2026-11-06 09:00", 3),
            b.silence(MAYA, "T2+", "2026-10-24 08:00", "2026-11-02 09:00", 2),
            b.silence(NIA, "T4", "2026-10-05 09:00", "2026-11-09 09:00", 3),
        ],
    )
    return past_standings.dumps(past_standings.snapshot(found, "2026-W46"))
