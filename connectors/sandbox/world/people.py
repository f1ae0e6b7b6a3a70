"""Who lives in the world, and what system do they use?

Neutral of any provider: a `Human` is anybody with an address, an `Account` is somebody whose
calendar and mail a sandbox serves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

System = Literal["google", "exchange"]
Role = Literal["owner", "writer", "reader", "freeBusyReader"]


@dataclass(frozen=True, slots=True)
class Human:
    """Somebody with an address. `system` decides the wording and headers of their meeting mails.

    `dead_from` [µs UTC]: mail to this address bounces from then on.
    """

    address: str
    name: str = ""
    system: System = "google"
    dead_from: int | None = None

    @property
    def mailbox(self) -> str:
        """`Name <address>`, or the bare address."""
        return f"{self.name} <{self.address}>" if self.name else self.address


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar in somebody's list: their primary, one of their own, or another's shared one.

    `owner` is whose calendar it is; for a secondary calendar its id is no person's address.
    """

    id: str
    owner: str
    title: str
    zone: str
    role: Role = "owner"
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody whose mailbox is served: address, zone, further addresses, list of calendars."""

    address: str
    name: str
    zone: str
    aliases: tuple[str, ...] = ()
    calendars: tuple[Calendar, ...] = field(default=())

    def owns(self, address: str) -> bool:
        return address == self.address or address in self.aliases
