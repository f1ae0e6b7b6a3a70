"""Do the words keep to dates and counts, in the reader's zone?"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.render.mail import render
from reports.render.words import english
from reports.render.words.amounts import duration, listed, notice
from reports.render.words.days import Days
from tests.support.facts import findings as b
from tests.support.facts import report_story
from tests.support.facts.findings import at, build

DAYS = Days("Europe/Berlin", "en", b.NOW)
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
    said = said.replace("never the text of a mail", "")
    assert re.findall(UNSAID, said, re.IGNORECASE) == []


def test_no_sentence_that_could_be_printed_judges_or_guesses() -> None:
    folder = Path(english.__file__).parent
    source = "\n".join(one.read_text() for one in sorted(folder.glob("*.py")))
    code = re.sub(r'""".*?"""', "", source, flags=re.DOTALL)
    code = re.sub(r"(?m)^\s*#.*", "", code).replace("never the text", "")
    strings = re.findall(r'"([^"\n]*)"', code)
    assert len(strings) > 150
    for text in strings:
        assert not re.search(UNSAID, text, re.IGNORECASE), text


@pytest.mark.parametrize(
    ("hours", "said"),
    [(0.75, "45 min"), (1.8, "1 h 48 min"), (2.0, "2 h"), (-0.5, "30 min"), (9.99, "9 h 59 min"),
     (22.4, "22 h"), (0.999, "1 h"), (47.6, "48 h"), (48.0, "2 days"), (720.0, "30 days"), (0.0, "0 min")],
)  # fmt: skip
def test_durations(hours: float, said: str) -> None:
    assert duration(hours) == said


@pytest.mark.parametrize(
    ("lo", "hi", "said"),
    [
        (1.8, 1.8, "1 h 48 min before it began"),
        (-0.2, -0.2, "12 min after it began"),
        (0.0, 0.0, "at the minute it began"),
        (2.0, 5.0, "2 h to 5 h before it began"),
        (-2.0, -0.5, "30 min to 2 h after it began"),
        (-0.5, 3.0, "some time from 3 h before it began to 30 min after"),
        # Hours apart, the minutes of either end say nothing.
        (1.99, 8.95, "2 h to 9 h before it began"),
        (0.4, 2.4, "24 min to 2 h 30 min before it began"),
        (1.5, 1.8, "1 h 30 min to 1 h 48 min before it began"),
        (None, 3.0, "at most 3 h before it began"),
        (3.0, None, "at least 3 h before it began"),
        (None, -0.5, "30 min or longer after it began"),
        (-0.5, None, "30 min after it began at the latest"),
        (None, None, "at a moment that is not known"),
    ],
)
def test_a_notice_says_what_is_known_and_no_more(
    lo: float | None, hi: float | None, said: str
) -> None:
    assert notice(lo, hi) == said


@given(st.floats(-5, 60), st.floats(0, 60))
def test_a_notice_never_claims_less_than_its_least(lo: float, width: float) -> None:
    said = notice(lo, lo + width)
    assert ("before" in said) == (lo + width > 0.5 / 60) or "minute" in said or width * 60 < 1
    assert "  " not in said


def test_days_are_those_of_the_owner() -> None:
    late = pd.Timestamp("2026-11-16 23:30", tz="UTC")
    assert DAYS.stamp(late) == "Tue 17 Nov 00:30"
    assert Days("America/New_York", "en", b.NOW).stamp(late) == "Mon 16 Nov 18:30"


def test_the_year_is_said_where_another_could_be_meant() -> None:
    assert DAYS.day(at("2026-09-03 10:00")) == "3 September"
    assert DAYS.day(at("2025-09-03 10:00")) == "3 September 2025"
    assert DAYS.stamp(at("2025-11-23 10:00")) == "Sun 23 Nov 2025 10:00"
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
    assert DAYS.span(at(first), at(last), "to") == said


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [(1234.0, 0, "1,234"), (0.44, 1, "0.4"), (0.02, 1, "< 0.1"), (0.0, 1, "0"), (3.0, 1, "3")],
)
def test_a_small_number_is_not_called_nothing(value: float, digits: int, said: str) -> None:
    assert DAYS.number(value, digits) == said


def test_lists_read_like_a_sentence() -> None:
    assert [listed("abc"[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]


def test_a_language_without_words_is_no_silent_english() -> None:
    with pytest.raises(KeyError):
        english.of("xx")
