"""Small files by few words: calendars, iTIP messages, mails and mailboxes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from config.clock import to_micros
from connectors.files.problems import Lost, Problem, Progress
from connectors.files.reader import read
from connectors.interfaces import Page, Window
from connectors.model.records import Call, MeetingSeen, MessageSeen

ME = "me@acme.example"
DANA = "dana@client.example"
ANA = "ana@client.example"


def at(text: str) -> int:
    """`2026-11-23 09:00` in UTC as microseconds."""
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=UTC))


HORIZON = Window(at("2026-01-01 00:00"), at("2028-01-01 00:00"))


def event(*lines: str, uid: str = "m1@acme.example", start: str = "20261123T090000Z") -> str:
    """A VEVENT; lines that are given replace the ones that it has anyway."""
    named = {line.split(":")[0].split(";")[0] for line in lines}
    base = [f"UID:{uid}", "DTSTAMP:20261101T080000Z", f"DTSTART:{start}"]
    kept = [line for line in base if line.split(":")[0] not in named]
    return "\r\n".join(["BEGIN:VEVENT", *kept, *lines, "END:VEVENT"])


def calendar(*parts: str, method: str = "") -> bytes:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN"]
    if method:
        head.append(f"METHOD:{method}")
    return "\r\n".join([*head, *parts, "END:VCALENDAR", ""]).encode()


def guest(address: str, partstat: str = "", **params: str) -> str:
    extra = "".join(f";{name.replace('_', '-')}={value}" for name, value in params.items())
    answer = f";PARTSTAT={partstat}" if partstat else ""
    return f"ATTENDEE{answer}{extra}:mailto:{address}"


def organizer(address: str, **params: str) -> str:
    extra = "".join(f";{name.replace('_', '-')}={value}" for name, value in params.items())
    return f"ORGANIZER{extra}:mailto:{address}"


def mail(
    *headers: str,
    sender: str = DANA,
    to: str = ME,
    date: str = "Mon, 23 Nov 2026 08:00:00 +0000",
    key: str = "<k1@client.example>",
    subject: str = "hello",
    body: str = "words",
    ics: bytes | None = None,
    method: str = "REPLY",
) -> bytes:
    """A mail as bytes with LF; with `ics` it is multipart/alternative with a calendar part."""
    lines = [*headers, f"From: {sender}", f"To: {to}", f"Subject: {subject}"]
    if date:
        lines.append(f"Date: {date}")
    if key:
        lines.append(f"Message-ID: {key}")
    if ics is None:
        return ("\n".join([*lines, "Content-Type: text/plain", "", body, ""])).encode()
    lines += ["MIME-Version: 1.0", 'Content-Type: multipart/alternative; boundary="b"', ""]
    parts = ["--b", "Content-Type: text/plain", "", body, "--b"]
    parts += [f"Content-Type: text/calendar; charset=utf-8; method={method}", ""]
    head = "\n".join([*lines, *parts]).encode()
    return head + b"\n" + ics.replace(b"\r\n", b"\n") + b"--b--\n"


def mbox(*mails: bytes, separator: str = "From x Mon Nov 23 08:00:00 2026") -> bytes:
    return b"".join(separator.encode() + b"\n" + one + b"\n" for one in mails)


def zipped(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return held.getvalue()


@dataclass
class Read:
    """All that one import yielded."""

    pages: list[Page] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)

    @property
    def meetings(self) -> list[MeetingSeen]:
        return [one for page in self.pages for one in page.meetings]

    @property
    def messages(self) -> list[MessageSeen]:
        return [one for page in self.pages for one in page.messages]

    @property
    def calls(self) -> list[Call]:
        return [one for page in self.pages for one in page.calls]

    @property
    def cursor(self) -> str | None:
        return self.pages[-1].cursor

    def reasons(self, lost: Lost | None = None) -> list[str]:
        return [one.reason for one in self.problems if lost is None or one.lost is lost]


def imported(
    paths: Sequence[Path | str],
    *,
    me: tuple[str, ...] = (ME,),
    zone: str = "Europe/Berlin",
    horizon: Window = HORIZON,
    cursor: str | None = None,
) -> Read:
    result = Read()
    for page in read(
        paths,
        me=me,
        zone=zone,
        horizon=horizon,
        problems=result.problems.append,
        progress=result.progress.append,
        cursor=cursor,
    ):
        result.pages.append(page)
    return result


def imported_file(folder: Path, name: str, data: bytes, **kwargs: object) -> Read:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return imported([path], **kwargs)  # type: ignore[arg-type]
