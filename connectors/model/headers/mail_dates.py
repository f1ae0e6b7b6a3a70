"""When was a mail written, and when did it arrive, as far as its headers can be trusted?

A date that cannot be read, or that cannot be true, is none: the mail then lies between what it
answers and the moment we saw it (rules.md section 5), and nothing is guessed. RFC 5322 3.3 and 4.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from config.clock import MICROSECONDS, to_micros
from connectors.model.headers.header_values import decoded, unfolded

#: Mails are dated between 1990 and this, if the source knows no better; else a date is absurd.
EARLIEST = to_micros(datetime(1990, 1, 1, tzinfo=UTC))
LATEST = to_micros(datetime(2200, 1, 1, tzinfo=UTC))
_DAY = 86_400 * MICROSECONDS
#: No queue holds a mail for longer (RFC 5321 4.5.4.1: 4 to 5 days): then it was moved here later.
_LONGEST_WAY = 7 * _DAY
_LONGEST_DATE = 500
#: Two clocks differ by minutes: what is dated a little after now was written now.
AHEAD = 3_600 * MICROSECONDS


#: Names that mean one offset alone [h], beside those of RFC 5322 4.3; BST, IST and CST do not.
_NAMED = {
    "CET": 1,
    "CEST": 2,
    "MET": 1,
    "MEST": 2,
    "MEZ": 1,
    "MESZ": 2,
    "EET": 2,
    "EEST": 3,
    "WEST": 1,
    "MSK": 3,
    "JST": 9,
    "KST": 9,
    "HKT": 8,
    "SGT": 8,
    "AEST": 10,
    "AEDT": 11,
    "NZST": 12,
    "NZDT": 13,
}
_FRACTION = re.compile(r"(:\d{2}:\d{2})[.,]\d+", re.ASCII)
_NAME_OF_ZONE = re.compile(r"\d\s+([A-Z]{3,4})\s*(?:\(|$)", re.IGNORECASE)


def moment(value: str) -> int | None:
    """A Date header as microseconds UTC; None where it is missing, unreadable or absurd.

    A date without a zone (`-0000` or none) is read as UTC, and so is one whose zone nobody knows.
    """
    try:
        text = value[:_LONGEST_DATE]
        text = decoded(text) if "=?" in text else unfolded(text)
        if "." in text or "," in text:
            text = _FRACTION.sub(r"\1", text)
        parsed = parsedate_to_datetime(text)
        found = to_micros(parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed)
        named = _NAME_OF_ZONE.search(text) if parsed.tzinfo is None else None
        if named:
            found -= _NAMED.get(named[1].upper(), 0) * 3_600 * MICROSECONDS
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if EARLIEST <= found < LATEST else None


def hop(line: str) -> int | None:
    """The moment in a Received header [µs UTC]: what stands behind its last semicolon."""
    return moment(line.rpartition(";")[2])


def arrival(
    accepted: int | None,
    dated: int | None,
    hops: Iterable[int],
    *,
    sent: bool = False,
    latest: int = LATEST,
) -> int | None:
    """The best moment of a mail [µs UTC]; None where nothing trustworthy gives one.

    accepted: the provider's own moment; dated: its Date; hops: the moments of its Received lines,
    the topmost first, asked for only as far as they are needed. A mail that was accepted long after its Date was moved here, if an older
    Received line agrees with the Date (or if it is one that we sent): then the Date holds.
    """
    way = iter(hops)
    at, first = _usable(accepted, latest), None
    if at is None:
        first = next(way, None)
        at = _usable(first, latest)
    if at is None:
        at = _usable(dated, latest)
    if at is None or dated is None or not EARLIEST <= dated < at - _LONGEST_WAY:
        return at
    whole = [*way] if first is None else [first, *way]
    agrees = any(-_DAY <= one - dated <= _LONGEST_WAY for one in whole)
    return dated if agrees or (sent and not whole) else at


def _usable(moment: int | None, latest: int) -> int | None:
    if moment is None or not EARLIEST <= moment <= latest + AHEAD:
        return None
    return min(moment, latest)
