"""Did a promised day pass without a word?"""

from __future__ import annotations

import pandas as pd
import pytest

from tests.support.facts.mail_box import DANA, EMIL, Box, found, instant


def promised(due: str = "2026-11-10", made: str = "2026-11-02 10:00") -> Box:
    box = Box()
    box.add(
        "promises",
        promise_id=1,
        mailbox_id=1,
        address=DANA,
        words="the numbers",
        made_at=instant(made),
        due_at=pd.Timestamp(due, tz="UTC"),
        source="command",
    )
    return box


@pytest.mark.parametrize(("now", "count"), [("2026-11-10 23:59", 0), ("2026-11-11 00:00", 1)])
def test_a_promise_passes_when_its_local_day_has_ended(now: str, count: int) -> None:
    table = found(promised(), now).passed
    assert len(table) == count
    assert table["word_at"].isna().all()


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("2026-11-09 23:59", 1),
        ("2026-11-10 00:00", 0),
        ("2026-11-10 23:00", 0),
        ("2026-11-20 10:00", 0),
    ],
)
def test_a_word_on_the_day_or_after_keeps_it(word: str, count: int) -> None:
    box = promised()
    box.mail(word)
    table = found(box).passed
    assert len(table) == count
    assert table["word_at"].tolist() == [instant(word)] * count


def test_a_word_before_the_promise_was_made_is_not_its_word() -> None:
    box = promised()
    box.mail("2026-11-01 10:00")
    assert found(box).passed["word_at"].isna().tolist() == [True]


@pytest.mark.parametrize(
    ("made", "word", "count"),
    [
        # Noted when its day was over already: what came from that day on is a word.
        ("2026-11-18 10:00", "2026-11-09 23:59", 1),
        ("2026-11-18 10:00", "2026-11-10 08:30", 0),
        ("2026-11-18 10:00", "2026-11-17 12:00", 0),
        ("2026-11-18 10:00", "2026-11-19 12:00", 0),
        # Noted within its day: what came before is not what was promised.
        ("2026-11-10 10:00", "2026-11-10 08:30", 1),
        ("2026-11-10 10:00", "2026-11-10 10:30", 0),
    ],
)
def test_what_came_before_a_promise_was_noted_counts_where_its_day_was_over(
    made: str, word: str, count: int
) -> None:
    box = promised(made=made)
    box.mail(word)
    assert len(found(box, "2026-11-20 12:00").passed) == count


def test_a_colleagues_word_about_them_keeps_it_and_another_does_not() -> None:
    for cc, count in ((DANA, 0), ((), 1)):
        box = promised()
        box.mail("2026-11-12 10:00", EMIL, cc=cc)
        assert len(found(box).passed) == count


@pytest.mark.parametrize("word", ["wrong", "done", "reached"])
def test_the_users_word_settles_it(word: str) -> None:
    box = promised()
    box.claim("promise", DANA, "promise 1", word, "2026-11-12 10:00")
    assert found(box).passed.empty


def test_what_was_not_read_passes_nothing() -> None:
    assert found(promised(), read=False).passed.empty
    box = promised()
    box.add("pending", mailbox_id=1, stream="mail", provider_id="p")
    assert found(box).passed.empty


def test_a_label_with_a_date_is_a_promise_of_who_wrote() -> None:
    box = Box()
    box.mail("2026-11-02 10:00", labels="work\npromised/2026-11-10", subject="Numbers")
    row = found(box).passed.iloc[0]
    assert row[["contact", "words", "promise_id"]].tolist() == [DANA, "Numbers", -1]
    assert row["due_at"] == pd.Timestamp("2026-11-10", tz="UTC")


@pytest.mark.parametrize(
    "labels", ["promised", "promised/soon", "promised/2026-13-45", "not promised/2026-11-10"]
)
def test_a_mark_without_a_day_is_none(labels: str) -> None:
    box = Box()
    box.mail("2026-11-02 10:00", labels=labels)
    assert found(box).passed.empty


def test_the_category_with_a_due_date_is_a_promise() -> None:
    box = Box()
    due = pd.Timestamp("2026-11-10 00:00", tz="UTC")
    box.mail("2026-11-02 10:00", labels="promised", due_at=due)
    assert found(box, "2026-11-10 23:59").passed.empty
    assert len(found(box, "2026-11-11 00:00").passed) == 1


def test_a_mere_flag_is_the_users_own_to_do() -> None:
    box = Box()
    box.mail("2026-11-02 10:00", flagged=True, due_at=pd.Timestamp("2026-11-10", tz="UTC"))
    assert found(box).passed.empty
