"""What does `noshow report` do? A report that somebody asks for: never the scheduled one.

It touches no ledger, so Monday's report comes whatever was asked for before; and it writes beside
the archive of the scheduled ones, never over it. `--week` looks back at what was known when the
report of that week was due.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from config.errors import ConfigError
from connectors.model.normal_forms import address as normal_address
from jobs.console.outcome import Outcome
from jobs.context import Context
from jobs.delivery import channels, remember, weekly
from jobs.delivery.envelope.audience import Audience, audiences
from jobs.delivery.envelope.report_week import due_at, last_complete, monday_of
from jobs.delivery.judging import found, go_on, moment
from reports.columns.iso_weeks import week_of
from reports.weekly.limits import OTHERS, run_again
from reports.weekly.report import WeeklyReport


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which report is meant. `preview`: it is kept nowhere, and its claims do not count as printed."""

    week: str
    as_of: datetime
    preview: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed. `week`, `as_of`: "" is the last complete one, now; `to`: () is the folder.

    `first`: also say what the report holds. `test`: mail it to the owner of each mailbox, marked.
    """

    week: str = ""
    as_of: str = ""
    to: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()
    dry_run: bool = False
    open_report: bool = False
    first: bool = False
    test: bool = False


def run(context: Context, wish: Wish) -> Outcome:
    """Make the report of one ISO week, and bring it where it was asked for.

    Raises ConfigError for a week that has not begun, a way that is not set up, or a moment that
    is none; Busy where another report is being made.
    """
    asked = _asked(context, wish)
    made = channels.ByHand(_ways(wish), asked.preview, wish.test, wish.open_report)
    made.check(context.settings)
    outcome = Outcome()
    with context.store.locks.report(wait=30.0):
        detection = found(context, asked.as_of, OTHERS)
        others = run_again(detection)
        for audience in audiences(context, wish.mailboxes):
            report = weekly.report_for(context, audience, detection, asked.week, others)
            go_on(context)
            outcome += made.bring(context, audience, report)
            if wish.first:
                outcome += Outcome(lines=contents_of(report))
            if not asked.preview and not _was_scheduled(context, audience, asked.week):
                remember.keep_standings(context, audience, report)
            outcome += weekly.completeness(report)
        if not asked.preview:
            context.store.contact_memory.remember(remember.memories(detection))
    return outcome


def _ways(wish: Wish) -> tuple[str, ...]:
    """Raises ConfigError where what was typed contradicts itself."""
    wanted = channels.chosen(wish.to)
    if wish.test and wanted:
        raise ConfigError("--test mails the report to its owner", hint="leave --to out")
    if wish.dry_run and (wish.test or "mail" in wanted):
        raise ConfigError("--dry-run sends nothing", hint="leave it out, or use --to stdout")
    if wish.test:
        return ("mail",)
    return wanted or (("stdout",) if wish.dry_run and not wish.open_report else ("folder",))


def _asked(context: Context, wish: Wish) -> _Asked:
    """The week and the moment of it. Raises ConfigError."""
    zone, week = ZoneInfo(context.settings.zone), wish.week
    now = context.clock.now()
    then = moment(context, wish.as_of)
    look_back = wish.dry_run or wish.test or bool(wish.as_of)
    if not week:
        return _Asked(last_complete(then.astimezone(zone).date()), then, look_back)
    running = week_of(now.astimezone(zone).date())
    if monday_of(week) > monday_of(running):
        raise ConfigError(
            f"{week} has not begun", hint=f"the running week is {running}; a report looks back"
        )
    if wish.as_of:
        return _Asked(week, then, preview=True)
    return _Asked(week, min(due_at(week, context.settings), now), preview=True)


def _was_scheduled(context: Context, audience: Audience, week: str) -> bool:
    """Did the schedule make this report? What it left for the next one then stays as it is."""
    return context.store.ledger.report(normal_address(audience.recipient), week) is not None


def contents_of(report: WeeklyReport) -> tuple[str, ...]:
    """What the first report can say at once, and what it is too early for, as lines."""
    listed = len(report.talk) + len(report.pause)
    owed = len(report.owed)
    asked = len(report.questions) + report.left_out.get("questions", 0)
    counted = ((owed, "owed reply", "owed replies"), (asked, "open question", "open questions"))
    named = [f"{number} {one if number == 1 else more}" for number, one, more in counted]
    contacts = f"{listed} {'contact' if listed == 1 else 'contacts'} to talk to"
    lines = [f"it names {', '.join(named)} and {contacts}"]
    if report.too_early is not None:
        weeks = int(min(report.too_early))
        lines.append(
            f"too early for rates: {weeks} of {report.needed_weeks:.0f} weeks are read; open "
            "replies and questions count at once"
        )
    return tuple(lines)
