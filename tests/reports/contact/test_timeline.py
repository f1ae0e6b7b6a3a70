"""Does a contact's page say each thing once, in words, and why somebody is on no list?"""

from __future__ import annotations

from typing import Any

import pytest

from reports.contact import timeline
from reports.contact.timeline import Page
from tests.support.facts import findings as b

OMAR = "omar.haddad@client.example"
MEETING = "m1@cal "


def page(**rows: Any) -> Page:
    known = rows.pop("people", [b.person(OMAR, "Omar Haddad")])
    found = timeline.of(OMAR, b.findings(people=known, **rows), b.STANDARD, b.ZONE)
    assert found is not None
    return found


def moved(when: str, key: str = "", mail: int = -1) -> dict[str, Any]:
    return b.act(OMAR, when, "move") | {"meeting_key": key, "message_id": mail}


def days(*acts: dict[str, Any]) -> set[str]:
    entries = page(acts=list(acts)).entries
    return {f"{one.at:%d %H:%M}" for one in entries if "moved" in one.said}


def test_a_look_that_shows_a_move_which_a_mail_told_is_no_second_move() -> None:
    told = [moved("2026-11-10 08:00", mail=5), moved("2026-11-10 08:00", MEETING)]
    look = moved("2026-11-11 07:00", MEETING)
    assert days(*told, look) == {"10 07:00"}


@pytest.mark.parametrize(
    "more",
    [
        [moved("2026-11-11 07:00", "m2@cal ")],
        [moved("2026-11-13 07:00", MEETING)],
        [moved("2026-11-11 07:00", mail=6), moved("2026-11-11 07:00", MEETING)],
    ],
    ids=["of another meeting", "days later", "told by a mail of its own"],
)
def test_another_move_stays(more: list[dict[str, Any]]) -> None:
    told = [moved("2026-11-10 08:00", mail=5), moved("2026-11-10 08:00", MEETING)]
    assert len(days(*told, *more)) == 2


def test_moves_that_only_looks_show_all_stay() -> None:
    assert len(days(moved("2026-11-10 08:00", MEETING), moved("2026-11-11 07:00", MEETING))) == 2


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("undated-answer", "a mail of theirs bears no date"),
        ("thread-answer bo@client.example", "bo@client.example answered in the thread"),
        ("not-all-read", "not all mail since then has been read"),
        ("not-all-read old.mbox", "not all mail since then has been read (old.mbox could not be)"),
        ("sender-check", "a mail in their name failed the sender check"),
    ],
)
def test_why_a_silence_is_unknown_is_said_in_words(why: str, said: str) -> None:
    silence = b.silence(OMAR, "unknown", "2026-10-01 09:00", "2026-11-01 09:00", 3, why=why)
    (line,) = page(silences=[silence]).reasons
    assert line == f"Whether they answered since 1 October 2026 is unknown: {said}."


def test_whoever_is_on_no_list_whatever_happened_is_said_to_be() -> None:
    machine = page(people=[b.person(OMAR, "Omar Haddad", machine=True)]).reasons
    assert machine == ("Taken for a machine: nothing of it counts.",)
    let_go = page(people=[b.person(OMAR, "Omar Haddad", let_go=True)]).reasons
    assert let_go == ("Let go by you: on no list until they act.",)
    assert page().reasons == ()


def test_the_next_step_says_to_whom_and_until_which_day_of_the_zone() -> None:
    rest = b.standing(OMAR, "cold", step="let-rest", step_detail="2027-01-10T23:30:00+00:00")
    assert "Next: let it rest until 11 January 2027." in page(standings=[rest]).reasons
    assert (
        "Next: let it rest."
        in page(standings=[b.standing(OMAR, "cold", step="let-rest", step_detail="")]).reasons
    )
    write = b.standing(OMAR, "talk", step="write-to", step_detail="bo@client.example")
    assert "Next: write to bo@client.example." in page(standings=[write]).reasons
