"""How did each agreed start of one changed meeting end, for each outside person in it?

Most meetings are never touched and are judged by columns (reports.detect.slots.slots). The few that
changed are told here event by event, in plain Python: what an act means depends on all that came
before it (who had accepted which start, what was answered to what), and that is a story, not a
column. docs/decisions/0005-fold-changed-meetings.md gives the price.

Everything is integers: microseconds UTC, None where unknown. Rules: rules.md section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from reports.detect.meetings.events import OWN, US, Event
from reports.detect.slots.consent import Consent
from reports.detect.slots.move_rules import MoveRules
from reports.detect.slots.notice import Case, Limits, Slot, Story
from reports.detect.slots.verdict_rules import Verdicts


def fold(story: Story, contacts: Sequence[str], limits: Limits) -> dict[str, list[Slot]]:
    """The slots of each contact, in order."""
    return {
        contact: _Telling(
            Case(story, contact, limits), [other for other in contacts if other != contact]
        ).run()
        for contact in contacts
    }


class _Telling:
    """One contact's way through the events of one meeting: the slot at hand and what they say to it.

    What the others say is kept by Consent; what becomes of a slot decide Verdicts and MoveRules.
    """

    def __init__(self, case: Case, others: Sequence[str]) -> None:
        self.case, self.story, self.limits = case, case.story, case.limits
        self.contact, self.organises = case.contact, case.organises
        self.consent = Consent(case, others)
        self.verdicts = Verdicts(case, self.consent)
        self.move_rules = MoveRules(case, self.consent, self.verdicts)
        story = case.story
        self.slot = Slot(0, story.start, story.end, story.set_lo, story.set_hi)
        self.slot.accepted = self.slot.fresh = self.organises
        self.slots: list[Slot] = []
        #: A move since their last yes: that a snapshot shows no answer any more is nobody's act.
        self.reset = False
        #: From before this slot's start on the calendar does not show what became of it.
        self.hidden = False

    def run(self) -> list[Slot]:
        tell: dict[str, Callable[[Event], None]] = {
            "move": self._move,
            "response": self._response,
            "counter": self._counter,
            "end": self._end_seen,
            "back": self._back,
            "hidden": self._covered,
            "shown": self._covered,
            "left": self._left,
        }
        for event in self.story.events:
            tell[event.kind](event)
        self.verdicts.finish(self.slot, hidden=self.hidden)
        return [*self.slots, self.slot]

    def _counter(self, event: Event) -> None:
        if event.who == self.contact and self.slot.accepted and not event.machine:
            self.slot.counters.append(replace(event, old=self.slot.start))
        elif not self.consent.others_proposed(event) and event.who.startswith(OWN):
            self.consent.ours_proposed(event)

    def _end_seen(self, event: Event) -> None:
        self.slot.ended = self.slot.ended or event

    def _back(self, event: Event) -> None:
        if not self._over(event):
            self.slot.ended = None

    def _covered(self, event: Event) -> None:
        self.hidden = event.kind == "hidden" and not self._over(event)

    def _left(self, event: Event) -> None:
        if event.who == self.contact and not self.organises:
            self.slot.left = self.slot.left or event

    # -- answers ------------------------------------------------------------------------------

    def _over(self, event: Event) -> bool:
        return event.after(self.slot.start)

    def _response(self, event: Event) -> None:
        if event.who == self.contact:
            self._theirs(event)
        elif not self.consent.answered(event):
            if self.story.organiser != US and event.value not in ("", "unknown"):
                self.consent.ours_answered(self.slot, event)

    def _theirs(self, event: Event) -> None:
        slot = self.slot
        if event.value in ("", "unknown"):
            slot.response = slot.response or "unknown"
            return
        slot.left = None if not self._over(event) else slot.left
        if event.value == "none":
            # after a move answers are reset: nobody's act
            if not self.reset and not self._over(event) and not event.first:
                self._withdrawn()
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

    def _withdrawn(self) -> None:
        """They took their yes back: it no longer stands, though a dated one was given before."""
        slot = self.slot
        slot.withdrawn = not self.organises
        if not slot.dated_yes:
            slot.accepted = slot.fresh = self.organises

    def _yes(self, event: Event) -> None:
        slot = self.slot
        slot.response = "accepted"
        slot.declined = None
        # saying yes to the old hour takes back what was proposed in its place
        slot.counters = [one for one in slot.counters if one.hi > event.hi]
        if event.machine:
            return
        slot.accepted = slot.fresh = True
        slot.withdrawn = self.reset = False
        slot.promised = slot.start
        slot.dated_yes = slot.dated_yes or event.proof
        if slot.yes_hi is None and not self.organises:
            slot.yes_hi = event.hi
        slot.said = event.hi

    def _since_yes(self, event: Event) -> Event:
        """A decline first seen without a lower bound came after the acceptance that we know."""
        slot = self.slot
        known = slot.dated_yes and slot.said is not None and slot.said < event.hi
        lo = slot.said if event.lo is None and known and event.hi < slot.start else event.lo
        return replace(event, lo=lo, old=slot.start)

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
        self.reset = True  # a mere shift resets the answers, too
        near = abs(event.start - slot.start) <= limits.shift
        if near and limits.day(event.start) == limits.day(slot.start):
            if not self._over(event):
                self._shift(event)
            return
        self.move_rules.judge(slot, event, hidden=self.hidden)
        self.slots.append(slot)
        self._next(event)

    def _shift(self, event: Event) -> None:
        """Half an hour is nothing, but who said yes to ten need not know of half past eleven, nor of
        what somebody else changed just before the start.
        """
        slot = self.slot
        assert event.start is not None  # noqa: S101  (callers have looked)
        if slot.declined is not None:
            pass  # what they had said no to stays what it was (M5)
        elif event.who != self.contact:
            if self.case.measure(slot, event, event.start).verdict != "early" or (
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

    def _next(self, event: Event) -> None:
        """The slot that a move opens: agreed at the moment of the move."""
        old = self.slot
        assert event.start is not None  # noqa: S101  (callers have looked)
        theirs = event.who == self.contact
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
        self.consent.next_slot()
        # where a guest may have moved it, an organiser still means to come, and did not set this
        self.slot.accepted = self.slot.accepted or self.organises
