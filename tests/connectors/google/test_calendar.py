"""Does the calendar source see all of a Google calendar, and survive what Google does to it?"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from config.clock import to_micros
from config.errors import ConfigError, CursorLost, ProviderError
from connectors.google.calendar.source import FROZEN, GoogleCalendar, Place
from connectors.interfaces import Page, Window
from connectors.model.records import Response, Status
from connectors.planning.fingerprints import fingerprint
from connectors.sandbox.server.faults import Fault
from connectors.sandbox.world.recurrence import Rule
from tests.support.providers.google_office import (
    DANA,
    KATE,
    LEE,
    MONDAY,
    Office,
    at,
    google_at,
    meetings,
    office,
)
from tests.support.servers.scripted_http import Reply, Seen, serving


def full(one: Office) -> list[Page]:
    return list(one.calendar.pages("primary", None, one.window))


def delta(one: Office, cursor: str | None) -> list[Page]:
    return list(one.calendar.pages("primary", cursor, one.window))


def test_a_full_round_lists_what_there_is_and_ends_with_a_cursor(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        uid = one.world.invite(at(0), KATE, [DANA], at(3), title="Review", online=True)
        one.world.answer(at(0, 2), uid, DANA, "accepted")
        one.world.advance_to(at(1))
        pages = full(one)
        seen = meetings(pages)[uid.lower(), ""]
    assert pages[-1].last
    assert pages[-1].cursor
    assert all(page.full and page.window == one.window for page in pages)
    assert (seen.subject, seen.organizer, seen.organizer_is_self) == ("Review", KATE, True)
    assert {guest.address: guest.response for guest in seen.guests}[DANA] is Response.ACCEPTED
    assert seen.start_at == to_micros(at(3))
    assert seen.updated_exact
    assert seen.online.count("-") == 2
    assert one.sandbox.misuse == []


def test_a_delta_brings_the_change_and_nothing_else(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        uid = one.world.invite(at(0), KATE, [DANA], at(3), title="Review")
        one.world.invite(at(0), KATE, [LEE], at(4), title="Other")
        one.world.answer(at(0, 2), uid, DANA, "accepted")
        one.world.answer(at(2), uid, DANA, "declined")
        one.world.advance_to(at(1))
        cursor = full(one)[-1].cursor
        assert meetings(delta(one, cursor)) == {}
        one.world.advance_to(at(2, 1))
        pages = delta(one, cursor)
    seen = meetings(pages)
    assert set(seen) == {(uid.lower(), "")}
    answers = {guest.address: guest.response for guest in seen[uid.lower(), ""].guests}
    assert answers[DANA] is Response.DECLINED
    assert not any(page.full for page in pages)
    assert one.sandbox.misuse == []


def test_a_decline_by_a_machine_keeps_the_flag_and_not_the_comment(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        uid = one.world.invite(at(0), KATE, [DANA], at(3), title="Review")
        one.world.answer(at(1), uid, DANA, "declined", machine=True)
        one.world.advance_to(at(2))
        seen = meetings(full(one))[uid.lower(), ""]
    assert [guest.machine for guest in seen.guests if guest.address == DANA] == [True]
    assert "office" not in repr(seen).lower()


def test_a_human_comment_is_no_machine_and_is_not_kept(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        uid = one.world.invite(at(0), KATE, [DANA], at(3), title="Review")
        one.world.answer(at(1), uid, DANA, "declined", comment="Stuck at the airport")
        one.world.advance_to(at(2))
        seen = meetings(full(one))[uid.lower(), ""]
    assert [guest.machine for guest in seen.guests if guest.address == DANA] == [False]
    assert "airport" not in repr(seen)


def test_who_may_change_a_meeting_is_read_and_a_change_of_it_is_news(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        free = one.world.invite(at(0), LEE, [KATE], at(3), title="Free", guests_can_modify=True)
        own = one.world.invite(at(0), LEE, [KATE], at(4), title="Own")
        one.world.move(at(2), free, at(5), mover=KATE)
        one.world.advance_to(at(1))
        pages = full(one)
        before = meetings(pages)
        one.world.advance_to(at(2, 1))
        after = meetings(delta(one, pages[-1].cursor))
        letters = [mail.letter for mail in one.world.state.mailboxes[KATE].mails.values()]
    assert before[free.lower(), ""].guests_can_modify
    assert not before[own.lower(), ""].guests_can_modify
    assert after[free.lower(), ""].guests_can_modify
    closed = replace(before[free.lower(), ""], guests_can_modify=False)
    assert fingerprint(closed) != fingerprint(before[free.lower(), ""])
    # Kate moved it, and its notice names Lee.
    assert len(letters) == 3
    assert {letter.from_.address for letter in letters} == {LEE}


def test_a_cancelled_meeting_of_another_is_a_stub_that_says_nothing_else(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        uid = one.world.invite(at(0), LEE, [KATE], at(3), title="Weekly")
        one.world.cancel(at(2), uid)
        one.world.advance_to(at(1))
        pages = full(one)
        before = next(iter(meetings(pages).values()))
        one.world.advance_to(at(2, 1))
        after = next(iter(meetings(delta(one, pages[-1].cursor)).values()))
    assert (before.organizer, before.organizer_is_self) == (LEE, False)
    assert after.provider_id == before.provider_id
    assert (after.status, after.stub) == (Status.CANCELLED, True)
    assert (after.start_at, after.guests) == (None, ())


def test_our_own_cancellation_keeps_its_details(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        uid = one.world.invite(at(0), KATE, [DANA], at(3), title="Review")
        one.world.cancel(at(2), uid)
        one.world.advance_to(at(2, 1))
        seen = meetings(full(one))[uid.lower(), ""]
    assert (seen.status, seen.stub, seen.subject) == (Status.CANCELLED, False, "Review")
    assert seen.start_at == to_micros(at(3))


def test_occurrences_are_known_by_their_original_start(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        uid = one.world.invite(at(0), KATE, [DANA], at(0, 4), title="Weekly", rule=Rule("weekly"))
        one.world.move(at(1), uid, at(8), occurrence=at(7, 4))
        one.world.advance_to(at(2))
        seen = meetings(full(one))
    moved = seen[uid.lower(), f"{at(7, 4):%Y%m%dT%H%M%SZ}"]
    assert moved.start_at == to_micros(at(8))
    assert (uid.lower(), "") not in seen
    assert all(record.start_at is not None for record in seen.values())


def test_a_split_series_keeps_one_name(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        uid = one.world.invite(at(0), KATE, [DANA], at(0, 4), title="Weekly", rule=Rule("weekly"))
        one.world.split(at(1), uid, at(14, 4), at(14, 6))
        one.world.advance_to(at(2))
        names = {key[0] for key in meetings(full(one))}
    assert names == {uid.lower()}


def test_endless_series_end_at_the_horizon_but_a_single_meeting_does_not(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        far = one.world.invite(at(0), KATE, [DANA], at(300), title="Far")
        one.world.invite(at(0), KATE, [DANA], at(0, 4), title="Daily", rule=Rule("daily"))
        one.world.advance_to(at(1))
        seen = meetings(full(one))
        horizon = one.window.end
    assert (far.lower(), "") in seen
    repeated = [record for record in seen.values() if record.recurrence_id]
    assert 110 < len(repeated) < 125
    assert max(record.start_at or 0 for record in repeated) < horizon


def test_an_occurrence_moved_behind_the_horizon_is_still_told(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        uid = one.world.invite(at(0), KATE, [DANA], at(0, 4), title="Weekly", rule=Rule("weekly"))
        one.world.move(at(2), uid, at(200), occurrence=at(7, 4))
        one.world.advance_to(at(1))
        cursor = full(one)[-1].cursor
        one.world.advance_to(at(3))
        seen = meetings(delta(one, cursor))
    assert seen[uid.lower(), f"{at(7, 4):%Y%m%dT%H%M%SZ}"].start_at == to_micros(at(200))


@pytest.mark.parametrize("guest_list", ["hidden", "open"])
def test_hidden_guests_are_said_to_be_incomplete(tmp_path: Path, guest_list: str) -> None:
    with office(tmp_path) as one:
        one.world.invite(
            at(0), LEE, [KATE, DANA], at(3), title="Round", guests_hidden=guest_list == "hidden"
        )
        one.world.advance_to(at(1))
        seen = next(iter(meetings(full(one)).values()))
    assert seen.guests_complete is (guest_list == "open")


def test_private_marks_come_from_the_private_property_and_chosen_colours(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        first = one.world.invite(at(0), KATE, [DANA], at(3), title="A")
        second = one.world.invite(at(0), KATE, [DANA], at(4), title="B")
        third = one.world.invite(at(0), KATE, [DANA], at(5), title="C")
        one.world.edit(at(1), first, KATE, private={"noshow": "absent", "other": "x"})
        one.world.edit(at(1), second, KATE, color="11")
        one.world.edit(at(1), third, KATE, private={"noshow": "anything"})
        one.world.advance_to(at(2))
        source = replace(one.calendar, colours={"11": "them"})
        seen = meetings(list(source.pages("primary", None, one.window)))
    assert [seen[uid.lower(), ""].mark for uid in (first, second, third)] == ["absent", "them", ""]


@pytest.mark.parametrize("kind", ["gone", "updated_min"])
def test_a_lost_token_is_said_and_a_full_round_heals_it(tmp_path: Path, kind: str) -> None:
    with office(tmp_path) as one:
        one.world.invite(at(0), KATE, [DANA], at(3), title="Review")
        one.world.advance_to(at(1))
        cursor = full(one)[-1].cursor
        one.sandbox.faults.add(Fault(kind, where="calendar.events.list"))  # type: ignore[arg-type]
        with pytest.raises(CursorLost):
            delta(one, cursor)
        assert len(meetings(full(one))) == 1


@pytest.mark.parametrize("cursor", ["", "{}", '[2, "a", "", 0, 0]', '[1, "", "", 0, 0]', "null"])
def test_a_cursor_that_is_not_ours_is_lost(tmp_path: Path, cursor: str) -> None:
    with office(tmp_path) as one, pytest.raises(CursorLost):
        delta(one, cursor)


@pytest.mark.parametrize(
    "kind",
    [
        "empty_page",
        "repeated_page",
        "truncated",
        "drop_before",
        "drop_after",
        "html",
        "too_many",
        "rate_403",
        "rate_403_new",
        "rate_403_list",
        "server_error",
        "expired_token",
    ],
)
def test_what_google_does_on_a_bad_day_changes_nothing(tmp_path: Path, kind: str) -> None:
    with office(tmp_path) as one:
        for day in range(3, 9):
            one.world.invite(at(0), KATE, [DANA], at(day), title=f"Day {day}")
        one.world.advance_to(at(1))
        calm = meetings(full(one))
        one.sandbox.faults.add(Fault(kind, where="calendar.events.list"))  # type: ignore[arg-type]
        assert meetings(full(one)) == calm
        assert one.sandbox.faults.fired[kind] == 1


def paging(one: Office) -> None:
    """Small pages, so that a round has many."""
    one.reading["page_size"] = 3
    for number in range(10):
        one.world.invite(at(0), KATE, [DANA], at(3, number), title=f"Number {number}")
    one.world.advance_to(at(1))


def test_a_round_cut_off_after_any_page_goes_on_from_there(
    tmp_path: Path,
) -> None:
    with office(tmp_path) as one:
        paging(one)
        whole = full(one)
        assert len(whole) >= 4
        assert [bool(page.cursor) for page in whole] == [True] * len(whole)
        assert [page.last for page in whole] == [False] * (len(whole) - 1) + [True]
        for after in range(1, len(whole)):
            first = []
            for page in one.calendar.pages("primary", None, one.window):
                first.append(page)
                if len(first) == after:
                    break
            rest = delta(one, first[-1].cursor)
            assert meetings(first + rest) == meetings(whole)
            assert all(page.full and page.window == one.window for page in rest)


def test_an_aged_page_token_begins_the_round_again_without_losing_it(
    tmp_path: Path,
) -> None:
    with office(tmp_path) as one:
        paging(one)
        whole = full(one)
        stale = Place(page="no-page-of-google", start=one.window.start, end=one.window.end)
        assert meetings(delta(one, stale.written())) == meetings(whole)


def test_a_snapshot_is_bounded_and_carries_no_token(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        inside = one.world.invite(at(0), KATE, [DANA], at(3), title="In")
        one.world.invite(at(0), KATE, [DANA], at(30), title="Out")
        one.world.advance_to(at(1))
        window = Window(to_micros(at(2)), to_micros(at(10)))
        pages = list(one.calendar.snapshot("primary", window))
        asked = [entry.names for entry in one.sandbox.log if entry.method == "calendar.events.list"]
    assert set(meetings(pages)) == {(inside.lower(), "")}
    assert [page.cursor for page in pages] == [None] * len(pages)
    assert pages[-1].last
    assert all(page.full and page.window == window for page in pages)
    assert asked
    assert all("timeMax" in names and "syncToken" not in names for names in asked)


def test_a_window_that_ends_within_a_second_lists_what_begins_in_that_second(
    tmp_path: Path,
) -> None:
    """Cron starts at the full minute: the window's end lies a moment after a full one."""
    with office(tmp_path) as one:
        uid = one.world.invite(at(0), KATE, [DANA], at(3), title="On the edge")
        one.world.advance_to(at(1))
        window = Window(to_micros(at(2)), to_micros(at(3)) + 300_000)
        assert set(meetings(list(one.calendar.snapshot("primary", window)))) == {(uid.lower(), "")}


def test_the_frozen_parameters_go_with_every_request_and_change_the_hash(
    tmp_path: Path,
) -> None:
    with office(tmp_path) as one:
        one.world.advance_to(at(1))
        delta(one, full(one)[-1].cursor)
        asked = [set(entry.names) for entry in one.sandbox.log if entry.method.endswith("list")]
        before = one.calendar.parameters
        one.reading["page_size"] = 7
        assert one.calendar.parameters != before
    assert len(asked) == 2
    assert all(set(FROZEN) <= names for names in asked)
    assert all("maxAttendees" not in names for names in asked)


def test_an_unknown_calendar_is_the_settings_mistake_and_named_by_its_place(
    tmp_path: Path,
) -> None:
    with office(tmp_path) as one:
        source = replace(one.calendar, chosen=("nobody@elsewhere.example", "primary"))
        assert source.calendars() == ("primary", "nobody@elsewhere.example")
        with pytest.raises(ConfigError) as caught:
            list(source.pages("nobody@elsewhere.example", None, one.window))
    assert "number 2" in caught.value.message
    assert "elsewhere" not in caught.value.message


def test_a_colleague_s_calendar_is_not_the_owner_s_own(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        one.world.account("max@ourco.example", "Max Roth")
        one.world.account("eve@ourco.example", "Eve Ott", shared={"max@ourco.example": "reader"})
        uid = one.world.invite(at(0), "max@ourco.example", [DANA], at(3), title="His")
        one.world.advance_to(at(1))
        info = one.sandbox.issue_token(
            "eve@ourco.example",
            ["https://www.googleapis.com/auth/calendar.events.readonly"],
        )
        bearer = one.login()
        entry = {**one.vault.read("google-read"), "refresh_token": info["refresh_token"]}
        one.vault.write("google-read", entry)
        source = GoogleCalendar(
            one.google_for(bearer),
            chosen=("primary", "max@ourco.example"),
            addresses=frozenset({"eve@ourco.example"}),
        )
        seen = meetings(list(source.pages("max@ourco.example", None, one.window)))
    record = seen[uid.lower(), ""]
    assert not record.organizer_is_self
    assert not any(guest.is_self for guest in record.guests)


def test_a_list_that_does_not_end_is_an_error() -> None:
    def answer(_seen: Seen) -> Reply:
        return Reply(body={"items": [], "nextPageToken": "again"})

    window = Window(to_micros(MONDAY), to_micros(MONDAY + timedelta(days=9)))
    with serving(answer=answer) as script, google_at(script.url) as google:
        with pytest.raises(ProviderError, match="does not end"):
            list(GoogleCalendar(google).pages("primary", None, window))
    assert len(script.seen) == 2


def test_a_last_page_without_a_token_hands_its_meetings_over_first() -> None:
    event = {
        "id": "a1",
        "status": "confirmed",
        "start": {"dateTime": "2026-11-17T15:00:00+01:00"},
        "end": {"dateTime": "2026-11-17T15:30:00+01:00"},
    }
    with serving(Reply(body={"items": [event]})) as script, google_at(script.url) as google:
        window = Window(to_micros(MONDAY), to_micros(MONDAY + timedelta(days=30)))
        pages = GoogleCalendar(google).pages("primary", None, window)
        first = next(pages)
        with pytest.raises(ProviderError):
            next(pages)
    assert [seen.provider_id for seen in first.meetings] == ["a1"]
    assert not first.last
    assert first.cursor is None


def test_a_get_too_long_for_an_address_is_still_read() -> None:
    with serving(Reply(body={"items": [], "nextSyncToken": "t"})) as script:
        with google_at(script.url) as google:
            cursor = Place(token="x" * 3000).written()
            window = Window(0, to_micros(MONDAY))
            pages = list(GoogleCalendar(google).pages("primary", cursor, window))
    assert pages[-1].last
    seen = script.seen[0]
    assert (seen.method, seen.headers["x-http-method-override"]) == ("POST", "GET")
    assert parse_qs(seen.body.decode())["syncToken"] == ["x" * 3000]
    assert json.loads(pages[-1].cursor or "")[1] == "t"
