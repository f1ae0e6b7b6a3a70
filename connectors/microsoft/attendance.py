"""Who was in a Teams meeting, as far as its organiser may know?

facts/microsoft.md 3: a meeting is found by its join address, has one report a session, and the 50
newest are listed; in a series all occurrences share them, so a report belongs to the slot that it
overlaps most, or that lies nearest within half a day: calls begin an hour later by agreement. What
cannot be had changes nothing (rule M7); whom a report counts and does not show is somebody unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from config.clock import MICROSECONDS
from config.errors import ItemGone
from connectors.interfaces import Page, Window
from connectors.microsoft.client import Forbidden, Graph
from connectors.microsoft.times import Json, instant, mapping, rows, text
from connectors.model import normal_forms
from connectors.model.records import UNKNOWN, AttendanceSeen, Participant
from connectors.transport.error_table import Asked

#: A session so far from every slot is of none of them: half a day [us], as rule M7 looks at it.
_FAR = 12 * 3600 * MICROSECONDS
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
                for listed in rows(page.get("value")):
                    place = _slot_of(listed, wanted)
                    started = instant(listed.get("meetingStartDateTime"))
                    if place is not None and started is not None:
                        yield AttendanceSeen(
                            provider_id=text(listed.get("id")),
                            series_uid=place[0],
                            recurrence_id=place[1],
                            started_at=started,
                            ended_at=instant(listed.get("meetingEndDateTime")),
                            participants=self._people(path, name, text(listed.get("id"))),
                        )

    def _people(self, path: str, name: str, report_id: str) -> tuple[Participant, ...]:
        """Who was in a session. Whoever is counted and not shown is somebody unknown, and so is everybody
        in a report that is gone, or still without its people because it goes on.
        """
        place = f"{path}/{quote(report_id, safe='')}"
        name += "/{id}"
        try:
            report = self.graph.get(
                place, {"$expand": "attendanceRecords"}, name=name, asked=Asked.ITEM
            )
            found = rows(report.get("attendanceRecords"))
            told = report.get("totalParticipantCount")
            many = told if isinstance(told, int) else 0
            if report.get("attendanceRecords@odata.nextLink") or many > len(found):
                pages = self.graph.pages(
                    f"{place}/attendanceRecords", name=name + "/attendanceRecords"
                )
                found = [row for page in pages for row in rows(page.get("value"))]
        except ItemGone:
            return (UNKNOWN,)
        people = tuple(_participant(row) for row in found)
        return people if people and len(people) >= many else (*people, UNKNOWN)


def _is_teams(link: str) -> bool:
    parts = urlsplit(link)
    return parts.scheme == "https" and "teams" in (parts.hostname or "")


def _slot_of(report: Json, wanted: Sequence[Wanted]) -> Wanted | None:
    """The slot that a session overlaps most, or else lies nearest to; None where all are far."""
    start = instant(report.get("meetingStartDateTime"))
    if start is None:
        return None
    # one without an end goes on, or ended with what nobody noted
    end = instant(report.get("meetingEndDateTime")) or start + 1

    def overlap(one: Wanted) -> int:
        return min(end, one[3].end) - max(start, one[3].start)

    best = max(wanted, key=overlap)
    return best if overlap(best) > -_FAR else None


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
