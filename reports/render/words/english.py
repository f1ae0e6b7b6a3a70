"""Which words does the report use? All English sentences, in one folder.

Words are dates and counts: no adjectives about people, no pronouns that guess, "not since" and
never "never" (rules.md section 8). `{name}` marks what is put in later, so that a name keeps its
weight and its link, and can never become markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reports.render.words.english_cards import Cards
from reports.render.words.english_head import Head
from reports.render.words.english_lists import Lists
from reports.render.words.english_own import OwnSide


class English(Head, OwnSide, Cards, Lists):
    """The sentences of one language; another language is another class with the same names."""

    language = "en"
    to = "to"


_LANGUAGES: Mapping[str, English] = MappingProxyType({"en": English()})


def of(language: str) -> English:
    """The words of a language. Raises KeyError for one that has none yet."""
    return _LANGUAGES[language]
