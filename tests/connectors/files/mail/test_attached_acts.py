"""Are a calendar's acts found in whatever form a program attaches them, and believed as any other?"""

from __future__ import annotations

import base64
import struct
from pathlib import Path

import pytest

from connectors.files.mail import winmail
from connectors.model.records import MessageSeen, Method
from tests.support.facts.files import (
    DANA,
    Read,
    calendar,
    event,
    guest,
    imported_file,
    mbox,
    organizer,
)

REPLY = calendar(event(organizer("me@acme.example"), guest(DANA, "DECLINED")), method="REPLY")
CANCEL = calendar(event(organizer(DANA)), method="CANCEL")
OF_EVE = calendar(event(organizer("eve@evil.example")), method="CANCEL")


def attached(kind: str, data: bytes, coding: str = "base64", sender: str = DANA) -> bytes:
    text = base64.encodebytes(data) if coding == "base64" else data.replace(b"\r\n", b"\n")
    return b"\n".join(
        [
            f"From: {sender}\nTo: me@acme.example\nSubject: Declined: Review".encode(),
            b"Date: Mon, 23 Nov 2026 08:00:00 +0000\nMessage-ID: <k1@client.example>",
            b'Content-Type: multipart/mixed; boundary="b"\n',
            b"--b\nContent-Type: text/plain\n\nwords\n--b",
            f"Content-Type: {kind}\nContent-Transfer-Encoding: {coding}\n".encode(),
            text + b"--b--\n",
        ]
    )


def read(folder: Path, data: bytes) -> tuple[MessageSeen, Read]:
    result = imported_file(folder, "a.mbox", mbox(data))
    (message,) = result.messages
    return message, result


@pytest.mark.parametrize("coding", ["base64", "7bit"])
@pytest.mark.parametrize(
    "kind",
    [
        "application/ics; name=invite.ics",
        "application/octet-stream;\n name=meeting.ics",
        "Application/ICS; method=REPLY; charset=utf-8",
        "text/plain; charset=utf-8; name=invite.ics",
        "text/x-vcalendar",
        "application/calendar; name*=utf-8''Einladung.ics",
        "binary/octet-stream",
    ],
)
def test_an_answer_in_an_attached_file_is_an_answer(tmp_path: Path, kind: str, coding: str) -> None:
    message, result = read(tmp_path, attached(kind, REPLY, coding))
    assert [(one.method, one.actor) for one in result.meetings] == [(Method.REPLY, DANA)]
    assert message.meeting_type == "decline"


def test_a_mail_that_is_nothing_but_the_file_is_opened(tmp_path: Path) -> None:
    head = f"From: {DANA}\nSubject: x\nDate: Mon, 23 Nov 2026 08:00:00 +0000\n"
    whole = f"{head}Content-Type: application/ics; name=a.ics\n\n".encode() + REPLY
    assert read(tmp_path, whole)[0].meeting_type == "decline"


def test_the_same_calendar_as_a_part_and_as_a_file_is_told_once(tmp_path: Path) -> None:
    lines = attached("text/calendar; method=CANCEL", OF_EVE, "7bit").removesuffix(b"--b--\n")
    file = attached("application/ics", OF_EVE).partition(b"words\n")[2]
    _, result = read(tmp_path, lines + file)
    assert not result.meetings
    assert len(result.reasons()) == 1


def test_a_file_is_believed_no_more_than_a_part(tmp_path: Path) -> None:
    _, result = read(tmp_path, attached("application/ics", CANCEL, sender="eve@evil.example"))
    assert not result.meetings


def test_a_mail_with_a_colleagues_act_as_a_file_stays_its_writers_own(tmp_path: Path) -> None:
    """They sent it on: the act is the colleague's, and the mail is what they wrote."""
    message, result = read(
        tmp_path, attached("application/ics", CANCEL, sender="emil@client.example")
    )
    assert [one.actor for one in result.meetings] == [DANA]
    assert message.meeting_type == ""


def test_an_ordinary_file_stays_unopened(tmp_path: Path) -> None:
    message, result = read(tmp_path, attached("application/octet-stream; name=a.ics", b"%PDF-1.4"))
    assert (message.meeting_type, result.meetings, result.problems) == ("", [], [])


def tnef(written: str) -> bytes:
    before = struct.pack("<BII", 1, 0x00089006, 4) + b"\0\0\1\0" + b"\1\0"
    name = written.encode() + b"\0"
    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + before
        + struct.pack("<BII", 1, 0x00078008, len(name))
        + name
        + b"\0\0"
    )


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("IPM.Schedule.Meeting.Resp.Neg", "decline"),
        ("IPM.Microsoft Schedule.MtgRespP", "accept"),
        ("IPM.Schedule.Meeting.Canceled", "cancel"),
        ("IPM.Schedule.Meeting.Request", "request"),
        ("IPM.Note", ""),
        ("IPM.Microsoft Mail.Note", ""),
    ],
)
def test_a_winmail_tells_which_kind_of_meeting_mail_it_is(
    tmp_path: Path, written: str, kind: str
) -> None:
    message, result = read(tmp_path, attached("application/ms-tnef", tnef(written)))
    assert message.meeting_type == kind
    assert bool(result.reasons()) == bool(kind)


@pytest.mark.parametrize(
    ("written", "receipt"),
    [
        ("REPORT.IPM.Note.IPNRN", True),
        ("REPORT.IPM.Note.IPNNRN", True),
        ("REPORT.IPM.Schedule.Meeting.Request.IPNRN", True),
        ("IPM.Microsoft Mail.Read Receipt", True),
        ("REPORT.IPM.Note.DR", False),
        ("IPM.Note", False),
        ("IPM.Schedule.Meeting.Resp.Pos", False),
    ],
)
def test_a_winmail_that_is_a_receipt_is_typed_as_one(
    tmp_path: Path, written: str, receipt: bool
) -> None:
    message, _ = read(tmp_path, attached("application/ms-tnef", tnef(written)))
    assert ("report-type=disposition-notification" in message.headers) == receipt


@pytest.mark.parametrize("cut", [0, 3, 6, 14, 20, 25, 40])
def test_a_damaged_winmail_tells_nothing(cut: int) -> None:
    assert winmail.meeting_type(tnef("IPM.Schedule.Meeting.Resp.Neg")[:cut]) == ""


def test_a_winmail_in_our_name_that_we_did_not_send_tells_nothing(tmp_path: Path) -> None:
    hop = b"Received: from a by b with SMTP; Mon, 23 Nov 2026 08:00:00 +0000\n"
    data = attached(
        "application/ms-tnef", tnef("IPM.Schedule.Meeting.Resp.Neg"), sender="me@acme.example"
    )
    assert read(tmp_path, hop + data)[0].meeting_type == ""
