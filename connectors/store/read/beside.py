"""Which single facts decide about somebody only by being there?

Each of these finds too much rather than too little: whoever judges looks at the facts themselves.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from config.clock import from_micros, to_micros
from connectors.model import normal_forms
from connectors.model.headers.address_lists import people
from connectors.model.wanted import Wanted
from connectors.model.written_addresses import written
from connectors.store.read.lookups import Lookups
from connectors.store.tables.facts import LONG, NAMED, TITLED

HOUR = 3_600_000_000
DAY = 24 * HOUR
#: A record of a call may lie so far from the start that it speaks of.
_RECORD_WITHIN = 36 * HOUR
#: A call before or after it may have reached so far into its hour.
_OVERRUN = HOUR
#: So long a time of mails is read at once [µs]; and no moment lies in more days that are an hour too wide.
_SPELL = 28 * DAY
_DAYS_AT_ONCE = 3
#: So many of the first facts of a mailbox are read to know the first one that counts.
_FIRST = 8
#: Where a header that is read for it names somebody.
_NAMES = ("x-failed-recipients", "x-original-from", "x-original-sender", "reply-to")
_POSTS = re.compile(r"(?m)^list-post:.*?mailto:([^>?\s]+)")
_EARLIEST = """
    SELECT message_id FROM messages WHERE mailbox_id = {box} AND NOT draft AND NOT chat
    AND at IS NOT NULL AND {mails} ORDER BY at LIMIT {many}"""
_LATEST = """
    SELECT message_id FROM messages WHERE mailbox_id = {box} AND NOT draft AND NOT chat
    AND NOT sent AND at IS NOT NULL AND {mails} ORDER BY at DESC LIMIT {many}"""
#: Meeting, mailbox, start and end [µs].
Span = tuple[int, int, int, int]


def to_noshow(subject: str) -> bool:
    """May this subject be meant for noshow?"""
    return "noshow" in subject.casefold()


def named_in(headers: str) -> set[str]:
    """The addresses, in normal form, that a mail's headers name beside its sides."""
    found = {one.lower() for one in _POSTS.findall(headers)}
    for line in headers.split("\n"):
        name, _, value = line.partition(":")
        if name in _NAMES:
            found.update(one.address for one in people(value))
            found.update(normal_forms.address(one) for one in value.split(","))
        elif name == "from":
            # A list may have written its member into its own address.
            found |= written(value)
    return found - {""}


# -- of whom one word of the user speaks at once ------------------------------------------------


def spoken_of(lookups: Lookups, entries: set[int]) -> set[int]:
    """The entries, of these and beside them, on which one word of the user may speak of several."""
    marked = lookups.firsts(
        "SELECT meeting_id FROM observations WHERE {filled}", filled=NAMED.format("mark")
    )
    found = entries & marked
    printed: set[str] = set()
    for row in lookups.rows("SELECT meeting_key, evidence_key FROM claims"):
        printed.update(str(key).partition("|")[0].rpartition(" ")[0] for key in row)
    query = "SELECT meeting_id, series_uid FROM meetings WHERE meeting_id IN {among}"
    named = lookups.rows(query, among=entries)
    found |= {int(number) for number, uid in named if uid in printed}
    titled = lookups.firsts("SELECT meeting_id FROM observations WHERE {titled}", titled=TITLED)
    if titled:
        known = spans(lookups, entries)
        near = [
            one
            for one in spans(lookups, titled)
            if one[0] in entries or any(_touch(one, other) for other in known)
        ]
        found |= {one[0] for one in near}
        found |= overlapping(lookups, {(one[2], one[3]) for one in near})
    return found


def spans(lookups: Lookups, entries: set[int]) -> list[Span]:
    """When each of these entries stood, by every poll and message."""
    query = (
        "SELECT DISTINCT meeting_id, mailbox_id, start_at, end_at FROM observations"
        " WHERE meeting_id IN {among} AND start_at IS NOT NULL"
    )
    return [
        (int(number), int(box), int(start), max(int(start), int(end or 0)))
        for number, box, start, end in lookups.rows(query, among=entries)
    ]


def _touch(one: Span, other: Span) -> bool:
    return one[2] <= other[3] and one[3] >= other[2]


def overlapping(lookups: Lookups, times: set[tuple[int, int]]) -> set[int]:
    """The entries that stood in one of these times [µs] by some poll or message."""
    found: set[int] = set()
    if not times:
        return found
    for begin, end in _merged(times):
        rows = lookups.rows(
            "SELECT meeting_id FROM observations WHERE start_at >= {earlier} AND start_at <= {end}"
            " AND (end_at IS NULL AND start_at >= {begin} OR end_at >= {begin})",
            earlier=begin - DAY,
            begin=begin,
            end=end,
        )
        found.update(int(row[0]) for row in rows)
    query = "SELECT meeting_id, start_at, end_at FROM observations WHERE {long} AND NOT all_day"
    for number, start, end in lookups.rows(query, long=LONG):
        if any(start <= last and end >= first for first, last in times):
            found.add(int(number))
    return found


def _merged(times: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for begin, end in sorted(times):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


# -- what else stood in our calendars -----------------------------------------------------------


def at_the_hour(lookups: Lookups, entries: set[int], uids: set[str]) -> set[int]:
    """What stood beside the meetings of these series of which a record tells who was there."""
    query = "SELECT DISTINCT series_uid, started_at FROM attendance WHERE series_uid IN {among}"
    records = lookups.rows(query, among=uids)
    if not records:
        return set()
    named = lookups.rows(
        "SELECT meeting_id, series_uid FROM meetings WHERE meeting_id IN {among}", among=entries
    )
    uid_of = {int(number): str(uid) for number, uid in named}
    known = spans(lookups, entries)
    longest: dict[str, int] = defaultdict(int)
    for number, _, start, end in known:
        longest[uid_of[number]] = max(longest[uid_of[number]], end - start)
    times = {
        (start - _OVERRUN, start + max(end - start, longest[uid]) + _OVERRUN)
        for uid, began in records
        for _, _, start, end in known
        if abs(start - began) <= _RECORD_WITHIN + longest[uid]
    }
    return overlapping(lookups, times)


def in_their_place(lookups: Lookups, entries: set[int]) -> set[int]:
    """Entries of the same calendars, start and guests: perhaps the same meeting under another id."""
    states = _states(lookups, "meeting_id", entries)
    starts = {state[1] for one in states.values() for state in one}
    others = _states(lookups, "start_at", starts)
    here = {state for one in states.values() for state in one}
    return {number for number, of in others.items() if of & here}


def _states(lookups: Lookups, column: str, among: set[int]) -> dict[int, set[tuple[int, int, str]]]:
    """Mailbox, start and guests of each entry, by every poll."""
    query = (
        "SELECT o.meeting_id, o.observation_id, o.mailbox_id, o.start_at, a.address"
        " FROM observations o JOIN attendees a ON a.observation_id = o.observation_id"
        " WHERE o.{column} IN {among} AND o.start_at IS NOT NULL"
        " AND NOT a.is_self AND NOT a.resource"
    )
    guests: dict[tuple[int, int, int, int], set[str]] = defaultdict(set)
    for number, poll, box, start, address in lookups.rows(query, among=among, column=column):
        guests[int(number), int(poll), int(box), int(start)].add(str(address))
    found: dict[int, set[tuple[int, int, str]]] = defaultdict(set)
    for (number, _, box, start), who in guests.items():
        found[number].add((box, start, " ".join(sorted(who))))
    return found


def called(lookups: Lookups, mails: set[int], wanted: Wanted) -> set[int]:
    """The entries whose title makes a meeting mail of one of these mails."""
    query = "SELECT DISTINCT subject FROM messages WHERE message_id IN {among}"
    subjects = pd.Series([str(row[0]) for row in lookups.rows(query, among=mails)], dtype="str")
    subjects = subjects[wanted.told(subjects).to_numpy(dtype=bool)]
    if not len(subjects):
        return set()
    titles = set(wanted.titles(subjects)) - {""}
    given = pd.Series(
        [str(row[0]) for row in lookups.rows("SELECT DISTINCT subject FROM observations")],
        dtype="str",
    )
    found = given[wanted.titles(given).isin(titles).to_numpy(dtype=bool)]
    return lookups.firsts(
        "SELECT DISTINCT meeting_id FROM observations WHERE subject IN {among}", among=set(found)
    )


# -- how far each mailbox tells -----------------------------------------------------------------


def ends_of_mailboxes(lookups: Lookups, known: Callable[[str], str]) -> set[int]:
    """The first mails of each mailbox, and the last that came in."""
    found: set[int] = set()
    for (box,) in lookups.rows("SELECT mailbox_id FROM mailboxes"):
        for query in (_EARLIEST, _LATEST):
            found |= lookups.firsts(known(query), box=box, many=_FIRST)
    return found


def first_entries(lookups: Lookups) -> set[int]:
    """The entries that stood first in each mailbox's calendars."""
    found: set[int] = set()
    for (box,) in lookups.rows("SELECT mailbox_id FROM mailboxes"):
        query = (
            "SELECT meeting_id FROM observations WHERE mailbox_id = {box}"
            " AND start_at IS NOT NULL ORDER BY start_at LIMIT {many}"
        )
        found |= lookups.firsts(query, box=box, many=_FIRST)
    return found


# -- mailings -----------------------------------------------------------------------------------


def equal_letters(lookups: Lookups, letters: set[int], ours: set[str], zone: str) -> set[int]:
    """Mails of ours of the same subject and day as these: five of them are a mailing.

    ours: our addresses, as far as mails name them.
    """
    query = (
        "SELECT message_id, at, subject, from_address, sent FROM messages"
        " WHERE message_id IN {among} AND at IS NOT NULL"
    )
    here = ZoneInfo(zone)
    wanted: dict[tuple[int, int], set[str]] = defaultdict(set)
    for _, at, subject, sender, sent in lookups.rows(query, among=letters):
        if sent or sender in ours:
            wanted[_day(int(at), here)].add(_squeezed(str(subject)))
    days = sorted(wanted)
    begins = [begin for begin, _ in days]
    every = set().union(*wanted.values())
    boxes = ", ".join(str(int(row[0])) for row in lookups.rows("SELECT mailbox_id FROM mailboxes"))
    found: set[int] = set()
    for begin, end in _spells(days):
        rows = lookups.rows(
            "SELECT message_id, at, subject FROM messages WHERE mailbox_id IN ({boxes})"
            " AND at >= {begin} AND at < {end} AND (sent OR from_address IN {among})",
            among=ours,
            boxes=boxes,
            begin=begin,
            end=end,
        )
        for number, at, subject in rows:
            if (squeezed := _squeezed(subject)) in every:
                last = bisect_right(begins, at)
                near = days[max(0, last - _DAYS_AT_ONCE) : last]
                if any(at < day[1] and squeezed in wanted[day] for day in near):
                    found.add(int(number))
    return found


def _spells(days: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The days, in order, as few spells of some weeks: a statement a day costs more than what it finds."""
    spells: list[tuple[int, int]] = []
    for begin, end in days:
        first, last = spells[-1] if spells else (begin, begin)
        if spells and begin <= last and end - first <= _SPELL:
            spells[-1] = first, end
        else:
            spells.append((max(begin, last), end))
    return spells


def _day(at: int, zone: ZoneInfo) -> tuple[int, int]:
    """The local day of a moment, an hour wider on both sides [µs]: copies may differ by seconds."""
    day = from_micros(at).astimezone(zone).date()
    begin, end = (
        to_micros(datetime.combine(one, time(), tzinfo=zone).astimezone(UTC))
        for one in (day, day + timedelta(days=1))
    )
    return begin - HOUR, end + HOUR


def _squeezed(subject: str) -> str:
    """What equal subjects surely have in common."""
    if subject.isascii():
        return "".join(subject.lower().split())  # as below, at a third of its time
    return "".join(unicodedata.normalize("NFKC", subject).casefold().split())
