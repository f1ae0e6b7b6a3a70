"""How far did we get, who is warm, and which address is dead?"""

from __future__ import annotations

import pandas as pd
import pytest

from connectors.model.frames import enforce
from reports.schemas import SLOTS
from tests.support.facts.mail_box import ADA, BEN, DANA, EMIL, FRITZ, Box, found, instant

AWAY = "auto-submitted: auto-replied"
MEMORY = [
    "first_human_act",
    "last_human_act",
    "first_ask",
    "last_ask",
    "last_introduction",
    "last_spoke",
    "last_acceptance",
    "last_kept",
]


def slot(outcome: str) -> pd.DataFrame:
    fill = {"text": "", "flag": False, "count": 0, "key": 1, "number": 0.0, "instant": pd.NaT}
    row = {label: fill[column.kind] for label, column in SLOTS.items()}
    row |= {"contact": DANA, "outcome": outcome, "start_at": instant("2026-11-02 10:00")}
    return enforce(pd.DataFrame([row]), SLOTS)


def stage(box: Box, slots: pd.DataFrame | None = None) -> str:
    return str(found(box, slots=slots).person()["stage"])


def test_stages_follow_what_they_did() -> None:
    box = Box()
    box.sent("2026-10-01 10:00")
    assert stage(box) == "never"
    assert stage(box, slot("cancelled_late")) == "never"
    assert stage(box, slot("kept")) == "met"
    assert stage(box, slot("attended")) == "met"
    box.mail("2026-10-02 10:00")
    assert stage(box) == "dialogue"
    box.tag("2026-10-03 10:00", DANA, "client")
    assert stage(box, slot("kept")) == "client"


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ({"stage": "met"}, "met"),
        ({"stage": "dialogue"}, "dialogue"),
        ({"stage": "client"}, "met"),  # only the user's word makes a client
        ({"last_kept": instant("2026-01-05 10:00")}, "met"),
        (
            {
                "last_human_act": instant("2026-01-05 10:00"),
                "first_human_act": instant("2026-01-05 10:00"),
            },
            "dialogue",
        ),
        ({}, "never"),
    ],
)
def test_memory_keeps_what_retention_took(kept: dict[str, object], expected: str) -> None:
    box = Box()
    box.add("memory", address=DANA, **kept)
    assert stage(box) == expected


def test_moments_span_memory_and_acts() -> None:
    box = Box()
    box.mail("2026-10-02 10:00")
    box.add(
        "memory",
        address=DANA,
        first_human_act=instant("2025-01-05 10:00"),
        last_human_act=instant("2025-02-05 10:00"),
    )
    person = found(box).person()
    assert person["first_act_at"] == instant("2025-01-05 10:00")
    assert person["last_act_at"] == person["last_mail_at"] == instant("2026-10-02 10:00")


def introduced(*to: str, by: str = FRITZ) -> bool:
    box = Box()
    box.mail("2026-10-02 10:00", by, list(to))
    return bool(found(box).person()["warm"])


def test_an_introduction_warms() -> None:
    assert introduced(ADA, DANA)
    assert introduced(ADA, DANA, BEN, "c@x.example", "d@y.example")
    assert not introduced(ADA, DANA, BEN, "c@x.example", "d@y.example", "e@y.example")


def test_a_colleague_of_theirs_or_of_ours_introduces_nobody() -> None:
    assert not introduced(ADA, DANA, by=EMIL)
    assert not introduced(ADA, DANA, by="carla@ours.example")


def test_an_introduction_needs_us() -> None:
    assert not introduced("other@third.example", DANA)


def test_freemail_neighbours_are_strangers() -> None:
    box = Box()
    box.mail("2026-10-02 10:00", FRITZ, [ADA, "franz@gmail.com"])
    assert bool(found(box).person("franz@gmail.com")["warm"])


def warm(box: Box, calendar: pd.DataFrame | None = None) -> bool:
    return bool(found(box, calendar=calendar).person()["warm"])


@pytest.mark.parametrize(
    ("outcome", "expected"), [("spoke", True), ("will-call", True), ("assistant", False)]
)
def test_a_call_that_reached_them_warms(outcome: str, expected: bool) -> None:
    box = Box()
    box.call("2026-10-02 10:00", outcome=outcome)
    assert warm(box) is expected


def test_an_accepted_invitation_of_ours_warms_and_one_of_theirs_does_not() -> None:
    for organizer, response, expected in (
        (ADA, "accepted", True),
        (ADA, "declined", False),
        (DANA, "accepted", False),
    ):
        box = Box()
        meeting = box.meeting("2026-10-10 10:00", organizer=organizer, guests=(DANA,))
        seen = box.observe(meeting, "2026-10-10 10:00", seen="2026-10-02 10:00")
        box.guest(seen, meeting, DANA, response=response)
        assert warm(box) is expected, (organizer, response)


def test_a_kept_meeting_of_any_size_warms() -> None:
    kept = pd.DataFrame(
        {
            "contact": [DANA],
            "at": pd.Series([instant("2026-10-02 10:00")], dtype="datetime64[us, UTC]"),
            "kind": ["kept"],
            "meeting_key": ["u "],
            "via": [""],
            "machine": [False],
        }
    )
    box = Box()
    box.sent("2026-11-02 10:00")
    assert warm(box, kept)
    assert not warm(box, kept.assign(kind="mail"))


@pytest.mark.parametrize(
    ("ask", "expected"), [("2026-11-06 08:00", True), ("2026-11-06 08:01", False)]
)
def test_warmth_lasts_four_hundred_days_before_the_first_open_ask(ask: str, expected: bool) -> None:
    box = Box()
    box.call("2025-10-02 09:00", outcome="spoke")  # 400 days, over two clock changes
    box.sent(ask)
    assert warm(box) is expected


def test_what_warms_only_after_the_first_ask_does_not() -> None:
    box = Box()
    box.sent("2026-10-01 10:00")
    box.mail("2026-10-02 10:00", FRITZ, [ADA, DANA])
    assert not warm(box)


def test_memory_warms() -> None:
    for label in ("last_introduction", "last_kept", "last_acceptance", "last_spoke"):
        box = Box()
        box.add("memory", address=DANA, **{label: instant("2026-10-01 10:00")})
        assert warm(box), label


def test_a_memory_too_old_does_not_warm() -> None:
    box = Box()
    box.add("memory", address=DANA, last_spoke=instant("2025-10-01 10:00"))
    assert not warm(box)


def test_let_go_lasts_until_their_next_act() -> None:
    box = Box()
    box.mail("2026-10-01 10:00")
    box.tag("2026-10-02 10:00", DANA, "let-go")
    assert found(box).person()["let_go"]
    box.mail("2026-10-03 10:00")
    assert not found(box).person()["let_go"]


def bounced(at: str) -> Box:
    box = Box()
    box.sent("2026-10-01 10:00")
    box.sent(str(pd.Timestamp(at) - pd.Timedelta(hours=1)), subject="Offer")
    box.mail(at, "mailer-daemon@host.example", headers="x-failed-recipients: dana@client.example")
    return box


@pytest.mark.parametrize(("at", "dead"), [("2026-10-24 08:00", True), ("2026-10-24 07:59", False)])
def test_a_bounce_of_the_last_thirty_days_makes_it_dead(at: str, dead: bool) -> None:
    person = found(bounced(at), "2026-11-23 07:00").person()
    assert bool(person["dead"]) is dead
    assert person["dead_reason"] == ("bounce" if dead else "")


def test_a_human_act_after_the_bounce_makes_it_alive() -> None:
    box = bounced("2026-11-16 10:00")
    box.mail("2026-11-15 10:00")
    assert found(box).person()["dead"]
    box.mail("2026-11-17 10:00")
    assert not found(box).person()["dead"]


def only_machine(*days: str, asked: bool = True) -> Box:
    box = Box()
    box.mail("2026-07-01 10:00")
    for number, day in enumerate(days):
        if asked:
            box.sent(f"{day} 09:00", subject=f"s{number}")
        box.mail(f"{day} 10:00", headers=AWAY, subject="Out of office")
    return box


def test_three_notices_over_sixty_days_with_asks_in_each_make_it_dead() -> None:
    person = found(only_machine("2026-08-03", "2026-09-07", "2026-10-02")).person()
    assert person["dead"]
    assert person["dead_reason"] == "answers only by machine"
    assert person["dead_at"] == instant("2026-08-03 10:00")


@pytest.mark.parametrize(
    "box",
    [
        only_machine("2026-08-03", "2026-10-02"),  # two
        only_machine("2026-08-03", "2026-09-07", "2026-10-01"),  # 59 days
        only_machine("2026-08-03", "2026-09-07", "2026-10-02", asked=False),
    ],
)
def test_fewer_nearer_or_unasked_notices_do_not(box: Box) -> None:
    assert not found(box).person()["dead"]


def test_a_human_act_between_the_notices_makes_it_alive() -> None:
    box = only_machine("2026-08-03", "2026-09-07", "2026-10-02")
    box.mail("2026-08-20 10:00")
    assert not found(box).person()["dead"]
