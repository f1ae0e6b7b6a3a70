"""How does any request of noshow reach the outside? Through this one loop.

Take units from the limiter, send, read the body under a byte cap and a deadline, parse, classify,
then return, wait and try again, or raise by who must act. urllib3's own Retry cannot do this: it
does not retry a truncated body, Google's 403 reasons lie in the body, and it has no total deadline.

Only logically safe requests are repeated after something went wrong. A request that hands something
over is repeated in one case alone: the access token was refused, so that nothing was done.
"""

from __future__ import annotations

import logging
import random
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from config.clock import Clock
from config.errors import (
    AuthError,
    ConfigError,
    CursorLost,
    ItemGone,
    ProviderError,
    Stopped,
    TransientError,
)
from connectors.interfaces import Limiter
from connectors.transport.backoff import Patience, Reach, backoff, retry_after
from connectors.transport.clock_check import check_clock
from connectors.transport.error_table import Action, Fault, Verdict, Who, classify, fault
from connectors.transport.exchange import Answer, Bounds, Broken, Call, Challenged, host
from connectors.transport.hints import hint

log = logging.getLogger("noshow.transport")

#: A shorter wait for units [s] is the everyday spacing of requests.
_WORTH_A_LINE = 1.0
#: How a provider says that it is asked too much: for now, at once, or by too many at the same time.
_TOO_MANY = frozenset({403, 429})
_IDS = ("x-request-id", "request-id", "x-goog-request-id", "x-guploader-uploadid")


class Unsettled(TransientError):
    """A request that got no usable answer within its budget.

    `status` is that of the last answer (None: none came), `reason` the provider's code, `sent`
    whether the request may have reached the other side. `one_item` says that the fault may lie
    in the thing asked for and not in the provider (a 5xx or a broken body on one item).
    `unreached`: nobody could be connected to.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        reason: str = "",
        sent: bool = True,
        one_item: bool = False,
        unreached: bool = False,
        retry_after: float | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, retry_after=retry_after, hint=hint)
        self.unreached = unreached
        self.status = status
        self.reason = reason
        self.sent = sent
        self.one_item = one_item


@dataclass(frozen=True, slots=True)
class Pressure:
    """`waited`: how long all requests together have waited for units [s]. `crowded`: how many were
    answered that there were too many.
    """

    waited: float
    crowded: int


class Transport:
    """The loop, with its sessions, clock, limiter and patience. Safe to share between threads.

    `ca_file` names a further authority to trust (a company proxy's, a stand-in's); towards loopback
    the environment's proxies and certificates are not looked at. `stopping`
    is asked before every attempt and every second of waiting; True raises Stopped. `away` is held
    by each wait between two attempts. `reach` is what the transports of one run know of the network.
    """

    def __init__(
        self,
        clock: Clock,
        limiter: Limiter,
        *,
        ca_file: Path | None = None,
        patience: Patience | None = None,
        bounds: Bounds | None = None,
        chance: random.Random | None = None,
        stopping: Callable[[], bool] = lambda: False,
        away: Callable[[], AbstractContextManager[None]] = nullcontext,
        agent: str = "noshow",
        reach: Reach | None = None,
    ) -> None:
        self.clock = clock
        self._limiter = limiter
        self._patience = patience or Patience()
        self._chance = chance or random.Random()  # noqa: S311 - jitter, no secret
        self._stopping = stopping
        self._away = away
        self._reach = reach or Reach()
        self._spent: Counter[str] = Counter()
        self._waited: dict[str, float] = {}
        self._crowded: Counter[str] = Counter()
        self._counting = threading.Lock()
        # Here: who only looks at what is stored about a login needs no HTTP.
        from connectors.transport.wire import Wire

        bounds = bounds or Bounds()
        self._astray = bounds.astray
        self._wire = Wire(clock, ca_file=ca_file, bounds=bounds, agent=agent)

    def close(self) -> None:
        """Close the sessions that are not in use; the transport can still be used afterwards."""
        self._wire.close()

    def __enter__(self) -> Transport:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def send(self, call: Call) -> Answer:
        """The answer to one logical request, 2xx unless the table returns others (token endpoint).

        Raises CursorLost, ItemGone, AuthError, ConfigError, ProviderError by the table;
        Unsettled (a TransientError) where the budget is spent; Stopped. ConfigError, too, where our
        clock is astray: what a look sees is dated by it (decision 0094).
        """
        spent = 0.0
        renewed = False
        attempt = 0
        token = call.bearer.token() if call.bearer else ""
        while True:
            attempt += 1
            self._may_try(call)
            answer: Answer | None = None
            broken: Broken | None = None
            reasons = Fault(())
            self._pay(call)
            # Waiting for units, and at the gate, is no fault of the request and takes nothing from
            # its budget.
            with call.gate():
                began = self.clock.steady()
                try:
                    answer = self._attempt(call, token, attempt)
                except Broken as caught:
                    broken = caught
                    verdict = Verdict(Action.RETRY)
                else:
                    self._reach.found()
                    if answer.status >= 300:
                        reasons = fault(answer.data)
                    verdict = classify(answer.status, reasons, call.asked, page=answer.page)
                spent += self.clock.steady() - began
            if answer is not None and verdict.action is Action.RETURN:
                return answer
            if verdict.action is Action.LOGIN and call.bearer is not None and not renewed:
                # A refused token means that nothing was done: also a hand-over may be repeated.
                renewed = True
                if isinstance(call.bearer, Challenged) and answer is not None:
                    call.bearer.challenged(answer.headers.get("www-authenticate", ""))
                token = call.bearer.renew(token)
                continue
            self._note_crowding(call, answer)
            if verdict.action is not Action.RETRY:
                _refuse(call, answer, reasons, verdict)
            told = (
                retry_after(answer.headers.get("retry-after", ""), self.clock.now())
                if answer
                else None
            )
            wait = told if told is not None else backoff(attempt, self._patience, self._chance)
            if self._hopeless(broken, spent + wait) or not self._worth_waiting(
                call, attempt, spent + wait, told
            ):
                self._give_up(call, answer, broken, reasons, told, attempt)
            log.info(
                "%s %s %s: attempt %d failed (%s), again in %.1f s",
                call.method,
                host(call.url),
                call.name,
                attempt,
                _what(answer, broken, reasons),
                wait,
            )
            self._wait(wait)
            spent += wait

    def spent(self, key: str) -> int:
        """How many units the requests of this transport have paid on a limiter's key so far.

        Each attempt counts, also one that failed; what was refunded does not.
        """
        with self._counting:
            return self._spent[key]

    def pressure(self, key: str) -> Pressure:
        """How much a limiter's key has held the requests of this transport up so far."""
        with self._counting:
            return Pressure(self._waited.get(key, 0.0), self._crowded[key])

    def pause(self, seconds: float) -> None:
        """Wait [s] as the loop itself waits: by its clock, and Stopped as soon as that is asked."""
        self._wait(seconds)

    def _may_try(self, call: Call) -> None:
        """Raises Stopped where asked to stop, Unsettled where there was no network just now."""
        self._check_stop()
        if self._reach.hopeless(self.clock.steady()):
            raise _unreached(call)

    def _hopeless(self, broken: Broken | None, spent: float) -> bool:
        """Would another try end as this one did?"""
        if broken is None:
            return False
        waited = self._reach.offline or spent > self._patience.unreached
        return bool(broken.hint) or (broken.unreached and waited)

    def _worth_waiting(self, call: Call, attempt: int, spent: float, told: float | None) -> bool:
        patience = self._patience
        return (
            call.repeatable
            and attempt < patience.tries
            and spent <= patience.seconds
            and (told is None or told <= patience.longest_told)
        )

    def _give_up(
        self,
        call: Call,
        answer: Answer | None,
        broken: Broken | None,
        reasons: Fault,
        told: float | None,
        attempt: int,
    ) -> NoReturn:
        what = _what(answer, broken, reasons)
        if broken is not None and broken.unreached:
            self._reach.lost(self.clock.steady())
            log.info("%s: gave up after %d (%s)", host(call.url), attempt, what)
            raise _unreached(call) from broken
        log.warning(
            "%s %s %s: gave up after %d (%s)",
            call.method,
            host(call.url),
            call.name,
            attempt,
            what,
        )
        refused = answer is not None and answer.status in {401, 403, 408, 425, 429}
        raise Unsettled(
            f"{host(call.url)} gave no usable answer to {call.name} ({what})",
            status=answer.status if answer else None,
            reason=reasons.reason,
            sent=broken.sent if broken else not refused,
            one_item=broken.one_item if broken else (answer is not None and answer.status >= 500),
            retry_after=told,
            hint=(broken.hint if broken else "") or "nothing to do: the next run goes on from here",
        )

    def _attempt(self, call: Call, token: str, attempt: int) -> Answer:
        """One try. What was never sent is refunded. Raises Broken as the wire does, ConfigError as `send`."""
        began = self.clock.steady()
        status, request_id = "no answer", "-"
        try:
            answer = self._wire.exchange(call, token)
            status = str(answer.status)
            request_id = next(
                (answer.headers[name] for name in _IDS if name in answer.headers), "-"
            )
            if self._astray is not None and call.bearer is not None and call.repeatable:
                check_clock(answer, self.clock.now(), self._astray)
            return answer
        except Broken as broken:
            if not broken.sent:
                self._refund(call.costs)
            raise
        finally:
            log.debug(
                "%s %s %s: %s in %.2f s, attempt %d, request %s",
                call.method,
                host(call.url),
                call.name,
                status,
                self.clock.steady() - began,
                attempt,
                request_id[:64],
            )

    def _pay(self, call: Call) -> None:
        waited = 0.0
        for index, (key, units) in enumerate(call.costs):
            asked = self.clock.steady()
            try:
                self._limiter.take(key, units)
            except BaseException:
                self._refund(call.costs[:index])
                raise
            took = self.clock.steady() - asked
            self._count(key, units, took)
            waited += took
        if waited >= _WORTH_A_LINE:
            log.info("%s %s: waited %.1f s for the quota", call.method, call.name, waited)

    def _note_crowding(self, call: Call, answer: Answer | None) -> None:
        if answer is not None and answer.status in _TOO_MANY:
            with self._counting:
                self._crowded.update(key for key, _ in call.costs)

    def _refund(self, costs: tuple[tuple[str, int], ...]) -> None:
        for key, units in costs:
            self._limiter.refund(key, units)
            self._count(key, -units)

    def _count(self, key: str, units: int, waited: float = 0.0) -> None:
        with self._counting:
            self._spent[key] += units
            self._waited[key] = self._waited.get(key, 0.0) + waited

    def _wait(self, seconds: float) -> None:
        left = seconds
        with self._away():
            while left > 0:
                self._check_stop()
                step = min(1.0, left)
                self.clock.sleep(step)
                left -= step

    def _check_stop(self) -> None:
        if self._stopping():
            raise Stopped("stopped as asked", hint="run it again: it goes on from here")


def _unreached(call: Call) -> Unsettled:
    return Unsettled(
        f"no network: {host(call.url)} could not be reached",
        sent=False,
        unreached=True,
        hint="nothing to do: the next run goes on from here",
    )


def _refuse(call: Call, answer: Answer | None, reasons: Fault, verdict: Verdict) -> NoReturn:
    """The exception that a verdict stands for."""
    status = answer.status if answer else None
    where = f"{host(call.url)} {call.name}"
    said = f"{status} {reasons.reason}".strip()
    next_step = hint(verdict.step, call.api)
    # Deleted meanwhile is everyday business; the rest ends something.
    level = logging.DEBUG if verdict.action is Action.SKIP else logging.WARNING
    log.log(level, "%s %s: %s", call.method, where, said)
    if verdict.action is Action.RELIST:
        raise CursorLost(
            f"{where}: the cursor is no longer valid ({said})", status=status, reason=reasons.reason
        )
    if verdict.action is Action.SKIP:
        raise ItemGone(f"{where}: gone ({said})", status=status, reason=reasons.reason)
    if verdict.action is Action.PAUSE:
        raise Unsettled(
            f"{where}: the quota is used up ({said})",
            status=status,
            reason=reasons.reason,
            sent=False,
            hint=next_step,
        )
    if verdict.action is Action.LOGIN or verdict.who is Who.OWNER:
        raise AuthError(f"{where}: not allowed ({said})", hint=next_step)
    if verdict.who is Who.SETTINGS:
        raise ConfigError(f"{where}: refused ({said})", hint=next_step)
    raise ProviderError(
        f"{where}: refused ({said})", status=status, reason=reasons.reason, hint=next_step
    )


def _what(answer: Answer | None, broken: Broken | None, reasons: Fault) -> str:
    if broken is not None:
        return str(broken)
    return f"{answer.status} {reasons.reason}".strip() if answer else "no answer"
