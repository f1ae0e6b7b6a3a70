"""What is a line of the report made of: text, weight, links, and sentences with places?

Text is plain text here: it is escaped where it becomes HTML. `Run.href` and `Action.href` come from
reports.weekly.links only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from unicodedata import bidirectional

Style = Literal["", "strong", "quiet"]


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line: its weight, where it leads, and what a screen reader says of a link."""

    text: str
    style: Style = ""
    href: str = ""
    said: str = ""


Line = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """A link that does something: an answer, a draft, or a thread to write in.

    `subject` is the subject of the mail that it opens, `said` what a screen reader says where the
    label alone would not do. `solid`: a verb of the headline.
    """

    label: str
    href: str
    subject: str = ""
    said: str = ""
    solid: bool = False


#: First strong isolate, and its end (Unicode Bidirectional Algorithm, UAX 9).
_FIRST, _END = "\u2068", "\u2069"
_PLACE = re.compile(r"\{(\w+)\}")


def compose(template: str, **parts: str | Run | Sequence[Run]) -> Line:
    """A line from a sentence with `{places}`, each a text or runs.

    Raises KeyError for a place that no part fills.
    """
    runs: list[Run] = []
    at = 0
    for found in _PLACE.finditer(template):
        runs.append(Run(template[at : found.start()]))
        part = parts[found.group(1)]
        inner = (
            (Run(part),) if isinstance(part, str) else (part,) if isinstance(part, Run) else part
        )
        runs.extend(replace(one, text=isolated(one.text)) for one in inner)
        at = found.end()
    runs.append(Run(template[at:]))
    return tuple(run for run in runs if run.text)


def isolated(text: str) -> str:
    """The text so that, where it runs from right to left, it takes nothing around it along.

    Else the number of `{who}: 3 of 4 called off late` would stand before a Hebrew name.
    """
    if _FIRST in text or not any(bidirectional(char) in ("R", "AL", "AN") for char in text):
        return text
    return f"{_FIRST}{text}{_END}"


def text_of(line: Iterable[Run]) -> str:
    """The line's words, without its links."""
    return "".join(run.text for run in line)


def check(hrefs: Iterable[str]) -> None:
    """No link leaves the house that is not https or mailto, whoever made it. Raises ValueError."""
    for href in hrefs:
        if href and not href.startswith(("https://", "mailto:", "#")):
            raise ValueError("a link of the report is neither https nor mailto")
