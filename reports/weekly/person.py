"""What is known of one contact: both sides' counts, every dated event, what to do next?

Instants are UTC timestamps, hours and days are in [h] and [d], None where unknown. What accuses,
asks or reminds has a `Claim`; the store gives each claim its id, and the reader answers by that id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd

from reports.claims import Claim
from reports.vocabulary import Grade


@dataclass(frozen=True, slots=True)
class Who:
    """A contact as printed; `name` is their address where no name is known.

    Of two who bear one name each has the address behind it (`apart`).
    """

    address: str
    name: str
    organisation: str = ""
    stage: str = ""
    warm: bool = False

    @property
    def house(self) -> str:
        """Their organisation, as it is written beside a name; an address shows it already."""
        return self.organisation if self.address not in self.name else ""

    @property
    def alone(self) -> str:
        """The name as a letter greets by it, without the address that tells two of one name apart."""
        return self.name.removesuffix(_behind(self.address))


def _behind(address: str) -> str:
    return f" ({address})"


def apart(whos: Iterable[Who]) -> dict[str, Who]:
    """By address: of those who bear one name, each with the address behind it; the others as they are."""
    plain = {one.address: replace(one, name=one.alone) for one in whos}
    times = Counter(one.name.casefold() for one in plain.values())
    return {
        address: replace(one, name=one.name + _behind(address))
        if times[one.name.casefold()] > 1
        else one
        for address, one in plain.items()
    }


@dataclass(frozen=True, slots=True)
class Notice:
    """Hours before the start, as an interval (lo, hi]; None: no bound known. Equal: exactly dated."""

    lo: float | None
    hi: float | None


#: What an event is. `late` ones count in k where they have a claim; `agreed` was nobody's alone.
Kind = Literal[
    "coming", "kept", "off", "moved", "absent", "unknown", "early", "excused", "ours", "agreed",
    "asked", "owed", "perhaps", "promise", "back",
]  # fmt: skip
LATE: tuple[Kind, ...] = ("off", "moved", "absent")


@dataclass(frozen=True, slots=True)
class Event:
    """One dated fact about a contact: a meeting's slot, a mail, a call or a promise.

    `how`: the kind of an ask (mail, call, invitation) or the word that answered. `other_at`: a kept
    replacement's start, or when a word came. `counted`: stands among the n that came to their day.
    `days`: it waits for us [business days], or it took until they were back [d].
    """

    at: pd.Timestamp
    kind: Kind
    subject: str = ""
    link: str = ""
    notice: Notice = Notice(None, None)
    rule: str = ""
    grade: str = ""
    via: str = ""
    how: str = ""
    other_at: pd.Timestamp | None = None
    counted: bool = False
    claim: Claim | None = None
    in_absence: bool = False
    kept_after_all: bool = False
    replacement_coming: bool = False
    replacement_unknown: bool = False
    undeliverable: bool = False
    days: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """One ask of ours: when, and whether by mail, call or invitation."""

    at: pd.Timestamp
    kind: str


@dataclass(frozen=True, slots=True)
class Quiet:
    """An open silence, or one that may be none (`why`). `subject` is the last mail's."""

    claim: Claim
    rule: str
    grade: str
    asks: tuple[Ask, ...]
    count: int
    first_ask_at: pd.Timestamp
    last_ask_at: pd.Timestamp
    last_heard_at: pd.Timestamp | None
    why: str
    live_since: pd.Timestamp | None
    link: str = ""
    subject: str = ""

    @property
    def unseen_before(self) -> pd.Timestamp | None:
        """Mail of it that was deleted before this moment cannot be seen; None where there is none."""
        live = self.live_since
        hidden = self.grade == Grade.LIKELY and live is not None and self.first_ask_at < live
        return live if hidden else None


@dataclass(frozen=True, slots=True)
class Dead:
    """An address that mail no longer reaches, or where only a machine answers."""

    claim: Claim
    reason: str
    at: pd.Timestamp | None


@dataclass(frozen=True, slots=True)
class Pattern:
    """Where every late move of theirs, four or more, led from one weekday to another and was kept.

    The moments are those of the latest move: only their weekdays are meant.
    """

    from_day: pd.Timestamp
    to_day: pd.Timestamp
    count: int


@dataclass(frozen=True, slots=True)
class Person:
    """One contact's line on the page, and their card in the mail where they have one.

    `before` is (k, n) of the last report, None where they did not stand there by their meetings.
    `own_open`: late changes of ours of which nobody has said who needed them; they are among `unknown`,
    as are those of `unknown_else`.
    `ours_hidden_before`: what we called off before it may be in no calendar any more, and some of their
    meetings are older; None where there are none.
    `here` is (k, n) in this report's mailboxes alone, None where that is all there is; `elsewhere`: on a
    list only by what other mailboxes show, and so on none of this report's.
    `slug` names their row on the page.
    """

    who: Who
    slug: str
    tier: str = ""
    by: str = ""
    rules: tuple[str, ...] = ()
    k: int = 0
    k_hard: int = 0
    n: int = 0
    here: tuple[int, int] | None = None
    elsewhere: bool = False
    unknown: int = 0
    early: int = 0
    excused: int = 0
    own_late: int = 0
    ours_hidden_before: pd.Timestamp | None = None
    own_open: int = 0
    unknown_else: int = 0
    too_early: bool = False
    moves_only: bool = False
    churned: int = 0
    before: tuple[int, int] | None = None
    quiet: Quiet | None = None
    dead: Dead | None = None
    owed: int = 0
    heard_at: pd.Timestamp | None = None
    replies: tuple[int, float] | None = None
    our_replies: tuple[int, float] | None = None
    lead_kept: float | None = None
    lead_lost: float | None = None
    step: str = ""
    step_detail: str = ""
    step_who: Who | None = None
    pattern: Pattern | None = None
    events: tuple[Event, ...] = ()

    @property
    def incidents(self) -> tuple[Event, ...]:
        """What counts in k, the newest first."""
        return tuple(one for one in self.events if one.kind in LATE and one.claim is not None)

    @property
    def absent(self) -> int:
        return sum(1 for one in self.incidents if one.kind == "absent")

    @property
    def by_meetings(self) -> bool:
        return self.by in ("meetings", "both")
