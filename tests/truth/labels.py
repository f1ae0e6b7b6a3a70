"""What was really so in a made-up year, and what of it left a trace?

Plain data, written down by whoever makes the year and read by whoever judges the judgement. Nothing
here knows how noshow decides: the two must not come from the same mind. All instants [µs UTC].
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

HOUR = 3_600_000_000
DAY = 24 * HOUR

Mode = Literal["live 2 h", "live 6 h", "first look"]
MODES: tuple[Mode, ...] = ("live 2 h", "live 6 h", "first look")


@dataclass(frozen=True, slots=True)
class Incident:
    """A contact gave up a meeting on the day. `start` is the start as it stood before the act.

    `rule`: M1, M2, M3, M4 or M7 (we waited, and nobody came). `by_mail`: a notification of the act reached the owner; `agreed_by_mail`:
    so did one of their agreement to this very start. `after`: what we did upon it, and when; it must
    have been seen before the start, else nobody knows which came first.
    """

    contact: str
    start: int
    rule: str
    at: int
    by_mail: bool
    agreed_by_mail: bool
    after: int = 0

    @property
    def outcomes(self) -> tuple[str, ...]:
        if self.rule == "M7":
            return ("absent",)
        return ("moved_late",) if self.rule in ("M3", "M4") else ("cancelled_late",)


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that only the owner can say: our own late change, or an entry that was gone."""

    contact: str
    start: int
    rule: str
    at: int


@dataclass(frozen=True, slots=True)
class Silence:
    """Three asks and more to somebody who had talked with us, and nothing since. `last`: last ask."""

    contact: str
    first: int
    last: int


@dataclass
class Truth:
    """All that was really so.

    `acts`: what people really did, by contact, whether anybody could see it or not. `nobody`: who is
    a machine, a list, a room or one of ours. `clients`: whom the owner calls so. `early`: whose
    silence is not yet one at the end of the year, because a day between was no working day.
    """

    incidents: list[Incident] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    acts: dict[str, list[int]] = field(default_factory=dict)
    nobody: set[str] = field(default_factory=set)
    clients: set[str] = field(default_factory=set)
    early: set[str] = field(default_factory=set)

    def acted(self, contact: str, at: int) -> None:
        self.acts.setdefault(contact, []).append(at)


def observable(one: Incident, provider: str, polls: Sequence[int], mode: Mode) -> bool:
    """Does a trace exist from which anybody could know of it?

    `polls`: when the calendar was read [µs UTC], ascending. A first look sees what stands at its end
    and the mails: it needs the notice of the act and that of the agreement, and knows no old start.
    """
    if one.rule == "M7":
        # Records of calls name people by their address only here, and are read as they are made.
        return provider == "microsoft" and mode != "first look"
    if mode == "first look":
        if one.rule == "M1" and provider == "google":
            return False  # of what its organiser cancelled, a guest's calendar shows no start
        return one.by_mail and one.agreed_by_mail and one.rule in ("M1", "M2")
    if one.after:
        seen = bisect_left(polls, one.after)
        in_time = one.by_mail and seen < len(polls) and polls[seen] <= one.start
        # Headers do not say which hour was proposed: then it must be known that ours came after it.
        return in_time and (provider == "microsoft" or polls[seen - 1] >= one.at)
    if one.by_mail:
        return True
    if one.rule == "M2" and provider == "microsoft":
        return True  # the organiser's copy dates every answer
    if one.rule == "M1":
        return False  # without a notice nobody knows who took the entry away
    after = bisect_left(polls, one.at)
    if not 0 < after < len(polls):
        return False
    return polls[after - 1] >= one.start - DAY and polls[after] <= one.start
