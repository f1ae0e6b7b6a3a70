"""How much notice had a change, and was that late?

An agreed start, the limit below which a change of it is late, and where the moment of a change lies
beside that limit: rules.md section 3. Everything is integers: microseconds UTC, None where unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from config.policy import Policy
from reports.columns.instants import HOUR, MINUTE
from reports.detect.meetings.events import Event

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Limits:
    """The policy's limits in microseconds, the zone of the user's days, and the moment of asking."""

    late: int
    share: float
    shift: int
    known: int
    consequence: int
    after: int
    kept_after: int
    zone: ZoneInfo
    as_of: int

    @classmethod
    def of(cls, policy: Policy, zone: str, as_of: int) -> Limits:
        return cls(
            late=int(policy.late_hours * HOUR),
            share=policy.late_share,
            shift=policy.shift_minutes * MINUTE,
            known=int(policy.known_hours * HOUR),
            consequence=int(policy.consequence_hours * HOUR),
            after=int(policy.after_start_hours * HOUR),
            kept_after=int(policy.kept_after_hours * HOUR),
            zone=ZoneInfo(zone),
            as_of=as_of,
        )

    def day(self, moment: int) -> int:
        """The local day of a moment, as a number."""
        return (_EPOCH + timedelta(microseconds=moment)).astimezone(self.zone).toordinal()


@dataclass(frozen=True, slots=True)
class Measure:
    """How much notice a change gave: the verdict, the start it is measured to, the limit then [us].

    `verdict`: `early`, `late`, `straddles` (the interval holds the limit), `start` (it holds the
    start) or `unknown`.
    """

    verdict: str
    ref: int
    limit: int | None


@dataclass(slots=True)
class Slot:
    """One agreed start and what became of it, for one contact.

    `accepted`: they said yes to this start, or to the one before a move that was not theirs.
    `fresh`: they said yes to this very start, or to one less than a shift away from it that nobody
    else changed late. `withdrawn`: an answer that was taken back without a move. `promised`: the start to which they said yes. `yes_hi`: when, at the latest.
    `said`: when they last accepted by a human act. `because` tells why an outcome is unknown, or who
    excused it (slot_schema.Because). `given_up`: it will not take place. `proposed_at`: their
    proposal before our change. `consequence_at`: our change after their act; `we_followed`: that
    change ended the slot, and their act decided.
    """

    number: int
    start: int
    end: int | None
    set_lo: int | None
    set_hi: int
    accepted: bool = False
    fresh: bool = False
    yes_hi: int | None = None
    said: int | None = None
    withdrawn: bool = False
    dated_yes: bool = False
    response: str = ""
    declines: int = 0
    declined: Event | None = None
    counters: list[Event] = field(default_factory=list)
    ended: Event | None = None
    left: Event | None = None
    we_declined: Event | None = None
    late_declined: bool = False
    # what became of it
    outcome: str = ""
    rule: str = ""
    origin: str = ""
    why: str = ""
    question: str = ""
    was: str = ""
    act: Event | None = None
    act_name: str = ""
    measured: Measure | None = None
    merged: str = ""
    because: str = ""
    given_up: bool = False
    proposed_at: int | None = None
    consequence_at: int | None = None
    we_followed: bool = False
    promised: int = field(init=False)

    def __post_init__(self) -> None:
        self.promised = self.start


@dataclass(frozen=True, slots=True)
class Story:
    """One changed meeting, ready to be told."""

    organiser: str
    set_lo: int | None
    set_hi: int
    first_seen: int
    start: int
    end: int | None
    events: Sequence[Event]


def agreed(slot: Slot) -> int | None:
    """When this start was agreed, at the latest; None where that is unknown.

    The later of the moment this start was set and their first yes to it, if dated (an organiser
    says no yes). What was seen only after the start (a backfill) says nothing about it.
    """
    if slot.set_lo is None or slot.set_hi >= slot.start:
        return None
    return _with_their_yes(slot, slot.set_hi)


def _with_their_yes(slot: Slot, moment: int) -> int:
    if slot.yes_hi is not None and slot.yes_hi < slot.start:
        return max(moment, slot.yes_hi)
    return moment


def late_limit(slot: Slot, story: Story, limits: Limits, stood: int | None = None) -> int | None:
    """The notice below which a change of this slot is late [us]; None where it is unknown.

    `stood`: the start as it stood at the change, where a shift has come since.
    """
    start = slot.start if stood is None else stood
    moment = agreed(slot)
    if moment is None and slot.number == 0 and story.first_seen <= start - limits.known:
        # When it was set is unknown, but it was there by then.
        moment = _with_their_yes(slot, story.first_seen)
    if moment is None:
        return None
    return min(limits.late, int((start - moment) * limits.share))


def lateness(
    slot: Slot, event: Event, story: Story, limits: Limits, new_start: int | None = None
) -> Measure:
    """How late a change of this slot came; nothing is written into the slot.

    Notice is measured to the start as it stood, to the earlier when brought forward.
    """
    stood = slot.start if event.kind == "move" or event.old is None else event.old
    ref = stood if new_start is None else min(stood, new_start)
    limit = late_limit(slot, story, limits, stood)
    verdict = _verdict(stood, event, ref, limit, limits, moved=new_start is not None)
    return Measure(verdict, ref, limit)


def _verdict(
    start: int, event: Event, ref: int, limit: int | None, limits: Limits, *, moved: bool
) -> str:
    if ref - event.hi >= (limits.late if limit is None else limit) and (
        limit is None or event.lo is None
    ):
        return "early"
    if event.lo is None:
        return "unknown"
    if event.lo < start <= event.hi:
        # whatever it was, and by whom: before the start or after it, only the user knows
        return "start"
    if moved and ref <= event.hi:
        # put into the past, or into the very interval: a correction of the records
        return "unknown"
    if limit is None:
        return "unknown"
    if ref - event.hi >= limit:
        return "early"
    return "late" if event.exact or ref - event.lo <= limit else "straddles"


@dataclass(frozen=True, slots=True)
class Case:
    """One contact's side of a changed meeting: whose slots are told, and by which limits."""

    story: Story
    contact: str
    limits: Limits

    @property
    def organises(self) -> bool:
        return self.contact == self.story.organiser

    def measure(self, slot: Slot, event: Event, new_start: int | None = None) -> Measure:
        """How late a change of the slot came (`lateness`)."""
        return lateness(slot, event, self.story, self.limits, new_start)
