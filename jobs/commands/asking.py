"""Which commands say what is known: of a contact, of all, of the days ahead, of noshow itself?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.running import As, Shape, with_context
from jobs.query.tables import Format

commands = typer.Typer()


@commands.command(epilog="Example: noshow contact omar@client.example --as-of 2026-11-02")
def contact(address: str, as_of: As = "", form: Shape = Format.TABLE) -> None:
    """One contact's timeline: each rule with its facts, why listed or why not."""
    from jobs.query import lists as job

    with_context(job.contact, address=address, as_of=as_of, form=form)


@commands.command(epilog="Example: noshow contacts omar --tier talk")
def contacts(
    part: Annotated[str, typer.Argument(help="A part of name or address.")] = "",
    tier: Annotated[str, typer.Option(help="Only talk or pause.")] = "",
    as_of: As = "",
    form: Shape = Format.TABLE,
) -> None:
    """Everybody you met, the worst first."""
    from jobs.query import lists as job

    with_context(job.contacts, part=part, tier=tier, as_of=as_of, form=form)


@commands.command(epilog="Example: noshow questions --format csv")
def questions(as_of: As = "", form: Shape = Format.TABLE) -> None:
    """The open questions that only you can answer, with their ids."""
    from jobs.query import questions as job

    with_context(job.run, as_of=as_of, form=form)


@commands.command("next", epilog="Example: noshow next --days 14")
def next_(
    days: Annotated[int, typer.Option(min=1, max=120, help="How far ahead.")] = 7,
    as_of: As = "",
    form: Shape = Format.TABLE,
) -> None:
    """Coming meetings, the ones worth confirming first."""
    from jobs.query import lists as job

    with_context(job.coming, as_of=as_of, days=days, form=form)


@commands.command(epilog="Example: noshow status")
def status(form: Shape = Format.TABLE) -> None:
    """What has been fetched, what is missing, and when each job last ran."""
    from jobs.query import status as job

    with_context(job.run, form=form)


@commands.command(epilog="Example: noshow export --format json > findings.json")
def export(
    as_of: As = "",
    form: Annotated[Format, typer.Option("--format", help="json or csv")] = Format.JSON,
    to: Annotated[Path | None, typer.Option(help="A file (json) or folder (csv).")] = None,
) -> None:
    """All findings with their evidence; documented in docs/export.md."""
    from jobs.query import lists as job

    with_context(job.export, as_of=as_of, form=form, to=to)
