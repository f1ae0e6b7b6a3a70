"""Which documented nastiness should the server commit, where, and how often?

    faults = Faults(seed=3)
    faults.add(Fault("gone", where="calendar.events.list"))               # once
    faults.add(Fault("server_error", where="gmail.*", chance=0.1, times=None))
    faults.add(Fault("truncated", where="gmail.users.messages.get", after=20, times=2))

A fault fires on requests whose method matches `where` (a shell pattern on ids such as
`gmail.users.history.list`, `oauth2.token`, `batch`), skipping the first `after` of them, at most
`times` times (None: always), each with `chance` drawn from the seed and the count alone, so that a
run can be repeated. Sources: facts/google.md 1.1, 1.3, 2.2, 2.3, 4, 5 and 6.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from connectors.sandbox.world.mailboxes import digest

Kind = Literal[
    # instead of an answer
    "gone",  # 410 fullSyncRequired: the sync token is lost
    "updated_min",  # 410 updatedMinTooLongAgo
    "deleted",  # 410 deleted: the resource is gone
    "not_found",  # 404: history too old, or the item deleted meanwhile
    "too_many",  # 429 rateLimitExceeded
    "rate_403",  # 403 userRateLimitExceeded, old body
    "quota_403",  # 403 quotaExceeded, old body
    "daily_403",  # 403 dailyLimitExceeded, old body
    "rate_403_new",  # 403 with nothing but RESOURCE_EXHAUSTED and details
    "rate_403_list",  # 403 whose body is a list
    "server_error",  # `status` (500, 502, 503, 504)
    "expired_token",  # 401 although the token looked fresh
    "forbidden",  # 403 insufficient scopes
    "not_enabled",  # 403: the API is not turned on in the project
    "invalid_grant",  # oauth2.token: 400, the login is dead
    "invalid_rapt",  # oauth2.token: 400, the organisation wants a new login
    "invalid_scope",  # oauth2.token: 400, a scope that was not granted
    # the wire
    "html",  # 200 with a page of HTML
    "truncated",  # the body ends early
    "drop_before",  # the connection breaks before the request was processed
    "drop_after",  # the connection breaks after it was processed
    "slow",  # `seconds` of latency
    # the answer itself
    "empty_page",  # no items, and a next page
    "repeated_page",  # the same page comes again
    "late_item",  # one item is missing now and comes with the next round
    "stubs",  # cancelled items shrink to what is guaranteed
    "no_history_key",  # history.list without `history`, with a next page
]
#: Those that leave the reply itself alone and are seen by the handlers.
SHAPING: frozenset[str] = frozenset(
    {"empty_page", "repeated_page", "late_item", "stubs", "no_history_key"}
)
WIRE: frozenset[str] = frozenset({"html", "truncated", "drop_after"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One switch. `retry_after` [s] is sent as Retry-After where given; `who` limits it to one
    mailbox, `needs` to requests that bear a query parameter (a lost `syncToken`), `item` to those
    for one thing, by its id; `seconds` is the latency of `slow`."""

    kind: Kind
    where: str = "*"
    times: int | None = 1
    after: int = 0
    chance: float = 1.0
    status: int = 503
    retry_after: float | None = None
    seconds: float = 0.0
    who: str = ""
    needs: str = ""
    item: str = ""


class Faults:
    """The switches of one sandbox, and how often each has fired. Safe for threads."""

    def __init__(self, *faults: Fault, seed: int = 0) -> None:
        self.seed = seed
        self.fired: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._seen: list[int] = []
        self._done: list[int] = []
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> Fault:
        """Switch one on. Returns it, for `drop`."""
        with self._lock:
            self._faults.append(fault)
            self._seen.append(0)
            self._done.append(0)
        return fault

    def drop(self, fault: Fault) -> None:
        """Switch one off; what it has done stays counted."""
        with self._lock:
            index = self._faults.index(fault)
            self._seen[index] = self._done[index] = 0
            for kept in (self._faults, self._seen, self._done):
                del kept[index]

    def clear(self) -> None:
        """Switch all off."""
        with self._lock:
            self._faults.clear()
            self._seen.clear()
            self._done.clear()

    def decide(
        self, method: str, who: str = "", names: Iterable[str] = (), item: str = ""
    ) -> Fault | None:
        """The first fault that fires on this request, or None.

        `names`: its query parameters; `item`: the id of what it asks for.
        """
        with self._lock:
            for index, fault in enumerate(self._faults):
                if not fnmatchcase(method, fault.where) or (fault.who and fault.who != who):
                    continue
                if fault.needs and fault.needs not in names:
                    continue
                if fault.item and fault.item != item:
                    continue
                self._seen[index] += 1
                if self._seen[index] <= fault.after:
                    continue
                if fault.times is not None and self._done[index] >= fault.times:
                    continue
                if fault.chance < 1.0:
                    draw = digest(self.seed, index, self._seen[index]) / 2**64
                    if draw >= fault.chance:
                        continue
                self._done[index] += 1
                self.fired[fault.kind] += 1
                return fault
        return None
