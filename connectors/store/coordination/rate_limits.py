"""How many quota units may be spent now, by all processes of one store together?

A bucket a key, in the table `limits`: it holds `capacity` units and refills with what is left of
the rate, so that capacity + refill never pass the rate in any sliding minute. With a capacity of
4 % at least 96 % of the rate is used when it is the limit. Units are reserved first and waited for
afterwards, so that waiting processes come in the order in which they asked.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from config.clock import MICROSECONDS
from config.errors import ConfigError, Stopped, TransientError
from connectors.store.database.transactions import Database, upsert
from connectors.store.tables.schema import limits

_LOG = logging.getLogger(__name__)
MINUTE = 60 * MICROSECONDS
#: Share of a minute's units that may be spent at once.
BURST = 0.04
#: A request that costs more than this share of a minute does not share it.
_DEAR = 0.25
#: Fuller than this in the future was another clock, not a queue: each thread waits with one request,
#: and the dearest takes some minutes. A clock that was ahead by less costs no more than this once.
_ABSURD = 30 * MINUTE
_STEP = 1.0

# One of each for all requests: they are as frequent as what they allow.
_BUCKET = select(limits).where(limits.c.key == bindparam("of")).with_for_update()
_SPENT = (
    update(limits)
    .where(limits.c.key == bindparam("of"))
    .values({name: bindparam(name) for name in ("per_minute", "capacity", "full_at")})
)


@dataclass(frozen=True, slots=True)
class Rate:
    """What a provider allows. `per_minute`: units in any minute. `capacity`: units at once (0: 4 %
    of a minute).
    """

    per_minute: int
    capacity: int = 0


class SharedLimiter:
    """Implements connectors.interfaces.Limiter over the store.

    `rates` by key, or by a key's beginning up to a colon (`google:gmail` for
    `google:gmail:dana@ours.example`); a key without a rate is not limited. `budget`: how long this
    run may wait in all [s]; what several of its threads wait at the same time counts once. `away` is
    held by each wait that is longer than the everyday spacing of requests.
    """

    def __init__(
        self,
        database: Database,
        rates: Mapping[str, Rate],
        *,
        budget: float = 3600.0,
        should_stop: Callable[[], bool] | None = None,
        away: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._database = database
        self._rates = dict(rates)
        self._clock = database.clock
        self._left = budget
        self._counted_to = -math.inf
        self._should_stop = should_stop or (lambda: False)
        self._away = away
        self._guard = threading.Lock()

    def take(self, key: str, units: int) -> None:
        """Block until `units` may be spent on `key`.

        Raises TransientError (with `retry_after`) where that would pass the budget, Stopped where
        asked to, ConfigError where the rate never allows so many units.
        """
        rate = self._rate(key)
        if rate is None or units <= 0:
            return
        if units > rate.per_minute:
            raise ConfigError(
                f"one request costs {units} units, but only {rate.per_minute} a minute are allowed",
                hint="raise units_per_minute in the settings",
            )
        # Units that were taken twice since a connection was lost only cost time.
        wait = self._database.patience.repeat(lambda: self._reserve(key, rate, units))
        with self._away() if wait >= _STEP * MICROSECONDS else nullcontext():
            self._sleep(key, units, wait)

    def refund(self, key: str, units: int) -> None:
        """Give back units that were taken for a request that was never sent."""
        rate = self._rate(key)
        if rate is None or units <= 0:
            return
        self._database.patience.repeat(lambda: self._give_back(key, units))

    def _give_back(self, key: str, units: int) -> None:
        with self._database.writing_in_passing() as connection:
            row = connection.execute(_BUCKET, {"of": key}).first()
            if row is not None:
                cost = _cost(units, row.per_minute, row.capacity)
                connection.execute(
                    update(limits)
                    .where(limits.c.key == key)
                    .values(full_at=max(row.full_at - cost, 0))
                )

    def _rate(self, key: str) -> Rate | None:
        while key:
            if key in self._rates:
                return self._rates[key]
            key = key.rpartition(":")[0]
        return None

    def _reserve(self, key: str, rate: Rate, units: int) -> int:
        """Take the units out of the bucket, and say how long to wait until they are in it [µs]."""
        with self._guard, self._database.writing_in_passing() as connection:
            now = self._clock.micros()
            row = _bucket(connection, key, rate)
            # So dear that it would leave little of the rate: it gets a minute for itself instead,
            # with nothing in the minute before it and in the minute after.
            alone = units > _DEAR * rate.per_minute
            capacity = max(
                rate.capacity or int(rate.per_minute * BURST),
                1 if alone else units,
                row.capacity if row.per_minute == rate.per_minute else 0,
            )
            full_at = max(_carried(row, rate, capacity, now), now)
            if alone:
                begin = max(now, _carried(row, rate, capacity, now) + MINUTE)
                full_at = begin + MINUTE + _cost(capacity, rate.per_minute, capacity)
                wait = begin - now
            else:
                full_at += _cost(units, rate.per_minute, capacity)
                wait = max(0, full_at - _cost(capacity, rate.per_minute, capacity) - now)
            self._count(wait / MICROSECONDS)
            connection.execute(
                _SPENT,
                {
                    "of": key,
                    "per_minute": rate.per_minute,
                    "capacity": capacity,
                    "full_at": full_at,
                },
            )
        return wait

    def _count(self, wait: float) -> None:
        """Take a wait that begins now off the budget [s]; raises TransientError where it is too long.

        Of a run that waits with six threads for the same quota a minute passes in a minute.
        """
        now = self._clock.steady()
        ends = now + wait
        fresh = max(0.0, ends - max(now, self._counted_to))
        if fresh > self._left:
            raise TransientError(
                "the provider's quota is used up for the time that this run may wait",
                retry_after=wait,
                hint="the next run goes on where this one ended",
            )
        self._left -= fresh
        self._counted_to = max(self._counted_to, ends)

    def _sleep(self, key: str, units: int, wait: int) -> None:
        left = wait / MICROSECONDS
        while True:
            if self._should_stop():
                self.refund(key, units)
                raise Stopped("stopped while waiting for quota units")
            if left <= 0:
                return
            self._clock.sleep(min(left, _STEP))
            left -= _STEP


def _bucket(connection: Connection, key: str, rate: Rate) -> Any:
    """The bucket's row, locked until the end of the transaction; a new one is full."""
    row = connection.execute(_BUCKET, {"of": key}).first()
    if row is None:
        fresh = {"key": key, "per_minute": rate.per_minute, "capacity": 0, "full_at": 0}
        connection.execute(upsert(connection, limits).values(fresh).on_conflict_do_nothing())
        row = connection.execute(_BUCKET, {"of": key}).one()
    return row


def _carried(row: Any, rate: Rate, capacity: int, now: int) -> int:
    """When the bucket will be full, given that its size or its rate is now another one.

    A bucket that grows holds what it held: else a dear request after many cheap ones would get a
    second burst. Only after a minute in which nobody spent anything it is surely full.
    """
    if row.full_at > now + _ABSURD:
        _LOG.warning("a quota was spent by a clock that is ahead; that is no evidence")
        return int(now + _cost(capacity, rate.per_minute, capacity))
    if row.full_at <= now - MINUTE or (row.per_minute, row.capacity) == (rate.per_minute, capacity):
        return int(row.full_at)
    refill = _refill(row.per_minute, row.capacity)
    held = row.capacity - max(row.full_at - now, 0) * refill / MINUTE
    missing = max(capacity - held, 0.0)
    return int(now + math.ceil(missing * MINUTE / _refill(rate.per_minute, capacity)))


def _refill(per_minute: int, capacity: int) -> int:
    """How many units a minute flow back: what may be spent at once is taken off the rate."""
    return max(per_minute - capacity, 1)


def _cost(units: int, per_minute: int, capacity: int) -> int:
    """How long the bucket takes to refill with so many units [µs]."""
    return -(-units * MINUTE // _refill(per_minute, capacity))
