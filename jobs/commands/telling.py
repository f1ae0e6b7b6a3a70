"""Which commands tell noshow what mail and calendar cannot know?"""

from __future__ import annotations

from typing import Annotated

import typer

from jobs.commands.running import Boxes, New, Shape, with_context
from jobs.query.tables import Format

commands = typer.Typer()


def _ids_and_word(given: list[str]) -> list[str]:
    if len(given) < 2:
        raise typer.BadParameter("give one id or several, and then the word: 7Q3F2K them")
    return given


@commands.command(epilog="Example: noshow answer 7Q3F2K them")
def answer(
    given: Annotated[
        list[str],
        typer.Argument(
            metavar="ID... WORD", callback=_ids_and_word, help="One id or several, and what is so."
        ),
    ],
    mailbox: Boxes = None,
) -> None:
    """Answer questions or contradict claims: them us both none held absent done reached wrong undo."""
    from jobs.query import answer as job

    with_context(job.answer, claims=given[:-1], word=given[-1], mailboxes=tuple(mailbox or ()))


WHO = "An address or a part of the name; list: what was said; undo: take one back."


@commands.command(epilog="Example: noshow tag omar@client.example client | noshow tag list")
def tag(
    who: Annotated[str, typer.Argument(help=WHO)],
    word: Annotated[
        str, typer.Argument(help="client, warm, let-go, machine, same-person; undo: the id")
    ] = "",
    value: Annotated[str, typer.Argument(help="same-person: the other address")] = "",
    remove: Annotated[bool, typer.Option(help="Take the tag off.")] = False,
    new: New = False,
    form: Shape = Format.TABLE,
) -> None:
    """Say something about a contact that mail and calendar cannot know; list, undo."""
    from jobs.query import answer as job
    from jobs.query import said

    if who == said.LIST:
        with_context(said.tags, who=word, form=form)
    elif who == said.UNDO:
        with_context(job.undo_tag, number=word)
    else:
        with_context(job.tag, address=who, word=word, value=value, remove=remove, new=new)


@commands.command(epilog="Example: noshow call dana@client.example no-answer | noshow call list")
def call(
    who: Annotated[str, typer.Argument(help=WHO)],
    outcome: Annotated[
        str, typer.Argument(help="no-answer, assistant, spoke or will-call; undo: the id")
    ] = "",
    at: Annotated[str, typer.Option(help="When: yesterday, friday 15:30; default: now.")] = "",
    new: New = False,
    form: Shape = Format.TABLE,
) -> None:
    """Log a call; list those that were logged, undo one."""
    from jobs.query import answer as job
    from jobs.query import said

    if who == said.LIST:
        with_context(said.calls, who=outcome, form=form)
    elif who == said.UNDO:
        with_context(said.undo_call, number=outcome)
    else:
        with_context(job.call, address=who, outcome=outcome, at=at, new=new)


@commands.command(
    epilog='Example: noshow promise tom@northwind.example "the deposit" --by friday'
    " | noshow promise list"
)
def promise(
    who: Annotated[str, typer.Argument(help=WHO)],
    text: Annotated[str, typer.Argument(help="What was promised; undo: the id.")] = "",
    by: Annotated[str, typer.Option(help="The day: friday, tomorrow, 2026-11-20.")] = "",
    new: New = False,
    form: Shape = Format.TABLE,
) -> None:
    """Remember what a contact promised, and for when; list the promises, undo one."""
    from jobs.query import answer as job
    from jobs.query import said

    if who == said.LIST:
        with_context(said.promises, who=text, form=form)
    elif who == said.UNDO:
        with_context(said.undo_promise, number=text)
    else:
        with_context(job.promise, address=who, text=text, by=by, new=new)
