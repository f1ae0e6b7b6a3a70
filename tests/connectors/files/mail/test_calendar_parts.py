"""Is a mail opened in short as it is opened whole?"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.files.ical import itip
from connectors.files.mail import calendar_parts
from connectors.files.problems import Problem

HEADERS = st.sampled_from(
    [
        "Content-Type: multipart/mixed; boundary=b",
        'Content-Type: multipart/alternative;\n boundary="b"',
        "content-type: multipart/related; boundary=b; charset=x",
        "Content-Type: multipart/digest; boundary=b",
        'Content-Type: multipart/mixed; boundary="b b"',
        "Content-Type: multipart/mixed; boundary*=b",
        "Content-Type: multipart/mixed; x=boundary=b",
        "Content-Type: text/calendar; boundary=b",
        "Subject: words",
        "no field",
        " folded",
        "",
    ]
)
LINES = st.sampled_from(
    [
        "--b",
        "--b",
        "--b",
        "--b ",
        "--bb",
        "--c",
        "--c--",
        "--b--",
        "Content-Type: text/plain",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/html;\n charset=utf-8",
        "Content-Type: text/calendar; method=REPLY",
        "Content-Type: multipart/mixed; boundary=c",
        "Content-Type: multipart/mixed; boundary=b",
        "Content-Type: message/rfc822",
        "Content-Type: application/ics",
        "Content-Type:\n text/calendar",
        "Content-Transfer-Encoding: base64",
        "no field",
        "BEGIN:VCALENDAR",
        "QkVHSU46VkNBTEVOREFSDQo=",
        "eJ8+IgABAQaQCAAEAAAA",
        "aGVsbG8=",
        "",
        "",
        "",
    ]
)


def mail(head: list[str], lines: list[str], end: str) -> bytes:
    return end.join([*head, "", *lines]).encode()


def opened(whole: bytes) -> tuple[list[itip.Part], list[Problem]]:
    problems: list[Problem] = []
    return list(calendar_parts.read(whole, "here", problems.append)), problems


@given(st.lists(HEADERS, max_size=3), st.lists(LINES, max_size=25), st.sampled_from(["\n", "\r\n"]))
@example(
    ["Content-Type: multipart/mixed; boundary=b"],
    ["--b", "Content-Type: text/calendar", "", "x", "--bb", "Content-Type: text/plain", "", "y",
     "--b", "Content-Type: text/plain", "", "z", "--b--"],
    "\n",
)  # fmt: skip
def test_the_calendar_parts_are_those_of_the_whole_mail(
    head: list[str], lines: list[str], end: str
) -> None:
    whole = mail(head, lines, end)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(calendar_parts, "_bared", lambda data: data)
        expected = opened(whole)
    assert opened(whole) == expected


def test_what_is_plain_is_not_looked_through() -> None:
    words = ["words"] * 1_000
    lines = ["--b", "Content-Type: text/plain", "", *words, "--b", "Content-Type: text/calendar"]
    whole = mail(
        ["Subject: x", 'Content-Type: multipart/mixed; boundary="b"'],
        [*lines, "", "BEGIN:VCALENDAR", "--b--", ""],
        "\n",
    )
    assert len(calendar_parts._bared(whole)) < 200
    assert opened(whole) == ([("", "", b"BEGIN:VCALENDAR", False)], [])
