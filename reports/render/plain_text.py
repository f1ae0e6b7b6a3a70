"""How does the report read as plain text? The same tree as the HTML, line by line.

Nothing is left out: links stand below their line, and answers as the subject of the mail that
gives them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from reports.render.document import (
    Action,
    Asked,
    Block,
    CardBlock,
    Document,
    Line,
    Paragraph,
    Picture,
    Row,
    text_of,
)

_WIDTH = 76


def plain(document: Document) -> str:
    """The whole mail as text of at most 76 columns (addresses and links may be longer)."""
    lines = [document.kicker, "", *_wrapped(document.title), ""]
    for warning in document.warnings:
        lines += [*_wrapped(f"! {warning}", "  "), ""]
    for sentence in document.coverage:
        lines += _wrapped(sentence)
    for section in document.sections:
        lines += ["", ""]
        if section.title:
            lines += [section.title, "-" * len(section.title)]
        for block in section.blocks:
            lines += _block(block)
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield from _with_actions(block.line, block.actions, block.id, "")
    elif isinstance(block, Row):
        yield from _row(block)
    elif isinstance(block, Asked):
        yield ""
        yield from _wrapped(text_of(block.line))
        yield from _links(block.line, "  ")
        widest = max((len(one.subject) for one in block.buttons + block.more), default=0)
        for one in block.buttons + block.more:
            yield f"  {one.subject.ljust(widest)}   {one.label}"
    elif isinstance(block, CardBlock):
        yield from _card(block)
    elif isinstance(block, Picture):
        yield from _wrapped(block.alt)


def _row(block: Row, indent: str = "") -> Iterator[str]:
    line = f"{block.when}: {text_of(block.line)}"
    yield from _wrapped(f"- {line}", indent + "  ", indent)
    yield from _links(block.line, indent + "  ")
    yield from _answers(block.actions, block.id, indent + "  ")
    if block.button is not None:
        address = unquote(block.button.href.removeprefix("mailto:").partition("?")[0])
        yield f"{indent}  {block.button.label}: {address}"


def _card(block: CardBlock) -> Iterator[str]:
    yield ""
    tags = f" ({', '.join(text for text, _ in block.tags)})" if block.tags else ""
    yield from _wrapped(f"* {block.name}{tags}", "  ")
    if block.strip:
        squares = ", ".join(f"{one.day} {one.word}" for one in block.strip)
        note = f"{block.strip_note[:1].upper()}{block.strip_note[1:]}: " if block.strip_note else ""
        yield from _wrapped(note + squares, "  ", "  ")
    for fact in block.facts:
        yield from _with_actions(fact.line, fact.actions, fact.id, "  ")
    for row in block.evidence:
        yield from _row(row, "  ")
    for fact in block.after:
        yield from _with_actions(fact.line, fact.actions, fact.id, "  ")
    if block.step:
        yield from _wrapped(f"> {block.step} {block.step_why}".rstrip(), "    ", "  ")
    yield from _wrapped(text_of(block.foot), "  ", "  ")
    yield from _links(block.foot, "  ")


def _with_actions(
    line: Line, actions: tuple[Action, ...], claim_id: str, indent: str
) -> Iterator[str]:
    yield from _wrapped(text_of(line), indent, indent)
    yield from _links(line, indent + "  ")
    yield from _answers(actions, claim_id, indent + "  ")


def _answers(actions: Iterable[Action], claim_id: str, indent: str) -> Iterator[str]:
    """`[7Q3F2K] done · wrong (this is wrong)`: the words that a mail to oneself may carry."""
    if not claim_id:
        return
    words = [(one.subject.rpartition(" ")[2], one.label) for one in actions]
    said = " · ".join(word if word == label else f"{word} ({label})" for word, label in words)
    yield from _wrapped(f"[{claim_id}] {said}", indent + "  ", indent)


def _links(line: Line, indent: str) -> Iterator[str]:
    for run in line:
        if run.href:
            yield f"{indent}{run.href}"


def _wrapped(text: str, later: str = "", first: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
