"""How does a command run its job: with settings, store and signals, and an end in one exit code?

Also the options that several commands share. Jobs are imported when they are called: `--help` does
not wait for pandas.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from config.errors import Stopped
from jobs.console import terminal
from jobs.console.outcome import DONE, INTERRUPTED, TERMINATED, Outcome
from jobs.query.tables import Format

As = Annotated[
    str,
    typer.Option("--as-of", metavar="TIME", help="What would it have said then? ISO 8601."),
]
New = Annotated[bool, typer.Option("--new", help="Somebody whom no calendar or mail names.")]
Shape = Annotated[Format, typer.Option("--format", help="table, csv or json")]
Boxes = Annotated[
    list[str] | None,
    typer.Option("--mailbox", "-m", metavar="ADDRESS", help="Only this mailbox; repeatable."),
]


def finish(outcome: Outcome) -> None:
    """Print what a job says, and end with its code."""
    for line in outcome.lines:
        terminal.line(line)
    for problem in outcome.problems:
        terminal.line(f"  ! {problem}", stderr=True)
    if outcome.code != DONE:
        raise typer.Exit(outcome.code)


def with_context(job: Callable[..., Outcome], *args: object, **options: object) -> None:
    """Open the settings and the store, run the job with signals heard, and finish."""
    from jobs.context import opened

    with opened() as context, context.stop.listening(), context.say.running():
        try:
            outcome = job(context, *args, **options)
        except Stopped:
            outcome = Outcome(
                context.stop.code or INTERRUPTED,
                ("stopped; the next run goes on where this one ended",),
            )
        if context.stop() and outcome.code not in (INTERRUPTED, TERMINATED):
            outcome = Outcome(context.stop.code, outcome.lines, outcome.problems)
    finish(outcome)
