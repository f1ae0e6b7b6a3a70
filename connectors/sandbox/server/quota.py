"""What does a request cost, and is there enough left this minute?

Two price lists (facts/google.md 2.2): `new` for projects made since 2026-05-01 (6,000 units a
minute and user, messages.get 20, threads.get 40), `old` for those before (15,000; 5; 10).
Calendar: 600 requests a minute and user. The window slides; refused requests cost nothing.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Literal

Prices = Literal["new", "old"]

_COMMON = {
    "gmail.users.getProfile": 1,
    "gmail.users.labels.list": 1,
    "gmail.users.labels.get": 1,
    "gmail.users.messages.list": 5,
    "gmail.users.threads.list": 5,
    "gmail.users.history.list": 2,
    "gmail.users.messages.send": 100,
}
PRICES: dict[Prices, dict[str, int]] = {
    "new": {**_COMMON, "gmail.users.messages.get": 20, "gmail.users.threads.get": 40},
    "old": {**_COMMON, "gmail.users.messages.get": 5, "gmail.users.threads.get": 10},
}
LIMITS: dict[Prices, dict[str, int]] = {
    "new": {"gmail": 6_000, "calendar": 600, "meet": 600, "reports": 2_400},
    "old": {"gmail": 15_000, "calendar": 600, "meet": 600, "reports": 2_400},
}
_WINDOW = 60.0


class Quota:
    """Units of each user and service over the last minute [units a 60 s]. Safe for threads."""

    def __init__(self, prices: Prices, *, enforce: bool) -> None:
        self.prices = prices
        self.enforce = enforce
        self.refused = 0
        self._lock = threading.Lock()
        self._spent: dict[tuple[str, str], deque[tuple[float, int]]] = {}
        self._sums: dict[tuple[str, str], int] = {}

    def price(self, method: str) -> int:
        """Units of one request of this method."""
        return PRICES[self.prices].get(method, 1)

    def limit(self, service: str) -> int:
        """Units that one user may spend a minute on `gmail`, `calendar` or `meet`."""
        return LIMITS[self.prices][service]

    def charge(self, user: str, method: str, now: float) -> float | None:
        """Take the price of a request at a steady moment [s].

        None: granted. Else refused, and so many seconds remain until enough is free again.
        """
        service = method.partition(".")[0]
        units = self.price(method)
        with self._lock:
            key = (user, service)
            spent = self._spent.setdefault(key, deque())
            while spent and spent[0][0] <= now - _WINDOW:
                self._sums[key] -= spent.popleft()[1]
            total = self._sums.get(key, 0)
            if self.enforce and total + units > self.limit(service):
                self.refused += 1
                return self._wait(spent, total + units - self.limit(service), now)
            spent.append((now, units))
            self._sums[key] = total + units
        return None

    @staticmethod
    def _wait(spent: deque[tuple[float, int]], excess: int, now: float) -> float:
        for at, units in spent:
            excess -= units
            if excess <= 0:
                return max(0.0, at + _WINDOW - now)
        return _WINDOW
