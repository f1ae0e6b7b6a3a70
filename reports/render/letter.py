"""Of which parts is the mail made, before it is HTML or plain text?

One tree for both. The text part says more of each claim: its id, and the evidence line by line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reports.render.document import Action, Line, Run


@dataclass(frozen=True, slots=True)
class Do:
    """One thing to do: lines, its buttons, a small link beside them, further answers (text only)."""

    lines: tuple[Line, ...]
    actions: tuple[Action, ...]
    side: Action | None = None
    more: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Square:
    """One square of a strip: tone (kept, off, moved, absent), word, day."""

    tone: str
    word: str
    day: str


@dataclass(frozen=True, slots=True)
class Proof:
    """One dated piece of evidence as the text part shows it."""

    when: str
    line: Line
    id: str


@dataclass(frozen=True, slots=True)
class Card:
    """A contact's card. `rows` is the strip, oldest first, of `columns`; `all` leads to the page."""

    name: str
    organisation: str
    all: Run | None
    rows: tuple[tuple[Square, ...], ...]
    columns: int
    sentences: Line
    action: Action | None
    side: Action | None
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class OneLine:
    """One line about somebody, with the id of its claim."""

    line: Line
    id: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by its content id, with all its numbers as text."""

    name: str
    alt: str
    width: int


Block = Do | Card | OneLine | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it; `note` is small, `side` a small link at its end."""

    title: str
    blocks: tuple[Block, ...]
    note: str = ""
    side: Action | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong, the command that mends it, and a mail that passes it on."""

    line: Line
    command: str
    action: Action | None


@dataclass(frozen=True, slots=True)
class Letter:
    """The whole mail."""

    language: str
    subject: str
    preheader: str
    kicker: str
    title: str
    figures: str
    notes: tuple[str, ...]
    trouble: Trouble | None
    paragraphs: tuple[str, ...]
    sections: tuple[Section, ...]
    footer: tuple[Line, ...]


def hrefs(letter: Letter) -> Iterator[str]:
    """Every link of the mail."""
    if letter.trouble is not None and letter.trouble.action is not None:
        yield letter.trouble.action.href
    for line in letter.footer:
        yield from (run.href for run in line)
    for section in letter.sections:
        if section.side is not None:
            yield section.side.href
        for block in section.blocks:
            yield from _of(block)


def _of(block: Block) -> Iterator[str]:
    actions: tuple[Action | None, ...] = ()
    lines: tuple[Line, ...] = ()
    if isinstance(block, Do):
        actions, lines = (*block.actions, *block.more, block.side), block.lines
    elif isinstance(block, Card):
        actions, lines = (block.action, block.side), (block.sentences,)
        lines += tuple(proof.line for proof in block.proofs)
        if block.all is not None:
            yield block.all.href
    elif isinstance(block, OneLine):
        lines = (block.line,)
    for line in lines:
        yield from (run.href for run in line)
    yield from (action.href for action in actions if action is not None)
