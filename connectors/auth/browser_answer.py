"""How does a browser on this machine bring an answer back to us?

A loopback port of ours (RFC 8252 7.3) takes one request that bears the state which we gave. Any
program on this machine can connect to it: one that connects and says nothing keeps nobody waiting,
and one that says something else is refused.
"""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

#: A browser says at once what it wants [s].
_SILENCE = 10


class BrowserAnswer(ThreadingHTTPServer):
    """Listens from its making on; `wait` gives the path that came back with our state."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Page)
        self.expected = ""
        self.caught = ""
        self.answered = threading.Event()

    @property
    def redirect_uri(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def wait(self, state: str, timeout: float) -> str:
        """The path and query of the request with this state; "" where none came within [s]."""
        self.expected = state
        serving = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        serving.start()
        try:
            self.answered.wait(timeout)
        finally:
            self.shutdown()
        return self.caught

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is no reason to print anything."""

    def __enter__(self) -> BrowserAnswer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.server_close()


class _Page(BaseHTTPRequestHandler):
    server: BrowserAnswer
    timeout = _SILENCE

    def do_GET(self) -> None:
        state = parse_qs(urlsplit(self.path).query).get("state", [""])[0]
        ours = bool(self.server.expected) and state == self.server.expected
        words = (
            "noshow has its answer. You can close this window."
            if ours
            else "This is not the page that noshow waits for."
        )
        self.send_response(200 if ours else 404)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words.encode())
        if ours:
            self.server.caught = self.path
            self.server.answered.set()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its base's name
        """The path holds the code: it is not logged."""
