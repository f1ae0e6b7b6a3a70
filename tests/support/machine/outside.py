"""May a test see the person's settings, or leave this machine? Neither."""

from __future__ import annotations

import ipaddress
import os
import secrets
import socket
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest


@pytest.fixture(autouse=True)
def own_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any) -> None:
    """Whose settings and state would a test find? Its own, empty ones; made only when asked for."""
    for name in [name for name in os.environ if name.upper().startswith("NOSHOW_")]:
        monkeypatch.delenv(name)
    # The cache folder stays: matplotlib would look through all fonts again for every child process.
    folder = tmp_path_factory.getbasetemp() / f"surroundings-{secrets.token_hex(8)}"
    for kind in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(folder / kind.lower()))


@pytest.fixture(autouse=True)
def nothing_outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Did the test try to leave this machine? Then it fails, even if the code swallowed the error.

    Only sockets that Python opens are seen: a child process is on its own. A name under a reserved
    ending (RFC 2606) is answered "no such name" without asking anybody, so that a test of an
    unreachable host needs no network.
    """
    tried: list[str] = []

    def refuse(what: str) -> NoReturn:
        tried.append(what)
        pytest.fail(f"a test tried to reach {what}; only loopback is allowed", pytrace=True)

    def check(address: Any) -> None:
        if not isinstance(address, tuple):
            return  # a path or an abstract name: AF_UNIX
        host = str(address[0])
        if not _is_loopback(host):
            refuse(f"{host}:{address[1]}")

    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    sendto, getaddrinfo = socket.socket.sendto, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check(address)
        return connect_ex(self, address)

    def guarded_sendto(self: socket.socket, *args: Any) -> int:
        check(args[-1])
        return sendto(self, *args)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name and not _is_loopback(name):
            if name.rstrip(".").rsplit(".", 1)[-1] in {"example", "invalid", "test"}:
                raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
            refuse(str(name))
        return getaddrinfo(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket.socket, "sendto", guarded_sendto)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
    yield
    if tried:
        pytest.fail(f"tried to reach {', '.join(sorted(set(tried)))}", pytrace=False)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.split("%", 1)[0])
    except ValueError:
        return False
    # Unspecified is what a server binds to; connecting to it reaches this machine.
    return address.is_loopback or address.is_unspecified
