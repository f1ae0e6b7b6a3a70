"""How is a page driven as a person drives it: real keys, any width, dark or light, on paper?

Chromium's own protocol over two pipes (--remote-debugging-pipe), so that no port is opened. One
browser serves all tests of a process; each page is a tab of its own. It can reach nothing but files.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_SECONDS = 60.0
#: Chromium reads the protocol from descriptor 3 and writes to 4; ours may be any, even these two.
_AT_3_AND_4 = (
    "import os, sys; ends = [os.dup(os.dup(os.dup(int(one)))) for one in sys.argv[1:3]];"
    "[os.dup2(end, at) for end, at in zip(ends, (3, 4))]; os.execv(sys.argv[3], sys.argv[3:])"
)
#: Key codes of the protocol: (key, code, virtual key code, text that it types).
_KEYS = {
    "Tab": ("Tab", "Tab", 9, ""),
    "Enter": ("Enter", "Enter", 13, "\r"),
    "Space": (" ", "Space", 32, " "),
    "Escape": ("Escape", "Escape", 27, ""),
    "ArrowDown": ("ArrowDown", "ArrowDown", 40, ""),
    "ArrowUp": ("ArrowUp", "ArrowUp", 38, ""),
}
_SHIFT = 8


class Browser:
    """A headless Chromium. Raises AssertionError where it answers with an error, or not in time."""

    def __init__(self, program: str, profile: Path) -> None:
        ours_out, theirs_in = os.pipe()[::-1]
        ours_in, theirs_out = os.pipe()
        flags = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND",
            "--force-device-scale-factor=1", "--allow-file-access-from-files",
            f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            [sys.executable, "-c", _AT_3_AND_4, str(theirs_in), str(theirs_out), program, *flags],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._out, self._in, self._rest, self._number = ours_out, ours_in, b"", 0
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        """One command of the protocol and its result."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + _SECONDS
        while True:
            answer = self._read(end)
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer)
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def wait_for(self, event: str, session: str) -> None:
        """Until this event came to this tab."""
        end = time.monotonic() + _SECONDS
        while not any(
            one.get("method") == event and one.get("sessionId") == session for one in self.events
        ):
            self.events.append(self._read(end))

    def _read(self, end: float) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._in], [], [], max(0.0, end - time.monotonic()))
            assert ready, "Chromium did not answer in time"
            piece = os.read(self._in, 1 << 20)
            assert piece, "Chromium ended"
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\0")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        try:
            self.call("Browser.close")
        except (AssertionError, OSError):
            self._process.kill()
        self._process.wait(30)
        os.close(self._out)
        os.close(self._in)

    @contextmanager
    def page(self, path: Path, width: int = 1200, *, dark: bool = False) -> Iterator[Page]:
        """The file in a tab of its own, loaded, this wide [px]."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Page(self, session)
        try:
            tab.load(path, width, dark=dark)
            yield tab
        finally:
            self.call("Target.closeTarget", targetId=target)
            self.events.clear()


class Page:
    """A tab: what it says to script, what its keys do, how it looks."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        return self._browser.call(method, self._session, **params)

    def load(self, path: Path, width: int, *, dark: bool) -> None:
        self._call("Page.enable")
        self._call("Runtime.enable")
        self._call("Log.enable")
        self._call("Network.enable")
        self.resize(width)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._call("Emulation.setEmulatedMedia", features=[scheme])
        self._call("Page.navigate", url=path.resolve().as_uri())
        self._browser.wait_for("Page.loadEventFired", self._session)

    def resize(self, width: int, height: int = 900) -> None:
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression, promises awaited, whatever the page's policy."""
        answer = self._call(
            "Runtime.evaluate",
            expression=script, awaitPromise=True, returnByValue=True, allowUnsafeEvalBlockedByCSP=True,
        )  # fmt: skip
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def press(self, key: str, *, times: int = 1, shift: bool = False) -> None:
        """A real key, down and up: Tab, Enter, Space, Escape, ArrowDown, ArrowUp."""
        name, code, number, text = _KEYS[key]
        known = {"key": name, "code": code, "windowsVirtualKeyCode": number}
        known["modifiers"] = _SHIFT if shift else 0
        for _ in range(times):
            down = "keyDown" if text else "rawKeyDown"
            self._call(
                "Input.dispatchKeyEvent", type=down, **known, **({"text": text} if text else {})
            )
            self._call("Input.dispatchKeyEvent", type="keyUp", **known)

    def write(self, text: str) -> None:
        """What a person types into the field that has the focus."""
        for sign in text:
            self._call("Input.dispatchKeyEvent", type="char", text=sign)

    def troubles(self) -> list[str]:
        """What the page complained of, and each request for more than itself."""
        found = []
        for one in self._browser.events:
            if one.get("sessionId") != self._session:
                continue
            what, params = one.get("method"), one.get("params", {})
            if what == "Runtime.exceptionThrown":
                found.append(str(params["exceptionDetails"].get("text")))
            if what == "Log.entryAdded":
                found.append(str(params["entry"].get("text")))
            if what == "Network.requestWillBeSent" and params.get("type") != "Document":
                found.append("asked for " + str(params["request"]["url"]))
        return found

    def picture(self, target: Path, *, high: int = 0) -> None:
        """A PNG of the whole page, or of its first `high` px."""
        whole = self.run("document.documentElement.scrollHeight")
        width = self.run("innerWidth")
        clip = {
            "x": 0,
            "y": 0,
            "width": width,
            "height": min(high, whole) if high else whole,
            "scale": 1,
        }
        data = self._call(
            "Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True
        )
        target.write_bytes(base64.b64decode(data["data"]))

    def printed(self, target: Path, *, landscape: bool = True) -> None:
        """A PDF on A4."""
        data = self._call(
            "Page.printToPDF",
            landscape=landscape,
            printBackground=True,
            paperWidth=8.27,
            paperHeight=11.69,
        )
        target.write_bytes(base64.b64decode(data["data"]))


@contextmanager
def started(program: str) -> Iterator[Browser]:
    """A browser with a profile that is gone afterwards."""
    profile = Path(tempfile.mkdtemp(prefix="chromium-"))
    browser = Browser(program, profile)
    try:
        yield browser
    finally:
        browser.close()
        shutil.rmtree(profile, ignore_errors=True)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for all tests of this process."""
    with started(chromium) as made:
        yield made
