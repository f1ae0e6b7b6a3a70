"""What is the state of one meeting, and of each copy of it?

One `Meeting` is shared by all its guests; a `Copy` is what lies in one served calendar: still
live, or cancelled, removed by its owner, or taken away because its owner was uninvited. A copy
knows when which part of it last changed, which is all that a sync protocol needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Literal

from connectors.sandbox.world.recurrence import Rule, originals

Answered = Literal["needsAction", "accepted", "declined", "tentative"]
#: Why a copy, or one occurrence of it, is no longer an ordinary entry.
Gone = Literal["", "cancelled", "removed", "uninvited", "handed_over"]
DAY = 86_400_000_000


@dataclass(slots=True)
class Seat:
    """One guest's line in one meeting or occurrence. Instants in [µs UTC]."""

    address: str
    name: str
    response: Answered = "needsAction"
    responded_at: int | None = None
    optional: bool = False
    resource: bool = False
    machine: bool = False
    comment: str = ""
    proposed_start: int | None = None


@dataclass(slots=True)
class Exceptional:
    """One occurrence that differs from its series. `start` and `end` in [µs UTC]."""

    original: int
    start: int
    end: int
    seats: dict[str, Seat]
    cancelled: bool = False
    sequence: int = 0


@dataclass(slots=True)
class Touch:
    """When a copy's entry last changed. `version` orders all changes of the world.

    `content_*` leave mere answers of guests out: whether Google counts those is not documented.
    """

    version: int
    updated: int
    content_version: int
    content_updated: int


@dataclass(slots=True)
class Copy:
    """One meeting in one served calendar. Keys of `touched` and `gone`: an original start or None."""

    owner: str
    calendar: str
    touched: dict[int | None, Touch] = field(default_factory=dict)
    gone: dict[int | None, Gone] = field(default_factory=dict)
    gone_at: dict[int | None, int] = field(default_factory=dict)
    frozen: Meeting | None = None
    color: str = ""
    private: dict[str, str] = field(default_factory=dict)
    born: int = 0


@dataclass(slots=True)
class Meeting:
    """A meeting or a series as its organiser sees it. Instants in [µs UTC].

    `seats` holds the guests and, where the organiser takes part, the organiser's own line.
    """

    uid: str
    id: str
    organizer: str
    organizer_name: str
    title: str
    start: int
    end: int
    zone: str
    created: int
    seats: dict[str, Seat]
    rule: Rule | None = None
    all_day: bool = False
    conference: str = ""
    location: str = ""
    description: str = ""
    guests_hidden: bool = False
    guests_can_modify: bool = False
    kind: str = "default"
    free: bool = False
    visibility: str = "default"
    sequence: int = 0
    cancelled: bool = False
    exceptions: dict[int, Exceptional] = field(default_factory=dict)
    copies: dict[str, Copy] = field(default_factory=dict)

    @property
    def length(self) -> int:
        """How long one occurrence lasts [µs]."""
        return self.end - self.start

    def originals(self) -> tuple[int, ...]:
        """The original starts of all occurrences [µs UTC]; a single meeting has none."""
        if self.rule is None:
            return ()
        return originals(self.rule, self.start, "UTC" if self.all_day else self.zone)

    def occurrence(self, original: int) -> Exceptional:
        """The occurrence's own state; made from the series where it had none yet."""
        if original not in self.exceptions:
            if original not in self.originals():
                raise ValueError(f"{self.uid} has no occurrence at {original}")
            self.exceptions[original] = Exceptional(
                original,
                original,
                original + self.length,
                deepcopy(self.seats),
                sequence=self.sequence,
            )
        return self.exceptions[original]

    def slot(self, original: int | None) -> tuple[int, int]:
        """Start and end [µs UTC] of one occurrence as it stands; None: of the (first) meeting."""
        if original is None:
            return self.start, self.end
        known = self.exceptions.get(original)
        return (known.start, known.end) if known else (original, original + self.length)

    def seats_of(self, original: int | None) -> dict[str, Seat]:
        known = None if original is None else self.exceptions.get(original)
        return self.seats if known is None else known.seats

    def parties(self, original: int | None) -> Iterator[Seat]:
        """Everybody with a seat but the organiser."""
        return (seat for seat in self.seats_of(original).values() if seat.address != self.organizer)

    def snapshot(self) -> Meeting:
        """A copy that later changes do not reach (for what an owner removed)."""
        copies, self.copies = self.copies, {}
        try:
            return deepcopy(self)
        finally:
            self.copies = copies
