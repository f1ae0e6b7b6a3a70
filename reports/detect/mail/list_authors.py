"""Who wrote a mail whose From a mailing list has rewritten?

Lists that rewrite `From` for DMARC write `Dana via list <list@...>`; Google Groups puts the author
into X-Original-From, Mailman into Reply-To, others into the address itself (`dana=client.example@list.example`).
Anybody can write such headers, so this is undone only for a mail that bears a list's header, and never
towards an address of ours (rules.md section 0).
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd

from config.ours import Ours
from connectors.model import normal_forms
from connectors.model.headers.address_lists import people
from reports.columns import tables
from reports.columns.text import Distinct, distinct

#: A mail that a list sent bears one of these.
LISTED: Final = r"(?m)^list-(?:id|post):"
#: How programs write that they write for somebody, by language.
THROUGH: Final = (
    "via|vía|über|mediante|tramite|przez|za pośrednictwem|přes|prostřednictvím|genom|gennem|gjennom"
    "|através d[eao]|a través de|через"
)
_VIA: Final = re.compile(rf"\b(?:{THROUGH})\b", re.IGNORECASE)
#: Google Groups writes the first for nothing else; the others count beside a name with "via".
_REWRITTEN: Final = r"(?m)^x-original-from:"
_NAMED: Final = r"(?i)\S\s(?:.*[\s(])?(?:%s)\s+\S"
_NAMED_VIA: Final = _NAMED % "via|über"
#: A list that is written to writes so too; connectors.store finds it by this header (PECULIAR).
_POSTED: Final = r"(?m)^list-post:"
_NAMED_THROUGH: Final = _NAMED % THROUGH
#: `dana=client.example@list.example`, and with an @ as it is written in a link.
_INSIDE: Final = r"^[^@\s]+=(?:40)?[^@=\s]+\.[^@=\s]+@"
_HIDDEN: Final = ("x-original-from", "x-original-sender", "reply-to")


def restored(messages: pd.DataFrame, headers: Distinct, ours: Ours) -> pd.DataFrame:
    """from_address and from_name of each mail, with lists' rewriting undone; same index.

    messages: by MESSAGES (from_address, from_name and headers are read); headers: theirs.
    """
    found = tables.narrow(messages, ["from_address", "from_name"]).copy()
    listed = headers.matches(LISTED)
    if not listed.any():
        return found
    names = distinct(messages["from_name"][listed])
    via = names.matches(_NAMED_VIA) | headers.take(listed).matches(_REWRITTEN)
    inside = distinct(messages["from_address"][listed]).matches(_INSIDE)
    posted = headers.take(listed).matches(_POSTED)
    via |= posted & (inside | names.matches(_NAMED_THROUGH))
    for place in np.flatnonzero(listed)[via]:
        row = messages.iloc[place]
        hidden = _hidden(str(row["headers"]), str(row["from_address"]), ours)
        if hidden is not None:
            name = hidden[1] or _VIA.split(str(row["from_name"]))[0].strip(" '\"")
            found.iloc[place, 0], found.iloc[place, 1] = hidden[0], name
    return found


def _hidden(headers: str, written: str, ours: Ours) -> tuple[str, str] | None:
    """(address, name) of the author that a list has put elsewhere; None where it names none."""
    inside = _inside(written)
    if inside and inside not in ours:
        # Beside it a list names itself in Reply-To.
        return inside, ""
    lines = dict(line.partition(": ")[::2] for line in headers.split("\n"))
    for name in _HIDDEN:
        for person in people(lines.get(name, "")):
            if person.address != written and person.address not in ours:
                return person.address, person.name
    return None


def _inside(written: str) -> str:
    """The address that a list has written into its own; "" where there is none."""
    local, _, _ = written.rpartition("@")
    name, equals, home = local.rpartition("=")
    home = home.removeprefix("40")
    return normal_forms.address(f"{name}@{home}") if equals and "." in home else ""
