"""How does a page look to a person? Chromium takes its picture."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

Screenshot = Callable[..., Path]


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    pytest.skip("Chromium is not installed")


@pytest.fixture
def screenshot(chromium: str, tmp_path: Path) -> Screenshot:
    """How does a page look? `screenshot(html_path, png_path, width, height, dark=False)`.

    The browser can reach nothing but the file: a page that needs the network looks broken here.
    """

    def take(
        html_path: Path, png_path: Path, width: int = 800, height: int = 1200, *, dark: bool = False
    ) -> Path:
        profile = tempfile.mkdtemp(prefix="chromium-", dir=tmp_path)
        command = [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--hide-scrollbars",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--force-device-scale-factor=1",
            f"--user-data-dir={profile}",
            # 0 is dark, 1 is light (seen in screenshots, Chromium 156)
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            f"--window-size={width},{height}",
            f"--screenshot={png_path.resolve()}",
            html_path.resolve().as_uri(),
        ]
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=90)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
        assert png_path.exists(), output.decode(errors="replace")[-2000:]
        return png_path

    return take
