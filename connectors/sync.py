"""How does what a source shows get into the store, page by page?

The drivers that the jobs call. They know no provider: a source yields pages, `plan` decides, the
store applies each page with its cursor in one transaction. They take no lock but
`backfill_calendar`, which takes the mailbox's for each page: callers of the others hold it
themselves (`with store.locks.mailbox(mailbox_id)`).

Ended by a busy provider or an empty quota, they say so in their outcome, and the next run goes on.
What a person must act upon (AuthError, ProviderError, SuspiciousSync, StoreError) is raised, after
the poll was noted as failed; so is Stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from config.errors import (
    CursorLost,
    NoshowError,
    ProviderError,
    Stopped,
    SuspiciousSync,
    TransientError,
)
from connectors.interfaces import CalendarSource, Failure, Listed, MailSource, Page, Window
from connectors.model.streams import FILES, MAIL, calendar_of, calendar_stream
from connectors.planning.meetings import close, plan
from connectors.planning.types import Applied, Poll
from connectors.store.store import Store

__all__ = [
    "FILES",
    "MAIL",
    "Steering",
    "SyncOutcome",
    "apply_page",
    "apply_pages",
    "backfill_calendar",
    "calendar_stream",
    "sync_calendar",
    "sync_mail",
]

#: Ids asked for at once: a source cuts them as its provider likes.
BATCH = 500
#: A cursor that is lost again while its round is listed anew is the provider's fault.
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stream is: pages so far, records stored or changed, ids still to be fetched."""

    stream: str
    pages: int
    stored: int
    pending: int


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Steering:
    """Who watches a driver's work, and what it may do.

    `progress` is told after each page; `should_stop` is asked between pages, True raises Stopped.
    `allow_empty` believes a source that is now empty. A backfill waits up to `lock_wait` [s] for the
    lock that a sync holds.
    """

    progress: Callable[[Progress], None] | None = None
    should_stop: Callable[[], bool] = _never
    allow_empty: bool = False
    lock_wait: float = 600.0


_ALONE = Steering()


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """What a sync of one stream did.

    `stored`: records made or changed. `pending`: ids still to be fetched; `failures`: those that
    are given up on, in all. `complete`: the round was listed to its end and nothing is pending.
    `problem` is why not, without any address; `error` the error that ended it, if one did.
    """

    pages: int = 0
    stored: int = 0
    observations: int = 0
    vanished: int = 0
    deleted: int = 0
    pending: int = 0
    failures: int = 0
    complete: bool = False
    problem: str = ""
    error: NoshowError | None = None


class _Run:
    """One driver's work on one stream: counts, tells, stops."""

    def __init__(self, store: Store, mailbox_id: int, stream: str, steering: Steering) -> None:
        self.store = store
        self.mailbox_id = mailbox_id
        self.stream = stream
        self._steering = steering
        self.pages = self.stored = self.observations = self.vanished = self.deleted = 0

    def read(
        self, poll: Poll, pages: Iterable[Page], lock: Callable[[], AbstractContextManager[None]]
    ) -> Window | None:
        """Apply the pages until the round's last one; the window that they named.

        Raises TransientError where they end before it.
        """
        window: Window | None = None
        for page in pages:
            with lock():
                self.apply(poll, page)
            window = page.window or window
            if page.last:
                return window
            self._check_stop()
        raise TransientError(
            "the source ended before its last page", hint="the next run goes on from here"
        )

    def apply(self, poll: Poll, page: Page) -> None:
        applied = apply_page(self.store, poll, page, allow_empty=self._steering.allow_empty)
        self.pages += 1
        self.stored += applied.stored
        self.observations += applied.observations
        self.vanished += applied.vanished
        self.deleted += applied.deleted
        if self._steering.progress is not None:
            waiting = self.store.pending.count(self.mailbox_id, self.stream)
            self._steering.progress(Progress(self.stream, self.pages, self.stored, waiting))

    def _check_stop(self) -> None:
        if self._steering.should_stop():
            raise Stopped("stopped after a page", hint="the next run goes on from here")

    def fetch(self, source: MailSource, batch: int) -> None:
        """Fetch all that is pending, each id once."""
        if not self.store.pending.count(self.mailbox_id, self.stream):
            return
        self._check_stop()
        poll = self.store.pages.begin_poll(
            self.mailbox_id, self.stream, "fetch", parameters=source.parameters
        )
        with _noted(self.store, poll):
            while wanted := self.store.pending.wanted(
                self.mailbox_id, self.stream, batch, not_tried_in=poll.poll_id
            ):
                for page in source.fetch(wanted):
                    self.apply(poll, page)
                    self._check_stop()
                self._count_unanswered(poll, wanted)

    def _count_unanswered(self, poll: Poll, wanted: Sequence[Listed]) -> None:
        """What the source said nothing of stays pending, and is not asked for again in this run."""
        left = self.store.pending.wanted(
            self.mailbox_id, self.stream, len(wanted), not_tried_in=poll.poll_id
        )
        asked = {one.provider_id for one in wanted}
        silent = tuple(
            Failure(one.provider_id, "the provider did not answer for it", final=False)
            for one in left
            if one.provider_id in asked
        )
        if silent:
            apply_page(self.store, poll, Page(failed=silent))

    def outcome(self, error: NoshowError | None = None) -> SyncOutcome:
        counts = self.store.pending.counts(self.mailbox_id, self.stream)
        problem = error.message if error is not None else ""
        if not problem and counts.pending:
            problem = f"{counts.pending} entries could not be fetched yet"
        return SyncOutcome(
            self.pages,
            self.stored,
            self.observations,
            self.vanished,
            self.deleted,
            pending=counts.pending,
            failures=counts.given_up,
            complete=error is None and not counts.pending,
            problem=problem,
            error=error,
        )


class _noted:  # noqa: N801 - reads as a word in a with statement
    """Finish a poll when the block ends; note why where it does not end well."""

    def __init__(self, store: Store, poll: Poll) -> None:
        self.store = store
        self.poll = poll
        self.window: Window | None = None

    def __enter__(self) -> _noted:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None:
            self.store.pages.finish_poll(self.poll, window=self.window)
        elif isinstance(error, NoshowError):
            self.store.pages.finish_poll(self.poll, error.message or type(error).__name__)
        # Else the process is dying, or a bug is on its way up: the poll stays open.


def apply_page(store: Store, poll: Poll, page: Page, *, allow_empty: bool = False) -> Applied:
    """Store one page and its cursor in one transaction. Applying it again changes nothing.

    Raises SuspiciousSync, with nothing of the page stored, where it completes a full round that
    lists next to nothing of what was there (unless `allow_empty`); StoreError, Busy. A page whose
    connection to the database is lost is applied again over a new one.
    """
    return store.database.patience.repeat(lambda: _applied(store, poll, page, allow_empty))


def _applied(store: Store, poll: Poll, page: Page, allow_empty: bool) -> Applied:
    with store.pages.storing(poll) as stored:
        decided = plan(stored.known(page), page, poll)
        stored.apply(decided)
        vanished = deleted = 0
        if poll.round and decided.last:
            if stored.listed_all(decided) and (poll.calendar or poll.stream == MAIL):
                window = decided.window or poll.window
                gone = close(stored.round(window), poll, allow_empty=allow_empty)
                vanished, deleted = stored.mark_gone(gone, window)
            stored.end_round()
    return Applied(
        stored=len(decided.new_messages)
        + sum(copy.changed for copy in decided.copies)
        + len(decided.attendance),
        observations=len(decided.observations),
        vanished=vanished,
        deleted=deleted + len(decided.deleted),
        last=decided.last,
    )


def sync_calendar(
    store: Store,
    source: CalendarSource,
    mailbox_id: int,
    calendar: str,
    window: Window,
    steering: Steering = _ALONE,
) -> SyncOutcome:
    """Read what changed in one calendar since the last sync (the first time: the whole window).

    Raises Stopped, SuspiciousSync, AuthError, ProviderError, StoreError; a TransientError becomes
    the outcome's `error`.
    """
    run = _Run(store, mailbox_id, calendar_stream(calendar), steering)
    try:
        _cursor_round(
            run, source.parameters, window, lambda cursor: source.pages(calendar, cursor, window)
        )
    except TransientError as error:
        return run.outcome(error)
    return run.outcome()


def sync_mail(
    store: Store,
    source: MailSource,
    mailbox_id: int,
    since: int,
    steering: Steering = _ALONE,
    *,
    batch: int = BATCH,
) -> SyncOutcome:
    """List what is new in a mailbox since the last sync, then fetch all that is pending.

    `since` [µs UTC]: older mail need not be listed. Resumable for days: what was fetched is never
    fetched again. Raises and returns as `sync_calendar`.
    """
    run = _Run(store, mailbox_id, MAIL, steering)
    window = Window(since, store.now())
    try:
        _cursor_round(run, source.parameters, window, lambda cursor: source.pages(cursor, since))
        run.fetch(source, batch)
    except TransientError as error:
        return run.outcome(error)
    return run.outcome()


def backfill_calendar(
    store: Store,
    source: CalendarSource,
    mailbox_id: int,
    calendar: str,
    windows: Iterable[Window],
    steering: Steering = _ALONE,
) -> SyncOutcome:
    """List explicit windows of a calendar in full; the cursor of its sync stays where it is.

    For the past before the first sync, and as the nightly second poll that heals what deltas
    missed. Takes the mailbox's lock for each page (waiting for it as long as `steering` says) and gives it back,
    so that a sync can run between: the caller must not hold it. Raises Busy, and as
    `sync_calendar`; a window that was cut off is begun anew by the next run.
    """
    run = _Run(store, mailbox_id, calendar_stream(calendar), steering)
    try:
        for window in windows:
            poll = store.pages.begin_poll(
                mailbox_id, run.stream, "backfill", window, parameters=source.parameters
            )
            with _noted(store, poll):
                run.read(
                    poll,
                    source.snapshot(calendar, window),
                    lambda: store.locks.mailbox(mailbox_id, wait=steering.lock_wait),
                )
    except TransientError as error:
        return run.outcome(error)
    return run.outcome()


def apply_pages(
    store: Store,
    mailbox_id: int,
    stream: str,
    pages: Iterable[Page],
    steering: Steering = _ALONE,
    *,
    parameters: str = "",
) -> SyncOutcome:
    """Import pages that vouch for nothing but themselves: files, attendance records.

    `stream`: `files`, `mail`, or `calendar:<id>`. The pages may end without a last one; where they
    bear a cursor it is kept with the hash of the `parameters` that it depends on. A file is as old
    as its export, so that what changed between two imports is bounded by nothing. Raises as
    `sync_calendar`.
    """
    run = _Run(store, mailbox_id, stream, steering)
    poll = store.pages.begin_poll(mailbox_id, stream, "import", parameters=parameters)
    try:
        with _noted(store, poll) as noted:
            noted.window = run.read(poll, _ended(pages), nullcontext)
    except TransientError as error:
        return run.outcome(error)
    return run.outcome()


def _ended(pages: Iterable[Page]) -> Iterator[Page]:
    """The pages, and a last one where they have none: an empty page changes nothing."""
    for page in pages:
        yield page
        if page.last:
            return
    yield Page(last=True)


def _cursor_round(
    run: _Run,
    parameters: str,
    window: Window,
    pages: Callable[[str | None], Iterator[Page]],
) -> None:
    """Go on from the stored cursor to the round's last page; anew, in full, where it is lost."""
    store = run.store
    for attempt in range(_ATTEMPTS):
        cursor = store.pages.cursor(run.mailbox_id, run.stream, parameters)
        kind = cursor.kind or "full"
        poll = store.pages.begin_poll(
            run.mailbox_id,
            run.stream,
            kind,
            window,
            parameters=parameters,
            resume=cursor.midway,
        )
        try:
            with _noted(store, poll) as noted:
                found = run.read(poll, pages(cursor.value), nullcontext)
                noted.window = found if calendar_of(run.stream) else None
        except CursorLost:
            if cursor.value is None or attempt == _ATTEMPTS - 1:
                raise
            store.pages.drop_cursor(run.mailbox_id, run.stream)
        except (SuspiciousSync, ProviderError) as error:
            # Listed anew by the next run, and not continued: a source that looked empty may be
            # right again by then, and a page token that is refused stays refused.
            if cursor.midway or isinstance(error, SuspiciousSync):
                store.pages.drop_cursor(run.mailbox_id, run.stream)
            raise
        else:
            return
    raise ProviderError("the provider loses every cursor that it gives")
