"""What became of one agreed start, for one contact, when it was over or given up?

rules.md section 3: their own act decides before ours, ours is a question, and what nobody can date is
unknown. What happened up to then is told by reports.detect.meetings.changed.
"""

from __future__ import annotations

from typing import Final

from reports.detect.meetings.events import US, Event
from reports.detect.meetings.notice import Limits, Slot, Story, lateness
from reports.detect.meetings.slot_schema import Because

#: How the question M6 calls a move that any guest of our meeting may have made.
MOVED_BY_ANYONE: Final = "moved_by_anyone"
#: What `was` says where a start was moved, and the date kept.
MOVES: Final = ("moved", MOVED_BY_ANYONE)
#: What an act of theirs makes of a slot.
_LATE: Final = ("cancelled_late", "moved_late")


def _perhaps_before(ours: Event, theirs: Event) -> bool:
    """May an undated change of ours have come before their act, which no earlier look shows?"""
    if ours.exact or theirs.seen not in (0, ours.seen):
        return False
    return ours.lo is None or ours.lo < theirs.hi


class Judge:
    """The verdicts on the slot at hand; the events of its meeting have been told so far."""

    def __init__(self, story: Story, contact: str, limits: Limits) -> None:
        self.story, self.contact, self.limits = story, contact, limits
        self.slot = Slot(0, story.start, story.end, story.set_lo, story.set_hi)
        #: Declines and proposals of other guests on this slot, and what ours have answered.
        self.others: dict[str, Event] = {}
        self.ours: dict[str, str] = {}
        #: Declines that stand and proposals of ours on this slot of somebody else's.
        self.we_asked: dict[str, Event] = {}
        #: From before this slot's start on the calendar does not show what became of it.
        self.hidden = False

    def _without_us(self) -> bool:
        return bool(self.ours) and all(value == "declined" for value in self.ours.values())

    def _others_act(self, event: Event) -> bool:
        """Did another guest's act lead to our change (M5)? Then it is no question for the rest."""
        return any(
            one.hi <= event.hi and (one.kind == "response" or self._consequence(one, event))
            for one in self.others.values()
        )

    def _we_asked_for(self, event: Event) -> bool:
        """Is their change what one of us asked for: the mirror of M5?

        A proposal of ours as one of theirs; a decline if it was not in good time itself.
        """
        return any(
            self._consequence(one, event)
            if one.kind == "counter"
            else lateness(self.slot, one, self.story, self.limits).verdict != "early"
            for one in self.we_asked.values()
        )

    def _measured(self, event: Event, new_start: int | None = None) -> str:
        """How late a change of the slot came; the slot keeps what its notice was measured by."""
        self.slot.measured = lateness(self.slot, event, self.story, self.limits, new_start)
        return self.slot.measured.verdict

    # -- consequences -------------------------------------------------------------------------

    def _consequence(self, counter: Event, event: Event) -> bool:
        """Is our change what their counter-proposal led to (M4, M5)?"""
        if counter.hi > event.hi:
            return False
        if event.kind == "move" and counter.start is not None and counter.start == event.start:
            return True
        if _perhaps_before(event, counter):
            return False
        return counter.lo is not None and event.hi - counter.lo <= self.limits.consequence

    def _followed(self, event: Event) -> Event | None:
        """The proposal of theirs that our change follows: of a start that they had promised (M4)."""
        if not self.slot.fresh:
            return None
        return next((one for one in self.slot.counters if self._consequence(one, event)), None)

    def _by_act(self, event: Event, mover: str) -> bool:
        """Judge our change by the contact's own act before it, where there is one (M5)."""
        slot = self.slot
        if mover != US or self._unfit():
            return False
        if slot.declined is not None:
            self._judge_decline(slot.declined, consequence=event)
            return True
        counter = self._followed(event)
        if counter is not None:
            self._judge_act(counter, "M4", "moved_late", consequence=event)
            return True
        if slot.counters:
            slot.proposed_at = slot.counters[-1].hi
        return False

    def _unless_by_anyone(self, event: Event) -> None:
        """A move that any guest may have made is no consequence that we drew: ask, accuse nobody."""
        slot = self.slot
        if event.anyone and slot.outcome in _LATE:
            self._measured(event, event.start)
            self._ask("M6", MOVED_BY_ANYONE, event)

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
            slot.because = Because.NOT_RECORDED
        elif slot.response == "declined" and self._backfilled():
            slot.outcome = "unknown"
            slot.because = Because.UNDATED
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
                slot.given_up = not slot.because
            return
        if self.hidden:
            over = self.limits.as_of >= slot.start + self.limits.kept_after
            slot.outcome, slot.because = ("unknown", Because.HIDDEN) if over else ("coming", "")
            return
        if slot.declined is not None and self._gave_up_first(slot, slot.declined, end):
            if not self._pending(slot):
                consequence = end if end is not None and self._is_ours(slot, end) else None
                self._judge_decline(slot.declined, consequence=consequence)
            return
        if end is not None and not end.after(slot.start):
            if not self._pending(slot):
                self._judge_end(slot, end)
            return
        self._undisturbed(slot, end)

    def _gave_up_first(self, slot: Slot, decline: Event, end: Event | None) -> bool:
        """Did they decline before it ended? Not where our own act may have come before theirs."""
        if end is None or end.first:
            return True
        if self._is_ours(slot, end) and _perhaps_before(end, decline):
            return False
        return decline.hi <= end.hi

    def _ending(self, slot: Slot) -> Event | None:
        ends = [one for one in (slot.ended, slot.left, slot.we_declined) if one is not None]
        return min(ends, key=lambda one: one.hi) if ends else None

    def _pending(self, slot: Slot) -> bool:
        """M1 and M2 are final when the start that they concerned has passed."""
        if slot.start <= self.limits.as_of:
            return False
        slot.outcome, slot.given_up = "coming", True
        return True

    def _undisturbed(self, slot: Slot, end: Event | None) -> None:
        limits = self.limits
        if limits.as_of < slot.start + limits.kept_after:
            slot.outcome = "coming"
            return
        if slot.response == "tentative":
            slot.outcome, slot.because = "unknown", Because.TENTATIVE
            return
        if slot.response == "declined" and not slot.late_declined:
            slot.outcome, slot.because = "unknown", Because.MACHINE
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
        verdict = self._measured(end)
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
        elif not slot.fresh:
            # somebody else may have moved it here: they call off what they never agreed to
            slot.outcome = "changed_early" if verdict == "early" else "unknown"
            slot.because = slot.because or Because.MOVER_UNKNOWN
        elif verdict == "late" and self._we_asked_for(end):
            slot.why = "we-asked"
        else:
            self._outcome(verdict, "M1", "cancelled_late", "cancel")

    def _judge_ours(self, slot: Slot, end: Event) -> None:
        counter = self._followed(end)
        if counter is not None:
            self._judge_act(counter, "M4", "moved_late", consequence=end)
            return
        if slot.counters:
            slot.proposed_at = slot.counters[-1].hi
        verdict = self._measured(end)
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
            slot.outcome, slot.act, slot.because = "excused", decline, Because.MACHINE
            self._measured(decline)
            return
        proposal = next((one for one in slot.counters if one.hi <= decline.hi), None)
        if not slot.fresh:
            # they said yes to the start before our move, and no to this one: nobody's act
            slot.why = "not-accepted"
            return
        if proposal is not None:
            self._judge_act(proposal, "M4", "moved_late", consequence)
        else:
            self._judge_act(decline, "M2", "cancelled_late", consequence)

    def _judge_act(self, act: Event, rule: str, outcome: str, consequence: Event | None) -> None:
        slot = self.slot
        verdict = self._measured(act)
        slot.act = act
        if consequence is not None and consequence.evidence:
            slot.consequence_at = consequence.hi
        if verdict == "start":
            self._ask("M8", "changed_after", act)
            return
        name = f"decline{slot.declines}" if rule == "M2" else "proposal"
        self._outcome(verdict, rule, outcome, name)
        if consequence is not None and slot.rule:
            slot.we_followed = True

    def _outcome(self, verdict: str, rule: str, outcome: str, name: str) -> None:
        slot = self.slot
        slot.act_name = name
        slot.origin = "them"
        if verdict == "late":
            slot.outcome, slot.rule = outcome, rule
            if slot.act is not None:
                slot.merged = f"move {self.contact} {self.limits.day(slot.act.hi)}"
        elif verdict == "early":
            slot.outcome = "changed_early"
        else:
            slot.outcome, slot.rule, slot.origin = "unknown", rule, ""

    def _ask(self, question: str, was: str, act: Event) -> None:
        slot = self.slot
        slot.outcome, slot.question, slot.rule, slot.was = "unknown", question, question, was
        slot.origin, slot.act = "unknown", act
        slot.act_name = question
