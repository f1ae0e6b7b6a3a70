"""What is in a value of Google's JSON, of which nothing is promised?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from config.clock import to_micros


def items(value: object) -> list[Any]:
    """The rows of a list; none where it is missing or something else (Gmail leaves out empty ones)."""
    return value if isinstance(value, list) else []


def instant(value: object) -> int | None:
    """A moment in RFC 3339 [µs UTC], in UTC where it names no zone; None for anything else."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return to_micros(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
