"""Does a report leave through Graph at most once, and is it said whether it was taken?"""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from config.errors import DeliveryError
from connectors.microsoft.mailer import LARGEST, MicrosoftMailer
from connectors.sandbox.server.faults import Fault, Kind
from tests.support.providers.microsoft_office import DANA, KATE, Office, at, office


@pytest.fixture
def kate(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        yield made


def report(to: str = KATE) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = KATE
    mail["To"] = to
    mail["Subject"] = "Your week, Größe 1"
    mail["Message-ID"] = "<report-1@noshow.example>"
    mail.set_content("Two contacts.\n")
    mail.add_alternative("<p>Two contacts.</p>", subtype="html")
    return mail


def mailer(kate: Office) -> MicrosoftMailer:
    return MicrosoftMailer(kate.graph_for(kate.login("send")))


def test_a_report_to_oneself_comes_back_with_the_next_sync(kate: Office) -> None:
    assert mailer(kate).send(report(), [KATE]) == "<report-1@noshow.example>"
    kate.world.advance_to(at(1))
    found = kate.messages()["report-1@noshow.example"]
    assert (found.subject, found.inbox) == ("Your week, Größe 1", True)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failure_of_graph_s_leaves_it_open_whether_it_was_taken(
    kate: Office, status: int
) -> None:
    kate.sandbox.faults.add(Fault("server_error", where="sendMail", status=status, times=None))
    with pytest.raises(DeliveryError) as caught:
        mailer(kate).send(report(), [KATE])
    assert caught.value.handed_over is None
    assert kate.sandbox.log.counts()["sendMail"] == 1


def test_a_broken_line_after_it_was_taken_is_not_tried_again(kate: Office) -> None:
    kate.sandbox.faults.add(Fault("drop_after", where="sendMail"))
    with pytest.raises(DeliveryError) as caught:
        mailer(kate).send(report(), [KATE])
    assert caught.value.handed_over is None
    kate.world.advance_to(at(1))
    assert len(kate.messages()) == 1


def test_a_page_of_html_is_no_word_of_graph_s(kate: Office) -> None:
    kate.sandbox.faults.add(Fault("html", where="sendMail", times=None))
    with pytest.raises(DeliveryError, match="HTML") as caught:
        mailer(kate).send(report(), [KATE])
    assert caught.value.handed_over is None
    assert kate.sandbox.log.counts()["sendMail"] == 1


@pytest.mark.parametrize("kind", ["forbidden", "too_many"])
def test_a_refusal_is_one(kate: Office, kind: Kind) -> None:
    kate.sandbox.faults.add(Fault(kind, where="sendMail", times=None))
    with pytest.raises(DeliveryError) as caught:
        mailer(kate).send(report(), [KATE])
    assert caught.value.handed_over is False
    assert caught.value.hint


def test_a_refused_token_is_renewed_and_the_report_sent_once(kate: Office) -> None:
    sender = mailer(kate)
    kate.sandbox.faults.add(Fault("expired_token", where="sendMail"))
    sender.send(report(), [KATE])
    kate.world.advance_to(at(1))
    assert len(kate.messages()) == 1


def test_it_goes_to_the_recipients_of_its_headers_and_to_nobody_else(kate: Office) -> None:
    with pytest.raises(DeliveryError, match="recipients"):
        mailer(kate).send(report(DANA), [KATE])
    assert "sendMail" not in kate.sandbox.log.counts()


def test_what_is_too_large_is_not_tried(kate: Office) -> None:
    mail = report()
    mail.add_attachment(b"x" * LARGEST, maintype="image", subtype="png", filename="c.png")
    with pytest.raises(DeliveryError, match="bytes"):
        mailer(kate).send(mail, [KATE])
    assert "sendMail" not in kate.sandbox.log.counts()


def test_the_login_for_reading_cannot_send(kate: Office) -> None:
    with pytest.raises(DeliveryError) as caught:
        MicrosoftMailer(kate.graph).send(report(), [KATE])
    assert caught.value.handed_over is False
