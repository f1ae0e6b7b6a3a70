"""Is nothing read by a clock that would date it wrongly?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from config.errors import ConfigError
from connectors.transport.clock_check import check_clock
from connectors.transport.exchange import Answer

NOW = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def dated(text: str) -> Answer:
    return Answer(200, {"date": text} if text else {}, b"", None)


@pytest.mark.parametrize(
    ("off", "said"),
    [
        (timedelta(minutes=11), "11 minutes behind"),
        (timedelta(minutes=-70), "70 minutes ahead of"),
        (timedelta(hours=-20), "20 hours ahead of"),
        (timedelta(days=10), "10 days behind"),
    ],
)
def test_a_clock_that_is_astray_is_said_and_by_how_much(off: timedelta, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        check_clock(dated(format_datetime(NOW + off, usegmt=True)), NOW, 600.0)
    assert "set the clock" in caught.value.hint


@pytest.mark.parametrize("seconds", [-590, 0, 590])
def test_a_clock_that_is_minutes_off_dates_well_enough(seconds: int) -> None:
    check_clock(dated(format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)), NOW, 600.0)


@pytest.mark.parametrize("text", ["", "yesterday", "Sun, 99 Oct 2026 01:30:00 GMT"])
def test_an_answer_without_a_date_that_can_be_read_says_nothing(text: str) -> None:
    check_clock(dated(text), NOW, 600.0)


def test_a_date_without_a_zone_is_in_utc() -> None:
    check_clock(dated("Sun, 25 Oct 2026 01:30:00 -0000"), NOW, 600.0)
