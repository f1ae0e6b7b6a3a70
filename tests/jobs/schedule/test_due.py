"""What is due runs exactly once: through both DST nights, new year, missed Mondays and sleep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from config.settings import Settings
from jobs.delivery.envelope.report_week import local, report_week
from jobs.schedule.due import Run, due, last_weekly, next_waking
from jobs.schedule.waking import triggers

BERLIN = ZoneInfo("Europe/Berlin")


def settings(**schedule: object) -> Settings:
    return Settings.model_validate({"zone": "Europe/Berlin", "schedule": schedule})


def drive(
    start: datetime,
    end: datetime,
    plan: Settings,
    *,
    step: timedelta = timedelta(minutes=15),
    asleep: Callable[[datetime], bool] = lambda moment: False,
    ok: Callable[[str, datetime], bool] = lambda job, moment: True,
) -> list[Run]:
    """Tick a clock and run what is due, as run-due from cron does."""
    runs: list[Run] = []
    moment = start
    while moment < end:
        if not asleep(moment):
            for one in due(runs, plan, moment):
                runs.append(Run(one.job, one.key, moment, moment, ok(one.job, moment)))
        moment += step
    return runs


def reports(runs: list[Run]) -> list[tuple[str, str]]:
    return [
        (run.key, run.started.astimezone(BERLIN).strftime("%a %d %b %H:%M"))
        for run in runs
        if run.job == "report"
    ]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def test_an_ordinary_fortnight_has_two_reports_on_monday_at_seven():
    runs = drive(at("2026-11-11T12:00"), at("2026-11-24T00:00"), settings())
    assert reports(runs) == [("2026-W46", "Mon 16 Nov 07:00"), ("2026-W47", "Mon 23 Nov 07:00")]


def test_a_reminder_is_due_once_a_day_from_its_time_and_not_the_next_morning():
    plan = Settings.model_validate({"zone": "Europe/Berlin", "remind": {"at": "16:00"}})
    runs = drive(at("2026-11-17T12:00"), at("2026-11-19T12:00"), plan)
    days = [
        (run.key, run.started.astimezone(BERLIN).strftime("%H:%M"))
        for run in runs
        if run.job == "remind"
    ]
    assert days == [("2026-11-17", "16:00"), ("2026-11-18", "16:00")]
    slept = drive(
        at("2026-11-17T12:00"), at("2026-11-18T12:00"), plan,
        asleep=lambda moment: at("2026-11-17T15:00") < moment < at("2026-11-18T08:00"),
    )  # fmt: skip
    assert not [run for run in slept if run.job == "remind"]
    off = drive(at("2026-11-17T12:00"), at("2026-11-18T12:00"), settings())
    assert not [run for run in off if run.job == "remind"]


def test_a_sync_runs_every_two_hours_and_one_a_day_heals():
    runs = drive(at("2026-11-12T00:00"), at("2026-11-13T00:00"), settings())
    counts = Counter(run.job for run in runs)
    assert counts == {"sync": 11, "heal": 2}  # the first heal makes up for the night before


def test_a_first_start_on_wednesday_morning_looks_but_does_not_report_on_a_monday_long_gone():
    runs = drive(at("2026-11-11T08:00"), at("2026-11-11T09:00"), settings())
    assert [run.job for run in runs] == ["heal"]


def test_a_monday_missed_by_47_hours_is_made_up_for_once():
    asleep = lambda moment: moment < at("2026-11-18T06:00")  # noqa: E731
    runs = drive(at("2026-11-16T06:00"), at("2026-11-19T00:00"), settings(), asleep=asleep)
    assert reports(runs) == [("2026-W46", "Wed 18 Nov 06:00")]


def test_a_monday_missed_by_more_than_48_hours_is_not_sent_late():
    asleep = lambda moment: moment <= at("2026-11-18T07:00")  # noqa: E731
    runs = drive(at("2026-11-16T06:00"), at("2026-11-19T00:00"), settings(), asleep=asleep)
    assert reports(runs) == []


def test_the_edge_of_48_hours_is_still_sent():
    assert any(one.job == "report" for one in due([], settings(), at("2026-11-18T07:00")))
    assert not any(one.job == "report" for one in due([], settings(), at("2026-11-18T07:01")))


def test_a_laptop_asleep_for_a_week_syncs_once_when_it_wakes():
    runs = [Run("heal", "x", at("2026-11-03T12:00"), None, True)]
    found = due(runs, settings(), at("2026-11-10T12:00"))
    assert [one.job for one in found] == ["heal", "report"]  # Monday 7:00 is 29 hours ago
    found = due(runs, settings(), at("2026-11-12T12:00"))
    assert [one.job for one in found] == ["heal"]


@pytest.mark.parametrize(
    ("night", "clock", "expected"),
    [
        ("2026-03-29", "02:30", "2026-03-29T03:30:00+02:00"),  # does not exist: after the gap
        ("2026-10-25", "02:30", "2026-10-25T02:30:00+02:00"),  # exists twice: its first coming
        ("2026-10-25", "07:00", "2026-10-25T07:00:00+01:00"),
    ],
)
def test_wall_times_in_dst_nights(night, clock, expected):
    assert local(date.fromisoformat(night), clock, BERLIN) == datetime.fromisoformat(expected)


@pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25"])
def test_a_report_at_half_past_two_on_a_dst_sunday_is_sent_exactly_once(night):
    day = date.fromisoformat(night)
    plan = settings(report_day="sun", report_time="02:30", heal_time="02:30")
    start = datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)
    runs = drive(start, start + timedelta(hours=20), plan, step=timedelta(minutes=5))
    assert len(reports(runs)) == 1
    heals = [run for run in runs if run.job == "heal" and run.key == night]
    assert len(heals) == 1


@pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25"])
def test_over_a_dst_night_a_look_comes_every_two_hours_neither_twice_nor_left_out(night):
    start = at(f"{night}T00:00") - timedelta(hours=12)
    runs = drive(start, start + timedelta(hours=36), settings())
    polls = sorted(run.started for run in runs if run.job in ("sync", "heal"))
    gaps = {later - earlier for earlier, later in pairwise(polls)}
    assert max(gaps) <= timedelta(hours=2)
    heals = [run.key for run in runs if run.job == "heal" and run.started > at(f"{night}T00:00")]
    assert heals == [night]
    # A heal takes the place of a poll; nothing else comes sooner than two hours after the last.
    soon = [gap for gap in gaps if gap < timedelta(hours=2)]
    assert len(soon) <= 1


def test_a_laptop_asleep_for_a_week_over_a_monday_makes_up_for_nothing_that_is_too_late():
    away = lambda moment: at("2026-11-12T18:00") < moment < at("2026-11-19T18:00")  # noqa: E731
    runs = drive(at("2026-11-09T06:00"), at("2026-11-24T00:00"), settings(), asleep=away)
    assert reports(runs) == [("2026-W45", "Mon 09 Nov 07:00"), ("2026-W47", "Mon 23 Nov 07:00")]
    woken = [run.job for run in runs if run.started == at("2026-11-19T18:00")]
    assert woken == ["heal"], "one look for all that were missed"


def test_mailboxes_read_from_files_alone_are_due_for_reports_alone():
    boxes = [{"address": "kate@ourco.example", "provider": "files"}]
    plan = Settings.model_validate({"zone": "Europe/Berlin", "mailbox": boxes})
    runs = drive(at("2026-11-15T00:00"), at("2026-11-17T00:00"), plan)
    assert [(run.job, run.key) for run in runs] == [("report", "2026-W46")]


def test_new_year_has_its_week_53():
    runs = drive(
        at("2026-12-20T00:00"), at("2027-01-12T00:00"), settings(), step=timedelta(hours=1)
    )
    assert [key for key, _ in reports(runs)] == ["2026-W51", "2026-W52", "2026-W53", "2027-W01"]


def test_a_report_of_friday_is_about_the_week_that_ends():
    assert report_week(date(2026, 11, 20)) == "2026-W47"
    assert report_week(date(2026, 11, 23)) == "2026-W47"
    assert report_week(date(2026, 11, 26)) == "2026-W47"


def test_a_failed_report_is_tried_again_after_an_hour_and_not_before():
    good_from = at("2026-11-16T09:10")
    runs = drive(
        at("2026-11-16T06:00"),
        at("2026-11-16T12:00"),
        settings(),
        ok=lambda job, moment: job != "report" or moment >= good_from,
    )
    assert [when for _, when in reports(runs)] == [
        "Mon 16 Nov 07:00",
        "Mon 16 Nov 08:00",
        "Mon 16 Nov 09:00",
        "Mon 16 Nov 10:00",
    ]


def test_a_changed_report_day_does_not_repeat_a_week():
    runs = [Run("report", "2026-W47", at("2026-11-23T07:00"), None, True)]
    moved = settings(report_day="tue")
    assert not any(one.job == "report" for one in due(runs, moved, at("2026-11-24T08:00")))


def test_the_last_weekly_instant_is_never_in_the_future():
    now = at("2026-11-23T06:59")
    assert last_weekly(now, "mon", "07:00", BERLIN) == at("2026-11-16T07:00")
    assert last_weekly(at("2026-11-23T07:00"), "mon", "07:00", BERLIN) == at("2026-11-23T07:00")


def test_apscheduler_wakes_us_on_the_named_weekday():
    weekly = triggers(settings())[0]
    fire = weekly.get_next_fire_time(None, at("2026-11-18T00:00"))
    assert fire.astimezone(BERLIN).strftime("%a %d %b %H:%M") == "Mon 23 Nov 07:00"


def test_the_next_waking_is_never_later_than_the_next_report():
    assert next_waking(settings(sync_every_hours=24), at("2026-11-23T06:00")) == at(
        "2026-11-23T07:00"
    )
