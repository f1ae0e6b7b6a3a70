"""How does a report reach an SMTP server, and was it taken?

Once the end of the data was sent, only the server's reply says whether the mail was taken. If the
reply does not come, nobody knows: DeliveryError with `handed_over=None`, and nothing is repeated
here. Everything before that point surely was not taken (RFC 5321, sections 4.1.1.4 and 6.1).
"""

from __future__ import annotations

import base64
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any, BinaryIO, Literal

from config.endpoints import is_loopback
from config.errors import ConfigError, DeliveryError, NoshowError, TransientError
from connectors.mailer.smtp_hints import (
    advice,
    after_refusal,
    only_other_logins,
    way_to_trust,
)
from connectors.model.normal_forms import a_labels

#: A server may think for ten minutes after the end of the data (RFC 5321, section 4.5.3.2.6).
FINAL_TIMEOUT = 600.0
#: Greylisting refuses the first try and wants a second some minutes later (RFC 6647).
RETRY_AFTER = 900.0
#: How long a server may take to say good-bye [s].
_PARTING = 5.0
#: More lines than any greeting or list of extensions has.
_LINES = 1000


class _Lines:
    """A server's lines, so many at most for one reply."""

    def __init__(self, lines: BinaryIO) -> None:
        self._lines = lines
        self.left = _LINES

    def readline(self, size: int = -1) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise OSError("a reply without an end")
        return self._lines.readline(size)

    def close(self) -> None:
        self._lines.close()


class _Bounded:
    """A server whose reply ends: smtplib gathers the lines of one as long as they come."""

    file: Any
    sock: Any

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = _Lines(self.sock.makefile("rb"))
        if self.file is not None:
            self.file.left = _LINES
        reply: tuple[int, bytes] = super().getreply()  # type: ignore[misc]
        return reply


class _Server(_Bounded, smtplib.SMTP):
    pass


class _SafeServer(_Bounded, smtplib.SMTP_SSL):
    pass


class SmtpMailer:
    """Hands mails to one server. `security`: starttls, tls (implicit) or none (loopback only).

    `timeout` holds for each answer of the server, `final_timeout` for the one after the data [s].
    `ca_file` is trusted besides the system's authorities. Raises ConfigError where it holds none, or
    a password would cross a network unprotected.
    """

    def __init__(
        self,
        host: str,
        port: int = 587,
        *,
        security: Literal["starttls", "tls", "none"] = "starttls",
        user: str = "",
        password: str = "",
        ca_file: Path | None = None,
        timeout: float = 60.0,
        final_timeout: float = FINAL_TIMEOUT,
    ) -> None:
        if security == "none" and user and not is_loopback(host):
            raise ConfigError(
                "[smtp] would send its password unprotected",
                hint='set [smtp] security = "starttls" or "tls"',
            )
        self._host, self._port, self._security = host, port, security
        self._user, self._password = user, password
        self._ca_file = ca_file
        self._timeout, self._final_timeout = timeout, final_timeout
        if ca_file is not None:
            self._context()  # said now, and not when the first report is to leave

    def send(self, mail: EmailMessage, recipients: Sequence[str]) -> str:
        """Hand one mail over, once; returns the server's last reply.

        Raises TransientError where it surely was not taken and a later try may help (greylisting,
        a busy or unreachable server), DeliveryError where it was refused (`handed_over` False) or
        where nobody knows (None).
        """
        with self._troubles("write"):
            sender = a_labels(str(mail["From"].addresses[0].addr_spec))
            readers = [a_labels(one) for one in recipients]
            data = _data(mail)
        server = self._connect()
        try:
            self._prepare(server)
            self._envelope(server, sender, readers)
            return self._hand_over(server, data)
        finally:
            _leave(server)

    def check(self) -> None:
        """Connect, protect and log in, and send nothing. Raises as `send` does."""
        server = self._connect()
        try:
            self._prepare(server)
        finally:
            _leave(server)

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._ca_file is not None:
            try:
                context.load_verify_locations(self._ca_file)
            except (OSError, ssl.SSLError) as error:
                raise ConfigError(
                    f"[smtp] ca_file {self._ca_file} cannot be read",
                    hint="it must hold PEM certificates",
                ) from error
        return context

    def _connect(self) -> smtplib.SMTP:
        with self._troubles("connect"):
            if self._security == "tls":
                return _SafeServer(
                    self._host, self._port, timeout=self._timeout, context=self._context()
                )
            return _Server(self._host, self._port, timeout=self._timeout)

    def _prepare(self, server: smtplib.SMTP) -> None:
        with self._troubles("greet"):
            server.ehlo_or_helo_if_needed()
            if self._security == "starttls":
                if not server.has_extn("starttls"):
                    raise DeliveryError(
                        "the mail server offers no STARTTLS",
                        hint='set [smtp] security = "tls" with its port (465), or another server',
                    )
                server.starttls(context=self._context())
                server.ehlo()
            if self._user:
                self._log_in(server)

    def _log_in(self, server: smtplib.SMTP) -> None:
        """By what the server offers; beyond ASCII by PLAIN in UTF-8 (RFC 4616), then by LOGIN."""
        offered = server.esmtp_features.get("auth", "").upper().split()
        known = [one for one in ("CRAM-MD5", "PLAIN", "LOGIN") if one in offered]
        if offered and not known:
            raise only_other_logins(offered)
        if (self._user + self._password).isascii():
            server.login(self._user, self._password)
            return
        if "PLAIN" in offered:
            given = _base64(f"\0{self._user}\0{self._password}")
            code, text = server.docmd("AUTH", f"PLAIN {given}")
        elif "LOGIN" in offered:
            server.docmd("AUTH", f"LOGIN {_base64(self._user)}")
            code, text = server.docmd(_base64(self._password))
        else:
            raise DeliveryError(
                "the mail server offers no login for a password beyond ASCII",
                hint="choose a password of ASCII letters and signs",
            )
        if code not in (235, 503):
            raise smtplib.SMTPAuthenticationError(code, text)

    def _envelope(self, server: smtplib.SMTP, sender: str, recipients: Sequence[str]) -> None:
        options = []
        if not all(one.isascii() for one in (sender, *recipients)):
            if not server.has_extn("smtputf8"):
                raise DeliveryError(
                    "the mail server takes no addresses beyond ASCII",
                    hint="use an ASCII address, or another server",
                )
            options = ["SMTPUTF8"]
        with self._troubles("talk"):
            self._expect(server.mail(sender, options), "the sender")
            for one in recipients:
                self._expect(server.rcpt(one), "a recipient")

    def _hand_over(self, server: smtplib.SMTP, data: bytes) -> str:
        with self._troubles("talk"):
            code, text = server.docmd("DATA")
            if code != 354:
                self._expect((code, text), "the mail")
                raise DeliveryError(f"the mail server answered DATA with {code}")
            server.send(data)
        # From the final dot on the server may have taken it, whatever happens to the line.
        try:
            if server.sock is not None:
                server.sock.settimeout(max(self._timeout, self._final_timeout))
            server.send(b".\r\n")
            reply = server.getreply()
        except Exception as error:
            raise DeliveryError(
                "the mail server was given the mail and did not say whether it took it",
                handed_over=None,
                hint="the next sync looks for it in the mailbox",
            ) from error
        if not 200 <= reply[0] < 600:
            # No reply of this protocol: it may be anything, also what stands before a yes.
            raise DeliveryError(
                "the mail server was given the mail and answered in a way that is not known",
                handed_over=None,
                hint="the next sync looks for it in the mailbox",
            )
        self._expect(reply, "the mail")
        return f"{reply[0]} {_flat(reply[1])}"

    def _expect(self, reply: tuple[int, bytes], what: str) -> None:
        code, text = reply
        if 200 <= code < 300:
            return
        if 400 <= code < 500:
            raise TransientError(
                f"the mail server does not take {what} now ({_code(code, text)})",
                retry_after=RETRY_AFTER,
                hint="greylisting or a full queue: the next run tries again",
            )
        if not 200 <= code < 600:
            raise DeliveryError(
                f"what answers at {self._host} is no mail server that sends",
                hint="check [smtp] host, port and security",
            )
        raise DeliveryError(
            f"the mail server refuses {what} ({_code(code, text)})",
            hint=after_refusal(code, _code(code, text), self._host, login=bool(self._user)),
        )

    @contextmanager
    def _troubles(self, where: Literal["write", "connect", "greet", "talk"]) -> Iterator[None]:
        """All troubles before the end of the data: the mail surely was not taken."""
        try:
            yield
        except NoshowError:
            raise
        except smtplib.SMTPAuthenticationError as error:
            code = _code(error.smtp_code, error.smtp_error)
            if 400 <= error.smtp_code < 500:
                raise TransientError(
                    f"the mail server cannot check the login now ({code})", retry_after=RETRY_AFTER
                ) from error
            raise DeliveryError(
                f"the mail server does not accept the login ({code})",
                hint=advice(self._host)
                or "check [smtp] user, and the password in NOSHOW__SMTP__PASSWORD",
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryError(
                "the mail server offers no login that is supported here",
                hint=advice(self._host) or "leave [smtp] user empty, or use another server",
            ) from error
        except ssl.SSLCertVerificationError as error:
            raise DeliveryError(
                f"the mail server's certificate is not trusted: {error.verify_message}",
                hint=way_to_trust(error),
            ) from error
        except socket.gaierror as error:
            raise TransientError(
                f"the mail server's name {self._host} is not found",
                retry_after=RETRY_AFTER,
                hint="check [smtp] host, and the network, if this stays so",
            ) from error
        except smtplib.SMTPResponseException as error:
            self._expect((error.smtp_code, _bytes(error.smtp_error)), "the connection")
            raise DeliveryError("the mail server answered in a way that is not known") from error
        except (OSError, smtplib.SMTPException) as error:
            raise TransientError(
                f"the mail server cannot be reached ({where}: {type(error).__name__})",
                retry_after=RETRY_AFTER,
                hint="check [smtp] host, port and security if this stays so",
            ) from error
        except Exception as error:
            # Of whatever kind: before the data nothing has left.
            raise DeliveryError(
                f"the mail could not be handed over ({where}: {type(error).__name__})",
                hint="check [smtp] user, password and host for signs that do not belong there",
            ) from error


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _data(mail: EmailMessage) -> bytes:
    """The mail as 7-bit lines with CRLF and doubled leading dots, without the final dot."""
    raw = mail.as_bytes(policy=SMTP.clone(cte_type="7bit"))
    lines = re.sub(rb"\r\n|\n|\r(?!\n)", b"\r\n", raw)
    dotted = re.sub(rb"(?m)^\.", b"..", lines)
    return dotted if dotted.endswith(b"\r\n") else dotted + b"\r\n"


def _leave(server: smtplib.SMTP) -> None:
    """What the server says to QUIT changes nothing any more, and is not waited for long."""
    with suppress(OSError, smtplib.SMTPException):
        if server.sock is not None:
            server.sock.settimeout(_PARTING)
        server.quit()
    server.close()


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _flat(text: bytes) -> str:
    return " ".join(text.decode("ascii", "replace").split())[:200]


#: RFC 3463: the enhanced status code is all of a reply that surely holds no address.
_ENHANCED: Callable[[str], re.Match[str] | None] = re.compile(r"[245]\.\d{1,3}\.\d{1,3}").match


def _code(code: int, text: bytes | str) -> str:
    """`550 5.7.1`: the codes only, since a reply's words may hold addresses."""
    found = _ENHANCED(_flat(_bytes(text)))
    return f"{code} {found.group()}" if found else str(code)
