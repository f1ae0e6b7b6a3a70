"""What is one request, what comes back, and how far may an attempt go?

Values only: how an attempt is made is said in connectors.transport.wire.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlsplit

from connectors.transport.error_table import Asked


class Bearer(Protocol):
    """Where access tokens come from."""

    def token(self) -> str:
        """A token that is valid now. Raises AuthError, TransientError."""
        ...

    def renew(self, refused: str) -> str:
        """Another token than the refused one. Raises AuthError, TransientError."""
        ...


@runtime_checkable
class Challenged(Protocol):
    """A bearer that wants to see what a refusal asked for before it renews its token."""

    def challenged(self, header: str) -> None:
        """The WWW-Authenticate header of a 401; "" where there was none."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One logical request.

    `name` is the path as a template: the only form of it that is ever logged. `method` is the
    logical one: a GET that travels as a POST stays a GET. `api`: which one is asked, so that a
    refusal comes with the right next step (hints.PROVIDERS; "" for a login endpoint). `costs` are
    (limiter key, units) that every attempt pays. `gate`: held by each attempt and by no wait between
    two, where only so many may be under way at once. `safe`: repeating it changes nothing on the other
    side; None derives it from method and `asked`.
    """

    method: str
    url: str
    name: str
    asked: Asked = Asked.LISTING
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | str | None = None
    costs: tuple[tuple[str, int], ...] = ()
    bearer: Bearer | None = None
    safe: bool | None = None
    wire_method: str = ""
    wants_json: bool = True
    api: str = ""
    gate: Callable[[], AbstractContextManager[object]] = nullcontext

    @property
    def repeatable(self) -> bool:
        if self.safe is not None:
            return self.safe
        return self.asked is not Asked.SEND and self.method in {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `data` is the parsed JSON (None where the body is empty or not wanted)."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    data: Any

    @property
    def page(self) -> bool:
        """Is it a page for people, where a program was to be answered?"""
        return self.data is None and self.content.removeprefix(BOM_UTF8).lstrip()[:1] == b"<"


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far one attempt may go: [s] to connect, [s] of silence, [s] in all, bytes of body.

    `astray`: by how much [s] our clock may differ from the one that dates what is read; None: not asked.
    """

    connect: float = 15.0
    silence: float = 60.0
    total: float = 180.0
    size: int = 64 * 1024 * 1024
    astray: float | None = None


class Broken(Exception):
    """One attempt failed underway. `sent`: the request may have arrived. `hint`: what to do, where
    trying again is of no use. `unreached`: nobody could be connected to.
    """

    def __init__(
        self,
        what: str,
        *,
        sent: bool = True,
        one_item: bool = False,
        hint: str = "",
        unreached: bool = False,
    ) -> None:
        super().__init__(what)
        self.sent = sent
        self.one_item = one_item
        self.hint = hint
        self.unreached = unreached


def host(url: str) -> str:
    return urlsplit(url).hostname or "?"
