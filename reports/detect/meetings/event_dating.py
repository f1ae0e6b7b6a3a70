"""Which messages and log entries date a change that snapshots show, and which are changes of their own?

A message may tell of a change long after it, and several may tell of one. What no snapshot shows
counts only where whoever acted was in the meeting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from reports.detect.meetings.events import AGAIN, GONE, SLACK, US, Act, Answer, Event, Snapshot

_SAYS: Final = {"accept": "accepted", "decline": "declined", "tentative": "tentative"}


def by_anyone(event: Event, organiser: str) -> None:
    """Every guest may have made this move: Google tells of it in the organiser's name, whoever did."""
    event.anyone = True
    event.who = US if organiser == US else ""


def sharpen(events: list[Event], others: Sequence[Snapshot]) -> None:
    """Another copy that showed the same change earlier was seen after the change, too."""
    for event in events:
        if event.exact or event.first or not others:
            continue
        for snapshot in others:
            if snapshot.hi >= event.hi or (event.lo is not None and snapshot.hi <= event.lo):
                continue
            same = (
                (event.kind == "move" and snapshot.start == event.start)
                or (
                    event.kind == "response"
                    and event.who in snapshot.people
                    and snapshot.people[event.who].response == event.value
                )
                or (event.kind == "end" and event.who == US and snapshot.status in GONE)
            )
            if same:
                event.hi = snapshot.hi
                event.evidence += f" o{snapshot.observation_id}"


def dated_by(event: Event, acts: list[Act], organiser: str) -> list[Act]:
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


def date(event: Event, acts: Sequence[Act]) -> None:
    """Put the change between the first and the last of the acts of which one was it."""
    first, last = (min(act.at, event.hi) for act in (acts[0], acts[-1]))
    if event.lo is not None:
        first, last = max(first, event.lo), max(last, event.lo)
    event.lo, event.hi = first, last
    event.proof = True
    event.was = next((act.was for act in acts if act.was is not None), None)
    event.vouched = event.vouched or any(act.vouched for act in acts)
    event.via = acts[0].via
    event.machine = event.machine or any(act.machine for act in acts)
    event.evidence = " ".join([event.evidence, *(act.evidence for act in acts)])
    if event.kind == "move" and event.anyone and not acts[0].logged:
        return  # it says when, and only seems to say who
    if event.kind in ("move", "end"):
        ours = any(act.own for act in acts)
        event.who, event.anyone = US if ours else acts[0].who, False


def doubt(event: Event, lo: int | None, acts: Sequence[Act], organiser: str) -> None:
    """The start that this change gave up may have been given up before, by what the organiser sent
    since the last look at it. lo: when that look was.
    """
    if lo is None or not event.exact or event.kind not in ("move", "end"):
        return
    sent = [
        act.at
        for act in acts
        if act.kind == AGAIN and _by(act, organiser) and lo + SLACK < act.at < event.hi - SLACK
    ]
    event.lo = min(sent, default=event.lo)


def moved_unseen(events: Sequence[Event], snapshots: Sequence[Snapshot]) -> list[Event]:
    """Moves that nothing shows: a message gives up a start at which the meeting was never seen, so it
    had been moved there at some time since the look before. snapshots: of the leading copy.
    """
    shown = {one.start for one in snapshots} | {one.start for one in events if one.kind == "move"}
    found = []
    for event in events:
        if event.was is None or event.was in shown or event.kind not in ("move", "end"):
            continue
        seen = [one.hi for one in snapshots if one.hi < event.hi]
        seen += [one.hi for one in events if one.kind == "move" and one.hi < event.hi]
        found.append(
            Event(
                max(seen, default=None),
                event.hi,
                "move",
                event.who,
                start=event.was,
                evidence=event.evidence,
                anyone=event.anyone,
            )
        )
    return found


def alone(act: Act, guests: set[str], organiser: str, *, anyone: bool) -> Event | None:
    """A dated act that no snapshot shows: an event of its own, if whoever acted was in the meeting.

    `anyone`: every guest could change the meeting then.
    """
    if act.kind in _SAYS or act.kind == "counter":
        if act.who not in guests or (act.stale and act.kind == "accept"):
            return None
        kind = "counter" if act.kind == "counter" else "response"
        # Whether who says no to the old hour comes at the new one, nobody knows.
        value = "tentative" if act.stale else _SAYS.get(act.kind, "")
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
        vouched=act.vouched,
        was=act.was if kind in ("end", "move") else None,
    )
    if kind == "move" and anyone and not act.logged:
        by_anyone(event, organiser)
    return event


def back_again(
    events: Sequence[Event], acts: Sequence[Act], snapshots: Sequence[Snapshot], organiser: str
) -> list[Event]:
    """Invitations to what had been called off before, where no later look still shows it gone."""
    ends = [event.hi for event in events if event.kind == "end"]
    if not ends:
        return []
    gone = [snapshot.hi for snapshot in snapshots if snapshot.status in GONE]
    return [
        Event(act.at, act.at, "back", act.who, proof=True, evidence=act.evidence)
        for act in acts
        if act.kind == "move"
        and _by(act, organiser)
        and act.at > min(ends)
        and not any(at > act.at + SLACK for at in gone)
    ]


def alive_after(end: Event, snapshots: Sequence[Snapshot]) -> bool:
    """Does a look at the calendar after a cancellation by mail still show the meeting?"""
    return any(
        snapshot.hi > end.hi
        and not snapshot.exact
        and not snapshot.stub
        and snapshot.status not in GONE
        for snapshot in snapshots
    )


def denied(alone: Event, snapshots: Sequence[Snapshot]) -> bool:
    """Does the calendar go on to show the opposite of what only a message says? Then it did not stand.

    The state of before the message is known to have gone on until the next snapshot that shows a change
    (`lo`), and in that snapshot where it is the same; a mail and a calendar lag a little behind each other.
    """
    before: Snapshot | None = None
    people: dict[str, Answer] = {}
    for snapshot in snapshots:
        if snapshot.exact or (snapshot.stub and snapshot.status not in GONE):
            continue
        if snapshot.hi > alone.hi:
            if before is None or not _opposite(alone, before, people):
                return False
            if snapshot.lo is not None and snapshot.lo > alone.hi + SLACK:
                return True
            shown = people if snapshot.stub else {**people, **snapshot.people}
            unchanged = snapshot.start in (None, before.start) and shown.get(
                alone.who
            ) == people.get(alone.who)
            if snapshot.status in GONE or not unchanged or not _opposite(alone, snapshot, shown):
                return False
            if snapshot.hi > alone.hi + SLACK:
                return True
        before = snapshot if snapshot.start is not None or before is None else before
        people = {**people, **snapshot.people}
    return False


def _opposite(alone: Event, snapshot: Snapshot, people: Mapping[str, Answer]) -> bool:
    """Does a snapshot show that what the message says had not happened yet?"""
    if alone.kind == "end":
        return snapshot.status not in GONE
    if alone.kind == "move":
        return snapshot.start is not None and snapshot.start != alone.start
    answer = people.get(alone.who)
    if alone.kind != "response" or answer is None:
        return False
    if answer.at is not None and answer.at > alone.hi:
        return False  # given since: the message came before it
    return answer.response == ("declined" if alone.value == "accepted" else "accepted")


def taken_back(alone: Event, snapshots: Sequence[Snapshot]) -> Event | None:
    """They accept again, where a later snapshot says so: a late mail must not undo what we saw."""
    if alone.kind != "response" or alone.value == "accepted":
        return None
    for snapshot in snapshots:
        if snapshot.hi <= alone.hi or alone.who not in snapshot.people:
            continue
        if snapshot.people[alone.who].response != "accepted":
            return None
        seen = f"o{snapshot.observation_id}"
        return Event(alone.hi, snapshot.hi, "response", alone.who, "accepted", evidence=seen)
    return None
