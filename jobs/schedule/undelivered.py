"""Which reports did not reach their readers up to now? What `status` and `doctor` say of them."""

from __future__ import annotations

from connectors.model.normal_forms import address as normal_address
from jobs.context import Context
from jobs.delivery import missed
from jobs.delivery.audience import audiences
from jobs.schedule.due import first_not_missed


def so_far(context: Context) -> tuple[str, ...]:
    """What is to be said of reports that did not reach their readers, up to now."""
    if not context.settings.mailbox:
        return ()
    lines = context.store.ledger.reports()
    week = first_not_missed(context.settings, context.clock.now())
    found: list[str] = []
    for reader in audiences(context):
        who = normal_address(reader.recipient)
        resend = context.settings.report.resend
        untold = missed.before(
            week, who, lines, context.store.sightings, context.clock.micros(), resend
        )
        found += missed.sentences(untold)
    return tuple(dict.fromkeys(found))
