"""Does a report leave through Gmail at most once, and is it known whether it left?"""

from __future__ import annotations

import base64
import email
import json
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from config.errors import DeliveryError
from connectors.google.mailer import GmailMailer
from connectors.sandbox.server.faults import Fault
from tests.support.providers.google_office import KATE, Office, at, google_at, office
from tests.support.servers.scripted_http import Reply, serving


def report(to: str = KATE) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = KATE, to
    mail["Subject"] = "Your week: 2 to talk to — Grüße"
    mail["Message-ID"] = "<noshow-2026-w47@ourco.example>"
    mail.set_content("Nothing to tell.\n")
    return mail


def mailer(one: Office) -> GmailMailer:
    return GmailMailer(one.google_for(one.login("send")))


def posted(one: Office) -> int:
    return one.sandbox.log.counts()["gmail.users.messages.send"]


def test_a_report_arrives_once_and_lies_among_the_sent_mail(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        one.world.advance_to(at(1))
        reference = mailer(one).send(report(), [KATE])
        one.world.advance_to(at(1, 1))
        held = one.world.state.mailboxes[KATE].mails
        assert [mail.letter.subject for mail in held.values() if "SENT" in mail.labels] == [
            "Your week: 2 to talk to — Grüße"
        ]
        assert posted(one) == 1
    assert reference


@pytest.mark.parametrize(
    ("kind", "handed_over"),
    [
        ("drop_after", None),
        ("server_error", None),
        ("html", None),
        ("too_many", False),
        ("rate_403", False),
        ("daily_403", False),
        ("forbidden", False),
    ],
)
def test_a_failure_says_whether_it_left_and_nothing_is_sent_again(
    tmp_path: Path, kind: Any, handed_over: bool | None
) -> None:
    with office(tmp_path) as one:
        sender = mailer(one)
        one.sandbox.faults.add(Fault(kind, where="gmail.users.messages.send", times=None))
        with pytest.raises(DeliveryError) as caught:
            sender.send(report(), [KATE])
        assert posted(one) == 1
    assert caught.value.handed_over is handed_over
    assert caught.value.hint
    assert KATE not in caught.value.message


def test_an_answer_that_is_lost_on_its_way_back_is_a_report_that_left(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        sender = mailer(one)
        one.sandbox.faults.add(Fault("truncated", where="gmail.users.messages.send", times=None))
        reference = sender.send(report(), [KATE])
        assert posted(one) == 1
    assert reference == "<noshow-2026-w47@ourco.example>"


def test_a_login_for_reading_cannot_send(tmp_path: Path) -> None:
    with office(tmp_path) as one, pytest.raises(DeliveryError) as caught:
        GmailMailer(one.google).send(report(), [KATE])
    assert caught.value.handed_over is False
    assert "noshow connect" in caught.value.hint


def test_recipients_are_those_of_the_headers_or_nothing_is_sent(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        sender = mailer(one)
        for recipients in ([], ["other@ourco.example"], [KATE, "other@ourco.example"]):
            with pytest.raises(DeliveryError):
                sender.send(report(), recipients)
        assert posted(one) == 0


def test_a_success_without_an_id_is_no_word_of_gmails() -> None:
    with serving(Reply(body={"status": "ok"})) as script, google_at(script.url) as google:
        with pytest.raises(DeliveryError) as caught:
            GmailMailer(google).send(report(), [KATE])
    assert caught.value.handed_over is None


def test_the_mail_travels_as_it_is() -> None:
    with serving(Reply(body={"id": "m9"})) as script, google_at(script.url) as google:
        assert GmailMailer(google).send(report(), [KATE]) == "m9"
    raw = base64.urlsafe_b64decode(json.loads(script.seen[0].body)["raw"])
    assert raw == report().as_bytes(policy=SMTP)
    assert email.message_from_bytes(raw)["Message-ID"] == "<noshow-2026-w47@ourco.example>"
