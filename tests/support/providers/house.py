"""One installation in a folder of its own, the Google that it reads, and somebody who types."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.clock import Clock, to_micros
from config.paths import Paths
from config.settings_file import quoted
from connectors.auth.google.consent import SCOPES, Stored
from connectors.auth.vault import FileVault, entry_name
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.scenario.worlds import DEMO_NOW, small_world
from connectors.sandbox.world.world import World
from connectors.store.store import Store
from jobs import cli
from jobs.delivery import by_hand, weekly

KATE = "kate@ourco.example"
NOSHOW = Path(sys.executable).with_name("noshow")


@dataclass(frozen=True)
class Typed:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


@dataclass
class House:
    """`home` is NOSHOW_HOME; the wall clock of what is typed is `now`, or the world's."""

    home: Path
    patch: pytest.MonkeyPatch
    world: World | None = None
    google: GoogleSandbox | None = None
    now: datetime | None = None
    environ: dict[str, str] = field(default_factory=dict)
    commands: int = 0
    #: Does a report say whom other limits would list? That is eight more detections.
    limits: bool = False
    #: Does the provider's clock show what the house's does? Else it is the world's.
    agreed: bool = True

    @property
    def settings_file(self) -> Path:
        return self.home / "noshow.toml"

    @property
    def reports(self) -> Path:
        return self.home / "reports"

    def write(self, text: str) -> None:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.settings_file.write_text(text, "utf-8")

    def settings(self, **tables: dict[str, Any]) -> None:
        """Kate's settings for the sandbox, with further tables laid over."""
        known: dict[str, dict[str, Any]] = {"own": {"domains": ["ourco.example"]}}
        if self.google is not None:
            known["google"] = {
                "calendar_root": f"{self.google.api_root}calendar/v3/",
                "gmail_root": self.google.api_root,
                "meet_root": self.google.api_root,
                "reports_root": self.google.api_root,
                "token_uri": self.google.token_uri,
                "auth_uri": self.google.auth_uri,
                "units_per_minute": 1_000_000,
                "calendar_requests_per_minute": 100_000,
            }
        for name, more in tables.items():
            known[name] = known.get(name, {}) | more
        box = {"address": KATE, "provider": "google"} | known.pop("mailbox", {})
        lines = ['zone = "Europe/Berlin"', "[[mailbox]]", *keys_of(box)]
        for name, table in known.items():
            lines += [f"[{name}]", *keys_of(table)]
        self.write("\n".join(lines) + "\n")

    def log_in(self, purpose: str = "read", who: str = KATE) -> None:
        """A login of Kate's (or another's) in the vault, as their consent would put it there."""
        assert self.google is not None
        info = self.google.issue_token(who, SCOPES[purpose])
        stored = Stored.from_authorized_user(info, purpose, to_micros(self._now()))
        FileVault(self.paths.tokens).write(entry_name("google", who, purpose), stored.entry())

    @property
    def paths(self) -> Paths:
        return Paths(config=self.home, state=self.home / "state", reports=self.reports)

    def _now(self) -> datetime:
        """Each command is typed a minute after the one before."""
        moment = self.now or (self.world.now if self.world is not None else DEMO_NOW)
        return moment + timedelta(minutes=self.commands)

    def variables(self) -> dict[str, str]:
        self.commands += 1
        if self.agreed and self.google is not None and self.world is not None:
            self.google.ahead = self._now() - self.world.now
        return {
            "NOSHOW_HOME": str(self.home),
            "NOSHOW_NOW": self._now().isoformat(),
            # No browser opens in a test, whatever the machine has.
            "BROWSER": "true",
        } | self.environ

    def type(self, *words: str, answers: str = "") -> Typed:
        """Type a command in this process, through the real entry."""
        out, err = io.StringIO(), io.StringIO()
        with self.patch.context() as patched:
            for name, value in self.variables().items():
                patched.setenv(name, value)
            patched.setattr(sys, "stdin", io.StringIO(answers))
            if not self.limits:
                one_set_of_limits(patched)
            code: Any = 0
            listening = signal.getsignal(signal.SIGINT)  # a command that ends by it stops listening
            with redirect_stdout(out), redirect_stderr(err):
                try:
                    cli.main(list(words))
                except SystemExit as leaving:
                    code = leaving.code
                finally:
                    signal.signal(signal.SIGINT, listening)
        return Typed(int(code or 0), out.getvalue(), err.getvalue())

    def start(self, *words: str, **more: Any) -> subprocess.Popen[str]:
        """The same as a process of its own, for signals and limits."""
        return subprocess.Popen(
            [str(NOSHOW), *words],
            env={**os.environ, **self.variables()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The store, for a poll that no command gives."""
        assert self.world is not None
        world = self.world
        with Store.open(self.paths.store_url, Clock(now_=lambda: world.now)) as opened:
            yield opened

    def newest(self, suffix: str = ".txt") -> str:
        """The text of the newest report in the folder."""
        found = sorted(self.reports.rglob(f"*{suffix}"), key=lambda path: path.stat().st_mtime_ns)
        assert found, f"no report in {self.reports}"
        return found[-1].read_text("utf-8")


def one_set_of_limits(patch: pytest.MonkeyPatch) -> None:
    """What other limits would list is left out of reports, and asked in tests of its own.

    tests/reports/render/test_page.py holds what it says, tests/jobs/delivery/test_by_hand.py that a
    report asks for it.
    """
    for module in (weekly, by_hand):
        patch.setattr(module, "run_again", lambda _detection: ())


def ended(process: subprocess.Popen[str], *, within: float = 60.0) -> Typed:
    """What a process said when it had ended."""
    try:
        out, err = process.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.communicate()
        raise
    return Typed(process.returncode, out, err)


def wait_until(what: Callable[[], bool], *, within: float = 60.0) -> None:
    """Wait for something that another process does."""
    limit = time.monotonic() + within
    while not what():
        assert time.monotonic() < limit, "it did not come to that"
        time.sleep(0.02)


@contextmanager
def house_with_google(
    folder: Path, patch: pytest.MonkeyPatch, world: World | None = None, **sandbox: Any
) -> Iterator[House]:
    """Kate's installation, logged in, over a small world (or the given one)."""
    played = world or small_world()
    with GoogleSandbox(played, **sandbox) as google:
        made = House(folder / "house", patch, played, google)
        made.settings()
        made.log_in()
        yield made


@contextmanager
def moved_into(
    built: House, folder: Path, patch: pytest.MonkeyPatch, **sandbox: Any
) -> Iterator[House]:
    """A copy of an installation that was built once for many tests, over the same world."""
    assert built.world is not None
    with house_with_google(folder, patch, built.world, **sandbox) as made:
        shutil.copytree(built.home / "state", made.home / "state", dirs_exist_ok=True)
        if built.reports.exists():
            shutil.copytree(built.reports, made.reports)
        made.log_in()
        made.commands = built.commands
        yield made


def keys_of(table: dict[str, Any]) -> Sequence[str]:
    return [f"{key} = {_toml(value)}" for key, value in table.items()]


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return quoted(str(value)) if isinstance(value, (str, Path)) else str(value)
