"""What is to be said the day before a meeting, and to whom? One short mail a day, once.

Due from `[remind] at` on, off by default. By the same ledger as the reports: claimed, handed over.
"""

from __future__ import annotations

from config.errors import Busy, NoshowError, Stopped, StoreError
from jobs.console.outcome import BUSY, NOTHING, Outcome, explained
from jobs.context import Context, ours_from
from jobs.delivery import channels, stopping, weekly
from jobs.delivery.envelope.audience import REMIND, Audience, audiences
from jobs.delivery.judging import found, go_on
from reports.columns.iso_weeks import week_of
from reports.render import notes
from reports.render.mail import Envelope
from reports.weekly import reminder
from reports.weekly.report import Coming, WeeklyReport


def run(context: Context, *, dry_run: bool = False, key: str = "") -> Outcome:
    """Send each owner the drafts for the meetings of the next working day that need a word.

    `dry_run` only prints them. `key` names the day that it is due for. Raises Busy, StoreError.
    """
    job = None if dry_run else context.store.ledger.begin_run(f"remind:{key}" if key else "remind")
    outcome = Outcome()
    try:
        with context.store.locks.report(wait=30.0):
            detection = found(context, context.clock.now())
            week = week_of(detection.setting.as_of.tz_convert(context.settings.zone).date())
            for audience in audiences(context):
                go_on(context)
                report = weekly.report_for(context, audience, detection, week)
                meetings = reminder.worth_a_word(
                    report, detection.findings, detection.given, ours_from(context.settings)
                )
                if stopping.asked_at(context, audience, detection) is not None:
                    continue
                try:
                    outcome += _remind(context, audience, report, meetings, dry_run)
                except (Stopped, Busy, StoreError):
                    raise
                except NoshowError as error:
                    outcome += explained(audience.boxes[0], error, "reminder")
    except Busy:
        if job is not None:
            context.store.ledger.finish_run(job, BUSY, "another process was making a report")
        raise
    except NoshowError as error:
        if job is not None:
            context.store.ledger.finish_run(job, str(NOTHING), type(error).__name__)
        raise
    if job is not None:
        context.store.ledger.finish_run(job, str(outcome.code), "")
    return outcome


def _remind(
    context: Context,
    audience: Audience,
    report: WeeklyReport,
    meetings: tuple[Coming, ...],
    dry_run: bool,
) -> Outcome:
    if not meetings:
        said = (
            f"{audience.recipient}: no meeting before the end of the next working day needs a word"
        )
        return Outcome(lines=(said,) if dry_run else ())
    if dry_run:
        shown = notes.day_before(report, meetings, Envelope())
        return Outcome(lines=(f"{audience.recipient}: {shown.subject}", "", shown.text))
    day = report.as_of.tz_convert(report.zone).date().isoformat()
    return channels.note(
        context,
        audience,
        (REMIND, day),
        lambda envelope: notes.day_before(report, meetings, envelope),
    )
