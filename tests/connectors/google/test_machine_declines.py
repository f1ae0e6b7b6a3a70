"""Is a machine's decline told from a person's, in any language and without keeping a word of it?"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config import phrasing
from connectors.google.calendar.machine_declines import at_once, by_words
from connectors.interfaces import Page
from connectors.sandbox.world.recurrence import Rule
from tests.support.providers.google_office import DANA, KATE, LEE, Office, at, meetings, office

LOCALES = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "ja", "zh", "ko")
EXCUSE = "Sorry, can't make it"


def decline(event: str, minute: float, comment: str = EXCUSE, **more: Any) -> dict[str, Any]:
    row = {"email": DANA, "responseStatus": "declined", "comment": comment}
    moment = at(0) + timedelta(minutes=minute)
    return {"id": event, "updated": moment.isoformat(), "attendees": [row], **more}


@pytest.mark.parametrize(
    "comment",
    [
        "Declined because I am out of office",
        "OOO until Monday",
        "ooo",
        "On annual leave, back on the 14th",
        "Ich bin im Urlaub bis 14. Dezember",
        "ABWESEND bis Montag",
        "Leider nicht im Büro",
        "Leider nicht im Buro",
        "Je suis en congé",
        "En conge jusqu'au 3 mai",
        "Estoy fuera de la oficina",
        "Sono fuori sede",
        "Estarei de férias",
        "Fora do escritorio",
        "Ik ben niet op kantoor",
        "Jag är på semester",
        "Jeg er på ferie",
        "Olen lomalla",
        "Jestem poza biurem",
        "Na urlopie do piątku",
        "ただいま不在にしております",
        "我正在休假，请联系同事",
        "현재 부재중입니다",
        "Automatic reply: back on Monday",
    ],
)
def test_words_of_absence_are_a_machine_s_in_every_language(comment: str) -> None:
    assert by_words(comment)


@pytest.mark.parametrize(
    "comment",
    [
        EXCUSE,
        "Stuck at the airport",
        "I have to leave at three",
        "I'll be away from my phone until the call",
        "Bin krank",
        "Auto: Panne auf der A9",
        "Zoo visit with the kids",
        "Urlaubsplanungssoftware ist nichts für uns",
        "今日は体調が悪いです",
        "",
        "   ",
    ],
)
def test_a_person_s_excuse_stays_a_person_s(comment: str) -> None:
    assert not by_words(comment)


def test_every_language_of_meeting_mails_has_words_of_absence() -> None:
    import tomllib
    from importlib import resources

    text = (resources.files("config") / "phrases" / "automatic.toml").read_text("utf-8")
    tree = tomllib.loads(text)
    for locale in LOCALES:
        assert len(tree[locale]["absent"]) >= 4, locale
        assert all(phrasing.load().is_absent(f"({word}) 12") for word in tree[locale]["absent"])


def test_one_comment_on_two_meetings_at_one_time_is_a_machine_s() -> None:
    page = [decline("a", 0), decline("b", 9), decline("c", 30), decline("d", 5, "Another reason")]
    assert at_once(page) == {("a", DANA), ("b", DANA)}


def test_the_same_excuse_week_after_week_excuses_nobody() -> None:
    assert at_once([decline(f"w{week}", week * 7 * 24 * 60) for week in range(6)]) == frozenset()


def test_a_series_declined_by_hand_is_one_decline() -> None:
    page = [decline(f"s_{number}", 0, recurringEventId="s") for number in range(8)]
    assert at_once(page) == frozenset()


@pytest.mark.parametrize("comment", ["", "  "])
def test_declines_without_a_comment_say_nothing_of_a_machine(comment: str) -> None:
    assert at_once([decline("a", 0, comment), decline("b", 1, comment)]) == frozenset()


def test_two_guests_who_write_the_same_are_two_persons() -> None:
    other = decline("b", 1)
    other["attendees"][0]["email"] = LEE
    assert at_once([decline("a", 0), other]) == frozenset()


def test_odd_entries_are_passed_over() -> None:
    odd: list[object] = [
        None,
        {"id": 7},
        decline("a", 0, updated="soon"),
        decline("b", 1, attendees=[None, {"email": 3, "responseStatus": "declined"}]),
        decline("c", 2, status="cancelled"),
        decline("d", 3),
    ]
    assert at_once(odd) == frozenset()


def listed(one: Office) -> list[Page]:
    return list(one.calendar.pages("primary", None, one.window))


def machines(pages: list[Page]) -> dict[str, bool]:
    return {
        seen.subject: guest.machine
        for seen in meetings(pages).values()
        for guest in seen.guests
        if guest.address == DANA
    }


def test_what_an_absence_declines_in_one_go_is_excused_and_its_text_is_not_kept(
    tmp_path: Path,
) -> None:
    text = "Bin dann mal weg"
    with office(tmp_path) as one:
        for number in range(3):
            uid = one.world.invite(at(0), KATE, [DANA], at(5 + number), title=f"Talk {number}")
            one.world.answer(at(1), uid, DANA, "accepted")
            moment = at(2) + timedelta(seconds=20 * number) if number < 2 else at(3)
            one.world.answer(moment, uid, DANA, "declined", comment=text)
        one.world.advance_to(at(4))
        pages = listed(one)
    assert machines(pages) == {"Talk 0": True, "Talk 1": True, "Talk 2": False}
    assert "weg" not in repr(pages)


def test_a_person_who_types_an_excuse_is_not_excused(tmp_path: Path) -> None:
    with office(tmp_path) as one:
        for number in range(3):
            start = at(5 + 7 * number)
            uid = one.world.invite(at(0), KATE, [DANA], start, title=f"Talk {number}")
            one.world.answer(start - timedelta(hours=3), uid, DANA, "declined", comment=EXCUSE)
        weekly = one.world.invite(
            at(0), KATE, [DANA], at(6), title="Weekly", rule=Rule("weekly", count=3)
        )
        one.world.answer(at(2), weekly, DANA, "declined", comment=EXCUSE)
        one.world.advance_to(at(21))
        found = machines(listed(one))
    assert found == dict.fromkeys(["Talk 0", "Talk 1", "Talk 2", "Weekly"], False)
