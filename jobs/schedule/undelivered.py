"""Which reports did not reach their readers up to now? What `status` and `doctor` say of them."""

from __future__ import annotations

from jobs.context import Context
from jobs.delivery import missed
from jobs.delivery.envelope.audience import audiences
from jobs.schedule.due import first_not_missed


def so_far(context: Context) -> tuple[str, ...]:
    """What is to be said of reports that did not reach their readers, up to now."""
    if not context.settings.mailbox:
        return ()
    week = first_not_missed(context.settings, context.clock.now())
    said = (missed.untold(context, reader, week) for reader in audiences(context))
    return tuple(dict.fromkeys(line for lines in said for line in lines))
