"""Are the mails sought that would date an ending, of those first who have most of them?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.interfaces import Page, Window
from connectors.model.records import Evidence, Guest, MeetingSeen, Response, Status
from connectors.store.store import Store
from connectors.sync import apply_pages, calendar_stream
from tests.support.facts.seen import CALENDAR, DANA, DAY, HOUR, OWNER, Hands, at, mailbox, meeting

LEE = "lee@client.example"


@pytest.fixture(autouse=True)
def _after_the_week(hands: Hands) -> None:
    hands.to("Sun 00:00")


def seen(store: Store, *meetings: MeetingSeen, least: int = 1) -> list[Window]:
    """What is sought after a calendar showed these."""
    box = mailbox(store)
    page = Page(meetings=meetings, last=True, cursor="1")
    apply_pages(store, box, calendar_stream(CALENDAR), [page])
    return store.undated_changes.sought(box, least=least, late_hours=24)


def declined(
    uid: str, start: str, who: str | tuple[str, ...] = DANA, **more: object
) -> MeetingSeen:
    return meeting(uid, start, guests=who, declined=who, **more)  # type: ignore[arg-type]


def test_an_edit_the_days_of_the_invitation_and_the_last_day_are_sought(store: Store) -> None:
    found = seen(store, declined("m1", "Fri 09:00", created="Mon 08:00", updated="Thu 20:00"))
    assert found == [
        Window(at("Thu 19:00"), at("Thu 21:00")),
        Window(at("Mon 08:00"), at("Wed 08:00")),
        Window(at("Thu 09:00"), at("Fri 09:00")),
    ]


def test_what_the_entry_does_not_say_is_not_guessed(store: Store) -> None:
    assert seen(store, declined("m1", "Fri 09:00")) == [Window(at("Thu 09:00"), at("Fri 09:00"))]


def test_whoever_ended_most_comes_first_and_then_the_newest(store: Store) -> None:
    found = seen(
        store,
        declined("a", "Mon 09:00", LEE, updated="Mon 08:00"),
        declined("b", "Tue 09:00", DANA, updated="Tue 08:00"),
        declined("c", "Wed 09:00", DANA, updated="Wed 08:00"),
        declined("d", "Fri 09:00", LEE, updated="Fri 08:00"),
        declined("e", "Sat 09:00", LEE, updated="Sat 08:00"),
    )
    edits = [window.start + HOUR for window in found[:5]]
    assert edits == [at(f"{day} 08:00") for day in ("Sat", "Fri", "Mon", "Wed", "Tue")]
    assert [window.end - DAY for window in found[5:]] == [
        at(f"{day} 09:00") - DAY for day in ("Sat", "Fri", "Mon", "Wed", "Tue")
    ]


def test_nobody_is_sought_for_fewer_endings_than_a_listing_needs(store: Store) -> None:
    one, two = declined("m1", "Fri 09:00"), declined("m2", "Sat 09:00")
    assert seen(store, one, least=2) == []
    assert len(seen(store, one, two, least=2)) == 2


@pytest.mark.parametrize(
    "guest",
    [
        Guest(OWNER, response=Response.DECLINED, is_self=True),
        Guest("room@client.example", response=Response.DECLINED, resource=True),
        Guest(DANA, response=Response.DECLINED, responded_at=at("Tue 09:00")),
        Guest(DANA, response=Response.ACCEPTED),
    ],
    ids=["ours", "a room", "dated", "accepted"],
)
def test_other_answers_need_no_mail(store: Store, guest: Guest) -> None:
    whole = meeting("m1", "Fri 09:00")
    assert seen(store, replace(whole, guests=(guest,))) == []
    undated = Guest(DANA, response=Response.DECLINED)
    assert seen(store, replace(whole, guests=(guest, undated)))


def test_the_last_state_counts(store: Store, hands: Hands) -> None:
    before = declined("m1", "Fri 09:00", updated="Tue 09:00")
    assert seen(store, before)
    hands.to("2026-11-09T00:00")
    assert seen(store, meeting("m1", "Fri 09:00", accepted=DANA, updated="Wed 09:00")) == []


def test_a_meeting_that_its_organiser_called_off_is_sought_and_one_of_ours_is_not(
    store: Store,
) -> None:
    gone = {"status": Status.CANCELLED, "updated": "Thu 20:00"}
    found = seen(store, meeting("m1", "Fri 09:00", organizer=DANA, **gone))
    assert found[0] == Window(at("Thu 19:00"), at("Thu 21:00"))
    assert seen(store, meeting("m2", "Sat 09:00", **gone)) == found


def test_what_only_a_mail_told_is_dated_already(store: Store) -> None:
    told = declined("m1", "Fri 09:00", evidence=Evidence.NOTICE, acted_at=at("Tue 09:00"))
    assert seen(store, told) == []
