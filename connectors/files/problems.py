"""What could not be read, where, and how far has the reading got?

Nothing of a file is lost without a word: whatever is not yielded is a `Problem` with its place.
A reason never quotes what it is about (no subject, no address, no text a person wrote).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class Lost(StrEnum):
    """What a problem has cost.

    `file`: a whole file or archive member, or the rest of it · `message`: one mail · `part`: the
    calendar part of a mail that was read otherwise · `event`: one entry of a calendar · `line`:
    one line of a table · `detail`: a value was dropped or repaired, the record is there ·
    `ignored`: files of kinds that hold neither mail nor meetings.
    """

    FILE = "file"
    MESSAGE = "message"
    PART = "part"
    EVENT = "event"
    LINE = "line"
    DETAIL = "detail"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that was not read. `place`: the file, then line, message number or byte offset."""

    place: str
    reason: str
    lost: Lost
    hint: str = ""


Report = Callable[[Problem], None]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one import is: `done` and `total` of the file in [bytes], `whole_done` and
    `whole_total` of all files; `total` is 0 where it is unknown.

    `messages_in` counts the mails met, `messages_out` those yielded; what lies between them are
    problems that have lost a message. `records` counts meetings seen and calls.
    """

    place: str
    done: int
    total: int
    messages_in: int
    messages_out: int
    records: int
    problems: int
    whole_done: int = 0
    whole_total: int = 0


@dataclass(slots=True)
class Reach:
    """From when until when what was read can tell what happened [µs UTC].

    Of several calendars the one that ends first counts, since nobody knows which of them held a
    meeting; of several exports of one calendar the newest. A file that holds nothing older than
    last month does not say that nothing happened before. Spans are [from, to].
    """

    calendars: dict[str, list[int]] = field(default_factory=dict)
    mail: list[int] = field(default_factory=list)

    @property
    def calendar(self) -> list[int]:
        spans = list(self.calendars.values())
        if not spans:
            return []
        return [min(span[0] for span in spans), min(span[1] for span in spans)]

    def see_calendar(self, calendar_id: str, first: int, until: int) -> None:
        """An export of this calendar has an entry that starts at `first`, and tells `until`."""
        span = self.calendars.setdefault(calendar_id, [first, until])
        span[:] = [min(span[0], first), max(span[1], until)]

    def see_mail(self, moment: int | None) -> None:
        if moment is not None:
            span = self.mail or [moment, moment]
            self.mail = [min(span[0], moment), max(span[1], moment)]
