"""Which online meetings had got another address by their start?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from connectors.interfaces import Page, Window
from connectors.model.records import MeetingSeen
from connectors.store.store import Store
from connectors.sync import sync_calendar
from tests.support.facts.seen import CALENDAR, WINDOW, Hands, at, mailbox, meeting

FIRST, SECOND = "https://teams.example/first", "https://teams.example/second"


@dataclass
class Shown:
    """A calendar that shows one meeting."""

    meeting: MeetingSeen
    parameters: str = ""

    def calendars(self) -> tuple[str, ...]:
        return (CALENDAR,)

    def snapshot(self, calendar: str, window: Window) -> Iterator[Page]:
        return self.pages(calendar, None, window)

    def pages(self, calendar: str, cursor: str | None, window: Window) -> Iterator[Page]:
        del calendar, cursor, window
        yield Page(meetings=(self.meeting,), last=True, cursor="1")


def found(store: Store, hands: Hands, looks: dict[str, str]) -> set[tuple[str, str]]:
    """What had got another address, of one meeting on Wednesday at nine that was seen with these."""
    for number, (when, online) in enumerate(looks.items()):
        seen = replace(meeting("m1", "Wed 09:00", updated=when), online=online, sequence=number)
        hands.to(when)
        sync_calendar(store, Shown(seen), mailbox(store), CALENDAR, WINDOW)
    return store.attendance_due.readdressed(mailbox(store), Window(0, at("Sun 00:00")))


def test_an_address_that_was_replaced_before_the_start(store: Store, hands: Hands) -> None:
    assert found(store, hands, {"Mon 08:00": FIRST, "Tue 08:00": SECOND}) == {
        ("m1@cal.example", "")
    }


def test_an_address_that_was_replaced_around_the_start(store: Store, hands: Hands) -> None:
    looks = {"Mon 08:00": FIRST, "Wed 08:30": FIRST, "Wed 09:30": SECOND}
    assert found(store, hands, looks) == {("m1@cal.example", "")}


def test_what_was_changed_afterwards_is_no_other_address(store: Store, hands: Hands) -> None:
    looks = {"Mon 08:00": FIRST, "Wed 09:30": "", "Thu 08:00": SECOND}
    assert found(store, hands, looks) == set()


def test_an_address_that_stayed_or_came_late_is_one(store: Store, hands: Hands) -> None:
    looks = {"Mon 08:00": "", "Tue 08:00": FIRST, "Tue 10:00": FIRST}
    assert found(store, hands, looks) == set()
