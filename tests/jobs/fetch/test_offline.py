"""What is said where nobody is logged in, no network is there, or the mail server makes trouble?"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.server.faults import Fault
from tests.support.machine.terminal import Terminal, came_back
from tests.support.providers.house import KATE, House, ended
from tests.support.servers.smtp import smtp_server

#: Nobody listens there, on no machine.
NOWHERE = "http://127.0.0.1:9/"


def test_connect_without_a_client_file_prints_the_steps_and_ends_with_what_is_missing(
    house: House,
) -> None:
    house.settings()
    typed = house.type("connect", "google")
    assert typed.code == 2
    assert "https://console.cloud.google.com/projectcreate" in typed.out
    assert "[google] client_file is not set" in typed.err
    assert "this command again" in typed.err


def test_connect_explains_without_touching_anything(house: House) -> None:
    house.settings()
    typed = house.type("connect", "google", "--explain")
    assert typed.code == 0
    assert "calendar.events.readonly" in typed.out
    assert not house.paths.tokens.exists() or not list(house.paths.tokens.iterdir())


@pytest.mark.proof  # one try of a code, but the certainty that there is no network takes time
def test_connect_without_a_network_says_so_and_keeps_nothing(kates: House, tmp_path: Path) -> None:
    """The browser has agreed; only the exchange of the code finds nobody."""
    assert kates.google is not None
    secrets: dict[str, Any] = kates.google.client_secrets()
    path = tmp_path / "client.json"
    path.write_text(json.dumps(secrets))
    for file in kates.paths.tokens.iterdir():
        file.unlink()
    kates.settings(google={"client_file": str(path), "token_uri": f"{NOWHERE}token"})
    screen = Terminal(kates, "connect", "google", "--paste")
    found = re.search(r"http://127\.0\.0\.1:\S+", screen.until("Paste it here"))
    assert found is not None
    screen.type(came_back(found.group()))
    typed = screen.end()
    assert typed.code in (3, 4), typed.out
    assert "127.0.0.1" in typed.out
    assert "a bug" not in typed.out
    assert list(kates.paths.tokens.glob("*read*")) == []


def test_before_any_fetch_every_list_says_that_nothing_was_fetched_yet(kates: House) -> None:
    for command in ("status", "questions", "next"):
        typed = kates.type(command)
        assert typed.code == 4, typed.said
        assert "nothing was fetched yet" in typed.said
        assert "noshow sync" in typed.said
        json.loads(kates.type(command, "--format", "json").out)
    assert kates.type("sync").code == 0
    for command in ("status", "questions", "next"):
        assert "nothing was fetched yet" not in kates.type(command).said


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
def test_a_terminal_of_another_encoding_loses_no_line(kates: House, encoding: str) -> None:
    kates.environ["PYTHONIOENCODING"] = encoding
    kates.settings(own={"clients": ["m\u00fcller.example"]})
    process = kates.start("doctor")
    typed = ended(process)
    assert "a bug" not in typed.err, typed.err
    kates.home.rename(kates.home.with_name("h\u0151z"))
    kates.home = kates.home.with_name("h\u0151z")
    said = ended(kates.start("doctor"))
    assert "settings: " in said.out
    assert "nothing was fetched yet" in said.err


@pytest.mark.proof  # it takes half a minute until there surely is no network
def test_a_sync_without_a_network_ends_partly_keeps_all_and_the_next_one_is_whole(
    kates: House,
) -> None:
    assert kates.type("sync").code == 0
    assert kates.google is not None
    roots = {"calendar_root": NOWHERE, "gmail_root": NOWHERE, "token_uri": f"{NOWHERE}token"}
    kates.settings(google=roots)
    typed = ended(kates.start("run-due"), within=60)
    assert typed.code == 3, typed.said
    assert typed.err.count("comes with the next run") == 1, typed.err
    assert "nothing new" not in typed.out
    assert "Traceback" not in typed.said
    (row,) = json.loads(kates.type("status", "--format", "json").out)["mailboxes"]
    assert row["mails"] > 10
    assert row["problem"]
    report = kates.type("report", "--to", "stdout")
    assert report.code == 3
    assert "no network" in report.err
    kates.settings()
    assert kates.type("sync").code == 0


def test_a_provider_that_is_down_for_the_day_leaves_the_report_incomplete_and_said_so(
    kates: House,
) -> None:
    assert kates.google is not None
    assert kates.type("sync").code == 0
    kates.google.faults.add(Fault("daily_403", where="*.list", times=None))
    typed = kates.type("sync")
    assert typed.code == 3, typed.said
    report = kates.type("report")
    assert report.code == 3
    words = " ".join(kates.newest().split())
    assert "the quota is used up" in words
    assert "· incomplete" in words
    kates.google.faults.clear()
    assert kates.type("sync").code == 0


def test_somebody_not_logged_in_is_told_the_command(kates: House) -> None:
    for file in kates.paths.tokens.iterdir():
        file.unlink()
    typed = kates.type("sync")
    assert typed.code == 4
    assert f"-> noshow connect google -m {KATE}" in typed.err
    doctor = kates.type("doctor")
    assert doctor.code == 3
    assert f"{KATE} is not logged in: noshow connect google -m {KATE}" in doctor.err
    report = kates.type("report", "--to", "stdout")
    assert "is not logged in" in report.out, "the report says it first"


def test_the_doctor_asks_the_providers_when_told_to(kates: House) -> None:
    typed = kates.type("doctor", "--probe")
    assert f"{KATE}: reads 1 calendar, reads mail headers" in typed.out
    assert kates.google is not None
    kates.google.faults.add(Fault("invalid_grant", where="oauth2.token", times=None))
    typed = kates.type("doctor", "--probe")
    assert typed.code == 3
    assert "noshow connect google" in typed.err


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("smtp.office365.com", "end of December 2026"),
        ("smtp.gmail.com", "app password"),
    ],
)
def test_the_doctor_knows_what_troubles_mail_servers_in_2026(
    kates: House, host: str, said: str
) -> None:
    kates.settings(report={"deliver": ["smtp"]}, smtp={"host": host})
    assert said in kates.type("doctor").out
    kates.settings(report={"deliver": ["folder"]}, smtp={"host": host})
    assert said not in kates.type("doctor").out, "it sends nothing there"


def test_the_doctor_tests_the_mail_server_without_sending_anything(
    kates: House, tmp_path: Path
) -> None:
    with smtp_server(tmp_path) as server:
        smtp = {"host": "127.0.0.1", "port": server.port, "security": "none"}
        kates.settings(report={"deliver": ["smtp"]}, smtp=smtp)
        assert "mail server: greets" in kates.type("doctor", "--probe").out
        assert server.post.taken == []
    typed = kates.type("doctor", "--probe")
    assert typed.code == 3
    assert "mail server: " in typed.err


def test_a_way_out_that_the_settings_cannot_open_is_found_before_monday(kates: House) -> None:
    kates.settings(
        report={"deliver": ["smtp"]},
        smtp={"host": "mail.ourco.example", "security": "none", "user": "kate"},
    )
    typed = kates.type("doctor")
    assert typed.code == 3
    assert "[report] deliver smtp: [smtp] would send its password unprotected" in typed.err
