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
        'Content-Type: text/calendar; charset="utf-8";\n METHOD=cancel',
        'Content-Type: text/calendar; charset="utf-8"; method=a; method=b',
        "Content-Type: text/calendar; method*=utf-8''REPLY",
        "Content-Type: text/calendar; name=x; method=<REPLY>",
        "Content-Type: multipart/mixed; boundary=c",
        "Content-Type: multipart/mixed; boundary=b",
        "Content-Type: message/rfc822",
        "Content-Type: application/ics",
        "Content-Type:\n text/calendar",
        "Content-Transfer-Encoding: base64",
        "content-transfer-encoding: Quoted-Printable",
        "Content-Transfer-Encoding: 8bit",
        "Content-Transfer-Encoding: 7bit ",
        "no field",
        "BEGIN:VCALENDAR",
        "BEGIN=3AVCALENDAR=",
        "B\u00e4ume",
        "QkVHSU46VkNBTEVOREFSDQo=",
        "QkVHSU46",
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
        patched.setattr(calendar_parts, "_pieces", lambda _: None)
        expected = opened(whole)
    assert opened(whole) == expected


FIELDS = st.sampled_from(
    [
        "Content-Type: text/calendar",
        "content-type: text/calendar;\n charset=utf-8; method=REPLY",
        'Content-Type: TEXT/Calendar; name="a b"; method=REPLY',
        'Content-Type: text/calendar; method="REPLY"; charset=utf-8',
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: application/ics; name=x",
        "Content-Disposition: attachment; filename=x.ics",
        "Content-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: quoted-printable",
        "Content-Transfer-Encoding: 8bit",
    ]
)
TEXTS = st.sampled_from(
    [
        ["BEGIN:VCALENDAR", "SUMMARY:B\u00e4ume", "END:VCALENDAR"],
        ["BEGIN:VCALENDAR", "", "", "END:VCALENDAR", ""],
        ["BEGIN:VCALENDAR=", "x=3Dy", "=zz"],
        ["QkVHSU46", "VkNBTEVOREFSDQo="],
        ["QkVHSU46VkNBTEVOREFSDQo", "="],
        ["QkVH SU46", "VkNBTEVOREFSDQo=", "behind"],
        ["words"],
        [],
        ["--c", "x"],
    ]
)
PART = st.tuples(st.lists(FIELDS, max_size=4), TEXTS)


@given(
    st.lists(PART, min_size=1, max_size=4),
    st.sampled_from(["--b--", "--b-- ", "--b--x", "--b", ""]),
    st.lists(st.sampled_from(["", "behind", "--b", "--b--"]), max_size=2),
)
def test_the_parts_of_a_plain_mail_are_those_of_pythons_parser(
    parts: list[tuple[list[str], list[str]]], end: str, behind: list[str]
) -> None:
    lines = [one for head, words in parts for one in ("--b", *head, "", *words)]
    whole = mail(["Content-Type: multipart/mixed; boundary=b"], [*lines, end, *behind], "\n")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(calendar_parts, "_pieces", lambda _: None)
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
    pieces = calendar_parts._pieces(whole)
    assert len(calendar_parts._joined(whole, pieces)) < 200
    found = [("", "", b"BEGIN:VCALENDAR", False)]
    assert calendar_parts._plain_parts(pieces) == found
    assert opened(whole) == (found, [])
