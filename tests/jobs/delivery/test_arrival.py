"""Is a report by mail never there twice without saying so, and never silently not at all?

The real command, a real SMTP server and Kate's Gmail, with the clock driven by hand.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from queue import SimpleQueue

import pytest

from connectors.sandbox.scenario.worlds import small_world
from connectors.sandbox.server.faults import Fault
from tests.support.providers.house import KATE, House, Typed, ended, house_with_google
from tests.support.servers.smtp import Running, smtp_server

MONDAY = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)  # 07:05 in Berlin


@dataclass
class Post:
    """Kate's installation with a mail server, and her Gmail in which its mails may arrive."""

    house: House
    server: Running

    def at(self, **later: float) -> None:
        """Move the clock to Monday 07:05 and so much later."""
        world = self.house.world
        assert world is not None
        self.house.now, self.house.commands = MONDAY + timedelta(**later), 0
        world.advance_to(max(world.now, self.house.now))

    def tick(self, **later: float) -> Typed:
        """What cron does at that time."""
        self.at(**later)
        return self.house.type("run-due")

    def arrive(self) -> None:
        """The last mail that the server took lies in Kate's Gmail, with another Message-ID."""
        world = self.house.world
        assert world is not None
        world.mail(world.now, "noshow@ourco.example", KATE, str(self.taken[-1]["Subject"]))

    @property
    def taken(self) -> list[EmailMessage]:
        return self.server.post.taken

    @property
    def status(self) -> str:
        return self.house.type("status").said


@pytest.fixture
def post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    world = small_world(MONDAY)
    with smtp_server(tmp_path) as server:
        with house_with_google(tmp_path, monkeypatch, world) as made:
            made.settings(
                report={"deliver": ["smtp"]},
                smtp={"host": "127.0.0.1", "port": server.port, "security": "none", "timeout": 5.0},
            )
            yield Post(made, server)


def test_a_report_that_arrives_is_seen_by_the_next_sync_and_sent_once(post: Post) -> None:
    assert post.tick().code == 0
    assert len(post.taken) == 1
    assert "handed over" in post.status
    post.arrive()
    assert post.tick(hours=2.5).code == 0
    assert "arrived" in post.status
    for hours in (4, 6, 8):
        post.tick(hours=hours)
    assert len(post.taken) == 1


@pytest.mark.proof  # the short form: tests/delivery, with a pigeon for the server
def test_a_report_that_does_not_arrive_is_sent_once_more_and_its_loss_is_said(post: Post) -> None:
    post.tick()
    for hours in (2.1, 4.2):
        assert post.tick(hours=hours).code == 0
    assert len(post.taken) == 1, "six hours have not passed"
    assert "smtp: handed over" in post.tick(hours=6.5).out
    first, second = post.taken
    assert first["Message-ID"] != second["Message-ID"]
    assert "sent again" in str(second["Subject"])
    for hours in (9, 11, 14, 17):
        post.tick(hours=hours)
    assert len(post.taken) == 2, "never a third time"
    assert "sent, and not in the mailbox" in post.status
    post.tick(days=7)
    assert len(post.taken) == 3, "the next week's"
    body = post.taken[2].get_body(("plain",))
    assert body is not None
    words = " ".join(body.get_content().split())
    assert "You may have missed the report of 2026-W47: sent, and not in the mailbox" in words


def test_a_mail_still_to_be_fetched_may_be_the_report_and_is_waited_for(post: Post) -> None:
    post.tick()
    google = post.house.google
    assert google is not None
    post.arrive()
    for what in ("messages", "threads"):
        google.faults.add(Fault("daily_403", where=f"gmail.users.{what}.get", times=None))
    for hours in (2.5, 5, 7.5):
        assert post.tick(hours=hours).code == 3
    assert len(post.taken) == 1, "it lies there, only nobody could read it"
    google.faults.clear()
    assert post.tick(hours=10).code == 0
    assert "arrived" in post.status
    assert len(post.taken) == 1


def test_greylisting_leaves_the_report_due_and_it_goes_out_an_hour_later_once(post: Post) -> None:
    post.server.post.rcpt = "451 4.7.1 later"
    first = post.tick()
    assert first.code == 3
    assert "451 4.7.1" in first.err
    assert "sending failed" in post.status
    assert post.tick(minutes=30).code == 0, "it is not asked again every quarter of an hour"
    post.server.post.rcpt = "250 OK"
    assert "handed over" in post.tick(minutes=70).out
    (mail,) = post.taken
    assert "sent again" not in str(mail["Subject"])


def test_a_refusal_for_two_days_is_said_in_the_next_report(post: Post) -> None:
    post.server.post.rcpt = "550 5.7.1 no"
    typed = post.tick()
    assert typed.code == 3
    assert "550 5.7.1" in typed.err
    post.tick(hours=49)
    assert post.taken == []
    assert "missed the report of 2026-W47: sending failed" in post.status
    post.server.post.rcpt = "250 OK"
    assert post.tick(days=7).code == 0
    (mail,) = post.taken
    body = mail.get_body(("plain",))
    assert body is not None
    assert "You may have missed the report of 2026-W47" in " ".join(body.get_content().split())


def test_a_line_cut_after_the_data_is_settled_by_the_mailbox(post: Post) -> None:
    post.server.post.cut = True
    typed = post.tick()
    assert typed.code == 3
    assert "nobody knows whether" in typed.err
    post.server.post.cut = False
    post.arrive()
    assert post.tick(hours=2.5).code == 0
    assert "arrived" in post.status
    post.tick(hours=8)
    assert len(post.taken) == 1


@pytest.mark.proof  # the short form: tests/delivery, where the process only raises
@pytest.mark.parametrize("moment", ["before the server took it", "after the server took it"])
def test_a_process_killed_while_it_sends_leaves_one_report_or_one_that_says_it_is_the_second(
    post: Post, moment: str
) -> None:
    running: SimpleQueue[int] = SimpleQueue()

    def kill() -> None:
        os.kill(running.get(), signal.SIGKILL)

    after = moment.startswith("after")
    setattr(post.server.post, "on_taken" if after else "on_rcpt", kill)
    post.at()
    process = post.house.start("run-due")
    running.put(process.pid)
    assert ended(process).code == -signal.SIGKILL
    post.server.post.on_taken = post.server.post.on_rcpt = None
    assert len(post.taken) == after
    if after:
        post.arrive()
    for hours in (1.5, 3.5, 5.5, 7.5, 9.5):
        assert post.tick(hours=hours).code == 0
    assert len(post.taken) == 1
    assert ("sent again" in str(post.taken[0]["Subject"])) is not after
    if not after:
        post.arrive()
        post.tick(hours=12)
    assert "arrived" in post.status


def test_by_gmail_itself_the_report_is_sent_seen_and_in_no_statistic(post: Post) -> None:
    post.house.settings(report={"deliver": ["provider"]})
    typed = post.tick()
    assert typed.code == 3
    assert "--for sending" in typed.err, "reading gives no right to send"
    post.house.log_in("send")
    assert "provider: handed over" in post.tick(hours=1.1).out
    assert post.tick(hours=3.5).code == 0
    assert "arrived" in post.status
    assert len(json.loads(post.house.type("export").out)["mail_classes"]) > 20


def test_one_way_out_that_cannot_be_opened_does_not_keep_the_others_shut(post: Post) -> None:
    post.house.settings(mailbox={"provider": "files"}, report={"deliver": ["provider", "folder"]})
    typed = post.tick()
    assert typed.code == 3
    assert "no provider that could send" in typed.err
    assert len(list(post.house.reports.glob("2026-W47*.eml"))) == 1
