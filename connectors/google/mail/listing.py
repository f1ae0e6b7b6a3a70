"""What lies in a Gmail mailbox?

A list of ids costs 5 units for 500, a message 20 (facts/google.md 2.2): so all ids are listed first,
once as a whole and once a label, and the order is planned (connectors.google.mail.fetch_order) before
anything is fetched. Under `gmail.metadata` no list can be asked by date. Lists come newest first,
which is seen everywhere and promised nowhere: it is tested by probes before older mail is not wanted,
and what a list shows out of order is wanted where its id tells that it is new.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from config.errors import ItemGone
from connectors.google.client import Google, Json
from connectors.google.mail.lanes import Lanes
from connectors.google.mail.message_ids import moment_of, tells_time
from connectors.google.mail.parse import PROMOTIONS, accepted_at
from connectors.google.token_pages import answers
from connectors.transport.client import Unsettled

DAY = 86_400_000_000  # [µs]
#: Lists are sorted by a moment that may differ a little from the date of acceptance.
_SLACK = 3 * DAY
_SAMPLES = 5
_MOST_PAGES = 20_000

_ASKED_LABELS = ("SENT", "INBOX", "STARRED", "SPAM", "TRASH", "DRAFT", "CHAT", *PROMOTIONS)


@dataclass(frozen=True, slots=True)
class Listing:
    """A whole mailbox: `threads` by message id, newest first; `labels`: label ids by message id.

    `since` [µs UTC]: older mail is not wanted; None where everything is. `older`: the ids that are
    there and not wanted. `astray`: the wanted ones that stood among them, whose labels are not
    known. `probed`: the date of acceptance [µs UTC] of the ids that were asked for it.
    """

    threads: Mapping[str, str]
    labels: Mapping[str, frozenset[str]]
    since: int | None
    older: tuple[str, ...] = ()
    astray: frozenset[str] = frozenset()
    probed: Mapping[str, int] = field(default_factory=dict)


@dataclass
class _Probe:
    """Asks for the date of single messages, and watches whether the lists are sorted."""

    google: Google
    since: int
    sorted_: bool = True
    newest_allowed: int | None = field(default=None)
    dates: dict[str, int] = field(default_factory=dict)

    def at(self, message_id: str) -> int | None:
        """Its date; None for one that is gone, or that Google cannot show."""
        try:
            at = accepted_at(self.google.message(message_id, (), "id,internalDate"))
        except ItemGone:
            return None
        except Unsettled as error:
            if not error.one_item:
                raise
            return None
        if at is not None:
            self.dates[message_id] = at
        return at

    def sampled(self, ids: list[str], count: int) -> dict[str, int]:
        """All dates so far, and of so many of these ids, evenly spread, as are missing to `count`."""
        missing = max(0, min(count, len(ids)) - len(self.dates))
        for number in range(missing):
            self.at(ids[(2 * number + 1) * len(ids) // (2 * missing)])
        return self.dates

    def is_old(self, message_id: str) -> bool:
        at = self.at(message_id)
        if at is None:
            return False
        if self.newest_allowed is not None and at > self.newest_allowed:
            self.sorted_ = False
        return at < self.since

    def passed(self, message_id: str) -> bool:
        """Is the list behind the limit here? Further probes must not be newer than this one."""
        at = self.at(message_id)
        if at is None:
            return False
        if self.newest_allowed is not None and at > self.newest_allowed:
            self.sorted_ = False
        self.newest_allowed = at + DAY
        return at < self.since


def everything(
    google: Google,
    label_ids: tuple[str, ...],
    own: tuple[str, ...],
    since: int,
    lanes: Lanes,
    *,
    samples: int = 0,
) -> Listing:
    """List the mailbox; mail older than `since` [µs UTC] is not wanted where the lists are sorted.

    `label_ids`: all of the mailbox's labels; `own`: the user's among them, which are all listed, as many
    at once as there are `lanes`. `samples`: at least so many messages are asked for their date. Raises
    as `Google`.
    """
    probe = _Probe(google, since - _SLACK)
    wanted, older = _cut(_pages(google, "", lanes), probe)
    probed = probe.sampled(list(wanted), samples)
    astray = _astray(older, probe)
    wanted |= astray
    for message_id in astray:
        del older[message_id]
    found = _Labelled(wanted, older, astray)
    found.read(google, [*(name for name in _ASKED_LABELS if name in label_ids), *own], lanes)
    return Listing(
        wanted,
        {message_id: frozenset(names) for message_id, names in found.labels.items()},
        since if older else None,
        tuple(older),
        frozenset(astray),
        probed,
    )


class _Labelled:
    """Which labels does each wanted message bear, by the lists of each label?"""

    def __init__(
        self, wanted: dict[str, str], older: Mapping[str, str], astray: Collection[str]
    ) -> None:
        self.labels: dict[str, set[str]] = {message_id: set() for message_id in wanted}
        self._wanted = wanted
        self._older = older
        self._astray = astray
        self._guard = threading.Lock()
        self._ended = False

    def read(self, google: Google, names: Sequence[str], lanes: Lanes) -> None:
        """Every list, some side by side. An error of one ends the others behind their page."""
        with ThreadPoolExecutor(lanes.width, thread_name_prefix="gmail-labels") as pool:
            for done in [pool.submit(self._read, google, name, lanes) for name in names]:
                done.result()

    def _read(self, google: Google, label: str, lanes: Lanes) -> None:
        pages = _pages(google, label, lanes)
        try:
            while not self._ended and (batch := next(pages, None)) is not None:
                with self._guard:
                    known = self._take(label, batch)
                if self._older and batch and not known:
                    return
        except BaseException:
            self._ended = True
            raise

    def _take(self, label: str, batch: Mapping[str, str]) -> bool:
        """Note one page; is any of it known to be wanted?"""
        known = False
        for message_id, thread in batch.items():
            known |= message_id in self._wanted and message_id not in self._astray
            if message_id not in self._older:
                # A list may slip by one while mail is deleted from it: what another list shows
                # that the first did not is wanted, too.
                self._wanted.setdefault(message_id, thread)
                self.labels.setdefault(message_id, set()).add(label)
        return known


def _cut(pages: Iterator[dict[str, str]], probe: _Probe) -> tuple[dict[str, str], dict[str, str]]:
    """The threads by id that are wanted, and those behind the limit. All ids of the list."""
    threads: dict[str, str] = {}
    cut = False
    for batch in pages:
        if cut:
            # One page too many, asked for to be sure: all of it must be old.
            ids = list(batch)
            step = max(1, len(ids) // _SAMPLES)
            if all(probe.is_old(message_id) for message_id in ids[::step]) and probe.sorted_:
                wanted = _trimmed(threads, probe)
                whole = threads | batch
                for rest in pages:
                    whole |= rest
                return wanted, {one: whole[one] for one in whole if one not in wanted}
            cut = False
        threads.update(batch)
        if probe.since > 0 and batch and probe.sorted_:
            cut = probe.passed(next(reversed(batch))) and probe.sorted_
    return threads, {}


def _astray(older: dict[str, str], probe: _Probe) -> dict[str, str]:
    """What stands behind the limit although its id tells that it came after it.

    Mail that was brought in from elsewhere has ids of that day: it is asked whether it is that.
    """
    if not tells_time(probe.dates):
        return {}
    found = [one for one in older if (moment_of(one) or 0) >= probe.since + _SLACK]
    probe.newest_allowed = None
    asked = found[:: max(1, len(found) // _SAMPLES)]
    if sum(probe.is_old(one) for one in asked) * 2 > len(asked):
        return {}
    return {one: older[one] for one in found}


def _pages(google: Google, label: str, lanes: Lanes) -> Iterator[dict[str, str]]:
    """The ids and threads of one list, page by page. Pages may be empty and still go on."""

    def ask(page: str) -> Json:
        with lanes.one():
            return google.messages(label, page, everywhere=True)

    endless = "the list of messages does not end: a page came twice"
    yield from map(_ids, answers(ask, _MOST_PAGES, endless))


def _ids(answer: Json) -> dict[str, str]:
    rows = answer.get("messages")
    return {
        str(row["id"]): str(row.get("threadId") or "")
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and row.get("id")
    }


def _trimmed(threads: dict[str, str], probe: _Probe) -> dict[str, str]:
    """Without the old tail of the last page, found by halving (9 probes instead of 500 fetches)."""
    ids = list(threads)
    probe.newest_allowed = None
    low, high = max(0, len(ids) - 500), len(ids)
    while low < high:
        middle = (low + high) // 2
        if probe.is_old(ids[middle]):
            high = middle
        else:
            low = middle + 1
    return {message_id: threads[message_id] for message_id in ids[:low]}
