"""What does one source say about one meeting, mail, call or attendance?

Sources (google, microsoft, files, the sandbox tests) yield these; sync stores them. They hold
wire facts in one vocabulary, never an opinion. All instants are integer microseconds UTC, None
where unknown; providers' sentinels (years 1 and 4501) are None here. All addresses are in normal
form (connectors.model.normal_forms.address), "" where unknown.

Never here: bodies, snippets, descriptions, locations, attendees' comments, or any text a person
wrote except the subject.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:
    # Whoever checks types keeps them frozen. A class that keeps itself so sets each field by a call,
    # and a mailbox file brings millions of mails with 34 fields.
    def record(*, frozen: bool, slots: bool) -> Any:
        return dataclass(unsafe_hash=frozen, slots=slots)


class Response(StrEnum):
    """A guest's answer. `unknown`: this copy of the meeting cannot show it; `none`: not answered."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    NONE = "none"
    UNKNOWN = "unknown"


class Status(StrEnum):
    """A meeting's state as seen. `removed`: gone from this calendar, without a word why.

    `vanished`: a full listing no longer held it (set by sync, never by a source);
    `cancelled`: the provider or an iTIP CANCEL says cancelled (who did it is another question).
    `hidden`: it is there, and this reader is not shown what it is (always a stub): what happens to it
    from then on is not known.
    """

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"
    REMOVED = "removed"
    VANISHED = "vanished"
    HIDDEN = "hidden"


#: The values of what no longer stands in a calendar, and of what does. `hidden` is neither.
GONE = (Status.CANCELLED.value, Status.REMOVED.value, Status.VANISHED.value)
ALIVE = (Status.CONFIRMED.value, Status.TENTATIVE.value)


class Evidence(StrEnum):
    """How we know. `snapshot`: a calendar's state; `itip`: a text/calendar message, dated by its
    DTSTAMP; `notice`: a provider's typed meeting mail (Graph eventMessage); `audit`: an admin log.
    """

    SNAPSHOT = "snapshot"
    ITIP = "itip"
    NOTICE = "notice"
    AUDIT = "audit"


class Method(StrEnum):
    """The iTIP method (RFC 5546) of an `itip` or `notice` observation; "" for a snapshot."""

    NONE = ""
    PUBLISH = "publish"
    REQUEST = "request"
    REPLY = "reply"
    ADD = "add"
    CANCEL = "cancel"
    REFRESH = "refresh"
    COUNTER = "counter"
    DECLINECOUNTER = "declinecounter"


@record(frozen=True, slots=True)
class Member:
    """Somebody of ours as a directory shows them: normalised addresses, and a name."""

    address: str
    name: str = ""
    aliases: tuple[str, ...] = ()


@record(frozen=True, slots=True)
class Guest:
    """One attendee as one copy or one message shows them.

    `machine`: the answer was given by a machine (out-of-office auto-decline).
    `proposed_start`: a counter-proposal's new start [µs UTC].
    """

    address: str
    name: str = ""
    response: Response = Response.NONE
    responded_at: int | None = None
    optional: bool = False
    resource: bool = False
    is_self: bool = False
    is_organizer: bool = False
    machine: bool = False
    proposed_start: int | None = None


@record(frozen=True, slots=True)
class MeetingSeen:
    """What one poll, or one message, says about one meeting (one occurrence; never a master).

    `stub`: a cancelled or hidden entry that carries no details; it never overwrites what was known.
    `acted_at`: the exact moment of the act where the evidence carries one (DTSTAMP, sent time,
    audit time). `updated_at`: the provider's last-change time; `updated_exact` is False where it
    was derived (Google's etag) or is only an upper bound.
    `guests_complete` is False where guests are hidden or omitted. `guests_can_modify`: every guest
    may change the meeting, so that nobody knows by its state who moved it (Google).
    `kind` is the provider's event type in Google's words (`default`, `focusTime`, ...).
    `online` is a conference id or join address; `on_site` says that a place other than a
    conference was given. `mark` is the user's private mark (absent, them, us, both, held).
    In an `itip` or `notice` record, `actor` is who acted and `sent_by` who sent it for them.
    For a `reply` or `counter`, `guests` holds only the guest who answers.
    `previous_start_at`: the start before a move, where the message says it (Graph).
    `true_at`: until when a snapshot out of a file can tell: the moment of its export. None: it is
    seen while it is true.
    """

    provider_id: str
    calendar_id: str
    series_uid: str
    recurrence_id: str
    status: Status
    evidence: Evidence = Evidence.SNAPSHOT
    method: Method = Method.NONE
    stub: bool = False
    acted_at: int | None = None
    start_at: int | None = None
    end_at: int | None = None
    all_day: bool = False
    zone: str = ""
    subject: str = ""
    organizer: str = ""
    organizer_name: str = ""
    organizer_is_self: bool = False
    actor: str = ""
    sent_by: str = ""
    created_at: int | None = None
    updated_at: int | None = None
    updated_exact: bool = False
    previous_start_at: int | None = None
    sequence: int | None = None
    kind: str = "default"
    free: bool = False
    private: bool = False
    guests: tuple[Guest, ...] = ()
    guests_complete: bool = True
    guests_can_modify: bool = False
    online: str = ""
    on_site: bool = False
    html_link: str = ""
    mark: str = ""
    message_key: str = ""
    true_at: int | None = None


@record(frozen=True, slots=True)
class Person:
    """An address with the name written beside it."""

    address: str
    name: str = ""


@record(frozen=True, slots=True)
class MessageSeen:
    """The headers of one mail in one mailbox.

    `at` is the best moment [µs UTC]: when the provider accepted it (internalDate,
    receivedDateTime), else the topmost Received header, else Date; None only where all are missing
    or absurd. `sent` says that it lies among the mailbox's *sent* mail, by the provider's own
    label or folder and never by its From. `meeting_type` is the provider's own type ("" or
    request, cancel, accept, tentative, decline, counter), with the meeting's key where known.
    `headers` is `raw_lines()` of connectors.model.headers.header_list. `labels` are user labels and categories.
    """

    provider_id: str
    thread_id: str
    message_key: str
    from_: Person
    at: int | None
    sender_address: str = ""
    to: tuple[Person, ...] = ()
    cc: tuple[Person, ...] = ()
    bcc: tuple[Person, ...] = ()
    subject: str = ""
    dated_at: int | None = None
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    sent: bool = False
    draft: bool = False
    chat: bool = False
    inbox: bool = False
    spam: bool = False
    trash: bool = False
    promotions: bool = False
    flagged: bool = False
    important: bool = False
    labels: tuple[str, ...] = ()
    due_at: int | None = None
    size: int = 0
    headers: str = ""
    meeting_type: str = ""
    meeting_uid: str = ""
    meeting_recurrence_id: str = ""
    meeting_start_at: int | None = None
    revision: str = ""


@record(frozen=True, slots=True)
class LabelChange:
    """A stored mail moved or was marked: its whole new set of flags, headers untouched."""

    provider_id: str
    sent: bool
    draft: bool
    inbox: bool
    spam: bool
    trash: bool
    promotions: bool
    flagged: bool
    labels: tuple[str, ...] = ()


@record(frozen=True, slots=True)
class Participant:
    """Somebody in an attendance record. `identity`: signed_in, guest, anonymous or phone."""

    address: str
    name: str
    identity: str
    joined_at: int | None
    left_at: int | None
    seconds: int


#: Whoever a record may hold and does not show.
UNKNOWN = Participant(
    address="", name="", identity="anonymous", joined_at=None, left_at=None, seconds=0
)


@record(frozen=True, slots=True)
class AttendanceSeen:
    """One session of one online meeting: who was there, as the provider recorded it."""

    provider_id: str
    series_uid: str
    recurrence_id: str
    started_at: int
    ended_at: int | None
    participants: tuple[Participant, ...]


#: The place of what a whole mailbox does not tell, which is no file's.
DETAILS = "details of mails"


@record(frozen=True, slots=True)
class Loss:
    """A file that was given and not read, or not to its end, or `count` mails in it.

    `not_after` [µs UTC]: nothing in it is later; None where nobody knows. At the place DETAILS no
    mail is lost (`count` 0), but something that its mailbox does not tell of any.
    """

    place: str
    reason: str
    count: int = 1
    not_after: int | None = None


@record(frozen=True, slots=True)
class Call:
    """A logged call. `outcome`: no-answer, assistant, spoke or will-call."""

    at: int
    address: str
    outcome: str
    channel: str = "phone"
