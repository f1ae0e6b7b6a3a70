"""How do files get into the store, and until when can they tell what happened?

Calendars and mails of one import reach differently far: an exported calendar knows nothing of what
was changed after its export, a mailbox file nothing behind its last mail. Each is noted as a poll
of its own, so that nothing later is called kept or silent on their word. What was given and could
not be read is noted too: whatever it may have held is unknown.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from config.clock import MICROSECONDS
from config.hired import without_collector
from connectors import sync
from connectors.files.problems import Progress, Reach, Report, shown
from connectors.files.reader import read
from connectors.interfaces import Page, Window
from connectors.store.store import Store

#: The stream under which the reach of imported calendars is noted.
CALENDARS = sync.calendar_stream(sync.FILES)


def import_files(
    store: Store,
    mailbox_id: int,
    paths: Sequence[str | Path],
    *,
    me: tuple[str, ...],
    zone: str,
    horizon: Window,
    problems: Report,
    progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> sync.SyncOutcome:
    """Read files into a mailbox; reading them again changes nothing. The caller holds its lock.

    An import that was stopped goes on behind its last page. Raises as `reading.read` and
    `sync.apply_pages`. Looks and losses are noted only at the end: an import that was stopped
    vouches for nothing.
    """
    reach = Reach()
    parameters = hashlib.sha256("\n".join([zone, *sorted(me)]).encode()).hexdigest()[:16]
    pages = read(
        paths,
        me=me,
        zone=zone,
        horizon=horizon,
        problems=problems,
        progress=progress,
        should_stop=should_stop,
        cursor=store.pages.cursor(mailbox_id, sync.FILES, parameters).value,
        known=partial(store.pages.occurrences, mailbox_id),
        reach=reach,
        now=store.now(),
    )
    with without_collector():
        outcome = sync.apply_pages(
            store,
            mailbox_id,
            sync.FILES,
            _swept(pages),
            sync.Steering(should_stop=should_stop or (lambda: False)),
            parameters=parameters,
        )
    now = store.now()
    for stream, span in ((sync.MAIL, reach.mail), (CALENDARS, reach.calendar)):
        if span:
            # A file from a machine whose clock is ahead knows no more than now.
            end = min(span[1] + MICROSECONDS, now)
            seen = Window(min(max(span[0], horizon.start), end), end)
            poll = store.pages.begin_poll(mailbox_id, stream, "import", seen)
            store.pages.finish_poll(poll, window=seen)
    lost = [
        replace(one, not_after=now if one.not_after is None else min(one.not_after, now))
        for one in reach.lost.values()
    ]
    store.losses.replace(mailbox_id, partial(_settled, _Read.of(paths, reach)), lost)
    return outcome


def _swept(pages: Iterator[Page]) -> Iterator[Page]:
    """The pages; what the storing of one left behind is collected, and what is older left alone."""
    for page in pages:
        yield page
        gc.collect(1)


@dataclass(frozen=True, slots=True)
class _Read:
    """What an import went through: the paths it was given, and the names of what it read whole."""

    roots: tuple[str, ...]
    names: frozenset[str]

    @classmethod
    def of(cls, paths: Sequence[str | Path], reach: Reach) -> _Read:
        failed = {place for place, _ in reach.lost}
        return cls(
            tuple(shown(str(path)) for path in paths),
            frozenset(_name(place) for place in reach.whole - failed),
        )


def _name(place: str) -> str:
    """A file's name in its folder: it stays the same when the archive around it is made anew."""
    return "/".join(place.rpartition("!/")[2].split("/")[-2:])


def _settled(read: _Read, place: str) -> bool:
    """Was the place of an earlier loss gone through by this import? Then only this one counts."""
    below = any(place == root or place.startswith((f"{root}/", f"{root}!/")) for root in read.roots)
    return below or _name(place) in read.names
