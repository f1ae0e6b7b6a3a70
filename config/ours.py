"""Who are we? What the settings know about our own side, handed to every detector."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType


@dataclass(frozen=True)
class Ours:
    """Our side, all addresses in normal form.

    `mailboxes` maps each of our addresses and aliases to the mailbox's main address. `domains`
    are own registrable domains (never freemail). `clients` are addresses or domains that the
    user calls clients. `zone` is the report owner's IANA zone; `countries` (ISO 3166) give the
    holidays that are no business days; `weekend` holds weekday numbers, Monday is 0.
    """

    mailboxes: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))
    domains: frozenset[str] = frozenset()
    clients: frozenset[str] = frozenset()
    zone: str = "UTC"
    countries: tuple[str, ...] = ()
    weekend: frozenset[int] = frozenset({5, 6})

    @cached_property
    def _below(self) -> tuple[str, ...]:
        """What a subdomain of ours ends with."""
        return tuple(f".{own}" for own in self.domains)

    def __contains__(self, address: object) -> bool:
        """Is this normalised address one of ours, by itself or by its domain?"""
        if not isinstance(address, str) or not address:
            return False
        if address in self.mailboxes:
            return True
        domain = address.rpartition("@")[2]
        return domain in self.domains or domain.endswith(self._below)
