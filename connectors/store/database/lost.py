"""What happens when the connection to the database is lost in the middle of something?

Whatever a transaction had written is gone with its connection, and nobody saw any of it: the whole
transaction is done again, over a new connection. A server that is started anew is back within
seconds, so the waits grow to a minute in sum; then the run says what to look at, and ends. (Where the
connection went while the server was committing, connectors.store.database.transactions asks what
became of it: a transaction is done again only if it surely did not take place.)

A SQLite file has no connection to lose: nothing here ever waits for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from config.clock import Clock
from config.errors import StoreError

T = TypeVar("T")
_LOG = logging.getLogger(__name__)
#: Waits before each new try [s]. The first goes at once: mostly the server is there, and one
#: connection was cut.
WAITS = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)


class Unreachable(StoreError):
    """The database server cannot be reached. `given_up`: it was tried for as long as is of use."""

    given_up = False


class Patience:
    """Does again what a lost connection cut off.

    A server that was given up is not waited for a second time, until it has answered once: the run
    is to come to its end.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._gone = False

    def repeat(self, work: Callable[[], T]) -> T:
        """The result of `work`, which is done again after each loss.

        Raises Unreachable where the server does not come back.
        """
        for wait in () if self._gone else WAITS:
            try:
                result = work()
            except Unreachable as error:
                if error.given_up:
                    raise
                _LOG.warning("the connection to the database is lost: again in %g s", wait)
                self._clock.sleep(wait)
            else:
                self._gone = False
                return result
        try:
            result = work()
        except Unreachable as error:
            self._gone = error.given_up = True
            raise
        self._gone = False
        return result


def repeated(part: type[T]) -> type[T]:
    """Each public method of a part of the store is one transaction: one that was lost is done again."""
    for name, method in list(vars(part).items()):
        if callable(method) and not name.startswith("_"):
            setattr(part, name, _repeating(method))
    return part


def _repeating(method: Callable[..., T]) -> Callable[..., T]:
    @wraps(method)
    def again(self: Any, *arguments: Any, **more: Any) -> T:
        return self._database.patience.repeat(lambda: method(self, *arguments, **more))  # type: ignore[no-any-return]

    return again
