"""What do attendance records and the domain's audit log add, where the settings turn them on?

Both are read after calendar and mail, by moment and not by cursor: each poll asks again for the last
day before the one before it, because records and log lines come late. A record settles what it says
and nothing else (rules.md M7); a login that is missing for one of them is a problem of the report,
because a claim may rest on what it would have shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import replace
from datetime import timedelta
from functools import partial

from config.clock import to_micros
from config.errors import NoshowError, Stopped
from config.settings import Mailbox
from connectors import sync as engine
from connectors.interfaces import AttendanceSource, Page, Window
from connectors.model.records import UNKNOWN
from jobs.context import Context
from jobs.providers.sources import Sources

ATTENDANCE, AUDIT = "attendance", "audit"
#: Records appear after a meeting, log lines some hours later: a day is asked for once more.
LATE = timedelta(days=1)


def steps(
    context: Context, box: Mailbox, number: int, found: Sources
) -> Iterator[tuple[str, Callable[[], engine.SyncOutcome]]]:
    """What is to be read of this mailbox beside calendar and mail: names and the work, one by one.

    The caller holds the mailbox's lock. The work raises as `connectors.sync.sync_mail`, and notes
    the poll as failed before.
    """
    for name in (ATTENDANCE, AUDIT):
        error = found.refused.get(name)
        if error is not None:
            yield name, partial(_refused, context, number, name, error)
    if found.attendance is not None:
        yield ATTENDANCE, partial(_attendance, context, box, number, found.attendance)
    if found.audit is not None:
        yield AUDIT, partial(_read, context, number, AUDIT, found.audit.pages)


def _attendance(
    context: Context, box: Mailbox, number: int, source: AttendanceSource
) -> engine.SyncOutcome:
    # Of a Teams meeting, its organiser alone may read the records (facts/microsoft.md 3).
    own_only = box.provider == "microsoft"

    def pages(since: int) -> Iterator[Page]:
        store, now = context.store, context.clock.now()
        within = Window(_past(context), to_micros(now))
        shown = store.attendance_due.looked_at(number, ATTENDANCE) or 0
        wanted = store.attendance_due.online_held(
            number, within, ended=since, shown=shown, own_only=own_only
        )
        if not wanted:
            return iter(())
        anew = store.attendance_due.readdressed(number, within)
        return (doubted(page, anew) for page in source.pages(wanted))

    return _read(context, number, ATTENDANCE, pages)


def doubted(page: Page, anew: Set[tuple[str, str]]) -> Page:
    """The page, with somebody unknown in each record of a meeting that had got another conference: who
    waited at the other one is in no record of this one (rules.md M7).
    """
    records = tuple(
        replace(one, participants=(*one.participants, UNKNOWN))
        if (one.series_uid, one.recurrence_id) in anew
        else one
        for one in page.attendance
    )
    return replace(page, attendance=records)


def _read(
    context: Context, number: int, stream: str, pages: Callable[[int], Iterator[Page]]
) -> engine.SyncOutcome:
    """Apply a stream's pages since the last complete poll, each in one transaction."""
    store, now = context.store, context.clock.now()
    before = store.attendance_due.looked_at(number, stream)
    since = _past(context) if before is None else before - LATE // timedelta(microseconds=1)
    poll = store.pages.begin_poll(number, stream, "fetch", Window(since, to_micros(now)))
    read = stored = observed = 0
    try:
        for page in pages(since):
            applied = engine.apply_page(store, poll, page)
            read, stored = read + 1, stored + applied.stored
            observed += applied.observations
            if context.stop():
                raise Stopped("stopped after a page", hint="the next run goes on from here")
    except NoshowError as error:
        store.pages.finish_poll(poll, error.message)
        raise
    store.pages.finish_poll(poll)
    return engine.SyncOutcome(read, stored + observed, observed, complete=True)


def _past(context: Context) -> int:
    """How far back a sync looks [µs UTC]."""
    return to_micros(context.clock.now() - timedelta(days=context.settings.sync.past_days))


def _refused(context: Context, number: int, stream: str, error: NoshowError) -> engine.SyncOutcome:
    """Note that the poll could not even begin, and say why."""
    poll = context.store.pages.begin_poll(number, stream, "fetch")
    context.store.pages.finish_poll(poll, error.message)
    raise error
