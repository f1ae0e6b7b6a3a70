"""Which questions are open? The last list where it still holds, else everything is judged anew."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from connectors.store.claims import Claim
from jobs.context import Context
from jobs.outcome import Outcome
from jobs.query.status import unfetched
from jobs.query.tables import Format, columns, show
from reports.claims import FITTING

if TYPE_CHECKING:
    from reports.detect.pipeline import Detection

COLUMNS = columns("id", "start", "contact", "what", "meeting", "answers")


def run(context: Context, *, as_of: str = "", form: Format) -> Outcome:
    """The open questions with their ids and the words that answer them."""
    nothing = unfetched(context, COLUMNS, form)
    if nothing is not None:
        return nothing
    rows = context.store.question_list.read() if not as_of else None
    if rows is None:
        from jobs.delivery.weekly import found, moment

        state = context.store.question_list.state()
        detection = found(context, moment(context, as_of))
        rows = listed(context, detection, with_ids=not as_of)
        if not as_of:
            context.store.question_list.keep(state, rows)
    oldest = timedelta(days=context.settings.policy.question_age_days)
    since = context.clock.now() - oldest
    shown = [
        (row[0], start, *row[2:])
        for row in rows
        for start in (datetime.fromisoformat(row[1]),)
        if as_of or start >= since
    ]
    if not shown and form is Format.TABLE:
        return Outcome(lines=("no open questions",))
    hint = ("", "answer with: noshow answer ID WORD") if form is Format.TABLE else ()
    return Outcome(lines=(show(COLUMNS, shown, form, context.settings.zone), *hint))


def listed(context: Context, detection: Detection, *, with_ids: bool = True) -> list[list[str]]:
    """The open questions of a detection, in their order; starts in ISO 8601.

    `with_ids`: they count as printed.
    """
    from reports.columns.rows import rows as rows_of

    rows = []
    for one in rows_of(detection.findings.questions):
        claim = Claim(str(one.kind), str(one.contact), str(one.meeting_key), str(one.evidence_key))
        ids = context.store.claims.ids(int(one.mailbox_id), [claim]) if with_ids else ("",)
        rows.append(
            [
                ids[0],
                one.start_at.to_pydatetime().astimezone(UTC).isoformat(),
                claim.contact,
                str(one.was),
                str(one.subject),
                " ".join(FITTING[claim.kind]),
            ]
        )
    return rows
