"""Has a reader asked for no more reports, and was that said to them once?

By a mail to oneself with the subject `noshow stop`, as answers come; `noshow start` takes it back.
The wish is kept in the store as a word about the reader's own address, since mails end by age.
"""

from __future__ import annotations

import pandas as pd

from config.clock import to_micros
from connectors.model.normal_forms import address as normal
from jobs.context import Context
from jobs.delivery.envelope.audience import WEEKLY, Audience
from reports.columns.rows import rows
from reports.detect.pipeline import Detection

STOP, STOPPED = "stop", "stopped"


def asked_at(context: Context, audience: Audience, detection: Detection) -> pd.Timestamp | None:
    """Since when this reader wants no report; None where they do. Keeps what came by mail."""
    own = {context.mailbox_id(box): normal(box.address) for box in audience.boxes}
    reader = normal(audience.recipient)
    if reader not in own.values():
        return None
    known = detection.given.tags
    tags = known.loc[(known["address"] == reader) & known["word"].isin([STOPPED, f"not-{STOPPED}"])]
    said = [(row.at, row.word == STOPPED) for row in rows(tags)]
    for wish in detection.by_mail.wishes:
        if own.get(wish.mailbox_id) != reader:
            continue
        stop = wish.word == STOP
        said.append((wish.at, stop))
        at = to_micros(wish.at.to_pydatetime())
        word = STOPPED if stop else f"not-{STOPPED}"
        context.store.user_input.tag(wish.mailbox_id, reader, word, "", at)
    if not said:
        return None
    at, stop = max(said)
    return at if stop else None


def pass_over(context: Context, audience: Audience, week: str) -> None:
    """Note that this week's report was not wanted: nobody missed it."""
    ledger = context.store.ledger
    claim = ledger.claim_report(normal(audience.recipient), week, WEEKLY)
    if claim is not None:
        ledger.handed_over(claim.report_id, STOPPED)
        ledger.report_seen(claim.report_id)
