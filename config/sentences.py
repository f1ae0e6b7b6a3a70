"""How can a sentence made far from the report still be said in the reader's language?

What a job or a step of detection tells is English text for the terminal and the log. Where it may
also stand in a report, it is a `Sentence`: the same text, with the message and the places it was
made of. The report's words (reports.render.writer) say it again in their language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

_PLACE = re.compile(r"\{(\w+)\}")


def filled(template: str, places: Mapping[str, str]) -> str:
    """A sentence with its `{places}` filled. What is put in is never read as a template again.

    Raises KeyError for a place that nothing fills.
    """
    return _PLACE.sub(lambda found: places[found.group(1)], template)


class Sentence(str):
    """An English text that remembers its message (`one`, and `many` for counts) and its places."""

    one: str
    many: str
    number: int
    places: Mapping[str, str | date]


def sentence(one: str, **places: str | date) -> Sentence:
    """The sentence with its `{places}` filled; a date reads `3 December`."""
    return _made(one, "", 1, places)


def counted(one: str, many: str, count: int, **places: str | date) -> Sentence:
    """The sentence of this count, whose `{count}` is the count."""
    return _made(one, many, count, {"count": str(count), **places})


def mark(text: str) -> str:
    """A message that stands in a table and is translated where it is used."""
    return text


def mark_counts(one: str, many: str) -> tuple[str, str]:
    """The two forms of a message that stands in a table, for `counted`."""
    return one, many


def _made(one: str, many: str, count: int, places: Mapping[str, str | date]) -> Sentence:
    template = many if many and count != 1 else one
    made = Sentence(filled(template, {name: _text(value) for name, value in places.items()}))
    made.one, made.many, made.number, made.places = one, many, count, places
    return made


def _text(value: str | date) -> str:
    return value if isinstance(value, str) else value.strftime("%d %B").lstrip("0")
