"""How did each agreed start of one changed meeting end, for each outside person in it?

Most meetings are never touched and are judged by columns (reports.detect.slots). The few that
changed are told here event by event, in plain Python: what an act means depends on all that came
before it (who had accepted which start, what was answered to what), and that is a story, not a
column. docs/decisions/0005-fold-changed-meetings.md gives the price.

Everything is integers: microseconds UTC, None where unknown. Rules: rules.md section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from config.policy import Policy
from reports.detect.events import US, Event
from reports.detect.moments import HOUR, MINUTE

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


@dataclass(slots=True)
class Slot:
    """One agreed start and what became of it, for one contact.

    `accepted`: they said yes to this start, or to the one before a move that was not theirs.
    `fresh`: they said yes to this very start. `yes_hi`: when, at the latest. `said`: when they
    last accepted by a human act. `doubt` tells why an outcome is unknown.
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
    ref: int | None = None
    limit: int | None = None
    merged: str = ""
    note: str = ""


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


def late_limit(slot: Slot, story: Story, limits: Limits) -> int | None:
    """The notice below which a change of this slot is late [us]; None where it is unknown."""
    moment = agreed(slot)
    if moment is None and slot.number == 0 and story.first_seen <= slot.start - limits.known:
        # When it was set is unknown, but it was there by then.
        moment = _with_their_yes(slot, story.first_seen)
    if moment is None:
        return None
    return min(limits.late, int((slot.start - moment) * limits.share))


def lateness(
    slot: Slot, event: Event, story: Story, limits: Limits, new_start: int | None = None
) -> str:
    """`early`, `late`, `straddles` (the interval holds the limit), `start` (it holds the start) or
    `unknown`. Notice is measured to the start as it stood, to the earlier when brought forward.
    """
    ref = slot.start if new_start is None else min(slot.start, new_start)
    slot.ref, slot.limit = ref, late_limit(slot, story, limits)
    if slot.limit is None and ref - event.hi >= limits.late:
        return "early"
    if event.lo is None:
        early = slot.limit is not None and ref - event.hi >= slot.limit
        return "early" if early else "unknown"
    if new_start is not None and ref <= event.hi:
        # put into the past, or into the very interval: a correction of the records
        return "unknown"
    if event.lo < slot.start <= event.hi:
        return "start"
    if slot.limit is None:
        return "unknown"
    if ref - event.hi >= slot.limit:
        return "early"
    if event.exact or ref - event.lo <= slot.limit:
        return "late"
    return "straddles"


def fold(story: Story, contacts: Sequence[str], limits: Limits) -> dict[str, list[Slot]]:
    """The slots of each contact, in order."""
    return {
        contact: _Fold(story, contact, limits).run(
            [other for other in contacts if other != contact]
        )
        for contact in contacts
    }


class _Fold:
    """One contact's way through the events of one meeting."""

    def __init__(self, story: Story, contact: str, limits: Limits) -> None:
        self.story, self.contact, self.limits = story, contact, limits
        self.organises = contact == story.organiser
        self.slots: list[Slot] = []
        self.moves: dict[tuple[str, int], tuple[str, str]] = {}
        self.others: dict[str, Event] = {}
        self.others_accepted: set[str] = set()
        self.ours: dict[str, str] = {}
        self.slot = Slot(0, story.start, story.end, story.set_lo, story.set_hi)
        self.moved = False
        self._open()

    def _open(self) -> None:
        if self.organises:
            self.slot.accepted = self.slot.fresh = True

    def run(self, others: Sequence[str]) -> list[Slot]:
        for event in self.story.events:
            if event.kind == "move":
                self._move(event)
            elif event.kind == "response":
                self._response(event, others)
            elif event.kind == "counter":
                if event.who == self.contact and self.slot.accepted and not event.machine:
                    self.slot.counters.append(event)
                elif event.who in self.others_accepted:
                    self.others[event.who] = event
            elif event.kind == "end":
                self.slot.ended = self.slot.ended or event
            elif event.kind == "back":
                if not self._over(event):
                    self.slot.ended = None
            elif event.who == self.contact and not self.organises:
                self.slot.left = self.slot.left or event
        self._finish(self.slot)
        self.slots.append(self.slot)
        return self.slots

    # -- answers ------------------------------------------------------------------------------

    def _over(self, event: Event) -> bool:
        return event.after(self.slot.start)

    def _response(self, event: Event, others: Sequence[str]) -> None:
        if event.who == self.contact:
            self._theirs(event)
        elif event.who in others:
            if event.value == "accepted":
                self.others_accepted.add(event.who)
                self.others.pop(event.who, None)
            elif event.value == "declined" and event.who in self.others_accepted:
                self.others.setdefault(event.who, event)
        elif self.story.organiser != US and event.value not in ("", "unknown"):
            self._one_of_ours(event)

    def _without_us(self) -> bool:
        return bool(self.ours) and all(value == "declined" for value in self.ours.values())

    def _one_of_ours(self, event: Event) -> None:
        """Their meeting goes on without us only if none of ours comes."""
        self.ours[event.who] = event.value
        if not self._without_us():
            self.slot.we_declined = None
        elif event.value == "declined" and not event.first:
            self.slot.we_declined = self.slot.we_declined or event

    def _theirs(self, event: Event) -> None:
        slot = self.slot
        if event.value in ("", "unknown"):
            slot.response = slot.response or "unknown"
            return
        slot.left = None if not self._over(event) else slot.left
        if event.value == "none":
            # after a move answers are reset: nobody's act
            if not self.moved and not slot.dated_yes and not self._over(event) and not event.first:
                slot.accepted = slot.fresh = self.organises
            slot.response = "none"
            return
        if self._over(event):
            self._too_late(event)
            return
        if event.value == "accepted":
            self._yes(event)
        elif event.value == "tentative":
            slot.declined = None
            slot.response = "tentative"
        elif event.value == "declined" and slot.response != "declined":
            slot.response = "declined"
            slot.declines += 1
            if slot.accepted:
                slot.declined = self._since_yes(event)

    def _yes(self, event: Event) -> None:
        slot = self.slot
        slot.response = "accepted"
        slot.declined = None
        if event.machine:
            return
        slot.accepted = slot.fresh = True
        slot.dated_yes = slot.dated_yes or event.proof
        if slot.yes_hi is None and not self.organises:
            slot.yes_hi = event.hi
        slot.said = event.hi

    def _since_yes(self, event: Event) -> Event:
        """A decline first seen without a lower bound came after the acceptance that we know."""
        slot = self.slot
        known = slot.dated_yes and slot.said is not None and slot.said < event.hi
        if event.lo is None and known and event.hi < slot.start:
            return replace(event, lo=slot.said)
        return event

    def _too_late(self, event: Event) -> None:
        """An answer after the start: a decline soon after it may be about it (M8)."""
        slot = self.slot
        if event.value == "accepted":
            return
        if event.hi <= slot.start + self.limits.after and not event.machine and slot.accepted:
            if event.value == "declined":
                slot.late_declined = True
                slot.act = slot.act or event

    # -- moves --------------------------------------------------------------------------------

    def _move(self, event: Event) -> None:
        slot, limits = self.slot, self.limits
        if event.start is None or event.start == slot.start or slot.ended is not None:
            return
        self.moved = True  # a mere shift resets the answers, too
        near = abs(event.start - slot.start) <= limits.shift
        if near and limits.day(event.start) == limits.day(slot.start):
            if not self._over(event):
                slot.start, slot.end = event.start, self._end(event)
            return
        mover = event.who
        if self._over(event):
            self._moved_after(event, mover)
        elif self._by_act(event, mover):
            pass
        else:
            self._moved_before(event, mover)
        self.slots.append(slot)
        self._next(event, mover)

    def _end(self, event: Event) -> int | None:
        if event.end is not None:
            return event.end
        slot = self.slot
        if slot.end is None or event.start is None:
            return None
        return event.start + (slot.end - slot.start)

    def _next(self, event: Event, mover: str) -> None:
        """The slot that a move opens: agreed at the moment of the move."""
        old = self.slot
        assert event.start is not None  # noqa: S101  (callers have looked)
        theirs = mover == self.contact
        proposed = any(one.start == event.start for one in old.counters)
        self.slot = Slot(
            number=old.number + 1,
            start=event.start,
            end=self._end(event),
            set_lo=event.lo if event.lo is not None else None,
            set_hi=event.hi,
            accepted=theirs or proposed or (old.accepted and old.declined is None),
            fresh=theirs,
            said=event.hi if theirs else None,
            response="accepted" if theirs else "none",
        )
        self.others = {}
        self._open()

    def _moved_after(self, event: Event, mover: str) -> None:
        """A move after the start: theirs soon after it is a question, all else is tidying up."""
        self._finish(self.slot)
        soon = event.hi <= self.slot.start + self.limits.after
        if mover == self.contact and soon and self.slot.outcome in ("kept", "coming"):
            self._ask("M8", "changed_after", event)

    def _moved_before(self, event: Event, mover: str) -> None:
        slot = self.slot
        if self._unfit():
            return
        if slot.we_declined is not None:
            slot.why = "we-declined"
            return
        side = mover if mover == self.contact else ("us" if mover == US else "other")
        verdict = lateness(slot, event, self.story, self.limits, event.start)
        merged = f"{side} {self.limits.day(event.hi)}"
        earlier = self.moves.get((side, self.limits.day(event.hi)))
        if earlier is not None and verdict != "start":
            verdict = earlier[0]
        else:
            self.moves[(side, self.limits.day(event.hi))] = (verdict, merged)
        slot.act, slot.merged = event, f"move {merged}"
        if side == self.contact:
            self._moved_by_them(verdict, event)
        elif side == "us":
            self._moved_by_us(verdict, event)
        elif verdict == "early":
            slot.outcome = "changed_early"
        else:
            slot.why = "ended-by-other" if mover else ""
            slot.outcome = "" if mover else "unknown"

    def _moved_by_them(self, verdict: str, event: Event) -> None:
        slot = self.slot
        slot.origin, slot.rule = "them", "M3"
        slot.act_name = f"move{slot.number}"
        if verdict == "start":
            self._ask("M8", "moved", event)
        elif verdict == "late":
            slot.outcome = "moved_late"
        elif verdict == "early":
            slot.outcome, slot.rule = "changed_early", ""
        else:
            slot.outcome = "unknown"

    def _moved_by_us(self, verdict: str, event: Event) -> None:
        slot = self.slot
        if verdict == "early":
            slot.outcome, slot.origin = "changed_early", "us"
        elif self._others_act(event):
            slot.why = "ended-by-other"
        elif verdict in ("late", "straddles"):
            self._ask("M6", "moved", event)
        elif verdict == "start":
            self._ask("M8", "moved", event)
        else:
            slot.outcome = "unknown"

    def _others_act(self, event: Event) -> bool:
        """Did another guest's act lead to our change (M5)? Then it is no question for the rest."""
        return any(
            one.hi <= event.hi and (one.kind == "response" or self._consequence(one, event))
            for one in self.others.values()
        )

    # -- consequences -------------------------------------------------------------------------

    def _consequence(self, counter: Event, event: Event) -> bool:
        """Is our change what their counter-proposal led to (M4, M5)?"""
        if counter.hi > event.hi:
            return False
        if event.kind == "move" and counter.start is not None and counter.start == event.start:
            return True
        return counter.lo is not None and event.hi - counter.lo <= self.limits.consequence

    def _by_act(self, event: Event, mover: str) -> bool:
        """Judge our change by the contact's own act before it, where there is one (M5)."""
        slot = self.slot
        if mover != US or self._unfit():
            return False
        if slot.declined is not None:
            self._judge_decline(slot.declined, consequence=event)
            return True
        for counter in slot.counters:
            if self._consequence(counter, event):
                self._judge_act(counter, "M4", "moved_late", consequence=event)
                return True
        if slot.counters:
            slot.note = f"proposed={slot.counters[-1].hi}"
        return False

    # -- the end of a slot --------------------------------------------------------------------

    def _unfit(self) -> bool:
        """They, or we, never agreed to this slot: nothing that happens to it counts."""
        slot = self.slot
        if slot.we_declined is None and self._without_us():
            slot.why = "we-declined"
            return True
        if slot.accepted:
            return False
        if slot.response == "unknown":
            slot.outcome = "unknown"
            slot.note = slot.note or "response=unrecorded"
        elif slot.response == "declined" and self._backfilled():
            slot.outcome = "unknown"
            slot.note = slot.note or "declined=undated"
        else:
            slot.why = "not-accepted"
        return True

    def _backfilled(self) -> bool:
        """First seen when it was over: what was said before is not known."""
        return self.story.first_seen >= self.slot.start

    def _finish(self, slot: Slot) -> None:
        """Judge a slot that no move has ended."""
        end = self._ending(slot)
        if self._unfit():
            if end is not None or slot.response == "declined":
                slot.note = slot.note or "given-up=1"
            return
        if slot.declined is not None and (end is None or slot.declined.hi <= end.hi or end.first):
            if not self._pending(slot):
                consequence = end if end is not None and self._is_ours(slot, end) else None
                self._judge_decline(slot.declined, consequence=consequence)
            return
        if end is not None and not end.after(slot.start):
            if not self._pending(slot):
                self._judge_end(slot, end)
            return
        self._undisturbed(slot, end)

    def _ending(self, slot: Slot) -> Event | None:
        ends = [one for one in (slot.ended, slot.left, slot.we_declined) if one is not None]
        return min(ends, key=lambda one: one.hi) if ends else None

    def _pending(self, slot: Slot) -> bool:
        """M1 and M2 are final when the start that they concerned has passed."""
        if slot.start <= self.limits.as_of:
            return False
        slot.outcome, slot.note = "coming", "given-up=1"
        return True

    def _undisturbed(self, slot: Slot, end: Event | None) -> None:
        limits = self.limits
        if limits.as_of < slot.start + limits.kept_after:
            slot.outcome = "coming"
            return
        if slot.response == "tentative":
            slot.outcome, slot.note = "unknown", "tentative=1"
            return
        if slot.response == "declined" and not slot.late_declined:
            slot.outcome, slot.note = "unknown", "machine=1"
            return
        slot.outcome, slot.act_name = "kept", "kept"
        theirs = end is not None and end.proof and end.who == self.contact
        soon = end is not None and end.hi <= slot.start + limits.after
        if slot.late_declined and slot.act is not None:
            self._ask("M8", "changed_after", slot.act)
        elif theirs and soon and end is not None:
            self._ask("M8", "changed_after", end)

    def _is_ours(self, slot: Slot, end: Event) -> bool:
        if end is slot.we_declined:
            return True
        if end is slot.left:
            return self.story.organiser == US
        return end.who == US

    def _judge_end(self, slot: Slot, end: Event) -> None:
        if self._is_ours(slot, end):
            self._judge_ours(slot, end)
            return
        verdict = lateness(slot, end, self.story, self.limits)
        slot.act = end
        if end is slot.left:
            # the organiser outside took them off the list: nobody's act that we may judge
            slot.outcome, slot.why = (
                ("changed_early", "") if verdict == "early" else ("", "ended-by-other")
            )
        elif verdict == "start" and end.who == self.contact:
            self._ask("M8", "cancelled" if end.value == "cancelled" else "gone", end)
        elif not end.proof:
            slot.outcome = "unknown"
            if verdict in ("late", "straddles") and end.who == self.contact:
                self._ask("M1", "cancelled" if end.value == "cancelled" else "gone", end)
        elif end.who != self.contact:
            slot.outcome, slot.why = (
                ("changed_early", "") if verdict == "early" else ("", "ended-by-other")
            )
        else:
            self._outcome(verdict, "M1", "cancelled_late", "cancel")

    def _judge_ours(self, slot: Slot, end: Event) -> None:
        for counter in slot.counters:
            if self._consequence(counter, end):
                self._judge_act(counter, "M4", "moved_late", consequence=end)
                return
        if slot.counters:
            slot.note = f"proposed={slot.counters[-1].hi}"
        verdict = lateness(slot, end, self.story, self.limits)
        slot.act, slot.origin = end, ""
        was = "gone" if end.value in ("removed", "vanished") else "cancelled"
        if verdict == "early":
            slot.outcome, slot.origin = "changed_early", "us"
            if end.value == "vanished":
                slot.outcome, slot.origin = "unknown", ""
        elif self._others_act(end):
            slot.why = "ended-by-other"
        elif verdict in ("late", "straddles"):
            self._ask("M6", was, end)
        elif verdict == "start":
            self._ask("M8", was, end)
        else:
            slot.outcome = "unknown"

    def _judge_decline(self, decline: Event, consequence: Event | None) -> None:
        """M2, or M4 where a proposal of theirs came before the decline or with it."""
        slot = self.slot
        if decline.machine:
            slot.outcome, slot.act, slot.note = "excused", decline, "machine=1"
            lateness(slot, decline, self.story, self.limits)
            return
        proposal = next((one for one in slot.counters if one.hi <= decline.hi), None)
        if not slot.fresh and proposal is None:
            # they said yes to the start before our move, and no to this one: nobody's act
            slot.why = "not-accepted"
            return
        if proposal is not None:
            self._judge_act(proposal, "M4", "moved_late", consequence)
        else:
            self._judge_act(decline, "M2", "cancelled_late", consequence)

    def _judge_act(self, act: Event, rule: str, outcome: str, consequence: Event | None) -> None:
        slot = self.slot
        verdict = lateness(slot, act, self.story, self.limits)
        slot.act = act
        if consequence is not None and consequence.evidence:
            slot.note = ";".join(
                part for part in (slot.note, f"consequence={consequence.hi}") if part
            )
        if verdict == "start":
            self._ask("M8", "changed_after", act)
            return
        name = f"decline{slot.declines}" if rule == "M2" else "proposal"
        self._outcome(verdict, rule, outcome, name)
        if consequence is not None and slot.rule:
            slot.note = ";".join(part for part in (slot.note, "m5=1") if part)

    def _outcome(self, verdict: str, rule: str, outcome: str, name: str) -> None:
        slot = self.slot
        slot.act_name = name
        slot.origin = "them"
        if verdict == "late":
            slot.outcome, slot.rule = outcome, rule
        elif verdict == "early":
            slot.outcome = "changed_early"
        else:
            slot.outcome, slot.rule, slot.origin = "unknown", rule, ""

    def _ask(self, question: str, was: str, act: Event) -> None:
        slot = self.slot
        slot.outcome, slot.question, slot.rule, slot.was = "unknown", question, question, was
        slot.origin, slot.act = "unknown", act
        slot.act_name = question
