"""Which commands tell noshow what mail and calendar cannot know?"""

from __future__ import annotations

from typing import Annotated

import typer

from jobs.commands.running import Boxes, New, with_context

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


@commands.command(epilog="Example: noshow tag omar@client.example client")
def tag(
    address: str,
    word: Annotated[str, typer.Argument(help="client, warm, let-go, machine, same-person")],
    value: Annotated[str, typer.Argument(help="same-person: the other address")] = "",
    remove: Annotated[bool, typer.Option(help="Take the tag off.")] = False,
    new: New = False,
) -> None:
    """Say something about a contact that mail and calendar cannot know."""
    from jobs.query import answer as job

    with_context(job.tag, address=address, word=word, value=value, remove=remove, new=new)


@commands.command(epilog="Example: noshow call dana@client.example no-answer")
def call(
    address: str,
    outcome: Annotated[str, typer.Argument(help="no-answer, assistant, spoke or will-call")],
    at: Annotated[str, typer.Option(help="When: yesterday, friday 15:30; default: now.")] = "",
    new: New = False,
) -> None:
    """Log a call."""
    from jobs.query import answer as job

    with_context(job.call, address=address, outcome=outcome, at=at, new=new)


@commands.command(epilog='Example: noshow promise tom@northwind.example "deposit" --by 2026-11-20')
def promise(
    address: str,
    text: str,
    by: Annotated[str, typer.Option(help="The day: friday, tomorrow, 2026-11-20.")],
    new: New = False,
) -> None:
    """Remember what a contact promised, and for when."""
    from jobs.query import answer as job

    with_context(job.promise, address=address, text=text, by=by, new=new)
