"""Do a report's standings survive a week, and does the next report say rightly what changed?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from config.errors import StoreError
from reports.detect.scoring import past_standings
from reports.detect.scoring.past_standings import Silence, Snapshot, Standing, movement
from tests.support.facts import findings as b
from tests.support.facts import report_story


def line(tier: str = "talk", **more: Any) -> Standing:
    known: dict[str, Any] = {
        "contact": "omar@client.example",
        "tier": tier,
        "by": "meetings",
        "step": "",
        "step_detail": "",
        "rules": "R1",
        "k": 2,
        "k_hard": 0,
        "n": 4,
        "unknown": 0,
        "posterior": 0.3,
        "incidents": ("a", "b"),
    }
    return Standing(**(known | more))


def silent(asks: int, rule: str = "T2+") -> Silence:
    return Silence(
        rule, asks, b.at("2026-10-19 09:00"), b.at("2026-11-06 09:00"), "petra 2026-10-19"
    )


def test_a_snapshot_is_the_same_after_its_json() -> None:
    taken = past_standings.snapshot(report_story.full_findings(), b.WEEK)
    assert len(taken.contacts) > 3
    assert past_standings.loads(past_standings.dumps(taken)) == taken
    assert past_standings.dumps(
        past_standings.loads(past_standings.dumps(taken))
    ) == past_standings.dumps(taken)


def test_who_has_nothing_to_be_remembered_is_left_out() -> None:
    found = b.findings(
        slots=[b.slot("guest@many.example", "2026-11-05 10:00")],
        standings=[b.standing("guest@many.example", n=1)],
    )
    assert past_standings.snapshot(found, b.WEEK).contacts == {}


def test_a_snapshot_holds_the_incidents_and_the_silence_that_later_rules_ask_for() -> None:
    taken = past_standings.snapshot(report_story.full_findings(), b.WEEK).contacts
    assert len(taken[report_story.OMAR].incidents) == 3
    assert taken[report_story.OMAR].step == "ask-directly"
    petra = taken[report_story.PETRA].silence
    assert petra is not None
    assert (petra.rule, petra.asks) == ("T3", 4)


@pytest.mark.parametrize(
    "payload",
    ["", "{", "[]", "{}", '{"version": 2, "week": "", "at": "", "contacts": []}',
     '{"version": 1, "week": "2026-W46", "at": "2026-11-16T06:00:00", "contacts": []}',
     '{"version": 1, "week": "2026-W46", "at": null, "contacts": [{}]}'],
)  # fmt: skip
def test_what_is_no_snapshot_is_an_error_and_never_an_empty_one(payload: str) -> None:
    with pytest.raises(StoreError):
        past_standings.loads(payload)


def test_keys_of_a_later_version_are_passed_over() -> None:
    tree = json.loads(past_standings.dumps(Snapshot(b.WEEK, b.NOW, {"x": line()})))
    tree["contacts"][0]["mood"] = "new in 1.1"
    assert past_standings.loads(json.dumps(tree)).contacts["omar@client.example"] == line()


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (None, line(), "new"),
        (line(""), line(), "new"),
        (line(), None, "gone"),
        (line(), line(""), "gone"),
        (None, line(""), "same"),
        (line(), line(), "same"),
        (line(), line("pause"), "worse"),
        (line("pause"), line(), "better"),
        (line(), line(k=3, incidents=("a", "b", "c")), "worse"),
        # one fell out of the 180 days as another came in
        (line(), line(incidents=("b", "c")), "worse"),
        (line(), line(k=1, incidents=("b",)), "better"),
        (line(), line(n=5), "better"),
        (line(), line(n=3), "same"),
        (line(silence=silent(2)), line(silence=silent(3)), "worse"),
        (line(silence=silent(3)), line(), "better"),
        # T1 and T2 list nobody and make nothing worse
        (line(), line(silence=silent(1, "T2")), "same"),
        (line("cold"), line("dead"), "same"),
        (line("cold"), line("talk"), "worse"),
    ],
)
def test_movement(before: Standing | None, now: Standing | None, expected: str) -> None:
    assert movement(before, now) == expected


def test_lines_of_addresses_that_were_joined_since_are_one() -> None:
    old, new = "omar@client.example", "al@home.example"
    mine = line(
        k=3,
        incidents=(f"uid |{old}|2026-11-02T09:00|declined",),
        silence=Silence("T3", 3, b.NOW, b.NOW, f"{old} a@mail.example"),
    )
    other = line("", contact=new, k=1, incidents=(f"uid |{new}|2026-11-05T09:00|declined",))
    taken = past_standings.dumps(Snapshot(b.WEEK, b.NOW, {old: mine, new: other}))
    (one,) = past_standings.loads(taken, {old: new, new: new}).contacts.values()
    assert (one.contact, one.tier, one.k) == (new, "talk", 3)
    assert one.incidents == (
        f"uid |{new}|2026-11-02T09:00|declined",
        f"uid |{new}|2026-11-05T09:00|declined",
    )
    assert one.silence is not None
    assert one.silence.evidence_key == f"{new} a@mail.example"
    assert len(past_standings.loads(taken).contacts) == 2
