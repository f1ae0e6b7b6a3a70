"""Which calendar parts lie in a mail?

Also those that a program attached as a file of some other type, or as text: what begins as a calendar is
one. Python's parser of MIME looks at every line, and keeps it. Where it is plain what the direct parts of
a mail are, it is not needed; where it is nearly so, the text of those that are no calendars, and hold
none, is taken out beforehand.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from typing import NamedTuple, cast

from connectors.files.ical.itip import Part
from connectors.files.mail import opened
from connectors.files.problems import Lost, Problem, Report

#: Multiparts and lines of a calendar mail; a mail beyond them is built to be slow.
_MOST_BOUNDARIES = 60
_MOST_WORK = 20_000_000
_MOST_PARTS = 300
#: As a text, and as a text in base64.
_BEGINS = re.compile(r"[\s\ufeff]*(?:BEGIN:VCALENDAR|(?:77u/)?QkVHSU46VkNBTEVOREFS)", re.IGNORECASE)
#: Not a method of iTIP.
WINMAIL = "winmail"
_TNEF = re.compile(r"\s*eJ8\+I")


def read(whole: bytes, place: str, report: Report) -> Iterator[Part]:
    """Each calendar part, and with the method WINMAIL each winmail.dat; one of several equal ones."""
    boundaries = whole.lower().count(b"boundary=")
    if boundaries > _MOST_BOUNDARIES or boundaries * whole.count(b"\n") > _MOST_WORK:
        report(Problem(place, "a mail of too many parts inside one another", Lost.PART))
        return
    pieces = _pieces(whole)
    plain = _plain_parts(pieces)
    if plain is not None:
        yield from plain
        return
    try:
        parts: list[Part] = []
        seen: set[bytes] = set()
        for number, (part, attached) in enumerate(
            _walk(message_from_bytes(_joined(whole, pieces)))
        ):
            if number > _MOST_PARTS:
                report(Problem(place, f"a mail of more than {_MOST_PARTS} parts", Lost.PART))
                break
            method = _method(part)
            if method is None:
                continue
            data = part.get_payload(decode=True)
            # Many attach what they send as a part as a file as well.
            if not isinstance(data, bytes) or (key := b"".join(data.split())) in seen:
                continue
            seen.add(key)
            if attached:
                # It speaks for whoever wrote that mail, and nobody knows who did.
                report(Problem(place, "a calendar part of an attached mail: left out", Lost.DETAIL))
                continue
            charset = part.get_param("charset", "")
            as_file = part.get_content_type() != "text/calendar"
            parts.append(Part(str(charset), method, data, as_file))
    except Exception as error:  # noqa: BLE001
        # The standard library's parser raises many kinds upon a hostile mail; the mail is kept,
        # its part is named, and nothing of its text gets into the message.
        kind = type(error).__name__
        report(Problem(place, f"a mail that cannot be opened ({kind})", Lost.PART))
        return
    yield from parts


def _method(part: Message) -> str | None:
    """What the Content-Type of a calendar part names, "" for nothing; None where it is none."""
    if part.is_multipart():
        return None
    written = part.get_payload()
    if part.get_content_type() != "text/calendar" and isinstance(written, str):
        if _TNEF.match(written):
            return WINMAIL
        if not _BEGINS.match(written):
            return None
    return str(part.get_param("method", ""))


def _walk(part: Message, *, attached: bool = False) -> Iterator[tuple[Message, bool]]:
    """Each part of a mail, and whether it belongs to another mail that lies inside this one."""
    yield part, attached
    if part.is_multipart():
        inside = attached or part.get_content_maintype() == "message"
        for below in part.get_payload():
            yield from _walk(cast("Message", below), attached=inside)


_LINE = rb"([!-9;-~]+):[^\n]*\n(?:[ \t][^\n]*\n)*"
_FIELDS = re.compile(rb"(?:" + _LINE + rb")+")
_FIELD = re.compile(_LINE)
_BOUNDARY = re.compile(
    rb"""boundary=(?:"([A-Za-z0-9'+_,./:=?-]+)"|([A-Za-z0-9'+_./-]+))[ \t]*(?:;|\n)""",
    re.IGNORECASE,
)
#: What stands behind the boundary in a line of it.
_REST = re.compile(rb"(?:--)?[ \t]*\n")
#: The same behind the last of them.
_END = re.compile(rb"--[ \t]*(?:\n|\Z)")
_MULTIPART = re.compile(
    rb"[^\n:]*:[ \t]*multipart/(?:alternative|mixed|related)[ \t]*;", re.IGNORECASE
)
#: A part of these kinds is one piece of text, whatever stands in it.
_PLAIN = re.compile(
    rb"[^\n:]*:[ \t]*(?:text/(?:plain|html)|image/[a-z0-9.+-]+|application/[a-z0-9.+-]+)[ \t]*[;\n]",
    re.IGNORECASE,
)


#: A field that says what a part is, without anything that can be read in two ways.
_VALUE = rb"(?:[A-Za-z0-9'+_./-]+|\"[A-Za-z0-9'+_,./:=?-]+\")"
_CLEAR = re.compile(
    rb"[^\n:]*:[ \t]*(multipart/(?:alternative|mixed|related)|text/calendar)"
    rb"((?:[ \t\n]*;[ \t\n]*[a-z-]+=" + _VALUE + rb")*)[ \t]*\n",
    re.IGNORECASE,
)
_PARAMETER = re.compile(rb";[ \t\n]*([A-Za-z-]+)=\"?([^\";\n \t]+)")
_ENCODING = re.compile(
    rb"[^\n:]*:[ \t]*(7bit|8bit|base64|quoted-printable)\n(?![ \t])", re.IGNORECASE
)
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


class _Pieces(NamedTuple):
    """A mail between its boundaries, each piece with whether it is plain; `kind`: its Content-Type."""

    kind: bytes
    mark: bytes
    parts: list[tuple[bytes, bool]]
    end: bytes


def _pieces(whole: bytes) -> _Pieces | None:
    """The pieces of a mail; None where anything in it is out of the ordinary."""
    header, gap, body = whole.partition(b"\n\n")
    kinds = _fields(header, b"content-type")
    if not gap or len(kinds) != 1 or not _MULTIPART.match(kinds[0]) or b"\r" in whole:
        return None
    found = _BOUNDARY.findall(kinds[0])
    if len(found) != 1 or kinds[0].lower().count(b"boundary") != 1:
        return None
    mark: bytes = b"\n--" + (found[0][0] or found[0][1])
    pieces = (b"\n" + body).split(mark)
    if not all(_REST.match(one) for one in pieces[1:-1]) or len(pieces) < 3:
        return None
    return _Pieces(kinds[0], mark, [(one, _is_plain(one)) for one in pieces[1:-1]], pieces[-1])


def _joined(whole: bytes, pieces: _Pieces | None) -> bytes:
    """The mail with nothing in its plain parts, and of its headers those alone that say what it is."""
    if pieces is None:
        return whole
    parts = (one[: one.find(b"\n\n") + 2] if plain else one for one, plain in pieces.parts)
    return pieces.kind + pieces.mark.join([b"", *parts, pieces.end])


def _plain_parts(pieces: _Pieces | None) -> list[Part] | None:
    """The calendar parts, where each piece is one, or plain; None where that cannot be said for sure."""
    if pieces is None or len(pieces.parts) >= _MOST_PARTS or not _END.match(pieces.end):
        return None
    if "boundary" not in (_parameters(pieces.kind) or ()):
        return None
    found: dict[bytes, Part] = {}
    for piece, plain in pieces.parts:
        # Behind the mark of an end nothing is a part any more.
        part = None if plain or piece.startswith(b"--") else _calendar_part(piece)
        if part is not None:
            # Many attach what they send as a part as a file as well.
            found.setdefault(b"".join(part.data.split()), part)
        elif not plain or piece.startswith(b"--"):
            return None
    return list(found.values())


def _calendar_part(piece: bytes) -> Part | None:
    """What stands between two boundaries, where that is surely a calendar part."""
    begin, end = piece.find(b"\n") + 1, piece.find(b"\n\n")
    header = piece[begin:end] if end > begin else b""
    kinds = _fields(header, b"content-type")
    named = _parameters(kinds[0]) if len(kinds) == 1 else None
    if named is None or "boundary" in named:
        return None
    data = _decoded(piece[end + 2 :], _fields(header, b"content-transfer-encoding"))
    if data is None:
        return None
    return Part(named.get("charset", ""), named.get("method", ""), data)


def _parameters(kind: bytes) -> dict[str, str] | None:
    """The parameters of a Content-Type; None where somebody else might read them otherwise."""
    clear = _CLEAR.fullmatch(kind)
    pairs = _PARAMETER.findall(clear[2]) if clear else []
    named = {name.decode("ascii").lower(): value.decode("ascii") for name, value in pairs}
    return named if clear and len(named) == len(pairs) else None


def _decoded(data: bytes, encodings: list[bytes]) -> bytes | None:
    """The bytes of a part, as Python's parser decodes them; None where it might do so otherwise."""
    if not encodings:
        return data
    found = _ENCODING.fullmatch(encodings[0]) if len(encodings) == 1 else None
    if found is None:
        return None
    encoding = found[1].lower()
    if encoding == b"quoted-printable":
        return quopri.decodestring(data)
    if encoding == b"base64":
        data = data.replace(b"\n", b"")
        return binascii.a2b_base64(data) if _BASE64.fullmatch(data) else None
    return data


def _fields(header: bytes, name: bytes) -> list[bytes]:
    """The fields of this name, in lower case, in a header block of ordinary fields; none of another one."""
    header += b"\n"
    if not _FIELDS.fullmatch(header):
        return []
    return [one[0] for one in _FIELD.finditer(header) if one[1].lower() == name]


def _is_plain(piece: bytes) -> bool:
    """Does a piece of text that is no calendar, and holds none, stand between two boundaries?"""
    begin, end = piece.find(b"\n") + 1, piece.find(b"\n\n")
    if end < begin:
        return False
    kinds = _fields(piece[begin:end], b"content-type")
    return len(kinds) == 1 and bool(_PLAIN.match(kinds[0])) and not opened.signed(piece[end + 1 :])
