"""What do all facts say of one contact, without judging all others?

Of a small store all is read and judged; of a large one what decides about the contact (the store's
read.circle): their organisation's facts, with those of whom one word of the user speaks together with them,
and what else is needed to take these as they are. The rules that the store needs to find them are here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pandas as pd

from config.organisations import organisation
from config.ours import Ours
from config.phrasing import Phrases
from connectors.model.wanted import Grouping, Wanted
from reports.columns import text
from reports.detect.mail import subject_lines
from reports.detect.tags import merge_map

#: Of fewer mails and looks all are judged sooner than it is found which of them are the contact's.
FEW: Final = 20_000


def wanted(contact: str, ours: Ours, phrases: Phrases, as_of: pd.Timestamp) -> Wanted:
    """What the store must be told to read what decides about this contact (an address)."""

    def titles(subjects: pd.Series) -> pd.Series:
        return subject_lines.titles(subjects, phrases)

    def told(subjects: pd.Series) -> pd.Series:
        speaks = text.matches(text.plain(subjects), phrases.meeting_pattern)
        return pd.Series(speaks, index=subjects.index)

    return Wanted(
        contacts=frozenset({contact}),
        grouping=_grouping(ours, phrases, as_of),
        machine=phrases.is_machine,
        titles=titles,
        told=told,
        zone=ours.zone,
    )


def _grouping(
    ours: Ours, phrases: Phrases, as_of: pd.Timestamp
) -> Callable[[pd.DataFrame], Grouping]:
    """Makes of the tags who is judged with whom: the same groups as `Groups.of` makes of the people."""

    def of(tags: pd.DataFrame) -> Grouping:
        merge = merge_map(tags, as_of)
        homes: dict[str, str] = {}

        def group(address: str) -> str:
            if not address or address in ours.mailboxes:
                return ""
            _, at, domain = address.rpartition("@")
            if not at or address in merge:
                contact = "" if address in ours else merge.get(address, address)
                return organisation(contact, phrases) or contact
            if domain not in homes:
                # Ours are known by a mark that no domain bears.
                homes[domain] = "@" if address in ours else organisation(address, phrases)
            home = homes[domain]
            return "" if home == "@" else home or address

        return group

    return of
