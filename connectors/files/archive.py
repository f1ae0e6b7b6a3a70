"""Which calendars, mailboxes, mails and call lists lie in the given files, folders and zips?

Nothing is unpacked to disk. Archives come from strangers' servers, so a member is refused by name
when its path leaves the archive, when it is encrypted, or when it grows beyond every reason;
zips inside a zip are opened one level deep (the parts of a Takeout that was zipped again).
"""

from __future__ import annotations

import hashlib
import io
import lzma
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from config.clock import to_micros
from connectors.files.problems import Lost, Problem, Report

#: Uncompressed bytes of one member, and of all members of one archive together.
LARGEST_MEMBER = 200 << 30
LARGEST_ARCHIVE = 500 << 30
#: Uncompressed to compressed, of a member larger than 64 MiB; text of mails has 3 to 30.
STEEPEST = 200
_SMALL = 64 << 20
#: Zips inside a zip are held in memory while they are read: so much each, and so many.
LARGEST_NESTED = 128 << 20
MOST_NESTED = 8
_MOST_FILES = 1_000_000
#: All that reading a damaged or strange archive is known to raise (bz2 raises OSError).
DAMAGED = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)
_HEAD = 64


class Kind(StrEnum):
    """What a file holds, in the order in which an import reads: meetings before mails."""

    ICS = "ics"
    MBOX = "mbox"
    EML = "eml"
    CALLS = "calls"


class Refused(OSError):
    """A member of an archive that is not read any further, with the reason."""


@dataclass(frozen=True)
class Source:
    """One thing to read. `place` names it for a person; `parts` are the names on its path.

    `size` [bytes] uncompressed; `written` [µs UTC] when the file was last changed, None where
    unknown; `key` stays the same while the content does (for going on after a stop); `seekable`:
    a start in the middle is cheap.
    """

    kind: Kind
    place: str
    parts: tuple[str, ...]
    size: int
    written: int | None
    key: str
    open: Callable[[], IO[bytes]] = field(repr=False, compare=False)
    seekable: bool = True


def sources(paths: Sequence[str | Path], report: Report, stack: ExitStack) -> list[Source]:
    """Everything readable below the paths: calendars first, then mail, then calls, by place.

    What cannot be read is reported; files of other kinds are reported as a number. The archives
    stay open, for their members to be read, until `stack` closes them.
    """
    found: list[Source] = []
    for path in paths:
        found += _below(Path(path), report, stack)
    once: dict[str, Source] = {}
    for source in found:
        once.setdefault(source.key + source.place, source)
    order = list(Kind)
    return sorted(once.values(), key=lambda one: (order.index(one.kind), one.place))


def _below(path: Path, report: Report, stack: ExitStack) -> Iterator[Source]:
    if path.is_dir():
        ignored = 0
        for number, file in enumerate(_walk(path, report)):
            if number > _MOST_FILES:
                report(Problem(str(path), f"more than {_MOST_FILES} files", Lost.FILE))
                break
            parts = file.relative_to(path.parent).parts
            made = list(_file(file, parts, report, stack, named=False))
            ignored += not made
            yield from (one for one in made if one is not None)
        _ignored(str(path), ignored, report)
    else:
        made = list(_file(path, path.parts[-2:], report, stack, named=True))
        yield from (one for one in made if one is not None)


def _ignored(place: str, count: int, report: Report) -> None:
    if count:
        what = "file of another kind" if count == 1 else "files of other kinds"
        report(Problem(place, f"{count} {what} left alone", Lost.IGNORED))


def _walk(root: Path, report: Report) -> Iterator[Path]:
    """Files below a folder in a stable order; links to folders are not followed (they may loop)."""

    def failed(error: OSError) -> None:
        report(Problem(str(error.filename), _why(error), Lost.FILE))

    for folder, names, files in os.walk(root, onerror=failed):
        names[:] = sorted(
            name for name in names if not name.startswith(".") or _holds_mail(folder, name)
        )
        for name in sorted(files):
            if not name.startswith((".", "._")):
                yield Path(folder, name)


def _holds_mail(folder: str, name: str) -> bool:
    """A hidden folder of mail: `.Sent` of a Maildir++, `.Inbox.directory` of KMail."""
    path = Path(folder, name)
    return name.endswith(".directory") or any((path / part).is_dir() for part in ("cur", "new"))


def _file(
    path: Path, parts: tuple[str, ...], report: Report, stack: ExitStack, *, named: bool
) -> Iterator[Source | None]:
    """The sources in one file; yields None (only) where a problem was reported instead."""
    place = str(path)
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            report(Problem(place, "neither a file nor a folder", Lost.FILE))
            yield None
            return
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        report(Problem(place, _why(error), Lost.FILE))
        yield None
        return
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        if path.suffix.lower() in (".zip", "") or named:
            yield from _zip(place, path.open("rb"), parts[:-1], report, stack, depth=0)
            # A zip was dealt with, even if nothing in it was ours.
            yield None
        return
    kind = kind_of(parts, head, named=named)
    if kind is None:
        refused = _foreign(path.name)
        if refused or named:
            reason = refused or "neither a calendar, nor mail, nor a list of calls"
            report(Problem(place, reason, Lost.FILE, _HINTS.get(path.suffix.lower(), "")))
            yield None
        return
    written = to_micros(datetime.fromtimestamp(state.st_mtime, UTC))
    key = _key(path.name, state.st_size, state.st_mtime_ns)
    yield Source(kind, place, parts, state.st_size, written, key, lambda: path.open("rb"))


def _key(name: str, size: int, version: int) -> str:
    """A digest, because it is kept in the store, and a file may bear the name of a person."""
    return hashlib.sha256(f"{name}:{size}:{version}".encode(errors="replace")).hexdigest()[:20]


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__


_FOREIGN = {
    ".pst": "an Outlook data file, which is not read",
    ".ost": "an Outlook data file, which is not read",
    ".msg": "an Outlook message file, which is not read",
    ".olm": "an Outlook for Mac archive, which is not read",
    ".tgz": "a tar archive, which is not read",
    ".gz": "a compressed file, which is not read",
    ".7z": "an archive of a kind that is not read",
    ".rar": "an archive of a kind that is not read",
}
_HINTS = {
    ".pst": "save the calendar as .ics, and the mails as .eml or .mbox",
    ".ost": "save the calendar as .ics, and the mails as .eml or .mbox",
    ".msg": "save the message as .eml",
    ".olm": "save the calendar as .ics, and the mails as .eml or .mbox",
    ".tgz": "unpack it, or ask Takeout for .zip",
    ".gz": "unpack it first",
    ".7z": "unpack it first",
    ".rar": "unpack it first",
}


def _foreign(name: str) -> str:
    return _FOREIGN.get(PurePosixPath(name).suffix.lower(), "")


def kind_of(parts: tuple[str, ...], head: bytes, *, named: bool) -> Kind | None:
    """What a file holds, by its name and its first bytes; None for a kind that is not ours.

    `named`: the user named this very file, so a .csv is a list of calls whatever its name.
    """
    name = parts[-1].lower()
    suffix = PurePosixPath(name).suffix
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe\r\n\t ").replace(b"\0", b"").upper()
    if suffix in (".ics", ".ical", ".icalendar") or start.startswith(b"BEGIN:VCALENDAR"):
        return Kind.ICS
    if suffix in (".eml", ".emlx") or (len(parts) > 1 and parts[-2] in ("cur", "new")):
        return Kind.EML
    if suffix in (".mbox", ".mbx") or (suffix not in _FOREIGN and head.startswith(b"From ")):
        return Kind.MBOX
    if suffix == ".csv" and (named or "call" in name):
        return Kind.CALLS
    return None


def _zip(
    place: str,
    stream: BinaryIO,
    parts: tuple[str, ...],
    report: Report,
    stack: ExitStack,
    depth: int,
) -> Iterator[Source | None]:
    stack.enter_context(stream)
    try:
        # Open until the import ends: its members are read later, one after the other.
        archive = stack.enter_context(zipfile.ZipFile(stream))
        members = archive.infolist()
    except DAMAGED as error:
        report(Problem(place, f"no zip that can be read ({type(error).__name__})", Lost.FILE))
        yield None
        return
    total = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if total > LARGEST_ARCHIVE or (total > _SMALL and total > STEEPEST * max(packed, 1)):
        report(Problem(place, "an archive that grows too large (a zip bomb)", Lost.FILE))
        yield None
        return
    if len(members) > _MOST_FILES:
        report(Problem(place, f"more than {_MOST_FILES} files", Lost.FILE))
        yield None
        return
    ignored = nested = 0
    for member in members:
        if member.is_dir():
            continue
        nested += member.filename.lower().endswith(".zip")
        if nested > MOST_NESTED and member.filename.lower().endswith(".zip"):
            name = f"{place}!/{member.filename}"
            report(Problem(name, "too many zips inside one zip: unpack it first", Lost.FILE))
            continue
        made = list(
            _member(archive, member, f"{place}!/{member.filename}", parts, report, stack, depth)
        )
        ignored += not made
        yield from made
    _ignored(place, ignored, report)


def _unsafe(member: zipfile.ZipInfo) -> str:
    """Why a member is refused before it is opened; "" where it is not."""
    path = PurePosixPath(member.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":")):
        return "a path that leads out of the archive: refused"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "a link: refused"
    if member.flag_bits & 0x1:
        return "encrypted: unpack it first"
    if member.file_size > LARGEST_MEMBER:
        return "too large: refused"
    if member.file_size > _SMALL and member.file_size > STEEPEST * max(member.compress_size, 1):
        return "grows too much when it is unpacked (a zip bomb): refused"
    return ""


def _member(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    place: str,
    outer: tuple[str, ...],
    report: Report,
    stack: ExitStack,
    depth: int,
) -> Iterator[Source | None]:
    parts = outer + PurePosixPath(member.filename.replace("\\", "/")).parts
    if not parts or parts[-1].startswith((".", "._")) or "__MACOSX" in parts:
        return
    refused = _unsafe(member)
    if refused:
        report(Problem(place, refused, Lost.FILE))
        yield None
        return

    def opened() -> IO[bytes]:
        return io.BufferedReader(Counted(archive.open(member), member.file_size), 1 << 16)

    try:
        with opened() as stream:
            head = stream.read(_HEAD)
    except DAMAGED as error:
        report(Problem(place, f"damaged or of an unknown kind ({type(error).__name__})", Lost.FILE))
        yield None
        return
    if head[:4] == b"PK\x03\x04" and parts[-1].lower().endswith(".zip"):
        yield from _nested(member, opened, place, parts[:-1], report, stack, depth)
        return
    kind = kind_of(parts, head, named=False)
    if kind is None:
        reason = _foreign(parts[-1])
        if reason:
            report(Problem(place, reason, Lost.FILE))
            yield None
        return
    written = _written(member)
    key = _key(parts[-1], member.file_size, member.CRC)
    yield Source(kind, place, parts, member.file_size, written, key, opened, seekable=False)


def _nested(
    member: zipfile.ZipInfo,
    opened: Callable[[], IO[bytes]],
    place: str,
    parts: tuple[str, ...],
    report: Report,
    stack: ExitStack,
    depth: int,
) -> Iterator[Source | None]:
    if depth:
        report(Problem(place, "a zip inside a zip inside a zip: unpack it first", Lost.FILE))
    elif member.file_size > LARGEST_NESTED:
        report(Problem(place, "a zip inside a zip that is too large: unpack it first", Lost.FILE))
    else:
        try:
            with opened() as stream:
                data = stream.read()
        except DAMAGED as error:
            report(Problem(place, f"damaged ({type(error).__name__})", Lost.FILE))
            yield None
            return
        yield from _zip(place, io.BytesIO(data), parts, report, stack, depth + 1)
    yield None


def _written(member: zipfile.ZipInfo) -> int | None:
    try:
        return to_micros(datetime(*member.date_time, tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


class Counted(io.RawIOBase):
    """A member's stream that stops where it yields more than the archive's list promised."""

    def __init__(self, inner: IO[bytes], limit: int) -> None:
        super().__init__()
        self._inner = inner
        self._left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._inner.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise Refused("more data than the archive's list promised")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._inner.close()
        super().close()
