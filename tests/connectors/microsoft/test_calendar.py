"""Is every meeting of a Microsoft 365 calendar found, moved, cancelled, gone, and never twice?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from config.clock import to_micros
from config.errors import ConfigError, CursorLost, ProviderError
from connectors.interfaces import Page, Window
from connectors.microsoft.calendar.source import MicrosoftCalendar, Place
from connectors.model.records import Response, Status
from connectors.sandbox.server.faults import Fault
from connectors.sandbox.world.recurrence import Rule
from connectors.sandbox.world.world import World
from connectors.store.store import Store
from connectors.sync import sync_calendar
from tests.support.facts.seen import sqlite_url
from tests.support.providers.microsoft_office import (
    ANA,
    DANA,
    KATE,
    LEE,
    MONDAY,
    Office,
    at,
    meetings,
    office,
)


@pytest.fixture
def kate(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as made:
        yield made


def round_of(
    source: MicrosoftCalendar, office: Office, cursor: str | None = None
) -> tuple[list[Page], str]:
    """One round's pages and the cursor it ends with."""
    pages = list(source.pages("primary", cursor, office.window))
    assert pages[-1].last
    assert pages[-1].cursor is not None
    return pages, pages[-1].cursor


def with_delta(office: Office) -> MicrosoftCalendar:
    return replace(office.calendar, use_delta=True)


def ids(pages: list[Page]) -> list[str]:
    return [one.provider_id for page in pages for one in page.meetings]


def test_a_round_lists_the_whole_window_and_every_occurrence_once(kate: Office) -> None:
    kate.world.invite(at(0, 1), KATE, [DANA], at(1), title="W", rule=Rule("weekly", count=10))
    # It straddles the border between two requests.
    border = at(0, 2) - timedelta(days=200) + timedelta(days=180)
    kate.world.invite(at(0, 1), KATE, [DANA], border - timedelta(minutes=10), title="On the border")
    kate.world.advance_to(at(0, 2))
    pages, _ = round_of(kate.calendar, kate)
    assert len(ids(pages)) == len(set(ids(pages))) == 11
    assert all(page.full for page in pages)
    assert {page.window for page in pages} == {kate.window}
    assert [page.cursor for page in pages[:-1]] == [None] * (len(pages) - 1)


def test_pages_are_followed_to_the_last(kate: Office) -> None:
    kate.world.invite(at(0, 1), KATE, [DANA], at(1), title="W", rule=Rule("weekly", count=10))
    kate.world.advance_to(at(0, 2))
    pages, _ = round_of(replace(kate.calendar, page_size=3), kate)
    assert len(set(ids(pages))) == 10


def test_a_late_decline_through_an_assistant_is_dated_on_our_own_copy(kate: Office) -> None:
    world = kate.world
    uid = world.invite(at(0, 1), KATE, [LEE], at(3), title="Review")
    world.answer(at(0, 2), uid, LEE, "accepted")
    world.answer(at(2.9), uid, LEE, "declined", by=ANA)
    world.advance_to(at(4))
    (found,) = kate.meetings().values()
    (lee,) = found.guests
    assert (lee.response, lee.responded_at) == (Response.DECLINED, to_micros(at(2.9)))


def test_the_key_is_the_same_in_google_s_words(kate: Office) -> None:
    uid = kate.world.invite(at(0, 1), DANA, [KATE], at(1), title="W", rule=Rule("weekly", count=3))
    kate.world.move(at(0, 2), uid, at(9), occurrence=at(8))
    kate.world.advance_to(at(0, 3))
    found = kate.meetings()
    assert {key[0] for key in found} == {uid.lower()}
    moved = found[(uid.lower(), f"{at(8):%Y%m%dT%H%M%SZ}")]
    assert moved.start_at == to_micros(at(9))


def test_what_the_organiser_cancels_stays_with_its_guest_and_says_so(kate: Office) -> None:
    uid = kate.world.invite(at(0, 1), LEE, [KATE], at(3), title="Vendor")
    kate.world.cancel(at(2.9), uid)
    kate.world.advance_to(at(4))
    (found,) = kate.meetings().values()
    assert (found.status, found.subject) == (Status.CANCELLED, "Vendor")


def test_hidden_guests_are_known_to_be_hidden(kate: Office) -> None:
    kate.world.invite(at(0, 1), LEE, [KATE, DANA], at(3), title="Town hall", guests_hidden=True)
    kate.world.advance_to(at(0, 2))
    (found,) = kate.meetings().values()
    assert not found.guests_complete
    assert DANA not in {one.address for one in found.guests}


def test_an_all_day_series_is_keyed_by_dates(kate: Office) -> None:
    rule = Rule("weekly", count=2)
    kate.world.invite(at(0, 1), KATE, [DANA], at(3).date(), title="Fair", rule=rule)
    kate.world.advance_to(at(0, 2))
    assert sorted(key[1] for key in kate.meetings()) == ["20261105", "20261112"]


def test_every_request_asks_for_immutable_ids_and_utc(kate: Office) -> None:
    kate.world.invite(at(0, 1), KATE, [DANA], at(1), title="W", rule=Rule("weekly", count=9))
    kate.world.advance_to(at(0, 2))
    source = with_delta(kate)
    _, cursor = round_of(source, kate)
    kate.world.move(at(0, 3), next(iter(kate.world.state.meetings)), at(2), occurrence=at(1))
    kate.world.advance_to(at(0, 4))
    round_of(source, kate, cursor)
    assert kate.sandbox.log.careless() == []
    assert all(
        one.utc
        for one in kate.sandbox.log.entries()
        if one.method.startswith(("calendar", "events"))
    )


def test_another_calendar_is_found_by_its_name_and_a_wrong_one_is_the_settings_fault(
    tmp_path: Path,
) -> None:
    world = World(MONDAY)
    world.account(KATE, "Kate Lind", secondary={"sales@group.example": "Sales"}, system="exchange")
    world.invite(at(0, 1), KATE, [DANA], at(3), title="Pitch", calendar="sales@group.example")
    world.advance_to(at(0, 2))
    with office(tmp_path, world=world) as kate:
        source = replace(kate.calendar, chosen=("Sales", "primary", "Nothing"))
        assert source.calendars() == ("primary", "Sales", "Nothing")
        (found,) = meetings(list(source.pages("Sales", None, kate.window))).values()
        assert (found.subject, found.calendar_id) == ("Pitch", "Sales")
        with pytest.raises(ConfigError, match="calendar number 3"):
            list(source.pages("Nothing", None, kate.window))


def test_a_shared_calendar_shows_the_answer_of_whoever_shared_it(tmp_path: Path) -> None:
    world, boss = World(MONDAY), "boss@ourco.example"
    world.account(boss, "Ann Boss", system="exchange")
    world.account(KATE, "Kate Lind", shared={boss: "reader"}, system="exchange")
    uid = world.invite(at(0, 1), DANA, [boss], at(3), title="Board")
    world.answer(at(0, 2), uid, boss, "tentative")
    world.advance_to(at(0, 3))
    with office(tmp_path, world=world) as kate:
        source = replace(kate.calendar, chosen=("primary", "Ann Boss"))
        (found,) = meetings(list(source.pages("Ann Boss", None, kate.window))).values()
        answers = {one.address: (one.response, one.is_self) for one in found.guests}
        assert answers[boss] == (Response.TENTATIVE, False)


def test_an_idle_round_with_deltas_is_one_request(kate: Office) -> None:
    kate.world.invite(at(0, 1), KATE, [DANA], at(1), title="W", rule=Rule("weekly", count=9))
    kate.world.advance_to(at(0, 2))
    source = with_delta(kate)
    _, cursor = round_of(source, kate)
    kate.sandbox.log.clear()
    kate.world.advance_to(at(0, 4))
    pages, cursor = round_of(source, kate, cursor)
    assert (kate.sandbox.log.counts(), ids(pages)) == ({"calendarView.delta": 1}, [])
    assert not any(page.full for page in pages)


def test_a_single_change_is_told_by_the_delta_alone(kate: Office) -> None:
    uid = kate.world.invite(at(0, 1), KATE, [DANA], at(3), title="Review")
    kate.world.invite(at(0, 1), KATE, [DANA], at(4), title="Other")
    kate.world.advance_to(at(0, 2))
    source = with_delta(kate)
    _, cursor = round_of(source, kate)
    kate.world.answer(at(1), uid, DANA, "declined")
    kate.world.advance_to(at(2))
    pages, _ = round_of(source, kate, cursor)
    (found,) = meetings(pages).values()
    assert found.guests[0].response is Response.DECLINED


def test_what_left_the_window_is_no_removal_and_what_is_gone_is(kate: Office) -> None:
    world = kate.world
    moved = world.invite(at(0, 1), KATE, [DANA], at(3), title="Moved far")
    gone = world.invite(at(0, 1), KATE, [DANA], at(4), title="Gone")
    world.advance_to(at(0, 2))
    source = with_delta(kate)
    first, cursor = round_of(source, kate)
    provider_ids = {key[0]: seen.provider_id for key, seen in meetings(first).items()}
    world.move(at(1), moved, at(300))
    world.cancel(at(1), gone)
    world.advance_to(at(2))
    pages, _ = round_of(source, kate, cursor)
    assert [one for page in pages for one in page.removed] == [provider_ids[gone.lower()]]
    (found,) = meetings(pages).values()
    assert (found.series_uid, found.start_at) == (moved.lower(), to_micros(at(300)))


def test_a_lost_occurrence_is_found_by_listing_though_the_delta_is_silent(kate: Office) -> None:
    uid = kate.world.invite(at(0, 1), KATE, [DANA], at(1), title="W", rule=Rule("weekly", count=4))
    kate.world.advance_to(at(0, 2))
    source = with_delta(kate)
    _, cursor = round_of(source, kate)
    kate.world.cancel(at(0, 3), uid, occurrence=at(8))
    kate.world.advance_to(at(0, 4))
    pages, _ = round_of(source, kate, cursor)
    assert pages[-1].full
    assert (uid.lower(), f"{at(8):%Y%m%dT%H%M%SZ}") not in meetings(pages)
    assert len(meetings(pages)) == 3


def test_a_delta_that_does_not_end_leads_back_to_the_listing(kate: Office) -> None:
    kate.world.invite(at(0, 1), KATE, [DANA], at(1), title="W", rule=Rule("weekly", count=9))
    kate.world.advance_to(at(0, 2))
    kate.sandbox.faults.add(Fault("repeated_page", where="calendarView.delta", times=None))
    source = with_delta(kate)
    pages, cursor = round_of(source, kate)
    assert len(meetings(pages)) == 9
    assert Place.read(cursor).link == ""
    assert kate.sandbox.log.counts()["calendarView.delta"] < 5


def test_a_delta_that_stops_ending_later_does_too(kate: Office) -> None:
    uid = kate.world.invite(at(0, 1), KATE, [DANA], at(3), title="Review")
    kate.world.advance_to(at(0, 2))
    source = with_delta(kate)
    _, cursor = round_of(source, kate)
    kate.world.answer(at(1), uid, DANA, "accepted")
    kate.world.advance_to(at(2))
    kate.sandbox.faults.add(Fault("repeated_page", where="calendarView.delta", times=None))
    pages, cursor = round_of(source, kate, cursor)
    assert meetings(pages)[(uid.lower(), "")].guests[0].response is Response.ACCEPTED
    assert pages[-1].full


def test_a_listing_that_does_not_end_is_an_error_and_not_a_loop(kate: Office) -> None:
    kate.world.invite(at(0, 1), KATE, [DANA], at(3), title="Review")
    kate.world.advance_to(at(0, 2))
    kate.sandbox.faults.add(Fault("repeated_page", where="calendarView.list", times=None))
    with pytest.raises(ProviderError, match="does not end"):
        round_of(kate.calendar, kate)


def test_empty_pages_go_on(kate: Office) -> None:
    kate.world.invite(at(0, 1), KATE, [DANA], at(3), title="Review")
    kate.world.advance_to(at(0, 2))
    kate.sandbox.faults.add(Fault("empty_page", where="calendarView.*", times=3))
    pages, _ = round_of(with_delta(kate), kate)
    assert len(meetings(pages)) == 1


def test_a_lost_delta_is_a_lost_cursor(kate: Office) -> None:
    kate.world.advance_to(at(0, 2))
    source = with_delta(kate)
    _, cursor = round_of(source, kate)
    kate.sandbox.faults.add(Fault("gone", where="calendarView.delta"))
    with pytest.raises(CursorLost):
        round_of(source, kate, cursor)


@pytest.mark.parametrize("cursor", ["", "nonsense", "[7]", '{"a": 1}', "[1, 2]"])
def test_a_cursor_that_is_none_of_ours_is_lost(kate: Office, cursor: str) -> None:
    with pytest.raises(CursorLost):
        list(kate.calendar.pages("primary", cursor, kate.window))


def test_a_link_to_another_host_is_never_followed(kate: Office) -> None:
    place = Place(
        "https://elsewhere.example/v1.0/me/calendarView/delta?$deltatoken=x", 1 << 60, 1 << 60
    )
    with pytest.raises(CursorLost, match="another host"):
        list(with_delta(kate).pages("primary", place.written(), kate.window))


def test_everything_is_listed_anew_once_a_week_whatever_the_delta_says(kate: Office) -> None:
    kate.world.invite(at(0, 1), KATE, [DANA], at(20), title="Review")
    kate.world.advance_to(at(0, 2))
    source = with_delta(kate)
    _, cursor = round_of(source, kate)
    kate.world.advance_to(at(6))
    assert not round_of(source, kate, cursor)[0][-1].full
    kate.world.advance_to(at(7.5))
    assert round_of(source, kate, cursor)[0][-1].full


@pytest.mark.parametrize("use_delta", [False, True])
def test_synced_step_by_step_the_store_ends_as_after_one_look(
    tmp_path: Path, use_delta: bool
) -> None:
    """A cancelled occurrence, an answer, a move, a meeting gone: every step through the store."""
    with office(tmp_path) as kate:
        world = kate.world
        weekly = world.invite(
            at(0, 1), KATE, [DANA], at(1), title="W", rule=Rule("weekly", count=4)
        )
        review = world.invite(at(0, 1), KATE, [DANA], at(5), title="Review")
        gone = world.invite(at(0, 1), KATE, [DANA], at(6), title="Gone")
        vendor = world.invite(at(0, 1), LEE, [KATE], at(6), title="Vendor")
        world.cancel(at(1, 2), weekly, occurrence=at(8))
        world.answer(at(1, 4), review, DANA, "accepted")
        world.move(at(2, 1), review, at(7))
        world.cancel(at(2, 3), gone)
        world.cancel(at(3), vendor)
        with Store.open(sqlite_url(tmp_path), kate.transport.clock) as store:
            box = store.mailboxes.ensure(KATE, "microsoft", "Europe/Berlin")
            source = replace(kate.calendar, use_delta=use_delta)
            for hours in range(2, 100, 4):
                world.advance_to(at(0, hours))
                outcome = sync_calendar(store, source, box, "primary", kate.window)
                assert outcome.complete, outcome.problem
            frame = store.frames().meetings.set_index(["series_uid", "recurrence_id"])
        state = frame["status"].to_dict()
        assert state[(weekly.lower(), f"{at(8):%Y%m%dT%H%M%SZ}")] == "vanished"
        assert state[(weekly.lower(), f"{at(15):%Y%m%dT%H%M%SZ}")] == "confirmed"
        assert state[(gone.lower(), "")] in ("vanished", "removed")
        assert state[(vendor.lower(), "")] == "cancelled"
        assert frame["start_at"][(review.lower(), "")] == at(7)


def test_an_explicit_window_is_listed_without_a_cursor(kate: Office) -> None:
    kate.world.invite(at(0, 1), KATE, [DANA], at(3), title="Review")
    kate.world.advance_to(at(0, 2))
    window = Window(to_micros(at(2)), to_micros(at(4)))
    pages = list(kate.calendar.snapshot("primary", window))
    assert [len(ids(pages)), pages[-1].cursor, pages[-1].window] == [1, None, window]
