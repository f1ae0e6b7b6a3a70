r"""Where does each message of an mbox file begin and end?

Streamed in binary and in constant memory: blocks are searched for `\nFrom ` by the C library, and
of a message only its header is copied, unless it holds a calendar part. The dialects differ in
how they quote a body's `From ` (mboxo, mboxrd: `>From `; mboxcl2 not at all); a line is taken for
a separator when it looks like one and stands where one can stand, as Gmail's Takeout, Thunderbird
(`From ` alone, `From - date`), Apple Mail, mutt and Python write them. RFC 4155.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from connectors.files.mail import opened

#: Read at once [bytes]: what a processor keeps near itself, and less than what is asked of the system
#: anew for each block (128 KiB; cleared each time, which costs more than the search). A long message
#: is read in ever larger blocks, so that what is held of it is not copied again for each.
BLOCK = 1 << 16
_LARGEST_BLOCK = 1 << 20
#: Of a longer message only this much is held, for the calendar part near its beginning.
LARGEST = 8 << 20
#: A header block longer than this is cut.
LONGEST_HEADER = 1 << 18
_LONGEST_SEPARATOR = 2_000
_PEEK = 400

_DATED = re.compile(
    rb"From (?:.*\s)?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s+(?:\w{3}\s+\d{1,2}|\d{1,2}\s+\w{3})\s.*"
    rb"\d{1,2}:\d{2}.*\d{4}|From .*\d{4}.*\d{1,2}:\d{2}"
)
#: The form that nearly all write; the one above is tried where this one does not fit.
_USUAL = re.compile(
    rb"From \S* *(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z][a-z] [ 0-9]?\d [ 0-9]\d:\d\d"
    rb"(?::\d\d)?(?: [+-]\d{4}| [A-Z]{1,5})? \d{4}"
)
_PLAIN = re.compile(rb"From (?:-?\s*|- .*)$")
_BARE_ONE = re.compile(rb"From -?\s*$")
#: A sender alone, or a date in another language: only where what follows is a header beyond doubt.
_LOOSE = re.compile(rb"From \S+(?: .*\d{1,2}:\d{2}.*)?$")
_BEGINS = b"\nFrom "
#: What programs leave where they join files, or where they died: marks of an encoding, form feeds, an end of
#: file, blocks of zeros. Before a separator it is no more than empty lines.
_LAST_LEFT = b"\0\x01\x04\x0c\x1a\xbf"
_LEFT = _LAST_LEFT + b"\xef\xbb"
_LEFT_BEFORE = re.compile(b"[" + re.escape(_LAST_LEFT) + b"]From ")
#: An end of line of the first Macs.
_BARE = re.compile(rb"\r(?![\r\n])")
_FIELD = re.compile(rb"(?:[!-9;-~]+[ \t]*:|>From |\r?\n)")
#: Where a header block ends within sight, one of these stands in it, or it is words of a body.
_HEADER = re.compile(
    rb"(?im)^(?:from|to|date|subject|message-id|received|return-path|delivered-to|mime-version"
    rb"|content-type|status|x-(?:status|uid|gm-thrid|mozilla-status|mozilla-keys|evolution))[ \t]*:"
)
_LENGTH = re.compile(rb"(?im)^content-length[ \t]*:[ \t]*(\d{1,9})[ \t]*\r?$")


class Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


@dataclass(slots=True)
class Raw:
    """One message as it lies in a file.

    `number` counts from 1 in this file; `offset` [bytes] is where it begins; `size` [bytes] is its
    length without the separator; `separator` its From line, b"" for a file of one message.
    `whole` is the message where it seems to hold a calendar part, or may be a report (its first 8 MiB), else
    None; `calendar_lost`: it holds a calendar part, but out of reach.
    """

    number: int
    offset: int
    separator: bytes
    header: bytes
    size: int
    whole: bytes | None = None
    calendar_lost: bool = False


def is_separator(line: bytes, after_blank: bool, following: bytes) -> bool:
    """Does a line that begins with `From ` begin a message? `following`: what comes after it.

    After an empty line a dated or bare separator is enough, if a header or an empty line follows;
    without an empty line before it, a dated one before a header field is, and a bare one before what
    is a header beyond doubt: Mozilla's programs write it right below the end of the last part.
    """
    line = line.rstrip(b"\r\n")
    if len(line) > _LONGEST_SEPARATOR or (following and not _begins_header(following)):
        return False
    if _USUAL.match(line) or _DATED.match(line):
        return after_blank or following[:1] not in (b"", b"\n", b"\r")
    if following[:1] in (b"\n", b"\r"):
        return False
    if after_blank and _PLAIN.match(line):
        return True
    alone = _LOOSE if after_blank else _BARE_ONE
    return bool(alone.match(line)) and _is_header(following)


def _is_header(following: bytes) -> bool:
    """Do at least two fields that every mail has stand before the first empty line?"""
    block = following.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return len({one.lower() for one in _HEADER.findall(block)}) > 1


def _begins_header(following: bytes) -> bool:
    """Do fields of a mail stand here, or an empty line, as far as can be seen?"""
    if not _FIELD.match(following):
        return False
    if following[:1] in (b"\n", b"\r"):
        return True
    stop = following.find(b"\n\n")
    crlf = following.find(b"\n\r\n")
    if crlf >= 0 and (stop < 0 or crlf < stop):
        stop = crlf
    if stop < 0 and len(following) >= _PEEK:
        return True
    return bool(_HEADER.search(following, 0, stop + 1 if stop >= 0 else len(following)))


def header_of(data: bytes, start: int, end: int) -> bytes:
    """The header block of a message: up to the first empty line, or all of it."""
    if data[start : start + 1] in (b"\n", b"\r"):
        return b""
    limit = min(end, start + LONGEST_HEADER)
    stop = data.find(b"\n\n", start, limit)
    # A single letter is found far faster than several: few files have any.
    if data.find(b"\r", start, stop if stop >= 0 else limit) >= 0:
        crlf = data.find(b"\n\r\n", start, stop if stop >= 0 else limit)
        stop = crlf if crlf >= 0 else stop
    return data[start : stop + 1] if stop >= 0 else data[start:limit]


def one(data: bytes) -> Raw:
    """A file that is one message (.eml); a From line before it is taken off."""
    separator = b""
    # Some programs save empty lines before the header, or a mark of the encoding.
    start = begin = len(data) - len(data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n"))
    if data.startswith(b"From ", start):
        begin = data.find(b"\n", start) + 1 or len(data)
        separator = data[start:begin]
    header = header_of(data, begin, len(data))
    kept = data[begin : begin + LARGEST]
    inside = opened.is_opened(header, kept)
    lost = not inside and opened.holds_calendar(
        header, data[begin + LARGEST - opened.LONGEST_SIGN :]
    )
    return Raw(1, 0, separator, header, len(data) - begin, kept if inside else None, lost)


def of_apple(data: bytes) -> bytes:
    """The mail in a file of Apple Mail, which writes its length before it and a property list behind.

    Where the length does not lead to the list, the list itself says where the mail ends.
    """
    length, _, rest = data.partition(b"\n")
    if not length.strip().isdigit():
        return data
    size, behind = int(length), rest.rfind(b"<?xml")
    if rest[size:].lstrip().startswith(b"<?xml") or behind < 0:
        return rest if behind < 0 else rest[:size]
    return rest[:behind]


def _with_lines(held: bytes, block: bytes) -> bytes:
    """Both, with empty lines for what was left before a separator: as many bytes, for places are kept."""
    seam = held[-10:]
    # Each single byte is looked for at once; few blocks have any.
    if not any(one in block or one in seam for one in _LAST_LEFT):
        return held + block
    tail = bytearray(seam + block)
    for found in _LEFT_BEFORE.finditer(bytes(tail)):
        for place in range(found.start(), max(-1, found.start() - 8), -1):
            if tail[place] not in _LEFT:
                break
            tail[place] = 0x0A
    return held[: len(held) - len(seam)] + bytes(tail)


class Splitter:
    """Splits one stream. `junk` [bytes] is what stood before the first separator; `headed`: it was a mail."""

    def __init__(self, stream: Readable, *, number: int = 0, offset: int = 0) -> None:
        self._stream = stream
        self._number = number
        # What is held of the file; `_at` is where the current message begins in it. What lies
        # before that is dropped only when more is read: copying a block for each mail is slow.
        self._data = b""
        self._base = offset
        self._at = 0
        # Where a separator may stand [places in the file], the last first, and how far was looked for it.
        self._places: list[int] = []
        self._looked = offset
        self._ended = False
        self._classic: bool | None = None
        self.junk = 0
        self.headed = False

    @property
    def count(self) -> int:
        """The number of the last message."""
        return self._number

    def messages(self) -> Iterator[Raw]:
        """Every message, in order. Raises whatever the stream raises (a damaged archive)."""
        if not self._first():
            return
        while not self._ended or self._at < len(self._data):
            yield self._message()

    def _more(self, keep: int) -> int:
        """Read a block, dropping what lies before `keep`; by how much positions have shifted."""
        held = len(self._data) - keep
        block = self._stream.read(max(BLOCK, min(held, _LARGEST_BLOCK)))
        if not block:
            self._ended = True
            return 0
        if self._classic is None:
            # As the programs of the first Macs end their lines.
            self._classic = b"\r" in block and b"\n" not in block
        if self._classic:
            block = _BARE.sub(b"\n", block)
        self._data = _with_lines(self._data[keep:], block)
        self._base += keep
        self._at -= keep
        return keep

    def _first(self) -> bool:
        """Go to the first separator; False where there is none."""
        while len(self._data) < _LONGEST_SEPARATOR + _PEEK and not self._ended:
            self._more(0)
        start = len(self._data) - len(self._data.lstrip(_LEFT + b" \t\r\n\x0b"))
        if self._data.startswith(b"From ", start):
            # The first line of an mbox is a separator, whatever it looks like (grep counts it too).
            self._at = start
            line = self._data[start : self._data.find(b"\n", start) + 1]
            if b"\r" in line.removesuffix(b"\r\n"):
                # Joined to one whose lines end otherwise.
                self._classic = True
                self._data = _BARE.sub(b"\n", self._data)
            return True
        start = 3 if self._data.startswith(b"\xef\xbb\xbf") else 0
        # As if an empty line stood before the file, instead of the mark of its encoding.
        self._data = b"\n\n" + self._data[start:]
        self._base += start - 2
        scan = 0
        while True:
            at, found = self._next(scan)
            before = self._data[scan:at].strip()
            self.junk += len(before)
            self.headed |= _is_header(before)
            if found:
                self._at = at
                return True
            if self._ended:
                self._at = len(self._data)
                self.junk += len(self._data[at:].strip())
                return False
            # Two bytes before it say whether the line before was empty.
            scan = at - self._more(max(0, at - 2))

    def _next(self, start: int) -> tuple[int, bool]:
        """(begin of the next separator, True), or (where to search on, False) for want of data."""
        data = self._data
        places = self._ahead(start)
        while places:
            at = places[-1] - self._base
            line_end = data.find(b"\n", at + 1, at + _LONGEST_SEPARATOR)
            if not self._ended and at + _LONGEST_SEPARATOR + _PEEK > len(data):
                if line_end < 0 or line_end + _PEEK > len(data):
                    return at, False
            if line_end < 0 and self._ended:
                line_end = len(data)
            if line_end >= 0:
                before = data[max(0, at - 2) : at]
                blank = before[-1:] == b"\n" or before == b"\n\r"
                following = data[line_end + 1 : line_end + 1 + _PEEK]
                if is_separator(data[at + 1 : line_end], blank, following):
                    return at + 1, True
            places.pop()
        return max(start, len(data) - 6), False

    def _ahead(self, start: int) -> list[int]:
        """Where the line before a separator may end, from `start` on: places in the file, the last first."""
        data, base = self._data, self._base
        places = self._places
        while places and places[-1] < base + start:
            places.pop()
        if self._looked < base + len(data):
            # From the end: in a text that takes less than half the time of bytes.find, or of a pattern.
            low, found = max(start, self._looked - base - len(_BEGINS) + 1), []
            at = data.rfind(_BEGINS, low)
            while at >= 0:
                found.append(base + at)
                at = data.rfind(_BEGINS, low, at)
            places[:0] = found
            self._looked = base + len(data)
        return places

    def _message(self) -> Raw:
        """The message whose separator stands at `_at`; then `_at` is where the next one begins."""
        while True:
            line_end = self._data.find(b"\n", self._at)
            if line_end >= 0 or self._ended or len(self._data) - self._at > LARGEST:
                break
            self._more(self._at)
        self._number += 1
        length = (line_end + 1 if line_end >= 0 else len(self._data)) - self._at
        # Reading on moves everything: where the message begins is asked for afterwards.
        header = self._header(length)
        claimed = self._claimed(length, header)
        scan = max(self._at + length - 1, claimed)
        while True:
            at, found = self._next(scan)
            if found or self._ended:
                return self._cut(length, at if found else len(self._data), header)
            if len(self._data) - self._at > LARGEST + 2 * BLOCK:
                return self._skim(length, at)
            scan = at - self._more(self._at)

    def _header(self, length: int) -> bytes:
        """The header block of the message, read on for where it does not end in sight."""
        while True:
            begin = self._at + length
            header = header_of(self._data, begin, len(self._data))
            missing = len(self._data) - begin < LONGEST_HEADER and not self._ended
            if not missing or begin + len(header) < len(self._data):
                return header
            self._more(self._at)

    def _claimed(self, length: int, header: bytes) -> int:
        """Where its Content-Length lets it end [a place in the data]; 0 where none can be believed.

        Programs that write it do not quote a body's `From ` (mboxcl2): a mail in the body is none
        of the file. It is believed where a separator, or nothing, stands behind that end.
        """
        begin = self._at + length
        told = set(_LENGTH.findall(header)) if b"ength" in header or b"LENGTH" in header else set()
        if len(told) != 1:
            return 0
        gap = self._data[begin + len(header) : begin + len(header) + 2]
        size = int(told.pop())
        reach = length + len(header) + (2 if gap[:1] == b"\r" else 1) + size
        if reach > LARGEST:
            return 0
        while len(self._data) - self._at < reach + _LONGEST_SEPARATOR + _PEEK and not self._ended:
            self._more(self._at)
        end = self._at + reach
        rest = self._data[end : end + _LONGEST_SEPARATOR + _PEEK]
        line = rest.lstrip(b"\r\n")
        if not line:
            return end - 1 if self._ended and end <= len(self._data) else 0
        if self._data[end - 1 : end] != b"\n" and line == rest:
            return 0
        first, _, following = line.partition(b"\n")
        return end - 1 if is_separator(first, True, following[:_PEEK]) else 0

    def _cut(self, length: int, end: int, header: bytes) -> Raw:
        data, at = self._data, self._at
        begin = at + length
        # Looked for beyond this mail's end, it may be the next one's.
        if begin + len(header) >= end:
            header = header_of(data, begin, end)
        parts, reports = opened.kinds(header)
        # Of most mails nothing is copied but the header.
        body = data[begin:end] if parts or reports else b""
        whole = body if reports or opened.signed(body) else None
        self._at = end
        return Raw(self._number, self._base + at, data[at:begin], header, end - begin, whole)

    def _skim(self, length: int, scan: int) -> Raw:
        """A message too long to be held: keep its beginning, and look for its end."""
        offset = self._base + self._at
        begin = offset + length
        separator = self._data[self._at : self._at + length]
        kept = self._data[self._at + length : self._at + length + LARGEST]
        header = header_of(kept, 0, len(kept))
        inside, lost = opened.is_opened(header, kept), False
        # From here on nobody has looked for a calendar part that lies beyond what is kept.
        unseen = self._at + length + len(kept)
        while True:
            at, found = self._next(scan)
            end = at if found else len(self._data)
            if not (inside or lost):
                stretch = self._data[max(0, unseen - opened.LONGEST_SIGN) : end]
                lost = opened.holds_calendar(header, stretch)
            if found or self._ended:
                self._at = end
                size = self._base + end - begin
                whole = kept if inside else None
                return Raw(self._number, offset, separator, header, size, whole, lost)
            shift = self._more(max(0, at - 16))
            scan, unseen = at - shift, max(0, end - shift)
