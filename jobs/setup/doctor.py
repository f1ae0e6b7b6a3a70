"""Is everything as it must be? Settings, machine, store, logins, ways out, schedule: each line with
what to do.
"""

from __future__ import annotations

import json
import platform
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from importlib.metadata import version
from itertools import pairwise
from zoneinfo import ZoneInfo

from config.clock import from_micros
from config.endpoints import stays_inside
from config.errors import AuthError, NoshowError, StoreError
from config.settings import Mailbox
from connectors.interfaces import Window
from connectors.mailer.smtp_hints import advice
from connectors.model.normal_forms import address as normal_address
from jobs.console.outcome import DONE, PARTLY, Outcome, explained
from jobs.context import Context, settings_file
from jobs.delivery.delivery import allowed
from jobs.delivery.envelope.audience import WEEKLY, audiences
from jobs.providers import login_status, old_data
from jobs.providers.mailers import channel, smtp_mailer
from jobs.providers.sources import sources
from jobs.schedule import clock_ahead, undelivered
from jobs.setup import installation, probe
from jobs.setup.checks import Check, State, fail, lines, ok, parted, warn
from jobs.setup.granted import permissions

#: So many sync intervals without a run mean that nothing runs noshow any more.
_QUIET = 4
_WEEK = timedelta(days=7)
_COMMAND = "noshow schedule --print cron (or systemd, launchd)"


def run(context: Context, *, probing: bool = False, as_json: bool = False) -> Outcome:
    """Settings are fine when this runs; the whole store is looked at. `probing` also asks providers
    and the mail server, and what their documentation leaves open (jobs.setup.probe).

    Exit code 3 where anything is to be done. Raises StoreError where the store is damaged.
    """
    checks = list(_checks(context, probing=probing))
    facts = _known(context)
    problems = lines(checks, State.WARN, State.FAIL)
    zone = context.settings.zone
    if not as_json:
        shown = (*lines(checks, State.OK), *(f"fact  {one.line}" for one in facts))
    else:
        tree = {
            "checks": [one.tree() for one in checks],
            "facts": [
                asdict(one)
                | {"at": from_micros(one.at).astimezone(ZoneInfo(zone)).isoformat(), "zone": zone}
                for one in facts
            ],
        }
        shown = (json.dumps(tree, indent=2),)
    return Outcome(PARTLY if problems else DONE, shown, problems)


def _known(context: Context) -> tuple[probe.Found, ...]:
    mine = {box.address for box in context.chosen()}
    return tuple(one for one in probe.known(context) if one.mailbox in mine)


def _checks(context: Context, *, probing: bool) -> Iterator[Check]:
    context.store.check()
    boxes = context.chosen()
    yield ok(
        "",
        f"noshow {version('noshow')}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {platform.system()}",
    )
    yield ok("settings", f"{settings_file(context.paths)}, zone {context.settings.zone}")
    yield installation.zone(context)
    yield ok("store", f"open and whole, {_counted(len(boxes), 'mailbox', 'mailboxes')}")
    try:
        context.store.check_writing()
    except StoreError as error:
        yield fail("store", error.message, error.hint)
    for folder in context.closed:
        yield ok("", f"closed to other users just now: {folder}")
    yield from installation.modes(context)
    yield from installation.disks(context)
    forgotten = context.store.privacy.forgotten_at()
    if forgotten:
        last = from_micros(forgotten[-1]).date()
        yield ok("forgotten", f"{_counted(len(forgotten), 'person', 'people')}, last on {last}")
    if not boxes:
        yield fail(
            "settings", "they name no mailbox", "add a [[mailbox]]; see: noshow init --print"
        )
    if probing:
        yield installation.clock(context)
    for box in boxes:
        yield from _mailbox(context, box, probing)
    yield from _ways(context, probing)
    yield from _pings(context)
    yield from _schedule(context)
    for line in undelivered.so_far(context):
        yield parted(line, "", State.FAIL)
    if context.store.pending.begun():
        for line in old_data.sentences(context):
            yield parted(line, "", State.FAIL)


def _mailbox(context: Context, box: Mailbox, probing: bool) -> Iterator[Check]:
    """Is the mailbox's login in order, and does its provider answer?"""
    if box.provider == "files":
        yield ok(box.address, "read from files, by noshow import")
        return
    problems = login_status.warnings(context, box)
    for line in problems:
        yield parted(line, "", State.WARN)
    if not problems:
        yield ok(box.address, "login in order, as far as is known here")
    yield from permissions(context, box)
    if probing:
        try:
            yield ok(box.address, _asked(context, box))
            _facts(context, box)
        except NoshowError as error:
            for line in explained(box, error).problems:
                yield parted(line, "", State.FAIL)


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


def _facts(context: Context, box: Mailbox) -> None:
    """Ask what the documentation leaves open; the answers are kept. Raises AuthError."""
    if box.provider == "google":
        from jobs.providers.google import google_client, google_transport
        from jobs.setup import probe_google

        with google_transport(context) as transport:
            reading = google_client(context, box, "read", transport)
            probe.ask(context, box.address, reading, probe_google.questions())
            if context.settings.google.attendance:
                meet = google_client(context, box, "attendance", transport)
                probe.ask(context, box.address, meet, probe_google.attendance_questions())
        return
    from jobs.providers.microsoft import microsoft_graph, microsoft_transport
    from jobs.setup import probe_microsoft

    with microsoft_transport(context) as transport:
        graph = microsoft_graph(context, box, "read", transport)
        probe.ask(context, box.address, graph, probe_microsoft.questions())


def _ways(context: Context, probing: bool) -> Iterator[Check]:
    """Can each way out be used, as far as the settings tell, and does the mail server take us?"""
    plan = context.settings.report
    may_receive = allowed(context.settings)[WEEKLY]
    for reader in audiences(context) if context.settings.mailbox else ():
        if normal_address(reader.recipient) not in may_receive:
            said = f"{reader.recipient} neither owns a mailbox nor is allowed to get a report"
            yield fail("[report] recipients", said, "add the address to [report] allowed")
        for way in plan.deliver:
            try:
                with channel(context, reader.boxes[0], way):
                    yield ok("delivery", f"{way} for {reader.recipient}")
            except AuthError:
                # jobs.providers.login_status names whose login is missing.
                continue
            except NoshowError as error:
                yield fail("", f"[report] deliver {way}: {error.message}", error.hint)
    if "smtp" in plan.deliver:
        advised = advice(context.settings.smtp.host)
        if advised:
            yield ok("mail server", advised)
    if probing and context.settings.smtp.host:
        try:
            smtp_mailer(context).check()
            yield ok("mail server", "greets and accepts the login")
        except NoshowError as error:
            yield fail("mail server", f"{error.message} {error.hint}".strip())


def _pings(context: Context) -> Iterator[Check]:
    """Whoever reads the address of a monitoring service on the way can say in our name that all is well."""
    plan = context.settings
    for table, url in (("sync", plan.sync.ping_url), ("report", plan.report.ping_url)):
        if not url:
            continue
        about = f"[{table}] ping_url"
        if url.startswith("http://") and not stays_inside(url):
            yield warn(
                about,
                "it goes over the internet unencrypted: whoever reads it can say that all is well",
                "write https://",
            )
        else:
            yield ok(about, "told of each look" if table == "sync" else "told of each report")


def _schedule(context: Context) -> Iterator[Check]:
    """Does anything run noshow by itself, often enough, and by a clock that can be believed?"""
    said = clock_ahead.in_the_future(context)
    if said:
        yield fail("", said, "set the clock (timedatectl), then: noshow run-due")
    if all(box.provider == "files" for box in context.settings.mailbox):
        return
    yield gap(context.settings.schedule.sync_every_hours, context.settings.policy.late_hours)
    now = context.clock.now()
    begun = [
        from_micros(one.started_at)
        for one in context.store.ledger.runs()
        if one.job.partition(":")[0] in ("sync", "heal")
    ]
    if not begun:
        do = f"noshow sync; then let it run by itself: {_COMMAND}"
        yield fail("", "nothing was fetched yet", do)
        return
    silent = now - begun[0]
    if silent > _QUIET * timedelta(hours=context.settings.schedule.sync_every_hours):
        hours = silent.total_seconds() / 3600
        yield fail(
            "", f"nothing was fetched for {hours:.0f} hours: does it run by itself?", _COMMAND
        )
    recent = [one for one in begun if now - one < _WEEK]
    longest = max((later - earlier for later, earlier in pairwise(recent)), default=timedelta(0))
    hours, late = longest.total_seconds() / 3600, context.settings.policy.late_hours
    if hours > late:
        yield warn(
            "schedule",
            f"of the last week {hours:.0f} hours were not looked at in one piece: when something "
            f"changed in them is not known to the {late:g} hours that decide what is late",
            _COMMAND,
        )


def gap(every: float, late: float) -> Check:
    """Does a poll every so many hours date a change well enough for this limit of lateness [h]?"""
    said = f"a look every {every:g} h, and less than {late:g} h of notice are late"
    do = f"set [schedule] sync_every_hours to {max(late / 12, 0.25):g} or less"
    if every >= late:
        return fail("schedule", f"{said}: nothing can be dated", do)
    if every > late / 4:
        return warn("schedule", f"{said}: many changes cannot be dated", do)
    return ok("schedule", said)


def _counted(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"
