"""What does this week's report say, and who gets it? Detect, build, deliver, remember."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from config.errors import Busy, NoshowError, Stopped, StoreError
from connectors.model.normal_forms import address as normal_address
from connectors.store.ledger import ReportClaim
from jobs.console.outcome import BUG, BUSY, DONE, NOTHING, PARTLY, Outcome, explained
from jobs.context import Context
from jobs.delivery import channels, lead, missed, remember, stopping
from jobs.delivery.envelope.audience import STOP, Audience, audiences
from jobs.delivery.judging import found, go_on
from jobs.providers import login_status, old_data
from jobs.providers.pings import Pings, Signal, verdict
from reports.detect.pipeline import Detection
from reports.render import notes
from reports.weekly import build as weekly
from reports.weekly.limits import OTHERS, Again, run_again
from reports.weekly.report import WeeklyReport

#: So long another process that makes a report is waited for [s].
_WAIT = 30.0


def again(context: Context, lines: Sequence[ReportClaim]) -> Outcome:
    """Build and send once more the reports of these lines; the caller holds the report lock.

    `delivery` decides anew whether each is to be sent: between asking and sending it may have
    been seen.
    """
    detection = found(context, context.clock.now(), OTHERS)
    others = run_again(detection)
    outcome = Outcome()
    for line in lines:
        for audience in audiences(context):
            if normal_address(audience.recipient) == line.recipient:
                report = report_for(context, audience, detection, line.week, others)
                outcome += channels.delivered(context, audience, report)
    return outcome


def scheduled(context: Context, week: str) -> Outcome:
    """The report as the schedule sends it: once a reader, in the ledger, watched from outside.

    One reader's trouble does not keep the others' reports back. What somebody asks for by hand
    (jobs.delivery.by_hand) is another report, and never costs this one.
    Raises Busy where another report is being made.
    """
    then = context.clock.now()
    job = context.store.ledger.begin_run(f"report:{week}")
    outcome = Outcome()
    pings = Pings(context, context.settings.report.ping_url)
    try:
        with context.store.locks.report(wait=_WAIT):
            pings.start()
            state = context.store.question_list.state()
            detection = found(context, then, OTHERS)
            context.store.question_list.keep(state, remember.open_questions(detection))
            context.store.coming_list.keep(state, remember.coming(detection))
            others = run_again(detection)
            told: list[tuple[Audience, WeeklyReport]] = []
            for audience in audiences(context):
                go_on(context)
                try:
                    report = report_for(context, audience, detection, week, others)
                    since = stopping.asked_at(context, audience, detection)
                    if since is not None:
                        outcome += _stopped(context, audience, report, since)
                        continue
                    outcome += channels.delivered(context, audience, report)
                    lead.note_told(context, audience, report)
                    told.append((audience, report))
                    remember.keep_standings(context, audience, report)
                    outcome += completeness(report)
                except (Stopped, Busy, StoreError):
                    raise
                except NoshowError as error:
                    outcome += explained(audience.boxes[0], error, "report")
            outcome += _to_lead(context, week, detection, told)
            context.store.contact_memory.remember(remember.memories(detection))
    except Stopped:
        # The run stays open: the next one takes the report up.
        raise
    except Busy:
        # Nothing failed, and nothing was done: it is due again with the next waking.
        pings.end(Signal.LOG)
        context.store.ledger.finish_run(job, BUSY, "another process was making a report")
        raise
    except NoshowError as error:
        # Whatever its own code is, no report came of it.
        pings.end(Signal.FAIL)
        context.store.ledger.finish_run(job, str(NOTHING), type(error).__name__)
        raise
    except Exception:
        # A bug of ours must ring the bell, too: no report came of it.
        pings.end(Signal.FAIL)
        context.store.ledger.finish_run(job, str(BUG), "a bug")
        raise
    detail = f"{len(outcome.problems)} problems" if outcome.problems else ""
    context.store.ledger.finish_run(job, str(outcome.code), detail)
    pings.end(_verdict(context, week, outcome.code))
    return outcome


def _to_lead(
    context: Context,
    week: str,
    detection: Detection,
    told: Sequence[tuple[Audience, WeeklyReport]],
) -> Outcome:
    """The team's view, whose trouble is nobody else's."""
    try:
        return lead.deliver(context, week, detection, told)
    except (Stopped, Busy, StoreError):
        raise
    except NoshowError as error:
        return Outcome(PARTLY, problems=(f"the lead's view: {error.told}",))


def _stopped(
    context: Context,
    audience: Audience,
    report: WeeklyReport,
    since: pd.Timestamp,
) -> Outcome:
    """No report to a reader who asked for none; that is said once."""
    said = channels.note(
        context,
        audience,
        (STOP, since.strftime("%Y-%m-%dT%H:%M")),
        lambda envelope: notes.stopped(report, envelope),
    )
    stopping.pass_over(context, audience, report.week)
    return said + Outcome(lines=(f"{audience.recipient} asked for no more reports",))


def report_for(
    context: Context,
    audience: Audience,
    detection: Detection,
    week: str,
    others: Sequence[Again] = (),
) -> WeeklyReport:
    """One reader's report, with what it must say of earlier ones and of logins that end.

    others: what other limits would list (`run_again`); without them the report does not say.
    """
    numbers = [context.mailbox_id(box) for box in audience.boxes]
    logged_in = tuple(
        line for box in audience.boxes for line in login_status.warnings(context, box)
    )
    edition = weekly.Edition(
        week,
        mailboxes=numbers,
        names={normal_address(box.address): box.name for box in audience.boxes},
        language=context.settings.report.language,
        previous=remember.previous(detection.given, numbers, week),
        warnings=(*logged_in, *missed.untold(context, audience, week)),
        others=others,
        lead=context.settings.team.lead or "",
    )
    return weekly.build(detection, edition)


def completeness(report: WeeklyReport) -> Outcome:
    """Exit code 3 where something is missing from the report, with what."""
    problems = [line for one in report.seen for line in one.problems]
    problems += [
        f"{one.pending} mails are still to be fetched; the report says so"
        for one in report.seen
        if one.pending
    ]
    if not report.complete and not problems:
        lacking = {old_data.mend(one.provider) for one in report.seen if not one.whole}
        problems.append(
            "something has not been read to its end yet; the report says so -> "
            + " and ".join(sorted(lacking) or ["noshow sync"])
        )
    return Outcome(PARTLY if problems else DONE, problems=tuple(problems))


def _verdict(context: Context, week: str, code: int) -> Signal:
    """Well, where the report was handed over for sure, and says what is so up to now."""
    doubtful = week in missed.undelivered(context, "claimed", "released")
    return verdict(context, well=code in (DONE, PARTLY) and not doubtful)
