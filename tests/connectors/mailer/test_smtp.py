"""Does a mail reach a real SMTP server, and is it always known whether it did?"""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from config.errors import ConfigError, DeliveryError, TransientError
from connectors.mailer.smtp import SmtpMailer
from connectors.mailer.smtp_hints import advice, way_to_trust
from tests.support.providers.house import wait_until
from tests.support.servers.smtp import smtp_server

KATE = "kate@ourco.example"


def mail(text: str = "Hello\n") -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["From"] = KATE
    made["To"] = KATE
    made["Subject"] = "Grüße · week 47"
    made["Message-ID"] = "<one@ourco.example>"
    made.set_content(text)
    return made


def to(port: int, **more: object) -> SmtpMailer:
    return SmtpMailer("127.0.0.1", port, **({"security": "none", "timeout": 60.0} | more))  # type: ignore[arg-type]


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_mail_arrives_as_it_was_written(tmp_path: Path, security: str) -> None:
    text = "Hello\n.\n..two dots\n" + "long " * 400 + "\nÄ\n"
    with smtp_server(tmp_path, security) as server:  # type: ignore[arg-type]
        reply = to(server.port, security=security, ca_file=server.ca_file).send(mail(text), [KATE])
    (taken,) = server.post.taken
    assert reply.startswith("250")
    assert taken.get_content().replace("\r\n", "\n") == text
    assert taken["Subject"] == "Grüße · week 47"
    assert server.post.recipients == [KATE]


# aiosmtpd does not count implicit TLS as protection.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_login_is_used_and_a_wrong_one_is_refused(tmp_path: Path, security: str) -> None:
    with smtp_server(tmp_path, security, user="kate", password="right") as server:  # type: ignore[arg-type]
        common = {"security": security, "ca_file": server.ca_file, "user": "kate"}
        to(server.port, password="right", **common).send(mail(), [KATE])
        with pytest.raises(DeliveryError, match="login") as refused:
            to(server.port, password="wrong", **common).send(mail(), [KATE])
    assert len(server.post.taken) == 1
    assert refused.value.handed_over is False
    assert "NOSHOW__SMTP__PASSWORD" in refused.value.hint
    assert "wrong" not in str(refused.value)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_an_unknown_authority_is_not_trusted(
    tmp_path: Path, security: str
) -> None:
    with smtp_server(tmp_path, security) as server:  # type: ignore[arg-type]
        with pytest.raises(DeliveryError, match="certificate") as refused:
            to(server.port, security=security).send(mail(), [KATE])
    assert "ca_file" in refused.value.hint
    assert server.post.taken == []


def test_a_server_without_starttls_never_gets_the_mail(tmp_path: Path) -> None:
    with smtp_server(tmp_path, "none") as server:
        with pytest.raises(DeliveryError, match="STARTTLS"):
            to(server.port, security="starttls").send(mail(), [KATE])
    assert server.post.taken == []


def test_a_password_never_crosses_a_network_unprotected() -> None:
    with pytest.raises(ConfigError, match="unprotected"):
        SmtpMailer("mail.ourco.example", 25, security="none", user="kate", password="secret")


def test_a_refusal_for_good_is_no_reason_to_try_again(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as server:
        server.post.rcpt = "550 5.7.1 <kate@ourco.example> not here"
        with pytest.raises(DeliveryError) as refused:
            to(server.port).send(mail(), [KATE])
    assert refused.value.handed_over is False
    assert "550 5.7.1" in str(refused.value)
    assert "kate" not in str(refused.value)


def test_greylisting_says_when_to_try_again_and_the_second_try_arrives(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as server:
        server.post.rcpt = "451 4.7.1 greylisted, come back later"
        with pytest.raises(TransientError, match=r"451 4\.7\.1") as later:
            to(server.port).send(mail(), [KATE])
        assert server.post.taken == []
        server.post.rcpt = "250 OK"
        to(server.port).send(mail(), [KATE])
    assert later.value.retry_after is not None
    assert len(server.post.taken) == 1


@pytest.mark.parametrize(
    ("reply", "error"), [("554 5.6.0 no", DeliveryError), ("452 4.3.1 full", TransientError)]
)
def test_a_refusal_after_the_data_is_a_refusal(
    tmp_path: Path, reply: str, error: type[Exception]
) -> None:
    with smtp_server(tmp_path) as server:
        server.post.data = reply
        with pytest.raises(error) as refused:
            to(server.port).send(mail(), [KATE])
    assert getattr(refused.value, "handed_over", False) is False


def test_silence_after_the_data_leaves_it_unknown(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as server:
        server.post.silent = 600.0
        with pytest.raises(DeliveryError) as unknown:
            to(server.port, timeout=2.0, final_timeout=2.0).send(mail(), [KATE])
        # It may come to it only now: all was sent.
        wait_until(lambda: len(server.post.taken) == 1)
    assert unknown.value.handed_over is None


def test_a_line_cut_after_the_data_leaves_it_unknown(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as server:
        server.post.cut = True
        with pytest.raises(DeliveryError) as unknown:
            to(server.port).send(mail(), [KATE])
    assert unknown.value.handed_over is None


@contextmanager
def script(*replies: bytes | None) -> Iterator[int]:
    """A server that gives these replies, one a line of the client; None cuts the line."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines:
            for reply in replies:
                if reply is None:
                    return
                connection.sendall(reply)
                if not lines.readline():
                    return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join(5)


@pytest.mark.parametrize(
    "replies",
    [
        (None,),
        (b"220 hi\r\n", None),
        (b"220 hi\r\n", b"250 hi\r\n", None),
        (b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", None),
        (b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", None),
        (b"421 4.3.2 closing\r\n",),
        (b"220 hi\r\n", b"250 hi\r\n", b"421 4.3.2 closing\r\n"),
    ],
    ids=["greeting", "ehlo", "mail", "rcpt", "data", "busy", "busy-later"],
)
def test_a_line_lost_before_the_data_ended_surely_took_nothing(
    replies: tuple[bytes | None, ...],
) -> None:
    with script(*replies) as port, pytest.raises(TransientError):
        to(port).send(mail(), [KATE])


@pytest.mark.parametrize(
    "greeting", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff\xfe\xfd\r\n", b"* OK IMAP4rev1\r\n"]
)
def test_what_is_no_mail_server_is_said_to_be_none(greeting: bytes) -> None:
    with script(greeting) as port, pytest.raises(DeliveryError) as refused:
        to(port).send(mail(), [KATE])
    assert "is no mail server" in refused.value.message
    assert "port" in refused.value.hint
    assert refused.value.handed_over is False


@pytest.mark.parametrize("reply", [b"\xff\xfe\r\n", b"OK\r\n", b"100 later\r\n"])
def test_a_reply_after_the_data_that_is_none_leaves_it_unknown(reply: bytes) -> None:
    said = [b"220 hello\r\n", b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"]
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as lines:
            for one in said:
                connection.sendall(one)
                lines.readline()
            while lines.readline() not in (b".\r\n", b""):
                pass
            connection.sendall(reply)
            lines.readline()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener, pytest.raises(DeliveryError) as unknown:
        to(listener.getsockname()[1]).send(mail(), [KATE])
    thread.join(10)
    assert unknown.value.handed_over is None


def test_a_reply_without_an_end_ends() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            while True:
                connection.sendall(b"220-" + b"x" * 100 + b"\r\n")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener, pytest.raises(TransientError, match="cannot be reached"):
        to(listener.getsockname()[1]).send(mail(), [KATE])
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (b"552 5.3.4 message too big\r\n", "attach_page = false"),
        (b"530 5.7.0 authentication required\r\n", "set [smtp] user"),
        (b"553 5.7.1 not owned by user\r\n", "administrator allows this sender"),
    ],
)
def test_a_refusal_for_good_comes_with_what_to_do(refusal: bytes, said: str) -> None:
    with script(b"220 hi\r\n", b"250 hi\r\n", refusal, b"221 bye\r\n") as port:
        with pytest.raises(DeliveryError) as refused:
            to(port).send(mail(), [KATE])
    assert said in refused.value.hint
    assert refused.value.handed_over is False


@pytest.mark.parametrize(
    ("number", "said"),
    [(9, "clock"), (10, "clock"), (62, "as the certificate names it"), (18, "ca_file"), (20, "ca_file")],
)  # fmt: skip
def test_what_is_wrong_with_a_certificate_decides_what_to_do(number: int, said: str) -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = number
    assert said in way_to_trust(error)


def test_a_server_that_does_not_say_good_bye_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After the data it may think for ten minutes, and the report's claim is held as long."""
    waits: list[float | None] = []
    monkeypatch.setattr(
        smtplib.SMTP, "quit", lambda self: waits.append(self.sock and self.sock.gettimeout())
    )
    said = [b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"550 5.1.1 nobody\r\n"]
    with script(*said) as port, pytest.raises(DeliveryError):
        to(port).send(mail(), [KATE])
    assert waits == [5.0]


def test_a_name_that_nobody_knows_is_said() -> None:
    with pytest.raises(TransientError, match=r"nowhere\.invalid is not found"):
        SmtpMailer("nowhere.invalid", 25).send(mail(), [KATE])


def test_a_server_that_is_not_there_is_tried_again_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TransientError, match="cannot be reached"):
        to(port).send(mail(), [KATE])


def test_the_two_changes_of_2026_are_named_where_they_matter() -> None:
    assert "December 2026" in advice("smtp.office365.com")
    assert "app password" in advice("smtp.gmail.com")
    assert advice("mail.ourco.example") == ""
    assert advice("notgmail.com.example") == ""


def test_check_logs_in_and_sends_nothing(tmp_path: Path) -> None:
    with smtp_server(tmp_path, "starttls", user="kate", password="right") as server:
        to(
            server.port, security="starttls", ca_file=server.ca_file, user="kate", password="right"
        ).check()
    assert server.post.taken == []


@pytest.mark.parametrize(("user", "password"), [("kate", "paßwört€"), ("käte", "right")])
def test_a_login_beyond_ascii_goes_in_utf_8(tmp_path: Path, user: str, password: str) -> None:
    with smtp_server(tmp_path, "starttls", user=user, password=password) as server:
        how = {"security": "starttls", "ca_file": server.ca_file, "user": user}
        to(server.port, password=password, **how).send(mail(), [KATE])
        with pytest.raises(DeliveryError, match="does not accept the login"):
            to(server.port, password="fälsch", **how).send(mail(), [KATE])
    assert len(server.post.taken) == 1


@pytest.mark.parametrize(
    ("offers", "said"),
    [
        ("XOAUTH2", "XOAUTH2"),
        ("XOAUTH2 OAUTHBEARER", "only OAuth"),
        ("NTLM", "Windows"),
        ("GSSAPI NTLM", "Windows"),
        ("SCRAM-SHA-256", "SCRAM-SHA-256"),
    ],
)
def test_a_server_without_passwords_is_named_and_surely_took_nothing(
    tmp_path: Path, offers: str, said: str
) -> None:
    with smtp_server(tmp_path, offers=offers) as server:
        with pytest.raises(DeliveryError, match=said) as caught:
            to(server.port, user="kate", password="right").send(mail(), [KATE])
    assert caught.value.handed_over is False
    assert caught.value.hint


@pytest.mark.parametrize("where", ["_log_in", "_envelope", "_connect", "_prepare"])
def test_whatever_goes_wrong_before_the_data_surely_sent_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def odd(*_: object) -> None:
        raise ZeroDivisionError

    call = {"_log_in": "login", "_envelope": "mail", "_connect": "connect", "_prepare": "ehlo"}
    monkeypatch.setattr(smtplib.SMTP, call[where], odd)
    with smtp_server(tmp_path, offers="PLAIN") as server:
        user = "kate" if where == "_log_in" else ""
        with pytest.raises(DeliveryError, match="ZeroDivisionError") as caught:
            to(server.port, user=user, password="right").send(mail(), [KATE])
    assert caught.value.handed_over is False


def test_an_international_domain_travels_in_its_ascii_form(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as server:
        to(server.port).send(mail(), ["kate@müller.example"])
    assert server.post.recipients == ["kate@xn--mller-kva.example"]
