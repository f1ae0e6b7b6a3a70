"""What do a message's header lines say? A fast scanner for the few that are kept.

Unfolding (RFC 5322 2.2.3), encoded words (RFC 2047), addresses (RFC 5322 3.4) and dates (3.3), with
what is broken in the wild read as well as it can be: raw 8-bit text, unknown charsets, dates
without a zone. Nothing here raises on bad input.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_tz
from functools import lru_cache

from config.clock import to_micros
from connectors.model import normal
from connectors.model.headers import HEADERS
from connectors.model.records import Person

#: Read besides the table of all sources: they say where a mail lay, or whose mailbox it is.
PLACES = (
    "Received",
    "X-GM-THRID",
    "X-Gmail-Labels",
    "X-Mozilla-Status",
    "Status",
    "X-Status",
    "Delivered-To",
    "X-Original-To",
    "X-Original-From",
    "X-Original-Sender",
)
_WANTED = {name.lower().encode(): name.lower() for name in HEADERS + PLACES}
_FOLD = re.compile(rb"\n[ \t]+")
_MOST_LINES = 5_000

Fields = dict[str, list[str]]


def scan(header: bytes) -> Fields:
    """The wanted fields by name in lower case, each value unfolded, in the order of the header."""
    if b"\r" in header:
        header = header.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    header = _FOLD.sub(b" ", header)
    found: Fields = {}
    for line in header.split(b"\n", _MOST_LINES)[:_MOST_LINES]:
        name, colon, value = line.partition(b":")
        if not colon:
            continue
        key = _WANTED.get(name.lower()) or _WANTED.get(name.lower().rstrip())
        if key is not None:
            found.setdefault(key, []).append(_text(value.strip()))
    return found


def _text(raw: bytes) -> str:
    """Header bytes as text: ASCII nearly always, else UTF-8 (RFC 6532), else Windows-1252."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    return text.replace("\0", "") if "\0" in text else text


_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")


def decoded(text: str) -> str:
    """RFC 2047 encoded words decoded, also where a character is split over two of them."""
    if "=?" not in text:
        return text
    text = _BETWEEN.sub(r"\1", text)
    parts: list[str] = []
    pending, charset, at = b"", "", 0
    for found in _WORD.finditer(text):
        if found.start() > at or (pending and found[1].lower() != charset):
            parts.append(_charset(pending, charset))
            pending = b""
            parts.append(text[at : found.start()])
        charset = found[1].lower()
        pending += _unpacked(found[2], found[3])
        at = found.end()
    parts.append(_charset(pending, charset))
    parts.append(text[at:])
    return "".join(parts)


def _unpacked(encoding: str, data: str) -> bytes:
    raw = data.encode("utf-8", "replace")
    if encoding in "qQ":
        return quopri.decodestring(raw, header=True)
    try:
        return base64.b64decode(raw + b"=" * (-len(raw) % 4))
    except (binascii.Error, ValueError):
        return raw


def _charset(raw: bytes, charset: str) -> str:
    if not raw:
        return ""
    # RFC 2231 5 allows a language after a star.
    for name in (charset.partition("*")[0], "utf-8"):
        try:
            return raw.decode(name)
        except (LookupError, UnicodeError, ValueError):
            continue
    return raw.decode("cp1252", "replace")


_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


def subject(text: str) -> str:
    """A subject, decoded, on one line, at most 998 characters."""
    return " ".join(_UNPRINTABLE.sub(" ", decoded(text)).split())[:998]


_SIMPLE = re.compile(
    r'\s*(?:"([^"\\]*)"|([^"<>,;:()@\\\[\]]*?))\s*<\s*([^<>\s,;:"()]+@[^<>\s,;"()]+)\s*>\s*$'
)
_BARE = re.compile(r"\s*<?([^<>\s,;:\"()]+@[^<>\s,;\"()]+)>?\s*$")
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]+@[^\s<>,;:\"()\[\]]+")
_MOST_PEOPLE = 2_000


@lru_cache(maxsize=20_000)
def people(text: str) -> tuple[Person, ...]:
    """The people in an address header, each once; groups and comments are understood.

    An entry without an address is no person. Raises nothing: a list that cannot be parsed gives
    whatever looks like an address in it.
    """
    if not text:
        return ()
    pieces = (
        [text] if '"' in text or "(" in text or ":" in text or "\\" in text else text.split(",")
    )
    found: dict[str, Person] = {}
    for piece in pieces[:_MOST_PEOPLE]:
        simple = _SIMPLE.match(piece)
        if simple:
            _add(found, simple[1] if simple[1] is not None else simple[2], simple[3])
            continue
        bare = _BARE.match(piece)
        if bare:
            _add(found, "", bare[1])
        elif piece.strip():
            _slowly(found, piece)
    return tuple(found.values())


def _slowly(found: dict[str, Person], text: str) -> None:
    try:
        pairs = getaddresses([text[:100_000]])
    except (ValueError, IndexError, RecursionError):
        pairs = []
    usable = [(name, address) for name, address in pairs if "@" in address]
    if not usable:
        usable = [("", one) for one in _ADDRESS.findall(text)]
    for name, address in usable[:_MOST_PEOPLE]:
        _add(found, name, address)


def _add(found: dict[str, Person], name: str, address: str) -> None:
    address = normal.address(decoded(address))
    if not address or len(address) > 320:
        return
    name = " ".join(_UNPRINTABLE.sub(" ", decoded(name)).split()).strip("'\" ")[:200]
    if name and normal.address(name) == address:
        name = ""
    if address not in found or (name and not found[address].name):
        found[address] = Person(address, name)


_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_DATE = re.compile(
    r"(?:[A-Za-z]{3},?\s+)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?"
    r"\s+(?:([+-])(\d{2})(\d{2})|GMT|UTC|UT|Z)\b"
)
#: Before e-mail had the form of today, or after the contract's last year, a date is absurd.
_EARLIEST = to_micros(datetime(1980, 1, 1, tzinfo=UTC))
_LATEST = to_micros(datetime(2200, 1, 1, tzinfo=UTC))


def date(text: str) -> int | None:
    """A Date in microseconds UTC; None where it is missing or absurd. Without a zone it is UTC."""
    found = _DATE.match(text.strip())
    if found:
        month = _MONTHS.get(found[2].lower())
        if month:
            try:
                wall = datetime(
                    int(found[3]),
                    month,
                    int(found[1]),
                    int(found[4]),
                    int(found[5]),
                    min(int(found[6] or 0), 59),
                    tzinfo=UTC,
                )
            except ValueError:
                return None
            minutes = int(found[8]) * 60 + int(found[9]) if found[7] else 0
            return _sane(to_micros(wall) + (minutes if found[7] == "-" else -minutes) * 60_000_000)
    try:
        parts = parsedate_tz(text[:200])
        if parts is None:
            return None
        wall = datetime(*parts[:5], min(parts[5], 59), tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    offset = parts[9] or 0
    return _sane(to_micros(wall) - offset * 1_000_000) if abs(offset) < 86_400 else None


def _sane(micros: int) -> int | None:
    return micros if _EARLIEST <= micros < _LATEST else None


def received(lines: list[str]) -> int | None:
    """The moment of the topmost Received header that has one [µs UTC]."""
    for line in lines[:20]:
        moment = date(line.rpartition(";")[2])
        if moment is not None:
            return moment
    return None


_ASCTIME = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\s+([A-Za-z]{3})\s+(\d{1,2})\s+(\d{1,2}:\d{2}(?::\d{2})?)"
    r"(?:\s+([+-]\d{4}|[A-Z]{1,5}))?\s+(\d{4})(?:\s+([+-]\d{4}))?"
)


def separator_date(line: bytes) -> tuple[int | None, bool]:
    """(the moment of a From line [µs UTC], whether it names its zone: then it is exact)."""
    found = _ASCTIME.search(line.decode("ascii", "replace"))
    if not found:
        return None, False
    zone = found[4] if found[4] and found[4][0] in "+-" else found[6] or "+0000"
    zoned = bool(found[6]) or bool(found[4] and found[4][0] in "+-")
    return date(f"{found[2]} {found[1]} {found[5]} {found[3]} {zone}"), zoned
