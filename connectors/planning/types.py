"""What does the pure planner know, and what may it decide?

The vocabulary between `connectors.planning.meetings`, which decides, and `connectors.store`, which looks up
and writes. Nothing here reads or writes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from connectors.interfaces import Failure, Listed, Window
from connectors.model.records import AttendanceSeen, Call, LabelChange, MeetingSeen, MessageSeen
from connectors.model.streams import calendar_of
from connectors.model.written_addresses import written

#: Kinds of look that go on from a cursor. Only they vouch for what they did not show.
CURSOR_KINDS = ("full", "delta")
#: So long [µs] after a listing found what deltas had left out, what a delta does not show is not
#: believed to be unchanged.
DISTRUST = 30 * 24 * 3_600_000_000


def key_of(series_uid: str, recurrence_id: str) -> str:
    """The provider id of a copy that no calendar has shown."""
    return f"{series_uid}|{recurrence_id}"


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll of one stream that is going on.

    `round`: the name of the round it belongs to ("" for a fetch). `began_at`: when that round
    began [µs], perhaps in an earlier run: what it shows was true then or later. `stream_sure_at`:
    when the last completed cursor round of the stream began. `parameters` is the hash of what
    freezes with a cursor; `comparable` is False where this round reads with others than the last:
    what differs need not have changed. `complete_deltas` is False where a listing has lately found
    what the stream's deltas had left out.
    """

    poll_id: int
    mailbox_id: int
    stream: str
    kind: str
    window: Window | None
    round: str
    began_at: int
    stream_sure_at: int | None
    parameters: str = ""
    comparable: bool = True
    complete_deltas: bool = True

    @property
    def calendar(self) -> str:
        return calendar_of(self.stream)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a stream goes on. `midway`: it continues a round, of the given kind."""

    value: str | None
    midway: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class KnownCopy:
    """What is stored of one copy of a meeting, as far as the next page is compared with it."""

    meeting_id: int
    calendar_id: str
    provider_id: str
    series_uid: str
    recurrence_id: str
    acts_only: bool
    status: str
    subject: str
    fingerprint: str
    updated_at: int | None
    updated_exact: bool
    sure_at: int | None


@dataclass(frozen=True, slots=True)
class KnownMessage:
    message_id: int
    draft: bool
    deleted: bool
    sent: bool = False


def nobody(_address: str) -> bool:
    """Was this address forgotten? Nobody has asked for it: the answer is known beforehand."""
    return False


@dataclass(frozen=True, slots=True)
class Known:
    """What the store holds of the things that a page names.

    `copies` by (calendar id, provider id); `by_key` by (series UID, recurrence id), the one to
    which an act belongs first; `acts` the natural keys of the acts stored for such a key.
    """

    copies: Mapping[tuple[str, str], KnownCopy] = field(default_factory=dict)
    by_key: Mapping[tuple[str, str], tuple[KnownCopy, ...]] = field(default_factory=dict)
    acts: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    messages: Mapping[str, KnownMessage] = field(default_factory=dict)
    pending: frozenset[str] = frozenset()
    suppressed: Callable[[str], bool] = nobody


@dataclass(slots=True)
class CopyPlan:
    """A copy to make (`meeting_id` None) or to change, with the state that it ends in.

    `detailed` says that its times are to be written, `changed` that more than its being seen is, `gone` that it was not seen but missed. `true_at`:
    as of when a file shows it [µs].
    """

    meeting_id: int | None
    calendar_id: str
    provider_id: str
    series_uid: str
    recurrence_id: str
    acts_only: bool
    status: str = ""
    subject: str = ""
    start_at: int | None = None
    end_at: int | None = None
    all_day: bool = False
    updated_at: int | None = None
    updated_exact: bool = False
    fingerprint: str = ""
    sure_at: int | None = None
    detailed: bool = False
    changed: bool = False
    gone: bool = False
    true_at: int | None = None


@dataclass(frozen=True, slots=True)
class ObservationPlan:
    """One observation to append to `copy`. `act_key` is "" for a snapshot."""

    copy: CopyPlan
    seen: MeetingSeen
    seen_after: int | None
    subject: str
    act_key: str = ""


@dataclass(slots=True)
class Plan:
    """All that one page changes, in the order in which it is written.

    `missed`: it shows a change that the deltas before it should have told. `unlisted`: the mails
    that its round should have listed and did not are deleted.
    """

    copies: list[CopyPlan] = field(default_factory=list)
    observations: list[ObservationPlan] = field(default_factory=list)
    new_messages: dict[str, MessageSeen] = field(default_factory=dict)
    rewritten: dict[int, MessageSeen] = field(default_factory=dict)
    flagged: dict[int, MessageSeen | LabelChange] = field(default_factory=dict)
    deleted: list[int] = field(default_factory=list)
    revived: list[int] = field(default_factory=list)
    born_deleted: set[str] = field(default_factory=set)
    attendance: list[AttendanceSeen] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    pending: dict[str, Listed] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)
    listed: set[str] = field(default_factory=set)
    cursor: str | None = None
    last: bool = False
    full: bool = False
    window: Window | None = None
    missed: bool = False
    lacking: tuple[str, ...] | None = None
    unlisted: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """What a completed round should have held, how much it listed, and how much is missing.

    `copies`: the missing ones, of a calendar; `pending`: those of them that are still to be fetched.
    """

    expected: int
    listed: int
    missing: int
    copies: tuple[KnownCopy, ...] = ()
    pending: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Applied:
    """What one page changed: rows made, observations appended, and what a finished round missed."""

    stored: int = 0
    observations: int = 0
    vanished: int = 0
    deleted: int = 0
    last: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one stream: stored, still to be fetched, and named failures (given up)."""

    stored: int
    pending: int
    given_up: int


def names_forgotten(known: Known, addresses: Iterable[str], texts: Iterable[str]) -> bool:
    """Is one of these addresses forgotten, or one that a text names? It is not taken in again."""
    if known.suppressed is nobody:
        return False
    return any(known.suppressed(one) for one in addresses if one) or any(
        known.suppressed(one) for text in texts for one in written(text)
    )
