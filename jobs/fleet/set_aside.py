"""With which mailboxes do workers die? They are set aside for a day, named, and then tried alone.

Kept with the runs of the store, by the mailbox's number: nothing here names a person.
"""

from __future__ import annotations

from config.clock import from_micros
from connectors.store.ledger import Run
from jobs.context import Context

#: How such a run is named in the store.
JOB = "set aside"
_KILLED, _SETTLED = "killed", "done"
#: So long it is not tried again [µs].
REST = 24 * 3_600_000_000


def note(context: Context, mailbox: int, kills: int) -> None:
    """Set a mailbox aside: so many workers died with it."""
    ledger = context.store.ledger
    ledger.finish_run(ledger.begin_run(JOB, mailbox), _KILLED, f"{kills} workers died with it")


def settle(context: Context, mailbox: int) -> None:
    """It was read to its end: no more is to be said of it."""
    ledger = context.store.ledger
    ledger.finish_run(ledger.begin_run(JOB, mailbox), _SETTLED)


def standing(context: Context) -> dict[int, Run]:
    """The mailboxes with which workers died, and which were not read since, by number."""
    latest: dict[int, Run] = {}
    for run in context.store.ledger.runs(JOB):
        if run.mailbox_id is not None:
            latest.setdefault(run.mailbox_id, run)
    return {number: run for number, run in latest.items() if run.outcome == _KILLED}


def resting(context: Context, run: Run) -> bool:
    """Is it too early to try again?"""
    return run.started_at > context.clock.micros() - REST


def sentences(context: Context) -> tuple[str, ...]:
    """One line a mailbox, with what to do."""
    return tuple(
        f"mailbox {number} is set aside since {from_micros(run.started_at):%Y-%m-%d %H:%M} UTC:"
        f" {run.detail} -> look into the workers' logs, then noshow team sync --again"
        for number, run in sorted(standing(context).items())
    )
