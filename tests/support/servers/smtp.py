"""A real SMTP server on loopback that takes, refuses, delays and falls silent as it is told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Literal

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Security = Literal["starttls", "tls", "none"]


@dataclass
class Post:
    """What the server was told, and what it took."""

    taken: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    connections: int = 0
    rcpt: str = "250 OK"
    data: str = "250 2.0.0 OK queued"
    #: After taking the mail: say nothing for so long [s], or cut the line.
    silent: float = 0.0
    cut: bool = False
    offers: str = ""
    #: Called at the recipient, and when a mail was taken, before the reply: a crash can be put here.
    on_rcpt: Callable[[], None] | None = None
    on_taken: Callable[[], None] | None = None

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, name: str, lines: list[str]
    ) -> list[str]:
        session.host_name = name
        if not self.offers:
            return lines
        others = [line for line in lines if not line[4:].startswith("AUTH")]
        return [*others[:-1], f"250-AUTH {self.offers}", others[-1]]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.on_rcpt is not None:
            self.on_rcpt()
        if self.rcpt.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.connections += 1
        if self.data.startswith("2"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.taken.append(message_from_bytes(content, policy=default))
            self.recipients += envelope.rcpt_tos
            if self.on_taken is not None:
                self.on_taken()
        if self.cut:
            line: Any = server.transport
            line.abort()
        if self.silent:
            await asyncio.sleep(self.silent)
        return self.data


class _AnyPort(Controller):
    """Port 0 lets the system choose; what it chose is known once the server listens."""

    def _trigger_server(self) -> None:
        server: Any = self.server
        self.port = int(server.sockets[0].getsockname()[1])
        super()._trigger_server()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Running:
    post: Post
    port: int
    ca_file: Path


@contextmanager
def smtp_server(
    folder: Path,
    security: Security = "none",
    *,
    user: str = "",
    password: str = "",
    offers: str = "",
) -> Iterator[Running]:
    """The server on a free port of 127.0.0.1, with a certificate of an authority of its own.

    `offers`: the logins that it names in place of those that it knows.
    """
    authority = trustme.CA()
    ca_file = folder / "authority.pem"
    authority.cert_pem.write_to_path(ca_file)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    post = Post(offers=offers)

    def check(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
        fits = (
            isinstance(given, LoginPassword)
            and given.login == user.encode()
            and given.password == password.encode()
        )
        return AuthResult(success=fits, handled=False)

    more: dict[str, Any] = {}
    if security == "starttls":
        more |= {"tls_context": context, "require_starttls": True}
    if user:
        more |= {"authenticator": check, "auth_required": True}
        more |= {"auth_require_tls": security == "starttls"}
    controller = _AnyPort(
        post,
        hostname="127.0.0.1",
        port=0,
        ssl_context=context if security == "tls" else None,
        **more,
    )
    controller.start()
    try:
        yield Running(post, controller.port, ca_file)
    finally:
        controller.stop()
