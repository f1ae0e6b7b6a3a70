"""Does NOSHOW_LOG show what the transport does, and never what it is about?"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.auth.vault import FileVault, entry_name
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.server.faults import Fault
from connectors.sandbox.world.world import World
from jobs.console.logs import start_log
from tests.support.providers.desk import desk
from tests.support.providers.google_office import DANA, LEE, MONDAY, at
from tests.support.providers.house import KATE, House
from tests.support.providers.microsoft_office import at as at_microsoft
from tests.support.providers.microsoft_office import small

SUBJECT = "Topsecret"
MAILS = 4


pytestmark = pytest.mark.usefixtures("log_as_before")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Kate's installation over a Google on a bad day."""
    world = World(MONDAY)
    world.account(KATE, "Kate Lind")
    world.human(DANA, "Dana Kim")
    world.human(LEE, "Lee Park")
    world.invite(at(1), DANA, [KATE, LEE], at(9), title=f"{SUBJECT} meeting")
    for hour in range(MAILS):
        world.mail(at(1, hour / 10), DANA, KATE, f"{SUBJECT} {hour}")
    world.advance_to(at(2))
    with GoogleSandbox(world) as google:
        for fault in (
            Fault("server_error", where="gmail.users.messages.get", after=1, retry_after=1),
            Fault("truncated", where="gmail.users.messages.get", after=3),
            Fault("html", where="calendar.events.list"),
            Fault("expired_token", where="gmail.users.labels.list"),
            Fault("drop_before", where="oauth2.token"),
        ):
            google.faults.add(fault)
        made = House(tmp_path / "house", monkeypatch, world, google)
        made.settings(mailbox={"calendars": ["primary", LEE]})
        made.log_in()
        yield made


def lines(house: House, level: str) -> list[str]:
    """What a sync logs, without what it says to the person."""
    house.environ["NOSHOW_LOG"] = level
    typed = house.type("sync")
    assert typed.code in (2, 3), typed.said
    return [line for line in typed.err.splitlines() if line.startswith("timestamp=")]


def secrets(house: House) -> list[str]:
    """All that a log must not hold: of people, of mails, and what opens the mailbox."""
    entry = FileVault(house.paths.tokens).read(entry_name("google", KATE, "read"))
    assert entry["refresh_token"].startswith("1//")
    return [
        *("@", "%40", "client.example", "ourco", "Dana", "Kate", "Lee", SUBJECT.lower()),
        *("ya29", "1//", "Bearer", entry["client_secret"], "fields=", "pageToken"),
    ]


def found(secret: str, log: list[str]) -> list[str]:
    return [line for line in log if secret.lower() in line.lower()]


def test_debug_shows_each_attempt_and_its_retry_and_nothing_secret(house: House) -> None:
    log = lines(house, "debug")
    said = "\n".join(log)
    assert all("logger=noshow." in line for line in log), "libraries stay silent"
    gets = [line for line in log if "/users/me/messages/{id}: 200 in" in line]
    assert len(gets) >= MAILS
    assert re.search(
        r"level=debug .*messages/\{id\}: 503 in \d+\.\d\d s, attempt 1, request ", said
    )
    assert re.search(r"messages/\{id\}: 200 in \d+\.\d\d s, attempt 2, ", said)
    assert re.search(
        r"level=info .*messages/\{id\}: attempt 1 failed \(503 backenderror\), again in 1\.0 s",
        said,
    )
    assert "attempt 1 failed (the body was cut off)" in said
    assert re.search(r"/events: attempt 1 failed \(.*\), again in", said)
    assert re.search(r"/labels: 401 in .* attempt 1", said)
    assert re.search(r"/token: attempt 1 failed \(the connection", said)
    for secret in secrets(house):
        assert not found(secret, log), secret


def test_info_shows_retries_but_not_each_request(house: House) -> None:
    assert house.google is not None
    house.google.faults.clear()
    house.google.faults.add(Fault("html", where="calendar.events.list"))
    log = lines(house, "info")
    said = "\n".join(log)
    assert re.search(r"level=info .*/events: attempt 1 failed .*again in \d\.\d s", said)
    assert "level=debug" not in said
    for secret in secrets(house):
        assert not found(secret, log), secret


def test_without_the_setting_only_what_ended_something_is_logged(house: House) -> None:
    assert house.google is not None
    house.google.faults.clear()
    typed = house.type("sync")
    log = [line for line in typed.err.splitlines() if "logger=" in line]
    assert log
    assert {re.findall(r"level=(\w+)", line)[0] for line in log} == {"warning"}


def test_a_library_keeps_silent_however_much_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NOSHOW_LOG", "debug")
    start_log()
    start_log()
    logging.getLogger("some.library").info("GET /%s", KATE)
    logging.getLogger("requests").debug("%s", KATE)
    logging.getLogger("noshow.transport").debug("one line")
    logging.getLogger("jobs.fetch.sync").info("another")
    said = capsys.readouterr().err.splitlines()
    assert [line.partition("event=")[2] for line in said] == ['"one line"', "another"]


def test_the_request_id_that_a_provider_gave_can_be_told_to_its_support(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NOSHOW_LOG", "debug")
    world = small(World(at_microsoft(-14)))
    world.mail(at_microsoft(-3), KATE, DANA, f"{SUBJECT} offer")
    world.advance_to(at_microsoft(0))
    with desk("microsoft", world, tmp_path) as kate:
        start_log()
        kate.server.faults.add(Fault("server_error", where="mailFolders.list"))
        kate.sync()
    log = capsys.readouterr().err.splitlines()
    said = "\n".join(log)
    assert re.search(r"/me/mailFolders.*: 503 in .*, attempt 1, request [0-9a-f-]{16,}", said)
    assert re.search(r"/me/mailFolders.*: attempt 1 failed \(503", said)
    logged = [line for line in log if line.startswith("timestamp=")]
    assert len(logged) > 5
    for secret in ("@", "%40", "Bearer", SUBJECT, json.dumps(KATE)[1:6]):
        assert not found(secret, logged), secret


def test_in_json_every_line_is_one_object_and_bears_the_run(house: House) -> None:
    """What is said to a person is there too: a collector of logs loses nothing."""
    house.environ |= {"NOSHOW_LOG": "info", "NOSHOW_LOG_FORMAT": "json"}
    typed = house.type("sync")
    assert typed.code in (2, 3)
    said = [json.loads(line) for line in typed.err.splitlines()]
    assert all(list(one)[:5] == ["timestamp", "level", "logger", "run", "event"] for one in said)
    assert len({one["run"] for one in said}) == 1
    loggers = {one["logger"].partition(".")[0] for one in said}
    assert loggers == {"noshow", "said"}
    assert any("->" in one["event"] for one in said if one["logger"] == "said")
    other = [json.loads(line) for line in house.type("sync").err.splitlines()]
    assert {one["run"] for one in other} != {one["run"] for one in said}


def test_in_text_each_line_bears_the_run(house: House) -> None:
    log = lines(house, "info")
    assert len({re.findall(r" run=([0-9a-f-]{36}) ", line)[0] for line in log}) == 1


def test_on_a_terminal_no_library_writes_its_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    start_log()
    logging.getLogger("some.library").error("GET /%s", KATE)
    logging.getLogger("noshow.transport").error("ours")
    monkeypatch.setenv("NOSHOW_LOG", "warning")
    start_log()
    logging.getLogger("some.library").error("asked for")
    said = capsys.readouterr().err.splitlines()
    assert [line.partition("event=")[2] for line in said] == ["ours", '"asked for"']


@pytest.mark.parametrize(("asked", "said"), [("laut", True), ("info", False), ("WARNING", False)])
def test_a_level_that_is_none_is_said(
    asked: str, said: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NOSHOW_LOG", asked)
    start_log()
    assert ("NOSHOW_LOG is not one of" in capsys.readouterr().err) is said
