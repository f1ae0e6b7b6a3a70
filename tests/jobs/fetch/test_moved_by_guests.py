"""Is nobody named where any guest may have moved a meeting, from Google's wire to what is printed?"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.sandbox.google.server import GoogleSandbox
from connectors.sandbox.world.world import World
from tests.support.providers.google_office import DANA, MONDAY, at
from tests.support.providers.house import KATE, House

BEFORE = timedelta(hours=4)


def told(
    folder: Path,
    patch: pytest.MonkeyPatch,
    *,
    open_to_guests: bool,
    meetings: int = 1,
    ours: bool = False,
    mail: bool = True,
) -> tuple[str, list[dict[str, object]]]:
    """Kate moves meetings four hours ahead: what noshow says of Dana, and its exported incidents."""
    world = World(MONDAY)
    world.account(KATE, "Kate Lind")
    world.human(DANA, "Dana Kim")
    polls = [at(0.5), at(2)]
    for number in range(meetings):
        start = at(10 + 7 * number, 2)
        by, guest = (KATE, DANA) if ours else (DANA, KATE)
        uid = world.invite(
            at(1, number * 0.1),
            by,
            [guest],
            start,
            title=f"Review {number}",
            guests_can_modify=open_to_guests,
        )
        world.answer(at(1.5, number * 0.1), uid, guest, "accepted")
        world.move(start - BEFORE, uid, start + timedelta(days=2), mover=KATE, mail=mail)
        world.answer(start - timedelta(hours=3), uid, guest, "accepted")
        polls += [start - timedelta(hours=5), start - timedelta(hours=2), start + timedelta(days=3)]
    with GoogleSandbox(world) as google:
        house = House(folder, patch, world=world, google=google)
        house.settings()
        house.log_in()
        for moment in polls:
            world.advance_to(moment)
            assert house.type("sync").code == 0
        card = house.type("contact", DANA)
        exported = json.loads(house.type("export", "--format", "json").out)
    assert card.code == 0, card.said
    return card.out, exported["incidents"]


def test_our_move_of_a_contact_s_open_meeting_is_not_the_contact_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, incidents = told(tmp_path / "house", monkeypatch, open_to_guests=True)
    assert "Review 0: unknown" in card
    assert "M3" not in card
    assert incidents == []


def test_the_same_move_is_the_organiser_s_where_guests_may_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, incidents = told(tmp_path / "house", monkeypatch, open_to_guests=False)
    assert "Review 0: moved" in card
    assert len(incidents) == 1


@pytest.mark.proof
@pytest.mark.parametrize("mail", [True, False], ids=["with-notices", "without"])
@pytest.mark.parametrize("ours", [False, True], ids=["theirs", "ours"])
def test_four_moves_of_open_meetings_list_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mail: bool, ours: bool
) -> None:
    card, incidents = told(
        tmp_path / "house", monkeypatch, open_to_guests=True, meetings=4, mail=mail, ours=ours
    )
    assert incidents == []
    assert (
        "0 of 4 meetings that came to their day were called off, moved late or missed.\n"
        "Of 4 more it is unknown." in card
    )
    assert "\nNot listed.\n" in card
