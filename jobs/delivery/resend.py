"""Has what was sent arrived, and does something have to be sent again? Asked after each sync."""

from __future__ import annotations

from config.errors import Busy, NoshowError, Stopped
from jobs.console.outcome import Outcome
from jobs.context import Context
from jobs.delivery import arrival
from jobs.delivery.envelope.audience import WEEKLY
from jobs.delivery.envelope.sent_mail import sent_of


def run(context: Context) -> Outcome:
    """Mark as seen what has arrived; send once more what has not, after two syncs and six hours.

    Costs one query where nothing is on its way. Another process that makes a report just now is
    left alone: the next sync asks again. What goes wrong is in the outcome.
    """
    store, resend = context.store, context.settings.report.resend
    under_way = [
        line
        for line in store.ledger.reports("claimed", "handed_over", "released")
        if line.kind == WEEKLY and sent_of(line.message_key) is not None
    ]
    if not under_way or context.stop():
        return Outcome()
    try:
        sight = store.sightings
        arrival.confirm(store.ledger, sight)
        late = arrival.overdue(store.ledger, sight, context.clock.micros(), resend)
        if not late:
            return Outcome()
        from jobs.delivery import weekly

        with store.locks.report():
            return weekly.again(context, late)
    except Busy:
        return Outcome()
    except Stopped:
        raise
    except NoshowError as error:
        return Outcome(error.exit_code, problems=(f"looking for sent reports: {error.told}",))
