"""Does a monitoring service hear what happened, and does an alarm ring when data is old?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from config.errors import StoreError
from connectors.sandbox.server.faults import Fault
from connectors.store.ledger import Ledger
from jobs.delivery import weekly
from jobs.providers.pings import Signal, address
from tests.support.providers.house import KATE, House
from tests.support.servers.scripted_http import Reply, Script, serving

MONDAY = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)  # 07:05 in Berlin


@pytest.fixture
def bell() -> Iterator[Script]:
    """A monitoring service."""
    with serving() as script:
        yield script


@pytest.fixture
def watched(kates: House, bell: Script) -> House:
    """Kate's house, whose looks and reports are watched."""
    kates.now = MONDAY
    kates.settings(
        sync={"ping_url": f"{bell.url}/ping/looks"},
        report={"ping_url": f"{bell.url}/ping/report"},
    )
    return kates


def rung(bell: Script) -> list[str]:
    """What was told since it was last asked."""
    paths = [one.path.removeprefix("/ping/") for one in bell.seen]
    bell.seen.clear()
    return paths


def test_start_and_success_are_told_with_the_id_of_the_run_and_a_busy_lock_is_no_failure(
    watched: House, bell: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weekly, "_WAIT", 0.0)
    with watched.store() as store:
        number = store.mailboxes.ensure(KATE, "google", "Europe/Berlin")
        with store.locks.mailbox(number), store.locks.report():
            typed = watched.type("run-due")
    assert typed.code == 3
    assert rung(bell) == ["looks/log", "report/log"]
    assert watched.type("run-due").code == 0
    (run,) = {one.query["rid"][0] for one in bell.seen}
    assert UUID(run)
    assert all(one.method == "GET" and not one.body for one in bell.seen)
    assert rung(bell) == ["looks/start", "looks", "report/start", "report"], "it did nothing yet"
    assert watched.type("run-due").said == ""
    assert rung(bell) == [], "nothing was due, and nothing is told"


def test_a_login_that_is_gone_is_told_as_a_failure_at_once(watched: House, bell: Script) -> None:
    for file in watched.paths.tokens.iterdir():
        file.unlink()
    assert watched.type("sync").code in (2, 4)
    assert rung(bell) == ["looks/fail"]


def test_a_bug_in_a_report_is_told_as_a_failure(
    watched: House, bell: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("a mistake")

    monkeypatch.setattr(weekly, "found", broken)
    typed = watched.type("run-due")
    assert typed.code == 1
    assert rung(bell) == ["looks/start", "looks", "report/start", "report/fail"]


def test_a_look_that_fails_once_is_no_alarm_and_old_data_is(watched: House, bell: Script) -> None:
    assert watched.google is not None
    assert watched.type("sync").code == 0
    rung(bell)
    watched.google.faults.add(Fault("daily_403", where="calendar.events.list", times=None))
    assert watched.type("sync").code == 3
    assert rung(bell) == ["looks/start", "looks"], "what is known is two hours old at most"
    assert watched.type("status").code == 0
    watched.now = MONDAY + timedelta(hours=30)
    typed = watched.type("run-due")
    assert typed.code == 3
    assert rung(bell) == ["looks/start", "looks/fail", "report/start", "report/fail"]
    assert "incomplete" in watched.newest(".eml").lower().split("\n\n")[0]
    typed = watched.type("status")
    assert typed.code == 3
    assert f"{KATE}: calendar last read to the end on 2026-11-23 07:0" in typed.err
    assert "mail last" not in typed.err
    tree = json.loads(watched.type("status", "--format", "json").out)
    assert [one for one in tree["problems"] if "calendar last read" in one]
    watched.google.faults.clear()
    assert watched.type("sync").code == 0
    assert rung(bell) == ["looks/start", "looks"]
    assert watched.type("status").code == 0


def test_an_export_is_as_old_as_its_newest_file_and_may_be_older(house: House) -> None:
    house.settings(mailbox={"provider": "files"})
    house.now = MONDAY
    folder = house.home / "mail"
    folder.mkdir()
    (folder / "one.eml").write_text(
        f"From: dana@client.example\nTo: {KATE}\nDate: Mon, 23 Nov 2026 06:00:00 +0000\n"
        "Message-ID: <1@client.example>\nSubject: Hello\n\nText\n"
    )
    assert house.type("import", str(folder)).code == 0
    assert house.type("status").code == 0
    house.now = MONDAY + timedelta(hours=103)
    assert house.type("status").code == 0
    house.now = MONDAY + timedelta(hours=106)
    typed = house.type("status")
    assert typed.code == 3
    assert "files last read to the end" in typed.err
    said = typed.err + house.type("report", "--to", "stdout").err
    assert said.count("-> noshow import FILES...") == 2
    assert "noshow sync" not in said, "which reads no files"


def test_a_service_that_is_not_there_or_is_wrong_keeps_nothing_back(
    watched: House, bell: Script
) -> None:
    bell.answer = lambda seen: Reply(404 if seen.path.endswith(("start", "looks")) else 200)
    typed = watched.type("sync")
    assert typed.code == 0
    assert typed.err.count("answered 404 -> correct ping_url") == 1
    watched.settings(sync={"ping_url": "http://127.0.0.1:9/x"})
    typed = watched.type("sync")
    assert typed.code == 0
    assert "could not be told" in typed.err


@pytest.mark.parametrize(
    ("url", "signal", "where"),
    [
        ("https://hc.example/uuid", Signal.START, "https://hc.example/uuid/start"),
        ("https://hc.example/uuid/", Signal.FAIL, "https://hc.example/uuid/fail"),
        ("https://hc.example/uuid/", Signal.SUCCESS, "https://hc.example/uuid/"),
        ("https://hc.example", Signal.LOG, "https://hc.example/log"),
        ("https://hc.example/k/noshow?create=1", Signal.FAIL, "https://hc.example/k/noshow/fail?create=1"),
    ],
)  # fmt: skip
def test_a_signal_stands_at_the_end_of_the_path(url: str, signal: Signal, where: str) -> None:
    assert address(url, signal) == where


@pytest.mark.parametrize("url", ["hc-ping.com/uuid", "ftp://hc.example/x", "https://"])
def test_an_address_that_cannot_be_asked_is_refused(house: House, url: str) -> None:
    house.settings(report={"ping_url": url})
    typed = house.type("status")
    assert typed.code == 2
    assert "ping_url" in typed.err


def test_a_full_disk_rings_although_nothing_can_be_written_down(
    watched: House, bell: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(Ledger, "finish_run", full)
    assert watched.type("sync").code == 4
    assert rung(bell) == ["looks/start", "looks/fail"]
