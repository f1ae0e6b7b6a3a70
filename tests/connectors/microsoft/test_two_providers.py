"""Is the same world the same, whether Google or Microsoft shows it? But for what one cannot know.

Each difference that is allowed is named here, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from config.clock import Clock, to_micros
from connectors.auth.vault import FileVault
from connectors.interfaces import Page, Window
from connectors.model.records import Evidence, MeetingSeen, MessageSeen, Response, Status
from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.scenario.worlds import DEMO_NOW, demo_world
from connectors.sandbox.world.world import World
from connectors.transport.client import Transport
from tests.support.providers import google_office
from tests.support.providers.microsoft_office import KATE
from tests.support.providers.microsoft_office import office as microsoft_office
from tests.support.servers.scripted_http import Fast, Purse

WINDOW = Window(
    to_micros(DEMO_NOW - timedelta(days=200)), to_micros(DEMO_NOW + timedelta(days=120))
)


@dataclass
class Seen:
    meetings: dict[tuple[str, str], MeetingSeen]
    messages: dict[str, MessageSeen]
    acts: list[MeetingSeen]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Seen, Seen]:
    """The demonstration's world as read from Google, and as read from Microsoft 365."""
    world = demo_world()
    folder = tmp_path_factory.mktemp("both")
    with _google(folder / "google", world) as google:
        pages = list(google.calendar.snapshot("primary", WINDOW))
        mail = list(google.mail.pages(None, WINDOW.start))
        wanted = [one for page in mail for one in page.listed]
        pages += google.mail.fetch(wanted)
        first = _seen(pages)
    with microsoft_office(folder / "microsoft", world=world) as microsoft:
        pages = list(microsoft.calendar.snapshot("primary", WINDOW))
        pages += microsoft.mail.pages(None, WINDOW.start)
        second = _seen(pages)
    return first, second


@contextmanager
def _google(folder: Path, world: World) -> Iterator[google_office.Office]:
    fast, purse = Fast(), Purse()
    clock = Clock(now_=lambda: world.now, steady_=fast.steady, sleep_=fast.sleep)
    with GoogleSandbox(world, steady=fast.steady) as served, Transport(clock, purse) as transport:
        made = google_office.Office(world, served, FileVault(folder), purse, fast, transport)
        made.google = made.google_for(made.login())
        yield made


def _seen(pages: list[Page]) -> Seen:
    snapshots = [one for page in pages for one in page.meetings]
    return Seen(
        {
            (one.series_uid, one.recurrence_id): one
            for one in snapshots
            if one.evidence is Evidence.SNAPSHOT and one.start_at is not None
        },
        {one.message_key: one for page in pages for one in page.messages},
        [one for one in snapshots if one.evidence is Evidence.NOTICE],
    )


def common(both: tuple[Seen, Seen]) -> Iterator[tuple[MeetingSeen, MeetingSeen]]:
    """The meetings that both show, as Google and as Microsoft show them."""
    google, microsoft = both
    for key in google.meetings.keys() & microsoft.meetings.keys():
        yield google.meetings[key], microsoft.meetings[key]


def test_every_living_meeting_has_the_same_key_on_both(both: tuple[Seen, Seen]) -> None:
    google, microsoft = both
    living = [
        {key for key, one in side.meetings.items() if one.status is not Status.CANCELLED}
        for side in both
    ]
    assert living[0] == living[1]
    assert len(living[0]) > 400
    # Google keeps what Kate herself cancelled, with its details; Exchange takes it away.
    assert {
        (one.organizer_is_self, one.status)
        for key, one in google.meetings.items()
        if key not in microsoft.meetings
    } == {(True, Status.CANCELLED)}
    # Exchange keeps for its guest what somebody else cancelled; Google leaves a stub without times.
    assert {
        (one.organizer_is_self, one.status)
        for key, one in microsoft.meetings.items()
        if key not in google.meetings
    } == {(False, Status.CANCELLED)}


def test_what_both_can_know_of_a_meeting_is_equal(both: tuple[Seen, Seen]) -> None:
    fields = [
        "start_at",
        "end_at",
        "all_day",
        "status",
        "subject",
        "organizer",
        "organizer_is_self",
        "created_at",
        "free",
        "private",
        "guests_complete",
        "on_site",
        "mark",
    ]
    for one, other in common(both):
        for name in fields:
            assert getattr(one, name) == getattr(other, name), name


def test_what_only_one_can_know_of_a_meeting_is_named(both: tuple[Seen, Seen]) -> None:
    different = {
        name
        for one, other in common(both)
        for name in MeetingSeen.__dataclass_fields__
        if getattr(one, name) != getattr(other, name)
    }
    assert different == {
        "provider_id",  # each provider's own
        "html_link",  # each provider's own
        "online",  # a Meet code here, a Teams address there
        "sequence",  # Graph does not show it
        "updated_at",  # Graph's is less exact than a microsecond ...
        "updated_exact",  # ... and moves for any edit
        "kind",  # Outlook has no focus time of its own
        "zone",  # Google gives an all-day entry none
        "guests",  # see the next test
    }
    assert {one.kind for one, other in common(both) if one.kind != other.kind} == {"focusTime"}


def test_of_our_own_meetings_the_answers_are_equal_and_graph_s_are_dated(
    both: tuple[Seen, Seen],
) -> None:
    compared = 0
    for one, other in common(both):
        if not one.organizer_is_self:
            continue
        # In Exchange the organiser has no line of their own.
        expected = {guest.address: guest.response for guest in one.guests if not guest.is_organizer}
        assert {guest.address: guest.response for guest in other.guests} == expected
        compared += len(expected)
        answered = (Response.ACCEPTED, Response.DECLINED, Response.TENTATIVE)
        assert all((g.responded_at is not None) == (g.response in answered) for g in other.guests)
    assert compared > 100


def test_of_others_meetings_graph_shows_the_own_answer_alone(both: tuple[Seen, Seen]) -> None:
    compared = 0
    for one, other in common(both):
        if one.organizer_is_self or not one.guests:
            continue
        mine = [[guest.response for guest in side.guests if guest.is_self] for side in (one, other)]
        assert mine[0] == mine[1]
        assert {g.response for g in other.guests if not g.is_self} <= {Response.UNKNOWN}
        compared += 1
    assert compared > 20


def test_every_mail_is_on_both_and_what_differs_is_named(both: tuple[Seen, Seen]) -> None:
    google, microsoft = both
    assert google.messages.keys() == microsoft.messages.keys()
    assert len(google.messages) > 2_000
    different: dict[str, list[tuple[MessageSeen, MessageSeen]]] = {}
    for key, one in google.messages.items():
        other = microsoft.messages[key]
        for name in MessageSeen.__dataclass_fields__:
            if getattr(one, name) != getattr(other, name):
                different.setdefault(name, []).append((one, other))
    assert different.keys() == {
        "provider_id",  # each provider's own
        "thread_id",  # each provider's own
        "revision",  # each provider's own
        "at",  # Graph's are whole seconds
        "size",  # Graph tells none
        "in_reply_to",  # sent items bear no headers ...
        "references",  # ... so threads hang together by the provider's own
        "promotions",  # Outlook has no such category
        "headers",  # Graph's type is written down as Content-Class
        "meeting_type",  # Gmail types no mails
        "meeting_uid",
        "meeting_recurrence_id",
        "meeting_start_at",
        "from_",  # a bounce is written by another machine ...
        "subject",  # ... in other words
        "flagged",  # a promise is a flag with a date here, and a label with a date there
        "labels",
        "due_at",
    }
    assert all(one.sent for one, _ in different["in_reply_to"] + different["references"])
    assert all(0 <= one.at - other.at < 1_000_000 for one, other in different["at"] if one.at)
    assert all(other.meeting_type for _, other in different["meeting_type"])
    assert {"mailer-daemon" in one.from_.address for one, _ in different["from_"]} == {True}
    assert len(different["subject"]) == len(different["from_"])
    assert [one.labels for one, _ in different["labels"]] == [("promised/2026-11-13",)]
    assert [other.due_at for _, other in different["due_at"]] == [1_794_528_000_000_000]


def test_a_typed_notice_is_of_a_meeting_that_both_know(both: tuple[Seen, Seen]) -> None:
    """The same UID on a meeting mail of Microsoft's and in Google's calendar: one meeting."""
    google, microsoft = both
    known = {key[0] for key in google.meetings} | {key[0] for key in microsoft.meetings}
    assert len(microsoft.acts) > 200
    assert {act.series_uid for act in microsoft.acts} <= known
    kate = [act for act in microsoft.acts if act.actor == KATE]
    assert kate == []  # our own acts are in the calendar, not in mails to ourselves
