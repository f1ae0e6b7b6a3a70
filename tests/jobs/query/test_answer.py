"""Does what the user says count, can it be taken back, and is what is forgotten gone?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.world.world import World
from jobs.query import as_kept
from tests.support.providers.house import KATE, House, house_with_google, moved_into

DANA = "dana@client.example"


def question_world() -> World:
    """Kate moved a meeting with Dana late: only she knows who needed it (M6)."""
    monday = datetime(2026, 11, 16, 8, tzinfo=UTC)
    world = World(monday - timedelta(days=90))
    world.account(KATE, "Kate Lind")
    world.human(DANA, "Dana Kim")
    for week in range(12):
        start = monday - timedelta(days=7 * week + 4)
        if start - timedelta(days=6) > world.now:
            uid = world.invite(start - timedelta(days=6), KATE, [DANA], start, title="Weekly")
            world.answer(start - timedelta(days=5), uid, DANA, "accepted")
    start = monday + timedelta(days=2)
    moved = world.invite(start - timedelta(days=6), KATE, [DANA], start, title="Review")
    world.answer(start - timedelta(days=5), moved, DANA, "accepted")
    world.move(start - timedelta(hours=3), moved, start + timedelta(days=9))
    world.mail(monday - timedelta(days=60), KATE, DANA, "Offer")
    world.advance_to(start - timedelta(hours=10))
    return world


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Kate's installation with a report that asks one question."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("asked")
        with house_with_google(folder, patch, question_world()) as made:
            assert made.world is not None
            assert made.type("sync").code == 0
            for hours in (6, 2):
                made.world.advance_to(made.world.now + timedelta(hours=hours))
                assert made.type("sync").code == 0
            made.world.advance_to(datetime(2026, 11, 23, 6, tzinfo=UTC))
            assert made.type("sync").code == 0
            typed = made.type("report")
            assert typed.code == 0, typed.said
            yield made


@pytest.fixture
def asked(
    built: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[House, dict[str, Any]]]:
    """A copy of it for this test alone, and the question."""
    with moved_into(built, tmp_path, monkeypatch) as made:
        (row,) = json.loads(made.type("questions", "--format", "json").out)
        yield made, row


def test_after_the_scheduled_report_the_questions_are_at_hand(
    asked: tuple[House, dict[str, Any]],
) -> None:
    house, row = asked
    assert house.type("call", DANA, "spoke").code == 0
    with house.store() as store:
        assert store.question_list.read() is None
    assert house.type("run-due").code == 0
    with house.store() as store:
        kept = store.question_list.read()
    assert kept is not None
    assert [one[2] for one in kept] == [DANA]
    assert json.loads(house.type("questions", "--format", "json").out) == [row]


def test_in_a_large_store_a_list_of_the_last_report_is_said_to_be_one(
    asked: tuple[House, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    house, row = asked
    assert house.type("run-due").code == 0
    # The test's store stands for a large one: a million mails take a minute to make.
    monkeypatch.setattr(as_kept, "LARGE", 1)
    assert house.type("sync").code == 0
    for command in ("questions", "next"):
        kept = house.type(command, "--format", "json")
        assert "as of 2026-11-23" in kept.err
        assert f"noshow {command} --fresh" in kept.err
        newest = house.type(command, "--fresh", "--format", "json")
        assert (newest.code, newest.err) == (0, "")
        assert json.loads(newest.out) != []
        assert (kept.code, json.loads(kept.out)) == (0, json.loads(newest.out))
    assert house.type("sync").code == 0
    assert house.type("answer", row["id"], "us").code == 0
    answered = house.type("questions")
    assert answered.out.strip() == "no open questions", "an answer is heeded at once"
    assert "--fresh" in answered.err
    assert house.type("next").err == "", "an answer may change what is known of the meetings ahead"
    assert house.type("answer", row["id"], "undo").code == 0
    again = house.type("questions", "--format", "json")
    assert ([one["id"] for one in json.loads(again.out)], again.err) == ([row["id"]], "")
    assert house.type("sync").code == 0
    assert house.type("tag", DANA, "let-go").code == 0
    told = house.type("questions", "--format", "json")
    assert (json.loads(told.out), told.err) == ([], ""), "what was said is judged anew"


def test_a_question_is_answered_undone_and_answered_again(
    asked: tuple[House, dict[str, Any]],
) -> None:
    house, row = asked
    assert row["contact"] == DANA
    assert len(row["id"]) == 6
    assert (row["start"], row["zone"]) == ("2026-11-18T09:00:00+01:00", "Europe/Berlin")
    assert row["id"] in house.newest(), "the report prints the id that questions lists"
    typed = house.type("answer", row["id"].lower(), "us")
    assert typed.code == 0, typed.said
    assert "it counts from the next report on" in typed.out
    assert house.type("questions").out.strip() == "no open questions"
    assert house.type("answer", row["id"], "undo").code == 0
    assert json.loads(house.type("questions", "--format", "json").out)[0]["id"] == row["id"]
    assert house.type("answer", row["id"], "them").code == 0
    slots = json.loads(house.type("export").out)["slots"]
    (slot,) = [one for one in slots if one["contact"] == DANA and one["outcome"] == "moved_late"]
    assert slot["in_k"] is True


def test_a_word_that_does_not_fit_and_an_id_that_nobody_printed_are_refused(
    asked: tuple[House, dict[str, Any]],
) -> None:
    house, row = asked
    typed = house.type("answer", row["id"], "reached")
    assert typed.code == 2
    assert "them" in typed.err
    typed = house.type("answer", "ZZZZZZ", "them")
    assert typed.code == 2
    assert "noshow questions" in typed.err
    assert json.loads(house.type("questions", "--format", "json").out), "it is still open"


def test_tags_calls_and_promises_are_kept_and_a_tag_can_be_taken_off(
    asked: tuple[House, dict[str, Any]],
) -> None:
    house, _ = asked
    assert house.type("tag", DANA, "client").code == 0
    people = json.loads(house.type("export").out)["people"]
    assert [one["stage"] for one in people if one["contact"] == DANA] == ["client"]
    assert house.type("tag", DANA, "client", "--remove").code == 0
    people = json.loads(house.type("export").out)["people"]
    assert [one["stage"] for one in people if one["contact"] == DANA] != ["client"]
    assert house.type("call", DANA, "spoke", "--at", "2026-11-20T15:30").out.startswith("logged: ")
    typed = house.type("call", DANA, "spoke", "--at", "2026-11-20T15:30")
    assert "logged before" in typed.out
    assert house.type("promise", DANA, "the deposit", "--by", "2026-11-25").code == 0
    assert (
        "Wednesday 25 November 2026"
        in house.type("promise", DANA, "the deposit", "--by", "2026-11-25").out
    )
    assert house.type("tag", DANA, "same-person").code == 2
    assert house.type("tag", DANA, "same-person", "dana@home.example").code == 0


def test_forget_asks_first_and_then_nothing_is_left(asked: tuple[House, dict[str, Any]]) -> None:
    house, _ = asked
    typed = house.type("forget", DANA, answers="n\n")
    assert typed.code == 130
    assert house.type("contact", DANA).code == 0
    typed = house.type("forget", DANA, answers="y\n")
    assert typed.code == 0, typed.said
    assert "removed" in typed.out
    assert house.type("contact", DANA).code == 4
    assert house.type("sync", "--heal").code == 0
    assert house.type("contact", DANA).code == 4, "a later sync does not bring them back"
    assert DANA not in house.type("export").out


def test_tune_says_when_there_is_too_little_to_say_and_changes_nothing(
    asked: tuple[House, dict[str, Any]],
) -> None:
    house, _ = asked
    before = house.settings_file.read_text()
    typed = house.type("tune", "--write")
    assert typed.code == 0
    assert "from 50 on there is a proposal" in typed.out
    rows = json.loads(house.type("tune", "--format", "json").out)
    assert {row["value"] for row in rows if row["limit"] == "policy.baseline"} == {
        0.1, 0.15, 0.25, 0.3
    }  # fmt: skip
    assert {"policy.late_hours", "policy.list_k"} <= {row["limit"] for row in rows}
    assert house.settings_file.read_text() == before
