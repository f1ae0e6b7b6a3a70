"""Who was in a Google Meet conference, as far as its records say?

facts/google.md 3. A conference is found by its meeting code; a series shares one code, so that each
record belongs to the slot that it overlaps most, and several records of a slot are several
sessions. Records live 30 days, bear no address (a display name at best), and a missing record says
nothing: people meet by phone, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.clock import MICROSECONDS, to_micros
from config.errors import ItemGone, ProviderError
from connectors.google.client import Google, Json
from connectors.interfaces import Page, Window
from connectors.model.headers.header_values import plain
from connectors.model.records import AttendanceSeen, Participant

Wanted = tuple[str, str, str, Window]

_CODE = re.compile(r"^[a-z]{3}-[a-z]{4}-[a-z]{3}$")
_LIFE = 30 * 86_400 * MICROSECONDS
#: People come early: a record may begin so long before its slot.
_EARLY = 30 * 60 * MICROSECONDS
_MOST_PAGES = 200
_KINDS = (("signedinUser", "signed_in"), ("anonymousUser", "anonymous"), ("phoneUser", "phone"))


@dataclass
class GoogleAttendance:
    """An AttendanceSource (connectors.interfaces) over a login that was given for `attendance`."""

    google: Google

    def pages(self, meetings: Sequence[Wanted]) -> Iterator[Page]:
        """One page for each meeting code that has records of the slots asked for.

        Slots that ended more than 30 days ago are not asked for. Raises as `Transport.send`.
        """
        now = self.google.transport.clock.micros()
        by_code: dict[str, list[Wanted]] = {}
        for one in meetings:
            if _CODE.match(one[2]) and one[3].end > now - _LIFE and one[3].start < now:
                by_code.setdefault(one[2], []).append(one)
        for code, wanted in by_code.items():
            found = []
            # A filter by code and time together is shown nowhere: the time is looked at here.
            question = {
                "filter": f'space.meeting_code = "{code}"',
                "pageSize": 100,
                "fields": "nextPageToken,conferenceRecords(name,startTime,endTime)",
            }
            for record in self._all("conferenceRecords", question):
                started, ended = _instant(record.get("startTime")), _instant(record.get("endTime"))
                if started is None or ended is None or ended > now:
                    continue  # still going on
                place = _slot_of(started, ended, wanted)
                if place is not None:
                    seen = self._record(str(record.get("name")), started, ended, place)
                    if seen is not None:
                        found.append(seen)
            if found:
                yield Page(attendance=tuple(found))

    def _record(self, name: str, started: int, ended: int, place: Wanted) -> AttendanceSeen | None:
        try:
            rows = list(
                self._all(
                    "participants",
                    {
                        "pageSize": 250,
                        "fields": "nextPageToken,participants(name,signedinUser/displayName,"
                        "anonymousUser/displayName,phoneUser/displayName)",
                    },
                    name,
                )
            )
            present = tuple(self._participant(row) for row in rows)
        except ItemGone:
            return None  # its 30 days ended just now
        return AttendanceSeen(name, place[0], place[1], started, ended, present)

    def _participant(self, row: Json) -> Participant:
        """One participant. Rejoining makes several sessions: only their sum is presence."""
        sessions = []
        question = {
            "pageSize": 250,
            "fields": "nextPageToken,participantSessions(startTime,endTime)",
        }
        for session in self._all("participantSessions", question, str(row.get("name"))):
            joined, left = _instant(session.get("startTime")), _instant(session.get("endTime"))
            if joined is not None and left is not None and left >= joined:
                sessions.append((joined, left))
        name, identity = "", "anonymous"
        for key, word in _KINDS:
            person = row.get(key)
            if isinstance(person, dict):
                # Of a phone, Google shows a part of the number: no name, and not kept.
                shown = person.get("displayName")
                name = plain(shown) if isinstance(shown, str) and word != "phone" else ""
                identity = word
        return Participant(
            address="",
            name=name,
            identity=identity,
            joined_at=min((one[0] for one in sessions), default=None),
            left_at=max((one[1] for one in sessions), default=None),
            seconds=_covered(sessions) // MICROSECONDS,
        )

    def _all(self, key: str, question: dict[str, Any], parent: str = "") -> Iterator[Json]:
        """All rows of a list, page by page."""
        page = ""
        for _ in range(_MOST_PAGES):
            parameters = {**question, "pageToken": page} if page else question
            if key == "conferenceRecords":
                answer = self.google.conferences(parameters)
            elif key == "participants":
                answer = self.google.participants(parent, parameters)
            else:
                answer = self.google.sessions(parent, parameters)
            rows = answer.get(key)
            for row in rows if isinstance(rows, list) else []:
                if isinstance(row, dict):
                    yield row
            page = str(answer.get("nextPageToken") or "")
            if not page:
                return
        raise ProviderError("a list of Meet's does not end")


def _slot_of(started: int, ended: int, wanted: Sequence[Wanted]) -> Wanted | None:
    """The slot that the conference overlaps most; None where it overlaps none."""

    def overlap(one: Wanted) -> int:
        return min(ended, one[3].end) - max(started, one[3].start - _EARLY)

    best = max(wanted, key=overlap)
    return best if overlap(best) > 0 else None


def _covered(sessions: list[tuple[int, int]]) -> int:
    """How much time some sessions cover together [µs]: two devices at once count once."""
    total, until = 0, 0
    for joined, left in sorted(sessions):
        total += max(0, left - max(joined, until))
        until = max(until, left)
    return total


def _instant(value: object) -> int | None:
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        return None
    return to_micros(moment) if moment.tzinfo is not None else None
