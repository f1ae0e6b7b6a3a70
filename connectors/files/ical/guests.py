"""Who is invited, who organises, and what did they answer? ATTENDEE and ORGANIZER lines.

RFC 5545 3.8.4.1, 3.8.4.3, 3.2.12 (PARTSTAT), 3.2.18 (SENT-BY), 3.2.3 (CUTYPE).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote

from connectors.files.ical.content_lines import Property
from connectors.model import normal_forms
from connectors.model.records import Guest, Response

#: Guests of one entry that are read; beyond them the list counts as cut.
MOST_GUESTS = 1_000

_ANSWERS = {
    "ACCEPTED": Response.ACCEPTED,
    "DECLINED": Response.DECLINED,
    "TENTATIVE": Response.TENTATIVE,
    "NEEDS-ACTION": Response.NONE,
    # Somebody else answers in their place: this copy cannot show what.
    "DELEGATED": Response.UNKNOWN,
}


#: How some programs spell an answer; only one thing can be meant.
_SPELLED = {
    "ACCEPT": "ACCEPTED",
    "DECLINE": "DECLINED",
    "NEEDS ACTION": "NEEDS-ACTION",
    "NEEDS_ACTION": "NEEDS-ACTION",
    "NEEDSACTION": "NEEDS-ACTION",
    # vCalendar 1.0
    "CONFIRMED": "ACCEPTED",
    "SENT": "NEEDS-ACTION",
}


#: What stands before an address: a scheme, RFC 6068's field, or a stray sign of equality.
_SCHEME = re.compile(
    r"""["'<\s]*(?:(?:mailto|smtp)\s*:(?://)?|\?to=|=(?=[^=]*@))\s*""", re.IGNORECASE
)
#: A CalDAV server names a person by a path of its own, which may end in the address.
_PATH = re.compile(r"(?:https?:/)?/.*/(?=[^/]*@)", re.IGNORECASE)
_AROUND = re.compile(r"\s+@\s*|\s*@\s+")
_BRACKETS = re.compile(r"<\s*([^<>]*@[^<>]*)>")
_ADDRESS = re.compile(r"""[^\s<>"(),;:\\?\[\]{}]+@[^\s<>"'(),;:@?/&#\\\[\]{}]+""")
#: iCloud writes an address of its own as the value, one for each invitation, and the person's into EMAIL.
_STANDS_IN = "@imip.me.com"
#: Google writes it where it has lost who organised: that is nobody.
_NOBODY = frozenset(["unknownorganizer@calendar.google.com"])


def cal_address(text: str) -> str:
    """The address of a CAL-ADDRESS in normal form; "" where there is none.

    It is a URI (RFC 5545 3.3.3, RFC 6068), so `%40` is an @ and a `?subject=` no part of it; and
    it is met with blanks, quotes, a name inside and the scheme twice.
    """
    text = _bare(text)
    if "&" in text:
        text = _bare(unescape(text))
    for _ in range(2):
        # Behind the question mark stand other fields, which may name somebody else.
        asks = text if text.startswith("?") else text.partition("?")[0]
        if "%" in text and ("@" not in asks or "%40" not in asks):
            text = _bare(unquote(asks if "%40" in asks else text))
    text = _AROUND.sub("@", text)
    named = _BRACKETS.search(text)
    found = _ADDRESS.search(named[1] if named else text)
    if not found:
        return ""
    address = normal_forms.address(found[0].strip("'\"").rstrip("."))
    return "" if address in _NOBODY else address


def _bare(text: str) -> str:
    """The text without what stands before an address in it."""
    text = text.strip()
    while found := _SCHEME.match(text) or _PATH.match(text):
        text = text[found.end() :]
    return text


@dataclass(frozen=True, slots=True)
class Party:
    """Who one line names, and who wrote it in their name (SENT-BY)."""

    address: str
    name: str = ""
    sent_by: str = ""


def party(prop: Property | None) -> Party:
    """The person of an ORGANIZER or ATTENDEE line; an empty address where none is given."""
    if prop is None:
        return Party("")
    address = cal_address(prop.value)
    if not address or address.endswith(_STANDS_IN):
        # In its own calendars iCloud writes `urn:uuid:` or a path as the value.
        address = cal_address(prop.params.get("EMAIL", "")) or address
    name = " ".join(prop.params.get("CN", "").split())
    if "@" in name and cal_address(name) == address:
        name = ""
    sent_by = cal_address(prop.params.get("SENT-BY", ""))
    return Party(address, name[:200], "" if sent_by == address else sent_by)


def answer(prop: Property, *, unsaid: Response = Response.NONE) -> Response:
    """The PARTSTAT of an ATTENDEE line.

    `unsaid` is what a line without one means: NEEDS-ACTION by the RFC, but unknown where the
    producer writes none at all (Outlook's export of a calendar).
    """
    said = said_by(prop).strip().upper()
    return _ANSWERS.get(_SPELLED.get(said, said), Response.UNKNOWN) if said else unsaid


def said_by(prop: Property) -> str:
    """The answer as it is written; vCalendar 1.0 calls it STATUS."""
    return prop.params.get("PARTSTAT") or prop.params.get("STATUS", "")


def guests(
    lines: Iterable[Property],
    *,
    me: frozenset[str],
    organizer: str,
    unsaid: Response = Response.NONE,
    named: bool = True,
) -> tuple[tuple[Guest, ...], bool]:
    """(the guests, each address once; whether all of them could be read).

    `named`: keep the names beside the addresses (from calendars; never from mails).
    """
    found: dict[str, Guest] = {}
    complete = True
    for number, line in enumerate(lines):
        who = party(line)
        if not who.address or number >= MOST_GUESTS:
            complete = False
            continue
        kind = line.params.get("CUTYPE", "").upper()
        # A list of people: nobody sees who of them was meant.
        complete &= kind != "GROUP"
        guest = Guest(
            address=who.address,
            name=who.name if named else "",
            response=answer(line, unsaid=unsaid),
            optional=line.params.get("ROLE", "").upper() == "OPT-PARTICIPANT",
            # A room is no person, and its refusal nobody's act (rules.md section 1).
            resource=kind in ("ROOM", "RESOURCE") or line.params.get("ROLE") == "NON-PARTICIPANT",
            is_self=who.address in me,
            is_organizer=bool(organizer) and who.address == organizer,
        )
        known = found.get(who.address)
        if known is None or (known.response is not guest.response and known.response in _UNSURE):
            found[who.address] = guest
    return tuple(found.values()), complete


_UNSURE = (Response.NONE, Response.UNKNOWN)
