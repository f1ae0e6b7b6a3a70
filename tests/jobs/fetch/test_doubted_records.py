"""Does the record of a meeting that had two addresses hold somebody unknown, and no other one?"""

from __future__ import annotations

from connectors.interfaces import Page
from connectors.model.records import UNKNOWN, AttendanceSeen, Participant
from jobs.fetch.attendance_and_audit import doubted

SAM = Participant("sam@ours.example", "Sam", "signed_in", 0, 1, 0)


def test_somebody_unknown_is_in_the_record_of_a_meeting_with_two_addresses() -> None:
    page = Page(attendance=tuple(AttendanceSeen(uid, uid, "", 0, 1, (SAM,)) for uid in ("a", "b")))
    two, one = doubted(page, {("a", "")}).attendance
    assert (two.participants, one.participants) == ((SAM, UNKNOWN), (SAM,))
