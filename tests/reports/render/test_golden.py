"""Is each kind of week still the mail that somebody looked at: its text, its HTML, its MIME tree?

After a change that was meant, and looked at: GOLDEN=write pytest tests/reports/render/test_golden.py
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jobs.delivery.envelope.message import letter
from reports.render.mail import Envelope, render
from reports.render.page import page
from reports.weekly.report import WeeklyReport
from tests.reports.render.test_mail import EVIL, worst_case
from tests.support.facts import findings as b
from tests.support.facts import report_story

FOLDER = Path(__file__).with_name("golden")
STOP = "mailto:kate@ourco.example?subject=noshow%20stop"


def full() -> WeeklyReport:
    return b.build(
        report_story.full_findings(),
        report_story.full_facts(),
        previous=report_story.last_week(),
        names={b.KATE: "Kate Lind"},
    )


def quiet() -> WeeklyReport:
    return b.build(b.findings(slots=[b.slot("omar@client.example", "2026-11-18 10:00")]))


def incomplete() -> WeeklyReport:
    seen = b.coverage(
        complete_to=b.at("2026-11-19 14:05"), problems=("mail: Google no longer accepts the login",)
    )
    return b.build(
        b.findings(
            seen=(seen,),
            owed=[b.owed("ines.roy@client.example", "2026-11-13 10:00", 6)],
            coming=[b.coming("omar.haddad@client.example", "2026-11-26 11:00", k=4, n=6, accepted=True)],
        )
    )  # fmt: skip


def first_week() -> WeeklyReport:
    seen = b.coverage(calendar_weeks=1.0, mail_weeks=1.0, calendar_from=b.at("2026-11-16 00:00"))
    return b.build(
        b.findings(
            seen=(seen,), questions=[b.question("dana.kim@pilot.example", "2026-11-17 15:00")]
        )
    )


def hundred_contacts() -> WeeklyReport:
    many = [f"guest.{n:03d}@many.example" for n in range(100)]
    return b.build(
        b.findings(
            slots=[b.slot(one, "2026-11-18 10:00", "cancelled_late") for one in many],
            standings=[
                b.standing(one, "talk", by="meetings", rules="R1", k=2, n=3, step="ask-directly")
                for one in many
            ],
            owed=[b.owed(one, "2026-11-12 10:00", 7) for one in many],
            coming=[b.coming(one, "2026-11-25 10:00", k=2, n=3, accepted=True) for one in many],
        )
    )


def hostile() -> WeeklyReport:
    contacts = [f"h{n}@evil.example" for n in range(len(EVIL))]
    return b.build(
        b.findings(
            people=[b.person(one, evil, organisation=evil) for one, evil in zip(contacts, EVIL, strict=True)],
            slots=[
                b.slot(one, "2026-11-18 10:00", "cancelled_late", subject=evil)
                for one, evil in zip(contacts, EVIL, strict=True)
            ],
            standings=[
                b.standing(one, "talk", by="meetings", rules="R1", k=2, n=2, step="ask-directly")
                for one in contacts
            ],
            owed=[b.owed(one, "2026-11-12 10:00", 7) for one in contacts],
        )
    )  # fmt: skip


CASES: dict[str, Callable[[], WeeklyReport]] = {
    "full": full,
    "quiet": quiet,
    "incomplete": incomplete,
    "first-week": first_week,
    "hundred-contacts": hundred_contacts,
    "hostile": hostile,
}
#: The weeks that are also kept in German.
GERMAN = ("full", "quiet", "incomplete")
KEPT = {
    **CASES,
    **{f"de-{name}": lambda made=CASES[name]: replace(made(), language="de") for name in GERMAN},
}


@pytest.mark.parametrize("name", KEPT)
def test_the_mail_is_the_one_that_was_looked_at(name: str) -> None:
    report = KEPT[name]()
    envelope = Envelope("7Q3F2K", stop=STOP, page_url="https://noshow.ourco.example/page.html")
    rendered = render(report, envelope, page.render(report))
    mail = letter(
        rendered, sender=b.KATE, recipient=b.KATE, key="noshow.7Q3F2K.1.1@ourco.example", at=0,
        name="weekly 2026-W47",
    )  # fmt: skip
    headers = "".join(f"{key}: {value}\n" for key, value in mail.items() if key != "Content-Type")
    tree = "".join(f"{part.get_content_type()}\n" for part in mail.walk())
    parts = {"txt": rendered.text, "html": rendered.html, "mime": headers + "\n" + tree}
    for ending, said in parts.items():
        path = FOLDER / f"{name}.{ending}"
        if os.environ.get("GOLDEN") == "write":
            path.parent.mkdir(exist_ok=True)
            path.write_text(said, "utf-8")
        assert said == path.read_text("utf-8"), f"{path.name} differs"


@pytest.mark.parametrize("name", [*KEPT, "worst"])
def test_every_mail_is_short(name: str) -> None:
    report = worst_case() if name == "worst" else KEPT[name]()
    rendered = render(report, Envelope("7Q3F2K", stop=STOP, page_url="https://x.example/page.html"))
    assert len(rendered.html.encode()) < 60_000
    assert rendered.html.count("<a ") <= 35
