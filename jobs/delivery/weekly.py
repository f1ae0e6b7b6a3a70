"""What does this week's report say, and who gets it? Detect, build, deliver, remember."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd

from config.errors import Busy, ConfigError, NoshowError, Stopped, StoreError
from config.phrasing import load as load_phrases
from connectors.model.normal_forms import address as normal_address
from connectors.store.ledger import ReportClaim
from jobs.context import Context, ours_from
from jobs.delivery import channels, missed, remember
from jobs.delivery.report_week import report_week
from jobs.outcome import DONE, PARTLY, Outcome, explained
from jobs.providers import login_status
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from reports.weekly import build as weekly
from reports.weekly.report import WeeklyReport


def moment(context: Context, text: str) -> datetime:
    """`--as-of` as an aware moment, now where empty. Raises ConfigError."""
    if not text:
        return context.clock.now()
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(
            f"{text!r} is no date and time", hint="write it like 2026-11-02 or 2026-11-02T09:00"
        ) from error
    zoned = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(context.settings.zone))
    if zoned > context.clock.now():
        raise ConfigError(f"{text} lies in the future", hint="--as-of looks back only")
    return zoned


def found(context: Context, as_of: datetime) -> Detection:
    """All facts of the store as of then, and what detection says of them."""
    frames = context.store.frames(as_of)
    setting = Setting.of(
        frames.tags,
        ours_from(context.settings),
        context.settings.policy,
        load_phrases(),
        pd.Timestamp(as_of).tz_convert("UTC"),
    )
    return Detection(frames, setting)


def run(
    context: Context,
    *,
    week: str = "",
    to: tuple[str, ...] = (),
    dry_run: bool = False,
    again: bool = False,
    open_report: bool = False,
    as_of: str = "",
    mailboxes: tuple[str, ...] = (),
    first: bool = False,
) -> Outcome:
    """Build and deliver the report of one ISO week, once to each recipient.

    `to`, `dry_run`, `as_of` and `open_report` are by hand: no ledger, as often as wanted.
    Raises ConfigError, Busy where another report is being made.
    """
    wanted = channels.chosen(to)
    then = moment(context, as_of)
    label = week or report_week(then.astimezone(ZoneInfo(context.settings.zone)).date())
    _check_week(label)
    by_hand = bool(wanted or dry_run or as_of or open_report or again or first)
    preview = dry_run or bool(as_of)
    if not by_hand:
        return _scheduled(context, label, then, mailboxes)
    chosen = wanted or (("stdout",) if dry_run and not open_report else ("folder",))
    outcome = Outcome()
    with context.store.locks.report(wait=30.0):
        detection = found(context, then)
        for audience in channels.audiences(context, mailboxes):
            report = _report(context, audience, detection, label)
            _go_on(context)
            outcome += channels.by_hand(context, audience, report, chosen, preview, open_report)
            if first:
                outcome += Outcome(lines=contents_of(report))
            if not preview:
                remember.keep_standings(
                    context, audience, detection.given, detection.findings, report
                )
            outcome += _completeness(report)
        if not preview:
            context.store.contact_memory.remember(remember.memories(detection))
    return outcome


def again(context: Context, lines: Sequence[ReportClaim]) -> Outcome:
    """Build and send once more the reports of these lines; the caller holds the report lock.

    `delivery` decides anew whether each is to be sent: between asking and sending it may have
    been seen.
    """
    detection = found(context, context.clock.now())
    outcome = Outcome()
    for line in lines:
        for audience in channels.audiences(context):
            if normal_address(audience.recipient) == line.recipient:
                report = _report(context, audience, detection, line.week)
                outcome += channels.delivered(context, audience, report, detection.given)
    return outcome


def _scheduled(context: Context, label: str, then: datetime, mailboxes: tuple[str, ...]) -> Outcome:
    """The report as the schedule sends it: once a reader, in the ledger, watched from outside.

    One reader's trouble does not keep the others' reports back.
    """
    job = context.store.ledger.begin_run(f"report:{label}")
    outcome = Outcome()
    try:
        with context.store.locks.report(wait=30.0):
            detection = found(context, then)
            for audience in channels.audiences(context, mailboxes):
                _go_on(context)
                try:
                    report = _report(context, audience, detection, label)
                    outcome += channels.delivered(context, audience, report, detection.given)
                    remember.keep_standings(
                        context, audience, detection.given, detection.findings, report
                    )
                    outcome += _completeness(report)
                except (Stopped, Busy, StoreError):
                    raise
                except NoshowError as error:
                    outcome += explained(audience.boxes[0], error, "report")
            context.store.contact_memory.remember(remember.memories(detection))
    except Stopped:
        # The run stays open: the next one takes the report up.
        raise
    except NoshowError as error:
        context.store.ledger.finish_run(job, str(error.exit_code), type(error).__name__)
        _ping(context, arrived=False)
        raise
    detail = f"{len(outcome.problems)} problems" if outcome.problems else ""
    context.store.ledger.finish_run(job, str(outcome.code), detail)
    doubtful = label in missed.undelivered(context, "claimed", "released")
    _ping(context, arrived=outcome.code in (DONE, PARTLY) and not doubtful)
    return outcome


def _go_on(context: Context) -> None:
    """Raises Stopped where the run was asked to end: before a report leaves, not after."""
    if context.stop():
        raise Stopped("stopped before the report left")


def _report(
    context: Context, audience: channels.Audience, detection: Detection, week: str
) -> WeeklyReport:
    frames = detection.given
    numbers = [context.mailbox_id(box) for box in audience.boxes]
    untold = missed.before(
        week,
        normal_address(audience.recipient),
        context.store.ledger.reports(),
        frames,
        context.clock.micros(),
        context.settings.report.resend,
    )
    logged_in = tuple(
        line for box in audience.boxes for line in login_status.warnings(context, box)
    )
    return weekly.build(
        detection.findings,
        frames,
        week=week,
        previous=remember.previous(frames, numbers, week),
        mailboxes=numbers,
        ours=ours_from(context.settings),
        policy=context.settings.policy,
        language=context.settings.report.language,
        warnings=(*logged_in, *missed.sentences(untold)),
    )


def contents_of(report: WeeklyReport) -> tuple[str, ...]:
    """What the first report can say at once, and what it is too early for, as lines."""
    listed = len(report.talk) + len(report.pause) + len(report.cards_left_out)
    owed = len(report.owed) + report.left_out.get("owed", 0)
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


def _completeness(report: WeeklyReport) -> Outcome:
    """Exit code 3 where something is missing from the report, with what."""
    problems = [line for one in report.seen for line in one.problems]
    problems += [
        f"{one.pending} mails are still to be fetched; the report says so"
        for one in report.seen
        if one.pending
    ]
    if not report.complete and not problems:
        problems.append("something has not been read to its end yet; the report says so")
    return Outcome(PARTLY if problems else DONE, problems=tuple(problems))


def _check_week(label: str) -> None:
    try:
        weekly.span(label, "UTC")
    except ValueError as error:
        raise ConfigError(f"{label!r} is no ISO week", hint="write it like 2026-W47") from error


def _ping(context: Context, *, arrived: bool) -> None:
    """Tell a monitoring service that the report was handed over, or that it was not for sure."""
    url = context.settings.report.ping_url
    if url:
        login_status.ping(context, url if arrived else f"{url.rstrip('/')}/fail")
