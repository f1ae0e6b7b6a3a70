"""Is everything that a person did by hand an act of theirs, and nothing that a machine did?"""

from __future__ import annotations

import pandas as pd
import pytest

from tests.support.facts.mail_box import ADA, DANA, EMIL, NOW, Box, Found, found, instant
from tests.support.facts.whole_world import World

GOOGLE = "calendar-notification@google.com"


def acts(result: Found, contact: str = DANA) -> list[str]:
    table = result.acts
    return table.loc[table["contact"] == contact, "kind"].tolist()


def from_calendar(kind: str, at: str, *, machine: bool = False, via: str = "") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "contact": [DANA],
            "at": pd.Series([instant(at)], dtype="datetime64[us, UTC]"),
            "kind": [kind],
            "meeting_key": ["u "],
            "via": [via],
            "machine": [machine],
        }
    )


@pytest.mark.parametrize(
    ("kind", "act"),
    [
        ("request", "invitation"),
        ("cancel", "cancel"),
        ("accept", "answer"),
        ("tentative", "answer"),
        ("decline", "answer"),
        ("counter", "proposal"),
    ],
)
def test_a_meeting_mail_is_an_act_of_its_kind(kind: str, act: str) -> None:
    box = Box()
    box.mail("2026-11-02 10:00", meeting_type=kind)
    assert acts(found(box)) == [act]


def test_a_meeting_mail_without_words_is_still_an_act() -> None:
    box = Box()
    box.mail("2026-11-02 10:00", subject="Budget", sender_address=GOOGLE)
    assert acts(found(box)) == ["answer"]


@pytest.mark.parametrize("headers", ["auto-submitted: auto-replied", "list-id: <x>"])
def test_automatic_and_bulk_mail_is_nobodys_act(headers: str) -> None:
    box = Box()
    box.mail("2026-11-02 10:00", headers=headers)
    assert acts(found(box)) == []


def test_a_mail_that_a_list_delivered_to_us_is_no_act_towards_us() -> None:
    box = Box()
    ours = box.sent("2026-11-01 10:00")
    box.mail("2026-11-02 10:00", to="forum@lists.example", headers="list-id: <x>", re=ours)
    assert acts(found(box)) == []


def test_what_a_machine_writes_is_no_act() -> None:
    box = Box()
    box.mail("2026-11-02 10:00", GOOGLE, subject="Budget")
    assert found(box).acts.empty


def test_calendar_acts_count_but_those_of_machines() -> None:
    assert acts(found(Box(), calendar=from_calendar("answer", "2026-11-02 10:00"))) == ["answer"]
    machine = from_calendar("answer", "2026-11-02 10:00", machine=True)
    assert acts(found(Box(), calendar=machine)) == []


@pytest.mark.parametrize(("at", "kept"), [("2026-11-02 10:10", 0), ("2026-11-02 10:11", 1)])
def test_the_mail_that_carried_a_machines_answer_is_no_act(at: str, kept: int) -> None:
    box = Box()
    box.mail(at, meeting_type="decline")
    machine = from_calendar("answer", "2026-11-02 10:00", machine=True)
    assert len(acts(found(box, calendar=machine))) == kept


def test_a_mail_beside_a_machines_answer_was_still_written_by_hand() -> None:
    box = Box()
    box.mail("2026-11-02 10:01")
    machine = from_calendar("answer", "2026-11-02 10:00", machine=True)
    assert acts(found(box, calendar=machine)) == ["mail"]


def test_calls_answers_and_records_are_acts() -> None:
    box = Box()
    box.call("2026-11-02 10:00", outcome="spoke")
    box.call("2026-11-03 10:00", outcome="will-call")
    box.call("2026-11-04 10:00", outcome="no-answer")
    box.claim("silence", DANA, "x", "reached", "2026-11-05 10:00")
    box.add(
        "attendance",
        record_id=1,
        mailbox_id=1,
        series_uid="u",
        started_at=instant("2026-11-06 10:00"),
        address=DANA,
        identity="guest",
    )
    assert acts(found(box)) == ["call", "call", "call", "record"]


def test_a_meeting_that_took_place_is_an_act_at_its_end() -> None:
    world = World()
    world.meet("2026-11-02 10:00")
    kept = world.detect().acts.query("kind == 'kept'")
    assert kept["contact"].tolist() == [DANA]
    assert kept["at"].tolist() == [instant("2026-11-02 11:00")]


def test_a_meeting_that_was_cancelled_in_time_is_no_such_act() -> None:
    world = World()
    world.meet("2026-11-02 10:00").poll("2026-10-20 10:00", status="cancelled")
    assert "kept" not in set(world.detect().acts["kind"])


def test_who_sent_it_for_them_is_named_and_never_merged() -> None:
    box = Box()
    box.mail("2026-11-02 10:00", sender_address=EMIL)
    box.mail("2026-11-03 10:00", sender_address=ADA)
    table = found(box).acts
    assert table[["contact", "via"]].to_numpy().tolist() == [[DANA, EMIL], [DANA, ""]]


def test_the_future_is_not_known() -> None:
    box = Box()
    box.mail("2026-11-02 10:00")
    box.call("2026-11-03 10:00", outcome="spoke")
    assert acts(found(box, "2026-11-02 09:59")) == []
    assert acts(found(box, "2026-11-02 10:00")) == ["mail"]
    assert len(acts(found(box, NOW))) == 2
