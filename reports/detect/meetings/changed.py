"""How did each agreed start of one changed meeting end, for each outside person in it?

Most meetings are never touched and are judged by columns (reports.detect.meetings.slots). The few that
changed are told here event by event, in plain Python: what an act means depends on all that came
before it (who had accepted which start, what was answered to what), and that is a story, not a
column. docs/decisions/0005-fold-changed-meetings.md gives the price.

Everything is integers: microseconds UTC, None where unknown. Rules: rules.md section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reports.detect.meetings.events import OWN, US, Event
from reports.detect.meetings.notice import Limits, Slot, Story
from reports.detect.meetings.slot_schema import Because
from reports.detect.meetings.verdict_rules import MOVED_BY_ANYONE, Judge


def fold(story: Story, contacts: Sequence[str], limits: Limits) -> dict[str, list[Slot]]:
    """The slots of each contact, in order."""
    return {
        contact: _Fold(story, contact, limits).run(
            [other for other in contacts if other != contact]
        )
        for contact in contacts
    }


class _Fold(Judge):
    """One contact's way through the events of one meeting."""

    def __init__(self, story: Story, contact: str, limits: Limits) -> None:
        super().__init__(story, contact, limits)
        self.organises = contact == story.organiser
        self.slots: list[Slot] = []
        self.moves: dict[tuple[str, int], tuple[str, str]] = {}
        self.others_accepted: set[str] = set()
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
                elif event.who.startswith(OWN):
                    self.we_asked[event.who] = event
            elif event.kind == "end":
                self.slot.ended = self.slot.ended or event
            elif event.kind == "back":
                if not self._over(event):
                    self.slot.ended = None
            elif event.kind in ("hidden", "shown"):
                self.hidden = event.kind == "hidden" and not self._over(event)
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

    def _one_of_ours(self, event: Event) -> None:
        """Their meeting goes on without us only if none of ours comes."""
        self.ours[event.who] = event.value
        if not self._without_us():
            self.slot.we_declined = None
        elif event.value == "declined" and not event.first:
            self.slot.we_declined = self.slot.we_declined or event
        if event.value == "declined" and not event.first:
            self.we_asked[event.who] = event
        elif event.value == "accepted":
            self.we_asked.pop(event.who, None)

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
        # saying yes to the old hour takes back what was proposed in its place
        slot.counters = [one for one in slot.counters if one.hi > event.hi]
        if event.machine:
            return
        slot.accepted = slot.fresh = True
        slot.promised = slot.start
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
                self._shift(event)
            return
        mover = event.who
        if self._over(event):
            self._moved_after(event, mover)
        elif self._by_act(event, mover):
            self._unless_by_anyone(event)
        else:
            self._moved_before(event, mover)
        self.slots.append(slot)
        self._next(event, mover)

    def _shift(self, event: Event) -> None:
        """Half an hour is nothing, but who said yes to ten need not know of half past eleven, nor of
        what somebody else changed just before the start.
        """
        slot = self.slot
        assert event.start is not None  # noqa: S101  (callers have looked)
        if event.who != self.contact:
            if self._measured(event, event.start) != "early" or (
                abs(event.start - slot.promised) > self.limits.shift
            ):
                slot.fresh = False
        else:
            slot.promised = event.start
        slot.start, slot.end = event.start, self._end(event)

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
        self.others, self.we_asked = {}, {}
        # where a guest may have moved it, an organiser still means to come, and did not set this
        self.slot.accepted = self.slot.accepted or self.organises

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
        verdict = self._measured(event, event.start)
        merged = f"{side} {self.limits.day(event.hi)}"
        earlier = self.moves.get((side, self.limits.day(event.hi)))
        if earlier is not None and verdict != "start":
            verdict = earlier[0]
        else:
            self.moves[(side, self.limits.day(event.hi))] = (verdict, merged)
        slot.act, slot.merged = event, f"move {merged}"
        if side == self.contact and not self.organises:
            # M3 is the organiser's: what a guest's move says of its guest is nowhere ruled
            slot.outcome = "changed_early" if verdict == "early" else "unknown"
        elif side == self.contact:
            self._moved_by_them(verdict, event)
        elif side == "us":
            self._moved_by_us(verdict, event)
        elif verdict == "early":
            slot.outcome = "changed_early"
        else:
            slot.why = "ended-by-other" if mover else ""
            slot.outcome = "" if mover else "unknown"
            slot.because = slot.because or ("" if mover else Because.MOVER_UNKNOWN)

    def _moved_by_them(self, verdict: str, event: Event) -> None:
        slot = self.slot
        slot.origin, slot.rule = "them", "M3"
        slot.act_name = f"move{slot.number}"
        if verdict == "start":
            self._ask("M8", "moved", event)
        elif verdict == "late" and self._we_asked_for(event):
            slot.origin, slot.rule, slot.why = "", "", "we-asked"
        elif verdict == "late":
            slot.outcome = "moved_late"
        elif verdict == "early":
            slot.outcome, slot.rule = "changed_early", ""
        else:
            slot.outcome = "unknown"

    def _moved_by_us(self, verdict: str, event: Event) -> None:
        slot = self.slot
        if verdict == "early":
            slot.outcome, slot.origin = "changed_early", "" if event.anyone else "us"
        elif self._others_act(event):
            slot.why = "ended-by-other"
        elif verdict in ("late", "straddles"):
            self._ask("M6", MOVED_BY_ANYONE if event.anyone else "moved", event)
        elif verdict == "start":
            self._ask("M8", "moved", event)
        else:
            slot.outcome = "unknown"
