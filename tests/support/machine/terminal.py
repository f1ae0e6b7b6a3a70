"""Somebody at a terminal, and their browser: what they see, what they type, where they end."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import time
from contextlib import suppress
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, build_opener

from tests.support.providers.house import NOSHOW, House, Typed


class Terminal:
    """A pseudo-terminal with noshow in it: what it shows, and what is typed into it."""

    def __init__(self, house: House, *words: str) -> None:
        self.shown = ""
        master, slave = pty.openpty()
        self._master = master
        self._process = subprocess.Popen(
            [str(NOSHOW), *words],
            env={**os.environ, **house.variables(), "TERM": "dumb", "COLUMNS": "200"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_at_a_terminal,
        )
        os.close(slave)

    def until(self, *texts: str, within: float = 90.0) -> str:
        """Read until one of the texts is shown; returns what was shown since the last time."""
        begin, limit = len(self.shown), time.monotonic() + within
        while not any(text in self.shown[begin:] for text in texts):
            assert time.monotonic() < limit, f"not shown: {texts}\n{self.shown}"
            if not self._read():
                break
        assert any(text in self.shown[begin:] for text in texts), self.shown
        return self.shown[begin:]

    def type(self, line: str) -> None:
        os.write(self._master, f"{line}\n".encode())

    def press_ctrl_c(self) -> None:
        """As somebody does: again, where the first came in the moment before the line was read."""
        for _ in range(10):
            with suppress(OSError):  # it has ended
                os.write(self._master, b"\x03")
            limit = time.monotonic() + 3
            while time.monotonic() < limit:
                if not self._read() or self._process.poll() is not None:
                    return

    def end(self) -> Typed:
        limit = time.monotonic() + 90
        while self._read() and time.monotonic() < limit:
            pass
        if self._process.poll() is None and time.monotonic() >= limit:
            self._process.kill()
        code = self._process.wait(timeout=30)
        os.close(self._master)
        return Typed(code, self.shown, "")

    def _read(self) -> bool:
        ready, _, _ = select.select([self._master], [], [], 0.2)
        if not ready:
            return self._process.poll() is None
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the other end is closed
            return False
        self.shown += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)


def _at_a_terminal() -> None:
    """The terminal is the session's own, so that Ctrl-C reaches it, and it is heard.

    What a shell starts in the background ignores it, and so would its children.
    """
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def came_back(address: str) -> str:
    """Where the browser ends that opens the consent page and agrees: a page that cannot be shown."""

    class Stay(HTTPRedirectHandler):
        def redirect_request(self, *args: object) -> None:
            return None

    try:
        build_opener(Stay()).open(address, timeout=10)
    except HTTPError as error:
        return str(error.headers["Location"])
    raise AssertionError("the consent page did not send the browser back")
