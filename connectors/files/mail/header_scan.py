"""What do a message's header lines say? A fast scanner for the few that are kept.

What the values mean is decided by `connectors.model.headers.header_values`, for all sources alike; here are
short ways to the same answers for the plain values that nearly every header has, because a
mailbox file holds millions. Nothing here raises on bad input.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

from config.clock import to_micros
from connectors.model import normal_forms
from connectors.model.headers import address_lists, header_values, mail_dates
from connectors.model.headers.header_list import HEADERS
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
    "X-Delivered-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Received",
    "Received-SPF",
    "ARC-Seal",
    "X-Unsent",
    "X-Mozilla-Draft-Info",
    "X-Draft-Info",
    "X-Apple-Auto-Saved",
    "X-Uniform-Type-Identifier",
    "X-Mutt-References",
    "X-Mutt-Fcc",
    "X-Mutt-PGP",
    "X-Claws-End-Special-Headers",
    "X-Sylpheed-End-Special-Headers",
    "X-MS-Journal-Report",
)
_WANTED = frozenset(name.lower() for name in HEADERS + PLACES)
_FOLD = re.compile(r"\n[ \t]+")
#: What stands around a value; in bytes read as Latin-1 other blanks are letters of some encoding.
_BLANKS = " \t\n\r\v\f"
_MOST_LINES = 5_000
#: Of a field that repeats, this many are kept; only recipients and the top Received matter.
_MOST_REPEATS = 50
#: How a name is spelled in this file, to what it means; None for one that is not wanted.
_SPELLED: dict[str, str | None] = {}
_MOST_SPELLINGS = 20_000

Fields = dict[str, list[str]]


def scan(header: bytes) -> Fields:
    """The wanted fields by name in lower case, each value unfolded, in the order of the header."""
    # As Latin-1 each byte is one letter: the bytes of a value are there when they are needed.
    text = header.decode("latin-1")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\n " in text or "\n\t" in text:
        text = _FOLD.sub(" ", text)
    plain = text.isascii() and "\x1b" not in text
    found: Fields = {}
    spelled = _SPELLED
    for line in text.split("\n", _MOST_LINES)[:_MOST_LINES]:
        name, colon, value = line.partition(":")
        try:
            key = spelled[name]
        except KeyError:
            key = _meaning(name)
        if key is None or not colon:
            continue
        value = value.strip(_BLANKS)
        values = found.get(key)
        if values is None:
            found[key] = [value if plain else _text(value)]
        elif len(values) < _MOST_REPEATS:
            values.append(value if plain else _text(value))
    return found


def _meaning(name: str) -> str | None:
    key = name.lower().rstrip(_BLANKS)
    meaning = key if key in _WANTED else None
    if len(_SPELLED) < _MOST_SPELLINGS and len(name) < 80:
        _SPELLED[name] = meaning
    return meaning


def _text(value: str) -> str:
    """Header bytes as text: ASCII nearly always, else UTF-8 (RFC 6532), else Windows-1252."""
    if value.isascii() and "\x1b" not in value:
        return value
    raw = value.encode("latin-1")
    if b"\x1b" in raw:
        return header_values.in_seven_bits(raw)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


_QUOTED = re.compile(
    r"(?:=\?utf-8\?q\?(?:[!-<>@-~]|=[0-9a-f]{2})+\?=(?:\s+|$))+", re.IGNORECASE | re.ASCII
)
_QUOTED_TEXT = re.compile(r"=\?utf-8\?q\?([^?]+)\?=", re.IGNORECASE)


def subject(text: str) -> str:
    """A subject, decoded, on one line, at most 998 characters: as mailheaders.decoded() says."""
    if not text:
        return ""
    if "=?" in text and _QUOTED.fullmatch(text):
        raw = "".join(_QUOTED_TEXT.findall(text)).encode("ascii")
        words = binascii.a2b_qp(raw, header=True).decode("utf-8", "replace")
        return header_values.plain(header_values.unfolded(words))[:998]
    return header_values.decoded(text)[:998]


_PLAIN_ADDRESS = r"[^<>\s,;:\"()@\\\[\]{}，、；：＜＞＠]+@[^<>\s,;:\"()@\\\[\]{}，、；：＜＞＠]+"
#: For stripped text. No two parts beside each other take the same characters, so that a text that
#: does not fit is refused in linear time.
_SIMPLE = re.compile(r'(?:"([^"\\]*)"\s*|([^"<>,;:()@\\\[\]]*))<\s*(' + _PLAIN_ADDRESS + r")\s*>$")
_BARE = re.compile(r"(?:<(" + _PLAIN_ADDRESS + r")>|(" + _PLAIN_ADDRESS + r"))$")


@lru_cache(maxsize=20_000)
def people(text: str) -> tuple[Person, ...]:
    """The people in an address header, each once: as mailheaders.people() says, but faster.

    Nearly all headers are `Name <address>` or addresses between commas, which need no parser.
    """
    if not text:
        return ()
    if len(text) > address_lists.LONGEST:
        return address_lists.people(text)
    pieces = [text] if text.count(",") == 0 or '"' in text or "(" in text else text.split(",")
    found: dict[str, Person] = {}
    for piece in pieces:
        piece = piece.strip().strip("'").strip()
        simple = _SIMPLE.match(piece)
        if simple:
            name = simple[1] if simple[1] is not None else simple[2]
            address = normal_forms.address(simple[3])
            name = header_values.decoded(name.strip().strip("'")) if name else ""
            if name and normal_forms.address(name) == address:
                name = ""
        else:
            bare = _BARE.match(piece)
            if not bare:
                return address_lists.people(text)
            name, address = "", normal_forms.address(bare[1] or bare[2])
        if not address:
            return address_lists.people(text)
        found.setdefault(address, Person(address, name))
    return tuple(found.values())


_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_DATE = re.compile(
    r"\s*(?:[A-Za-z]{3},?\s+)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{4})\s+(\d{1,2}):(\d{2})(?::(\d{2}))?"
    r"\s+(?:([+-])(\d{2})(\d{2})|GMT|UTC|UT|Z)\b"
)


def date(text: str) -> int | None:
    """A Date in microseconds UTC, as mailheaders.moment() says, but faster; None where unknown."""
    if len(text) in _USUAL_LENGTHS and text[3:5] == ", ":
        # `Mon, 23 Nov 2026 08:00:00 +0100`, perhaps with the day in one digit.
        begin = len(text) - 15
        of_day, of_hour = _day(text[:begin]), _minutes(text[begin : begin + 7])
        of_minute, east = _SECONDS.get(text[begin + 7 : begin + 9]), _offset(text[begin + 9 :])
        if not (of_day is None or of_hour is None or of_minute is None or east is None):
            return of_day + ((of_hour - east) * 60 + of_minute) * 1_000_000
    found = _DATE.match(text)
    if not found:
        return mail_dates.moment(text) if text else None
    day, name, year, hour, minute, second, sign, hours, minutes = found.groups()
    hour, minute, second = int(hour), int(minute), int(second or 0)
    midnight = _midnight(year, name.lower(), day)
    offset = int(hours) * 60 + int(minutes) if sign else 0
    if midnight is None or hour > 23 or minute > 59 or second > 59 or offset > 1_439:
        return mail_dates.moment(text)
    if sign == "-":
        offset = -offset
    return midnight + ((hour * 60 + minute - offset) * 60 + second) * 1_000_000


_USUAL_LENGTHS = (30, 31)
_SECONDS = {f"{second:02}": second for second in range(60)}
_USUAL_DAY = re.compile(r"[A-Za-z]{3}, (\d{1,2}) ([A-Za-z]{3}) (\d{4})", re.ASCII)


@lru_cache(maxsize=20_000)
def _day(text: str) -> int | None:
    """Midnight UTC of `Mon, 23 Nov 2026` [µs]; None where it is written otherwise."""
    found = _USUAL_DAY.fullmatch(text)
    return _midnight(found[3], found[2].lower(), found[1]) if found else None


@lru_cache(maxsize=20_000)
def _takeout_day(text: str, year: str) -> int | None:
    """Midnight UTC of ` Mon Nov 23` in a year [µs]; None where it is written otherwise."""
    found = re.fullmatch(r" [A-Z][a-z][a-z] ([A-Z][a-z][a-z]) (\d\d)", text, re.ASCII)
    if not found or not re.fullmatch(r"\d{4}", year, re.ASCII):
        return None
    return _midnight(year, found[1].lower(), found[2])


@lru_cache(maxsize=2_000)
def _minutes(text: str) -> int | None:
    """The minutes of ` 08:00:` since midnight; None where it is written otherwise."""
    found = re.fullmatch(r" ([01]\d|2[0-3]):([0-5]\d):", text, re.ASCII)
    return int(found[1]) * 60 + int(found[2]) if found else None


@lru_cache(maxsize=500)
def _offset(text: str) -> int | None:
    """The minutes of ` +0100` east of UTC; None where it is written otherwise."""
    found = re.fullmatch(r" ([+-])(\d\d)(\d\d)", text, re.ASCII)
    if not found:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return None if minutes > 1_439 else -minutes if found[1] == "-" else minutes


@lru_cache(maxsize=20_000)
def _midnight(year: str, month: str, day: str) -> int | None:
    """Midnight UTC of a date [µs]; None where it is none, or at the edge of what is accepted."""
    try:
        moment = datetime(int(year), _MONTHS[month], int(day), tzinfo=UTC)
    except (KeyError, ValueError):
        return None
    return to_micros(moment) if 1991 <= moment.year < 2199 else None


def hops(lines: list[str]) -> Iterator[int]:
    """The moments of the Received headers that have one, the topmost first [µs UTC]."""
    moments = (date(line.rpartition(";")[2]) for line in lines[:20])
    return (one for one in moments if one is not None)


_ASCTIME = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\s+([A-Za-z]{3})\s+(\d{1,2})\s+(\d{1,2}:\d{2}(?::\d{2})?)"
    r"(?:\s+([+-]\d{4}|[A-Z]{1,5}))?\s+(\d{4})(?:\s+([+-]\d{4}))?"
)


def separator_date(line: bytes) -> tuple[int | None, bool]:
    """(the moment of a From line [µs UTC], whether it names its zone: then it is exact)."""
    tail = line.rstrip()[-31:]
    if tail[20:27] == b" +0000 ":
        # As Google's Takeout writes it: ` Mon Nov 23 08:00:00 +0000 2026`.
        text = tail.decode("latin-1")
        midnight, minutes = _takeout_day(text[:11], text[27:]), _minutes(text[11:18])
        seconds = _SECONDS.get(text[18:20])
        if not (midnight is None or minutes is None or seconds is None):
            return midnight + (minutes * 60 + seconds) * 1_000_000, True
    found = _ASCTIME.search(line.decode("ascii", "replace"))
    if not found:
        return None, False
    zone = found[4] if found[4] and found[4][0] in "+-" else found[6] or "+0000"
    zoned = bool(found[6]) or bool(found[4] and found[4][0] in "+-")
    return date(f"{found[2]} {found[1]} {found[5]} {found[3]} {zone}"), zoned
