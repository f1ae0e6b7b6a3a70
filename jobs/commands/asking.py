"""Which commands say what is known: of a contact, of all, of the days ahead, of noshow itself?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.running import As, Shape, with_context
from jobs.query.tables import Format

commands = typer.Typer()
Fresh = Annotated[
    bool,
    typer.Option(
        "--fresh", help="Of now; a large store else shows the last report's, and says so."
    ),
]


@commands.command(epilog="Example: noshow contact omar@client.example --as-of 2026-11-02")
def contact(
    address: Annotated[str, typer.Argument(help="An address or a part of the name.")],
    explain: Annotated[bool, typer.Option(help="The numbers and rules behind it.")] = False,
    as_of: As = "",
    form: Shape = Format.TABLE,
) -> None:
    """What is known of one contact, why listed or why not; with --explain each rule's facts."""
    from jobs.query import lists as job

    with_context(job.contact, address=address, as_of=as_of, form=form, explain=explain)


@commands.command(epilog="Example: noshow contacts omar --tier talk")
def contacts(
    part: Annotated[str, typer.Argument(help="A part of name or address.")] = "",
    tier: Annotated[str, typer.Option(help="Only talk, pause, cold or dead.")] = "",
    as_of: As = "",
    form: Shape = Format.TABLE,
) -> None:
    """Everybody you met, the worst first."""
    from jobs.query import lists as job

    with_context(job.contacts, part=part, tier=tier, as_of=as_of, form=form)


@commands.command(epilog="Example: noshow questions --format csv")
def questions(as_of: As = "", fresh: Fresh = False, form: Shape = Format.TABLE) -> None:
    """The open questions that only you can answer, with their ids."""
    from jobs.query import questions as job

    with_context(job.run, as_of=as_of, fresh=fresh, form=form)


@commands.command("next", epilog="Example: noshow next --days 14")
def next_(
    day: Annotated[str, typer.Argument(help="Only this day: tomorrow, friday, 2026-12-01.")] = "",
    days: Annotated[int, typer.Option(min=1, max=120, help="How far ahead.")] = 7,
    as_of: As = "",
    fresh: Fresh = False,
    form: Shape = Format.TABLE,
) -> None:
    """The meetings of the coming days, by day and hour, and which are worth confirming."""
    from jobs.query import lists as job

    with_context(job.coming, as_of=as_of, days=days, day=day, fresh=fresh, form=form)


@commands.command(epilog="Example: noshow status")
def status(form: Shape = Format.TABLE) -> None:
    """What has been fetched, what is missing, and when each job last ran."""
    from jobs.query import status as job

    with_context(job.run, form=form)


@commands.command(epilog="Example: noshow export --format parquet --to findings/")
def export(
    as_of: As = "",
    form: Annotated[str, typer.Option("--format", help="json, csv or parquet")] = "json",
    to: Annotated[
        Path | None, typer.Option(help="A file (json) or a folder (csv, parquet).")
    ] = None,
) -> None:
    """All findings with their evidence; documented in docs/export.md."""
    from jobs.query import exporting as job

    with_context(job.export, as_of=as_of, form=form, to=to)
