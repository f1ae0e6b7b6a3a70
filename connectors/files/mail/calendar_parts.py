"""Which calendar parts lie in a mail?

Also those that a program attached as a file of some other type, or as text: what begins as a calendar is
one. Python's parser of MIME looks at every line, and keeps it. Where it is plain what the direct parts of
a mail are, the text of those that are no calendars, and hold none, is taken out beforehand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from typing import cast

from connectors.files.ical.itip import Part
from connectors.files.mail import mbox
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
    try:
        parts: list[Part] = []
        seen: set[bytes] = set()
        for number, (part, attached) in enumerate(_walk(message_from_bytes(_bared(whole)))):
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
_MULTIPART = re.compile(
    rb"[^\n:]*:[ \t]*multipart/(?:alternative|mixed|related)[ \t]*;", re.IGNORECASE
)
#: A part of these kinds is one piece of text, whatever stands in it.
_PLAIN = re.compile(
    rb"[^\n:]*:[ \t]*(?:text/(?:plain|html)|image/[a-z0-9.+-]+|application/[a-z0-9.+-]+)[ \t]*[;\n]",
    re.IGNORECASE,
)


def _bared(whole: bytes) -> bytes:
    """The mail with nothing in its plain parts, and of its headers those alone that say what it is.

    As it is where anything in it is out of the ordinary.
    """
    header, gap, body = whole.partition(b"\n\n")
    kinds = _kinds(header)
    if not gap or len(kinds) != 1 or not _MULTIPART.match(kinds[0]) or b"\r" in whole:
        return whole
    found = _BOUNDARY.findall(kinds[0])
    if len(found) != 1 or kinds[0].lower().count(b"boundary") != 1:
        return whole
    mark: bytes = b"\n--" + (found[0][0] or found[0][1])
    pieces = (b"\n" + body).split(mark)
    if not all(_REST.match(one) for one in pieces[1:-1]) or len(pieces) < 3:
        return whole
    return kinds[0] + mark.join([b"", *map(_emptied, pieces[1:-1]), pieces[-1]])


def _kinds(header: bytes) -> list[bytes]:
    """The Content-Type fields of a header block of ordinary fields; none of another one."""
    header += b"\n"
    if not _FIELDS.fullmatch(header):
        return []
    return [one[0] for one in _FIELD.finditer(header) if one[1].lower() == b"content-type"]


def _emptied(piece: bytes) -> bytes:
    """What stands between two boundaries, without its text where that is plain."""
    begin, end = piece.find(b"\n") + 1, piece.find(b"\n\n")
    if end < begin:
        return piece
    kinds = _kinds(piece[begin:end])
    empty = len(kinds) == 1 and _PLAIN.match(kinds[0]) and not mbox.signed(piece[end + 1 :])
    return piece[: end + 2] if empty else piece
