"""Which commands set noshow up: a demo, the settings, the logins, a baseline?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from jobs.commands.running import Shape, finish, with_context
from jobs.query.tables import Format

commands = typer.Typer()


@commands.command(epilog="Example: noshow demo --folder demo --open")
def demo(
    provider: Annotated[str, typer.Option(help="google, microsoft or both")] = "google",
    folder: Annotated[Path | None, typer.Option(help="Where its store and reports go.")] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the report in a browser.")] = False,
    check: Annotated[bool, typer.Option(help="Compare with what was planted; 1 if wrong.")] = False,
) -> None:
    """A made-up salesperson's half year, from calendars and mail to two weekly reports."""
    from jobs.demo import demo as job

    finish(job.run(provider=provider, folder=folder, open_report=open_, check=check))


@commands.command(epilog="Example: noshow init --guided")
def init(
    guided: Annotated[bool, typer.Option(help="Ask, connect, fetch and report at once.")] = False,
    print_: Annotated[bool, typer.Option("--print", help="Only print the commented file.")] = False,
    address: Annotated[str, typer.Option(help="Your address, written into the file.")] = "",
    provider: Annotated[str, typer.Option(help="google, microsoft or files")] = "",
    force: Annotated[bool, typer.Option(help="Overwrite a file that is there.")] = False,
) -> None:
    """Write the commented settings file; with --guided, set everything up."""
    from config import settings_file
    from jobs.setup import guide
    from jobs.setup import init as job

    if print_:
        sys.stdout.write(settings_file.written(address, provider))
        return
    if guided:
        finish(guide.run())
        return
    finish(job.run(address=address, provider=provider, force=force))


@commands.command(epilog="Example: noshow connect google --export token.json")
def connect(
    provider: Annotated[str, typer.Argument(help="google or microsoft")],
    mailbox: Annotated[str, typer.Option("--mailbox", "-m", help="Which mailbox.")] = "",
    purpose: Annotated[
        str, typer.Option("--for", help="reading, sending, attendance, audit or directory")
    ] = "reading",
    export: Annotated[
        Path | None, typer.Option("--export", help="Log in here, write the token for a server.")
    ] = None,
    import_: Annotated[
        Path | None, typer.Option("--import", help="Take a token that --export wrote.")
    ] = None,
    paste: Annotated[bool, typer.Option(help="No browser here: paste the address back.")] = False,
    browser: Annotated[bool, typer.Option(help="Microsoft: a browser here, no code.")] = False,
    explain: Annotated[bool, typer.Option(help="Only say what to set up at the provider.")] = False,
) -> None:
    """Log a mailbox in, and say before what to set up at Google or Microsoft."""
    from jobs.setup import connect as job

    with_context(
        job.run,
        provider=provider,
        mailbox=mailbox,
        purpose=purpose,
        export=export,
        import_=import_,
        paste=paste,
        browser=browser,
        explain=explain,
    )


@commands.command(epilog="Example: noshow doctor")
def doctor(
    probe: Annotated[bool, typer.Option(help="Also ask the providers what they allow.")] = False,
    form: Annotated[Format, typer.Option("--format", help="table or json")] = Format.TABLE,
) -> None:
    """Check settings, logins, store and schedule; each problem with the next command."""
    from jobs.setup import doctor as job

    if form is Format.CSV:
        raise typer.BadParameter("table or json", param_hint="--format")
    with_context(job.run, probing=probe, as_json=form is Format.JSON)


@commands.command(epilog="Example: noshow tune --write")
def tune(
    write: Annotated[bool, typer.Option(help="Write it into the settings.")] = False,
    form: Shape = Format.TABLE,
) -> None:
    """Whom each value of each limit would list or not; proposes a baseline from your meetings.

    A report never changes it by itself.
    """
    from jobs.query import tune as job

    with_context(job.run, write=write, form=form)
