"""Which mails of a file are opened: those with a calendar part, and reports of delivery?

Of every other mail only the header is copied. What is asked here is asked of millions: it costs a twentieth
of all reading, and may say yes too often.
"""

from __future__ import annotations

import re

#: In small letters: a part's type; how a calendar begins, also in base64, for programs attach it under any
#: type; and in base64 the first attribute of a winmail.dat. Long ones are found fast.
SIGNS = (b"text/calendar", b"begin:vcalendar", b"qkvhsu46vknbtevorefs", b"aqaqcaaeaaaa")
LONGEST_SIGN = max(map(len, SIGNS))


#: Only a mail of parts, or one that is a file or holds a mail, can hold a calendar part.
_REPORT = b"multipart/report"
_PARTS = re.compile(rb"multipart|calendar|message/|application/|\.ics")


def kinds(header: bytes) -> tuple[bool, bool]:
    """By its header: may the mail hold parts, and may it be a report of delivery?"""
    lower = header.lower()
    # Most often the last of the fields: what stands before the first of them says nothing of it.
    begin = lower.find(b"content-type")
    if begin < 0:
        return False, _by_server(lower)
    parts = _PARTS.search(lower, begin) is not None
    return parts, lower.find(_REPORT, begin) >= 0 or _by_server(lower)


def _by_server(lower: bytes) -> bool:
    """By its header, in small letters: may nobody, or a mail server, have sent it?"""
    # To look for each of the words in all of the header would cost a tenth of all reading.
    begin = lower.find(b"return-path:")
    sender = lower[begin : begin + 60] if begin >= 0 else b""
    if sender[12:15].strip() == b"<>":
        return True
    begin = lower.find(b"\nfrom:") if lower[:5] != b"from:" else 0
    # With what comes behind it, for it may be folded: whoever opens the mail looks more closely.
    signed_by = sender + lower[begin : begin + 200] if begin >= 0 else sender
    return b"mailer-daemon" in signed_by or b"postmaster" in signed_by


def holds_calendar(header: bytes, data: bytes) -> bool:
    """Does a mail seem to hold a calendar part, or a winmail.dat? `data`: all of it, or a stretch."""
    return kinds(header)[0] and signed(data)


def is_opened(header: bytes, data: bytes) -> bool:
    """Is this mail one of those that are opened: with a calendar part, or a report of delivery?"""
    parts, reports = kinds(header)
    return reports or (parts and signed(data))


def signed(data: bytes) -> bool:
    """Stands one of the signs in it, in any case of letters?"""
    lower = data.lower()
    return any(one in lower for one in SIGNS)
