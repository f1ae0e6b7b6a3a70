"""What became of one agreed start, for one contact, when it was over or given up?

rules.md section 3: their own act decides before ours, ours is a question, and what nobody can date is
unknown. What happened up to then is told by reports.detect.slots.changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from reports.detect.meetings.events import US, Event
from reports.detect.slots.consent import Consent, follows, perhaps_before
from reports.detect.slots.notice import Case, Slot
from reports.detect.slots.slot_schema import Because
from reports.vocabulary import Origin, Outcome, Rule

#: How the question M6 calls a move that any guest of our meeting may have made.
MOVED_BY_ANYONE: Final = "moved_by_anyone"
#: What `was` says where a start was moved, and the date kept.
MOVES: Final = ("moved", MOVED_BY_ANYONE)
#: What an act of theirs makes of a slot, by the rule, where it came late.
_MAKES: Final[Mapping[str, Outcome]] = {
    Rule.M1: Outcome.CANCELLED_LATE,
    Rule.M2: Outcome.CANCELLED_LATE,
    Rule.M4: Outcome.MOVED_LATE,
}
_LATE: Final = frozenset(_MAKES.values())


def measured(case: Case, slot: Slot, event: Event, new_start: int | None = None) -> str:
    """How late a change of the slot came; the slot keeps what its notice was measured by."""
    slot.measured = case.measure(slot, event, new_start)
    return slot.measured.verdict


def ask(slot: Slot, question: str, was: str, act: Event) -> None:
    """Only the user can tell what became of the slot."""
    slot.outcome, slot.question, slot.rule, slot.was = Outcome.UNKNOWN, question, question, was
    slot.origin, slot.act = Origin.UNKNOWN, act
    slot.act_name = question


def _ending(slot: Slot) -> Event | None:
    """What ended the slot, where no move did."""
    ends = [one for one in (slot.ended, slot.left, slot.we_declined) if one is not None]
    return min(ends, key=lambda one: one.hi) if ends else None


class Verdicts:
    """The verdicts on slots of one contact; the events of their meeting have been told so far."""

    def __init__(self, case: Case, consent: Consent) -> None:
        self._case, self._consent = case, consent

    def _followed(self, slot: Slot, event: Event) -> Event | None:
        """The proposal of theirs that our change follows: of a start that they had promised (M4)."""
        if not slot.fresh:
            return None
        within = self._case.limits.consequence
        return next((one for one in slot.counters if follows(event, one, within)), None)

    def by_their_act(self, slot: Slot, event: Event) -> bool:
        """Judge our change by the contact's own act before it, where there is one (M5)."""
        if event.who != US or self.unfit(slot):
            return False
        if slot.declined is not None:
            self._judge_decline(slot, slot.declined, consequence=event)
        elif (counter := self._followed(slot, event)) is not None:
            self._judge_act(slot, counter, Rule.M4, consequence=event)
        else:
            if slot.counters:
                slot.proposed_at = slot.counters[-1].hi
            return False
        if event.anyone and slot.outcome in _LATE:
            # what any guest may have moved is no consequence that we drew: ask, accuse nobody
            measured(self._case, slot, event, event.start)
            ask(slot, Rule.M6, MOVED_BY_ANYONE, event)
        return True

    def unfit(self, slot: Slot) -> bool:
        """They, or we, never agreed to this slot: nothing that happens to it counts."""
        if slot.we_declined is None and self._consent.without_us():
            slot.why = "we-declined"
            return True
        if slot.accepted:
            return False
        if slot.response == "unknown" and self._case.story.organiser != US:
            # a third party's guest, whose answers their provider tells to nobody else
            slot.why = "answers-hidden"
        elif slot.response == "unknown":
            slot.outcome = Outcome.UNKNOWN
            slot.because = Because.NOT_RECORDED
        elif slot.response == "declined" and self._backfilled(slot):
            slot.outcome = Outcome.UNKNOWN
            slot.because = Because.UNDATED
        else:
            slot.why = "not-accepted"
        return True

    def _backfilled(self, slot: Slot) -> bool:
        """First seen when it was over: what was said before is not known."""
        return self._case.story.first_seen >= slot.start

    def finish(self, slot: Slot, *, hidden: bool) -> None:
        """Judge a slot that no move has ended. `hidden`: from before its start on the calendar does
        not show what became of it.
        """
        end = _ending(slot)
        over = self._case.limits.as_of >= slot.start + self._case.limits.kept_after
        if self.unfit(slot):
            if end is not None or slot.response == "declined":
                slot.given_up = not slot.because
            elif slot.because and not over:
                slot.outcome, slot.because = Outcome.COMING, ""
            return
        if hidden:
            slot.outcome, slot.because = (
                (Outcome.UNKNOWN, Because.HIDDEN) if over else (Outcome.COMING, "")
            )
            return
        if slot.declined is not None and self._gave_up_first(slot, slot.declined, end):
            if not self._pending(slot):
                consequence = end if end is not None and self._is_ours(slot, end) else None
                self._judge_decline(slot, slot.declined, consequence=consequence)
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
        if self._is_ours(slot, end) and perhaps_before(end, decline):
            return False
        return decline.hi <= end.hi

    def _pending(self, slot: Slot) -> bool:
        """M1 and M2 are final when the start that they concerned has passed."""
        if slot.start <= self._case.limits.as_of:
            return False
        slot.outcome, slot.given_up = Outcome.COMING, True
        return True

    def _undisturbed(self, slot: Slot, end: Event | None) -> None:
        limits = self._case.limits
        if limits.as_of < slot.start + limits.kept_after:
            slot.outcome = Outcome.COMING
            return
        if slot.response == "tentative":
            slot.outcome, slot.because = Outcome.UNKNOWN, Because.TENTATIVE
            return
        if slot.response == "declined" and not slot.late_declined:
            slot.outcome, slot.because = Outcome.UNKNOWN, Because.MACHINE
            return
        slot.outcome, slot.act_name = Outcome.KEPT, Outcome.KEPT
        if slot.number:
            # who moved it on this day, and is missed at the new hour, lost one meeting
            slot.merged = f"move {self._case.contact} {limits.day(slot.start)}"
        theirs = end is not None and end.proof and end.who == self._case.contact
        soon = end is not None and end.hi <= slot.start + limits.after
        if slot.late_declined and slot.act is not None:
            ask(slot, Rule.M8, "changed_after", slot.act)
        elif theirs and soon and end is not None:
            ask(slot, Rule.M8, "changed_after", end)

    def _is_ours(self, slot: Slot, end: Event) -> bool:
        if end is slot.we_declined:
            return True
        if end is slot.left:
            return self._case.story.organiser == US
        return end.who == US

    def _judge_end(self, slot: Slot, end: Event) -> None:
        if self._is_ours(slot, end):
            self._judge_ours(slot, end)
            return
        verdict = measured(self._case, slot, end)
        slot.act = end
        if end is slot.left:
            # the organiser outside took them off the list: nobody's act that we may judge
            slot.outcome, slot.why = (
                (Outcome.CHANGED_EARLY, "") if verdict == "early" else ("", "ended-by-other")
            )
        elif verdict == "start" and end.who == self._case.contact:
            ask(slot, Rule.M8, "cancelled" if end.value == "cancelled" else "gone", end)
        elif not end.proof:
            slot.outcome = Outcome.UNKNOWN
            if verdict in ("late", "straddles") and end.who == self._case.contact:
                ask(slot, Rule.M1, "cancelled" if end.value == "cancelled" else "gone", end)
        elif end.who != self._case.contact:
            slot.outcome, slot.why = (
                (Outcome.CHANGED_EARLY, "") if verdict == "early" else ("", "ended-by-other")
            )
        elif not slot.fresh:
            # somebody else may have moved it here: they call off what they never agreed to
            slot.outcome = Outcome.CHANGED_EARLY if verdict == "early" else Outcome.UNKNOWN
            slot.because = slot.because or Because.MOVER_UNKNOWN
        elif verdict == "late" and self._consent.we_asked_for(slot, end):
            slot.why = "we-asked"
        elif verdict == "late" and self._consent.we_perhaps_asked_for(slot, end):
            slot.outcome, slot.because = Outcome.UNKNOWN, Because.PERHAPS_WE_ASKED
        else:
            self._outcome(slot, verdict, Rule.M1, "cancel")

    def _judge_ours(self, slot: Slot, end: Event) -> None:
        counter = self._followed(slot, end)
        if counter is not None:
            self._judge_act(slot, counter, Rule.M4, consequence=end)
            return
        if slot.counters:
            slot.proposed_at = slot.counters[-1].hi
        verdict = measured(self._case, slot, end)
        slot.act, slot.origin = end, ""
        was = "gone" if end.value in ("removed", "vanished") else "cancelled"
        if verdict == "early":
            slot.outcome, slot.origin = Outcome.CHANGED_EARLY, Origin.US
            if end.value == "vanished":
                slot.outcome, slot.origin = Outcome.UNKNOWN, ""
        elif self._consent.others_act(end):
            slot.why = "ended-by-other"
        elif verdict in ("late", "straddles"):
            ask(slot, Rule.M6, was, end)
            slot.merged = f"move us {self._case.limits.day(end.hi)}"
        elif verdict == "start":
            ask(slot, Rule.M8, was, end)
        else:
            slot.outcome = Outcome.UNKNOWN

    def _judge_decline(self, slot: Slot, decline: Event, consequence: Event | None) -> None:
        """M2, or M4 where a proposal of theirs came before the decline or with it."""
        if decline.machine:
            slot.outcome, slot.act, slot.because = Outcome.EXCUSED, decline, Because.MACHINE
            measured(self._case, slot, decline)
            return
        proposal = next((one for one in slot.counters if one.hi <= decline.hi), None)
        if not slot.fresh:
            # they said yes to the start before our move, and no to this one: nobody's act
            slot.why = "not-accepted"
            return
        if proposal is not None:
            self._judge_act(slot, proposal, Rule.M4, consequence)
        else:
            self._judge_act(slot, decline, Rule.M2, consequence)

    def _judge_act(self, slot: Slot, act: Event, rule: str, consequence: Event | None) -> None:
        verdict = measured(self._case, slot, act)
        slot.act = act
        if consequence is not None and consequence.evidence:
            slot.consequence_at = consequence.hi
        if verdict == "start":
            ask(slot, Rule.M8, "changed_after", act)
            return
        name = f"decline{slot.declines}" if rule == Rule.M2 else "proposal"
        self._outcome(slot, verdict, rule, name)
        if consequence is not None and slot.rule:
            slot.we_followed = True

    def _outcome(self, slot: Slot, verdict: str, rule: str, name: str) -> None:
        slot.act_name = name
        slot.origin = Origin.THEM
        if verdict == "late":
            slot.outcome, slot.rule = _MAKES[rule], rule
            if slot.act is not None:
                slot.merged = f"move {self._case.contact} {self._case.limits.day(slot.act.hi)}"
        elif verdict == "early":
            slot.outcome = Outcome.CHANGED_EARLY
        else:
            slot.outcome, slot.rule, slot.origin = Outcome.UNKNOWN, rule, ""
