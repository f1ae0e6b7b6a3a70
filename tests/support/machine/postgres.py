"""Where does a test get a real PostgreSQL? It starts one, and throws it away."""

from __future__ import annotations

import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy

from tests.support.machine.memory import in_memory


@dataclass(frozen=True)
class PostgresServer:
    """A real PostgreSQL of our own: on loopback, with a password, thrown away afterwards."""

    port: int
    password: str
    folder: Path
    #: The server's process, and how it is started anew; empty for one that is not ours to stop.
    process: list[subprocess.Popen[bytes]] = field(default_factory=list)
    start_: Callable[[], subprocess.Popen[bytes]] | None = None

    def url(self, database: str) -> str:
        """Under which address does SQLAlchemy reach this database?"""
        return f"postgresql+psycopg://noshow:{self.password}@127.0.0.1:{self.port}/{database}"

    def fresh(self) -> str:
        """Which URL has an empty database that nobody else uses?"""
        name = f"t{secrets.token_hex(6)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, also if a connection to it was left open."""
        name = sqlalchemy.make_url(url).database
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """Shut the server; every session ends at once."""
        _stop_server(self.process.pop())

    def start(self) -> None:
        """Start it again on the same port, with all that was committed."""
        assert self.start_ is not None
        self.process.append(self.start_())
        if not _answers(self.process[0], self.port, self.password):
            raise RuntimeError("PostgreSQL did not start again")

    def end_sessions(self, url: str, *, only: int | None = None) -> int:
        """End all sessions of this database, or one, by its process; returns when they are gone."""
        name = sqlalchemy.make_url(url).database
        chosen = "true" if only is None else f"pid = {int(only)}"
        ended = self._run(
            "SELECT count(*) FROM (SELECT pg_terminate_backend(pid, 20000) AS gone"
            f" FROM pg_stat_activity WHERE datname = '{name}' AND {chosen}) AS ended WHERE gone"
        )
        return int(ended or 0)

    def _run(self, statement: str) -> Any:
        engine = sqlalchemy.create_engine(
            self.url("postgres"),
            isolation_level="AUTOCOMMIT",
            poolclass=sqlalchemy.pool.NullPool,
        )
        with engine.connect() as connection:
            result = connection.execute(sqlalchemy.text(statement))
            return result.scalar() if result.returns_rows else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server, one a worker; `postgres.fresh()` gives the URL of an empty database."""
    with running() as server:
        yield server


@contextmanager
def running() -> Iterator[PostgresServer]:
    """A PostgreSQL server for the block; the caller is skipped where its programs are missing."""
    programs = _postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server programs (initdb, postgres) are not installed")
    # Short, because a socket's path may have 107 characters only. In memory, since each test makes a
    # database of its own, which is a thousand files.
    folder = Path(tempfile.mkdtemp(prefix="noshow-pg-", dir=in_memory()))
    owner = _server_user()
    identity: dict[str, Any] = {"user": owner, "group": _group_of(owner), "extra_groups": []}
    if owner is None:
        identity = {}
    else:
        shutil.chown(folder, user=owner)
    password = secrets.token_hex(12)
    process: list[subprocess.Popen[bytes]] = []
    try:
        _init_cluster(programs, folder, password, identity)
        begun, port = _start_server(programs, folder, password, identity)
        process.append(begun)
        again = partial(_begin_server, programs, folder, port, identity)
        yield PostgresServer(port, password, folder, process, again)
    finally:
        for one in process:
            _stop_server(one)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """The URL of an empty PostgreSQL database for this test alone."""
    url = postgres.fresh()
    yield url
    postgres.drop(url)


def _postgres_programs() -> Path | None:
    """Where are initdb and postgres? Debian keeps them out of PATH; the newest version wins."""
    packaged = Path("/usr/lib/postgresql")
    versions = [path for path in packaged.glob("*/bin/initdb") if path.parts[-3].isdigit()]
    if versions:
        return max(versions, key=lambda path: int(path.parts[-3])).parent
    found = shutil.which("initdb")
    if found and (Path(found).resolve().parent / "postgres").exists():
        return Path(found).resolve().parent
    return None


def _server_user() -> str | None:
    """As whom does the server run? PostgreSQL refuses root; None keeps the present user."""
    if os.name != "posix" or os.geteuid() != 0:
        return None
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return name
    pytest.skip("running as root, and there is no user `postgres` or `nobody` for the server")


def _group_of(user: str | None) -> int | None:
    if user is None:
        return None
    import pwd

    return pwd.getpwnam(user).pw_gid


def _init_cluster(programs: Path, folder: Path, password: str, identity: dict[str, Any]) -> None:
    secret = folder / "password"
    secret.write_text(password)
    if identity:
        shutil.chown(secret, user=identity["user"])
    subprocess.run(
        [
            programs / "initdb",
            f"--pgdata={folder / 'data'}",
            "--username=noshow",
            # Each test connects some ten times, and scram is made to be slow.
            "--auth=md5",
            f"--pwfile={secret}",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ],
        check=True,
        cwd=folder,
        capture_output=True,
        timeout=120,
        **identity,
    )


def _start_server(
    programs: Path, folder: Path, password: str, identity: dict[str, Any]
) -> tuple[subprocess.Popen[bytes], int]:
    """Start on a free port; between finding and taking one another process may come first."""
    for _ in range(5):
        port = _free_port()
        process = _begin_server(programs, folder, port, identity)
        try:
            if _answers(process, port, password):
                return process, port
        except BaseException:
            _stop_server(process)
            raise
    log = (folder / "log").read_text(errors="replace")
    raise RuntimeError(f"PostgreSQL did not start:\n{log[-2000:]}")


def _begin_server(
    programs: Path, folder: Path, port: int, identity: dict[str, Any]
) -> subprocess.Popen[bytes]:
    options = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(folder),
        "max_connections": "60",
        "shared_buffers": "32MB",
        # The data dies with the test run: what a power cut would lose may be lost.
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
    }
    arguments = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
    with (folder / "log").open("ab") as sink:
        return subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,  # Ctrl-C is for the tests; they stop the server
            preexec_fn=_die_with_parent,
            **identity,
        )


def _answers(process: subprocess.Popen[bytes], port: int, password: str) -> bool:
    server = PostgresServer(port=port, password=password, folder=Path())
    limit = time.monotonic() + 60
    while process.poll() is None:
        try:
            server._run("SELECT 1")
        except sqlalchemy.exc.OperationalError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.05)
        else:
            # Somebody else's server on that port would not know our password.
            return True
    return False


def _stop_server(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)  # "fast": open sessions are cut off
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _die_with_parent() -> None:
    """A killed test run leaves no server behind (Linux: PR_SET_PDEATHSIG is 1)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, int(signal.SIGINT))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
