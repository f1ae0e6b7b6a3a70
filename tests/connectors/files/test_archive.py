"""Are folders and zips read as they come, and refused where they are traps?"""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from connectors.files import containers
from connectors.files.problems import Lost
from tests.support.facts.files import (
    ME,
    calendar,
    event,
    imported,
    imported_file,
    mail,
    mbox,
    zipped,
)


def one(number: int) -> bytes:
    return mbox(mail("X-Gmail-Labels: Sent", key=f"<{number}@x.example>"))


def keys(result) -> list[str]:  # type: ignore[no-untyped-def]
    return [message.message_key for message in result.messages]


def test_a_takeout_of_several_zips_is_read_as_it_comes(tmp_path: Path) -> None:
    first = zipped(
        {
            "Takeout/Mail/All mail Including Spam and Trash.mbox": one(1),
            "Takeout/archive_browser.html": b"<html>",
            "Takeout/Mail/User Settings/Filters.json": b"{}",
        }
    )
    second = zipped(
        {
            "Takeout/Calendar/me@acme.example.ics": calendar(event()),
            "Takeout/Mail/Sent.mbox": one(2),
        }
    )
    (tmp_path / "takeout-001.zip").write_bytes(first)
    (tmp_path / "takeout-002.zip").write_bytes(second)
    result = imported([tmp_path / "takeout-001.zip", tmp_path / "takeout-002.zip"])
    assert (keys(result), len(result.meetings)) == (["1@x.example", "2@x.example"], 1)
    assert [problem.lost for problem in result.problems] == [Lost.IGNORED]
    assert result.problems[0].reason.startswith("2 files")


def test_a_folder_of_all_kinds_is_read_in_a_stable_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "Inbox").write_bytes(one(1))
    (tmp_path / "b" / "Inbox.msf").write_bytes(b"index")
    (tmp_path / "a.eml").write_bytes(mail(key="<2@x.example>"))
    (tmp_path / "work.ics").write_bytes(calendar(event()))
    (tmp_path / "inner.zip").write_bytes(zipped({"c.eml": mail(key="<3@x.example>")}))
    (tmp_path / "calls.csv").write_text("date,address,outcome\n2026-11-03,a@b.example,spoke\n")
    (tmp_path / ".hidden.ics").write_bytes(b"no")
    result = imported([tmp_path])
    assert keys(result) == ["1@x.example", "2@x.example", "3@x.example"]
    assert (len(result.meetings), len(result.calls)) == (1, 1)
    assert [problem.reason for problem in result.problems] == ["1 file of another kind left alone"]


@pytest.mark.parametrize("folder", [".Sent/cur", ".INBOX.Sent/new", ".Inbox.directory/Sent/cur"])
def test_a_hidden_folder_of_mail_is_read_and_other_hidden_ones_are_not(
    tmp_path: Path, folder: str
) -> None:
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / "1.host:2,S").write_bytes(mail(sender=ME, to="dana@client.example"))
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "b.eml").write_bytes(mail(key="<2@x.example>"))
    (seen,) = imported([tmp_path]).messages
    assert seen.sent


def test_the_same_path_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(mail())
    assert len(imported([tmp_path / "a.eml", tmp_path / "a.eml"]).messages) == 1


@pytest.mark.parametrize(
    "name", ["../../etc/x.eml", "/etc/x.eml", "a/../../x.eml", "..\\x.eml", "C:/x.eml"]
)
def test_a_path_that_leaves_the_archive_is_refused_by_name(tmp_path: Path, name: str) -> None:
    data = zipped({name: mail(key="<bad@x.example>"), "good.eml": mail(key="<good@x.example>")})
    result = imported_file(tmp_path, "a.zip", data)
    assert keys(result) == ["good@x.example"]
    assert "leads out of the archive" in result.problems[0].reason
    assert result.problems[0].place.endswith("!/" + name)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "SMALL", 1 << 20)
    bomb = zipped({"a.mbox": one(1) + b"\0" * (8 << 20), "good.eml": mail(key="<good@x.example>")})
    result = imported_file(tmp_path, "a.zip", bomb)
    assert not result.messages
    assert "zip bomb" in result.problems[0].reason
    # One such member among honest ones is refused alone.
    noise = os.urandom(1 << 20)
    mixed = zipped(
        {"a.mbox": b"\0" * (8 << 20), "n.bin": noise, "g.eml": mail(key="<g@x.example>")}
    )
    result = imported_file(tmp_path, "b.zip", mixed)
    assert keys(result) == ["g@x.example"]
    assert "zip bomb" in result.reasons(Lost.FILE)[0]


def test_a_list_that_lies_about_sizes_does_not_help_a_bomb(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.mbox": one(1) * 2000}))
    true = len(one(1) * 2000)
    at = data.rindex(true.to_bytes(4, "little"))
    data[at : at + 4] = (400).to_bytes(4, "little")
    result = imported_file(tmp_path, "a.zip", bytes(data))
    assert len(result.messages) < 5
    assert Lost.FILE in [problem.lost for problem in result.problems]


def test_an_encrypted_member_is_named(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.eml": mail()}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    result = imported_file(tmp_path, "a.zip", bytes(data))
    assert [problem.reason for problem in result.problems] == ["encrypted: unpack it first"]


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        link = zipfile.ZipInfo("link.eml")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "/etc/passwd")
    result = imported_file(tmp_path, "a.zip", held.getvalue())
    assert [problem.reason for problem in result.problems] == ["a link: refused"]


def test_zips_inside_a_zip_are_opened_one_level_deep(tmp_path: Path) -> None:
    inner = zipped({"Takeout/Mail/Sent.mbox": one(1)})
    result = imported_file(tmp_path, "a.zip", zipped({"part-1.zip": inner}))
    assert keys(result) == ["1@x.example"]
    result = imported_file(tmp_path, "b.zip", zipped({"x.zip": zipped({"part-1.zip": inner})}))
    assert not result.messages
    assert "unpack it first" in result.problems[0].reason


def test_a_damaged_member_is_named_and_what_was_whole_in_it_is_kept(tmp_path: Path) -> None:
    held = io.BytesIO()
    body = b"".join(one(number) for number in range(2000))
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as made:
        made.writestr("a.mbox", body)
        made.writestr("b.eml", mail(key="<good@x.example>"))
    data = bytearray(held.getvalue())
    data[len(body) - 100] ^= 0xFF
    result = imported_file(tmp_path, "a.zip", bytes(data))
    assert "good@x.example" in keys(result)
    assert "could not be read to its end" in result.problems[0].reason


def test_a_truncated_zip_is_named(tmp_path: Path) -> None:
    data = zipped({"a.eml": mail()})
    result = imported_file(tmp_path, "a.zip", data[: len(data) // 2])
    assert [problem.lost for problem in result.problems] == [Lost.FILE]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("mails.pst", "save the calendar as .ics"),
        ("one.msg", "save the message as .eml"),
        ("takeout.7z", "unpack it first"),
        ("notes.txt", ""),
    ],
)
def test_a_file_of_another_kind_that_was_named_is_named_back(
    tmp_path: Path, name: str, hint: str
) -> None:
    result = imported_file(tmp_path, name, b"\x01\x02 something")
    assert [problem.lost for problem in result.problems] == [Lost.FILE]
    assert hint in result.problems[0].hint


def test_what_cannot_be_opened_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(mail())
    os.mkfifo(tmp_path / "b.eml")
    result = imported([tmp_path / "missing.mbox", tmp_path])
    assert len(result.messages) == 1
    assert [problem.lost for problem in result.problems] == [Lost.FILE, Lost.FILE]


def test_a_link_that_loops_does_not_hang(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "a" / "one.eml").write_bytes(mail())
    assert len(imported([tmp_path]).messages) == 1
