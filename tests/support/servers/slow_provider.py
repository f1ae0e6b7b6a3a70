"""What does a provider look like to the sync engine? Two small ones that tell the truth slowly.

`Calendar` and `Mailbox` keep a world that the test changes, and show it page by page as real ones
do: a token for what changed since, page cursors that continue a round, items read in the state
that they have when their page is read. A `script` disturbs the reading.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from config.errors import CursorLost, TransientError
from connectors.interfaces import Failure, Listed, Page, Window
from connectors.model.records import LabelChange, MeetingSeen, MessageSeen
from tests.support.facts.seen import change


class Crash(BaseException):
    """The process dies here."""


@dataclass
class Script:
    """What goes wrong while pages are read, by the number of the page within one reading.

    `repeat`: yielded twice. `late`: an earlier page of this reading comes once more after it.
    `empty`: an empty page comes before it. `cut`: the source ends after it. `broken`: the network
    fails after it. `crash`: the process dies after it. `between`: called after each page.
    """

    repeat: frozenset[int] = frozenset()
    late: frozenset[int] = frozenset()
    empty: frozenset[int] = frozenset()
    cut: int = -1
    broken: int = -1
    crash: int = -1
    between: Callable[[int], None] | None = None

    def play(self, pages: Iterator[Page]) -> Iterator[Page]:
        before: list[Page] = []
        for number, page in enumerate(pages):
            if number in self.empty:
                yield Page(full=page.full, window=page.window)
            if number in self.repeat and not page.last:
                yield page
            if number in self.late and before and not page.last:
                # Its cursor would lead back: a late page brings facts only.
                yield replace(before[0], cursor=None)
            yield page
            before.append(page)
            if number == self.crash:
                raise Crash
            if number == self.broken:
                raise TransientError("the network broke")
            if number == self.cut:
                return
            if self.between is not None:
                self.between(number)


@dataclass
class Calendar:
    """A calendar: what is in it, and everything that ever was, with the moment it became so."""

    now: Callable[[], int]
    size: int = 3
    parameters: str = "p1"
    epoch: int = 0
    version: int = 0
    script: Script = field(default_factory=Script)
    items: dict[str, MeetingSeen] = field(default_factory=dict)
    changed_in: dict[str, int] = field(default_factory=dict)
    history: dict[str, list[tuple[int, MeetingSeen | None]]] = field(default_factory=dict)
    reads: int = 0
    lists_removed: bool = True

    def put(self, seen: MeetingSeen) -> None:
        self._set(seen.provider_id, replace(seen, updated_at=self.now(), updated_exact=True))

    def delete(self, provider_id: str) -> None:
        self._set(provider_id, None)

    def lose_cursors(self) -> None:
        self.epoch += 1

    def became(self, provider_id: str, seen_at: int) -> int:
        """When the item became what it was at this moment."""
        past = self.history[provider_id]
        return past[bisect_right([moment for moment, _ in past], seen_at) - 1][0]

    def _set(self, provider_id: str, seen: MeetingSeen | None) -> None:
        self.version += 1
        if seen is None:
            del self.items[provider_id]
        else:
            self.items[provider_id] = seen
        self.changed_in[provider_id] = self.version
        self.history.setdefault(provider_id, []).append((self.now(), seen))

    def calendars(self) -> tuple[str, ...]:
        return ("primary",)

    def pages(self, calendar: str, cursor: str | None, window: Window) -> Iterator[Page]:
        return self.script.play(self._pages(cursor, window))

    def snapshot(self, calendar: str, window: Window) -> Iterator[Page]:
        return self.script.play(self._listing(window, "", self.version, cursors=False))

    def _pages(self, cursor: str | None, window: Window) -> Iterator[Page]:
        self.reads += 1
        if cursor is None:
            yield from self._listing(window, "", self.version, cursors=True)
            return
        epoch, kind, since, until, after = cursor.split("|")
        if int(epoch) != self.epoch:
            raise CursorLost("gone", status=410)
        if kind == "full":
            yield from self._listing(window, after, int(until), cursors=True)
        else:
            yield from self._delta(int(since), int(until) or self.version, after)

    def _listing(self, window: Window, after: str, until: int, *, cursors: bool) -> Iterator[Page]:
        while True:
            rest = sorted(
                one for one, seen in self.items.items() if one > after and _inside(seen, window)
            )
            ids, last = rest[: self.size], len(rest) <= self.size
            after = ids[-1] if ids else after
            onward = self._cursor("full", 0, until, after)
            yield Page(
                meetings=tuple(self.items[one] for one in ids),
                cursor=(self._token(until) if last else onward) if cursors else None,
                last=last,
                full=True,
                window=window,
            )
            if last:
                return

    def _delta(self, since: int, until: int, after: str) -> Iterator[Page]:
        while True:
            rest = sorted(
                one for one, version in self.changed_in.items() if version > since and one > after
            )
            ids, last = rest[: self.size], len(rest) <= self.size
            after = ids[-1] if ids else after
            yield Page(
                meetings=tuple(self.items[one] for one in ids if one in self.items),
                removed=tuple(one for one in ids if one not in self.items),
                cursor=self._token(until) if last else self._cursor("delta", since, until, after),
                last=last,
            )
            if last:
                return

    def _token(self, version: int) -> str:
        return self._cursor("delta", version, 0, "")

    def _cursor(self, kind: str, since: int, until: int, after: str) -> str:
        return f"{self.epoch}|{kind}|{since}|{until}|{after}"


def _inside(seen: MeetingSeen, window: Window) -> bool:
    if seen.start_at is None or seen.end_at is None:
        return True
    return seen.end_at > window.start and seen.start_at < window.end


@dataclass
class Mailbox:
    """A mailbox of headers. `broken`: ids that cannot be fetched now; `hopeless`: nor ever."""

    size: int = 3
    parameters: str = "p1"
    epoch: int = 0
    script: Script = field(default_factory=Script)
    fetching: Script = field(default_factory=Script)
    items: dict[str, MessageSeen] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    hopeless: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    fetched: list[str] = field(default_factory=list)
    listed: set[str] = field(default_factory=set)

    def put(self, message: MessageSeen) -> None:
        self.items[message.provider_id] = message
        self.log.append(("added", message.provider_id))

    def flag(self, provider_id: str, **flags: Any) -> None:
        self.items[provider_id] = replace(self.items[provider_id], **flags)
        self.log.append(("changed", provider_id))

    def delete(self, provider_id: str) -> None:
        del self.items[provider_id]
        self.log.append(("removed", provider_id))

    def lose_cursors(self) -> None:
        self.epoch += 1

    def pages(self, cursor: str | None, since: int) -> Iterator[Page]:
        return self.script.play(self._pages(cursor))

    def _pages(self, cursor: str | None) -> Iterator[Page]:
        if cursor is None:
            yield from self._listing("", len(self.log))
            return
        epoch, kind, number, after = cursor.split("|")
        if int(epoch) != self.epoch:
            raise CursorLost("history is gone", status=404)
        if kind == "full":
            yield from self._listing(after, int(number))
        else:
            yield from self._delta(int(number))

    def _listing(self, after: str, until: int) -> Iterator[Page]:
        while True:
            rest = sorted(one for one in self.items if one > after)
            ids, last = rest[: self.size], len(rest) <= self.size
            after = ids[-1] if ids else after
            self.listed.update(ids)
            yield Page(
                listed=tuple(Listed(one, not_after=self.items[one].at) for one in ids),
                changes=tuple(_flags(self.items[one]) for one in ids),
                cursor=f"{self.epoch}|{'delta' if last else 'full'}|{until}|{'' if last else after}",
                last=last,
                full=True,
            )
            if last:
                return

    def _delta(self, number: int) -> Iterator[Page]:
        while True:
            part, last = self.log[number : number + self.size], len(self.log) <= number + self.size
            number += len(part)
            added = [one for kind, one in part if kind == "added"]
            gone = {one for kind, one in part if kind == "removed"}
            # A history page names ids; what they are now is another request.
            self.listed.update(one for _, one in part)
            yield Page(
                listed=tuple(Listed(one) for one in added if one not in gone),
                changes=tuple(
                    _flags(self.items[one])
                    for kind, one in part
                    if kind == "changed" and one in self.items
                ),
                removed=tuple(gone),
                cursor=f"{self.epoch}|delta|{number}|",
                last=last,
            )
            if last:
                return

    def fetch(self, wanted: Sequence[Listed]) -> Iterator[Page]:
        return self.fetching.play(self._fetch(wanted))

    def _fetch(self, wanted: Sequence[Listed]) -> Iterator[Page]:
        for start in range(0, len(wanted), self.size):
            found, failed = [], []
            for one in (one.provider_id for one in wanted[start : start + self.size]):
                self.fetched.append(one)
                if one not in self.items:
                    failed.append(Failure(one, "notFound", final=True, gone=True))
                elif one in self.hopeless:
                    failed.append(Failure(one, "cannot be read", final=True))
                elif one in self.broken:
                    failed.append(Failure(one, "backendError", final=False))
                elif one not in self.silent:
                    found.append(self.items[one])
            yield Page(messages=tuple(found), failed=tuple(failed))


def _flags(message: MessageSeen) -> LabelChange:
    names = ("sent", "draft", "inbox", "spam", "trash", "promotions", "flagged")
    flags = {name: getattr(message, name) for name in names}
    return change(message.provider_id, labels=message.labels, **flags)
