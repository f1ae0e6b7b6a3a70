"""Which private entries and categories are the user's word, and whose are not?"""

from __future__ import annotations

from typing import Any

import pytest

from reports.schemas import Findings
from tests.support.facts.mail_box import ADA, BEN, DANA, EMIL
from tests.support.facts.whole_world import DAY, HOUR, MINUTE, World, instant

START = "2026-11-18 10:00"


def _absent(found: Findings) -> bool:
    return bool((found.slots["outcome"] == "absent").any())


def _with_entry(provider: str = "google", **facts: Any) -> World:
    """Dana's meeting, and an entry over it which was made an hour after its start."""
    world = World()
    world.rows["mailboxes"][0]["provider"] = provider
    world.meet(START)
    made = instant(START) + HOUR
    world.meet(START, guests=(), made=made, agreed=made, private=True, **facts)
    return world


@pytest.mark.parametrize(
    "title", ["noshow absent", "NOSHOW Absent", "  no show\tabsent ", "noshow\u00a0absent"]
)
@pytest.mark.parametrize("organizer", [ADA, "mallory@stranger.example"])
def test_a_private_entry_counts_if_we_organise_it_in_any_letters(
    title: str, organizer: str
) -> None:
    found = _with_entry(subject=title, organizer=organizer).detect()
    assert _absent(found) is (organizer == ADA)
    assert any("not yours" in one for one in found.notices) is (organizer != ADA)


@pytest.mark.parametrize(
    "facts",
    [
        {"guests_complete": False},
        {"kind": "fromGmail"},
        {"organizer": "", "organizer_is_self": False},
    ],
    ids=["hidden-guests", "made-by-the-provider", "organised-by-nobody"],
)
def test_what_may_be_a_strangers_entry_is_none(facts: dict[str, Any]) -> None:
    world = _with_entry(subject="noshow absent")
    world.rows["meetings"][-1] |= facts
    assert not _absent(world.detect())


@pytest.mark.parametrize(
    ("writer", "counts"), [("mallory@stranger.example", False), (BEN, True), ("", True)]
)
def test_an_entry_in_our_name_is_ours_where_nobody_outside_wrote_it(
    writer: str, counts: bool
) -> None:
    world = _with_entry(subject="noshow absent")
    world.rows["observations"][-1]["sent_by"] = writer
    found = world.detect()
    assert _absent(found) is counts
    assert any("not yours" in one for one in found.notices) is not counts


def test_an_entry_that_we_declined_is_none() -> None:
    world = _with_entry(subject="noshow absent")
    assert _absent(world.detect())
    world.rows["guests"][-1] |= {"response": "declined"}
    assert world.rows["guests"][-1]["is_self"]
    assert not _absent(world.detect())


@pytest.mark.parametrize("provider", ["files", "google", "microsoft"])
@pytest.mark.parametrize("invited", [False, True])
def test_only_a_file_shows_an_entry_of_ours_without_an_organiser(
    provider: str, invited: bool
) -> None:
    world = _with_entry(provider, subject="noshow absent")
    world.rows["meetings"][-1] |= {"organizer": "", "organizer_is_self": False}
    if not invited:
        last = world.rows["meetings"][-1]["meeting_id"]
        world.rows["guests"] = [one for one in world.rows["guests"] if one["meeting_id"] != last]
    assert _absent(world.detect()) is (provider == "files" and not invited)


@pytest.mark.parametrize("organizer", [ADA, DANA])
@pytest.mark.parametrize("word", ["absent", "held"])
def test_a_category_counts_on_our_own_meeting_alone(organizer: str, word: str) -> None:
    world = World()
    meeting = world.meet(START, guests=(DANA,), organizer=organizer)
    meeting.state["mark"] = word
    meeting.poll(instant(START) + 70 * MINUTE)
    found = world.detect()
    assert _absent(found) is (organizer == ADA and word == "absent")
    assert any("category" in one for one in found.notices) is (organizer != ADA)


def _moved_two_hours_before(calendar: str, organizer: str, *, with_us: bool) -> list[str]:
    """Why a meeting of theirs in this calendar, moved on its day, says nothing of its guests."""
    world = World()
    start = instant("2026-11-12 14:00")
    meeting = world.meet(start, organizer=organizer, guests=(EMIL,), calendar_id=calendar)
    if not with_us:
        meeting.state["guests"].pop(ADA)
    meeting.moved(start - 2 * HOUR, start + DAY)
    if not with_us:
        world.rows["guests"] = [row for row in world.rows["guests"] if row["address"] != ADA]
    slots = world.detect().slots
    first = slots[slots["start_at"] == start].set_index("contact").loc[organizer]
    return [first["outcome"], first["why_not"]]


@pytest.mark.parametrize(
    ("calendar", "with_us", "found"),
    [
        ("projects@group.calendar.google.com", False, ["", "of-others"]),
        ("Calendar of the board", False, ["", "of-others"]),
        # invited ourselves, into whichever calendar we put it
        ("projects@group.calendar.google.com", True, ["moved_late", ""]),
        # in the own calendar, where a guest who was added later is often not listed
        ("primary", False, ["moved_late", ""]),
        (ADA.upper(), False, ["moved_late", ""]),
    ],
)
def test_a_meeting_among_others_in_a_calendar_that_we_may_read_accuses_nobody(
    calendar: str, with_us: bool, found: list[str]
) -> None:
    assert _moved_two_hours_before(calendar, DANA, with_us=with_us) == found
