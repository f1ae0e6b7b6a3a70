"""What does a handler of one Google method get to work with?"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from connectors.sandbox.google import errors
from connectors.sandbox.google.login import Grant
from connectors.sandbox.google.methods import Method
from connectors.sandbox.google.quirks import Quirks
from connectors.sandbox.world.mailboxes import Mailbox
from connectors.sandbox.world.people import Account
from connectors.sandbox.world.state import State
from connectors.sandbox.world.world import World

T = TypeVar("T")
Cursor = list[Any]


@dataclass(slots=True)
class Call:
    """One request on its way: who asks for what, and how the reply is to be bent.

    `values` are the checked query values, `path` those of the path. `shape` is the kind of a
    fault that bends the reply ("" for none).
    """

    world: World
    account: Account
    grant: Grant
    method: Method
    path: dict[str, str]
    values: dict[str, Any]
    quirks: Quirks
    body: bytes = b""
    shape: str = ""
    misuse: list[str] = field(default_factory=list)

    @property
    def state(self) -> State:
        return self.world.state

    @property
    def mailbox(self) -> Mailbox:
        return self.state.mailboxes[self.account.address]

    def has(self, *names: str) -> bool:
        """Whether the token holds one of these scopes, by the last part of its address."""
        return any(scope.rsplit("/", 1)[-1] in names for scope in self.grant.scopes)

    def page(self, rows: Sequence[T], size: int, place: Callable[[T], Cursor]) -> Page[T]:
        """One page of rows that lie after the cursor already; `place` gives a row's own cursor.

        Here the faults `empty_page` and `repeated_page` do their work.
        """
        chunk = list(rows[:size])
        more = len(rows) > size
        if self.shape == "empty_page":
            return Page([], again=True, cursor=None)
        if self.shape == "repeated_page":
            return Page(chunk, again=True, cursor=None)
        return Page(chunk, again=False, cursor=place(chunk[-1]) if more and chunk else None)


@dataclass(slots=True)
class Page(Generic[T]):
    """Rows, and where the next page begins. `again`: the next page begins where this one did."""

    rows: list[T]
    again: bool
    cursor: Cursor | None


Handler = Callable[[Call], dict[str, Any]]


def pack(content: dict[str, Any]) -> str:
    """An opaque token, as providers hand them out."""
    text = json.dumps(content, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unpack(token: str, name: str) -> dict[str, Any]:
    """What a token holds. Raises Refused (400) for one that this server never gave."""
    try:
        content = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise errors.bad_value(name, f"Invalid {name} value.")
    return content
