"""Has every refusal of a login words, and the right next step?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.errors import AuthError, NoshowError
from connectors.auth.google.consent import Stored, reason
from connectors.auth.google.login import why_it_died
from connectors.auth.login_hints import GOOGLE, MICROSOFT
from connectors.auth.microsoft.refusals import refusal


def told(number: int, error: str) -> NoshowError:
    return refusal({"error": error, "error_codes": [number]})


@pytest.mark.parametrize("number", sorted(MICROSOFT))
@pytest.mark.parametrize("error", ["invalid_grant", "interaction_required", "invalid_client"])
def test_each_number_of_microsoft_is_said_in_words_with_a_next_step(
    number: int, error: str
) -> None:
    found = told(number, error)
    assert f"AADSTS{number}" in found.message
    assert MICROSOFT[number].words in found.message
    assert found.hint
    if not isinstance(found, AuthError):
        assert MICROSOFT[number].step in found.hint


@pytest.mark.parametrize(
    ("number", "step"),
    [
        (7000218, "Allow public client flows"),
        (700024, "clock"),
        (500133, "clock"),
        (7000222, "secret"),
        (50105, "assign"),
        (700016, "client_id"),
        (90002, "tenant"),
    ],
)
def test_what_only_one_thing_can_mend_names_it(number: int, step: str) -> None:
    assert step in told(number, "invalid_client").hint


@pytest.mark.parametrize("code", sorted(set(GOOGLE) - {"invalid_grant"}))
def test_each_word_of_google_is_said_in_words_with_a_next_step(code: str) -> None:
    stored = Stored("read", "c", "s", "r", (), 0)
    found = why_it_died(stored, code, 10**15)
    assert GOOGLE[code].words in found.message
    assert GOOGLE[code].step in found.hint
    assert "noshow connect google" in found.hint


def test_a_workspace_that_ends_sessions_is_named_by_its_subtype() -> None:
    assert reason({"error": "invalid_grant", "error_subtype": "invalid_rapt"}) == "invalid_rapt"
    assert "session control" in GOOGLE["invalid_rapt"].step
    assert reason({"error": "invalid_grant", "error_subtype": "a text with words"}) == (
        "invalid_grant"
    )


def test_no_hint_holds_an_address_or_blames() -> None:
    for one in (*MICROSOFT.values(), *GOOGLE.values()):
        assert one.words
        assert not re.search(r"\S@\S", one.words + one.step)


def test_every_code_that_the_fact_sheets_name_for_a_login_has_words() -> None:
    facts = Path(__file__).parents[3] / "docs" / "facts"
    lines = [
        line
        for line in (facts / "microsoft.md").read_text("utf-8").splitlines()
        if "AADSTS" in line or "error_codes" in line
    ]
    numbers = {int(one) for line in lines for one in re.findall(r"\b\d{5,7}\b", line)}
    assert {50076, 53003, 65001, 700082, 7000215, 7000222} <= numbers, "the sheet is read"
    assert numbers - set(MICROSOFT) == set()
    logins = (
        (facts / "google.md").read_text("utf-8").partition("## 4. Auth")[2].partition("## 5")[0]
    )
    words = set(re.findall(r"\b(?:invalid|unauthorized|access|deleted|disabled)_[a-z]+\b", logins))
    assert {"invalid_grant", "unauthorized_client"} <= words
    assert words - set(GOOGLE) - {"access_token"} == set()
