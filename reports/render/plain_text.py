"""How does the report read as plain text? The same tree as the HTML, line by line.

Nothing is left out, and more is said: links stand below their line, each claim bears its id, drafts
their address and subject, and answers the subject of the mail that gives them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from urllib.parse import unquote

from reports.render.document import Action, Line, text_of
from reports.render.letter import Block, Card, Do, Letter, OneLine, Picture, Section
from reports.render.writer import Pen

_WIDTH = 76


def plain(tree: Letter, pen: Pen) -> str:
    """The whole mail as text of at most 76 columns (addresses and links may be longer)."""
    lines = [*_opening(tree)]
    for section in tree.sections:
        lines += _section(section, pen)
    lines += ["", ""]
    for line in tree.footer:
        lines += _wrapped(text_of(line))
        lines += _links(line, "  ")
    if pen.report.ids:
        lines += ["", *_wrapped(_how(pen))]
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


def _opening(tree: Letter) -> Iterator[str]:
    yield from (tree.kicker, "", *_wrapped(tree.title))
    if tree.figures:
        yield tree.figures
    for note in tree.notes:
        yield from ("", *_wrapped(f"! {note}", "  "))
    if tree.trouble is not None:
        yield from ("", *_wrapped(f"! {text_of(tree.trouble.line)}", "  "))
        if tree.trouble.command:
            yield from ("", f"      {tree.trouble.command}")
    for paragraph in tree.paragraphs:
        yield from ("", *_wrapped(paragraph))


def _section(section: Section, pen: Pen) -> Iterator[str]:
    yield from ("", "", section.title, "-" * len(section.title))
    for block in section.blocks:
        yield from _block(block, pen)
    if section.note:
        yield from ("", *_wrapped(section.note))
    if section.side is not None and section.side.subject:
        yield from _action(section.side, pen, "")


def _how(pen: Pen) -> str:
    return pen.say(
        "What stands in [brackets] is an id. A mail from you to yourself with the subject “noshow ID "
        "word” answers it, several ids may stand before one word; so does “noshow answer ID word”. "
        "Words: wrong, held, us, both, none, them, absent, done, reached, undo. “noshow call "
        "dana@client.example spoke” logs a call."
    )


def _block(block: Block, pen: Pen) -> Iterator[str]:
    if isinstance(block, Do):
        yield ""
        for line in block.lines:
            yield from _wrapped(text_of(line))
            yield from _links(line, "  ")
        side = (block.side,) if block.side is not None else ()
        for action in (*block.actions, *block.more, *side):
            yield from _action(action, pen, "  ")
    elif isinstance(block, Card):
        yield from _card(block, pen)
    elif isinstance(block, OneLine):
        tail = f" [{block.id}]" if block.id else ""
        yield from _wrapped(f"- {text_of(block.line)}{tail}", "  ")
        yield from _links(block.line, "  ")
    elif isinstance(block, Picture):
        yield from _wrapped(block.alt)


def _card(block: Card, pen: Pen) -> Iterator[str]:
    yield ""
    behind = f" ({block.organisation})" if block.organisation else ""
    yield from _wrapped(f"* {block.name}{behind}", "  ")
    squares = [square for row in block.rows for square in row]
    if squares:
        yield from _wrapped(
            ", ".join(pen.say("{day} {word}", day=one.day, word=one.word) for one in squares),
            "  ",
            "  ",
        )
    yield from _wrapped(text_of(block.sentences), "  ", "  ")
    for proof in block.proofs:
        when = f"{proof.when}: " if proof.when else ""
        tail = f" [{proof.id}]" if proof.id else ""
        yield from _wrapped(f"- {when}{text_of(proof.line)}{tail}", "    ", "  ")
        yield from _links(proof.line, "    ")
    for action in (block.action, block.side):
        if action is not None:
            yield from _action(action, pen, "  ")
    if block.all is not None:
        yield f"  {block.all.text}" + (f": {block.all.href}" if block.all.href else "")


def _action(action: Action, pen: Pen, indent: str) -> Iterator[str]:
    """A button: the subject that answers, or a draft's address and subject, or a link."""
    if not action.href.startswith("mailto:"):
        yield f"{indent}> {action.label}: {action.href}"
        return
    if action.subject.startswith("noshow "):
        yield from _wrapped(f"> {action.label}: {action.subject}", indent + "    ", indent)
        return
    to = unquote(action.href.removeprefix("mailto:").partition("?")[0])
    said = pen.say("{address}, subject “{subject}”", address=to, subject=action.subject)
    what = said if action.subject and to else to or action.subject
    yield from _wrapped(f"> {action.label}: {what}", indent + "  ", indent)


def _links(line: Line, indent: str) -> Iterator[str]:
    for run in line:
        if run.href.startswith("https://"):
            yield f"{indent}{run.href}"
        elif run.href:
            yield f"{indent}{unquote(run.href.partition('subject=')[2].partition('&')[0])}"


def _wrapped(text: str, later: str = "", first: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
