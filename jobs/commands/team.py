"""Which commands are for a whole team?"""

from __future__ import annotations

from typing import Annotated

import typer

from jobs.commands.running import As, Boxes, Shape, with_context
from jobs.query.tables import Format

commands = typer.Typer()
group = typer.Typer(
    no_args_is_help=True, help="A whole team: many mailboxes, many processes or machines."
)
commands.add_typer(group, name="team")


@group.command(epilog="Example: noshow team sync")
def sync(
    mailbox: Boxes = None,
    heal: Annotated[bool, typer.Option(help="Also look again at the whole window.")] = False,
    allow_empty: Annotated[bool, typer.Option(help="Believe a source that is now empty.")] = False,
    again: Annotated[bool, typer.Option(help="Also the mailboxes that are set aside.")] = False,
) -> None:
    """Read all mailboxes, by processes of this machine or by the fleet of the settings."""
    from jobs.team import sync as job

    with_context(
        job.run,
        mailboxes=tuple(mailbox or ()),
        heal=heal,
        allow_empty=allow_empty,
        again=again,
    )


@group.command(epilog="Example: noshow team report")
def report(as_of: As = "") -> None:
    """What the lead is shown: contacts on the lists of several, or that cost the most hours."""
    from jobs.team import report as job

    with_context(job.run, as_of=as_of)


@group.command(epilog="Example: noshow team status")
def status(
    form: Shape = Format.TABLE,
    names: Annotated[bool, typer.Option(help="Say whose mailbox each number is.")] = False,
) -> None:
    """How far each mailbox is read, by number: no line names a person."""
    from jobs.query import team_status as job

    with_context(job.run, form=form, names=names)
