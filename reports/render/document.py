"""Of which parts is the mail made, before it is HTML or plain text?

One tree for both, so that neither can say more than the other. Text is plain text here: it is
escaped where it becomes HTML. `Run.href` and `Action.href` come from reports.weekly.links only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Style = Literal["", "strong", "quiet"]


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line: its weight, and where it leads."""

    text: str
    style: Style = ""
    href: str = ""


Line = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """A link that does something. `subject` is the answer's mail subject, "" for other links."""

    label: str
    href: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of its own, with small actions behind it. `id` is the claim's."""

    line: Line
    quiet: bool = False
    actions: tuple[Action, ...] = ()
    id: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line with its moment in front; `button` is one big action below it."""

    when: str
    line: Line
    actions: tuple[Action, ...] = ()
    id: str = ""
    button: Action | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its buttons, the likely ones large."""

    line: Line
    buttons: tuple[Action, ...]
    more: tuple[Action, ...]
    id: str


@dataclass(frozen=True, slots=True)
class Square:
    """One square of a strip: tone (kept, late, moved, absent, unknown), word, day."""

    tone: str
    word: str
    day: str


@dataclass(frozen=True, slots=True)
class CardBlock:
    """A contact's card. Tags are (text, tone); tone is "" or worse or better.

    `strip_note` says how many there are where the strip does not show all.
    """

    name: str
    tags: tuple[tuple[str, str], ...]
    strip: tuple[Square, ...]
    facts: tuple[Paragraph, ...]
    evidence: tuple[Row, ...]
    after: tuple[Paragraph, ...]
    step: str
    step_why: str
    foot: Line
    strip_note: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by its content id, with all its numbers as text, and its legend (tone, word)."""

    name: str
    alt: str
    legend: tuple[tuple[str, str], ...]


Block = Paragraph | Row | Asked | CardBlock | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A title and what stands below it; `small` sections are set in small print."""

    title: str
    blocks: tuple[Block, ...]
    small: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """The whole mail."""

    language: str
    subject: str
    preheader: str
    kicker: str
    title: str
    warnings: tuple[str, ...]
    coverage: tuple[str, ...]
    sections: tuple[Section, ...]


_PLACE = re.compile(r"\{(\w+)\}")


def compose(template: str, **parts: str | Run | Sequence[Run]) -> Line:
    """A line from a sentence with `{places}`. What is put in is never read as a template again.

    Raises KeyError for a place that no part fills.
    """
    runs: list[Run] = []
    at = 0
    for found in _PLACE.finditer(template):
        runs.append(Run(template[at : found.start()]))
        part = parts[found.group(1)]
        if isinstance(part, str):
            runs.append(Run(part))
        elif isinstance(part, Run):
            runs.append(part)
        else:
            runs.extend(part)
        at = found.end()
    runs.append(Run(template[at:]))
    return tuple(run for run in runs if run.text)


def text_of(line: Line) -> str:
    """The line's words, without its links."""
    return "".join(run.text for run in line)
