"""Where does each message of a mailbox file begin and end?"""

from __future__ import annotations

import io
import mailbox
import random
import re
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files.mail import mbox as module
from connectors.files.mail.mbox import Raw, Splitter
from connectors.files.problems import Lost
from tests.support.facts.files import calendar, event, guest, imported_file, mail, mbox, organizer


def split(data: bytes) -> list[Raw]:
    return list(Splitter(io.BytesIO(data)).messages())


def keys(data: bytes) -> list[bytes]:
    return [raw.header.split(b"Message-ID: ")[1].split(b"\n")[0].strip() for raw in split(data)]


def one(number: int, body: str = "words") -> bytes:
    return mail(key=f"<{number}@x.example>", body=body)


@pytest.mark.parametrize(
    "separator",
    [
        "From 1828754568043628583@xxx Mon Apr 07 14:31:02 +0000 2025",
        "From MAILER-DAEMON Mon Nov 23 08:00:00 2026",
        "From dana@client.example Mon Nov 23 08:00:00 2026",
        "From dana@client.example  Mon Nov  3 08:00 2026",
        "From dana@client.example Mon Nov 23 08:00:00 CET 2026",
        "From - Mon Nov 23 08:00:00 2026",
        "From -",
        "From ",
        'From "dana kim"@client.example Mon, 23 Nov 2026 08:00:00 +0100',
        "From ???@??? Mon Nov 23 08:00:00 2026",
        "From dana@client.example",
        "From dana",
        "From x Mo Nov 23 08:00:00 2026",
        "From x lun. nov. 23 08:00:00 2026",
    ],
)
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_every_programs_separator_is_known(separator: str, line_end: bytes) -> None:
    data = mbox(one(1), one(2), one(3), separator=separator).replace(b"\n", line_end)
    found = split(data)
    assert keys(data) == [b"<1@x.example>", b"<2@x.example>", b"<3@x.example>"]
    assert sum(len(raw.separator) + raw.size for raw in found) == len(data)
    assert [raw.number for raw in found] == [1, 2, 3]


@pytest.mark.parametrize(
    "body",
    [
        "From here on it is a body",
        "\nFrom here on it is a body\n",
        "\nFrom the desk of Dana: 12 rules",
        "\nFrom me to you\n\nFrom: not a header",
        "\n>From dana Mon Nov 23 08:00:00 2026\n",
        "\n>>From mboxrd Mon Nov 23 08:00:00 2026\n",
        "\nFrom 2020 on we met at 10:30\nand so on",
        "\nFrom dana\n\nFrom: quoted\nTo: quoted\n",
        "\nFrom tomorrow at 10:30\nSubject: the plan\nPlace: room 2\n",
        "\nFrom here\nSubject: the plan\n\nTo: be continued\n",
    ],
)
def test_a_body_that_says_from_is_no_message(body: str) -> None:
    assert keys(mbox(one(1, body), one(2))) == [b"<1@x.example>", b"<2@x.example>"]


def test_a_message_follows_also_where_the_empty_line_before_it_is_missing() -> None:
    data = mbox(one(1), one(2)).replace(b"words\n\nFrom", b"words\nFrom")
    assert len(split(data)) == 2


@pytest.mark.parametrize("separator", ["From - ", "From -", "From "])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_a_bare_separator_may_follow_the_last_part_of_a_mail_at_once(
    separator: str, line_end: bytes
) -> None:
    data = mbox(one(1, "words\n--b--"), one(2), one(3), separator=separator)
    data = data.replace(b"--b--\n\nFrom", b"--b--\nFrom").replace(b"\n", line_end)
    assert keys(data) == [b"<1@x.example>", b"<2@x.example>", b"<3@x.example>"]


@pytest.mark.parametrize(
    "body",
    [
        "Dear Dana,\nFrom \nthe desk of: nobody\n",
        "words\nFrom -\nSubject: the plan\nPlace: room 2\n",
        "words\nFrom - Dana\nTo: Luis\nSubject: the budget\n",
        "words\nFrom \n\nFrom: quoted\nTo: quoted\n",
    ],
)
def test_a_bare_from_amid_words_is_no_separator(body: str) -> None:
    assert keys(mbox(one(1, body), one(2))) == [b"<1@x.example>", b"<2@x.example>"]


QUOTED = (
    "Look at this:\n\nFrom dana@client.example Mon Nov 23 08:00:00 2026\n"
    "From: me@acme.example\nTo: me@acme.example\nSubject: noshow 7Q3F2K us\n"
    "Message-ID: <quoted@x.example>\n\nwords\n"
)


def counted(number: int, body: str, *, more: int = 0) -> bytes:
    """A mail as programs write it that count a body instead of quoting it."""
    size = len(body.encode()) + more
    return mail(f"Content-Length: {size}", key=f"<{number}@x.example>", body=body)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_a_mail_that_a_body_quotes_is_no_mail_of_the_file(line_end: bytes) -> None:
    body = QUOTED if line_end == b"\n" else QUOTED.replace("\n", "\r\n")
    whole = counted(1, body).replace(b"\r\n", b"\n")
    data = mbox(whole, one(2)).replace(b"\n", line_end)
    assert keys(data) == [b"<1@x.example>", b"<2@x.example>"]


def test_the_last_mail_of_a_file_may_quote_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 64)
    assert keys(mbox(one(1), counted(2, QUOTED))) == [b"<1@x.example>", b"<2@x.example>"]


@pytest.mark.parametrize("more", [-3, 5, 40, 400, 999_999_999], ids=str)
def test_a_count_that_ends_nowhere_hides_no_mail(more: int) -> None:
    lying = counted(1, "words\n", more=more)
    data = mbox(lying, one(2), one(3))
    assert keys(data) == [b"<1@x.example>", b"<2@x.example>", b"<3@x.example>"]


@pytest.mark.parametrize(
    "words", ["Agenda: prices\nPlace: room 2\n\nBest\n", "https://x.example\n", "Note: yes\n"]
)
def test_words_with_a_colon_are_no_header(words: str) -> None:
    body = f"Hello\n\nFrom Dana Mon Nov 23 08:00:00 2026\n{words}"
    assert keys(mbox(one(1, body), one(2))) == [b"<1@x.example>", b"<2@x.example>"]


def test_blocks_may_end_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    ics = calendar(event(organizer("a@b.example"), guest("c@d.example")), method="REPLY")
    data = mbox(one(1, "x" * 500), mail(ics=ics, key="<2@x.example>"), one(3, "From x\n\nFrom y"))
    whole = split(data)
    for block in (1, 7, 64, 100, 1000, 4096):
        monkeypatch.setattr(module, "BLOCK", block)
        assert split(data) == whole
    assert [raw.whole is not None for raw in whole] == [False, True, False]


LINES = st.sampled_from(
    [
        b"",
        b"",
        b"words",
        b"From ",
        b"From dana to kim",
        b"From x Mon Nov 23 08:00:00 2026",
        b"\x1aFrom x Mon Nov 23 08:00:00 2026",
        b"\xef\xbb\xbfFrom -",
        b">From x Mon Nov 23 08:00:00 2026",
        b"Subject: From x",
        b"From: x@x.example",
        b"Date: Mon, 23 Nov 2026 08:00:00 +0000",
        b"Content-Length: 60",
        b"Fro",
    ]
)


@given(st.lists(LINES, max_size=40), st.integers(1, 70), st.sampled_from([b"\n", b"\r\n"]))
def test_a_file_in_small_blocks_is_split_as_one_in_a_large_one(
    lines: list[bytes], block: int, line_end: bytes
) -> None:
    data = line_end.join([b"From x Mon Nov 23 08:00:00 2026", *lines, b""])
    whole = split(data)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "BLOCK", block)
        assert split(data) == whole


@given(st.lists(st.sampled_from([b"\n", b"From ", b"Fro", b"m ", b" "]), max_size=60))
def test_a_place_for_a_separator_is_found_whatever_stands_around_it(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    splitter = Splitter(io.BytesIO(data))
    splitter._more(0)
    expected = [found.start() for found in re.finditer(rb"\nFrom ", data)]
    assert splitter._ahead(0)[::-1] == expected


def test_a_huge_message_is_passed_over_in_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 1000)
    monkeypatch.setattr(module, "LARGEST", 5000)
    ics = calendar(event(organizer("a@b.example"), guest("c@d.example")), method="REPLY")
    early = mail(ics=ics, key="<1@x.example>").replace(b"--b--\n", b"--b\n\n" + b"A" * 70_000)
    late = mail(ics=ics, key="<2@x.example>", body="B" * 70_000)
    none = one(3, "C\n" * 50_000)
    data = mbox(early, late, none, one(4))
    found = split(data)
    assert keys(data) == [b"<%d@x.example>" % n for n in (1, 2, 3, 4)]
    assert [raw.whole is not None for raw in found] == [True, False, False, False]
    assert [raw.calendar_lost for raw in found] == [False, True, False, False]
    assert sum(len(raw.separator) + raw.size for raw in found) == len(data)
    assert all(raw.whole is None or len(raw.whole) <= 5000 for raw in found)


def test_reading_goes_on_at_the_offset_of_any_message() -> None:
    data = mbox(*(one(number) for number in range(20)))
    whole = split(data)
    for number, raw in enumerate(whole):
        stream = io.BytesIO(data)
        stream.seek(raw.offset)
        rest = list(Splitter(stream, number=number, offset=raw.offset).messages())
        assert rest == whole[number:]


def test_what_stands_before_the_first_message_is_counted(tmp_path: Path) -> None:
    result = imported_file(tmp_path, "a.mbox", b"rubbish\n\n" + mbox(one(1)))
    assert len(result.messages) == 1
    assert result.problems[0].lost is Lost.DETAIL
    nothing = imported_file(tmp_path, "b.mbox", b"no mail at all\n" * 500)
    assert [problem.lost for problem in nothing.problems] == [Lost.FILE]
    empty = imported_file(tmp_path, "c.mbox", b"")
    assert not empty.problems


def test_a_mailbox_that_python_wrote_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "python.mbox"
    rng = random.Random(1)
    words = ["From ", ">From ", "\n", "a", "text/calendar", "Subject: x", "\n\n", " ", "é"]
    with closing(mailbox.mbox(path)) as box:
        for number in range(200):
            body = "".join(rng.choice(words) for _ in range(rng.randrange(60)))
            box.add(f"Message-ID: <{number}@x.example>\nFrom: a@b.example\n\n{body}".encode())
        box.flush()
        theirs = [message["Message-ID"].strip("<>") for message in box]
    result = imported_file(tmp_path, "copy.mbox", path.read_bytes())
    assert [message.message_key for message in result.messages] == theirs
    assert len(theirs) == 200


def test_no_mail_is_lost_where_a_header_lies_across_two_blocks() -> None:
    one = b"From x Mon Nov 23 08:00:00 2026\nFrom: a@x.example\n" + b"X-Long: words\n" * 100
    data = (one + b"\nbody\n\n") * 2_500
    assert len(data) > 3 * module.BLOCK
    found = split(data)
    assert (len(found), {raw.size for raw in found}) == (2_500, {len(one) - 32 + 7})


LEFT = {
    "a mark of UTF-8": b"\xef\xbb\xbf",
    "two marks": b"\xef\xbb\xbf\xef\xbb\xbf",
    "zeros": b"\0" * 4096,
    "a form feed": b"\x0c",
    "an end of file": b"\x1a",
    "zeros and a mark": b"\0\0\xef\xbb\xbf",
}


@pytest.mark.parametrize("size", [None, 1, 7, 64])
@pytest.mark.parametrize("end", [b"\n", b""])
@pytest.mark.parametrize("left", LEFT)
def test_what_is_left_between_two_joined_mailboxes_hides_no_mail(
    monkeypatch: pytest.MonkeyPatch, left: str, end: bytes, size: int | None
) -> None:
    """Wherever a block of the file ends."""
    if size is not None:
        monkeypatch.setattr(module, "BLOCK", size)
        monkeypatch.setattr(module, "_LARGEST_BLOCK", size)
    one = b"From a@x.example Mon Nov 23 08:00:00 2026\nFrom: a@x.example\nSubject: x\n\nwords\n"
    whole = one + b"\n" + one + end + LEFT[left] + one + b"\n" + one
    found = list(Splitter(io.BytesIO(whole)).messages())
    assert [whole[raw.offset : raw.offset + 6] for raw in found] == [b"From a"] * 4


MAIL = b"From a@x.example Mon Nov 23 08:00:00 2026\nFrom: a@x.example\nSubject: x\n\nwords\n\n"


@pytest.mark.parametrize(
    "before", [b"   ", b"\x0b", b"\0\0", b"\x0c\n", b"\xef\xbb\xbf\xef\xbb\xbf"]
)
def test_blanks_before_the_first_separator_hide_no_mail(before: bytes) -> None:
    assert len(list(Splitter(io.BytesIO(before + MAIL + MAIL)).messages())) == 2


@pytest.mark.parametrize("end", [b"\r", b"\r\n", b"\r\r\n"])
def test_a_mailbox_joined_to_one_with_other_ends_of_lines_is_read_whole(
    tmp_path: Path, end: bytes
) -> None:
    result = imported_file(tmp_path, "a.mbox", (MAIL + MAIL).replace(b"\n", end) + MAIL + MAIL)
    assert [one.subject for one in result.messages] == ["x"] * 4


def test_a_mail_before_the_first_separator_is_named_as_lost(tmp_path: Path) -> None:
    result = imported_file(tmp_path, "a.mbox", MAIL.partition(b"\n")[2] + MAIL)
    assert len(result.messages) == 1
    assert Lost.MESSAGE in [one.lost for one in result.problems]


def test_a_file_of_one_mail_to_which_more_were_appended_is_a_mailbox(tmp_path: Path) -> None:
    assert len(imported_file(tmp_path, "a.eml", MAIL + MAIL).messages) == 2
    assert len(imported_file(tmp_path, "b.eml", MAIL).messages) == 1
