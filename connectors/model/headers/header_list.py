"""Which mail headers does noshow read and keep?

One table for all providers: the list is frozen together with a sync cursor, and a header that was
forgotten costs a full re-fetch. Headers that have a column of their own are parsed into it; the
others are kept raw in the `headers` column of a message, so that a better rule can reclassify
the past. Sources: facts/google.md 2.1 and 2.5, facts/detection.md 3, RFC 3834, RFC 5322.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from connectors.model.headers import sender_check

#: Parsed into columns of their own.
PARSED: tuple[str, ...] = (
    "From",
    "To",
    "Cc",
    "Bcc",
    "Sender",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
)

#: Kept as they are, one line each, in the `headers` column.
RAW: tuple[str, ...] = (
    "Reply-To",
    "X-Original-From",
    "X-Original-Sender",
    "Return-Path",
    "Auto-Submitted",
    "Precedence",
    "X-Autoreply",
    "X-Autorespond",
    "X-Autoresponder",
    "X-Auto-Response-Suppress",
    "X-Apple-Action",
    "X-Failed-Recipients",
    "X-MS-Exchange-Inbox-Rules-Loop",
    "X-MS-Exchange-Generated-Message-Source",
    "X-MS-Exchange-Parent-Message-Id",
    "X-MS-Exchange-Calendar-Originator-Id",
    "X-MS-Exchange-Calendar-Series-Instance-Id",
    "X-MS-Exchange-Message-Is-Ndr",
    "X-MS-TrafficTypeDiagnostic",
    "X-Mail-Calendar-Part",
    "Content-Class",
    "Content-Type",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Post",
    "Feedback-ID",
    "X-HS-Email-Campaign-Id",
    "X-SG-EID",
    "X-Mailchimp-Campaign-Id",
    "X-Campaign-Id",
    "Importance",
    "X-Priority",
    "Authentication-Results",
)

#: Read for the moment of arrival and not kept.
ARRIVAL: tuple[str, ...] = ("Received",)
#: Asked for since after the first release. They count in no cursor's frozen parameters, so that
#: a mailbox that is being read goes on: its mails of before simply lack them.
SINCE: frozenset[str] = frozenset(("Authentication-Results", *ARRIVAL))

HEADERS: tuple[str, ...] = PARSED + RAW + ARRIVAL

_KEEP = {name.lower() for name in RAW}
#: A Content-Type that says nothing about the class of a mail is not worth its bytes.
_DULL = ("text/plain", "text/html", "multipart/alternative", "multipart/mixed", "multipart/related")
_LONGEST = 998
#: Longer values are worth no memory.
_SHORT = 300
#: The one parameter that differs in every mail, wherever it stands among the others.
_BOUNDARY = re.compile(r'; ?boundary="?[^";]*"?')
_EQUALS = re.compile(r" ?= ?")


def raw_lines(headers: Iterable[tuple[str, str]]) -> str:
    r"""The headers worth keeping raw, as `name: value` lines with names in lower case.

    Of Authentication-Results only the topmost is our own side's; a sender can write the others. Of
    that one its verdicts are kept (connectors.model.headers.sender_check).
    Values are unfolded (one line each) and cut at 998 characters (RFC 5322 2.1.1); the
    parameters `method`, `report-type` and `boundary`-less types survive, since only the dull
    Content-Types are dropped. "" where nothing is worth keeping.
    """
    lines = []
    checked = False
    for name, value in headers:
        lower = name.strip().lower()
        if lower not in _KEEP:
            continue
        if lower == "authentication-results":
            if checked:
                continue
            checked = True
        line = _line(lower, value) if len(value) <= _SHORT else _line.__wrapped__(lower, value)
        if line:
            lines.append(line)
    return "\n".join(sorted(lines)) if len(lines) > 1 else "".join(lines)


@lru_cache(maxsize=5_000)
def _line(lower: str, value: str) -> str:
    """What is kept of one header; "" where it is not worth its bytes. Mails of one sender bear the same."""
    if lower == "authentication-results":
        value = sender_check.verdicts(value)
    flat = " ".join(value.split())
    if lower == "content-type":
        flat = _BOUNDARY.sub("", _EQUALS.sub("=", flat.lower())).rstrip("; ")
        if flat.split(";", 1)[0].strip() in _DULL and "report-type" not in flat:
            return ""
    return f"{lower}: {flat[:_LONGEST]}"
