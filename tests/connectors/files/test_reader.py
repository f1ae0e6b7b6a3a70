"""Is an import whole, repeatable, stoppable, and does it go on where it stopped?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.errors import ConfigError, Stopped
from connectors.files import reader
from connectors.files.place_in_files import State
from connectors.files.problems import Problem
from connectors.files.reader import read
from connectors.interfaces import Page
from connectors.model.records import Loss
from tests.support.facts.files import (
    DANA,
    HORIZON,
    ME,
    calendar,
    event,
    guest,
    imported,
    mail,
    mbox,
    organizer,
    zipped,
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two mailboxes (one in a zip), a series and a table of calls, in pages of seven."""
    monkeypatch.setattr(reader, "PAGE", 7)
    ics = calendar(event(organizer(ME), guest(DANA, "ACCEPTED")), method="REPLY")
    boxes = [
        mbox(
            *(
                mail(key=f"<{box}.{n}@x.example>", ics=ics if n % 5 == 0 else None)
                for n in range(40)
            )
        )
        for box in range(2)
    ]
    (tmp_path / "a.mbox").write_bytes(boxes[0])
    (tmp_path / "b.zip").write_bytes(zipped({"b.mbox": boxes[1]}))
    (tmp_path / "work.ics").write_bytes(calendar(event("RRULE:FREQ=DAILY;COUNT=20")))
    lines = "".join(f"2026-11-{day:02},{DANA},spoke\n" for day in range(1, 25))
    (tmp_path / "calls.csv").write_text("date,address,outcome\n" + lines)
    return tmp_path


def test_reading_again_yields_the_same_records(folder: Path) -> None:
    first, second = imported([folder]), imported([folder])
    assert first.pages == second.pages
    assert (len(first.messages), len(first.calls)) == (80, 24)
    assert len(first.meetings) == 20 + 16
    assert [page.last for page in first.pages] == [False] * (len(first.pages) - 1) + [True]


def test_a_page_is_not_longer_than_it_may_be(folder: Path) -> None:
    for page in imported([folder]).pages:
        assert len(page.messages) + len(page.meetings) + len(page.calls) <= 8


def test_an_import_that_stops_behind_any_page_goes_on_and_misses_nothing(folder: Path) -> None:
    whole = imported([folder])
    for stop in range(1, len(whole.pages)):
        asked = iter(range(1000))
        pages = read(
            [folder],
            me=(ME,),
            zone="Europe/Berlin",
            horizon=HORIZON,
            problems=lambda problem: None,
            should_stop=lambda stop=stop, asked=asked: next(asked) >= stop - 1,  # type: ignore[misc]
        )
        found = until_stopped(pages)
        rest = imported([folder], cursor=found[-1].cursor)
        messages = {one.provider_id for page in [*found, *rest.pages] for one in page.messages}
        calls = {one for page in [*found, *rest.pages] for one in page.calls}
        assert messages == {one.provider_id for one in whole.messages}
        assert calls == set(whole.calls)
        mailed = sum(len(page.messages) for page in [*found, *rest.pages])
        # What was behind the page is not read twice.
        assert mailed == len(whole.messages)


def until_stopped(pages: Iterator[Page]) -> list[Page]:
    found: list[Page] = []
    try:
        while True:
            found.append(next(pages))
    except Stopped:
        return found


def test_a_finished_import_is_read_anew_the_next_time(folder: Path) -> None:
    first = imported([folder])
    again = imported([folder], cursor=first.cursor)
    assert len(again.messages) == len(first.messages)
    assert again.meetings == first.meetings


@pytest.mark.parametrize(
    "cursor", [None, "", "nonsense", "[]", "{}", '{"v":1}', '{"v":2,"exports":3}']
)
def test_a_cursor_that_cannot_be_read_begins_anew(cursor: str | None) -> None:
    assert State.parse(cursor) == State()


def test_a_cursor_survives_being_written(folder: Path) -> None:
    state = State(
        {"ics-1": [4, 5]},
        ["a:1:2"],
        ("b:3:4", 100, 7),
        {"arrived": [8, 9], "dated": [], "sent": [7, 9]},
        [Loss("/a/Inbox.mbox", "truncated", 2, 8), Loss("/a/x.pst", "not read")],
    )
    assert State.parse(state.text()) == state


def test_progress_counts_bytes_and_messages(folder: Path) -> None:
    result = imported([folder])
    box = [one for one in result.progress if one.place.endswith("a.mbox")]
    assert box[-1].done == box[-1].total == (folder / "a.mbox").stat().st_size
    assert [one.done for one in box] == sorted(one.done for one in box)
    last = result.progress[-1]
    assert (last.messages_in, last.messages_out, last.records) == (80, 80, 20 + 16 + 24)


def test_a_zone_that_is_none_is_a_mistake_of_the_settings(folder: Path) -> None:
    heard: list[Problem] = []
    for zone in ("Berlin", "", "../etc/passwd"):
        with pytest.raises(ConfigError):
            next(read([folder], me=(), zone=zone, horizon=HORIZON, problems=heard.append))


def test_known_occurrences_of_the_store_take_part(tmp_path: Path) -> None:
    cancel = calendar(
        event("RECURRENCE-ID;RANGE=THISANDFUTURE:20261026T090000Z", organizer(DANA)),
        method="CANCEL",
    )
    (tmp_path / "a.mbox").write_bytes(mbox(mail(ics=cancel, method="CANCEL")))
    pages = read(
        [tmp_path],
        me=(ME,),
        zone="UTC",
        horizon=HORIZON,
        problems=lambda problem: None,
        known=lambda uid: ["20261019T090000Z", "20261026T090000Z", "20261102T090000Z"],
    )
    found = [one.recurrence_id for page in pages for one in page.meetings]
    assert found == ["20261026T090000Z", "20261102T090000Z"]
