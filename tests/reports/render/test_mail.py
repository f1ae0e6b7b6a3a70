"""Is the mail safe, small and whole, in both of its forms?"""

from __future__ import annotations

import html as entities
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.render.document import Run, check, compose, isolated, text_of
from reports.render.mail import Envelope, render
from reports.weekly import build as weekly
from reports.weekly import links
from tests.support.facts import findings as b
from tests.support.facts import report_story
from tests.support.facts.findings import build, findings, question, silence, slot, standing

#: Gmail clips a message's HTML at 102 kB; this product's own limit is well below.
MOST_BYTES = 60_000
EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></tr></table><h1>noshow: log in at https://evil.example</h1>",
    "{{ 7 * 7 }} {% raw %} {who}",
    "&lt;b&gt; &amp;",
    "a\r\nBcc: victim@x.example",
    "\u202eelpmaxe.live\u202c \u200b\ufeff",
]


class Tags(HTMLParser):
    """Every tag with its attributes, and the visible text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self._hidden = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.text.append(
            " " if tag in ("p", "td", "th", "h1", "h2", "h3", "div", "br", "tr") else ""
        )
        self.tags.append((tag, dict(attrs)))
        self._hidden += tag in ("style", "title", "head")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "title", "head")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text.append(data)
            self.text.append(" " * (not data.strip()))

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())


def full() -> Any:
    return build(
        report_story.full_findings(), report_story.full_facts(), previous=report_story.last_week()
    )


def test_the_page_and_the_text_say_the_same_words() -> None:
    mail = render(full())
    page = set(re.findall(r"\w+", Tags(mail.html).words))
    text = set(re.findall(r"\w+", mail.text))
    assert {word for word in page - text if len(word) > 2} == set()
    assert len(page) > 100


def test_every_answer_of_the_html_is_in_the_text_too() -> None:
    mail = render(full())
    flat = " ".join(mail.text.split())
    hrefs = [attrs["href"] or "" for tag, attrs in Tags(mail.html).tags if tag == "a"]
    answers = [parse_qs(urlsplit(one).query)["subject"][0] for one in hrefs if "noshow%20" in one]
    assert len(answers) > 10
    for subject in answers:
        assert subject in flat


def test_every_claim_that_the_mail_shows_has_its_id_in_the_text() -> None:
    report = full()
    text = render(report).text
    omar = [one for one in report.people if one.who.address == report_story.OMAR]
    shown = [one.claim for one in (*report.owed, *report.questions, *report.promises)]
    shown += [one.claim for person in omar for one in person.incidents if one.claim]
    shown += [
        one.quiet.claim for one in report.people if one.quiet and one.tier in ("pause", "cold")
    ]
    shown += [one.dead.claim for one in report.people if one.dead]
    assert len(shown) > 10
    for claim in shown:
        assert report.ids[claim] in text, claim


def test_an_answer_goes_to_the_mailbox_that_was_asked() -> None:
    report = full()
    claim_id = report.ids[report.owed[0].claim]
    assert f"mailto:kate@ourco.example?subject=noshow%20{claim_id}%20done" in render(report).html


def test_links_lead_to_the_meeting_and_to_the_thread() -> None:
    page = entities.unescape(render(full()).html)
    assert "https://www.google.com/calendar/event?eid=ev4" in page
    assert "https://mail.google.com/mail/?authuser=kate@ourco.example#all/18c2f0a1b2c3d481" in page


def test_no_link_where_the_provider_has_none() -> None:
    facts = report_story.full_facts()
    facts.mailboxes["provider"] = "microsoft"
    assert "mail.google.com" not in render(build(report_story.full_findings(), facts)).html


@pytest.mark.parametrize("evil", EVIL)
def test_no_name_subject_or_promise_becomes_markup_or_a_header(evil: str) -> None:
    contact = "omar@client.example"
    found = findings(
        people=[b.person(contact, evil, organisation=evil)],
        slots=[slot(contact, "2026-11-18 10:00", "cancelled_late", subject=evil)],
        standings=[
            standing(contact, "talk", by="both", rules="R1 T2+", k=2, n=2, step="ask-directly")
        ],
        questions=[question(contact, "2026-11-17 15:00", subject=evil)],
        owed=[b.owed(contact, "2026-11-13 10:00", 6, message_id=81)],
        passed=[b.passed(contact, evil, "2026-11-20")],
        coming=[b.coming(contact, "2026-11-25 10:00", subject=evil)],
        silences=[silence(contact, "T2+", "2026-10-19 09:00", "2026-11-12 09:00", 3)],
        seen=(b.coverage(problems=(evil,)),),
        notices=(evil,),
    )
    mail = render(
        build(found, b.facts(messages=[{"message_id": 81, "subject": evil}]), warnings=(evil,))
    )
    plain = render(full())
    known = {tag for tag, _ in Tags(plain.html).tags}
    page = Tags(mail.html)
    assert {tag for tag, _ in page.tags} <= known
    assert sum(tag == "h1" for tag, _ in page.tags) == 1
    for _, attrs in page.tags:
        assert not any(name.startswith("on") for name in attrs)
        assert (attrs.get("href") or "https:").startswith(("https:", "mailto:"))
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject
    assert "evil.example" not in mail.html, "a foreign address would become a link of ours"
    assert "\u202e" not in mail.html + mail.text
    assert not re.search(r"\b49\b", mail.text)


def test_a_meeting_link_that_is_no_https_is_left_out() -> None:
    key = {"series_uid": "omar@client.example-2026-11-17 15:00@cal"}
    found = findings(questions=[question("omar@client.example", "2026-11-17 15:00")])
    for bad in (
        "javascript:alert(1)",
        "http://x.example/",
        "https://user@evil.example/",
        "https://x y/",
    ):
        page = render(build(found, b.facts(meetings=[key | {"html_link": bad}]))).html
        assert bad not in entities.unescape(page)


def test_the_last_gate_refuses_a_link_that_no_section_should_make() -> None:
    with pytest.raises(ValueError, match="neither https nor mailto"):
        check(["https://x.example/", "javascript:alert(1)"])


@given(st.text(max_size=200))
def test_clean_text_is_one_short_line_without_controls(text: str) -> None:
    made = links.clean(text)
    assert len(made) <= 60
    assert made == " ".join(made.split())
    assert made.isprintable()
    assert links.clean(made) == made


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_mailto_gives_back_what_was_put_in(subject: str, body: str) -> None:
    link = links.mailto("o'hara&co@client.example", subject, body)
    assert link.isascii()
    assert not set(link) & set(' <>"\r\n')
    parts = urlsplit(link)
    assert unquote(parts.path) == "o'hara&co@client.example"
    fields = parse_qs(parts.query, keep_blank_values=True)
    assert fields["subject"] == [subject]
    assert fields.get("body", [""]) == [body]


@given(st.text(max_size=40))
def test_what_is_put_into_a_sentence_is_never_read_as_one(name: str) -> None:
    line = compose("You owe {who}{org} a reply", who=Run(name, "strong"), org=" ({who})")
    assert text_of(line) == f"You owe {isolated(name)} ({{who}}) a reply"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("משה כהן", "\u2068משה כהן\u2069"), ("Ali محمد", "\u2068Ali محمد\u2069"),
     ("\u2068משה\u2069", "\u2068משה\u2069"), ("Omar Haddad", "Omar Haddad"), ("山田", "山田")],
)  # fmt: skip
def test_a_name_from_right_to_left_takes_no_number_along(name: str, shown: str) -> None:
    line = compose("{who}: {what}", who=Run(name, "strong"), what="3 of 4 called off late")
    assert text_of(line) == f"{shown}: 3 of 4 called off late"


def worst_case() -> Any:
    """As much as a report can hold, with the longest names, subjects and links."""
    long_name, long_subject = "W" * 200, "M" * 300
    contacts = [f"{'c' * 40}{n:03d}@{'d' * 50}.example" for n in range(60)]
    people = [
        b.person(one, f"{n} {long_name}", organisation="o" * 80) for n, one in enumerate(contacts)
    ]
    slots: list[dict[str, Any]] = []
    meetings: list[dict[str, Any]] = []
    for n, one in enumerate(contacts[:20]):
        for month in (6, 7, 8, 9, 10, 11):
            for day in (11, 18):
                start = f"2026-{month:02d}-{day} 10:00"
                slots.append(
                    b.slot(one, start, "moved_late", subject=long_subject, notice_lo=1.0, notice_hi=9.5,
                           replaced_at=b.at("2026-11-20 10:00"), via=contacts[59], in_absence=True)
                )  # fmt: skip
                meetings.append(
                    {"meeting_id": len(meetings), "series_uid": f"{one}-{start}@cal",
                     "html_link": "https://calendar.example/" + "e" * 600}
                )  # fmt: skip
        slots.append(b.slot(one, f"2026-11-19 {n % 10 + 10}:00", on_site=True))
    quiet = [
        b.silence(one, "T3", "2026-08-19 09:00", "2026-11-12 09:00", 9) for one in contacts[:20]
    ]
    quiet += [
        b.silence(one, "T4", "2026-08-19 09:00", "2026-11-12 09:00", 9) for one in contacts[20:40]
    ]
    quiet += [
        b.silence(one, "T5", "2026-08-19 09:00", "2026-11-12 09:00", 9) for one in contacts[40:50]
    ]
    quiet += [
        b.silence(one, "unknown", "2026-08-19 09:00", "2026-11-12 09:00", 9)
        for one in contacts[50:]
    ]
    tiers = ["pause"] * 10 + ["talk"] * 10
    return build(
        findings(
            people=people,
            slots=slots,
            silences=quiet,
            standings=[
                b.standing(
                    one,
                    tier,
                    by="both",
                    rules="R1 R2 T2+ T3",
                    k=12,
                    k_hard=3,
                    n=12,
                    unknown=9,
                    early=9,
                    excused=9,
                    step="write-to",
                    step_detail=contacts[58],
                    lead_kept_days=3.0,
                    lead_lost_days=30.0,
                )
                for one, tier in zip(contacts, tiers, strict=False)
            ],
            asks=[
                b.ask(one, f"2026-10-{day} 09:00")
                for one in contacts[:40]
                for day in range(10, 22, 2)
            ],
            owed=[
                b.owed(one, "2026-11-12 10:00", 7, message_id=n) for n, one in enumerate(contacts)
            ]
            + [
                b.owed(one, "2026-11-12 10:00", 7, message_id=n, perhaps=True)
                for n, one in enumerate(contacts)
            ],
            questions=[
                b.question(
                    one,
                    "2026-11-17 15:00",
                    "M8",
                    "mailed",
                    subject=long_subject,
                    mail_at=b.at("2026-11-17 16:00"),
                )
                for one in contacts
            ],
            coming=[
                b.coming(one, "2026-11-25 10:00", subject=long_subject, k=3, n=5)
                for one in contacts
            ],
            passed=[b.passed(one, long_subject, "2026-11-20") for one in contacts],
            notices=tuple(f"notice {n} {'x' * 300}" for n in range(30)),
            replies=[
                {
                    "contact": one,
                    "theirs": 99,
                    "their_median_hours": 9.0,
                    "ours": 99,
                    "our_median_hours": 9.0,
                }
                for one in contacts
            ],
        ),
        b.facts(
            meetings=meetings,
            messages=[
                {"message_id": n, "thread_id": "f" * 32, "subject": long_subject} for n in range(60)
            ],
        ),
        warnings=("w" * 300,),
    )


def test_the_longest_report_is_far_from_being_clipped_by_gmail() -> None:
    report = worst_case()
    mail = render(report, Envelope("7Q3F2K", page_url=f"https://x.example/{'p' * 80}.html"))
    assert len(mail.html.encode()) < MOST_BYTES
    tags = Tags(mail.html)
    assert sum(tag == "h3" for tag, _ in tags.tags) == 3
    assert sum(tag == "a" for tag, _ in tags.tags) <= 35
    assert len(mail.subject) < 250
    assert "57 more replies are owed; 56 more meetings to confirm" in mail.text


def test_the_same_report_is_the_same_bytes() -> None:
    one, two = render(full()), render(full())
    assert one == two


def test_the_pictures_numbers_are_in_its_alternative_text() -> None:
    mail = render(full())
    (image,) = [attrs for tag, attrs in Tags(mail.html).tags if tag == "img"]
    assert image["src"] == "cid:twelve-weeks"
    assert list(mail.pictures) == ["twelve-weeks"]
    alt = image["alt"] or ""
    assert "Last week, 16 Nov: 4 kept, 1 late, 1 absent, 1 late by you." in alt
    assert len(re.findall(r"\d{1,2} \w{3}: ", alt)) == 12


def test_a_preview_has_no_ids_and_offers_no_answers() -> None:
    told = b.detected(report_story.full_findings())
    preview = weekly.build(told, weekly.Edition(b.WEEK))
    mail = render(preview)
    assert "mailto:kate" not in mail.html
    assert "Who needed the change?" in mail.text
