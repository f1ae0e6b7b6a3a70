"""How are the headers of a mail read, however broken they are?

Pure and total: every function gives its best answer and none raises. Shared by all sources, so
that the same mail read through an API and from a file becomes the same record. RFC 2047 (encoded
words), RFC 5322 3.4 (addresses, groups, comments), 3.3 and 4.3 (dates).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import parsedate_to_datetime

from config.clock import to_micros
from connectors.model import normal_forms
from connectors.model.records import Person

_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)
#: Anchored where a word begins, so that a search through a long text without any @ is linear.
_ADDRESS = re.compile(
    r"(?<![^\s<>()\",;:@])[^\s<>()\",;:@]+@[^\s<>()\",;:@]+|\"[^\"]*\"@[^\s<>()\",;:@]+"
)
#: Names of headers in which a list keeps whom its rewriting of `From` hides.
_HIDDEN = ("x-original-from", "x-original-sender", "reply-to")
_VIA = re.compile(r"\bvia\b|\büber\b", re.IGNORECASE)
_UNFIT = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\u202a-\\u202e\\u2066-\\u2069]")
#: More of a header of addresses is not read: the 50,000th recipient changes nothing.
LONGEST_LIST = 200_000
#: Of a text in encoded words; 998 characters in any script fit. What reads them is not linear.
_LONGEST_ENCODED = 8_000
_LONGEST_DATE = 500


def unfolded(value: str) -> str:
    """One line, runs of white space as one space (RFC 5322 2.2.3)."""
    return " ".join(value.split())


def plain(text: str) -> str:
    """The text without what no store takes or what would mislead a reader.

    Cut are control characters (line ends too), halves of surrogate pairs, and marks that turn the
    direction of writing.
    """
    return _UNFIT.sub("", text)


def decoded(value: str) -> str:
    """Readable text of a header value: unfolded, encoded words decoded, control characters cut.

    What cannot be decoded stays as it is written; an unknown charset is read as UTF-8.
    """
    flat = unfolded(value)
    if "=?" in flat:
        flat = flat[:_LONGEST_ENCODED]
        try:
            parts = [
                _bytes_to_text(part, charset) if isinstance(part, bytes) else part
                for part, charset in decode_header(flat)
            ]
            flat = unfolded("".join(parts))
        except (HeaderParseError, ValueError):
            pass
    return plain(flat)


def people(value: str) -> tuple[Person, ...]:
    """The addresses of a From, To, Cc or Bcc header in their order, each once, normalised.

    Groups give their members; an entry without an address gives nobody. Names are decoded after
    the split, since a decoded name may hold commas. Anybody can write a header of any length: the
    time is linear in it, and what lies behind its first 200,000 characters is not read.
    """
    found: dict[str, Person] = {}
    for entry in _entries(value[:LONGEST_LIST]):
        person = _person(entry)
        if person is not None and person.address not in found:
            found[person.address] = person
    return tuple(found.values())


def author(
    written: Person, sent_by: str, read: Callable[[str], tuple[Person, ...]]
) -> tuple[Person, str]:
    """(who wrote a mail, the address that sent it), with a list's rewriting undone.

    Lists that rewrite `From` for DMARC write `Dana via list <list@...>`; Google Groups puts the
    author into X-Original-From (which it writes for nothing else) and X-Original-Sender, Mailman
    into Reply-To. `written`, `sent_by`: From and the address in Sender; `read`: the people in the
    header of this name (lower case).
    """
    if _VIA.search(written.name) or read("x-original-from"):
        for name in _HIDDEN:
            for person in read(name):
                if person.address != written.address:
                    plainly = _VIA.split(written.name)[0].strip(" '\"")
                    return Person(person.address, person.name or plainly), written.address
    return written, sent_by


def moment(value: str) -> int | None:
    """A Date header as microseconds UTC; None where it is missing, unreadable or absurd.

    A date without a zone (`-0000` or none) is read as UTC.
    """
    try:
        parsed = parsedate_to_datetime(unfolded(value[:_LONGEST_DATE]))
        aware = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed
        if not _EARLIEST <= aware <= _LATEST:
            return None
        return to_micros(aware)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _bytes_to_text(part: bytes, charset: str | None) -> str:
    try:
        return part.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return part.decode("utf-8", "replace")


def _entries(value: str) -> Iterator[str]:
    """Split at commas, semicolons and group names, outside of quotes, angles and comments."""
    try:
        entries = list(_split(value, quotes=True))
    except ValueError:
        # A quote that never closes would swallow everybody behind it.
        entries = list(_split(value, quotes=False))
    return iter(entries)


def _split(value: str, *, quotes: bool) -> Iterator[str]:
    quoted = False
    angle = False
    depth = 0
    current: list[str] = []
    escaped = False
    for character in unfolded(value):
        if escaped:
            escaped = False
        elif character == "\\" and (quoted or depth):
            escaped = True
        elif quoted:
            quoted = character != '"'
        elif character == '"' and quotes and not depth:
            quoted = True
        elif character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif depth:
            pass
        elif character == "<":
            angle = True
        elif character == ">":
            angle = False
        elif character in ",;" and not angle:
            yield "".join(current)
            current = []
            continue
        elif character == ":" and not angle:
            current = []  # the name of a group
            continue
        current.append(character)
    if quoted:
        raise ValueError("an unclosed quote")
    yield "".join(current)


def _person(entry: str) -> Person | None:
    text = entry.strip().strip("'")
    before, opened, rest = text.rpartition("<")
    if opened:
        inner = rest.split(">", 1)[0].strip().strip("'")
        # A source route (`<@relay.example:dana@client.example>`) is obsolete but legal.
        inner = inner.rpartition(":")[2] if inner.startswith("@") else inner
        written = normal_forms.address(inner) if _ADDRESS.fullmatch(inner) else ""
        name = before
    else:
        match = _ADDRESS.search(_without_comments(text))
        written = normal_forms.address(match.group()) if match else ""
        name = text[text.find("(") + 1 : text.rfind(")")] if "(" in text else ""
    if not written:
        return None
    spoken = decoded(_unquoted(name))
    return Person(written, "" if normal_forms.address(spoken) == written else spoken)


def _without_comments(text: str) -> str:
    return re.sub(r"\([^()]*\)", " ", text)


def _unquoted(name: str) -> str:
    text = name.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    return text.strip().strip("'")
