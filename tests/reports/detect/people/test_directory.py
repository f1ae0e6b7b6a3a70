"""Are people told apart, merged only by hand, and put where they belong?"""

from __future__ import annotations

import pytest

from config import organisations
from config.ours import Ours
from reports.detect.tags import merge_map
from tests.support.facts.mail_box import (
    ADA,
    DANA,
    EMIL,
    FRITZ,
    NOW,
    OURS,
    PHRASES,
    Box,
    Found,
    found,
    instant,
)

ANA = "ana@client.example"


def test_nobody_is_merged_by_name() -> None:
    box = Box()
    box.mail("2026-11-02 10:00", DANA, name="Dana Diaz")
    box.mail("2026-11-03 10:00", "dana@home.example", name="Dana Diaz")
    assert found(box).people["contact"].tolist() == [DANA, "dana@home.example"]


def test_same_person_merges_by_hand_and_can_be_taken_back() -> None:
    box = Box()
    box.mail("2026-11-02 10:00", DANA)
    box.mail("2026-11-03 10:00", "zdana@home.example")
    box.tag("2026-11-04 10:00", "zdana@home.example", "same-person", DANA)
    before = found(box)
    assert before.people["contact"].tolist() == [DANA]
    assert before.mails["contact"].tolist() == [DANA, DANA]
    box.tag("2026-11-05 10:00", "zdana@home.example", "not-same-person", DANA)
    assert len(found(box).people) == 2


def test_merges_chain_and_do_not_know_the_future() -> None:
    box = Box()
    box.tag("2026-11-04 10:00", "c@x.example", "same-person", "b@x.example")
    box.tag("2026-11-05 10:00", "b@x.example", "same-person", "a@x.example")
    tags = box.frames().tags
    assert set(merge_map(tags, instant(NOW)).values()) == {"a@x.example"}
    assert merge_map(tags, instant("2026-11-04 12:00")) == {
        "c@x.example": "b@x.example",
        "b@x.example": "b@x.example",
    }


def test_the_name_is_the_one_written_most_often() -> None:
    box = Box()
    for name in ["D. Diaz", "Dana Diaz", "Dana Diaz", DANA]:
        box.mail("2026-11-02 10:00", name=name)
    assert found(box).person()["name"] == "Dana Diaz"


def test_a_name_delivered_twice_in_one_row_counts_once() -> None:
    box = Box()
    first = box.mail("2026-11-02 10:00", name="Dana A")
    box.mail("2026-11-02 11:00", name="Dana B")
    box.rows["messages"] += [box.rows["messages"][1]] * 3
    assert first == 1
    assert found(box).person()["name"] == "Dana A"


@pytest.mark.parametrize(
    ("address", "home"),
    [
        ("dana@mail.client.co.uk", "client.co.uk"),
        ("dana@client.example", "client.example"),
        ("dana@shop.github.io", "shop.github.io"),
        ("dana@github.io", "github.io"),
        ("fritz@gmail.com", ""),
        ("fritz@yahoo.co.uk", ""),
        ("", ""),
    ],
)
def test_an_organisation_is_the_registrable_domain(address: str, home: str) -> None:
    assert organisations.organisation(address, PHRASES) == home


def test_ours_are_no_contacts() -> None:
    box = Box()
    box.sent("2026-11-02 10:00", to=["carla@ours.example", "carla@de.ours.example"])
    assert found(box).people.empty


def test_a_client_is_one_by_list_by_domain_or_by_tag() -> None:
    box = Box()
    for person in (DANA, FRITZ, "x@deep.other.example", "y@another.example"):
        box.mail("2026-11-02 10:00", person)
    box.tag("2026-11-04 10:00", DANA, "client")
    ours = Ours(OURS.mailboxes, OURS.domains, frozenset({FRITZ, "other.example"}), "Europe/Berlin")
    table = found(box, ours=ours).people.set_index("contact")
    assert table["client"].to_dict() == {
        DANA: True,
        FRITZ: True,
        "x@deep.other.example": True,
        "y@another.example": False,
    }
    assert table.loc[DANA, "stage"] == "client"


def machine(box: Box, contact: str) -> bool:
    return bool(found(box).person(contact)["machine"])


def test_a_role_address_is_a_person_until_it_only_ever_answers_by_machine() -> None:
    info = "info@client.example"
    box = Box()
    box.sent("2026-11-02 10:00", to=info)
    assert not machine(box, info)
    box.mail("2026-11-02 10:01", info, headers="auto-submitted: auto-replied")
    assert machine(box, info)
    box.mail("2026-11-03 10:01", info)
    assert not machine(box, info)


def test_rooms_lists_and_what_the_user_says_are_machines() -> None:
    box = Box()
    meeting = box.meeting("2026-11-10 10:00")
    box.guest(1, meeting, "room@client.example", resource=True)
    box.mail(
        "2026-11-02 10:00", "forum@lists.example", headers="list-post: <mailto:forum@lists.example>"
    )
    box.mail("2026-11-02 10:00", "bot@client.example")
    box.tag("2026-11-02 10:00", "bot@client.example", "machine")
    table = found(box).people.set_index("contact")["machine"]
    assert table.to_dict() == {
        DANA: False,
        "room@client.example": True,
        "forum@lists.example": True,
        "bot@client.example": True,
    }


def helpers(result: Found) -> list[tuple[str, str]]:
    return list(zip(result.assistants["assistant"], result.assistants["principal"], strict=True))


def test_who_sends_once_for_somebody_is_their_assistant() -> None:
    box = Box()
    box.mail("2026-11-02 10:00", DANA, sender_address=ANA)
    assert helpers(found(box)) == [(ANA, DANA)]


def test_a_sender_elsewhere_or_at_a_freemail_is_no_assistant() -> None:
    box = Box()
    box.mail("2026-11-02 10:00", DANA, sender_address="bulk@mailer.example")
    box.mail("2026-11-02 10:00", FRITZ, sender_address="franz@gmail.com")
    box.mail("2026-11-02 10:00", DANA, sender_address=ADA)
    assert helpers(found(box)) == []


def test_sent_by_in_a_calendar_makes_an_assistant() -> None:
    box = Box()
    meeting = box.meeting("2026-11-10 10:00")
    box.observe(meeting, "2026-11-10 10:00", actor=DANA, sent_by=ANA, evidence="itip")
    assert helpers(found(box)) == [(ANA, DANA)]


def answers_for_dana(times: int, to: tuple[str, ...] = (DANA,)) -> Found:
    box = Box()
    for number in range(times):
        ours = box.sent(f"2026-11-0{number + 2} 10:00", to=list(to))
        box.mail(f"2026-11-0{number + 2} 15:00", ANA, re=ours)
    return found(box)


def test_who_answers_twice_for_somebody_is_their_assistant() -> None:
    assert helpers(answers_for_dana(1)) == []
    assert helpers(answers_for_dana(2)) == [(ANA, DANA)]


def test_who_was_asked_too_answers_for_themselves() -> None:
    assert helpers(answers_for_dana(2, to=(DANA, ANA))) == []


def test_two_copies_of_one_answer_are_one() -> None:
    box = Box()
    ours = box.sent("2026-11-02 10:00")
    for _ in range(2):
        box.mail("2026-11-02 15:00", ANA, re=ours, message_key="same@client.example")
    assert helpers(found(box)) == []


def test_an_out_of_office_of_a_colleague_makes_no_assistant() -> None:
    box = Box()
    for day in (2, 3):
        ours = box.sent(f"2026-11-0{day} 10:00")
        box.mail(f"2026-11-0{day} 15:00", EMIL, re=ours, headers="auto-submitted: auto-replied")
    assert helpers(found(box)) == []
