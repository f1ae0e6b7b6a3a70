"""What is missing from a list because it was not read? Said beside it, as the report says it.

A list that is asked for between two reports must not read as whole where the next report would call
itself incomplete. Asked of the store alone.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from jobs.console.outcome import DONE, PARTLY, Outcome
from jobs.context import Context
from jobs.providers import old_data


def beside(context: Context, outcome: Outcome, then: datetime | None = None) -> Outcome:
    """The outcome with what is missing from it, and exit code 3 where something is.

    then: the moment looked back to; None: now.
    """
    said = old_data.sentences(context, then)
    if then is None:
        said += _pending(context)
    if not said:
        return outcome
    code = PARTLY if outcome.code == DONE else outcome.code
    return replace(outcome, code=code, problems=(*outcome.problems, *said))


def _pending(context: Context) -> tuple[str, ...]:
    lines = []
    for box in context.chosen():
        count = context.store.pending.counts(context.mailbox_id(box)).pending
        if count:
            what = "mail is" if count == 1 else "mails are"
            lines.append(f"{box.address}: {count} {what} still to be fetched -> noshow sync")
    return tuple(lines)
