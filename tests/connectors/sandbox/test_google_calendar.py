"""Does the sandbox's calendar behave as Google's does, where Google is inconvenient?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from connectors.sandbox.google.quirks import Quirks
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.server.faults import Fault, Faults
from connectors.sandbox.world.mails import PRIVATE
from connectors.sandbox.world.recurrence import Rule
from connectors.sandbox.world.world import World
from tests.support.providers.sandbox_requests import (
    BEGIN,
    EVENTS,
    KATE,
    OMAR,
    Asker,
    day,
    headers,
    world_of_kate,
)


@contextmanager
def asking(world: World, quirks: Quirks | None = None, *faults: Fault) -> Iterator[Asker]:
    with GoogleSandbox(world, quirks=quirks, faults=Faults(*faults)) as google:
        yield Asker(google)


def responses(event: dict) -> dict[str, str]:
    return {one["email"]: one["responseStatus"] for one in event["attendees"]}


def test_an_answer_comes_with_the_next_delta_and_moves_updated_and_etag() -> None:
    world = world_of_kate()
    review = world.invite(day(0), KATE, [OMAR], day(9), title="Review")
    world.answer(day(1), review, OMAR, "accepted")
    world.answer(day(9, 6), review, OMAR, "declined", comment="Held up")
    world.advance_to(day(2))
    with asking(world) as asker:
        (before,) = asker.events(showDeleted=True)
        token = asker.token_of(showDeleted=True)
        assert asker.sync(token, showDeleted=True)[0] == []
        world.advance_to(day(10))
        (after,), token = asker.sync(token, showDeleted=True)
        assert asker.sync(token, showDeleted=True)[0] == []
    assert responses(before) == {KATE: "accepted", OMAR: "accepted"}
    assert responses(after) == {KATE: "accepted", OMAR: "declined"}
    assert after["updated"] == "2026-06-10T06:00:00.000Z"
    # facts/google.md 1.3: the etag is twice the microseconds of the last change.
    assert int(after["etag"].strip('"')) / 2e6 == day(9, 6).timestamp()
    assert after["sequence"] == before["sequence"] == 0


def test_answers_stay_out_of_deltas_and_updated_where_that_quirk_is_set() -> None:
    world = world_of_kate()
    review = world.invite(day(0), KATE, [OMAR], day(9), title="Review")
    world.answer(day(1), review, OMAR, "accepted")
    world.advance_to(day(0, 12))
    with asking(world, Quirks(rsvp_in_delta=False, rsvp_moves_updated=False)) as asker:
        token = asker.token_of()
        world.advance_to(day(2))
        assert asker.sync(token)[0] == []
        (event,) = asker.events()
    assert responses(event)[OMAR] == "accepted"
    assert event["updated"] == "2026-06-01T09:00:00.000Z"


def test_a_move_resets_the_answers_and_raises_the_sequence() -> None:
    world = world_of_kate()
    review = world.invite(day(0), KATE, [OMAR], day(9), title="Review")
    world.answer(day(1), review, OMAR, "accepted")
    world.move(day(5), review, day(10))
    world.advance_to(day(6))
    with asking(world) as asker:
        (event,) = asker.events(timeZone="UTC")
    assert event["start"] == {"dateTime": "2026-06-11T09:00:00Z", "timeZone": "Europe/Berlin"}
    assert responses(event) == {KATE: "accepted", OMAR: "needsAction"}
    assert event["sequence"] == 1


def test_a_cancelled_meeting_keeps_its_details_for_the_organiser_alone() -> None:
    world = world_of_kate()
    own = world.invite(day(0), KATE, [OMAR], day(9), title="Own")
    theirs = world.invite(day(0), OMAR, [KATE], day(9, 12), title="Theirs")
    world.cancel(day(5), own)
    world.cancel(day(5), theirs)
    world.advance_to(day(6))
    with asking(world) as asker:
        assert asker.events() == []
        shown = {one["id"]: one for one in asker.events(showDeleted=True)}
    kept, stub = shown[own.partition("@")[0]], shown[theirs.partition("@")[0]]
    assert kept["summary"] == "Own"
    assert kept["status"] == "cancelled"
    assert set(stub) == {"kind", "etag", "id", "status"}


def test_without_show_deleted_a_delta_tells_of_deletions_but_not_their_details() -> None:
    world = world_of_kate()
    own = world.invite(day(0), KATE, [OMAR], day(9), title="Own")
    world.cancel(day(5), own)
    world.advance_to(day(1))
    with asking(world) as asker:
        token = asker.token_of()
        world.advance_to(day(6))
        (stub,), _ = asker.sync(token)
    assert stub["status"] == "cancelled"
    assert "summary" not in stub


def test_what_an_owner_removes_keeps_its_details_and_later_changes_do_not_reach_it() -> None:
    world = world_of_kate()
    theirs = world.invite(day(0), OMAR, [KATE], day(9), title="Theirs")
    world.remove(day(3), theirs, KATE)
    world.move(day(4), theirs, day(11))
    world.advance_to(day(5))
    with asking(world) as asker:
        (event,) = asker.events(showDeleted=True)
    assert event["status"] == "cancelled"
    assert event["start"]["dateTime"] == "2026-06-10T11:00:00+02:00"


def test_an_uninvited_guest_sees_a_stub_and_with_that_quirk_a_start_in_the_past() -> None:
    world = world_of_kate()
    theirs = world.invite(day(0), OMAR, [KATE, "third@client.example"], day(9), title="Theirs")
    world.uninvite(day(3), theirs, KATE)
    world.advance_to(day(5))
    with asking(world) as asker:
        (stub,) = asker.events(showDeleted=True)
        assert "start" not in stub
    with asking(world, Quirks(wrong_start_on_removal=True)) as asker:
        (stub,) = asker.events(showDeleted=True)
        assert stub["start"]["dateTime"].startswith("2026-06-03")
        assert "summary" not in stub
    with asking(world, Quirks(stub_extras=False)) as asker:
        (stub,) = asker.events(showDeleted=True)
        assert set(stub) == {"id", "status"}


def test_a_new_organiser_leaves_the_old_one_a_stub() -> None:
    world = world_of_kate()
    meeting = world.invite(day(0), KATE, [OMAR], day(9), title="Handed on")
    world.hand_over(day(2), meeting, OMAR)
    world.advance_to(day(3))
    with asking(world) as asker:
        (stub,) = asker.events(showDeleted=True)
    assert set(stub) == {"kind", "etag", "id", "status"}


def test_deleted_entries_disappear_in_the_end() -> None:
    world = world_of_kate()
    own = world.invite(day(0), KATE, [OMAR], day(9), title="Own")
    world.cancel(day(5), own)
    world.advance_to(day(6))
    with asking(world) as asker:
        assert len(asker.events(showDeleted=True)) == 1
        world.advance_to(day(36))
        assert asker.events(showDeleted=True) == []
        assert asker.reason(f"{EVENTS}/{own.partition('@')[0]}") == (404, "notFound")


def test_pages_hold_what_was_asked_and_only_the_last_bears_the_sync_token() -> None:
    world = world_of_kate()
    for number in range(7):
        world.invite(day(0), KATE, [OMAR], day(9 + number), title=f"Meeting {number}")
    world.advance_to(day(1))
    with asking(world) as asker:
        pages = list(asker.pages(EVENTS, maxResults=3))
    assert [len(page["items"]) for page in pages] == [3, 3, 1]
    assert ["nextSyncToken" in page for page in pages] == [False, False, True]
    assert len({item["id"] for page in pages for item in page["items"]}) == 7


def test_what_changes_between_two_pages_comes_with_the_next_round() -> None:
    world = world_of_kate()
    uids = [world.invite(day(0), KATE, [OMAR], day(9 + n), title=f"M {n}") for n in range(4)]
    for uid in uids:
        world.answer(day(2), uid, OMAR, "accepted")
    world.advance_to(day(1))
    with asking(world) as asker:
        first = asker.get(EVENTS, maxResults=2)
        world.advance_to(day(3))
        second = asker.get(EVENTS, maxResults=2, pageToken=first["nextPageToken"])
        delta, _ = asker.sync(second["nextSyncToken"])
    assert len(delta) == 4


@pytest.mark.parametrize(
    "query",
    [
        {"timeMin": "2026-06-01T00:00:00Z"},
        {"timeMax": "2026-06-01T00:00:00Z"},
        {"orderBy": "updated"},
        {"q": "x"},
        {"iCalUID": "x"},
        {"updatedMin": "2026-06-01T00:00:00Z"},
        {"privateExtendedProperty": "a=b"},
        {"sharedExtendedProperty": "a=b"},
        {"showDeleted": False},
    ],
)
def test_a_sync_token_stands_beside_no_restriction(query: dict) -> None:
    world = world_of_kate()
    with asking(world) as asker:
        token = asker.token_of()
        answer = asker.reason(EVENTS, syncToken=token, **query)
    assert answer == (400, "syncTokenWithRequestRestrictions")


def test_a_windowed_listing_bears_a_token_whose_deltas_know_no_window() -> None:
    world = world_of_kate()
    world.invite(day(2), KATE, [OMAR], day(300), title="Far ahead")
    world.advance_to(day(1))
    with asking(world) as asker:
        token = asker.token_of(timeMin=BEGIN.isoformat(), timeMax=day(30).isoformat())
        world.advance_to(day(3))
        (event,), _ = asker.sync(token)
    assert event["summary"] == "Far ahead"


def test_old_tokens_and_old_minimum_times_are_gone() -> None:
    world = world_of_kate()
    with asking(world) as asker:
        token = asker.token_of()
        world.advance_to(day(29))
        assert asker.reason(EVENTS, syncToken=token) == (410, "fullSyncRequired")
        answer = asker.reason(EVENTS, updatedMin=BEGIN.isoformat())
        assert answer == (410, "updatedMinTooLongAgo")
        assert asker.reason(EVENTS, syncToken="rubbish") == (400, "invalidParameter")
        assert asker.google.misuse == []


def test_parameters_that_change_under_a_token_are_answered_and_written_down() -> None:
    world = world_of_kate()
    with asking(world) as asker:
        token = asker.token_of(singleEvents=True)
        asker.sync(token)
        assert len(asker.google.misuse) == 1


def test_windows_bound_the_end_below_and_the_start_above() -> None:
    world = world_of_kate()
    world.invite(day(0), KATE, [OMAR], day(9), title="Nine to half past")
    world.advance_to(day(1))
    with asking(world) as asker:
        assert asker.events(timeMin=day(9, 9.5).isoformat()) == []
        assert len(asker.events(timeMin=day(9, 9.25).isoformat())) == 1
        assert asker.events(timeMax=day(9).isoformat()) == []
        assert len(asker.events(timeMax=day(9, 9.1).isoformat())) == 1
        assert asker.ask(EVENTS, timeMin="2026-06-01T00:00:00").status_code == 400


def weekly(world: World, organizer: str = OMAR) -> str:
    guest = KATE if organizer == OMAR else OMAR
    return world.invite(day(0), organizer, [guest], day(1), title="Weekly", rule=Rule())


def test_a_touched_series_explodes_into_hundreds_of_occurrences() -> None:
    world = world_of_kate()
    series = weekly(world, KATE)
    world.answer(day(2), series, OMAR, "accepted")
    world.answer(day(4), series, OMAR, "declined", occurrence=day(8))
    world.advance_to(day(1))
    with asking(world) as asker:
        token = asker.token_of(singleEvents=True)
        folded = asker.token_of()
        world.advance_to(day(3))
        exploded, token = asker.sync(token, singleEvents=True)
        masters, folded = asker.sync(folded)
        world.advance_to(day(5))
        single, _ = asker.sync(token, singleEvents=True)
        exception, _ = asker.sync(folded)
    assert len(exploded) == 730
    assert exploded[-1]["start"]["dateTime"] > "2040"
    assert [one["recurrence"] for one in masters] == [["RRULE:FREQ=WEEKLY"]]
    assert [one["id"] for one in single] == [one["id"] for one in exception]
    assert single[0]["id"].endswith("_20260609T090000Z")
    assert responses(single[0])[OMAR] == "declined"


def test_a_moved_occurrence_keeps_its_original_start_in_id_and_field() -> None:
    world = world_of_kate()
    series = weekly(world)
    world.move(day(2), series, day(10, 16), occurrence=day(8))
    world.cancel(day(3), series, occurrence=day(15))
    world.advance_to(day(4))
    with asking(world) as asker:
        until = day(20).isoformat()
        shown = asker.events(singleEvents=True, timeMax=until)
        moved = next(one for one in shown if "20260609" in one["id"])
        assert moved["originalStartTime"]["dateTime"] == "2026-06-09T11:00:00+02:00"
        assert moved["start"]["dateTime"] == "2026-06-11T18:00:00+02:00"
        assert responses(moved) == {OMAR: "accepted", KATE: "needsAction"}
        assert len(shown) == 2
        deleted = asker.events(singleEvents=True, showDeleted=True, timeMax=until)
        # Cancelled occurrences of a live series come without showDeleted where it is folded.
        folded = asker.events(timeMax=until)
    gone = next(one for one in deleted if one["status"] == "cancelled")
    assert set(gone) == {"kind", "etag", "id", "status", "recurringEventId", "originalStartTime"}
    assert [one["id"] for one in folded if one["status"] == "cancelled"] == [gone["id"]]


def test_a_split_series_goes_on_under_a_suffix() -> None:
    world = world_of_kate()
    series = weekly(world)
    new = world.split(day(2), series, day(15), day(16))
    world.advance_to(day(3))
    with asking(world) as asker:
        masters = asker.events()
        starts = [
            one["start"]["dateTime"]
            for one in asker.events(singleEvents=True, timeMax=day(22).isoformat())
        ]
    assert new.partition("@")[0] == series.partition("@")[0] + "_R20260616T090000"
    assert {one["iCalUID"] for one in masters} == {series, new}
    assert any("UNTIL=20260609T090000Z" in one["recurrence"][0] for one in masters)
    assert sorted(one[:10] for one in starts) == ["2026-06-02", "2026-06-09", "2026-06-17"]


def test_of_a_deleted_series_only_half_a_year_comes_as_cancelled() -> None:
    world = world_of_kate()
    series = weekly(world)
    world.cancel(day(100), series)
    world.advance_to(day(99))
    with asking(world) as asker:
        token = asker.token_of(singleEvents=True)
        world.advance_to(day(101))
        gone, _ = asker.sync(token, singleEvents=True)
    assert {one["status"] for one in gone} == {"cancelled"}
    assert 25 <= len(gone) <= 27


def test_instances_and_single_events_are_found_by_their_ids() -> None:
    world = world_of_kate()
    series = weekly(world)
    world.advance_to(day(2))
    master = series.partition("@")[0]
    with asking(world) as asker:
        items = [
            one for page in asker.pages(f"{EVENTS}/{master}/instances") for one in page["items"]
        ]
        assert len(items) == 730
        one = asker.get(f"{EVENTS}/{master}_20260609T090000Z")
        assert one["recurringEventId"] == master
        assert asker.get(f"{EVENTS}/{master}")["recurrence"] == ["RRULE:FREQ=WEEKLY"]
        assert asker.reason(f"{EVENTS}/{master}_20260610T090000Z") == (404, "notFound")


def test_a_guest_of_a_meeting_with_hidden_guests_sees_only_the_own_line() -> None:
    world = world_of_kate()
    world.invite(
        day(0), OMAR, [KATE, "third@client.example"], day(9), title="Hidden", guests_hidden=True
    )
    world.advance_to(day(1))
    with asking(world) as asker:
        (event,) = asker.events()
    assert [one["email"] for one in event["attendees"]] == [KATE]
    assert event["guestsCanSeeOtherGuests"] is False


def test_too_many_guests_are_left_out_and_that_is_said() -> None:
    world = world_of_kate()
    world.invite(day(0), KATE, [OMAR, "third@client.example"], day(9), title="Three")
    world.advance_to(day(1))
    with asking(world) as asker:
        (event,) = asker.events(maxAttendees=2)
    assert event["attendeesOmitted"] is True
    assert [one["email"] for one in event["attendees"]] == [KATE]


def test_a_shared_calendar_hides_private_entries_and_self_means_its_owner() -> None:
    world = World(BEGIN)
    world.account("jonas@ourco.example", "Jonas Weber")
    world.account(KATE, "Kate Lind", shared={"jonas@ourco.example": "reader"})
    world.invite(day(0), "jonas@ourco.example", [OMAR], day(9), title="Open")
    world.invite(
        day(0), "jonas@ourco.example", [OMAR], day(9, 12), title="Doctor", visibility="private"
    )
    world.advance_to(day(1))
    with asking(world) as asker:
        page = asker.get("calendar/v3/calendars/jonas@ourco.example/events")
        listed = asker.get("calendar/v3/users/me/calendarList")
        assert asker.ask("calendar/v3/calendars/eve@ourco.example/events").status_code == 404
    shown = {one.get("summary", ""): one for one in page["items"]}
    assert set(shown) == {"Open", ""}
    assert shown["Open"]["organizer"]["self"] is True
    assert "attendees" not in shown[""]
    assert page["accessRole"] == "reader"
    assert [one["id"] for one in listed["items"]] == [KATE, "jonas@ourco.example"]
    assert [one.get("primary") for one in listed["items"]] == [True, None]


def test_all_day_entries_bear_dates_with_an_exclusive_end() -> None:
    world = world_of_kate()
    world.invite(day(0), KATE, [], day(9).date(), title="Fair", days=2, free=True)
    world.advance_to(day(1))
    with asking(world) as asker:
        (event,) = asker.events(timeZone="America/New_York")
    assert (event["start"], event["end"]) == ({"date": "2026-06-10"}, {"date": "2026-06-12"})
    assert event["transparency"] == "transparent"


def test_a_mask_is_really_applied_and_unknown_names_are_refused() -> None:
    world = world_of_kate()
    world.invite(day(0), KATE, [OMAR], day(9), title="Review", location="HQ", online=True)
    world.advance_to(day(1))
    mask = (
        "nextSyncToken,items(id,attendees(email,self),conferenceData/conferenceSolution/key/type)"
    )
    with asking(world) as asker:
        whole = asker.ask(EVENTS).text
        page = asker.get(EVENTS, fields=mask)
        assert asker.ask(EVENTS, fields="items(id,nonsense)").status_code == 400
        assert asker.ask(EVENTS, fields="items(id").status_code == 400
    assert PRIVATE in whole
    (event,) = page["items"]
    assert set(page) == {"nextSyncToken", "items"}
    assert set(event) == {"id", "attendees", "conferenceData"}
    assert event["attendees"] == [{"email": KATE, "self": True}, {"email": OMAR}]
    assert event["conferenceData"] == {"conferenceSolution": {"key": {"type": "hangoutsMeet"}}}


def test_other_guests_answers_do_not_reach_a_copy_of_an_exchange_meeting() -> None:
    world = world_of_kate()
    petra = world.human("petra@vendor.example", "Petra Voss", system="exchange").address
    meeting = world.invite(day(0), petra, [KATE, OMAR], day(9), title="Vendor sync")
    world.answer(day(1), meeting, OMAR, "accepted")
    world.answer(day(1, 10), meeting, KATE, "accepted")
    world.advance_to(day(2))
    with asking(world) as asker:
        (event,) = asker.events()
    assert responses(event) == {petra: "accepted", KATE: "accepted", OMAR: "needsAction"}


def test_marks_of_the_owner_are_in_the_owners_copy_alone() -> None:
    world = World(BEGIN)
    world.account(KATE, "Kate Lind")
    world.account("jonas@ourco.example", "Jonas Weber")
    meeting = world.invite(day(0), KATE, ["jonas@ourco.example"], day(9), title="Review")
    world.edit(day(1), meeting, KATE, color="11", private={"noshow": "absent"})
    world.advance_to(day(2))
    with GoogleSandbox(world) as google:
        (own,) = Asker(google).events(privateExtendedProperty="noshow=absent")
        (other,) = Asker(google, who="jonas@ourco.example").events()
    assert own["colorId"] == "11"
    assert own["extendedProperties"] == {"private": {"noshow": "absent"}}
    assert "extendedProperties" not in other
    assert "colorId" not in other


def test_machines_decline_in_googles_own_words() -> None:
    world = world_of_kate()
    meeting = world.invite(day(0), KATE, [OMAR], day(9), title="Review")
    world.answer(day(2), meeting, OMAR, "declined", machine=True)
    world.advance_to(day(3))
    with asking(world) as asker:
        (event,) = asker.events()
    guest = event["attendees"][1]
    assert guest["responseStatus"] == "declined"
    assert guest["comment"] == "Declined because I am out of office"


def test_a_secondary_calendar_organises_by_itself() -> None:
    sales = "c_4f2k@group.calendar.google.com"
    world = world_of_kate(secondary={sales: "Sales"})
    world.invite(day(0), KATE, [OMAR], day(9), title="Fair", calendar=sales)
    world.advance_to(day(1))
    with asking(world) as asker:
        assert asker.events() == []
        (event,) = asker.get(f"calendar/v3/calendars/{sales}/events")["items"]
        roles = asker.get("calendar/v3/users/me/calendarList")["items"]
    assert event["organizer"] == {"email": sales, "displayName": "Sales", "self": True}
    assert [one["email"] for one in event["attendees"]] == [OMAR]
    assert [one["id"] for one in roles] == [KATE, sales]


def test_a_guest_invited_by_an_alias_is_the_same_person() -> None:
    world = world_of_kate(aliases=("k.lind@ourco.example",))
    world.invite(day(0), OMAR, ["k.lind@ourco.example"], day(9), title="By alias")
    world.advance_to(day(1))
    with asking(world) as asker:
        (event,) = asker.events()
        (mail,) = asker.mails()
    own = next(one for one in event["attendees"] if one.get("self"))
    assert own["email"] == "k.lind@ourco.example"
    assert "(k.lind@ourco.example)" in headers(mail)["subject"]


def test_a_guest_added_later_is_told_and_sits_in_every_occurrence() -> None:
    world = world_of_kate()
    series = world.invite(day(0), OMAR, [], day(1), title="Weekly", rule=Rule())
    world.move(day(0, 10), series, day(9), occurrence=day(8))
    world.add_guest(day(2), series, KATE)
    world.advance_to(day(3))
    with asking(world) as asker:
        shown = asker.events(singleEvents=True, timeMax=day(16).isoformat())
        assert len(asker.mails()) == 1
    assert all(KATE in responses(one) for one in shown)
    assert len(shown) == 3


def test_deltas_page_like_full_listings() -> None:
    world = world_of_kate()
    uids = [world.invite(day(0), KATE, [OMAR], day(9 + n), title=f"M {n}") for n in range(5)]
    for uid in uids:
        world.answer(day(2), uid, OMAR, "accepted")
    world.advance_to(day(1))
    with asking(world) as asker:
        token = asker.token_of()
        world.advance_to(day(3))
        pages = list(asker.pages(EVENTS, syncToken=token, maxResults=2))
        wrong = asker.reason(EVENTS, pageToken=pages[0]["nextPageToken"])
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    # A page token belongs to its own round: without the sync token it is worth nothing.
    assert wrong == (400, "invalidParameter")
