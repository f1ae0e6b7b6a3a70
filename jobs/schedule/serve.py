"""How does noshow run by itself? `noshow schedule`, `noshow run-due`, and lines for timers."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import UTC, timedelta
from pathlib import Path

from config import private_files
from config.clock import from_micros, to_micros
from config.errors import Busy, ConfigError, NoshowError, Stopped
from config.loading import PREFIX, load
from config.paths import paths_from
from jobs.console.outcome import BUSY, DONE, PARTLY, TERMINATED, Outcome
from jobs.context import Context, settings_file
from jobs.delivery import missed
from jobs.schedule import clock_ahead, timer_files
from jobs.schedule.due import Due, Run, due, next_waking

#: How far back runs are read: longer than any occasion that can still be due.
_LOOKBACK = timedelta(days=9)


def known_runs(context: Context) -> list[Run]:
    """The runs of the last days, as `due` takes them. `ok` is False for a run that did nothing.

    A report run is ok only if no report of its week was given back unsent: a server that took
    nothing yet (greylisting) leaves the run partly done, and the report due.
    """
    since = to_micros(context.clock.now() - _LOOKBACK)
    unsent = missed.undelivered(context, "released")
    known = []
    for row in context.store.ledger.runs(since=since, limit=5000):
        if row.outcome == BUSY:
            # It did nothing, so it is no try either.
            continue
        job, _, key = row.job.partition(":")
        known.append(
            Run(
                job=job,
                key=key,
                started=from_micros(row.started_at),
                ended=from_micros(row.ended_at) if row.ended_at is not None else None,
                ok=row.ended_at is not None
                and row.outcome in (str(DONE), str(PARTLY))
                and not (job == "report" and key in unsent),
            )
        )
    return known


def run_due(context: Context) -> Outcome:
    """Run what is due, one after another; one that fails does not keep the next from running."""
    from jobs.console import logs
    from jobs.keeping import privacy

    logs.begin_run()
    outcome = clock_ahead.put_right(context)
    for one in due(known_runs(context), context.settings, context.clock.now()):
        if context.stop():
            break
        outcome += _run(context, one)
    if not context.stop():
        outcome += privacy.retain_when_due(context)
    return outcome


def _run(context: Context, one: Due) -> Outcome:
    from jobs.delivery import remind, weekly
    from jobs.fetch import sync
    from jobs.team import sync as team_sync

    if one.late > timedelta(hours=1):
        hours = one.late.total_seconds() / 3600
        context.say.say(f"{one.job} {one.key} is {hours:.0f} h late and is made up for now")
    try:
        if one.job == "report":
            return weekly.scheduled(context, one.key)
        if one.job == "remind":
            return remind.run(context, key=one.key)
        read = team_sync.run if context.settings.fleet.scheduler else sync.run
        return read(context, heal=one.job == "heal", key=one.key)
    except Busy as error:
        return Outcome(PARTLY, (f"{one.job}: {error.message}; the other process does it",))
    except Stopped:
        raise
    except NoshowError as error:
        return Outcome(error.exit_code, problems=(f"{one.job}: {error.message}", error.hint))


def run(context: Context) -> Outcome:
    """Serve until SIGTERM (exit code 0) or Ctrl-C (130). One scheduler a store.

    Raises Busy where another scheduler runs.
    """
    from jobs.schedule.waking import wake

    with context.store.locks.scheduler():
        now = context.clock.now().astimezone(UTC)
        context.say.say(f"waiting; next at {next_waking(context.settings, now):%a %H:%M} UTC")

        def work() -> None:
            try:
                result = run_due(context)
            except Stopped:
                return
            for line in (*result.lines, *result.problems):
                context.say.say(line)

        wake(context.settings, work, context.stop)
    if context.stop.code == TERMINATED:
        context.stop.code = DONE
    return Outcome(context.stop.code, ("stopped",))


def printed(kind: str) -> str:
    """Lines for `cron`, `systemd` or `launchd` on this machine. Raises ConfigError for another.

    The folder of their log is made: a shell that cannot open it would never start noshow.
    """
    # NOSHOW_HOME puts everything below one folder, and the XDG ones say nothing then.
    places = ("XDG_CONFIG_HOME", "XDG_STATE_HOME") if not os.environ.get("NOSHOW_HOME") else ()
    environ = {
        name: str(Path(os.environ[name]).expanduser().absolute())
        for name in ("NOSHOW_HOME", "NOSHOW_SETTINGS", *places)
        if os.environ.get(name)
    }
    command, state = executable(), paths_from().state.absolute()
    notes = _notes()
    if kind in ("cron", "launchd"):
        private_files.make_folder(state)
    log = state / "run-due.log"
    if kind == "cron":
        return timer_files.cron(command, log, environ, notes)
    if kind == "systemd":
        return timer_files.systemd(command, environ, notes)
    if kind == "launchd":
        return timer_files.launchd(command, log, environ, notes)
    raise ConfigError(f"{kind!r} is not one of cron, systemd, launchd")


def _notes() -> tuple[str, ...]:
    """What the lines rest on: the times with their zone, and the secrets that they do not carry."""
    try:
        settings = load(settings_file(paths_from()))
    except ConfigError:
        first = "run-due decides by [schedule] and zone in noshow.toml, not by this machine's zone"
    else:
        plan = settings.schedule
        first = (
            f"noshow: report {plan.report_day} {plan.report_time}, sync every "
            f"{plan.sync_every_hours:g} h, zone {settings.zone} (noshow.toml decides, not this line)"
        )
    secret = sorted(name for name in os.environ if name.startswith(PREFIX))
    if not secret:
        return (first,)
    return (first, f"not written here, give them to the job yourself: {', '.join(secret)}")


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
