"""Does a day count when its end has passed, on both sides' calendars?"""

from __future__ import annotations

import warnings

import pandas as pd
import pytest

from reports.columns.business_days import Calendar, countries_of
from tests.support.facts.mail_box import DAYS, instant


def one(text: str) -> pd.Series:
    return pd.Series([instant(text)], dtype="datetime64[us, UTC]")


def waited(at: str, until: str, days: Calendar = DAYS, country: str | None = None) -> int:
    where = None if country is None else pd.Series([country], dtype="str")
    return int(days.waited(one(at), instant(until), where).iloc[0])


def between(lo: str, hi: str) -> int:
    return int(DAYS.between(one(lo), one(hi)).iloc[0])


@pytest.mark.parametrize(
    ("until", "count"),
    [
        ("2026-11-16 23:59", 0),  # the ask's own day
        ("2026-11-17 23:59", 0),
        ("2026-11-18 00:00", 1),
        ("2026-11-20 23:59", 3),
        ("2026-11-21 00:00", 4),
        ("2026-11-23 23:59", 4),  # a weekend later
        ("2026-11-24 00:00", 5),
    ],
)
def test_a_day_counts_when_its_end_has_passed(until: str, count: int) -> None:
    assert waited("2026-11-16 09:00", until) == count


@pytest.mark.parametrize(
    ("hi", "count"),
    [
        ("2026-11-16 23:59", 0),
        ("2026-11-17 00:00", 1),
        ("2026-11-20 10:00", 4),
        ("2026-11-22 10:00", 4),
        ("2026-11-23 00:01", 5),
    ],
)
def test_between_two_acts_the_seconds_day_counts(hi: str, count: int) -> None:
    assert between("2026-11-16 09:00", hi) == count


def test_the_days_are_those_of_the_users_zone() -> None:
    # 23:30 in Berlin on Monday is Tuesday in Tokyo: there Monday was not the ask's day.
    tokyo = Calendar("Asia/Tokyo")
    assert waited("2026-11-16 23:30", "2026-11-18 12:00") == 1
    assert waited("2026-11-16 23:30", "2026-11-18 12:00", tokyo) == 0


def test_holidays_of_the_user_do_not_count() -> None:
    assert waited("2026-12-23 09:00", "2026-12-29 00:00") == 2  # 24th, 28th
    assert waited("2026-12-23 09:00", "2026-12-29 00:00", Calendar("Europe/Berlin")) == 3


def test_holidays_of_the_contacts_country_do_not_count_either() -> None:
    assert waited("2026-11-25 09:00", "2026-11-28 00:00", country="") == 2
    assert waited("2026-11-25 09:00", "2026-11-28 00:00", country="US") == 1  # Thanksgiving


def test_a_weekend_elsewhere_makes_the_wait_longer() -> None:
    assert waited("2026-11-16 09:00", "2026-11-24 00:00", country="") == 5
    assert waited("2026-11-16 09:00", "2026-11-24 00:00", country="IL") == 4  # Friday


def test_a_year_whose_holidays_are_not_set_yet_is_counted_without_a_warning() -> None:
    far = Calendar("Asia/Kolkata", countries=("IN",))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert waited("2040-03-05 09:00", "2040-03-08 00:00", far) == 2


def test_the_weekend_is_a_setting() -> None:
    days = Calendar("Europe/Berlin", weekend=frozenset())
    assert waited("2026-11-20 09:00", "2026-11-24 00:00", days) == 3


def test_a_moment_before_the_ask_is_no_negative_wait() -> None:
    assert waited("2026-11-16 09:00", "2026-11-02 00:00") == 0


def test_an_unknown_moment_waits_for_nothing() -> None:
    nothing = pd.Series([pd.NaT], dtype="datetime64[us, UTC]")
    assert DAYS.waited(nothing, instant("2026-11-16 09:00")).tolist() == [0]
    assert DAYS.waited(one("2026-11-02 09:00"), nothing).tolist() == [0]
    assert DAYS.add(nothing, 1).isna().all()
    assert DAYS.hours(nothing, nothing).isna().all()


@pytest.mark.parametrize(
    ("at", "days", "then"),
    [
        ("2026-11-20 09:30", 1, "2026-11-23 09:30"),  # Friday
        ("2026-11-21 09:30", 1, "2026-11-23 09:30"),  # Saturday
        ("2026-11-23 09:30", -1, "2026-11-20 09:30"),
        ("2026-11-22 09:30", -1, "2026-11-20 09:30"),
        ("2026-10-23 09:30", 1, "2026-10-26 09:30"),  # over the autumn night: local time stays
        ("2026-03-27 02:30", 1, "2026-03-30 02:30"),
        ("2026-11-02 09:30", 15, "2026-11-23 09:30"),
    ],
)
def test_adding_business_days_keeps_the_local_time(at: str, days: int, then: str) -> None:
    assert DAYS.add(one(at), days).iloc[0] == instant(then)


def test_a_local_time_that_a_clock_change_skips_moves_to_the_change() -> None:
    days = Calendar("Europe/Berlin", weekend=frozenset())
    assert days.add(one("2026-03-28 02:30"), 1).iloc[0] == pd.Timestamp("2026-03-29 01:00Z")


def test_business_hours_are_nine_to_five() -> None:
    def hours(lo: str, hi: str) -> float:
        return float(DAYS.hours(one(lo), one(hi)).iloc[0])

    assert hours("2026-11-16 09:00", "2026-11-16 17:00") == 8
    assert hours("2026-11-16 07:00", "2026-11-16 20:00") == 8
    assert hours("2026-11-20 16:00", "2026-11-23 10:30") == 2.5
    assert hours("2026-11-21 10:00", "2026-11-22 10:00") == 0
    assert hours("2026-11-23 10:00", "2026-11-20 10:00") == 0


def test_number_differs_by_between() -> None:
    lo, hi = one("2026-11-16 09:00"), one("2026-12-29 12:00")
    assert (DAYS.number(hi) - DAYS.number(lo)).tolist() == DAYS.between(lo, hi).tolist()


def test_a_domain_says_its_country_only_where_it_is_one() -> None:
    given = pd.Series(["a@b.de", "a@b.co.uk", "a@b.io", "a@b.example", "a@b.xx", ""], dtype="str")
    assert countries_of(given).tolist() == ["DE", "GB", "", "", "", ""]


def test_where_no_day_is_left_that_both_work_ours_decide() -> None:
    """Who works on Fridays and Saturdays alone, and writes to where these are the weekend."""
    days = Calendar(weekend=frozenset({0, 1, 2, 3, 6}))
    assert waited("2026-11-16 09:00", "2026-11-23 09:00", days, "EG") == 2
    assert waited("2026-11-16 09:00", "2026-11-23 09:00", days, "DE") == 1
