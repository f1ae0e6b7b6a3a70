"""Does a report that somebody asks for ever cost the scheduled one, and is it what was asked for?"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.settings import Settings
from connectors.model.frames import empty_frames
from connectors.sandbox.scenario.worlds import small_world
from jobs.delivery.envelope.report_week import due_at, last_complete, report_week
from reports.detect import pipeline
from reports.detect.incremental import step
from reports.detect.pipeline import Detection
from reports.weekly.limits import OTHERS
from reports.weekly.reader_view import ReaderView
from tests.support.facts.mail_box import OURS, PHRASES
from tests.support.facts.whole_world import AS_OF, STANDARD
from tests.support.machine.calls import calls_of
from tests.support.providers.house import KATE, House, house_with_google, moved_into
from tests.support.servers.smtp import smtp_server

FRIDAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
VIEW = ReaderView.__init__.__code__
MONDAY = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)  # 07:05 in Berlin


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Kate's house after its first sync, on a Friday."""
    with pytest.MonkeyPatch.context() as patch:
        with house_with_google(tmp_path_factory.mktemp("built"), patch, small_world(FRIDAY)) as one:
            one.now = FRIDAY
            assert one.type("sync").code == 0
            yield one


@pytest.fixture
def house(built: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with moved_into(built, tmp_path, monkeypatch) as made:
        made.now = FRIDAY
        yield made


def pages(house: House) -> list[str]:
    found = (path.name for path in house.reports.glob("*.html"))
    return sorted(name for name in found if not name.endswith("-page.html"))


def test_on_a_friday_by_hand_is_the_last_complete_week_and_monday_brings_its_own(
    house: House,
) -> None:
    assert house.type("report").code in (0, 3)
    assert pages(house) == [f"2026-W46-by-hand-{KATE}.html"]
    assert house.type("report", "--week", "2026-W47").code in (0, 3), "the running week, as far"
    house.now = MONDAY
    assert house.type("run-due").code in (0, 3)
    assert f"2026-W47-weekly-{KATE}.html" in pages(house)
    with house.store() as store:
        assert [one.week for one in store.ledger.reports()] == ["2026-W47"]


def test_a_preview_lies_beside_the_scheduled_report_and_leaves_it_as_it_was(house: House) -> None:
    house.now = MONDAY
    assert house.type("run-due").code in (0, 3)
    page = house.reports / f"2026-W47-weekly-{KATE}.html"
    before, kept = page.read_bytes(), _standings(house)
    for words in (
        ("--week", "2026-W47"),
        ("--as-of", "2026-11-18"),
        ("--dry-run", "--to", "folder"),
        (),
    ):
        assert house.type("report", *words).code in (0, 3)
    assert page.read_bytes() == before
    assert _standings(house) == kept, "the next report compares itself with the scheduled one"
    assert f"2026-W47-preview-{KATE}.html" in pages(house)


def test_a_week_that_has_not_begun_is_refused_with_the_one_that_runs(house: House) -> None:
    typed = house.type("report", "--week", "2026-W48")
    assert typed.code == 2
    assert "2026-W48 has not begun" in typed.err
    assert "2026-W47" in typed.err
    assert pages(house) == []


def test_a_past_week_says_what_was_known_when_its_report_was_due(house: House) -> None:
    house.now = MONDAY
    assert house.type("run-due").code in (0, 3)
    by_week = house.type("report", "--week", "2026-W46", "--to", "stdout")
    by_moment = house.type(
        "report", "--week", "2026-W46", "--as-of", "2026-11-16T07:00", "--to", "stdout"
    )
    assert by_week.out == by_moment.out
    assert by_week.out
    assert by_week.out != house.type("report", "--to", "stdout").out


def test_to_mail_says_why_not_where_nothing_can_mail(house: House) -> None:
    for words in (("--to", "mail"), ("--test",)):
        typed = house.type("report", *words)
        assert typed.code == 2
        assert "no way to send mail" in typed.err
        assert "[report] deliver" in typed.err
    assert house.type("report", "--to", "mail", "--dry-run").code == 2


def test_by_mail_it_leaves_as_often_as_asked_and_a_test_is_marked_and_goes_to_its_owner(
    house: House, tmp_path: Path
) -> None:
    with smtp_server(tmp_path) as server:
        house.settings(
            report={
                "deliver": ["smtp"],
                "recipients": ["boss@ourco.example"],
                "allowed": ["boss@ourco.example"],
            },
            smtp={"host": "127.0.0.1", "port": server.port, "security": "none"},
        )
        for _ in range(2):
            assert house.type("report", "--to", "mail").code in (0, 3)
        assert house.type("report", "--test").code in (0, 3)
        first, second, test = server.post.taken
        assert first["To"] == second["To"] == "boss@ourco.example"
        assert test["To"] == KATE
        assert str(test["Subject"]).startswith("Test: ")
        house.now = MONDAY
        assert house.type("run-due").code in (0, 3)
        assert len(server.post.taken) == 4, "and the scheduled one"
        server.post.rcpt = "550 5.7.1 no"
        refused = house.type("report", "--to", "mail")
        assert refused.code == 4
        assert "550 5.7.1" in refused.err


def test_a_report_that_finds_another_at_work_is_made_with_the_next_waking(house: House) -> None:
    house.now = MONDAY
    assert house.type("sync").code == 0
    with house.store() as store:
        number = store.ledger.begin_run("report:2026-W47")
        store.ledger.finish_run(number, "busy", "another process was making a report")
    assert house.type("run-due").code in (0, 3)
    assert pages(house) == [f"2026-W47-weekly-{KATE}.html"]


def test_a_report_on_data_of_last_week_says_incomplete_since_when(house: House) -> None:
    house.now = MONDAY
    typed = house.type("report", "--to", "stdout")
    assert typed.code == 3
    subject = typed.out.splitlines()[0]
    assert subject.startswith("Incomplete since 20 November: "), subject
    assert "othing since Friday 20 November" in " ".join(typed.out.split())


@pytest.mark.parametrize("day", ["mon", "thu", "fri", "sun"])
def test_the_week_that_is_due_at_a_moment_is_the_week_reported_on(day: str) -> None:
    plan = Settings.model_validate({"zone": "Europe/Berlin", "schedule": {"report_day": day}})
    for week in ("2026-W46", "2026-W53", "2027-W01"):
        assert report_week(due_at(week, plan).date()) == week


def test_the_last_complete_week_has_ended() -> None:
    sunday, monday = datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)
    assert last_complete(sunday.date()) == "2026-W46"
    assert last_complete(monday.date()) == "2026-W47"


def _standings(house: House) -> list[tuple[object, ...]]:
    with house.store() as store:
        frame = store.frames(MONDAY.replace(hour=23)).standings
    return [tuple(row) for row in frame.itertuples(index=False)]


def test_each_step_of_detection_runs_once_for_a_report_and_nobody_else_does_its_work(
    house: House,
) -> None:
    house.limits = True
    # what a step says of nothing is kept for good, and is no report's
    pipeline.detect(empty_frames(), OURS, STANDARD, PHRASES, AS_OF)
    steps = {
        inspect.unwrap(one.compute).__code__
        for one in vars(Detection).values()
        if isinstance(one, step)
    }
    folder = str(Path(pipeline.__file__).parent)
    calls = calls_of(
        lambda: house.type("report"),
        lambda code: code in steps or code is VIEW or code.co_filename.startswith(folder),
    )
    asked = {name for code, name in calls.of if code in steps}
    assert len(asked) == 1 + sum(map(len, OTHERS.values())), "one detection for each set of limits"
    assert {times for (code, _), times in calls.of.items() if code in steps} == {1}
    ran = {code for code, _ in calls.of}
    assert steps <= ran

    # the functions of detectors that steps call: none of them is called from anywhere else
    detectors = {
        called
        for caller, called in calls.pairs
        if caller in steps
        and called not in steps
        and not called.co_name.startswith(("_", "<"))
        and not called.co_filename.endswith("incremental.py")
    }
    assert len(detectors) > 30
    elsewhere = [
        f"{called.co_qualname} by {caller.co_qualname}"
        for caller, called in calls.pairs
        if called in detectors and caller not in steps
    ]
    assert elsewhere == []
    assert calls.times(VIEW) == 1
