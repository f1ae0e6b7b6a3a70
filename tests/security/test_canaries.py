"""Does any command, at the loudest level, log a subject, a contact's address or a token?"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.world.world import World
from jobs.logs import OURS
from tests.support.providers.google_office import MONDAY, at
from tests.support.providers.house import KATE, House

WHO = "canary.address@client.example"
NAME = "Canary Bird"
SUBJECT = "Canarysubject"
COMMANDS = (
    ("sync",),
    ("sync", "--heal"),
    ("status",),
    ("report", "--to", "folder"),
    ("report", "--dry-run", "--to", "folder"),
    ("contact", WHO),
    ("questions",),
    ("next",),
    ("export",),
    ("tag", WHO, "warm"),
    ("call", WHO, "spoke"),
    ("promise", WHO, SUBJECT, "--by", "2026-12-01"),
    ("answer", "7Q3F2K", "them"),
    ("tune",),
    ("doctor",),
    ("doctor", "--probe"),
    ("run-due",),
    ("backfill", "--since", "2026-10-01"),
    ("connect", "google", "--explain"),
    ("forget", WHO, "--yes"),
    ("tag", WHO, "warm"),
    ("sync",),
)


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in (*OURS, "")}
    handlers = list(root.handlers)
    yield
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    root.handlers[:] = handlers


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    world = World(MONDAY)
    world.account(KATE, "Kate Lind")
    world.human(WHO, NAME)
    world.invite(at(1), WHO, [KATE], at(9), title=f"{SUBJECT} meeting")
    for hour in range(4):
        world.mail(at(1, hour / 10), WHO, KATE, f"{SUBJECT} {hour}")
        world.mail(at(1, hour / 10 + 0.05), KATE, WHO, f"{SUBJECT} answer {hour}")
    world.advance_to(at(2))
    with GoogleSandbox(world) as google:
        made = House(tmp_path / "house", monkeypatch, world, google)
        made.settings()
        made.log_in()
        yield made


def secrets_of(house: House) -> list[str]:
    """The tokens and the client's secret in the vault."""
    found = []
    for file in house.paths.tokens.glob("*.json"):
        entry = json.loads(file.read_text())
        found += [entry[name] for name in ("refresh_token", "client_secret") if entry.get(name)]
    assert found
    return found


def test_no_command_logs_what_nobody_else_may_know(watched: House) -> None:
    watched.environ["NOSHOW_LOG"] = "debug"
    secrets = secrets_of(watched)
    logged = 0
    for words in COMMANDS:
        typed = watched.type(*words)
        assert "a bug" not in typed.said, (words, typed.said)
        for canary in (WHO, NAME, SUBJECT, "Bearer ", "access_token", *secrets):
            assert canary.lower() not in typed.err.lower(), (words, canary)
        for secret in secrets:
            assert secret not in typed.out, words
        logged += typed.err.count("level=debug")
    assert logged > 10, "the log was loud"


def test_the_canaries_would_be_seen(watched: House) -> None:
    """What was fetched does hold them: the test above has something to find."""
    watched.type("sync")
    assert WHO in watched.type("contact", WHO).out
    assert SUBJECT in watched.type("contact", WHO).out + watched.type("export").out
