"""Who was in a Teams meeting, as far as its organiser may know?

facts/microsoft.md 3: a meeting is found by its join address, has one report a session, and the 50
newest are listed; in a series all occurrences share them, so a report belongs to the slot that it
overlaps most. What cannot be had changes nothing: a record is asked for, never missed (rule M7).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from config.errors import ItemGone
from connectors.interfaces import Page, Window
from connectors.microsoft.client import Forbidden, Graph
from connectors.microsoft.times import Json, instant, mapping, rows, text
from connectors.model import normal_forms
from connectors.model.records import AttendanceSeen, Participant
from connectors.transport.error_table import Asked

_PHONE = re.compile(r"^\+?[\d*][\d\s*()./-]{4,}$")

Wanted = tuple[str, str, str, Window]


@dataclass
class MicrosoftAttendance:
    """An AttendanceSource (connectors.interfaces) over a login with the permissions for it."""

    graph: Graph

    def pages(self, meetings: Sequence[Wanted]) -> Iterator[Page]:
        """One page for each online meeting that has records of the slots asked for.

        Raises Forbidden where the login may not read any record, else as `Transport.send`.
        """
        by_link: dict[str, list[Wanted]] = {}
        for one in meetings:
            if _is_teams(one[2]):
                by_link.setdefault(one[2], []).append(one)
        refused = 0
        for link, wanted in by_link.items():
            try:
                found = tuple(self._records(link, wanted))
            except Forbidden:
                # Of a meeting that somebody else organises, nobody of ours may read the records.
                refused += 1
                if refused == len(by_link):
                    raise
                continue
            if found:
                yield Page(attendance=found)

    def _records(self, link: str, wanted: Sequence[Wanted]) -> Iterator[AttendanceSeen]:
        escaped = link.replace("'", "''")
        answer = self.graph.get(
            "/onlineMeetings", {"$filter": f"JoinWebUrl eq '{escaped}'"}, name="/me/onlineMeetings"
        )
        for meeting in rows(answer.get("value")):
            path = f"/onlineMeetings/{quote(text(meeting.get('id')), safe='')}/attendanceReports"
            name = "/me/onlineMeetings/{id}/attendanceReports"
            for page in self.graph.pages(path, name=name):
                for report in rows(page.get("value")):
                    place = _slot_of(report, wanted)
                    if place is not None:
                        yield from self._report(path, name, text(report.get("id")), place)

    def _report(
        self, path: str, name: str, report_id: str, place: Wanted
    ) -> Iterator[AttendanceSeen]:
        try:
            report = self.graph.get(
                f"{path}/{quote(report_id, safe='')}",
                {"$expand": "attendanceRecords"},
                name=name + "/{id}",
                asked=Asked.ITEM,
            )
        except ItemGone:
            return
        started = instant(report.get("meetingStartDateTime"))
        people = [_participant(row) for row in rows(report.get("attendanceRecords"))]
        if started is None or not people:
            return  # still going on: the list of people comes with its end
        yield AttendanceSeen(
            provider_id=report_id,
            series_uid=place[0],
            recurrence_id=place[1],
            started_at=started,
            ended_at=instant(report.get("meetingEndDateTime")),
            participants=tuple(people),
        )


def _is_teams(link: str) -> bool:
    parts = urlsplit(link)
    return parts.scheme == "https" and "teams" in (parts.hostname or "")


def _slot_of(report: Json, wanted: Sequence[Wanted]) -> Wanted | None:
    """The slot that a session overlaps most; None where it overlaps none."""
    start = instant(report.get("meetingStartDateTime"))
    if start is None:
        return None
    end = instant(report.get("meetingEndDateTime")) or start

    def overlap(one: Wanted) -> int:
        return min(end, one[3].end) - max(start, one[3].start)

    best = max(wanted, key=overlap)
    return best if overlap(best) > 0 else None


def _participant(row: Json) -> Participant:
    """One record. Only an address identifies; a guest's name alone is what they typed."""
    identity = mapping(row.get("identity"))
    name = text(identity.get("displayName")).strip()
    address = normal_forms.address(text(row.get("emailAddress")))
    if address:
        kind = "signed_in" if text(identity.get("id")) else "guest"
    else:
        kind = "phone" if _PHONE.match(name) else "anonymous"
    spans = rows(row.get("attendanceIntervals"))
    joined = [at for one in spans if (at := instant(one.get("joinDateTime"))) is not None]
    left = [at for one in spans if (at := instant(one.get("leaveDateTime"))) is not None]
    seconds = row.get("totalAttendanceInSeconds")
    return Participant(
        address=address,
        name=name,
        identity=kind,
        joined_at=min(joined, default=None),
        left_at=max(left, default=None),
        seconds=seconds if isinstance(seconds, int) else 0,
    )
