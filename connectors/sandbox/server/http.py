"""How does a sandbox speak HTTP? A threaded server on loopback, plain or over TLS.

The one thing it adds to the standard library's is that a reply may be sent damaged: cut short,
or not at all with the connection reset. Only 127.0.0.1 is ever bound.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came. `query` keeps the order and the repetition of values."""

    verb: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: bytes = b""

    def header(self, name: str) -> str:
        """A header's value whatever its case; "" where absent."""
        return next((v for k, v in self.headers.items() if k.lower() == name.lower()), "")


@dataclass(slots=True)
class Reply:
    """One answer. `cut`: send only this share of the body; `drop`: send nothing and reset."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: float | None = None
    drop: bool = False


def parse(verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Request:
    """A request from its parts. `x-http-method-override` turns a form POST back into a GET.

    Google's client sends GETs with long addresses in that way (facts/google.md 5).
    """
    parts = urlsplit(target)
    query = parse_qs(parts.query, keep_blank_values=True)
    request = Request(verb, unquote(parts.path), query, headers, body)
    override = request.header("x-http-method-override").upper()
    if verb == "POST" and override:
        if request.header("content-type").startswith("application/x-www-form-urlencoded"):
            form = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
            query = {**query, **form}
            body = b""
        request = Request(override, request.path, query, headers, body)
    return request


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        reply = self.server.answer(parse(self.command, self.path, dict(self.headers), body))
        if reply.drop:
            self._reset()
            return
        head = {
            "Content-Type": "application/json; charset=UTF-8",
            "Date": format_datetime(self.server.now().astimezone(UTC), usegmt=True),
            **reply.headers,
        }
        lines = [f"HTTP/1.1 {reply.status} {self.responses.get(reply.status, ('',))[0]}"]
        lines += [f"{name}: {value}" for name, value in head.items()]
        lines.append(f"Content-Length: {len(reply.body)}")
        sent = reply.body
        if reply.cut is not None:
            sent = sent[: int(len(sent) * reply.cut)]
            self.close_connection = True
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + sent)

    def _reset(self) -> None:
        """End the connection as a crashed peer does: with a reset, not in good order."""
        self.close_connection = True
        raw = self.connection
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.close()

    def setup(self) -> None:
        if isinstance(self.request, ssl.SSLSocket):
            self.request.settimeout(10)
            self.request.do_handshake()
            self.request.settimeout(None)
        super().setup()

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            # The connection was reset on purpose, or its client has gone.
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing: requests are in the sandbox's own log."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    tls: ssl.SSLContext | None = None
    answer: Callable[[Request], Reply]
    now: Callable[[], datetime]

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.live: set[Any] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        raw, address = super().get_request()
        if self.tls is not None:
            # The handshake is made in the connection's own thread: a slow client blocks nobody.
            raw = self.tls.wrap_socket(raw, server_side=True, do_handshake_on_connect=False)
        return raw, address

    def process_request(self, request: Any, client_address: Any) -> None:
        self.live.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.live.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End connections that are kept alive: a closed server must not answer on."""
        for open_socket in list(self.live):
            with contextlib.suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error of the server's."""


class Listener:
    """A running server. `tls` is a ready context or the pair (certificate file, key file); `now`
    is what its answers say in their Date.
    """

    def __init__(
        self,
        answer: Callable[[Request], Reply],
        tls: ssl.SSLContext | tuple[str, str] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.answer = answer
        self._server.now = now
        if isinstance(tls, tuple):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            tls = context
        self._server.tls = tls
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    @property
    def root(self) -> str:
        """`http://127.0.0.1:PORT/`; https, and by the name localhost, over TLS."""
        port = self._server.server_address[1]
        if self._server.tls is not None:
            return f"https://localhost:{port}/"
        return f"http://127.0.0.1:{port}/"

    def close(self) -> None:
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join(5)
