"""When did the mails come that would date what a calendar shows without a date?

Google tells that a guest declined or that the organiser cancelled, and not when (facts/google.md
1.5); the notice in the mailbox does. A mailbox read for the first time fetches those mails early.
Only an order is made of it, so a guess is good enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select

from connectors.interfaces import Window
from connectors.model.records import GONE
from connectors.store.database.lost import repeated
from connectors.store.database.transactions import Database
from connectors.store.tables.schema import attendees, meetings, observations

_HOUR = 3_600_000_000  # [µs]
#: An edit and the mail about it come within this of each other, by two clocks [µs].
_ABOUT = _HOUR
#: Most who accept do so within this of the invitation, as far as an order needs to know [µs].
_ACCEPTED = 48 * _HOUR


@dataclass(frozen=True, slots=True)
class Ending:
    """One meeting that a person declined or called off. Moments in µs UTC."""

    address: str
    created_at: int | None
    start_at: int
    updated_at: int | None


@repeated
class UndatedChanges:
    """What mails are sought for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sought(self, mailbox_id: int, *, least: int, late_hours: float) -> list[Window]:
        """The times of the mails that would date endings, the most useful first.

        Of those who have at least so many undated endings, since nobody is listed for fewer; the
        one with the most comes first, and of one person the newest. First, for all of them, when
        the entry was last changed and the two days after it was made, in which it was accepted;
        then the `late_hours` before the start, for an edit that came later than the notice.
        """
        with self._database.reading() as connection:
            newest = (
                select(
                    observations.c.meeting_id,
                    func.max(observations.c.observation_id).label("observation_id"),
                )
                .where(
                    observations.c.mailbox_id == mailbox_id,
                    observations.c.evidence == "snapshot",
                    observations.c.stub.is_(False),
                )
                .group_by(observations.c.meeting_id)
                .subquery()
            )
            entry = observations.c
            columns = (entry.created_at, entry.start_at, entry.updated_at)
            shown = newest.join(observations, entry.observation_id == newest.c.observation_id)
            declined = (
                select(attendees.c.address, *columns)
                .select_from(
                    shown.join(attendees, attendees.c.observation_id == entry.observation_id)
                )
                .where(
                    attendees.c.response == "declined",
                    attendees.c.responded_at.is_(None),
                    attendees.c.is_self.is_(False),
                    attendees.c.resource.is_(False),
                    attendees.c.is_organizer.is_(False),
                )
            )
            called_off = (
                select(entry.organizer.label("address"), *columns)
                .select_from(shown.join(meetings, meetings.c.meeting_id == entry.meeting_id))
                .where(
                    meetings.c.status.in_(GONE),
                    entry.organizer != "",
                    entry.organizer_is_self.is_(False),
                )
            )
            rows = [*connection.execute(declined), *connection.execute(called_off)]
        return _windows(
            {
                Ending(row.address, row.created_at, row.start_at, row.updated_at)
                for row in rows
                if row.start_at is not None
            },
            least,
            round(late_hours * _HOUR),
        )


def _windows(endings: Iterable[Ending], least: int, late: int) -> list[Window]:
    """`UndatedChanges.sought` for these endings; `late` in µs. Pure."""
    found = list(endings)
    count = Counter(one.address for one in found)
    narrow: list[Window] = []
    wide: list[Window] = []
    for one in sorted(found, key=lambda one: (-count[one.address], one.address, -one.start_at)):
        if count[one.address] < least:
            continue
        if one.updated_at is not None:
            narrow.append(Window(one.updated_at - _ABOUT, one.updated_at + _ABOUT))
        if one.created_at is not None:
            narrow.append(Window(one.created_at, one.created_at + _ACCEPTED))
        wide.append(Window(one.start_at - late, one.start_at))
    return narrow + wide
