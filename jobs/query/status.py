"""How far is everything read, when did each job run, and where is each report? Asked of the store alone.

No facts are judged for it, so it answers at once: pandas is not loaded.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from config.clock import from_micros
from connectors.store.read.streams import Stream
from jobs.console.outcome import DONE, NOTHING, PARTLY, Outcome
from jobs.context import Context
from jobs.delivery import missed
from jobs.fleet import set_aside
from jobs.providers import old_data
from jobs.query.tables import Columns, Format, columns, objects, show
from jobs.schedule import clock_ahead, undelivered

JOBS = ("sync", "heal", "report", "import", "backfill", "retention")
_NOTHING_YET = "nothing was fetched yet -> noshow sync, or noshow import FILES..."
_NOBODY_YET = "the settings name no mailbox -> add a [[mailbox]]; see noshow init --print"
#: So many reports are listed at least; of the newest week all.
_REPORTS = 6
_WHERE = {
    "claimed": "left, and is looked for in the mailbox",
    "handed_over": "handed over",
    "seen": "arrived",
}
#: The columns of `counted`.
COUNTED = ("complete to", "meetings", "mails", "pending", "failed")
_BOXES = columns("mailbox", "provider", *COUNTED, "problem")
_STREAMS = columns("mailbox", "stream", "complete to", "last look", "problem")
_RUNS = columns("job", "last ended", "exit code", "note")
_LOST: Columns = {
    "mailbox": "not all mail read",
    "file": "file",
    "reason": "why",
    "not_after": "it may hold mail until",
}
_SENT: Columns = {
    "week": "report",
    "to": "to",
    "state": "where it is",
    "since": "since",
    "tries": "tries",
}


def run(context: Context, *, form: Format) -> Outcome:
    """Each mailbox with its streams, the last run of each job, the last reports.

    CSV has the mailboxes alone; JSON has all, each under its name. Exit code 4 where nothing was
    ever fetched, 3 where what is known is old, a report did not arrive, or a clock was wrong.
    """
    from jobs.providers import login_status

    boxes, streams = [], []
    for box in context.chosen():
        number = context.mailbox_id(box)
        found = context.store.streams.of(number)
        streams += [(box.address, *_stream(one)) for one in found]
        problems = [one.problem for one in found if one.problem]
        boxes.append(
            (
                box.address,
                box.provider,
                *counted(context, number, found),
                "; ".join([*problems[-1:], *login_status.warnings(context, box)]),
            )
        )
    begun = context.store.pending.begun()
    said: tuple[str, ...] = () if begun else (nothing_yet(context),)
    said += undelivered.so_far(context)
    said += tuple(one for one in (clock_ahead.in_the_future(context),) if one)
    said += set_aside.sentences(context)
    said += old_data.sentences(context) if begun else ()
    code = NOTHING if not begun else PARTLY if said else DONE
    return Outcome(code, _shown(context, form, boxes, streams, said), said)


def counted(context: Context, mailbox_id: int, streams: Sequence[Stream]) -> tuple[Any, ...]:
    """How far all of a mailbox's streams are read, and how much of it is stored, pending, given up."""
    counts = context.store.pending.counts(mailbox_id)
    ended = [one.complete_to for one in streams if one.complete_to is not None]
    return (
        _moment(min(ended, default=None)),
        context.store.streams.meetings(mailbox_id),
        counts.stored,
        counts.pending,
        counts.given_up,
    )


def _shown(
    context: Context,
    form: Format,
    boxes: Sequence[Any],
    streams: Sequence[Any],
    said: Sequence[str],
) -> tuple[str, ...]:
    zone = context.settings.zone
    if form is Format.CSV:
        return (show(_BOXES, boxes, form, zone),)
    sent, earlier = _reports(context)
    tables: dict[str, tuple[Columns, Sequence[Any]]] = {
        "mailboxes": (_BOXES, boxes),
        "streams": (_STREAMS, streams),
        "jobs": (_RUNS, _runs(context)),
        "reports": (_SENT, sent),
        "losses": (_LOST, _losses(context)),
    }
    if form is Format.JSON:
        tree: dict[str, Any] = {
            name: objects(shown, rows, zone) for name, (shown, rows) in tables.items()
        }
        more = {"earlier_reports": earlier, "problems": list(said)}
        return (json.dumps({**tree, **more}, indent=2),)
    del tables["streams"]
    lines: list[str] = []
    for name, (shown, rows) in tables.items():
        if rows:
            lines += [*([""] if lines else []), show(shown, rows, form, zone)]
        if name == "reports" and earlier:
            lines.append(f"and {earlier} earlier {'report' if earlier == 1 else 'reports'}")
    return tuple(lines)


def _stream(one: Stream) -> tuple[Any, ...]:
    return (one.name, _moment(one.complete_to), _moment(one.last), one.problem)


def _runs(context: Context) -> list[tuple[Any, ...]]:
    known = context.store.ledger.runs()
    rows: list[tuple[Any, ...]] = []
    for job in JOBS:
        last = next((one for one in known if one.job.partition(":")[0] == job), None)
        if last is not None:
            # Another process at the same work ends a run in a word, not in a code.
            number = int(last.outcome) if last.outcome.isdigit() else None
            note = last.detail if number is not None else f"{last.outcome} {last.detail}".strip()
            rows.append((job, _moment(last.ended_at), number, note))
    return rows


def _reports(context: Context) -> tuple[list[tuple[Any, ...]], int]:
    """The last reports, and where each of them is; and how many earlier ones are not listed."""
    rows = []
    sight, now = context.store.sightings, context.clock.micros()
    known = context.store.ledger.reports()
    newest = max((line.week for line in known), default="")
    listed = [line for at, line in enumerate(known) if at < _REPORTS or line.week == newest]
    for line in listed:
        why = missed.state_of(line, sight, now, context.settings.report.resend)
        where = why.value if why is not None else _WHERE.get(line.state, line.state)
        at = line.seen_at or line.handed_over_at or line.claimed_at
        rows.append((line.week, line.recipient, where, _moment(at), line.tries))
    return rows, len(known) - len(listed)


def _losses(context: Context) -> list[tuple[Any, ...]]:
    """The files that were given to an import and not read."""
    found = context.store.streams.losses()
    return [(one.mailbox, one.place, one.reason, _moment(one.not_after)) for one in found]


def unfetched(context: Context, shown: Columns, form: Format) -> Outcome | None:
    """An empty list that says why, before anything was ever fetched; None afterwards."""
    if context.store.pending.begun():
        return None
    lines = () if form is Format.TABLE else (show(shown, [], form, context.settings.zone),)
    return Outcome(NOTHING, lines, (nothing_yet(context),))


def nothing_yet(context: Context) -> str:
    """Why there is nothing, before anything was ever fetched, and what to do."""
    return _NOTHING_YET if context.settings.mailbox else _NOBODY_YET


def _moment(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
