"""To which organisation does an address belong?

The registrable domain, by the list of public suffixes that is shipped with its package (no network);
whoever has an address at a freemail service belongs to none by it.
"""

from __future__ import annotations

from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from config.phrasing import Phrases


@lru_cache(maxsize=2)
def _suffixes(*, icann: bool = False) -> PublicSuffixList:
    """The list; without its private part few need it, and making it takes as long again."""
    return PublicSuffixList(only_icann=icann)


@lru_cache(maxsize=100_000)
def registrable(domain: str) -> str:
    """`mail.client.co.uk` -> `client.co.uk`; the domain itself where no more can be cut.

    Below a private suffix (`shop.github.io`) everybody is an organisation of their own; a mailbox
    at the private suffix itself belongs to the company behind it. Source: publicsuffix.org.
    """
    found = _suffixes().privatesuffix(domain)
    return str(found or _suffixes(icann=True).privatesuffix(domain) or domain)


def organisation(address: str, phrases: Phrases) -> str:
    """The registrable domain of an address in normal form; "" for freemail and for none."""
    domain = address.rpartition("@")[2] if "@" in address else ""
    return "" if not domain or phrases.is_freemail(domain) else registrable(domain)


def same(one: str, other: str, phrases: Phrases) -> bool:
    """Do both addresses belong to one organisation? Never by freemail."""
    home = organisation(one, phrases)
    return bool(home) and home == organisation(other, phrases)
