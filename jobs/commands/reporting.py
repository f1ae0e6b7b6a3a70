"""Which commands make reports and reminders, by hand and by the clock?"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from jobs.commands.running import As, Boxes, with_context

commands = typer.Typer()


@commands.command(epilog="Example: noshow report --to stdout --dry-run")
def report(
    week: Annotated[str, typer.Option(help="Like 2026-W47; default: the last complete one.")] = "",
    to: Annotated[
        list[str] | None, typer.Option(help="folder, stdout or mail; default: folder")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="Write nothing down, send nothing.")] = False,
    test: Annotated[bool, typer.Option(help="Mail it to its owner, marked as a test.")] = False,
    open_: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
    as_of: As = "",
    mailbox: Boxes = None,
) -> None:
    """Make the report now, as often as you like; the scheduled one comes all the same.

    With --week it says what was known when that week's report was due.
    """
    from jobs.delivery import by_hand as job

    wish = job.Wish(
        week=week,
        as_of=as_of,
        to=tuple(to or ()),
        mailboxes=tuple(mailbox or ()),
        dry_run=dry_run,
        open_report=open_,
        test=test,
    )
    with_context(job.run, wish)


@commands.command(epilog="Example: noshow remind --dry-run")
def remind(
    dry_run: Annotated[bool, typer.Option(help="Only show what would be sent.")] = False,
) -> None:
    """Send the drafts for tomorrow's meetings that are worth a word, once a day."""
    from jobs.delivery import remind as job

    with_context(job.run, dry_run=dry_run)


@commands.command(epilog="Example: noshow schedule --print cron")
def schedule(
    print_: Annotated[
        str, typer.Option("--print", metavar="KIND", help="cron, systemd or launchd")
    ] = "",
) -> None:
    """Run sync and report when they are due, until stopped."""
    from jobs.schedule import serve as job

    if print_:
        sys.stdout.write(job.printed(print_))
        return
    with_context(job.run)


@commands.command("run-due", epilog="Example: */15 * * * * noshow run-due")
def run_due() -> None:
    """Run what is due now, and end; for cron and timers."""
    from jobs.schedule import serve as job

    with_context(job.run_due)
