"""Does a list keep whole what is copied from it, and every value its type?"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

import pytest
from rich.cells import cell_len

from jobs.query.tables import Format, columns, show

SHOWN = columns("id", "start", "contact", "meeting")
AT = datetime(2026, 11, 18, 14, 30, tzinfo=UTC)
ROW = ("7Q3F2K", AT, "a.very.long.name@a-very-long-domain.example", "A title of many words " * 4)


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_ids_addresses_and_moments_are_never_wrapped_however_narrow_the_terminal_is(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    text = show(SHOWN, [ROW, ROW], Format.TABLE, "Europe/Berlin")
    assert text.count("7Q3F2K") == 2
    assert text.count("2026-11-18 15:30") == 2
    assert text.count("a.very.long.name@a-very-long-domain.example") == 2
    if width < 200:
        assert len(text.splitlines()) > 3, "the title is what wraps"
    words = [word for line in text.splitlines()[1:] for word in line.split()]
    assert [word for word in words if word in ROW[3].split()] == ROW[3].split() * 2


def test_what_fits_into_no_column_is_broken_and_nothing_of_it_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    text = show(columns("id", "meeting"), [("7Q3F2K", "図書館" * 20)], Format.TABLE)
    assert text.count("図書館"[0]) == 20
    assert all(cell_len(line) <= 30 for line in text.splitlines())
    lines = show(columns("id", "why"), [("7Q3F2K", "one\ntwo")], Format.TABLE).splitlines()
    assert [line.split() for line in lines] == [["id", "why"], ["7Q3F2K", "one"], ["two"]]


def test_off_a_terminal_a_row_is_a_line() -> None:
    text = show(SHOWN, [ROW, ("1", None, "ü@bücher.example", "図書館" * 60)], Format.TABLE, "UTC")
    assert len(text.splitlines()) == 3


def test_a_moment_of_either_side_of_the_clock_change_has_its_own_offset() -> None:
    rows = [(AT,), (datetime(2026, 10, 25, 0, 30, tzinfo=UTC),), (None,)]
    found = json.loads(show(columns("complete to"), rows, Format.JSON, "Europe/Berlin"))
    assert [row["complete_to"] for row in found] == [
        "2026-11-18T15:30:00+01:00",
        "2026-10-25T02:30:00+02:00",
        None,
    ]
    assert {row["zone"] for row in found} == {"Europe/Berlin"}
