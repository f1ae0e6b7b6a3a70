"""A company's HTTP proxy on loopback: it leads every CONNECT to one server, refuses, or wants a login."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import StreamRequestHandler, ThreadingTCPServer


class Proxy(ThreadingTCPServer):
    """`target`: the port that all are led to; `refusals`: what is answered first, one a request;
    `login`: what must stand after `Basic`; `asked`: the first lines of each request.
    """

    def __init__(self, target: int, refusals: tuple[bytes, ...], login: str) -> None:
        super().__init__(("127.0.0.1", 0), _Way)
        self.target, self.refusals, self.login = target, list(refusals), login
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answer(self, head: str) -> bytes:
        """What it says to this request; "" where it lets it through."""
        self.asked.append(head)
        if self.refusals:
            return self.refusals.pop(0)
        if self.login and f"Proxy-Authorization: Basic {self.login}" not in head:
            return b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
        return b""


class _Way(StreamRequestHandler):
    server: Proxy

    def handle(self) -> None:
        lines = iter(self.rfile.readline, b"\r\n")
        refused = self.server.answer(b"".join(lines).decode("latin-1"))
        if refused:
            self.wfile.write(refused)
            return
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.server.target)) as far:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pump, args=(far, self.connection))
            back.start()
            _pump(self.connection, far)
            back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65_536):
            sink.sendall(part)
    for one in (source, sink):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy(target: int, *refusals: bytes, login: str = "") -> Iterator[Proxy]:
    """The proxy for a while."""
    with Proxy(target, refusals, login) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield running
        finally:
            running.shutdown()
            thread.join()
