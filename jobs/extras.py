"""What do attendance records and the domain's audit log add, where the settings turn them on?

Both are read after calendar and mail, by moment and not by cursor: each look asks again for the last
day before the one before it, because records and log lines come late. A record settles what it says
and nothing else (rules.md M7); a login that is missing for one of them is a problem of the report,
because a claim may rest on what it would have shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

import pandas as pd

from config.clock import to_micros
from config.errors import NoshowError, Stopped
from config.settings import Mailbox
from connectors import sync as engine
from connectors.base import AttendanceSource, Page, Window
from connectors.model.frames import Frames
from jobs.context import Context
from jobs.wiring import Sources
from reports.rows import rows

ATTENDANCE, AUDIT = "attendance", "audit"
#: Records appear after a meeting, log lines some hours later: a day is asked for once more.
LATE = timedelta(days=1)
_GONE = ("cancelled", "removed", "vanished")

Wanted = tuple[str, str, str, Window]


def steps(
    context: Context, box: Mailbox, number: int, found: Sources
) -> Iterator[tuple[str, Callable[[], engine.SyncOutcome]]]:
    """What is to be read of this mailbox beside calendar and mail: names and the work, one by one.

    The caller holds the mailbox's lock. The work raises as `connectors.sync.sync_mail`, and notes
    the look as failed before.
    """
    for name in (ATTENDANCE, AUDIT):
        error = found.refused.get(name)
        if error is not None:
            yield name, partial(_refused, context, number, name, error)
    if found.attendance is not None:
        yield ATTENDANCE, partial(_attendance, context, box, number, found.attendance)
    if found.audit is not None:
        log = found.audit
        yield AUDIT, partial(_read, context, number, AUDIT, lambda frames, since: log.pages(since))


def past_online(
    frames: Frames, number: int, since: int, until: int, *, own_only: bool
) -> tuple[Wanted, ...]:
    """The online meetings of a mailbox that ended in [since, until) [µs UTC], in order of time.

    `own_only`: those that the mailbox's owner organises.
    """
    meetings = frames.meetings
    chosen = meetings.loc[
        (meetings["mailbox_id"] == number)
        & (meetings["online"] != "")
        & meetings["start_at"].notna()
        & meetings["end_at"].notna()
        & ~meetings["all_day"]
        & ~meetings["status"].isin(_GONE)
    ]
    if own_only:
        chosen = chosen.loc[chosen["organizer_is_self"]]
    wanted: dict[tuple[str, str], Wanted] = {}
    for row in rows(chosen.sort_values("start_at")):
        slot = Window(_micros(row.start_at), _micros(row.end_at))
        if since <= slot.end < until:
            key = (str(row.series_uid), str(row.recurrence_id))
            wanted[key] = (*key, str(row.online), slot)
    return tuple(wanted.values())


def _attendance(
    context: Context, box: Mailbox, number: int, source: AttendanceSource
) -> engine.SyncOutcome:
    # Of a Teams meeting, its organiser alone may read the records (facts/microsoft.md 3).
    own_only = box.provider == "microsoft"

    def pages(frames: Frames, since: int) -> Iterator[Page]:
        now = context.clock.micros()
        wanted = past_online(frames, number, since, now, own_only=own_only)
        return source.pages(wanted) if wanted else iter(())

    return _read(context, number, ATTENDANCE, pages)


def _read(
    context: Context, number: int, stream: str, pages: Callable[[Frames, int], Iterator[Page]]
) -> engine.SyncOutcome:
    """Apply a stream's pages since the last complete look, each in one transaction."""
    store, now = context.store, context.clock.now()
    frames = store.frames(now)
    since = _since(frames, number, stream)
    if since is None:
        since = to_micros(now - timedelta(days=context.settings.sync.past_days))
    look = store.begin_look(number, stream, "fetch", Window(since, to_micros(now)))
    read, stored, observed = 0, 0, 0
    try:
        for page in pages(frames, since):
            applied = store.apply(look, page)
            read, stored = read + 1, stored + applied.stored
            observed += applied.observations
            if context.stop():
                raise Stopped("stopped after a page", hint="the next run goes on from here")
    except NoshowError as error:
        store.finish_look(look, error.message)
        raise
    store.finish_look(look)
    return engine.SyncOutcome(read, stored + observed, observed, complete=True)


def _refused(context: Context, number: int, stream: str, error: NoshowError) -> engine.SyncOutcome:
    """Note that the look could not even begin, and say why."""
    look = context.store.begin_look(number, stream, "fetch")
    context.store.finish_look(look, error.message)
    raise error


def _since(frames: Frames, number: int, stream: str) -> int | None:
    """From when on to ask: a day before the last complete look; None before the first one."""
    looks = frames.looks
    done = looks.loc[
        (looks["mailbox_id"] == number)
        & (looks["stream"] == stream)
        & looks["finished_at"].notna()
        & (looks["problem"] == ""),
        "started_at",
    ]
    return None if not len(done) else _micros(done.max()) - LATE // timedelta(microseconds=1)


def _micros(stamp: pd.Timestamp) -> int:
    return to_micros(stamp.to_pydatetime())
