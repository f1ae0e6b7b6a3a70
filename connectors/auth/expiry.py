"""When does a login or a credential end, and how is that said?"""

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
