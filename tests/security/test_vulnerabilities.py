"""Does the check of the locked dependencies find a known hole, and say why where it cannot ask?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
LOCK = "# by a tool\nidna==3.7 \\\n    --hash=sha256:00\nrequests[socks]==2.1.0 ; python_version > '3'\n"


@contextmanager
def advisories(bad: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """A source that knows these holes, by package; and which packages it was asked for."""
    asked: list[str] = []

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            held = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            names = [one["package"]["name"] for one in held["queries"]]
            asked.extend(names)
            results = [{"vulns": [{"id": bad[name]}]} if name in bad else {} for name in names]
            raw = json.dumps({"results": results}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", asked
    finally:
        server.shutdown()
        server.server_close()


def check(url: str, *files: Path) -> tuple[int, str]:
    ended = subprocess.run(
        [sys.executable, ROOT / ".ci" / "vulnerabilities.py", *files],
        env={**os.environ, "OSV_URL": url, "no_proxy": "*"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return ended.returncode, ended.stdout


def test_a_known_hole_fails_and_is_named(tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(LOCK)
    with advisories({"idna": "GHSA-1"}) as (url, asked):
        code, said = check(url, lock)
    assert (code, asked) == (1, ["idna", "requests"])
    assert "idna 3.7: GHSA-1" in said


def test_our_locks_are_asked_for_in_full_and_nothing_known_passes() -> None:
    with advisories({}) as (url, asked):
        code, said = check(url, ROOT / "requirements.lock", ROOT / "requirements-dev.lock")
    assert code == 0
    assert {"pandas", "sqlalchemy", "pytest"} <= set(asked)
    assert f"{len(asked)} packages looked up" in said


def test_a_source_that_is_not_there_is_said_and_stops_nothing(tmp_path: Path) -> None:
    lock = tmp_path / "some.lock"
    lock.write_text(LOCK)
    code, said = check("http://127.0.0.1:1/", lock)
    assert code == 0
    assert "skipped" in said
    assert "refused" in said
