"""Which commands keep the store: copy it, and remove a person from it?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.running import with_context

commands = typer.Typer()


@commands.command(epilog="Example: noshow backup noshow-backup.db")
def backup(file: Annotated[Path, typer.Argument(help="A new file.")]) -> None:
    """Copy the store into a file; safe while noshow runs."""
    from jobs.keeping import backup as job

    with_context(job.run, file=file)


@commands.command(epilog="Example: noshow forget omar@client.example")
def forget(
    address: str,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove all that is stored of a person, for good."""
    from jobs.keeping import privacy as job

    if "@" not in address:
        raise job.no_address(address)
    if not yes:
        typer.confirm(f"Remove everything about {address}? This cannot be undone", abort=True)
    with_context(job.forget, address=address)
