"""How does noshow run by itself? `noshow schedule`, `noshow run-due`, and lines for timers."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import UTC, timedelta
from pathlib import Path

from config.clock import from_micros, to_micros
from config.errors import Busy, ConfigError, NoshowError, Stopped
from config.paths import paths_from
from jobs import schedule, scheduling
from jobs.context import Context
from jobs.runs import DONE, PARTLY, TERMINATED, Outcome
from jobs.schedule import Due, Run

#: How far back runs are read: longer than any occasion that can still be due.
_LOOKBACK = timedelta(days=9)


def known_runs(context: Context) -> list[Run]:
    """The runs of the last days, as `due` takes them. `ok` is False for a run that did nothing."""
    since = to_micros(context.clock.now() - _LOOKBACK)
    known = []
    for row in context.store.runs(since=since, limit=5000):
        job, _, key = row.job.partition(":")
        known.append(
            Run(
                job=job,
                key=key,
                started=from_micros(row.started_at),
                ended=from_micros(row.ended_at) if row.ended_at is not None else None,
                ok=row.ended_at is not None and row.outcome in (str(DONE), str(PARTLY)),
            )
        )
    return known


def run_due(context: Context) -> Outcome:
    """Run what is due, one after another; one that fails does not keep the next from running."""
    outcome = Outcome()
    for one in schedule.due(known_runs(context), context.settings, context.clock.now()):
        if context.stop():
            break
        outcome += _run(context, one)
    return outcome


def _run(context: Context, due: Due) -> Outcome:
    from jobs import sync, weekly

    if due.late > timedelta(hours=1):
        hours = due.late.total_seconds() / 3600
        context.say.say(f"{due.job} {due.key} is {hours:.0f} h late and is made up for now")
    try:
        if due.job == "report":
            return weekly.run(context, week=due.key)
        return sync.run(context, heal=due.job == "heal", key=due.key)
    except Busy as error:
        return Outcome(PARTLY, (f"{due.job}: {error.message}; the other process does it",))
    except Stopped:
        raise
    except NoshowError as error:
        return Outcome(error.exit_code, problems=(f"{due.job}: {error.message}", error.hint))


def run(context: Context) -> Outcome:
    """Serve until SIGTERM (exit code 0) or Ctrl-C (130). One scheduler a store.

    Raises Busy where another scheduler runs.
    """
    with context.store.locks.scheduler():
        now = context.clock.now().astimezone(UTC)
        context.say.say(
            f"waiting; next at {schedule.next_waking(context.settings, now):%a %H:%M} UTC"
        )

        def work() -> None:
            result = run_due(context)
            for line in (*result.lines, *result.problems):
                context.say.say(line)

        schedule.serve(context.settings, work, context.stop)
    if context.stop.code == TERMINATED:
        context.stop.code = DONE
    return Outcome(context.stop.code, ("stopped",))


def printed(kind: str) -> str:
    """Lines for `cron`, `systemd` or `launchd` on this machine. Raises ConfigError for another."""
    environ = {
        name: os.environ[name]
        for name in ("NOSHOW_HOME", "NOSHOW_SETTINGS", "XDG_CONFIG_HOME", "XDG_STATE_HOME")
        if os.environ.get(name)
    }
    command = executable()
    log = paths_from().state / "run-due.log"
    if kind == "cron":
        return scheduling.cron(command, log, environ)
    if kind == "systemd":
        return scheduling.systemd(command, environ)
    if kind == "launchd":
        return scheduling.launchd(command, log, environ)
    raise ConfigError(f"{kind!r} is not one of cron, systemd, launchd")


def executable() -> Path:
    """The absolute path of the `noshow` that runs now, else the one on the PATH."""
    beside = Path(sys.argv[0])
    if beside.name == "noshow" and beside.exists():
        return beside.absolute()
    inside = Path(sys.executable).with_name("noshow")
    if inside.exists():
        return inside
    found = shutil.which("noshow")
    if found is None:
        raise ConfigError("the command noshow is not on the PATH", hint="install it with pip first")
    return Path(found).absolute()
