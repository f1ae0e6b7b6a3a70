"""When does a login or a credential end, how is that said, and which command renews it?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expiry:
    """A login or credential that ends: when [µs UTC], in how many days [d], in words.

    `days` is negative where it is over.
    """

    at: int
    days: float
    text: str


#: What the command line calls the purposes of a login.
WORDS = {
    "read": "reading",
    "send": "sending",
    "attendance": "attendance",
    "audit": "audit",
    "directory": "directory",
}


def command(provider: str, purpose: str) -> str:
    """The command that gives the login of one purpose anew: each purpose has a login of its own."""
    words = f"noshow connect {provider}"
    return words if purpose == "read" else f"{words} --for {WORDS[purpose]}"
