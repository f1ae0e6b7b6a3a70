"""What is the lead shown? Printed here; the schedule sends it after the sellers' own reports."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from jobs.console.outcome import Outcome
from jobs.context import Context
from jobs.delivery import lead, stopping, weekly
from jobs.delivery.envelope.audience import audiences
from jobs.delivery.envelope.report_week import last_complete
from jobs.delivery.judging import found, moment


def run(context: Context, *, as_of: str = "") -> Outcome:
    """The view of now, or of then, as text; nothing is sent or noted.

    Raises ConfigError where the view is off or the moment is none.
    """
    then = moment(context, as_of)
    week = last_complete(then.astimezone(ZoneInfo(context.settings.zone)).date())
    detection = found(context, then)
    reports = [
        (audience, weekly.report_for(context, audience, detection, week))
        for audience in audiences(context)
        if stopping.asked_at(context, audience, detection) is None
    ]
    return lead.shown(context, detection, reports)
