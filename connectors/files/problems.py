"""What could not be read, where, and how far has the reading got?

Nothing of a file is lost without a word: whatever is not yielded is a `Problem` with its place.
A reason never quotes what it is about (no subject, no address, no text a person wrote).
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from connectors.model.records import Loss


class Lost(StrEnum):
    """What a problem has cost.

    `file`: a whole file or archive member, or the rest of it · `message`: one mail · `part`: the
    calendar part of a mail that was read otherwise · `event`: one entry of a calendar · `line`:
    one line of a table · `stranger`: nothing, but the mails do not name the owner · `older`: an export that a newer one, already read, makes needless ·
    `detail`: a value was dropped or repaired, the record is there · `ignored`: files of kinds that
    hold neither mail nor meetings.
    """

    FILE = "file"
    MESSAGE = "message"
    PART = "part"
    EVENT = "event"
    LINE = "line"
    STRANGER = "stranger"
    OLDER = "older"
    DETAIL = "detail"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that was not read. `place`: the file, then line, message number or byte offset.

    `until`: nothing in it is later than this [µs UTC]; None where nobody knows.
    """

    place: str
    reason: str
    lost: Lost
    hint: str = ""
    until: int | None = None


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


#: The spans of mail in Reach, the most trustworthy first.
SPANS = ("arrived", "dated", "sent")


@dataclass(slots=True)
class Reach:
    """From when until when what was read can tell what happened [µs UTC], and what was not read.

    Of several calendars the one that ends first counts, since nobody knows which of them held a
    meeting; of several exports of one calendar the newest, also where its files are called otherwise.
    A file that holds nothing older than last month does not say that nothing happened before. Spans
    are [from, to].

    Mail reaches to the last one received, since only received mail can hold an answer. A moment by
    a server's own line (`arrived`) is worth more than a mere Date (`dated`), which any clock may
    have written. `lost`: by file and reason. `whole`: the files that were read to their end.
    """

    calendars: dict[str, list[int]] = field(default_factory=dict)
    arrived: list[int] = field(default_factory=list)
    dated: list[int] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    lost: dict[tuple[str, str], Loss] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)

    @property
    def calendar(self) -> list[int]:
        spans = list(self.calendars.values())
        if not spans:
            return []
        return [min(span[0] for span in spans), min(span[1] for span in spans)]

    @property
    def mail(self) -> list[int]:
        """The span of the mail; where none was received, that of the sent ones."""
        spans = [span for span in (getattr(self, name) for name in SPANS) if span]
        return [min(one[0] for one in spans), spans[0][1]] if spans else []

    def see_calendar(self, calendar_id: str, first: int, until: int) -> None:
        """An export of this calendar has an entry that starts at `first`, and tells `until`."""
        span = self.calendars.setdefault(calendar_id, [first, until])
        span[:] = [min(span[0], first), max(span[1], until)]

    def see_mail(self, span: list[int], moment: int) -> None:
        """A mail of one of the three kinds lies at this moment."""
        span[:] = [min(span[0], moment), max(span[1], moment)] if span else [moment, moment]

    def lose(self, file: str, reason: str, until: int | None) -> None:
        """A file, or a mail in it, was not read; nothing in it is later than `until`."""
        place = shown(file)
        held = self.lost.get((place, reason))
        if held is None:
            self.lost[place, reason] = Loss(place, reason, 1, until)
            return
        known = held.not_after is not None and until is not None
        latest = max(held.not_after or 0, until or 0) if known else None
        self.lost[place, reason] = replace(held, count=held.count + 1, not_after=latest)


_LOCAL_PART = re.compile(r"[^\s/\\!@]+@")


def shown(file: str) -> str:
    """A file by its whole path, without the name in an address: it is kept, and may be reported."""
    # Not Path.resolve: a linked folder keeps the name by which its owner knows it.
    return _LOCAL_PART.sub("…@", os.path.abspath(file))  # noqa: PTH100
