"""How does a made-up year get into a store, as one who looks at it lives through it?"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from config.clock import Clock, to_micros
from connectors import sync
from connectors.interfaces import CalendarSource, MailSource, Page, Window
from connectors.model import normal_forms
from connectors.model.records import AttendanceSeen, Participant
from connectors.sandbox.world.acts import Deliver
from connectors.store.store import Store
from tests.truth.labels import DAY, HOUR, Mode
from tests.truth.straight import (
    StraightGoogleCalendar,
    StraightMail,
    StraightMicrosoftCalendar,
)
from tests.truth.year import OWNER, Year

PAST, AHEAD = 400 * DAY, 120 * DAY
_STEPS = {"live 2 h": 2 * HOUR, "live 6 h": 6 * HOUR}


def polls(year: Year, mode: Mode) -> list[int]:
    """When the calendar is read [µs UTC]: the first and the last time, and around each change.

    A poll that finds nothing new changes no fact but the moment of the last poll, so only those
    next to a change are played.
    """
    end = to_micros(year.end) - HOUR
    if mode == "first look":
        return [end]
    grid = range(to_micros(year.start), end + 1, _STEPS[mode])
    chosen = {0, len(grid) - 1}
    for act in year.world.script:
        if not isinstance(act, Deliver):
            after = bisect_left(grid, act.at)
            chosen |= {after - 1, after}
    return [grid[place] for place in sorted(chosen) if 0 <= place < len(grid)]


def sources(year: Year) -> tuple[CalendarSource, MailSource]:
    """Calendar and mail of the year's owner, read without a wire."""
    addresses = frozenset({OWNER})
    calendar: CalendarSource
    if year.provider == "google":
        calendar = StraightGoogleCalendar(
            None,
            addresses=addresses,
            world=year.world,
            owner=OWNER,  # type: ignore[arg-type]
        )
    else:
        calendar = StraightMicrosoftCalendar(
            None,
            addresses=addresses,
            zone=year.zone,
            world=year.world,
            owner=OWNER,  # type: ignore[arg-type]
        )
    return calendar, StraightMail(year.world, OWNER, year.provider, year.zone)


def play(
    year: Year, store: Store, moments: list[int], calendar: CalendarSource, mail: MailSource
) -> int:
    """Live through the year: read the calendar at each moment, the mail once a day. -> the mailbox."""
    box = store.mailboxes.ensure(OWNER, year.provider, year.zone)
    last_day, told = 0, 0
    for moment in moments:
        year.world.advance_to(year.world.start + timedelta(microseconds=moment - _begin(year)))
        window = Window(moment - PAST, moment + AHEAD)
        sync.sync_calendar(store, calendar, box, "primary", window)
        if moment // DAY != last_day or moment == moments[-1]:
            last_day = moment // DAY
            sync.sync_mail(store, mail, box, moment - PAST)
        if len(moments) > 1:
            told = _records(year, store, box, told)
    return box


def _records(year: Year, store: Store, box: int, told: int) -> int:
    """Hand over the records of calls that ended since the last time. -> how many there are.

    Google's name nobody by an address, Microsoft's do. They come by a source of their own, which
    `tests.contracts` holds to the wire; here both ways of reading a year get them alike.
    """
    held = year.world.state.conferences
    named = year.provider == "microsoft"
    seen = tuple(
        AttendanceSeen(
            one.id, normal_forms.series_uid(one.uid), "", one.started, one.ended,
            tuple(
                Participant(
                    who.address if named else "", who.name, who.identity, who.joined, who.left,
                    (who.left - who.joined) // 1_000_000,
                )
                for who in one.participants
            ),
        )
        for one in held[told:]
    )  # fmt: skip
    if seen:
        sync.apply_pages(store, box, "attendance", [Page(attendance=seen)])
    return len(held)


def _begin(year: Year) -> int:
    return to_micros(year.world.start)


@contextmanager
def lived(year: Year, url: str, mode: Mode) -> Iterator[tuple[Store, list[int]]]:
    """The store after the year, read straight, and when the calendar was read."""
    clock = Clock(now_=lambda: year.world.now)
    moments = polls(year, mode)
    with Store.open(url, clock) as store:
        play(year, store, moments, *sources(year))
        yield store, moments
