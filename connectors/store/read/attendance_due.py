"""Which online meetings have been held, and since when were their records asked for?

Small questions of a sync that runs every two hours: for them, the frames of a whole store would be
too much to read.
"""

from __future__ import annotations

from sqlalchemy import distinct, func, or_, select

from connectors.interfaces import Window
from connectors.model.records import GONE
from connectors.store.database.lost import repeated
from connectors.store.database.transactions import Database
from connectors.store.tables.schema import meetings, observations, polls


@repeated
class AttendanceDue:
    """What attendance records and audit logs are asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def online_held(
        self, mailbox_id: int, within: Window, *, ended: int, shown: int, own_only: bool = False
    ) -> list[tuple[str, str, str, Window]]:
        """Online meetings that ended within a window, in the order of their starts.

        Only those that ended since `ended`, or that a calendar showed or changed since `shown`
        [µs UTC]: one that could not be read for a while, or is read from further back, shows old
        meetings late, even where a mail told of them before.
        Series UID, recurrence id, conference and slot, each meeting once. `own_only`: those that
        the mailbox's owner organises. All-day entries and what is gone are left out.
        """
        query = (
            select(
                meetings.c.series_uid,
                meetings.c.recurrence_id,
                meetings.c.start_at,
                meetings.c.end_at,
                observations.c.online,
                observations.c.organizer_is_self,
            )
            .join(observations, observations.c.meeting_id == meetings.c.meeting_id)
            .where(
                meetings.c.mailbox_id == mailbox_id,
                meetings.c.start_at.is_not(None),
                meetings.c.end_at >= within.start,
                meetings.c.end_at < within.end,
                or_(meetings.c.end_at >= ended, observations.c.seen_at >= shown),
                meetings.c.all_day.is_(False),
                meetings.c.status.not_in(GONE),
                observations.c.evidence == "snapshot",
                observations.c.online != "",
            )
            .order_by(meetings.c.start_at, observations.c.observation_id)
        )
        found: dict[tuple[str, str], tuple[str, str, str, Window]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(query):
                key = (row.series_uid, row.recurrence_id)
                if row.organizer_is_self or not own_only:
                    # The newest observation comes last: a conference can be replaced.
                    found[key] = (*key, row.online, Window(row.start_at, row.end_at))
        return list(found.values())

    def readdressed(self, mailbox_id: int, within: Window) -> set[tuple[str, str]]:
        """The meetings that ended within a window [µs UTC] and had got another conference by their start:
        series UID and recurrence id. A record of the one does not show who waited at the other.
        """
        query = (
            select(meetings.c.series_uid, meetings.c.recurrence_id)
            .join(observations, observations.c.meeting_id == meetings.c.meeting_id)
            .where(
                meetings.c.mailbox_id == mailbox_id,
                meetings.c.end_at >= within.start,
                meetings.c.end_at < within.end,
                observations.c.evidence == "snapshot",
                observations.c.online != "",
                or_(
                    observations.c.seen_after.is_(None),
                    observations.c.seen_after < meetings.c.start_at,
                ),
            )
            .group_by(meetings.c.series_uid, meetings.c.recurrence_id)
            .having(func.count(distinct(observations.c.online)) > 1)
        )
        with self._database.reading() as connection:
            return {(row.series_uid, row.recurrence_id) for row in connection.execute(query)}

    def looked_at(self, mailbox_id: int, stream: str) -> int | None:
        """When the last complete poll of a stream began [µs UTC]; None before the first one."""
        query = select(func.max(polls.c.started_at)).where(
            polls.c.mailbox_id == mailbox_id,
            polls.c.stream == stream,
            polls.c.finished_at.is_not(None),
            polls.c.problem == "",
        )
        with self._database.reading() as connection:
            found: int | None = connection.execute(query).scalar()
        return found
