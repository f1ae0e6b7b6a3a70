"""May a secret travel to this address? Over https; over http only inside this machine."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

_INSIDE = (".local", ".lan", ".internal", ".home.arpa", ".localhost", ".test", ".invalid")


def is_loopback(host: str) -> bool:
    """Is this host this machine itself? By its number, or by the one name that is reserved for it.

    Any other name is looked up somewhere, also `127.example.com` and `x.localhost`.
    """
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_private(url: str) -> bool:
    """Can nobody on the way read what is sent there: https, or http to this machine?"""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.username is not None or not host:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def stays_inside(url: str) -> bool:
    """Does this address lead to a machine of one's own network, as far as it tells?

    A number that is given to no machine of the internet, a name without a domain, or one under a
    name that is reserved for networks of one's own (RFC 6762, RFC 8375, and `internal`).
    """
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_INSIDE)


def endpoint(url: str) -> str:
    """The address as it is. Raises ValueError, without quoting it, where no secret may go there."""
    if not is_private(url):
        raise ValueError(
            "it must begin with https://, or with http:// on this machine only (127.0.0.1), "
            "and name no user: logins and mail headers travel there"
        )
    return url
