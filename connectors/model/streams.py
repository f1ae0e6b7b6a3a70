"""What is each stream of a mailbox called, and how much of it is known?"""

from __future__ import annotations

from dataclasses import dataclass

CALENDAR = "calendar:"
MAIL = "mail"
#: Imported files: meetings and mails alike, so that neither stream is vouched for by it.
FILES = "files"


def calendar_stream(calendar_id: str) -> str:
    """The stream of one calendar: its cursor, looks and pending ids are kept under this name."""
    return f"{CALENDAR}{calendar_id}"


def calendar_of(stream: str) -> str:
    """The calendar of a stream `calendar:<id>`; "" for any other stream."""
    return stream.removeprefix(CALENDAR) if stream.startswith(CALENDAR) else ""


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one stream: stored, still to be fetched, and named failures (given up)."""

    stored: int
    pending: int
    given_up: int
