"""What lies between noshow and its database server? A cable that a test cuts at a chosen moment.

It passes bytes both ways and reads no more of PostgreSQL's protocol than where the client has said all
of a request: after a simple query, a Sync or the end of a COPY (https://www.postgresql.org/docs/current/protocol.html).
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import sqlalchemy

#: Decides what is done with a request, by its number and its bytes: pass, cut it off before the server
#: sees it, or pass it and cut its answer off.
Verdict = Callable[[int, bytes], str]


class Cable:
    """A cable to one server. `verdict` is asked for each request; all connections are counted together."""

    def __init__(self, url: str) -> None:
        self._to = sqlalchemy.make_url(url)
        self.verdict: Verdict = lambda _number, _request: "pass"
        self.requests = 0
        self._guard = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        # Without encryption the first bytes are the session's start.
        self.url = self._to.set(
            port=self._listener.getsockname()[1],
            query={"sslmode": "disable", "gssencmode": "disable"},
        ).render_as_string(hide_password=False)

    def serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._lead, args=(client,), daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _lead(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self._to.port or 0))
        mute = threading.Event()
        # Both ends are shut before they are closed, so that whoever reads there wakes up.
        with client, server:
            back = threading.Thread(target=_pass_back, args=(server, client, mute), daemon=True)
            back.start()
            with suppress(OSError):
                self._pass(client, server, mute, back)
            for end in (client, server):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            back.join()

    def _pass(
        self,
        client: socket.socket,
        server: socket.socket,
        mute: threading.Event,
        back: threading.Thread,
    ) -> None:
        server.sendall(_message(client, typed=False))
        held = b""
        while message := _message(client, typed=True):
            held += message
            if message[:1] not in (b"Q", b"S", b"c"):
                # Passwords and the like are no requests.
                if message[:1] == b"p":
                    server.sendall(held)
                    held = b""
                continue
            with self._guard:
                self.requests += 1
                verdict = self.verdict(self.requests, held)
            if verdict == "cut":
                return
            if verdict == "mute":
                mute.set()
            server.sendall(held)
            held = b""
            if verdict == "mute":
                # The server has done it when it says so, and nobody hears it.
                back.join()
                return
        server.sendall(held)


def _pass_back(server: socket.socket, client: socket.socket, mute: threading.Event) -> None:
    with suppress(OSError):
        while said := server.recv(1 << 16):
            if mute.is_set():
                return
            client.sendall(said)
    with suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


def _message(source: socket.socket, *, typed: bool) -> bytes:
    """One message of the client; nothing at its end."""
    head = _exactly(source, 5 if typed else 4)
    if not head:
        return b""
    return head + _exactly(source, int.from_bytes(head[-4:]) - 4)


def _exactly(source: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        part = source.recv(count - len(found))
        if not part:
            return b""
        found += part
    return found


@contextmanager
def cable(url: str) -> Iterator[Cable]:
    """A cable to the database of this url, at its own `url`."""
    laid = Cable(url)
    threading.Thread(target=laid.serve, daemon=True).start()
    try:
        yield laid
    finally:
        laid.close()
