"""A real HTTP server on loopback that answers as a test scripts it, and remembers what it was asked."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from config.errors import TransientError

DROP = "drop"  # close the connection without an answer
CUT = "cut"  # announce more bytes than are sent


@dataclass(frozen=True)
class Reply:
    """`body`: JSON if no bytes; `fault`: DROP, CUT or "" (none); `trickle`: [s] between bytes."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""
    trickle: float = 0.0
    chunked: bool = False


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    peer: tuple[str, int]


class Script:
    """The server's side: `url`, the requests `seen`, and what to answer (`answer` may be set)."""

    def __init__(self, answer: Callable[[Seen], Reply]) -> None:
        self.answer = answer
        self.seen: list[Seen] = []
        self.url = ""
        self.ended = threading.Event()


def one_after_another(*replies: Reply) -> Callable[[Seen], Reply]:
    """Each reply once, in order; the last one for ever after."""
    left = list(replies)
    lock = threading.Lock()

    def answer(_seen: Seen) -> Reply:
        with lock:
            return left.pop(0) if len(left) > 1 else left[0]

    return answer


def failure(status: int, reason: str = "", **headers: str) -> Reply:
    """An error answer in Google's classic form."""
    errors = [{"reason": reason, "domain": "global", "message": "dana@client.example failed"}]
    body = {"error": {"code": status, "message": "dana@client.example failed", "errors": errors}}
    return Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


@contextmanager
def serving(
    *replies: Reply,
    answer: Callable[[Seen], Reply] | None = None,
    tls: ssl.SSLContext | None = None,
) -> Iterator[Script]:
    """The server for a while, with scripted replies or a function of the request."""
    script = Script(answer or one_after_another(*(replies or (Reply(),))))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            parts = urlsplit(self.path)
            seen = Seen(
                self.command,
                parts.path,
                parse_qs(parts.query, keep_blank_values=True),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
                self.client_address,
            )
            script.seen.append(seen)
            self.play(script.answer(seen))

        do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 - their base's names

        def play(self, reply: Reply) -> None:
            if reply.fault == DROP:
                self.close_connection = True
                self.connection.close()
                return
            content = (
                reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
            )
            self.send_response_only(reply.status)  # without a Date: its time is nobody's
            if not any(name.lower() == "content-type" for name in reply.headers):
                self.send_header("Content-Type", "application/json; charset=UTF-8")
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.chunked:
                self.send_header("Transfer-Encoding", "chunked")
            else:
                extra = 100 if reply.fault == CUT else 0
                self.send_header("Content-Length", str(len(content) + extra))
            self.end_headers()
            if reply.chunked:
                self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
                if reply.fault != CUT:
                    self.wfile.write(b"0\r\n\r\n")
            elif reply.trickle:
                for byte in content:
                    if script.ended.wait(reply.trickle):
                        break
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
            else:
                self.wfile.write(content)
            if reply.fault == CUT:
                self.wfile.flush()
                self.close_connection = True
                self.connection.close()

        def handle(self) -> None:
            try:
                super().handle()
            except (ConnectionError, ValueError, OSError):
                self.close_connection = True

        def finish(self) -> None:
            with suppress(ConnectionError, ValueError, OSError):
                super().finish()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its base's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    script.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield script
    finally:
        script.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Purse:
    """A limiter that counts; with `holds`, it refuses when a key's units are spent."""

    def __init__(self, holds: int | None = None) -> None:
        self.holds = holds
        self.taken: dict[str, int] = {}
        self.refunded: dict[str, int] = {}
        self._lock = threading.Lock()

    def take(self, key: str, units: int) -> None:
        with self._lock:
            spent = self.taken.get(key, 0) - self.refunded.get(key, 0)
            if self.holds is not None and spent + units > self.holds:
                raise TransientError("the run's quota is used up")
            self.taken[key] = self.taken.get(key, 0) + units

    def refund(self, key: str, units: int) -> None:
        with self._lock:
            self.refunded[key] = self.refunded.get(key, 0) + units

    def net(self, key: str) -> int:
        return self.taken.get(key, 0) - self.refunded.get(key, 0)


class Fast:
    """Time that passes only by sleeping: what was slept is in `naps` [s].

    `really`: this share of a nap is slept, where what others do meanwhile matters.
    """

    def __init__(self) -> None:
        self.naps: list[float] = []
        self.really = 0.0

    def steady(self) -> float:
        return sum(self.naps)

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        if self.really:
            time.sleep(seconds * self.really)
