"""What does a process do that syncs a Google mailbox, and dies at the moment that it was told?

The process is a real one, the client and the store are the real ones, and the death is SIGKILL:
nothing is closed, rolled back or given up in good order.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import event

from config.clock import Clock, to_micros
from config.errors import TransientError
from connectors.auth.google.consent import SCOPES, Stored
from connectors.auth.google.login import OwnersLogin
from connectors.auth.vault import FileVault
from connectors.google.calendar.source import GoogleCalendar
from connectors.google.client import Endpoints, Google
from connectors.google.mail.source import GoogleMail
from connectors.interfaces import Window
from connectors.planning.types import Poll
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.scenario.stage import KATE
from connectors.store.store import Store
from connectors.store.write.one_page import OnePage
from connectors.store.write.pages import Pages
from connectors.sync import backfill_calendar, sync_calendar, sync_mail
from connectors.transport.client import Transport
from tests.support.servers.scripted_http import Fast, Purse

#: Dies after the n-th committed page, before the n-th statement, or before the n-th commit.
Kind = Literal["page", "statement", "commit"]
KINDS: tuple[Kind, ...] = ("page", "statement", "commit")


@dataclass(frozen=True)
class Work:
    """One sync of Kate's calendar and mail, with a second look at the calendar's near window."""

    url: str
    api_root: str
    token_uri: str
    tokens: str
    now: datetime
    die: tuple[Kind, int] | None = None

    def to_die(self, kind: Kind, number: int) -> Work:
        return replace(self, die=(kind, number))

    def into(self, url: str) -> Work:
        return replace(self, url=url)


@dataclass
class _Fate:
    """Counts pages, statements and commits, and ends the process at one of them."""

    die: tuple[Kind, int] | None
    counts: Counter[str] = field(default_factory=Counter)

    def meet(self, kind: Kind) -> None:
        self.counts[kind] += 1
        if self.die == (kind, self.counts[kind]):
            os.kill(os.getpid(), signal.SIGKILL)


class _Watched(Pages):
    """The store's pages, with a fate that is met where one is committed."""

    def __init__(self, store: Store, fate: _Fate) -> None:
        super().__init__(store.database, store.locks)
        self.fate = fate

    @contextmanager
    def storing(self, poll: Poll) -> Iterator[OnePage]:
        with super().storing(poll) as stored:
            yield stored
        self.fate.meet("page")


def carry_out(work: Work) -> Counter[str]:
    """Sync as `work` says; returns how many pages, statements and commits that took."""
    fast = Fast()
    clock = Clock(now_=lambda: work.now, steady_=fast.steady, sleep_=fast.sleep)
    fate = _Fate(work.die)
    root = work.api_root
    with Store.open(work.url, clock) as store, Transport(clock, Purse()) as transport:
        store.pages = _Watched(store, fate)
        event.listen(
            store.database.engine, "before_cursor_execute", lambda *_: fate.meet("statement")
        )
        event.listen(store.database.engine, "commit", lambda *_: fate.meet("commit"))
        login = OwnersLogin(
            FileVault(Path(work.tokens)), "kate", "read", transport, token_uri=work.token_uri
        )
        endpoints = Endpoints(f"{root}calendar/v3/", root, root, root)
        google = Google(transport, login, account="1", endpoints=endpoints)
        calendar = GoogleCalendar(google, addresses=frozenset({KATE}))
        box = store.mailboxes.ensure(KATE, "google", "Europe/Berlin")
        window = _days(work.now, 200, 120)
        # The lock of one who was killed is free once the server has noticed.
        with store.locks.mailbox(box, wait=60):
            outcomes = [
                sync_calendar(store, calendar, box, "primary", window),
                sync_mail(store, GoogleMail(google), box, window.start),
            ]
        near = _days(work.now, 35, 120)
        outcomes.append(backfill_calendar(store, calendar, box, "primary", [near]))
        for outcome in outcomes:
            if outcome.error is not None:
                raise outcome.error
            if not outcome.complete:
                raise TransientError(outcome.problem)
    return fate.counts


def _days(now: datetime, past: int, ahead: int) -> Window:
    return Window(to_micros(now - timedelta(days=past)), to_micros(now + timedelta(days=ahead)))


def killed(work: Work) -> bool:
    """Let a process of its own do it. True: it was killed; False: it came to its end."""
    process = _processes().Process(target=carry_out, args=(work,))
    process.start()
    process.join(120)
    if process.exitcode not in (0, -signal.SIGKILL):
        process.kill()
        raise AssertionError(f"the process ended with {process.exitcode}")
    return bool(process.exitcode)


def _processes() -> Any:
    """Processes that find all modules loaded: half a hundred of them are started."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


@contextmanager
def served(sandbox: GoogleSandbox, folder: Path, url: str) -> Iterator[Work]:
    """The sandbox, and the work of syncing from it at the world's moment into the store at `url`."""
    with sandbox:
        folder.mkdir(parents=True, exist_ok=True)
        info = sandbox.issue_token(KATE, SCOPES["read"])
        now = sandbox.world.now
        stored = Stored.from_authorized_user(info, "read", to_micros(now))
        FileVault(folder / "tokens").write("kate", stored.entry())
        yield Work(url, sandbox.api_root, sandbox.token_uri, str(folder / "tokens"), now)
