"""What happened to one meeting, and between which two moments?

The few meetings that changed are told as a list of events, in the order of time. A change between
two snapshots lies in (lo, hi]; it becomes exact where a message, an audit log or the guest's own answer
time says when it was. The provider's change time is only the later end (docs/decisions). `lo` is
None where no lower bound is known; a snapshot says itself after what it is (connectors.planning.meetings).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from reports.detect.meetings import event_dating
from reports.detect.meetings.events import GONE, HIDDEN, OWN, US, Act, Answer, Event, Snapshot

#: What surely moves the provider's last change. Whether an answer does is documented nowhere: one
#: given after the start must not be dated before it by an edit of that morning.
_MOVES_LAST_CHANGE: Final = ("move", "end", "back")

#: What somebody has answered; else nothing is known of it, or it is not told.
_SAID: Final = ("accepted", "declined", "tentative")

#: Of what one snapshot saw at once, what is told first: a moved meeting resets its answers.
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


def of(
    snapshots: Sequence[Snapshot],
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
    leading = [snapshot for snapshot in snapshots if snapshot.leads]
    events = _between(leading, organiser)
    others = [snapshot for snapshot in snapshots if not snapshot.leads]
    events += _ours_in_their_own_copies(leading, others)
    event_dating.sharpen(events, others)
    free = any(snapshot.guests_can_modify for snapshot in others)
    for event in events:
        if event.kind == "move" and (free or event.anyone):
            event_dating.by_anyone(event, organiser)
    acts = list(acts)
    remaining = acts
    for event in events:
        if event.kind == "end" and marks_itself and event.value == "cancelled":
            event.proof = organiser not in ("", US)
        fitting = event_dating.dated_by(event, remaining, organiser)
        if fitting:
            remaining = [act for act in remaining if act not in fitting]
            seen = event.lo
            event_dating.date(event, fitting)
            if not fitting[0].logged:
                event_dating.doubt(event, seen, acts, organiser)
    guests = {who for snapshot in snapshots for who in snapshot.people} | {organiser}
    events += _told_alone(remaining, leading, guests, organiser, free=free)
    events += event_dating.back_again(events, acts, leading, organiser)
    events = [*event_dating.moved_unseen(events, leading), *events]
    if elsewhere and organiser != US:
        events = [event for event in events if event.kind not in ("end", "back")]
    _moved_before_called_off(events)
    _ours_first(events)
    return _in_order(events)


def first_told(
    events: Sequence[Event], snapshots: Sequence[Snapshot], acts: Iterable[Act]
) -> Event | None:
    """The message, from before anybody looked, that tells where a meeting first stood; None where none is.

    What a first look shows is where it stands then. An invitation to another hour that came before moved
    nothing from there: it was there first. A log's entry tells of a change.
    """
    first = next((event for event in events if event.kind == "move"), None)
    looked = min((one.hi for one in snapshots if one.leads), default=None)
    if first is None or first.seen or not first.exact or looked is None or first.hi >= looked:
        return None
    logged = any(act.logged and act.evidence == first.evidence for act in acts)
    return None if logged else first


def _told_alone(
    acts: Iterable[Act],
    leading: Sequence[Snapshot],
    guests: set[str],
    organiser: str,
    *,
    free: bool,
) -> Iterator[Event]:
    """What acts say that date no event of the calendar. free: anybody may always have moved it."""
    detailed = [snapshot for snapshot in leading if not snapshot.stub]
    times = [snapshot.hi for snapshot in detailed]
    for act in acts:
        anyone = free or _free_at(act.at, detailed, times)
        alone = event_dating.alone(act, guests, organiser, anyone=anyone)
        if alone is None or event_dating.denied(alone, leading):
            continue
        if alone.kind == "end" and (act.stale or event_dating.alive_after(alone, leading)):
            # taken back, or never taken over by the calendar, or about another start: nobody knows
            alone.proof = False
        yield alone
        again = event_dating.taken_back(alone, leading)
        if again is not None:
            yield again


def _in_order(events: list[Event]) -> list[Event]:
    """The events as they are told: an answer that a snapshot shows beside a move answers the move.

    A dated answer within the interval of an undated move may have come before it or after it; what
    the snapshot shows is an answer to the start that it shows. Only who proposed that very start did
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
        ),
    )


def _ours_in_their_own_copies(
    leading: Sequence[Snapshot], others: Sequence[Snapshot]
) -> Iterator[Event]:
    """Answers of ours that nobody's copy shows but their own: not every system passes them on."""
    told = {who for one in leading for who, said in one.people.items() if said.response in _SAID}
    last: dict[str, str] = {}
    for snapshot in others:
        for who, answer in snapshot.people.items():
            if not who.startswith(OWN) or who in told:
                continue
            before = last.get(who)
            if answer.response in _SAID and answer.response != before:
                yield Event(
                    *_bounds(answer.at, snapshot.lo, snapshot.hi),
                    "response",
                    who,
                    answer.response,
                    proof=answer.at is not None,
                    first=before is None,
                    evidence=f"o{snapshot.observation_id}",
                )
            if answer.response in _SAID or before is None:
                last[who] = answer.response


def _moved_before_called_off(events: list[Event]) -> None:
    """One snapshot shows a meeting called off, and at another start: it was moved there before."""
    ends = {event.seen: event for event in events if event.kind == "end" and event.seen}
    for event in events:
        end = ends.get(event.seen) if event.kind == "move" else None
        if end is not None and end.hi < event.hi and (event.lo is None or event.lo < end.hi):
            event.hi = end.hi


def _ours_first(events: list[Event]) -> None:
    """An undated answer of ours that a snapshot shows beside another's change may have led to it."""
    changes = {event.seen: event for event in events if event.kind in ("move", "end")}
    for event in events:
        change = changes.get(event.seen) if event.seen and event.who.startswith(OWN) else None
        if change is None or event.exact or change.who == US:
            continue
        if event.lo is None or event.lo < change.hi:
            event.hi = min(event.hi, change.hi)


def still(snapshots: list[Snapshot], until: int) -> list[Snapshot]:
    """The snapshots, and that the calendar showed the same as the last of them until a later moment.

    A mail of something that the calendar never took over was taken back, or is somebody else's.
    """
    last = next(
        (snapshot for snapshot in reversed(snapshots) if snapshot.leads and not snapshot.exact),
        None,
    )
    if last is None or last.stub or last.status in GONE or until <= last.hi:
        return snapshots
    return [*snapshots, replace(last, lo=last.hi, hi=until)]


def _between(snapshots: Sequence[Snapshot], organiser: str) -> list[Event]:
    """The changes from each snapshot to the next."""
    events: list[Event] = []
    before: Snapshot | None = None
    people: dict[str, Answer] = {}
    for snapshot in snapshots:
        if before is None:
            people = dict(snapshot.people)
            if snapshot.status in GONE:
                # when it ended is unknown, but not after its last change
                hi = snapshot.hi if snapshot.updated is None else min(snapshot.hi, snapshot.updated)
                lo = hi if snapshot.exact else None
                seen = f"o{snapshot.observation_id}"
                events.append(
                    Event(lo, hi, "end", organiser, snapshot.status, first=True, evidence=seen)
                )
            events += [
                Event(
                    *_bounds(answer.at, None, snapshot.hi),
                    "response",
                    who,
                    answer.response,
                    machine=answer.machine,
                    proof=answer.at is not None,
                    first=True,
                    evidence=f"o{snapshot.observation_id}",
                )
                for who, answer in people.items()
            ]
            events += _proposals(snapshot, {}, people)
            before = snapshot
            continue
        found = _changes(before, snapshot, people, organiser)
        if len(found) == 1 and found[0].kind in _MOVES_LAST_CHANGE:
            _not_after_the_last_change(found[0], snapshot)
        for event in found:
            event.seen = snapshot.observation_id
            event.vouched = not snapshot.exact
        events += found
        if snapshot.people:
            people = (
                {**people, **snapshot.people} if not snapshot.complete else dict(snapshot.people)
            )
        before = _later(before, snapshot)
    return events


def _free_at(moment: int, snapshots: Sequence[Snapshot], times: Sequence[int]) -> bool:
    """Might any guest change the meeting at a moment, by the snapshot before it or the one after?"""
    place = bisect_right(times, moment)
    return any(snapshot.guests_can_modify for snapshot in snapshots[max(0, place - 1) : place + 1])


def _not_after_the_last_change(event: Event, snapshot: Snapshot) -> None:
    """The provider's last change is no proof of when *this* was changed: a later edit of what we
    do not see moves it. It only says that this was not later.
    """
    last = snapshot.updated
    if last is None or event.exact or last > event.hi:
        return
    if event.lo is None or event.lo < last:
        event.hi = last


def _bounds(at: int | None, lo: int | None, hi: int) -> tuple[int | None, int]:
    """The interval of an answer: exact where the provider dates it, and not after we saw it."""
    return (lo, hi) if at is None or at > hi else (at, at)


def _later(before: Snapshot, snapshot: Snapshot) -> Snapshot:
    """The state after a snapshot: what a stub does not tell stays as it was."""
    if snapshot.stub or snapshot.start is None:
        return replace(
            snapshot,
            start=before.start,
            end=before.end,
            guests_can_modify=before.guests_can_modify,
        )
    return snapshot


def _changes(
    before: Snapshot, snapshot: Snapshot, people: dict[str, Answer], organiser: str
) -> list[Event]:
    lo, hi, seen = snapshot.lo, snapshot.hi, f"o{snapshot.observation_id}"
    found: list[Event] = []
    if (before.status in GONE) != (snapshot.status in GONE):
        kind = "end" if snapshot.status in GONE else "back"
        found.append(Event(lo, hi, kind, organiser, snapshot.status, evidence=seen))
    if (before.status == HIDDEN) != (snapshot.status == HIDDEN):
        kind = "hidden" if snapshot.status == HIDDEN else "shown"
        found.append(Event(lo, hi, kind, evidence=seen))
    if snapshot.stub:
        return found
    if snapshot.start is not None and before.start is not None and snapshot.start != before.start:
        found.append(
            Event(
                lo,
                hi,
                "move",
                organiser,
                old=before.start,
                start=snapshot.start,
                end=snapshot.end,
                evidence=seen,
                anyone=before.guests_can_modify or snapshot.guests_can_modify,
            )
        )
    for who, now in snapshot.people.items():
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
                # An invitation that shows an answer says that it was given by then, not when.
                *_bounds(now.at, before.hi if snapshot.exact else lo, hi),
                "response",
                who,
                now.response,
                machine=now.machine,
                proof=dated,
                evidence=seen,
            )
        )
    found += _proposals(snapshot, people, snapshot.people, lo)
    if snapshot.complete and snapshot.start is not None and snapshot.status not in GONE:
        found += [
            Event(lo, hi, "left", who, evidence=seen)
            for who in people
            if who not in snapshot.people
        ]
    return found


def _proposals(
    snapshot: Snapshot, before: dict[str, Answer], now: dict[str, Answer], lo: int | None = None
) -> list[Event]:
    """Counter-proposals that a snapshot shows for the first time."""
    found = []
    for who, answer in now.items():
        was = before.get(who)
        if answer.proposed is None or (was is not None and was.proposed == answer.proposed):
            continue
        found.append(
            Event(
                *_bounds(answer.at, lo, snapshot.hi),
                "counter",
                who,
                start=answer.proposed,
                machine=answer.machine,
                evidence=f"o{snapshot.observation_id}",
            )
        )
    return found
