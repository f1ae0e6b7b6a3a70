"""Of whom are facts to be read, and what must the store be told to find them?

The store knows addresses; who belongs to whom, what is a machine and what a subject says of a meeting
are rules, which whoever asks brings along.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

#: The group of an address in normal form: who is judged with whom; "" for ours and for none.
Grouping = Callable[[str], str]


@dataclass(frozen=True)
class Wanted:
    """`contacts`: whose facts. `grouping`: makes of the tags (by TAGS) the groups of addresses.

    `machine`: is this address no person, whatever else is known? `titles`: what subjects call a
    meeting; `told`: which of them speak of one. `zone`: where days begin (IANA).
    """

    contacts: frozenset[str]
    grouping: Callable[[pd.DataFrame], Grouping]
    machine: Callable[[str], bool]
    titles: Callable[[pd.Series], pd.Series]
    told: Callable[[pd.Series], pd.Series]
    zone: str


@dataclass(frozen=True)
class Circle:
    """What is to be read: the numbers of mails and of meetings, the series whose records are, and the
    addresses of whom is what was remembered.
    """

    mails: set[int]
    meetings: set[int]
    series: set[str]
    addresses: set[str]
