"""How does a monitoring service hear that a run began, went well, failed, or had nothing to do?

As healthchecks wants it (https://healthchecks.io/docs/http_api/): `/start`, the plain address,
`/fail`, and `/log` for what is neither; `rid` joins the start and the end of one run. No more is
sent than that: nothing of what was read.
"""

from __future__ import annotations

import threading
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import urlsplit, urlunsplit

from jobs.console.logs import run_id
from jobs.context import Context
from jobs.providers import old_data

#: So long one signal may take [s]: it must never keep a report from going out.
_SECONDS = 5.0


class Signal(StrEnum):
    """What is told; the value is the end of the address."""

    START = "start"
    SUCCESS = ""
    FAIL = "fail"
    LOG = "log"


class Pings:
    """One run's signals to one address (empty: nobody is told). Safe for threads."""

    def __init__(self, context: Context, url: str) -> None:
        self._context = context
        self._url = url
        self._lock = threading.Lock()
        self._started = False

    def start(self) -> None:
        """The work begins; told once, and not before it is sure that no other process does it."""
        with self._lock:
            told, self._started = self._started, True
        if not told:
            self._tell(Signal.START)

    def end(self, signal: Signal) -> None:
        """How it ended."""
        self._tell(signal)

    def _tell(self, signal: Signal) -> None:
        if not self._url or self._context.reach.offline:
            return
        import requests

        try:
            answer = requests.get(
                address(self._url, signal), params={"rid": run_id()}, timeout=_SECONDS
            )
        except requests.RequestException:
            self._context.say.say("the monitoring service could not be told")
            return
        # A service that knows the plain address alone has no page for the others.
        essential = signal in (Signal.SUCCESS, Signal.FAIL)
        if essential and answer.status_code >= HTTPStatus.BAD_REQUEST:
            self._context.say.say(
                f"the monitoring service answered {answer.status_code} -> correct ping_url"
            )


def verdict(context: Context, *, well: bool) -> Signal:
    """What is told at the end of a run that went `well`: no success while known data are too old."""
    return Signal.SUCCESS if well and not old_data.found(context) else Signal.FAIL


def address(url: str, signal: Signal) -> str:
    """Where the signal goes: its word at the end of the path, before a query."""
    if not signal.value:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{signal.value}"))
