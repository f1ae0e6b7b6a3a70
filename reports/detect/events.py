"""What happened to one meeting, and between which two moments?

The few meetings that changed are told as a list of events, in the order of time. A change between
two looks lies in (lo, hi]; it becomes exact where a message, an audit log or the guest's own answer
time says when it was. The provider's change time is only the later end (docs/decisions). `lo` is
None where no lower bound is known; a look says itself after what it is (connectors.planning).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from reports.detect.meetings import GONE, HIDDEN
from reports.detect.moments import MINUTE

#: Whoever of us it was; no address looks like this. "" is somebody unknown.
US: Final = "us"

#: Set before the address of one of ours who is a guest, so that nobody takes it for a contact's.
OWN: Final = "us:"

#: A notification may arrive, and a message be dated, a little beside the look that saw the change.
SLACK: Final = 10 * MINUTE

#: What surely moves the provider's last change. Whether an answer does is documented nowhere: one
#: given after the start must not be dated before it by an edit of that morning.
_MOVES_LAST_CHANGE: Final = ("move", "end", "back")

#: Of what one look saw at once, what is told first: a moved meeting resets its answers.
_ORDER: Final = {
    "shown": 0,
    "back": 0,
    "move": 1,
    "counter": 2,
    "response": 3,
    "left": 4,
    "end": 5,
    "hidden": 6,
}
_SAYS: Final = {"accept": "accepted", "decline": "declined", "tentative": "tentative"}


class Answer(NamedTuple):
    """One person in one look; `at` where the provider dates the answer [us], else None."""

    response: str
    at: int | None
    machine: bool
    proposed: int | None


@dataclass(slots=True)
class Look:
    """One copy's state as seen; `exact` where it came in a dated message."""

    observation_id: int
    lo: int | None
    hi: int
    leads: bool
    exact: bool
    status: str
    stub: bool
    start: int | None
    end: int | None
    updated: int | None
    complete: bool
    people: dict[str, Answer] = field(default_factory=dict)
    guests_can_modify: bool = False


class Act(NamedTuple):
    """A dated act of somebody, from a message or an audit log. `logged`: the log names who did it."""

    at: int
    kind: str
    who: str
    own: bool
    via: str
    start: int | None
    machine: bool
    evidence: str
    logged: bool = False


@dataclass(slots=True)
class Event:
    """One change. `proof`: somebody's own word (or the provider's) says that it was theirs.

    `anyone`: a move that every guest may have made. In a meeting of ours `who` is US all the same,
    since it is ours to ask about; in another's it is nobody. `seen`: the look that showed it first;
    0 where only a message tells of it.
    """

    lo: int | None
    hi: int
    kind: str
    who: str = ""
    value: str = ""
    old: int | None = None
    start: int | None = None
    end: int | None = None
    via: str = ""
    machine: bool = False
    proof: bool = False
    first: bool = False
    evidence: str = ""
    anyone: bool = False
    seen: int = 0

    @property
    def exact(self) -> bool:
        return self.lo == self.hi

    def after(self, moment: int) -> bool:
        """Did it certainly happen at the moment or later?"""
        return self.lo is not None and (
            self.lo >= moment if self.lo < self.hi else self.hi >= moment
        )

    def before(self, moment: int) -> bool:
        """Did it certainly happen before the moment?"""
        return self.hi < moment


def of(
    looks: Sequence[Look],
    acts: Iterable[Act],
    *,
    organiser: str,
    marks_itself: bool = False,
    elsewhere: bool = False,
) -> list[Event]:
    """The events of one meeting, in order.

    `organiser` is an address, US or "". `marks_itself`: a cancelled status is the organiser's own
    word (Outlook), and not merely what our calendar shows. `elsewhere`: another of our mailboxes
    still holds it, so that an end by others only says that one of us was taken off the list.
    """
    leading = [look for look in looks if look.leads]
    events = _between(leading, organiser)
    others = [look for look in looks if not look.leads]
    _sharpen(events, others)
    free = any(look.guests_can_modify for look in others)
    for event in events:
        if event.kind == "move" and (free or event.anyone):
            _by_anyone(event, organiser)
    remaining = list(acts)
    for event in events:
        if event.kind == "end" and marks_itself and event.value == "cancelled":
            event.proof = organiser not in ("", US)
        fitting = _dated_by(event, remaining, organiser)
        if fitting:
            remaining = [act for act in remaining if act not in fitting]
            _date(event, fitting)
    detailed = [look for look in leading if not look.stub]
    times = [look.hi for look in detailed]
    guests = {who for look in looks for who in look.people} | {organiser}
    for act in remaining:
        anyone = free or _free_at(act.at, detailed, times)
        alone = _alone(act, guests, organiser, anyone=anyone)
        if alone is not None:
            if alone.kind == "end" and _alive_after(alone, leading):
                # taken back, or never taken over by the calendar: nobody knows
                alone.proof = False
            events.append(alone)
            again = _contradicted(alone, leading)
            if again is not None:
                events.append(again)
    if elsewhere and organiser != US:
        events = [event for event in events if event.kind not in ("end", "back")]
    return _in_order(events)


def _in_order(events: list[Event]) -> list[Event]:
    """The events as they are told: an answer that a look shows beside a move answers the move.

    A dated answer within the interval of an undated move may have come before it or after it; what
    the look shows is an answer to the start that it shows. Only who proposed that very start did
    so before.
    """
    moves = {event.seen: event for event in events if event.kind == "move" and event.seen}
    asked_for = {
        (event.seen, event.who, event.hi)
        for event in events
        if event.kind == "counter"
        and event.seen in moves
        and event.start == moves[event.seen].start
    }

    _ours_first(events)

    def told_at(event: Event) -> int:
        move = moves.get(event.seen)
        if move is None or event.kind not in ("response", "counter") or event.who.startswith(OWN):
            return event.hi
        if event.before(move.lo or 0) or (event.seen, event.who, event.hi) in asked_for:
            return event.hi
        return event.hi if move.exact else max(event.hi, move.hi)

    return sorted(
        events,
        key=lambda event: (
            told_at(event),
            -1 if event.who.startswith(OWN) else _ORDER[event.kind],
            event.who,
            event.value,
        ),
    )


def _ours_first(events: list[Event]) -> None:
    """An undated answer of ours that a look shows beside another's change may have led to it."""
    changes = {event.seen: event for event in events if event.kind in ("move", "end")}
    for event in events:
        change = changes.get(event.seen) if event.seen and event.who.startswith(OWN) else None
        if change is None or event.exact or change.who == US:
            continue
        if event.lo is None or event.lo < change.hi:
            event.hi = min(event.hi, change.hi)


def still(looks: list[Look], until: int) -> list[Look]:
    """The looks, and that the calendar showed the same as the last of them until a later moment.

    A mail of something that the calendar never took over was taken back, or is somebody else's.
    """
    last = next((look for look in reversed(looks) if look.leads and not look.exact), None)
    if last is None or last.stub or last.status in GONE or until <= last.hi:
        return looks
    return [*looks, replace(last, lo=last.hi, hi=until)]


def _between(looks: Sequence[Look], organiser: str) -> list[Event]:
    """The changes from each look to the next."""
    events: list[Event] = []
    before: Look | None = None
    people: dict[str, Answer] = {}
    for look in looks:
        if before is None:
            people = dict(look.people)
            if look.status in GONE:
                # when it ended is unknown, but not after its last change
                hi = look.hi if look.updated is None else min(look.hi, look.updated)
                lo = hi if look.exact else None
                seen = f"o{look.observation_id}"
                events.append(
                    Event(lo, hi, "end", organiser, look.status, first=True, evidence=seen)
                )
            events += [
                Event(
                    *_bounds(answer.at, look.hi if look.exact else None, look.hi),
                    "response",
                    who,
                    answer.response,
                    machine=answer.machine,
                    proof=answer.at is not None,
                    first=True,
                    evidence=f"o{look.observation_id}",
                )
                for who, answer in people.items()
            ]
            events += _proposals(look, {}, people)
            before = look
            continue
        found = _changes(before, look, people, organiser)
        if len(found) == 1 and found[0].kind in _MOVES_LAST_CHANGE:
            _not_after_the_last_change(found[0], look)
        for event in found:
            event.seen = look.observation_id
        events += found
        if look.people:
            people = {**people, **look.people} if not look.complete else dict(look.people)
        before = _later(before, look)
    return events


def _by_anyone(event: Event, organiser: str) -> None:
    """Every guest may have made this move: Google tells of it in the organiser's name, whoever did."""
    event.anyone = True
    event.who = US if organiser == US else ""


def _free_at(moment: int, looks: Sequence[Look], times: Sequence[int]) -> bool:
    """Might any guest change the meeting at a moment, by the look before it or the one after?"""
    place = bisect_right(times, moment)
    return any(look.guests_can_modify for look in looks[max(0, place - 1) : place + 1])


def _not_after_the_last_change(event: Event, look: Look) -> None:
    """The provider's last change is no proof of when *this* was changed: a later edit of what we
    do not see moves it. It only says that this was not later.
    """
    last = look.updated
    if last is None or event.exact or last > event.hi:
        return
    if event.lo is None or event.lo < last:
        event.hi = last


def _bounds(at: int | None, lo: int | None, hi: int) -> tuple[int | None, int]:
    """The interval of an answer: exact where the provider dates it, and not after we saw it."""
    return (lo, hi) if at is None or at > hi else (at, at)


def _later(before: Look, look: Look) -> Look:
    """The state after a look: what a stub does not tell stays as it was."""
    if look.stub or look.start is None:
        return replace(
            look,
            start=before.start,
            end=before.end,
            guests_can_modify=before.guests_can_modify,
        )
    return look


def _changes(before: Look, look: Look, people: dict[str, Answer], organiser: str) -> list[Event]:
    lo, hi, seen = look.lo, look.hi, f"o{look.observation_id}"
    found: list[Event] = []
    if (before.status in GONE) != (look.status in GONE):
        kind = "end" if look.status in GONE else "back"
        found.append(Event(lo, hi, kind, organiser, look.status, evidence=seen))
    if (before.status == HIDDEN) != (look.status == HIDDEN):
        kind = "hidden" if look.status == HIDDEN else "shown"
        found.append(Event(lo, hi, kind, evidence=seen))
    if look.stub:
        return found
    if look.start is not None and before.start is not None and look.start != before.start:
        found.append(
            Event(
                lo,
                hi,
                "move",
                organiser,
                old=before.start,
                start=look.start,
                end=look.end,
                evidence=seen,
                anyone=before.guests_can_modify or look.guests_can_modify,
            )
        )
    for who, now in look.people.items():
        was = people.get(who)
        if (
            was is not None
            and was.response == now.response
            and (was.at == now.at or now.at is None)
        ):
            continue
        if was is None and now.response == "none":
            continue
        dated = now.at is not None and now.at <= hi
        found.append(
            Event(
                *_bounds(now.at, lo, hi),
                "response",
                who,
                now.response,
                machine=now.machine,
                proof=dated,
                evidence=seen,
            )
        )
    found += _proposals(look, people, look.people, lo)
    if look.complete and look.start is not None and look.status not in GONE:
        found += [
            Event(lo, hi, "left", who, evidence=seen) for who in people if who not in look.people
        ]
    return found


def _proposals(
    look: Look, before: dict[str, Answer], now: dict[str, Answer], lo: int | None = None
) -> list[Event]:
    """Counter-proposals that a look shows for the first time."""
    found = []
    for who, answer in now.items():
        was = before.get(who)
        if answer.proposed is None or (was is not None and was.proposed == answer.proposed):
            continue
        found.append(
            Event(
                *_bounds(answer.at, lo, look.hi),
                "counter",
                who,
                start=answer.proposed,
                machine=answer.machine,
                evidence=f"o{look.observation_id}",
            )
        )
    return found


def _sharpen(events: list[Event], others: Sequence[Look]) -> None:
    """Another copy that showed the same change earlier was seen after the change, too."""
    for event in events:
        if event.exact or event.first or not others:
            continue
        for look in others:
            if look.hi >= event.hi or (event.lo is not None and look.hi <= event.lo):
                continue
            same = (
                (event.kind == "move" and look.start == event.start)
                or (
                    event.kind == "response"
                    and event.who in look.people
                    and look.people[event.who].response == event.value
                )
                or (event.kind == "end" and event.who == US and look.status in GONE)
            )
            if same:
                event.hi = look.hi
                event.evidence += f" o{look.observation_id}"


def _dated_by(event: Event, acts: list[Act], organiser: str) -> list[Act]:
    """The dated acts that may be this very change, in the order of time.

    A log's entry is the change itself. Mails that tell of it may be some: one of them was the
    change, another an agenda that was sent the same day. The first that names the new start came
    no earlier than the move. The latest yes is what stood, and so is the latest proposal.
    """
    lo = event.hi if event.exact and event.proof else event.lo
    found = [
        act
        for act in acts
        if _same(event, act, organiser)
        and (lo is None or act.at >= lo - SLACK)
        and act.at <= event.hi + SLACK
    ]
    found.sort(key=lambda act: act.at)
    logged = [act for act in found if act.logged]
    if logged or event.kind == "counter" or event.value == "accepted":
        return (logged or found)[-1:]
    named = next((act.at for act in found if event.kind == "move" and act.start is not None), None)
    return [act for act in found if named is None or act.at <= named]


def _by(act: Act, organiser: str) -> bool:
    """May this act change the whole meeting: is it the organiser's, or one of ours for us?"""
    return act.own or (organiser not in ("", US) and act.who == organiser)


def _same(event: Event, act: Act, organiser: str) -> bool:
    if event.kind == "response":
        return act.who == event.who and _SAYS.get(act.kind) == event.value
    if event.kind == "counter":
        return act.kind == "counter" and act.who == event.who
    if event.kind == "move":
        mover = _by(act, organiser) or (event.anyone and act.logged)
        return act.kind == "move" and mover and act.start in (None, event.start)
    if event.kind == "end":
        return act.kind == "cancel" and _by(act, organiser)
    return False


def _date(event: Event, acts: Sequence[Act]) -> None:
    """Put the change between the first and the last of the acts of which one was it."""
    first, last = (min(act.at, event.hi) for act in (acts[0], acts[-1]))
    if event.lo is not None:
        first, last = max(first, event.lo), max(last, event.lo)
    event.lo, event.hi = first, last
    event.proof = True
    event.via = acts[0].via
    event.machine = event.machine or any(act.machine for act in acts)
    event.evidence = " ".join([event.evidence, *(act.evidence for act in acts)])
    if event.kind == "move" and event.anyone and not acts[0].logged:
        return  # it says when, and only seems to say who
    if event.kind in ("move", "end"):
        ours = any(act.own for act in acts)
        event.who, event.anyone = US if ours else acts[0].who, False


def _alone(act: Act, guests: set[str], organiser: str, *, anyone: bool) -> Event | None:
    """A dated act that no look shows: an event of its own, if whoever acted was in the meeting.

    `anyone`: every guest could change the meeting then.
    """
    if act.kind in _SAYS or act.kind == "counter":
        if act.who not in guests:
            return None
        kind = "counter" if act.kind == "counter" else "response"
        value = _SAYS.get(act.kind, "")
    elif act.kind == "cancel" and _by(act, organiser):
        kind, value = "end", "cancelled"
    elif (
        act.kind == "move"
        and act.start is not None
        and (_by(act, organiser) or (anyone and act.logged))
    ):
        kind, value = "move", ""
    else:
        return None
    event = Event(
        act.at,
        act.at,
        kind,
        US if act.own and kind in ("end", "move") else act.who,
        value,
        start=act.start,
        via=act.via,
        machine=act.machine,
        proof=True,
        evidence=act.evidence,
    )
    if kind == "move" and anyone and not act.logged:
        _by_anyone(event, organiser)
    return event


def _alive_after(end: Event, looks: Sequence[Look]) -> bool:
    """Does a look at the calendar after a cancellation by mail still show the meeting?"""
    return any(
        look.hi > end.hi and not look.exact and not look.stub and look.status not in GONE
        for look in looks
    )


def _contradicted(alone: Event, looks: Sequence[Look]) -> Event | None:
    """They accept again, where a later look says so: a late mail must not undo what we saw."""
    if alone.kind != "response" or alone.value == "accepted":
        return None
    for look in looks:
        if look.hi <= alone.hi or alone.who not in look.people:
            continue
        if look.people[alone.who].response != "accepted":
            return None
        seen = f"o{look.observation_id}"
        return Event(alone.hi, look.hi, "response", alone.who, "accepted", evidence=seen)
    return None
