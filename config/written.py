"""How is a value of the settings written, so that a slip is said at once and not on a Monday?

Each function gives the value as it is meant. Raises ValueError, with how to write it.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from ipaddress import ip_address
from zoneinfo import ZoneInfo, available_timezones

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*")


@cache
def _packaged_zones() -> frozenset[str]:
    return frozenset((resources.files("tzdata") / "zones").read_text("utf-8").split())


def zone(name: str) -> str:
    # The list of our own package first: what the system has is found by reading some 600 files.
    if name not in _packaged_zones() and name not in available_timezones():
        raise ValueError(f"{name!r} is no time zone; write it like Europe/Berlin")
    ZoneInfo(name)
    return name


def address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError(f"{text!r} is no e-mail address")
    return text


def domain(text: str) -> str:
    """`@OurCo.example`, `*.ourco.example` and `ourco.example.` are ourco.example, with all that lies below."""
    plain = text.strip().lower().removeprefix("*.").removeprefix("@").removesuffix(".")
    if not _DOMAIN.fullmatch(plain):
        raise ValueError(f"{text!r} is no domain; write it like ourco.example")
    return plain


def domain_or_address(text: str) -> str:
    plain = text.strip()
    return plain if _ADDRESS.fullmatch(plain) else domain(plain)


def mail_server(text: str) -> str:
    """A name or a number alone: no `smtp://`, no port, no path and no user. "" is none."""
    plain = text.strip().removesuffix(".")
    try:
        return str(ip_address(plain.removeprefix("[").removesuffix("]")))
    except ValueError:
        if plain and not _HOST.fullmatch(plain):
            # Not quoted: some write a user with their password before it.
            raise ValueError(
                "it is more than a server's name; write it like smtp.ourco.example, the port under port, "
                "how it is made safe under security, and who logs in under user"
            ) from None
    return plain


def country(text: str) -> str:
    """ISO 3166 in capitals; `UK` is GB. One whose holidays nobody here knows would count none."""
    code = text.strip().upper()
    code = "GB" if code == "UK" else code
    # Takes a tenth of a second, which only those pay who name one.
    from holidays import list_supported_countries

    if len(code) != 2 or code not in list_supported_countries():
        raise ValueError(
            f"{text!r} is no country whose holidays are known; write it like DE, with two letters"
        )
    return code
