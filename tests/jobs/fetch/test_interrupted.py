"""Can everything be stopped, by hand, by the system or by a full disk, and does the next run go on?

The short forms (sync, scheduler, pipe) run in every test run; the others do the same to other commands.
"""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from connectors.sandbox.scenario.worlds import big_world
from connectors.sandbox.server.faults import Fault, Faults
from tests.support.machine.holding import held
from tests.support.providers.house import KATE, House, ended, house_with_google, wait_until
from tests.support.servers.scripted_http import Reply, Seen, serving

MESSAGES = 400


@pytest.fixture
def busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Kate's installation over a mailbox that takes a while to be read."""
    world = big_world(messages=MESSAGES, meetings=40)
    slow = Faults(Fault("slow", where="gmail.users.*.get", times=None, seconds=0.03))
    with house_with_google(tmp_path, monkeypatch, world, faults=slow) as made:
        # All of the year, so that a sync and a backfill read the same.
        made.settings(sync={"past_days": 400})
        yield made


def fetched(house: House) -> int:
    """How many mails were asked for, over HTTP."""
    assert house.google is not None
    counts = house.google.log.counts()
    return sum(number for name, number in counts.items() if name.endswith(".get"))


def all_mails(house: House) -> int:
    """How many mails Kate has: those of the world, and the notifications of its calendars."""
    assert house.world is not None
    return len(house.world.state.mailboxes[KATE].mails)


def mails_of(house: House) -> tuple[int, int]:
    """(stored, pending) as status has it."""
    (row,) = json.loads(house.type("status", "--format", "json").out)["mailboxes"]
    return int(row["mails"]), int(row["pending"])


@pytest.mark.parametrize(
    "command",
    [
        ("sync",),
        pytest.param(("backfill", "--since", "2025-11-01"), marks=pytest.mark.proof),
    ],
)
def test_ctrl_c_ends_after_the_page_says_so_and_the_next_run_goes_on(
    busy: House, command: tuple[str, ...]
) -> None:
    process = busy.start(*command)
    wait_until(lambda: fetched(busy) >= 20)
    process.send_signal(signal.SIGINT)
    typed = ended(process)
    assert typed.code == 130, typed.said
    assert "the next run goes on" in typed.out
    assert "Traceback" not in typed.said
    assert "a bug" not in typed.said
    stored, pending = mails_of(busy)
    assert 0 < stored < MESSAGES
    assert pending > 0, "what was listed waits"
    before = fetched(busy)
    assert busy.google is not None
    busy.google.faults.clear()
    again = busy.type(*command)
    assert again.code == 0, again.said
    assert mails_of(busy) == (all_mails(busy), 0)
    assert fetched(busy) - before < MESSAGES, "what was stored is not fetched again"


def test_sigterm_ends_a_sync_with_its_own_code(busy: House) -> None:
    process = busy.start("sync")
    wait_until(lambda: fetched(busy) >= 5)
    process.send_signal(signal.SIGTERM)
    typed = ended(process)
    assert typed.code == 143, typed.said
    assert "the next run goes on" in typed.out


@pytest.mark.proof
def test_a_second_ctrl_c_ends_at_once(busy: House) -> None:
    assert busy.google is not None
    busy.google.faults.clear()
    busy.google.faults.add(Fault("slow", where="gmail.users.*.get", times=None, seconds=8.0))
    process = busy.start("sync")
    wait_until(lambda: fetched(busy) >= 1)
    begun = time.monotonic()
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
    typed = ended(process)
    # The second may come when all is said: then the system ends the process, as a shell shows too.
    assert typed.code in (130, -signal.SIGINT)
    assert "goes on" in typed.said
    assert "Traceback" not in typed.said
    assert time.monotonic() - begun < 30
    busy.google.faults.clear()
    assert busy.type("sync").code == 0
    assert mails_of(busy) == (all_mails(busy), 0)


#: More than an import writes at once (connectors.files.reader.PAGE).
MANY = 40_000


def archive(folder: Path, number: int = MANY) -> Path:
    path = folder / "mail.mbox"
    at = datetime(2026, 11, 20, 8, tzinfo=UTC)
    with path.open("w") as stream:
        for one in range(number):
            stream.write(
                f"From MAILER-DAEMON Fri Nov 20 08:00:00 2026\nFrom: omar@client.example\nTo: {KATE}\n"
                f"Subject: Matter {one}\nMessage-ID: <{one}@client.example>\n"
                f"Date: {format_datetime(at - timedelta(minutes=one))}\n\nx\n\n"
            )
    return path


@pytest.mark.proof
def test_ctrl_c_in_an_import_keeps_what_was_read_and_the_same_command_goes_on(
    house: House, tmp_path: Path
) -> None:
    house.settings(mailbox={"provider": "files"})
    path = archive(tmp_path)
    process = house.start("import", str(path))
    with held(house.paths.state / "noshow.db", 1):
        process.send_signal(signal.SIGINT)
    typed = ended(process)
    assert typed.code == 130, typed.said
    assert "the next run goes on" in typed.out
    (row,) = json.loads(house.type("status", "--format", "json").out)["mailboxes"]
    assert 0 < row["mails"] < MANY
    again = house.type("import", str(path))
    assert again.code == 0, again.said
    (row,) = json.loads(house.type("status", "--format", "json").out)["mailboxes"]
    assert row["mails"] == MANY


@pytest.mark.proof
def test_ctrl_c_before_a_report_has_left_sends_none_and_the_next_run_does(kates: House) -> None:
    kates.now = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)
    assert kates.type("sync").code == 0
    running: list[subprocess.Popen[str]] = []

    def interrupts(seen: Seen) -> Reply:
        # The report is being made: it waits for this answer.
        if seen.path.endswith("/start"):
            running[0].send_signal(signal.SIGINT)
        return Reply()

    with serving(answer=interrupts) as bell:
        kates.settings(report={"ping_url": f"{bell.url}/report"})
        running.append(kates.start("run-due"))
        typed = ended(running[0])
        assert [one.path for one in bell.seen] == ["/report/start"]
    assert typed.code == 130, typed.said
    assert "the next run goes on" in typed.out
    assert not list(kates.reports.glob("*.eml"))
    # what did not end well is due again an hour later
    kates.settings()
    kates.now = datetime(2026, 11, 23, 7, 20, tzinfo=UTC)
    assert kates.type("run-due").code == 0
    assert len(list(kates.reports.glob("*.eml"))) == 1


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 0), pytest.param(signal.SIGINT, 130, marks=pytest.mark.proof)],
)
def test_the_scheduler_ends_when_it_is_asked_to(
    kates: House, number: signal.Signals, code: int
) -> None:
    process = kates.start("schedule")
    wait_until(lambda: bool(list(kates.reports.glob("*.eml"))))
    second = kates.type("schedule")
    assert second.code == 3
    assert "a scheduler is running" in second.err
    process.send_signal(number)
    typed = ended(process)
    assert typed.code == code, typed.said
    assert "stopped" in typed.out
    assert "next at" in typed.err


@pytest.mark.proof
def test_the_scheduler_ends_in_the_middle_of_a_sync_too(busy: House) -> None:
    process = busy.start("schedule")
    wait_until(lambda: fetched(busy) >= 5)
    process.send_signal(signal.SIGTERM)
    typed = ended(process)
    assert typed.code == 0, typed.said
    stored, pending = mails_of(busy)
    assert pending > 0
    assert stored < MESSAGES


@pytest.mark.proof
def test_a_full_disk_is_said_with_what_to_do_and_nothing_stored_is_lost(
    house: House, tmp_path: Path
) -> None:
    """No file may grow beyond 600 kB: what a full disk does, without needing one."""
    house.settings(mailbox={"provider": "files"})
    path = archive(tmp_path)
    few = tmp_path / "few"
    few.mkdir()
    assert house.type("import", str(archive(few, 50))).code == 0
    limit = 600_000

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    typed = ended(house.start("import", str(path), preexec_fn=small))
    assert typed.code == 4, typed.said
    assert "a bug" not in typed.said
    assert "Traceback" not in typed.said
    assert "disk" in typed.err
    assert "space" in typed.err
    (row,) = json.loads(house.type("status", "--format", "json").out)["mailboxes"]
    assert row["mails"] >= 50
    again = house.type("import", str(path))
    assert again.code == 0, again.said


def test_a_report_that_finds_no_room_is_said_and_comes_with_the_next_run(kates: House) -> None:
    assert kates.type("sync").code == 0
    kates.reports.parent.mkdir(exist_ok=True)
    kates.reports.write_text("a file where the folder should be")
    typed = kates.type("report")
    assert typed.code in (3, 4), typed.said
    assert "folder" in typed.err
    kates.reports.unlink()
    assert kates.type("report").code == 0
    assert len(list(kates.reports.glob("*.eml"))) == 1


def test_a_closed_pipe_is_no_error(kates: House) -> None:
    assert kates.type("sync").code == 0
    process = kates.start("export")
    assert process.stdout is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()


@pytest.mark.proof
def test_two_syncs_at_once_do_the_work_once(busy: House) -> None:
    first: subprocess.Popen[str] = busy.start("sync")
    wait_until(lambda: fetched(busy) >= 5)
    second = busy.type("sync")
    assert second.code == 3
    assert "skipped" in second.err
    assert ended(first, within=120).code == 0
    assert mails_of(busy) == (all_mails(busy), 0)
