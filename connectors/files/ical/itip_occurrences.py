"""Which occurrences of a series does an iTIP message speak of?

An occurrence is named by its hour, or by its day alone, which the message's own series or the
calendar tells the hour of; an invitation to a series is one to each of its occurrences; and
RANGE=THISANDFUTURE is about the named one and all later ones that are known.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from config.clock import MICROSECONDS, to_micros
from connectors.files.ical.content_lines import Property
from connectors.files.ical.date_times import MIDNIGHT, Moment, day_of, in_utc, moment, plausible
from connectors.files.ical.event import Entry, day_named
from connectors.files.ical.recurrence import Budget
from connectors.files.ical.series import Complain, occurrences
from connectors.files.ical.zones import UnknownZone, Zones
from connectors.interfaces import Window
from connectors.model import normal_forms
from connectors.model.records import MeetingSeen

#: The known recurrence ids of a series, in order.
Known = Callable[[str], Sequence[str]]
#: An invitation to a series without an end is read so far [µs].
_LONGEST_SERIES = 2 * 366 * 86_400 * MICROSECONDS
#: Occurrences that one RANGE=THISANDFUTURE is spread over.
_MOST_FOLLOWING = 1_000


def hours(series: Iterable[MeetingSeen]) -> dict[tuple[str, str], str]:
    """The recurrence ids of a message's own series, by UID and day."""
    found: dict[tuple[str, str], str] = {}
    for one in series:
        if "T" in one.recurrence_id:
            at = datetime.strptime(one.recurrence_id, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            there = at.astimezone(ZoneInfo(one.zone or "UTC"))
            found[one.series_uid, there.strftime("%Y%m%d")] = one.recurrence_id
    return found


def with_hour(one: MeetingSeen, by_day: Mapping[tuple[str, str], str]) -> MeetingSeen:
    """The record; of an occurrence that is named by its day, with the hour that its series tells."""
    hour = by_day.get((one.series_uid, one.recurrence_id))
    return one if hour is None else keyed(replace(one, recurrence_id=hour))


def named(again: Property, zones: Zones) -> Moment:
    """Which occurrence a message names that tells no times; by its day where that is all it says."""
    try:
        found = moment(again, zones)
    except UnknownZone:
        return day_of(again.value, zones)
    local = found.zone is not None and not in_utc(again)
    return Moment(found.wall, None) if local and found.wall.time() == MIDNIGHT else found


def original_id(original: Moment, one: Entry | None, again: Property | None) -> str:
    """The recurrence id; of an occurrence that is named by its day the day, for the calendar to tell
    its hour. Those that follow one are told from its hour.
    """
    if again is not None and one is not None and "RANGE" not in again.params:
        day = day_named(one, again)
        if day is not None:
            return normal_forms.recurrence_id(day)
    return normal_forms.recurrence_id(original.original())


def invited(
    record: MeetingSeen, one: Entry, until: int | None, budget: Budget, complain: Complain
) -> Iterator[MeetingSeen]:
    """An invitation to a series is one to each of its occurrences."""
    start = one.start.micros()
    end = min(max(start, until or 0) + MICROSECONDS, start + _LONGEST_SERIES)
    for found in occurrences([one], Window(start, end), budget, complain):
        if not found.excluded:
            yield replace(
                record,
                recurrence_id=found.recurrence_id,
                start_at=plausible(found.start),
                end_at=plausible(found.end),
            )


def keyed(record: MeetingSeen) -> MeetingSeen:
    """The record with the id by which an act that came by mail is stored."""
    return replace(record, provider_id=f"{record.series_uid}|{record.recurrence_id}")


def following(
    record: MeetingSeen,
    one: Entry | None,
    original: Moment | None,
    again: Property | None,
    known: Known | None,
) -> list[MeetingSeen]:
    """The record, and for RANGE=THISANDFUTURE one for each later occurrence that is known."""
    if again is None or original is None or known is None:
        return [record]
    if again.params.get("RANGE", "").upper() != "THISANDFUTURE":
        return [record]
    ids = list(known(record.series_uid))
    later = ids[bisect_left(ids, record.recurrence_id) :][:_MOST_FOLLOWING]
    spread = [record]
    for key in later:
        if key == record.recurrence_id or ("T" in key) != ("T" in record.recurrence_id):
            continue
        if record.start_at is None or one is None:
            spread.append(replace(record, recurrence_id=key))
            continue
        start = _moved(key, original, one.start)
        end = start + one.span // timedelta(microseconds=1)
        spread.append(
            replace(record, recurrence_id=key, start_at=plausible(start), end_at=plausible(end))
        )
    return spread


def _moved(key: str, named: Moment, there: Moment) -> int:
    """Where a later occurrence lies when the named one moved `there`: the same shift in wall time."""
    if "T" not in key:
        day = datetime.strptime(key, "%Y%m%d").replace(tzinfo=UTC)
        return to_micros(day) + there.micros() - named.micros()
    original = datetime.strptime(key, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if there.zone is None or named.zone is None:
        return to_micros(original) + there.micros() - named.micros()
    before = named.wall.replace(tzinfo=named.zone).astimezone(there.zone).replace(tzinfo=None)
    moved = original.astimezone(there.zone).replace(tzinfo=None) + (there.wall - before)
    return to_micros(moved.replace(tzinfo=there.zone))
