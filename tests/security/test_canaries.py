"""Does any command log what nobody else may know, and is nothing of a forgotten person left?

The same person is known from Google, from Microsoft 365 and from imported files; every command of the
line is typed at the loudest level. Addresses, names, subjects and tokens are the canaries.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.clock import to_micros
from connectors.auth.vault import FileVault, entry_name
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.microsoft.server import MicrosoftSandbox
from connectors.sandbox.world.people import System
from connectors.sandbox.world.world import World
from jobs.demo import stage
from tests.support.every_command import Said, commands, every_command
from tests.support.facts.files import calendar, event, guest, mail, mbox, organizer
from tests.support.providers.desk import Given, tree_of
from tests.support.providers.google_office import MONDAY, at
from tests.support.providers.house import KATE, House

WHO = "canary.address@client.example"
NAME = "Canary Bird"
SUBJECT = "Canarysubject"
PROMISE = "Canarypromise"
OTHER = "lee@vendor.example"

pytestmark = pytest.mark.usefixtures("log_as_before")


def played(system: System) -> World:
    world = World(MONDAY)
    world.account(KATE, "Kate Lind", system=system)
    world.human(WHO, NAME)
    world.human(OTHER, "Lee Park")
    world.invite(at(1), WHO, [KATE], at(9), title=f"{SUBJECT} meeting")
    world.mail(at(1), KATE, OTHER, "Prices")
    for hour in range(3):
        world.mail(at(1, hour / 10), WHO, KATE, f"{SUBJECT} {hour}")
        world.mail(at(1, hour / 10 + 0.05), KATE, WHO, f"{SUBJECT} answer {hour}")
    world.advance_to(at(2))
    return world


def exported(folder: Path) -> Path:
    """The same as an export of files; one of them cannot be read, and bears the subject as its name."""
    folder.mkdir(parents=True)
    with_them = event(
        f"SUMMARY:{SUBJECT} meeting",
        organizer(WHO, CN=NAME),
        guest(KATE, "ACCEPTED"),
        start="20261111T080000Z",
    )
    (folder / "kate.ics").write_bytes(calendar(with_them))
    mails = [
        mail(
            sender=f"{NAME} <{WHO}>",
            to=KATE,
            date=f"Tue, 03 Nov 2026 0{hour}:00:00 +0000",
            key=f"<c{hour}@client.example>",
            subject=f"{SUBJECT} {hour}",
        )
        for hour in range(3)
    ]
    other = mail(sender=OTHER, to=KATE, date="Tue, 03 Nov 2026 08:00:00 +0000", key="<o@v.example>")
    (folder / "kate.mbox").write_bytes(mbox(*mails, other))
    (folder / "broken.ics").write_bytes(b"BEGIN:NOTHING\r\n")
    return folder


def google(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[House]:
    world = played("google")
    with GoogleSandbox(world) as served:
        made = House(folder / "house", patch, world, served)
        made.settings()
        made.log_in()
        yield made


def microsoft(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[House]:
    world = played("exchange")
    with MicrosoftSandbox(world) as served:
        made = House(folder / "house", patch, world)
        made.write(stage.toml(tree_of(served, made.home, Given())))
        entry = stage.login_of(served, KATE, "read", to_micros(world.now))
        FileVault(made.paths.tokens).write(entry_name("microsoft", KATE, "read"), entry)
        yield made


def files(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[House]:
    made = House(folder / "house", patch, played("google"))
    made.settings(mailbox={"provider": "files"})
    yield made


HOUSES: dict[str, Callable[[Path, pytest.MonkeyPatch], Iterator[House]]] = {
    "google": google,
    "microsoft": microsoft,
    "files": files,
}


#: One of the three at every run; all in the long tests.
@pytest.fixture(
    params=[
        "google",
        pytest.param("files", marks=pytest.mark.proof),
        pytest.param("microsoft", marks=pytest.mark.proof),
    ]
)
def watched(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    yield from HOUSES[request.param](tmp_path, monkeypatch)


@pytest.fixture
def said(watched: House, request: pytest.FixtureRequest, tmp_path: Path) -> Said:
    kind = request.node.callspec.params["watched"]
    held = exported(tmp_path / "export") if kind == "files" else empty(tmp_path / "export")
    return Said(WHO, PROMISE, tmp_path, held, "google" if kind == "files" else kind)


def empty(folder: Path) -> Path:
    folder.mkdir()
    (folder / "none.ics").write_bytes(calendar())
    return folder


def secrets_of(house: House) -> set[str]:
    """Every token and client's secret in the vault, in whatever form the provider's library keeps it."""
    found: set[str] = set()

    def poll(held: Any, name: str = "") -> None:
        if isinstance(held, dict):
            for key, value in held.items():
                poll(value, key)
        elif isinstance(held, str):
            if held.startswith("{"):
                poll(json.loads(held))
            elif name in ("refresh_token", "client_secret", "secret", "access_token") and held:
                found.add(held)

    for file in house.paths.tokens.glob("*.json"):
        poll(json.loads(file.read_text()))
    return found


def traces(folder: Path, *words: str) -> list[str]:
    """The files below the folder in whose bytes one of the words stands, in any letter case."""
    forms = [word.lower().encode() for word in words]
    forms += [word.lower().encode("utf-16-le") for word in words]
    held = [path for path in folder.rglob("*") if path.is_file()]
    return [str(one) for one in held if any(word in one.read_bytes().lower() for word in forms)]


def test_no_command_logs_what_nobody_else_may_know_and_forget_leaves_no_byte(
    watched: House, said: Said
) -> None:
    watched.environ["NOSHOW_LOG"] = "debug"
    secrets = secrets_of(watched)
    assert secrets or not watched.paths.tokens.exists()
    loud, shown = 0, ""
    for words in every_command(said):
        if words[0] == "forget":
            assert traces(watched.home, WHO), "there is something to forget"
            assert traces(watched.home, SUBJECT, PROMISE)
        typed = watched.type(*words)
        quiet(words, typed.err, secrets)
        assert "a bug" not in typed.said, (words, typed.said)
        assert not [one for one in secrets if one in typed.out], words
        loud += typed.err.count("level=debug")
        shown += typed.out
        # What timers print goes into the log beside the store.
        if words[0] == "run-due":
            log = watched.paths.state / "run-due.log"
            log.write_text(typed.said + f"an older noshow wrote {WHO}\n", "utf-8")
    assert loud > 10 or not secrets, "the log was loud"
    assert WHO in shown, "what was fetched does hold them: there was something to find"
    assert SUBJECT in shown
    canaries = (WHO, NAME, SUBJECT, PROMISE)
    assert traces(watched.home, *canaries) == []
    assert traces(watched.home, "lee@vendor"), "everybody else stays"
    for words in (("tag", WHO, "warm"), *fetching(said), ("report", "--to", "folder")):
        quiet(words, watched.type(*words).err, secrets, typed_who=words[0] == "tag")
    assert traces(watched.home, *canaries) == []


def fetching(said: Said) -> list[tuple[str, ...]]:
    return [("sync",), ("sync", "--heal"), ("import", str(said.files), "--me", KATE)]


def quiet(words: tuple[str, ...], err: str, secrets: set[str], *, typed_who: bool = False) -> None:
    canaries = [NAME, SUBJECT, PROMISE, "Bearer ", "access_token", *secrets]
    for canary in (*canaries, *([] if typed_who else [WHO])):
        assert canary.lower() not in err.lower(), (words, canary)


@pytest.mark.proof
def test_the_demonstration_logs_nothing_of_its_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(tmp_path / "house", monkeypatch)
    house.environ["NOSHOW_LOG"] = "debug"
    typed = house.type("demo", "--folder", str(tmp_path / "demo"))
    log = [line for line in typed.err.splitlines() if line.startswith("timestamp=")]
    assert log
    assert not [line for line in log if "@" in line or "%40" in line]


def test_every_command_of_the_line_is_among_those_typed(tmp_path: Path) -> None:
    typed = every_command(Said(WHO, PROMISE, tmp_path, tmp_path))
    assert {words[0] for words in typed} == commands() - {"demo"}
