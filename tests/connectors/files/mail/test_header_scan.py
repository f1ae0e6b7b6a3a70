"""Do the short ways of reading a header end where the long ones end?"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.files.mail import header_scan
from connectors.model.headers import mail_dates

USUAL = "Mon, 23 Nov 2026 08:00:00 +0100"
#: What a date may bear in the place of one of its letters, some of them digits of other scripts.
ODD = st.sampled_from([*"0123456789 +-:,aZ\t", "٣", "é", ""])


@given(st.lists(st.tuples(st.integers(0, len(USUAL) - 1), ODD), max_size=4))
@example([(17, "2"), (18, "4")])
@example([(23, "6")])
@example([(28, "9")])
@example([(12, "1"), (13, "9"), (14, "9"), (15, "0")])
def test_a_date_is_read_as_the_pattern_for_all_reads_it(changes: list[tuple[int, str]]) -> None:
    letters = list(USUAL)
    for place, letter in changes:
        letters[place] = letter
    text = "".join(letters)
    found = header_scan.date(text)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(header_scan, "_USUAL_LENGTHS", ())
        assert found == header_scan.date(text)


@given(st.integers(1, 28), st.integers(0, 23), st.integers(0, 59), st.integers(-14, 14))
def test_a_usual_date_is_the_moment_that_it_names(
    day: int, hour: int, minute: int, zone: int
) -> None:
    sign = "-" if zone < 0 else "+"
    text = f"Mon, {day} Nov 2026 {hour:02}:{minute:02}:07 {sign}{abs(zone):02}30"
    assert header_scan.date(text) == mail_dates.moment(text)
    separator = f"From x Mon Nov {day:02} {hour:02}:{minute:02}:07 +0000 2026\r\n".encode()
    utc = f"{day} Nov 2026 {hour:02}:{minute:02}:07 +0000"
    assert header_scan.separator_date(separator) == (mail_dates.moment(utc), True)
