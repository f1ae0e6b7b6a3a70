"""Which send of which report does a Message-ID of ours name, and when was that?

The ledger notes it before the mail leaves, and tells after a crash what may have left.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from connectors.model.normal_forms import a_labels

_KEY = re.compile(r"noshow\.(?P<token>[0-9A-Z]{6})\.(?P<number>\d+)\.(?P<seconds>\d+)@")


@dataclass(frozen=True, slots=True)
class Sent:
    """What a Message-ID of ours says: the how-manieth send it is, and when that was [µs UTC]."""

    number: int
    at: int


def message_key(token: str, number: int, at: int, sender: str) -> str:
    """`noshow.7Q3F2K.1.1795413600@ourco.example`: another for each send of the same report.

    Another, because a mailbox that has the first would silently drop a second with the same
    Message-ID; and where it lost the first, the second must arrive.
    """
    domain = a_labels(sender).rpartition("@")[2] or "noshow.invalid"
    return f"noshow.{token}.{number}.{at // 1_000_000}@{domain}"


def sent_of(key: str) -> Sent | None:
    """What such a key says; None for "" and for any other Message-ID."""
    found = _KEY.match(key)
    if found is None:
        return None
    return Sent(int(found["number"]), int(found["seconds"]) * 1_000_000)
