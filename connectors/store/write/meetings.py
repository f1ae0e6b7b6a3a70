"""How do copies of meetings, their observations and guests get into their tables?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, tuple_, update

from connectors.interfaces import Page, Window
from connectors.model.records import ALIVE, Evidence, Guest, MeetingSeen
from connectors.planning.types import CopyPlan, KnownCopy, ObservationPlan, Plan, Poll
from connectors.store.database.transactions import chunks, clean, moment, small
from connectors.store.tables.schema import attendees, meetings, observations, staging

DAY = 86_400_000_000
_KNOWN = (
    meetings.c.meeting_id,
    meetings.c.calendar_id,
    meetings.c.provider_id,
    meetings.c.series_uid,
    meetings.c.recurrence_id,
    meetings.c.acts_only,
    meetings.c.status,
    meetings.c.subject,
    meetings.c.fingerprint,
    meetings.c.updated_at,
    meetings.c.updated_exact,
    meetings.c.sure_at,
)
Key = tuple[str, str]


def _known(row: Any) -> KnownCopy:
    return KnownCopy(**row._mapping)


def known_copies(
    connection: Connection, mailbox_id: int, places: Collection[Key]
) -> dict[Key, KnownCopy]:
    """The stored copies among (calendar id, provider id)."""
    found: dict[Key, KnownCopy] = {}
    calendars = {calendar for calendar, _ in places}
    for calendar in sorted(calendars):
        wanted = [provider_id for place, provider_id in places if place == calendar]
        for part in chunks(wanted):
            rows = connection.execute(
                select(*_KNOWN).where(
                    meetings.c.mailbox_id == mailbox_id,
                    meetings.c.calendar_id == calendar,
                    meetings.c.provider_id.in_(part),
                )
            )
            found.update(((row.calendar_id, row.provider_id), _known(row)) for row in rows)
    return found


def known_by_key(
    connection: Connection, mailbox_id: int, keys: Collection[Key]
) -> dict[Key, tuple[KnownCopy, ...]]:
    """The stored copies with these (series UID, recurrence id), a calendar's own before others."""
    found: dict[Key, list[KnownCopy]] = {}
    for part in chunks(keys):
        rows = connection.execute(
            select(*_KNOWN)
            .where(
                meetings.c.mailbox_id == mailbox_id,
                tuple_(meetings.c.series_uid, meetings.c.recurrence_id).in_(part),
            )
            .order_by(meetings.c.acts_only, meetings.c.meeting_id)
        )
        for row in rows:
            found.setdefault((row.series_uid, row.recurrence_id), []).append(_known(row))
    return {key: tuple(copies) for key, copies in found.items()}


def known_acts(
    connection: Connection, mailbox_id: int, keys: Collection[Key]
) -> dict[Key, frozenset[str]]:
    """The natural keys of the acts stored for these meetings, in whichever copy."""
    found: dict[Key, set[str]] = {}
    for part in chunks(keys):
        rows = connection.execute(
            select(meetings.c.series_uid, meetings.c.recurrence_id, observations.c.act_key)
            .join_from(meetings, observations)
            .where(
                meetings.c.mailbox_id == mailbox_id,
                tuple_(meetings.c.series_uid, meetings.c.recurrence_id).in_(part),
                observations.c.act_key != "",
            )
        )
        for row in rows:
            found.setdefault((row.series_uid, row.recurrence_id), set()).add(row.act_key)
    return {key: frozenset(acts) for key, acts in found.items()}


def places_of(page: Page, poll: Poll) -> set[Key]:
    """Which copies does a page name by the provider's id?"""
    places = {
        (poll.calendar or seen.calendar_id, seen.provider_id)
        for seen in (*page.meetings, *page.far)
        if seen.evidence is Evidence.SNAPSHOT
    }
    if poll.calendar:
        places.update((poll.calendar, provider_id) for provider_id in page.removed)
    return places


def keys_of(seen: Iterable[MeetingSeen]) -> set[Key]:
    return {(one.series_uid, one.recurrence_id) for one in seen if one.series_uid}


def write(connection: Connection, poll: Poll, plan: Plan, now: int) -> None:
    """Write the plan's copies, observations and guests. `now` [µs UTC]: when they were applied."""
    fresh = [copy for copy in plan.copies if copy.meeting_id is None]
    _update(connection, [copy for copy in plan.copies if copy.meeting_id is not None], now)
    if fresh:
        rows = [
            {
                **_state(copy),
                **_times(copy),
                "mailbox_id": poll.mailbox_id,
                "first_seen_at": _seen_at(copy.true_at, now),
                "last_seen_at": _seen_at(copy.true_at, now),
                "sure_at": copy.sure_at,
            }
            for copy in fresh
        ]
        made = connection.execute(
            insert(meetings).returning(meetings.c.meeting_id, sort_by_parameter_order=True), rows
        )
        for copy, number in zip(fresh, made.scalars(), strict=True):
            copy.meeting_id = number
    _append(connection, poll, plan.observations, now)


def _seen_at(true_at: int | None, now: int) -> int:
    """When it was seen so: a file saw it when it was exported, and knows nothing of what came then.

    An export from a machine whose clock is ahead knows no more than now.
    """
    stored = moment(true_at)
    return now if stored is None else min(stored, now)


def _state(copy: CopyPlan) -> dict[str, Any]:
    return {
        "calendar_id": clean(copy.calendar_id),
        "provider_id": clean(copy.provider_id),
        "series_uid": clean(copy.series_uid),
        "recurrence_id": clean(copy.recurrence_id),
        "acts_only": copy.acts_only,
        "status": copy.status,
        "subject": clean(copy.subject),
        "updated_at": moment(copy.updated_at),
        "updated_exact": copy.updated_exact,
        "fingerprint": copy.fingerprint,
    }


def _times(copy: CopyPlan) -> dict[str, Any]:
    return {
        "start_at": moment(copy.start_at),
        "end_at": moment(copy.end_at),
        "all_day": copy.all_day,
    }


def _update(connection: Connection, copies: list[CopyPlan], now: int) -> None:
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for copy in copies:
        row: dict[str, Any] = {
            "sure_at": copy.sure_at,
            "updated_at": moment(copy.updated_at),
            "updated_exact": copy.updated_exact,
        }
        if not copy.gone:
            row["last_seen_at"] = _seen_at(copy.true_at, now)
        if copy.changed:
            row |= _state(copy)
        if copy.detailed:
            row |= _times(copy)
        groups.setdefault(tuple(sorted(row)), []).append(row | {"number": copy.meeting_id})
    for names, rows in groups.items():
        connection.execute(
            update(meetings)
            .where(meetings.c.meeting_id == bindparam("number"))
            .values({name: bindparam(name) for name in names}),
            rows,
        )


def _append(connection: Connection, poll: Poll, plans: list[ObservationPlan], now: int) -> None:
    if not plans:
        return
    made = connection.execute(
        insert(observations).returning(observations.c.observation_id, sort_by_parameter_order=True),
        [_observation(one, poll.mailbox_id, now) for one in plans],
    )
    guests = [
        _guest(guest, number, position)
        for one, number in zip(plans, made.scalars(), strict=True)
        for position, guest in enumerate(one.seen.guests)
    ]
    if guests:
        connection.execute(insert(attendees), guests)


def _observation(planned: ObservationPlan, mailbox_id: int, now: int) -> dict[str, Any]:
    seen, after = planned.seen, planned.seen_after
    return {
        "meeting_id": planned.copy.meeting_id,
        "mailbox_id": mailbox_id,
        "evidence": seen.evidence.value,
        "method": seen.method.value,
        # A clock that was set back must not make an interval that ends before it begins.
        "seen_after": after if after is not None and after <= now else None,
        "seen_at": _seen_at(seen.true_at, now),
        "acted_at": moment(seen.acted_at),
        "status": seen.status.value,
        "stub": seen.stub,
        "start_at": moment(seen.start_at),
        "end_at": moment(seen.end_at),
        "all_day": seen.all_day,
        "sequence": -1 if seen.sequence is None else small(seen.sequence),
        "updated_at": moment(seen.updated_at),
        "updated_exact": seen.updated_exact,
        "previous_start_at": moment(seen.previous_start_at),
        "organizer": clean(seen.organizer),
        "actor": clean(seen.actor),
        "sent_by": clean(seen.sent_by),
        "guests_complete": seen.guests_complete,
        "guests_can_modify": seen.guests_can_modify,
        "message_key": clean(seen.message_key),
        "act_key": planned.act_key,
        "zone": clean(seen.zone),
        "subject": clean(planned.subject),
        "organizer_name": clean(seen.organizer_name),
        "organizer_is_self": seen.organizer_is_self,
        "created_at": moment(seen.created_at),
        "kind": clean(seen.kind),
        "free": seen.free,
        "private": seen.private,
        "online": clean(seen.online),
        "on_site": seen.on_site,
        "html_link": clean(seen.html_link),
        "mark": clean(seen.mark),
    }


def _guest(guest: Guest, observation_id: int, position: int) -> dict[str, Any]:
    return {
        "observation_id": observation_id,
        "position": position,
        "address": clean(guest.address),
        "name": clean(guest.name),
        "response": guest.response.value,
        "responded_at": moment(guest.responded_at),
        "optional": guest.optional,
        "resource": guest.resource,
        "is_self": guest.is_self,
        "is_organizer": guest.is_organizer,
        "machine": guest.machine,
        "proposed_start": moment(guest.proposed_start),
    }


def expected(connection: Connection, poll: Poll, window: Window | None) -> list[KnownCopy]:
    """The living copies that a full listing of this window should hold.

    A provider compares an all-day entry with midnight in a zone that we do not know: one day at
    either end of the window decides nothing. Copies without times are never expected.
    """
    query = select(*_KNOWN).where(
        meetings.c.mailbox_id == poll.mailbox_id,
        meetings.c.calendar_id == poll.calendar,
        meetings.c.acts_only.is_(False),
        meetings.c.status.in_(ALIVE),
    )
    if window is not None:
        timed = meetings.c.all_day.is_(False)
        end = func.coalesce(meetings.c.end_at, meetings.c.start_at)
        query = query.where(
            (timed & (end > window.start) & (meetings.c.start_at < window.end))
            | (
                meetings.c.all_day.is_(True)
                & (end > window.start + DAY)
                & (meetings.c.start_at < window.end - DAY)
            )
        )
    return [_known(row) for row in connection.execute(query.order_by(meetings.c.meeting_id))]


def staged(connection: Connection, poll: Poll) -> set[str]:
    """The ids that the poll's round has listed so far."""
    return set(
        connection.execute(
            select(staging.c.provider_id).where(
                staging.c.mailbox_id == poll.mailbox_id,
                staging.c.stream == poll.stream,
                staging.c.name == poll.round,
            )
        ).scalars()
    )
