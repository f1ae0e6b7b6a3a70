"""Do the shared fixtures do what they promise?"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy
from PIL import Image

if TYPE_CHECKING:
    from tests.support.machine.browser import Screenshot
    from tests.support.machine.postgres import PostgresServer

PAGE = """<!doctype html><meta name="color-scheme" content="light dark">
<style>body{background:#fff}@media (prefers-color-scheme:dark){body{background:#102030}}</style>
<p>hello"""


def test_each_test_gets_an_empty_postgres_database(postgres: PostgresServer) -> None:
    seen = set()
    for url in (postgres.fresh(), postgres.fresh()):
        engine = sqlalchemy.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("CREATE TABLE meetings (id bigint)"))
            seen.add(connection.scalar(sqlalchemy.text("SELECT current_database()")))
        postgres.drop(url)  # although the engine still holds a connection
        engine.dispose()
    assert len(seen) == 2


def test_the_postgres_server_does_not_run_as_root(postgres_url: str) -> None:
    engine = sqlalchemy.create_engine(postgres_url)
    with engine.connect() as connection:
        folder = connection.scalar(sqlalchemy.text("SHOW data_directory"))
    engine.dispose()
    assert Path(folder).stat().st_uid != 0


@pytest.mark.parametrize(("dark", "background"), [(False, (255, 255, 255)), (True, (16, 32, 48))])
def test_a_screenshot_sees_the_style_for_light_and_for_dark(
    screenshot: Screenshot, tmp_path: Path, dark: bool, background: tuple[int, int, int]
) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE)
    picture = screenshot(page, tmp_path / "page.png", 320, 200, dark=dark)
    with Image.open(picture) as image:
        assert image.size == (320, 200)
        assert image.convert("RGB").getpixel((300, 180)) == background


def test_loopback_and_unix_sockets_stay_open(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1]), timeout=5).close()
    if hasattr(socket, "AF_UNIX"):
        # relative: a socket's path may have 107 characters only
        before = Path.cwd()
        os.chdir(tmp_path)
        try:
            with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
                server.bind("s")
                server.listen()
                client.connect("s")
        finally:
            os.chdir(before)


def test_a_reserved_name_is_unknown_and_costs_no_query() -> None:
    with pytest.raises(socket.gaierror):
        socket.create_connection(("mail.acme.example", 25), timeout=5)


OUTSIDE = """
import socket
def swallows(address):
    try:
        socket.create_connection(address, timeout=1)
    except BaseException:
        pass
def test_address(): swallows(("192.0.2.1", 9))
def test_name(): swallows(("noshow-has-no-home.com", 9))
def test_datagram():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        try:
            out.sendto(b"x", ("192.0.2.1", 9))
        except BaseException:
            pass
"""


def test_a_connection_outwards_fails_the_test_even_when_swallowed(tmp_path: Path) -> None:
    (tmp_path / "test_outside.py").write_text(OUTSIDE)
    done = subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "tests.conftest",
                "-p",
                "no:cacheprovider",
            ),
            *(f"--rootdir={tmp_path}", "-c", os.devnull, str(tmp_path / "test_outside.py")),
        ],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "3 errors" in done.stdout
