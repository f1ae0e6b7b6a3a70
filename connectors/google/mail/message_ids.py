"""What does the id of a Gmail message tell?

Nothing is promised of it. An order may follow it, and what it tells may be asked for; it proves
nothing, dates nothing and leaves nothing out (docs/decisions/0014-ids-order-the-backfill.md).
"""

from __future__ import annotations

from collections.abc import Mapping

_HEX = frozenset("0123456789abcdef")
_LENGTH = 16
#: The digits of an id below its moment: 20 bits.
_SALT = 20
#: An id tells the moment if it differs from the date of acceptance by at most this [µs].
_NEAR = 600_000_000


def moment_of(message_id: str) -> int | None:
    """When the mailbox took this message [µs UTC], by its id; None where it is no such number.

    Nowhere promised, but seen everywhere: an id is a number whose upper bits count milliseconds
    (docs/decisions/0014-ids-order-the-backfill.md). For mail brought in later it is that moment.
    """
    if len(message_id) != _LENGTH or not _HEX.issuperset(message_id):
        return None
    return (int(message_id, 16) >> _SALT) * 1_000


def tells_time(probed: Mapping[str, int]) -> bool:
    """Do most of the probed ids tell their date of acceptance [µs UTC]? Not where none was probed."""
    near = [
        (told := moment_of(message_id)) is not None and abs(told - at) <= _NEAR
        for message_id, at in probed.items()
    ]
    return sum(near) * 2 > len(near)
