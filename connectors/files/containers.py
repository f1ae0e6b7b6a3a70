"""Which calendars, mailboxes and mails lie in zips, tars and compressed files?

Nothing is unpacked to disk. Archives come from strangers' servers, so a member is refused by name
when its path leaves the archive, when it is encrypted or a link, or when it grows beyond every
reason; archives inside an archive are opened one level deep (a Takeout that was zipped again).
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import PurePosixPath
from typing import IO

from config.clock import MICROSECONDS, to_micros
from connectors.files import wide_text
from connectors.files.bounded import DAMAGED, Bounded, Refused, why
from connectors.files.file_kinds import HEAD, Kind, foreign, kind_of
from connectors.files.problems import Lost, Problem, Report

#: Uncompressed bytes of one member, and of all members of one archive together.
LARGEST_MEMBER = 200 << 30
LARGEST_ARCHIVE = 500 << 30
#: Uncompressed to compressed, of a member larger than 64 MiB; text of mails has 3 to 30.
STEEPEST = 200
SMALL = 64 << 20
#: Archives inside an archive are held in memory while they are read: so much each, and so many.
LARGEST_NESTED = 128 << 20
MOST_NESTED = 8
MOST_FILES = 1_000_000
_ZIPS = (b"PK\x03\x04", b"PK\x05\x06")
_ARCHIVES = (".zip", ".tar", ".tgz", ".tbz", ".tbz2", ".txz", ".tar.gz", ".tar.bz2", ".tar.xz")
#: A compressed file by its first bytes: the ends of its name, what it is called without them.
_PACKED: tuple[tuple[bytes, Callable[[IO[bytes]], io.BufferedIOBase], dict[str, str]], ...] = (
    (b"\x1f\x8b", lambda inner: gzip.GzipFile(fileobj=inner), {".gz": "", ".tgz": ".tar"}),
    (b"BZh", bz2.BZ2File, {".bz2": "", ".tbz": ".tar", ".tbz2": ".tar"}),
    (b"\xfd7zXZ", lzma.LZMAFile, {".xz": "", ".txz": ".tar"}),
)
_ENDS = tuple(end for _, _, ends in _PACKED for end in ends)
#: Mail shrinks to about a third.
_GUESS = 3
_BOMB = "grows too much when it is unpacked (a zip bomb): refused"


@dataclass(frozen=True)
class Source:
    """One thing to read. `place` names it for a person; `parts` are the names on its path.

    `size` [bytes] uncompressed, a guess where `exact` is False; `written` [µs UTC] when the file
    was last changed, None where unknown; `key` stays the same while the content does (for going on
    after a stop); `seekable`: a start in the middle is cheap; `order`: sources of one kind are
    read in this order, which in a tar is that of its members.
    """

    kind: Kind
    place: str
    parts: tuple[str, ...]
    size: int
    written: int | None
    key: str
    open: Callable[[], IO[bytes]] = field(repr=False, compare=False)
    seekable: bool = True
    exact: bool = True
    order: str = ""


@dataclass(frozen=True)
class Found:
    """A file or a member of an archive of which nobody knows yet what it is.

    `version` changes with the content. `archives`, `packings`: how many of them lie around it.
    """

    place: str
    parts: tuple[str, ...]
    size: int
    written: int | None
    version: int
    open: Callable[[], IO[bytes]] = field(repr=False, compare=False)
    named: bool = False
    seekable: bool = True
    exact: bool = True
    order: str = ""
    archives: int = 0
    packings: int = 0

    @property
    def name(self) -> str:
        return self.parts[-1].lower()

    @property
    def key(self) -> str:
        """A digest, because it is kept in the store, and a file may bear the name of a person."""
        text = f"{self.parts[-1]}:{self.size}:{self.version}"
        return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:20]


class Opener:
    """Opens what was found, and what lies in it. Archives stay open until `stack` closes them."""

    def __init__(self, report: Report, stack: ExitStack) -> None:
        self._report = report
        self._stack = stack

    def sources(self, found: Found) -> Iterator[Source | None]:
        """The sources in one file; yields None where a problem was reported instead, nothing where
        it is of a kind that holds neither mail nor meetings.
        """
        try:
            with found.open() as stream:
                head = stream.read(HEAD)
        except DAMAGED as error:
            self._lost(found, why(error))
            yield None
            return
        reason, hint = foreign(found.parts[-1], head)
        if reason:
            self._lost(found, reason, hint)
            yield None
        elif head[:4] in _ZIPS and (
            found.name.endswith(".zip") or found.named or "." not in found.name
        ):
            yield from self._archive(found, self._zip)
        elif (unpacked := _unpacked(found, head)) is not None:
            if found.packings > 1:
                self._lost(found, "compressed three times over: unpack it first")
                yield None
            else:
                yield from self.sources(unpacked)
        elif not found.packings and any(found.name.endswith(end) for end in _ENDS):
            self._lost(found, "no compressed file, in spite of its name")
            yield None
        elif head[257:262] == b"ustar" or (found.name.endswith(".tar") and head):
            yield from self._archive(found, self._tar)
        else:
            yield from self._plain(found, head)

    def _plain(self, found: Found, head: bytes) -> Iterator[Source | None]:
        wide = wide_text.encoding(head)
        if wide:
            opened = partial(wide_text.opened, found.open, wide)
            found = replace(found, open=opened, seekable=False, exact=False)
            head = wide_text.as_bytes(head, wide)
        kind = kind_of(found.parts, head, named=found.named)
        if kind is not None:
            yield Source(
                kind,
                found.place,
                found.parts,
                found.size,
                found.written,
                found.key,
                found.open,
                found.seekable,
                found.exact,
                found.order or found.place,
            )
        elif found.named:
            self._lost(found, "neither a calendar, nor mail, nor a list of calls")
            yield None

    def _lost(self, found: Found, reason: str, hint: str = "") -> None:
        self._report(Problem(found.place, reason, Lost.FILE, hint, found.written))

    # -- archives ----------------------------------------------------------------------------

    def _archive(
        self, found: Found, members: Callable[[Found, IO[bytes]], Iterator[Found | str]]
    ) -> Iterator[Source | None]:
        """The sources in an archive; a text among its members is why one, or the rest, is lost."""
        yield None
        if found.archives > 1:
            self._lost(found, "an archive inside an archive inside an archive: unpack it first")
            return
        ignored = nested = 0
        try:
            for member in members(found, self._held(found)):
                if isinstance(member, str):
                    self._lost(found, member)
                    continue
                if _left_out(member):
                    continue
                inside = member.name.endswith(_ARCHIVES)
                nested += inside
                if inside and nested > MOST_NESTED:
                    self._lost(member, "too many archives inside one archive: unpack it first")
                    continue
                made = list(self.sources(member))
                ignored += not made
                yield from (one for one in made if one is not None)
        except DAMAGED as error:
            self._lost(found, why(error))
        left_alone(found.place, ignored, self._report)

    def _held(self, found: Found) -> IO[bytes]:
        """The archive, open until the import ends: its members are read later, one by one."""
        if not found.archives:
            return self._stack.enter_context(found.open())
        with found.open() as stream:
            data = stream.read(LARGEST_NESTED + 1)
        if len(data) > LARGEST_NESTED:
            raise Refused("an archive inside an archive that is too large: unpack it first")
        return io.BytesIO(data)

    def _zip(self, found: Found, stream: IO[bytes]) -> Iterator[Found | str]:
        archive = self._stack.enter_context(zipfile.ZipFile(stream))
        members = archive.infolist()
        total = sum(member.file_size for member in members)
        packed = sum(member.compress_size for member in members)
        if total > LARGEST_ARCHIVE or (total > SMALL and total > STEEPEST * max(packed, 1)):
            raise Refused("an archive that grows too large (a zip bomb)")
        if len(members) > MOST_FILES:
            raise Refused(f"more than {MOST_FILES} files")
        for member in members:
            if member.is_dir():
                continue
            inner = self._member(
                found, member.filename, member.file_size, _zip_time(member), member.CRC
            )
            refused = _unsafe(member.filename)
            if stat.S_ISLNK(member.external_attr >> 16):
                refused = "a link: refused"
            elif member.flag_bits & 0x1:
                refused = "encrypted: unpack it first"
            elif member.file_size > max(SMALL, STEEPEST * member.compress_size):
                refused = _BOMB

            def opened(member: zipfile.ZipInfo = member) -> IO[bytes]:
                promised = Bounded(
                    archive.open(member),
                    member.file_size,
                    "more data than the archive's list promised",
                )
                return io.BufferedReader(promised, 1 << 16)

            yield from self._accepted(replace(inner, open=opened, seekable=False), refused)

    def _tar(self, found: Found, stream: IO[bytes]) -> Iterator[Found | str]:
        archive = self._stack.enter_context(tarfile.TarFile(fileobj=stream))
        total = 0
        for number, member in enumerate(archive):
            if member.isdir() or member.islnk() or member.isdev():
                # A hard link is another name of a member that is read by its own.
                continue
            total += member.size
            if total > LARGEST_ARCHIVE or number > MOST_FILES:
                raise Refused("an archive that grows too large (a zip bomb)")
            written = int(member.mtime * MICROSECONDS) if member.mtime > 0 else None
            inner = self._member(found, member.name, member.size, written, member.offset)
            refused = _unsafe(member.name)
            if member.issym():
                refused = "a link: refused"
            elif member.size > LARGEST_MEMBER or (
                member.issparse() and member.size > max(SMALL, STEEPEST * found.size)
            ):
                refused = _BOMB

            def opened(member: tarfile.TarInfo = member) -> IO[bytes]:
                held = archive.extractfile(member)
                if held is None:
                    raise Refused("no file")
                return held

            order = f"{found.order or found.place}!/{number:09d}"
            yield from self._accepted(
                replace(inner, open=opened, seekable=found.seekable, order=order), refused
            )
        stream.seek(archive.offset)
        end = stream.read(HEAD)
        if not end or end.strip(b"\0"):
            yield "it ends too early, or is damaged: what lies behind is not read"

    def _member(
        self, found: Found, name: str, size: int, written: int | None, version: int
    ) -> Found:
        path = PurePosixPath(name.replace("\\", "/"))
        # The archive's own name may be a folder's: webmail programs hand out `Sent.zip`.
        parts = found.parts + path.parts
        return Found(
            f"{found.place}!/{name}",
            parts or found.parts,
            size,
            written,
            version,
            found.open,
            archives=found.archives + 1,
        )

    def _accepted(self, member: Found, refused: str) -> Iterator[Found]:
        if not refused:
            yield member
        elif not _left_out(member):
            self._lost(member, refused)


def left_alone(place: str, count: int, report: Report) -> None:
    """Say how many files of other kinds lie in a place."""
    if count:
        what = "file of another kind" if count == 1 else "files of other kinds"
        report(Problem(place, f"{count} {what} left alone", Lost.IGNORED))


def _left_out(member: Found) -> bool:
    """What archives bear beside their files: marks of other systems, hidden files."""
    return member.parts[-1] in ("", ".", "..") or (
        member.name.startswith("._") or "__MACOSX" in member.parts
    )


def _unsafe(name: str) -> str:
    """Why a member is refused by its name alone; "" where it is not."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":")):
        return "a path that leads out of the archive: refused"
    return ""


def _zip_time(member: zipfile.ZipInfo) -> int | None:
    """No later than this it was written: the time in a zip has no zone, and may be missing."""
    if member.date_time[0] <= 1980:
        return None
    try:
        return to_micros(datetime(*member.date_time, tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def _unpacked(found: Found, head: bytes) -> Found | None:
    """What lies in a compressed file; None where it is none, or where its name says otherwise."""
    for magic, unpacker, ends in _PACKED:
        if not head.startswith(magic):
            continue
        end = next((one for one in ends if found.name.endswith(one)), "")
        in_maildir = len(found.parts) > 1 and found.parts[-2] in ("cur", "new")
        if not end and not found.named and "." in found.name and not in_maildir:
            return None
        name = found.parts[-1][: -len(end)] + ends[end] if end else found.parts[-1]
        return replace(
            found,
            parts=(*found.parts[:-1], name),
            size=found.size * _GUESS,
            open=partial(_stream, found, unpacker),
            seekable=False,
            exact=False,
            packings=found.packings + 1,
        )
    return None


def _stream(found: Found, unpacker: Callable[[IO[bytes]], io.BufferedIOBase]) -> IO[bytes]:
    """What a compressed file unpacks to, as long as it grows within reason."""
    raw, limit = found.open(), min(LARGEST_MEMBER, max(SMALL, STEEPEST * found.size))
    return io.BufferedReader(Bounded(unpacker(raw), limit, _BOMB, raw), 1 << 16)
