"""Do the words keep to dates and counts, in the reader's zone?"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from babel.messages.extract import extract_from_dir
from hypothesis import given
from hypothesis import strategies as st

import reports.render
from reports.render.language.catalogues import catalogue
from reports.render.language.days import Days
from reports.render.mail import render
from reports.render.words import spans
from reports.render.writer import Pen
from reports.weekly import links
from reports.weekly.person import Notice, Who, apart
from tests.support.facts import findings as b
from tests.support.facts import report_story
from tests.support.facts.findings import at, build

DAYS = Days("Europe/Berlin", "en", b.NOW)
PEN = Pen(build(b.findings()))
ROOT = Path(next(iter(reports.render.__path__)))
#: As `make messages` finds messages in the code.
KEYWORDS = {"say": None, "rich": None, "mark": None, "plural": (1, 2)}
#: Judgements, guesses about a person, and words that claim more than was seen.
UNSAID = (
    r"\b(never|always|often|usually|reliable|unreliable|notorious|rude|bad|poor|worst|lazy|ignor\w*"
    r"|ghost\w*|flak\w*|he|she|him|her|his|hers|himself|herself|obviously|clearly|refus\w*)\b"
)


def test_no_word_of_the_report_judges_or_guesses() -> None:
    said = render(
        build(
            report_story.full_findings(),
            report_story.full_facts(),
            previous=report_story.last_week(),
        )
    ).text
    # The one `never` is about what is read, not about anybody.
    said = said.replace("never a mail’s text", "")
    assert re.findall(UNSAID, said, re.IGNORECASE) == []


def test_no_sentence_that_could_be_printed_judges_or_guesses() -> None:
    messages = source_messages()
    assert len(messages) > 200
    for text in messages:
        said = text.replace("never a mail’s text", "").replace("never the text of a mail", "")
        assert not re.search(UNSAID, said, re.IGNORECASE), text


def source_messages() -> set[str]:
    """Every message that the report can be made of, as the extraction for translators finds it."""
    found: set[str] = set()
    for _, _, message, _, _ in extract_from_dir(str(ROOT), keywords=KEYWORDS):
        found.update((message,) if isinstance(message, str) else message)
    return found


def pen() -> Pen:
    return Pen(build(b.findings()))


@pytest.mark.parametrize(
    ("hours", "said"),
    [(0.1, "minutes before"), (0.5, "half an hour before"), (1.0, "1 hour before"),
     (3.48, "3½ hours before"), (2.98, "3 hours before"), (9.9, "10 hours before"),
     (22.4, "22 hours before"), (47.4, "47 hours before"), (49.0, "2 days before"), (720.0, "30 days before"),
     (-0.2, "minutes after it began"), (-2.1, "2 hours after it began")],
)  # fmt: skip
def test_a_moment_is_said_to_the_half_hour_the_hour_or_the_day(hours: float, said: str) -> None:
    assert spans.before(pen(), Notice(hours, hours), at("2026-11-17 15:00")) == said


@pytest.mark.parametrize(
    ("start", "lo", "hi", "said"),
    [
        ("2026-10-29 13:00", 3.0, 6.0, "that morning"),
        ("2026-10-14 16:00", 2.0, 8.0, "that day"),
        ("2026-10-28 09:30", 2.5, 26.0, "on 27 Oct or 28 Oct"),
        ("2026-10-28 09:30", 12.0, 20.0, "on Tue 27 Oct"),
        ("2026-10-28 09:30", 12.0, 80.0, "between Sun 25 Oct and Tue 27 Oct"),
        ("2026-10-28 09:30", -0.5, 3.0, "around its start"),
        ("2026-10-28 09:30", None, 3.0, "at most 3 hours before"),
        ("2026-10-28 09:30", 3.0, None, "at least 3 hours before"),
        ("2026-10-28 09:30", None, -0.5, "after it began"),
        ("2026-10-28 09:30", None, None, "at a time that is not known"),
    ],
)
def test_an_interval_becomes_the_days_it_covers(
    start: str, lo: float | None, hi: float | None, said: str
) -> None:
    assert spans.before(pen(), Notice(lo, hi), at(start)) == said


def test_the_page_says_an_interval_in_hours() -> None:
    known = Notice(3.0, 6.0)
    assert (
        spans.before(pen(), known, at("2026-10-29 13:00"), exact=True)
        == "between 3 and 6 hours before"
    )


@given(st.floats(-5, 60), st.floats(0, 60))
def test_what_lay_before_the_start_is_not_said_to_lie_after_it(lo: float, width: float) -> None:
    said = spans.before(PEN, Notice(lo, lo + width), at("2026-11-17 15:00"))
    assert ("after it began" in said) == (lo + width <= 0)
    assert said == said.strip()
    assert "  " not in said


@pytest.mark.parametrize(
    ("name", "given"),
    [("Tom Baker", "Tom"), ("Dr. Ulrike Brandt", "Dr. Ulrike Brandt"), ("Brandt, Ulrike", "Brandt, Ulrike"),
     ("tom@fjord.example", "tom@fjord.example"), ("Cher", "Cher"), ("J. Smith", "J. Smith"),
     ("Jean-Luc Martin", "Jean-Luc"), ("Željko Ilić", "Željko"), ("7 of Nine", "7 of Nine")],
)  # fmt: skip
def test_somebody_is_called_by_the_first_name_where_it_is_one(name: str, given: str) -> None:
    assert PEN.given(Who("a@x.example", name)) == given


def named(*people: tuple[str, str]) -> str:
    """The mail of a report whose people, by address and name, each called off two of two."""
    days = ("2026-11-10 10:00", "2026-11-12 10:00")
    made = build(
        b.findings(
            people=[b.person(address, name) for address, name in people],
            slots=[b.slot(one, day, "cancelled_late") for one, _ in people for day in days],
            standings=[
                b.standing(one, "talk", by="meetings", rules="R1", k=2, n=2, step="ask-directly")
                for one, _ in people
            ],
        )
    )
    return " ".join(render(made).text.split())


def test_two_of_one_first_name_are_called_by_their_whole_names() -> None:
    said = named(
        ("a@one.example", "Anna Berg"),
        ("b@two.example", "Anna Roth"),
        ("c@two.example", "Tom Abel"),
    )
    assert "Ask Anna Berg, Anna Roth and Tom what changed." in said
    assert "Ask Anna and Tom what changed." in named(
        ("a@one.example", "Anna Berg"), ("c@two.example", "Tom Abel")
    )


def test_two_of_one_name_are_told_apart_by_their_addresses() -> None:
    said = named(
        ("a@one.example", "Alex Kim"), ("b@one.example", "alex kim"), ("c@two.example", "Tom Abel")
    )
    assert "Ask Alex Kim (a@one.example), alex kim (b@one.example) and Tom" in said
    assert "* Alex Kim (a@one.example) " in said
    assert "* Tom Abel (two.example) " in said


@pytest.mark.parametrize(("language", "greeted"), [("en", "Alex"), ("de", "Alex Kim")])
def test_a_letter_greets_by_the_name_alone(language: str, greeted: str) -> None:
    pen = Pen(replace(build(b.findings()), language=language))
    first, other = Who("a@one.example", "Alex Kim"), Who("b@one.example", "Alex Kim")
    assert [pen.called(one) for one in apart([first, other]).values()] == [greeted, greeted]
    assert apart([first])["a@one.example"].name == "Alex Kim"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("ceo@bank.example", "a@one.example"), ("CEO＠bank.example", "a@one.example"),
     ("Tom (tom@bank.example)", "a@one.example"), ("a@one.example", "a@one.example"),
     ("Ann <A@one.example>", "Ann <A@one.example>"), ("Ann @ Bank", "Ann @ Bank"), ("", "a@one.example")],
)  # fmt: skip
def test_a_name_that_is_another_address_is_no_name(name: str, shown: str) -> None:
    assert links.called(name, "a@one.example") == shown


@pytest.mark.parametrize(("zone", "said"), [("Europe/Berlin", "Berlin time"), ("UTC", "UTC"),
                                            ("America/New_York", "New York time")])  # fmt: skip
def test_a_zone_is_said_as_a_person_writes_it(zone: str, said: str) -> None:
    assert Pen(build(b.findings(), ours=replace(b.OURS, zone=zone))).zone(b.NOW) == said


def test_days_are_those_of_the_owner() -> None:
    late = pd.Timestamp("2026-11-16 23:30", tz="UTC")
    assert DAYS.stamp(late) == "Tue 17 Nov, 00:30"
    assert Days("America/New_York", "en", b.NOW).stamp(late) == "Mon 16 Nov, 18:30"


def test_the_year_is_said_where_another_could_be_meant() -> None:
    assert DAYS.day(at("2026-09-03 10:00")) == "3 September"
    assert DAYS.day(at("2025-09-03 10:00")) == "3 September 2025"
    assert DAYS.stamp(at("2025-11-23 10:00")) == "Sun 23 Nov 2025, 10:00"
    assert DAYS.day(at("2027-01-11 10:00")) == "11 January"


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-11-16", "2026-11-22", "16 to 22 November 2026"),
        ("2026-11-30", "2026-12-06", "30 November to 6 December 2026"),
        ("2026-12-28", "2027-01-03", "28 December 2026 to 3 January 2027"),
    ],
)
def test_a_week_says_months_and_years_once_where_they_are_one(
    first: str, last: str, said: str
) -> None:
    assert " to ".join(DAYS.span(at(first), at(last))) == said


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [(1234.0, 0, "1,234"), (0.44, 1, "0.4"), (0.02, 1, "< 0.1"), (0.0, 1, "0"), (3.0, 1, "3")],
)
def test_a_small_number_is_not_called_nothing(value: float, digits: int, said: str) -> None:
    assert DAYS.number(value, digits) == said


def test_lists_read_like_a_sentence() -> None:
    assert [PEN.listed("abc"[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_a_language_without_words_is_no_silent_english() -> None:
    with pytest.raises(KeyError):
        catalogue("xx")
