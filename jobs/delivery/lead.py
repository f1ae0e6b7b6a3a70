"""Who is shown what concerns the whole team? The lead of the settings, after the sellers were told.

Off by default. A mailbox stands behind the view only where its owner's own report said that there is
one, and to whom it goes: whoever stopped their reports, or whose report did not leave, is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from config.errors import ConfigError
from config.settings import Mailbox
from connectors.model.normal_forms import address as normal
from jobs.console.outcome import NOTHING, Outcome
from jobs.context import Context
from jobs.delivery import channels
from jobs.delivery.envelope.audience import LEAD, Audience
from reports.detect.pipeline import Detection
from reports.render import lead as writing
from reports.render.mail import Envelope, Rendered
from reports.render.writer import Pen
from reports.weekly import lead as team
from reports.weekly.report import WeeklyReport

#: The run that notes of a mailbox that its owner was told.
_JOB = "told of lead"
Reports = Sequence[tuple[Audience, WeeklyReport]]


def note_told(context: Context, audience: Audience, report: WeeklyReport) -> None:
    """This report left: its reader knows of the view from now on, if it says so."""
    if not report.lead:
        return
    line = context.store.ledger.report(normal(audience.recipient), report.week)
    if line is None or line.state not in ("handed_over", "seen"):
        return
    for box in audience.boxes:
        number = context.mailbox_id(box)
        if not _knows(context, number):
            ledger = context.store.ledger
            ledger.finish_run(ledger.begin_run(_JOB, number), _mark(report.lead))


def deliver(context: Context, week: str, detection: Detection, reports: Reports) -> Outcome:
    """Send this week's view to the lead, once; nothing where there is no lead.

    Raises ConfigError where the lead cannot be reached by the ways of the settings.
    """
    lead = context.settings.team.lead
    if not lead or not reports:
        return Outcome()
    own = [box for box in context.settings.mailbox if normal(box.address) == normal(lead)]
    # Never by a seller's own mailbox: their sent mail would hold it.
    sender = own[0] if own else Mailbox(address=lead, provider="files")
    found = _view(context, detection, reports)
    return channels.note(
        context,
        Audience(lead, (sender,)),
        (LEAD, week),
        lambda envelope: _rendered(reports, found, envelope),
    )


def shown(context: Context, detection: Detection, reports: Reports) -> Outcome:
    """The view as text, as it would be sent now. Raises ConfigError where it is off."""
    if not context.settings.team.lead:
        raise ConfigError(
            "the lead's view is off", hint='set lead = "name@ourco.example" in [team]'
        )
    if not reports:
        return Outcome(NOTHING, ("no mailbox has a report",))
    text = _rendered(reports, _view(context, detection, reports), Envelope()).text
    return Outcome(lines=tuple(text.splitlines()))


def _view(context: Context, detection: Detection, reports: Reports) -> team.LeadView:
    usable = [
        report
        for audience, report in reports
        if all(_knows(context, context.mailbox_id(box)) for box in audience.boxes)
    ]
    numbers = {number for report in usable for number in report.addresses}
    slots = detection.findings.slots
    hours = team.lost_hours(
        slots.loc[slots["mailbox_id"].isin(numbers)],
        detection.findings.as_of,
        context.settings.policy.horizon_days,
    )
    return team.view(usable, hours, mailboxes=len(context.settings.mailbox))


def _rendered(reports: Reports, found: team.LeadView, envelope: Envelope) -> Rendered:
    return writing.render(Pen(reports[0][1]), found, envelope)


def _knows(context: Context, mailbox: int) -> bool:
    """Was the owner told of this lead?"""
    runs = context.store.ledger.runs(_JOB, mailbox_id=mailbox, limit=1)
    return bool(runs) and runs[0].outcome == _mark(context.settings.team.lead or "")


def _mark(lead: str) -> str:
    """Which lead was told of, without an address among the runs."""
    return hashlib.sha256(normal(lead).encode()).hexdigest()[:16]
