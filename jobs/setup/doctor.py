"""Is everything as it must be? Settings, store, logins, ways out, schedule: each problem with a command."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version

from config.clock import from_micros
from config.errors import AuthError, NoshowError
from config.settings import Mailbox
from connectors.interfaces import Window
from connectors.mailer.smtp import advice
from jobs.context import Context, settings_file
from jobs.delivery.audience import audiences
from jobs.outcome import DONE, PARTLY, Outcome, explained
from jobs.providers import login_status
from jobs.providers.mailers import channel, smtp_mailer
from jobs.providers.sources import sources
from jobs.schedule import clock_ahead, undelivered

#: So many sync intervals without a run mean that nothing runs noshow any more.
_QUIET = 4


def run(context: Context, *, probe: bool = False) -> Outcome:
    """Settings are fine when this runs; the whole store is looked at. `probe` also asks providers
    and the mail server. Raises StoreError where the store is damaged.
    """
    context.store.check()
    lines = [
        f"noshow {version('noshow')}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {platform.system()}",
        f"settings: {settings_file(context.paths)}, zone {context.settings.zone}",
        f"store: open and whole, {_counted(len(context.chosen()), 'mailbox', 'mailboxes')}",
    ]
    lines += [f"closed to other users just now: {one}" for one in context.closed]
    forgotten = context.store.privacy.forgotten_at()
    if forgotten:
        last = from_micros(forgotten[-1]).date()
        lines.append(f"forgotten: {_counted(len(forgotten), 'person', 'people')}, last on {last}")
    problems: list[str] = []
    if not context.chosen():
        problems.append(
            "the settings name no mailbox -> add a [[mailbox]]; see: noshow init --print"
        )
    for box in context.chosen():
        found = _mailbox(context, box, probe)
        lines += found.lines
        problems += found.problems
    problems += _ways(context)
    if "smtp" in context.settings.report.deliver:
        advised = advice(context.settings.smtp.host)
        if advised:
            lines.append(f"mail server: {advised}")
    if probe and context.settings.smtp.host:
        try:
            smtp_mailer(context).check()
            lines.append("mail server: greets and accepts the login")
        except NoshowError as error:
            problems.append(f"mail server: {error.message} {error.hint}".strip())
    problems += _schedule(context)
    problems += undelivered.so_far(context)
    return Outcome(PARTLY if problems else DONE, tuple(lines), tuple(problems))


def _mailbox(context: Context, box: Mailbox, probe: bool) -> Outcome:
    """Is the mailbox's login in order, and does its provider answer?"""
    problems, lines = list(login_status.warnings(context, box)), []
    if box.provider == "files":
        lines.append(f"{box.address}: read from files, by noshow import")
    elif not problems:
        lines.append(f"{box.address}: login in order, as far as is known here")
    if probe and box.provider != "files":
        try:
            lines.append(f"{box.address}: {_asked(context, box)}")
        except NoshowError as error:
            problems += explained(box, error).problems
    return Outcome(lines=tuple(lines), problems=tuple(problems))


def _asked(context: Context, box: Mailbox) -> str:
    """What the provider lets us read: one small listing of each kind. Raises as the sources do."""
    now = context.clock.micros()
    hour = Window(now, now + 3_600_000_000)
    allowed = []
    with sources(context, box) as found:
        if found.calendar is not None:
            names = found.calendar.calendars()
            for name in names:
                next(iter(found.calendar.snapshot(name, hour)), None)
            allowed.append(f"reads {_counted(len(names), 'calendar', 'calendars')}")
        if found.mail is not None:
            next(iter(found.mail.pages(None, now)), None)
            allowed.append("reads mail headers")
    return ", ".join(allowed)


def _ways(context: Context) -> Iterator[str]:
    """Can each way out be used, as far as the settings tell?"""
    for reader in audiences(context) if context.settings.mailbox else ():
        for way in context.settings.report.deliver:
            try:
                with channel(context, reader.boxes[0], way):
                    pass
            except AuthError:
                # jobs.providers.login_status names whose login is missing.
                continue
            except NoshowError as error:
                yield f"[report] deliver {way}: {error.message} -> {error.hint}"


def _schedule(context: Context) -> Iterator[str]:
    """Does anything run noshow by itself, and by a clock that can be believed?"""
    said = clock_ahead.in_the_future(context)
    if said:
        yield f"{said} -> set the clock (timedatectl), then: noshow run-due"
    if all(box.provider == "files" for box in context.settings.mailbox):
        return
    runs = [
        one for one in context.store.ledger.runs() if one.job.partition(":")[0] in ("sync", "heal")
    ]
    command = "noshow schedule --print cron (or systemd, launchd)"
    if not runs:
        yield f"nothing was fetched yet -> noshow sync; then let it run by itself: {command}"
        return
    every = timedelta(hours=context.settings.schedule.sync_every_hours)
    last = from_micros(runs[0].started_at)
    silent = context.clock.now() - last
    if silent > _QUIET * every:
        hours = silent.total_seconds() / 3600
        yield f"nothing was fetched for {hours:.0f} hours: does it run by itself? -> {command}"


def _counted(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
