"""Which commands bring calendars and mail into the store?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jobs.commands.running import Boxes, with_context
from jobs.console.outcome import Outcome

if TYPE_CHECKING:
    from jobs.context import Context

commands = typer.Typer()


@commands.command(epilog="Example: noshow sync -m kate@ourco.example")
def sync(
    mailbox: Boxes = None,
    heal: Annotated[bool, typer.Option(help="Also look again at the whole window.")] = False,
    allow_empty: Annotated[bool, typer.Option(help="Believe a source that is now empty.")] = False,
) -> None:
    """Fetch what has changed in the calendars and mailboxes; --heal also ends what is too old."""
    from jobs.fetch import sync as job
    from jobs.keeping import privacy

    def work(context: Context) -> Outcome:
        boxes = tuple(mailbox or ())
        outcome = job.run(context, mailboxes=boxes, heal=heal, allow_empty=allow_empty)
        return outcome + privacy.retain_when_due(context) if heal else outcome

    with_context(work)


@commands.command(epilog="Example: noshow backfill --since 2026-01-01")
def backfill(
    since: Annotated[str, typer.Option(help="From this day on, like 2026-01-01.")],
    until: Annotated[str, typer.Option(help="Until this day; default: today.")] = "",
    mailbox: Boxes = None,
) -> None:
    """Fetch older calendars and mail once; can be stopped and goes on."""
    from jobs.fetch import backfill as job

    with_context(job.run, since=since, until=until, mailboxes=tuple(mailbox or ()))


@commands.command("import", epilog="Example: noshow import takeout.zip --me kate@ourco.example")
def import_(
    paths: Annotated[
        list[Path] | None, typer.Argument(help=".ics .mbox .eml .csv, folders, archives")
    ] = None,
    me: Annotated[
        list[str] | None, typer.Option("--me", metavar="ADDRESS", help="Whose data it is.")
    ] = None,
    problems: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write down all that was not read.")
    ] = None,
    settled: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A file lost earlier that is no longer missing."),
    ] = None,
) -> None:
    """Read exported calendars and mail; no account needed."""
    from jobs.fetch import import_files as job

    job.with_or_without_settings(
        tuple(paths or ()),
        tuple(me or ()),
        with_context,
        problems_to=problems,
        settled=tuple(settled or ()),
    )
