"""What can happen in the world? The vocabulary of its script.

Every act is frozen and bears its moment `at` [µs UTC]; all instants are microseconds UTC, people
are addresses. `original` names one occurrence of a series by its original start; None means the
whole meeting. `by` names somebody who acts for the person (an assistant). `mail` says whether the
person's system sends the usual notification.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from connectors.sandbox.world.mails import Letter
from connectors.sandbox.world.recurrence import Rule

Answered = Literal["accepted", "declined", "tentative"]


@dataclass(frozen=True, slots=True)
class Invited:
    """One guest of an invitation."""

    address: str
    optional: bool = False
    resource: bool = False


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody in a conference. `identity`: signed_in, anonymous or phone. Instants in [µs UTC]."""

    name: str
    identity: Literal["signed_in", "anonymous", "phone"]
    joined: int
    left: int
    address: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that happens at a moment [µs UTC]."""

    at: int


@dataclass(frozen=True, slots=True)
class Invite(Act):
    """A meeting is made, with or without guests. All-day: `start` is midnight UTC of its date."""

    uid: str
    organizer: str
    guests: tuple[Invited, ...]
    start: int
    end: int
    title: str
    zone: str
    rule: Rule | None = None
    all_day: bool = False
    online: bool = False
    location: str = ""
    guests_hidden: bool = False
    guests_can_modify: bool = False
    kind: str = "default"
    free: bool = False
    visibility: str = "default"
    calendar: str = ""
    color: str = ""
    mail: bool = True


@dataclass(frozen=True, slots=True)
class Answer(Act):
    """A guest answers: in person, through `by`, or by a machine (out of office)."""

    uid: str
    who: str
    response: Answered
    original: int | None = None
    by: str = ""
    machine: bool = False
    mail: bool = True
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Move(Act):
    """The start changes; the answers of all but the mover are reset. `mover`: "" is the organiser."""

    uid: str
    start: int
    end: int
    original: int | None = None
    mover: str = ""
    by: str = ""
    mail: bool = True


@dataclass(frozen=True, slots=True)
class Cancel(Act):
    """The organiser cancels one occurrence or all."""

    uid: str
    original: int | None = None
    by: str = ""
    mail: bool = True


@dataclass(frozen=True, slots=True)
class Uninvite(Act):
    """The organiser takes one guest out; the meeting lives on for the others."""

    uid: str
    who: str
    original: int | None = None
    mail: bool = True


@dataclass(frozen=True, slots=True)
class AddGuest(Act):
    """The organiser adds one guest to the whole meeting."""

    uid: str
    guest: Invited
    mail: bool = True


@dataclass(frozen=True, slots=True)
class Remove(Act):
    """A guest takes the meeting off the own calendar, without an answer to anybody."""

    uid: str
    owner: str
    original: int | None = None


@dataclass(frozen=True, slots=True)
class Propose(Act):
    """A guest proposes another start; the meeting stays where it is."""

    uid: str
    who: str
    start: int
    original: int | None = None
    by: str = ""
    mail: bool = True


@dataclass(frozen=True, slots=True)
class Split(Act):
    """ "This and following": the series ends before `original` and a new one goes on."""

    uid: str
    new_uid: str
    original: int
    start: int
    end: int
    mail: bool = True


@dataclass(frozen=True, slots=True)
class HandOver(Act):
    """The meeting gets another organiser; the old one is no guest of it."""

    uid: str
    to: str


@dataclass(frozen=True, slots=True)
class Edit(Act):
    """A copy's owner edits what only that copy shows; the organiser renames or hides the meeting."""

    uid: str
    owner: str
    title: str | None = None
    color: str | None = None
    private: tuple[tuple[str, str], ...] = ()
    visibility: str | None = None


@dataclass(frozen=True, slots=True)
class Hold(Act):
    """A conference took place; `at` is its end."""

    uid: str
    original: int | None
    participants: tuple[Participant, ...]


@dataclass(frozen=True, slots=True)
class Deliver(Act):
    """A mail is handed over."""

    letter: Letter


@dataclass(frozen=True, slots=True)
class Relabel(Act):
    """A mailbox's owner moves or marks one mail. Names are Gmail's; other servers translate."""

    owner: str
    key: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Discard(Act):
    """A mail is deleted for good."""

    owner: str
    key: str


@dataclass(frozen=True, slots=True)
class Planted:
    """A plain truth about the script: what was planted for whom, when, and why.

    `kind` is a word such as `late_cancellation`; `accused` says whether a fair report may hold it
    against the person; `at` [µs UTC] is the act's moment, `start` the slot it concerned.
    """

    address: str
    kind: str
    at: int
    why: str
    accused: bool
    uid: str = ""
    start: int | None = None
    extra: dict[str, str] = field(default_factory=dict, compare=False)
