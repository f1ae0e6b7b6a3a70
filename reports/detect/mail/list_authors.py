"""Who wrote a mail whose From a mailing list has rewritten?

Lists that rewrite `From` for DMARC write `Dana via list <list@...>`; Google Groups puts the author
into X-Original-From, Mailman into Reply-To. Anybody can write such headers, so this is undone only
for a mail that bears a list's header, and never towards an address of ours (rules.md section 0).
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pandas as pd

from config.ours import Ours
from connectors.model.headers.address_lists import people
from reports.columns import tables
from reports.columns.text import Distinct, distinct

#: A mail that a list sent bears one of these.
LISTED: Final = r"(?m)^list-(?:id|post):"
_VIA: Final = re.compile(r"\bvia\b|\büber\b", re.IGNORECASE)
#: Google Groups writes the first for nothing else; the others count beside a name with "via".
_REWRITTEN: Final = r"(?m)^x-original-from:"
_NAMED_VIA: Final = r"(?i)\S\s.*\b(?:via|über)\s+\S"
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
    for place in np.flatnonzero(listed)[via]:
        row = messages.iloc[place]
        hidden = _hidden(str(row["headers"]), str(row["from_address"]), ours)
        if hidden is not None:
            name = hidden[1] or _VIA.split(str(row["from_name"]))[0].strip(" '\"")
            found.iloc[place, 0], found.iloc[place, 1] = hidden[0], name
    return found


def _hidden(headers: str, written: str, ours: Ours) -> tuple[str, str] | None:
    """(address, name) of the author that a list has put elsewhere; None where it names none."""
    lines = dict(line.partition(": ")[::2] for line in headers.split("\n"))
    for name in _HIDDEN:
        for person in people(lines.get(name, "")):
            if person.address != written and person.address not in ours:
                return person.address, person.name
    return None
