"""A quota that ends midway, seen as a user sees it: the command, its exit code, and the report.

The real command in a process of its own, with a settings file that points at the sandbox.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from config.clock import to_micros
from config.paths import Paths, paths_from
from connectors.auth.google.consent import SCOPES, Stored
from connectors.auth.vault import FileVault, entry_name
from connectors.model.streams import Counts
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.server.faults import Fault
from connectors.sandbox.world.world import World
from connectors.store.store import Store
from tests.support.providers.google_office import DANA, KATE, LEE, MONDAY, at

NOSHOW = Path(sys.executable).with_name("noshow")

SETTINGS = """\
zone = "Europe/Berlin"

[own]
domains = ["ourco.example"]

[google]
calendar_root = "{root}calendar/v3/"
gmail_root = "{root}"
token_uri = "{root}token"
# The day's quota is what ends here, not the minute's.
units_per_minute = 10_000_000

[[mailbox]]
address = "{address}"
provider = "google"
"""


@dataclass
class Desk:
    """Where somebody types `noshow`: a home with settings and a login, and the sandbox behind it."""

    sandbox: GoogleSandbox
    paths: Paths
    environment: dict[str, str]
    mails: int
    hours: int = 0

    def noshow(self, *words: str) -> subprocess.CompletedProcess[str]:
        """What the command says, an hour after the one before."""
        now = self.sandbox.world.now + timedelta(hours=self.hours)
        self.sandbox.ahead = timedelta(hours=self.hours)
        self.hours += 1
        return subprocess.run(
            [NOSHOW, *words],
            env=self.environment | {"NOSHOW_NOW": now.isoformat()},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def counts(self) -> Counts:
        with Store.open(self.paths.store_url) as store:
            return store.pending.counts(store.mailboxes.ensure(KATE, "google", "Europe/Berlin"))


@pytest.fixture(params=[200, pytest.param(2_000, marks=pytest.mark.proof)])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    home, mails = tmp_path, int(request.param)
    world = World(MONDAY)
    world.account(KATE, "Kate Lind")
    world.human(DANA, "Dana Kim")
    world.human(LEE, "Lee Park", system="exchange")
    for number in range(mails):
        them = DANA if number % 2 else LEE
        sender, to = (KATE, them) if number % 5 == 0 else (them, KATE)
        world.mail(at(0, 0.4 * number), sender, to, f"Matter {number}")
    world.invite(at(20), KATE, [DANA], at(40), title="Review")
    world.advance_to(at(0, 0.4 * mails) + timedelta(hours=2))
    with GoogleSandbox(world) as sandbox:
        paths = paths_from({"NOSHOW_HOME": str(home)})
        login = Stored.from_authorized_user(
            sandbox.issue_token(KATE, SCOPES["read"]), "read", to_micros(world.now)
        )
        FileVault(paths.tokens).write(entry_name("google", KATE, "read"), login.entry())
        paths.settings_file.write_text(SETTINGS.format(root=sandbox.api_root, address=KATE))
        environment = {
            "PATH": os.environ["PATH"],
            "NOSHOW_HOME": str(home),
        }
        yield Desk(sandbox, paths, environment, mails)


@pytest.mark.lengthy
def test_a_quota_that_ends_midway_is_told_and_the_next_run_fetches_only_the_rest(
    desk: Desk,
) -> None:
    # Every request for mail after so many is refused until tomorrow.
    granted = desk.mails * 2 // 5
    desk.sandbox.faults.add(
        Fault("daily_403", where="gmail.users.messages.get", after=granted, times=None)
    )
    cut_off = desk.noshow("sync")
    first = desk.counts()
    assert cut_off.returncode == 3, cut_off.stdout + cut_off.stderr
    assert "quota" in cut_off.stdout + cut_off.stderr
    assert granted // 2 < first.stored <= granted
    assert (first.stored + first.pending, first.given_up) == (desk.mails, 0)

    report = desk.noshow("report", "--to", "stdout")
    assert report.returncode == 3, report.stderr
    words = " ".join(report.stdout.split())
    assert f"{first.pending:,} entries are still to be fetched" in words
    assert f"{first.stored:,} of {desk.mails:,} mails are read so far" in words

    desk.sandbox.faults.clear()
    desk.sandbox.log.clear()
    again = desk.noshow("sync")
    assert again.returncode == 0, again.stdout + again.stderr
    end = desk.counts()
    assert (end.stored, end.pending, end.given_up) == (desk.mails, 0, 0)
    # Each mail is a thread of its own: what is missing is asked for once, and nothing else at all.
    assert desk.sandbox.log.counts() == {
        "oauth2.token": 1,
        "calendar.events.list": 1,
        "gmail.users.labels.list": 1,
        "gmail.users.history.list": 1,
        "gmail.users.messages.get": first.pending,
    }
    complete = desk.noshow("report", "--to", "stdout")
    assert complete.returncode == 0, complete.stderr
    assert "ncomplete" not in complete.stdout
