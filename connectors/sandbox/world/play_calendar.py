"""What does each act on a meeting change, and which mails does it cause?

Every function plays one act on the state and returns the notifications to deliver. Facts:
facts/google.md 1.3 (what survives a cancellation), 1.4 (a move resets the answers), 2.4 (mails).
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

from connectors.sandbox.world import notices
from connectors.sandbox.world.acts import (
    AddGuest,
    Answer,
    Cancel,
    Edit,
    HandOver,
    Hold,
    Invite,
    Invited,
    Move,
    Propose,
    Remove,
    Split,
    Uninvite,
)
from connectors.sandbox.world.mailboxes import digest
from connectors.sandbox.world.mails import PRIVATE, Letter, Notice
from connectors.sandbox.world.meetings import Meeting, Seat
from connectors.sandbox.world.state import Conference, State

Letters = list[Letter]


def invite(state: State, act: Invite) -> Letters:
    organizer = state.human(act.organizer)
    calendar = act.calendar or act.organizer
    if act.calendar:
        # A secondary calendar organises by itself: its maker is no guest (facts/google.md 1.4).
        shown, name = act.calendar, state.title_of(act.calendar)
    else:
        shown, name = organizer.address, organizer.name
    number = digest("conference", act.uid)
    meeting = Meeting(
        uid=act.uid,
        id=state.event_id(act.uid),
        organizer=shown,
        organizer_name=name,
        title=act.title,
        start=act.start,
        end=act.end,
        zone=act.zone,
        created=act.at,
        seats={},
        rule=act.rule,
        all_day=act.all_day,
        conference=_code(number) if act.online else "",
        location=f"{act.location} ({PRIVATE})" if act.location else "",
        description=f"{PRIVATE}: agenda",
        guests_hidden=act.guests_hidden,
        guests_can_modify=act.guests_can_modify,
        kind=act.kind,
        free=act.free,
        visibility=act.visibility,
    )
    if act.guests and not act.calendar:
        meeting.seats[organizer.address] = Seat(
            organizer.address, organizer.name, "accepted", act.at
        )
    for guest in act.guests:
        _seat(state, meeting, guest)
    state.meetings[act.uid] = meeting
    if state.account_of(act.organizer) or act.calendar:
        owner = state.account_of(act.organizer)
        copy = state.open_copy(meeting, calendar, owner.address if owner else "", act.at)
        copy.color = act.color
    for guest in act.guests:
        _open_for(state, meeting, guest.address, act.at)
    return _tell_guests(state, meeting, None, act.at, "new", act.mail)


def _code(number: int) -> str:
    letters = [chr(ord("a") + (number >> (5 * place)) % 26) for place in range(10)]
    return f"{''.join(letters[:3])}-{''.join(letters[3:7])}-{''.join(letters[7:])}"


def _seat(state: State, meeting: Meeting, guest: Invited) -> None:
    human = state.human(guest.address)
    meeting.seats.setdefault(
        guest.address,
        Seat(guest.address, human.name, optional=guest.optional, resource=guest.resource),
    )


def _open_for(state: State, meeting: Meeting, address: str, at: int) -> None:
    account = state.account_of(address)
    if account is not None and account.address not in meeting.copies:
        state.open_copy(meeting, account.address, account.address, at)


def answer(state: State, act: Answer) -> Letters:
    meeting = state.meetings[act.uid]
    if act.original is not None:
        meeting.occurrence(act.original)
    seat = meeting.seats_of(act.original).get(act.who)
    if seat is None:
        raise ValueError(f"{act.who} is no guest of {act.uid}")
    touched = [seat]
    if act.original is None:
        # A later answer to the whole series holds for the occurrences not answered alone.
        for exception in meeting.exceptions.values():
            other = exception.seats.get(act.who)
            if other is not None and other.response == "needsAction":
                touched.append(other)
    for one in touched:
        one.response, one.responded_at = act.response, act.at
        one.machine = act.machine
        one.proposed_start = None
        one.comment = act.comment and f"{act.comment} ({PRIVATE})"
        if act.machine:
            # Google's own default text for a declining out-of-office entry.
            one.comment = "Declined because I am out of office"
    if state.human(meeting.organizer).system == "google":
        state.touch(meeting, act.original, act.at, content=False)
    else:
        # An Exchange organiser passes answers on to nobody: only these two copies change.
        for address in (meeting.organizer, act.who):
            state.touch(meeting, act.original, act.at, content=False, only=address)
    if not act.mail or seat.resource:
        return []
    return _tell_organizer(
        state, meeting, act.original, act.at, act.response, act.who, by=act.by, machine=act.machine
    )


def move(state: State, act: Move) -> Letters:
    meeting = state.meetings[act.uid]
    before = meeting.slot(act.original)
    mover = act.mover or meeting.organizer
    if act.original is None:
        meeting.start, meeting.end = act.start, act.end
        meeting.exceptions.clear()
        meeting.sequence += 1
        seats = meeting.seats
    else:
        exception = meeting.occurrence(act.original)
        exception.start, exception.end = act.start, act.end
        exception.sequence += 1
        seats = exception.seats
    for seat in seats.values():
        seat.proposed_start = None
        if seat.address == mover:
            seat.response, seat.responded_at = "accepted", act.at
        elif seat.address != meeting.organizer and not seat.resource:
            seat.response, seat.responded_at, seat.comment = "needsAction", None, ""
            seat.machine = False
    state.touch(meeting, act.original, act.at, content=True)
    return _tell_guests(
        state, meeting, act.original, act.at, "updated", act.mail, before=before, by=act.by
    )


def cancel(state: State, act: Cancel) -> Letters:
    meeting = state.meetings[act.uid]
    told = _tell_guests(state, meeting, act.original, act.at, "cancel", act.mail, by=act.by)
    if act.original is None:
        meeting.sequence += 1
        for calendar in list(meeting.copies):
            state.let_go(meeting, calendar, None, act.at, "cancelled")
        meeting.cancelled = True
    else:
        exception = meeting.occurrence(act.original)
        exception.sequence += 1
        exception.cancelled = True
        for calendar in list(meeting.copies):
            state.let_go(meeting, calendar, act.original, act.at, "cancelled")
    return told


def uninvite(state: State, act: Uninvite) -> Letters:
    meeting = state.meetings[act.uid]
    told = _tell_guests(state, meeting, act.original, act.at, "cancel", act.mail, only=act.who)
    if act.original is None:
        meeting.seats.pop(act.who, None)
        for exception in meeting.exceptions.values():
            exception.seats.pop(act.who, None)
    else:
        meeting.occurrence(act.original).seats.pop(act.who, None)
    account = state.account_of(act.who)
    if account is not None:
        state.let_go(meeting, account.address, act.original, act.at, "uninvited")
    state.touch(meeting, act.original, act.at, content=True)
    return told


def add_guest(state: State, act: AddGuest) -> Letters:
    meeting = state.meetings[act.uid]
    _seat(state, meeting, act.guest)
    for exception in meeting.exceptions.values():
        exception.seats.setdefault(act.guest.address, deepcopy(meeting.seats[act.guest.address]))
    state.touch(meeting, None, act.at, content=True)
    account = state.account_of(act.guest.address)
    if account is not None:
        state.open_copy(meeting, account.address, account.address, act.at)
    return _tell_guests(state, meeting, None, act.at, "new", act.mail, only=act.guest.address)


def remove(state: State, act: Remove) -> Letters:
    state.let_go(state.meetings[act.uid], act.owner, act.original, act.at, "removed")
    return []


def propose(state: State, act: Propose) -> Letters:
    meeting = state.meetings[act.uid]
    if act.original is not None:
        meeting.occurrence(act.original)
    meeting.seats_of(act.original)[act.who].proposed_start = act.start
    state.touch(meeting, act.original, act.at, content=False)
    if not act.mail:
        return []
    return _tell_organizer(
        state, meeting, act.original, act.at, "counter", act.who, by=act.by, proposed=act.start
    )


def split(state: State, act: Split) -> Letters:
    """The old series ends; the new one has the suffix `_R…` (facts/google.md 1.2)."""
    meeting = state.meetings[act.uid]
    earlier = [start for start in meeting.originals() if start < act.original]
    if meeting.rule is None or not earlier:
        raise ValueError("only a series can be split, and not before its second occurrence")
    new = replace(
        meeting.snapshot(),
        uid=act.new_uid,
        id=state.event_id(act.new_uid),
        start=act.start,
        end=act.end,
        created=act.at,
        exceptions={},
        copies={},
    )
    moved = act.start != act.original
    for seat in new.seats.values():
        if moved and seat.address != meeting.organizer and not seat.resource:
            seat.response, seat.responded_at, seat.comment = "needsAction", None, ""
    meeting.rule = meeting.rule.ending(earlier[-1])
    meeting.exceptions = {key: one for key, one in meeting.exceptions.items() if key < act.original}
    state.touch(meeting, None, act.at, content=True)
    state.meetings[act.new_uid] = new
    for copy in list(meeting.copies.values()):
        if not copy.gone.get(None):
            state.open_copy(new, copy.calendar, copy.owner, act.at)
    return _tell_guests(state, new, None, act.at, "updated", act.mail)


def hand_over(state: State, act: HandOver) -> Letters:
    meeting = state.meetings[act.uid]
    old = meeting.organizer
    meeting.organizer, meeting.organizer_name = act.to, state.human(act.to).name
    meeting.seats.pop(old, None)
    meeting.seats.setdefault(act.to, Seat(act.to, meeting.organizer_name)).response = "accepted"
    state.let_go(meeting, old, None, act.at, "handed_over")
    state.touch(meeting, None, act.at, content=True)
    _open_for(state, meeting, act.to, act.at)
    return []


def edit(state: State, act: Edit) -> Letters:
    meeting = state.meetings[act.uid]
    if act.title is not None or act.visibility is not None:
        meeting.title = meeting.title if act.title is None else act.title
        meeting.visibility = meeting.visibility if act.visibility is None else act.visibility
        state.touch(meeting, None, act.at, content=True)
    copy = meeting.copies.get(act.owner)
    if copy is not None and (act.color is not None or act.private):
        copy.color = copy.color if act.color is None else act.color
        copy.private = {**copy.private, **dict(act.private)}
        state.touch(meeting, None, act.at, content=True, only=act.owner)
    return []


def hold(state: State, act: Hold) -> Letters:
    meeting = state.meetings[act.uid]
    state.conferences.append(
        Conference(
            id=f"{digest('held', act.uid, act.original, act.at):016x}",
            uid=act.uid,
            code=meeting.conference,
            started=min(one.joined for one in act.participants),
            ended=max(one.left for one in act.participants),
            participants=deepcopy(act.participants),
        )
    )
    return []


def _notice(state: State, meeting: Meeting, original: int | None, at: int, by: str) -> Notice:
    start, end = meeting.slot(original)
    exception = None if original is None else meeting.exceptions.get(original)
    organizer = state.human(meeting.organizer)
    return Notice(
        method="request",
        uid=meeting.uid,
        original=original,
        start=start,
        end=end,
        all_day=meeting.all_day,
        sequence=exception.sequence if exception else meeting.sequence,
        stamp=at,
        organizer=organizer,
        actor=organizer,
        sent_by=state.human(by) if by else None,
    )


def _tell_guests(
    state: State,
    meeting: Meeting,
    original: int | None,
    at: int,
    wording: str,
    mail: bool,
    *,
    before: tuple[int, int] | None = None,
    by: str = "",
    only: str = "",
) -> Letters:
    if not mail or meeting.cancelled:
        return []
    notice = replace(
        _notice(state, meeting, original, at, by),
        method="cancel" if wording == "cancel" else "request",
        previous_start=before[0] if before else None,
        previous_end=before[1] if before else None,
    )
    told = []
    for seat in meeting.parties(original):
        # A guest who declined is told of a move, but not of a cancellation.
        silent = wording == "cancel" and seat.response == "declined"
        if (only and seat.address != only) or silent or state.account_of(seat.address) is None:
            continue
        zone = state.zone_of(seat.address)
        told.append(notices.letter(meeting, notice, wording, state.human(seat.address), zone))
    return told


def _tell_organizer(
    state: State,
    meeting: Meeting,
    original: int | None,
    at: int,
    wording: str,
    who: str,
    *,
    by: str = "",
    machine: bool = False,
    proposed: int | None = None,
) -> Letters:
    if state.account_of(meeting.organizer) is None or state.account_of(who) is not None:
        return []
    notice = replace(
        _notice(state, meeting, original, at, by),
        method="counter" if wording == "counter" else "reply",
        actor=state.human(who),
        response="" if wording == "counter" else wording,
        machine=machine,
        proposed_start=proposed,
    )
    zone = state.zone_of(meeting.organizer)
    return [notices.letter(meeting, notice, wording, state.human(meeting.organizer), zone)]
