"""How far is everything read, when did each job run, and where is each report? Asked of the store alone.

No facts are judged for it, so it answers at once: pandas is not loaded.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from config.clock import from_micros
from connectors.store.read.streams import Stream
from jobs.context import Context
from jobs.delivery import missed
from jobs.outcome import DONE, NOTHING, PARTLY, Outcome
from jobs.providers import old_data
from jobs.query.tables import Format, show
from jobs.schedule import clock_ahead, undelivered

JOBS = ("sync", "heal", "report", "import", "backfill", "retention")
NOTHING_YET = "nothing was fetched yet -> noshow sync, or noshow import FILES..."
#: So many reports are listed.
_REPORTS = 6
_WHERE = {
    "claimed": "left, and is looked for in the mailbox",
    "handed_over": "handed over",
    "seen": "arrived",
}
_BOXES = ("mailbox", "provider", "complete to", "meetings", "mails", "pending", "failed", "problem")
_STREAMS = ("mailbox", "stream", "complete to", "last look", "problem")
_RUNS = ("job", "last ended", "exit code", "note")
_LOST = ("not all mail read", "file", "why", "it may hold mail until")
_SENT = ("report", "to", "where it is", "since", "tries")


def run(context: Context, *, form: Format) -> Outcome:
    """Each mailbox with its streams, the last run of each job, the last reports.

    CSV has the mailboxes alone; JSON has all, each under its name. Exit code 4 where nothing was
    ever fetched, 3 where what is known is old, a report did not arrive, or a clock was wrong.
    """
    from jobs.providers import login_status

    boxes, streams = [], []
    for box in context.chosen():
        number = context.mailbox_id(box)
        counts = context.store.pending.counts(number)
        found = context.store.streams.of(number)
        streams += [(box.address, *_stream(context, one)) for one in found]
        problems = [one.problem for one in found if one.problem]
        ended = [one.complete_to for one in found if one.complete_to is not None]
        boxes.append(
            (
                box.address,
                box.provider,
                _local(context, min(ended, default=None)),
                context.store.streams.meetings(number),
                counts.stored,
                counts.pending,
                counts.given_up,
                "; ".join([*problems[-1:], *login_status.warnings(context, box)]),
            )
        )
    begun = context.store.pending.begun()
    said: tuple[str, ...] = () if begun else (NOTHING_YET,)
    said += undelivered.so_far(context)
    said += tuple(one for one in (clock_ahead.in_the_future(context),) if one)
    said += old_data.sentences(context) if begun else ()
    code = NOTHING if not begun else PARTLY if said else DONE
    return Outcome(code, _shown(context, form, boxes, streams, said), said)


def _shown(
    context: Context,
    form: Format,
    boxes: Sequence[Any],
    streams: Sequence[Any],
    said: Sequence[str],
) -> tuple[str, ...]:
    if form is Format.CSV:
        return (show(_BOXES, boxes, form),)
    tables = {
        "mailboxes": (_BOXES, boxes),
        "streams": (_STREAMS, streams),
        "jobs": (_RUNS, _runs(context)),
        "reports": (_SENT, _reports(context)),
        "losses": (_LOST, _losses(context)),
    }
    if form is Format.JSON:
        tree: dict[str, Any] = {
            name: [dict(zip(columns, row, strict=True)) for row in rows]
            for name, (columns, rows) in tables.items()
        }
        return (json.dumps({**tree, "problems": list(said)}, indent=2),)
    del tables["streams"]
    lines: list[str] = []
    for columns, rows in tables.values():
        if rows:
            lines += [*([""] if lines else []), show(columns, rows, form)]
    return tuple(lines)


def _stream(context: Context, one: Stream) -> tuple[str, ...]:
    return (one.name, _local(context, one.complete_to), _local(context, one.last), one.problem)


def _runs(context: Context) -> list[tuple[Any, ...]]:
    known = context.store.ledger.runs()
    rows: list[tuple[Any, ...]] = []
    for job in JOBS:
        last = next((one for one in known if one.job.partition(":")[0] == job), None)
        if last is not None:
            rows.append((job, _local(context, last.ended_at), last.outcome, last.detail))
    return rows


def _reports(context: Context) -> list[tuple[Any, ...]]:
    """The last reports, and where each of them is."""
    rows = []
    sight, now = context.store.sightings, context.clock.micros()
    for line in context.store.ledger.reports()[:_REPORTS]:
        why = missed.state_of(line, sight, now, context.settings.report.resend)
        where = why.value if why is not None else _WHERE.get(line.state, line.state)
        at = line.seen_at or line.handed_over_at or line.claimed_at
        rows.append((line.week, line.recipient, where, _local(context, at), line.tries))
    return rows


def _losses(context: Context) -> list[tuple[Any, ...]]:
    """The files that were given to an import and not read."""
    found = context.store.streams.losses()
    return [(one.mailbox, one.place, one.reason, _local(context, one.not_after)) for one in found]


def unfetched(context: Context, columns: Sequence[str], form: Format) -> Outcome | None:
    """An empty list that says why, before anything was ever fetched; None afterwards."""
    if context.store.pending.begun():
        return None
    lines = () if form is Format.TABLE else (show(columns, [], form),)
    return Outcome(NOTHING, lines, (NOTHING_YET,))


def _local(context: Context, micros: int | None) -> str:
    """`2026-11-18 15:00` in the zone of the settings; "" where unknown."""
    return "" if micros is None else local(from_micros(micros), context.settings.zone)


def local(moment: datetime, zone: str) -> str:
    """`2026-11-18 15:00` in the zone."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
