"""Who else in a meeting had agreed, and whose act led to whose?

Beside the contact whose slots are told there are other guests outside, whose act may have led to a
change of ours, and in a meeting that is not ours there are our own answers, which may have led to a
change of theirs (rules.md, M5 and its mirror).
"""

from __future__ import annotations

from collections.abc import Sequence

from reports.detect.meetings.events import Event
from reports.detect.slots.notice import Case, Slot


def perhaps_before(ours: Event, theirs: Event) -> bool:
    """May an undated change of ours have come before their act, which no earlier snapshot shows?"""
    if ours.exact or theirs.seen not in (0, ours.seen):
        return False
    return ours.lo is None or ours.lo < theirs.hi


def follows(event: Event, counter: Event, within: int) -> bool:
    """Is a change what a counter-proposal before it led to (M4, M5)? `within` [us] of it."""
    if counter.hi > event.hi:
        return False
    if event.kind == "move" and counter.start is not None and counter.start == event.start:
        return True
    if perhaps_before(event, counter):
        return False
    return counter.lo is not None and event.hi - counter.lo <= within


class Consent:
    """What the others, and ours, have said to the slot at hand."""

    def __init__(self, case: Case, others: Sequence[str]) -> None:
        self._case = case
        self._others = frozenset(others)
        self._accepted: set[str] = set()
        #: Declines and proposals of other guests on this slot, and what ours have answered.
        self._acts: dict[str, Event] = {}
        self._ours: dict[str, str] = {}
        #: Declines that stand and proposals of ours on this slot of somebody else's.
        self._asked: dict[str, Event] = {}
        #: What each of ours last said to this start, of somebody else's meeting.
        self._said: dict[str, Event] = {}

    def next_slot(self) -> None:
        """A new start: what was proposed or declined concerned the old one."""
        self._acts, self._asked = {}, {}
        # an answer that the new start has not put back holds for it, too
        still = self._ours.items()
        self._said = {who: one for who, one in self._said.items() if (who, one.value) in still}

    def answered(self, event: Event) -> bool:
        """Note the answer of another guest outside; False where it is none of theirs."""
        if event.who not in self._others:
            return False
        if event.value == "accepted":
            self._accepted.add(event.who)
            self._acts.pop(event.who, None)
        elif event.value == "declined" and event.who in self._accepted:
            self._acts.setdefault(event.who, event)
        return True

    def ours_answered(self, slot: Slot, event: Event) -> None:
        """Their meeting goes on without us only if none of ours comes."""
        reset = event.value == "none" and self._ours.get(event.who) == "declined"
        self._ours[event.who] = event.value
        if reset:
            return  # a new start puts all answers back: by that nobody of ours has agreed again
        anew = event.value == "declined" and not event.first
        if not self.without_us():
            slot.we_declined = None
        elif anew:
            slot.we_declined = slot.we_declined or event
        if event.value != "none":
            self._said[event.who] = event
        if anew:
            self._asked[event.who] = event
        elif event.value == "accepted":
            self._asked.pop(event.who, None)

    def others_proposed(self, event: Event) -> bool:
        """Note a proposal of another guest who had agreed; False where it is none of theirs."""
        if event.who not in self._accepted:
            return False
        self._acts[event.who] = event
        return True

    def ours_proposed(self, event: Event) -> None:
        self._asked[event.who] = event

    def without_us(self) -> bool:
        """Has everybody of ours whose answer is known declined?"""
        return bool(self._ours) and all(value == "declined" for value in self._ours.values())

    def others_act(self, event: Event) -> bool:
        """Did another guest's act lead to our change (M5)? Then it is no question for the rest."""
        within = self._case.limits.consequence
        return any(
            one.hi <= event.hi and (one.kind == "response" or follows(event, one, within))
            for one in self._acts.values()
        )

    def we_asked_for(self, slot: Slot, event: Event) -> bool:
        """Is their change what one of us asked for: the mirror of M5?

        A proposal of ours as one of theirs; a decline if it was not in good time itself.
        """
        return any(
            follows(event, one, self._case.limits.consequence)
            if one.kind == "counter"
            else self._case.measure(slot, one).verdict != "early"
            for one in self._asked.values()
        )

    def we_perhaps_asked_for(self, slot: Slot, event: Event) -> bool:
        """May their change be what one of us asked for: does a maybe of ours stand at it?

        A provider sets one where a guest proposes another time, and shows no more of that. It is
        no such thing where the proposal is known, or where it was said in good time and the
        meeting stood with another of us.
        """
        firm = any(one.value == "accepted" for one in self._said.values())
        proposed = {who for who, one in self._asked.items() if one.kind == "counter"}
        return any(
            one.value == "tentative"
            and one.hi <= event.hi
            and who not in proposed
            and not (firm and self._case.measure(slot, one).verdict == "early")
            for who, one in self._said.items()
        )
