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
    """How far one import is: `done` and `total` in [bytes], `total` 0 where it is unknown.

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


@dataclass(slots=True)
class Reach:
    """Until when what was read can tell what happened [µs UTC]; None where nothing of it was read.

    Of several calendars the least far counts, since nobody knows which of them held a meeting.
    """

    calendars: dict[str, int] = field(default_factory=dict)
    mail: int | None = None

    @property
    def calendar(self) -> int | None:
        return min(self.calendars.values(), default=None)

    def calendar_to(self, calendar_id: str, moment: int) -> None:
        """An export of this calendar tells until `moment`; the newest one counts."""
        self.calendars[calendar_id] = max(moment, self.calendars.get(calendar_id, 0))

    def mail_to(self, moment: int | None) -> None:
        if moment is not None:
            self.mail = moment if self.mail is None else max(self.mail, moment)
