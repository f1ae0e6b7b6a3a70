"""What does a move of the start make of the slot that it gives up?

rules.md section 3: M3 (the organiser outside moved it), M6 (we did: a question), M8 (it came after
the start), and all moves of one side on one local day are one, with the notice of the first.
"""

from __future__ import annotations

from reports.detect.meetings.events import US, Event
from reports.detect.slots.consent import Consent
from reports.detect.slots.notice import Case, Slot
from reports.detect.slots.slot_schema import Because
from reports.detect.slots.verdict_rules import MOVED_BY_ANYONE, Verdicts, ask, measured
from reports.vocabulary import Origin, Outcome, Rule


class MoveRules:
    """The verdicts on moves of one meeting; remembers the first of each side and day."""

    def __init__(self, case: Case, consent: Consent, verdicts: Verdicts) -> None:
        self._case, self._consent, self._verdicts = case, consent, verdicts
        self._first: dict[tuple[str, int], str] = {}

    def judge(self, slot: Slot, event: Event, *, hidden: bool) -> None:
        """Judge the slot that a move by more than a shift has ended."""
        if event.after(slot.start):
            self._after(slot, event, hidden=hidden)
        elif not self._verdicts.by_their_act(slot, event):
            self._before(slot, event)

    def _after(self, slot: Slot, event: Event, *, hidden: bool) -> None:
        """A move after the start: theirs soon after it is a question, all else is tidying up."""
        self._verdicts.finish(slot, hidden=hidden)
        soon = event.hi <= slot.start + self._case.limits.after
        if (
            event.who == self._case.contact
            and soon
            and slot.outcome in (Outcome.KEPT, Outcome.COMING)
        ):
            ask(slot, Rule.M8, "changed_after", event)

    def _before(self, slot: Slot, event: Event) -> None:
        if self._verdicts.unfit(slot):
            return
        if slot.we_declined is not None:
            slot.why = "we-declined"
            return
        mover, contact, limits = event.who, self._case.contact, self._case.limits
        side = mover if mover == contact else ("us" if mover == US else "other")
        day = limits.day(event.hi)
        verdict = measured(self._case, slot, event, event.start)
        first = self._first.get((side, day))
        if first is not None and verdict != "start":
            verdict = first
        else:
            self._first[(side, day)] = verdict
        slot.act, slot.merged = event, f"move {side} {day}"
        if side == contact and not self._case.organises:
            # M3 is the organiser's: what a guest's move says of its guest is nowhere ruled
            slot.outcome = Outcome.CHANGED_EARLY if verdict == "early" else Outcome.UNKNOWN
        elif side == contact:
            self._by_them(slot, verdict, event)
        elif side == "us":
            self._by_us(slot, verdict, event)
        elif verdict == "early":
            slot.outcome = Outcome.CHANGED_EARLY
        elif mover:
            slot.why, slot.outcome = "ended-by-other", ""
        else:
            slot.why, slot.outcome = "", Outcome.UNKNOWN
            slot.because = slot.because or Because.MOVER_UNKNOWN

    def _by_them(self, slot: Slot, verdict: str, event: Event) -> None:
        slot.origin, slot.rule = Origin.THEM, Rule.M3
        slot.act_name = f"move{slot.number}"
        if verdict == "start":
            ask(slot, Rule.M8, "moved", event)
        elif verdict == "late" and self._consent.we_asked_for(slot, event):
            slot.origin, slot.rule, slot.why = "", "", "we-asked"
        elif verdict == "late" and self._consent.we_perhaps_asked_for(slot, event):
            slot.outcome, slot.because = Outcome.UNKNOWN, Because.PERHAPS_WE_ASKED
            slot.origin, slot.rule = Origin.UNKNOWN, ""
        elif verdict == "late":
            slot.outcome = Outcome.MOVED_LATE
        elif verdict == "early":
            slot.outcome, slot.rule = Outcome.CHANGED_EARLY, ""
        else:
            slot.outcome = Outcome.UNKNOWN

    def _by_us(self, slot: Slot, verdict: str, event: Event) -> None:
        if verdict == "early":
            slot.outcome, slot.origin = Outcome.CHANGED_EARLY, "" if event.anyone else Origin.US
        elif self._consent.others_act(event):
            slot.why = "ended-by-other"
        elif verdict in ("late", "straddles"):
            ask(slot, Rule.M6, MOVED_BY_ANYONE if event.anyone else "moved", event)
        elif verdict == "start":
            ask(slot, Rule.M8, "moved", event)
        else:
            slot.outcome = Outcome.UNKNOWN
