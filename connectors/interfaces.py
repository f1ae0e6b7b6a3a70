"""What must every source, mailer and limiter be able to do?

Protocols only: providers, files and the sandbox's tests implement them, sync and the jobs use them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from connectors.model.records import AttendanceSeen, Call, LabelChange, MeetingSeen, MessageSeen

if TYPE_CHECKING:
    from email.message import EmailMessage


@dataclass(frozen=True, slots=True)
class Window:
    """From when (inclusive) to when (exclusive), in microseconds UTC."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Listed:
    """Something that a listing named and that is still to be fetched.

    `priority`: 0 is fetched first. `not_before` and `not_after` bound its moment [µs UTC] where
    the source knows them; a silence is printed only if nothing pending may lie in it. `again`: it
    is fetched even where it is stored, because its marks have changed.
    """

    provider_id: str
    thread_id: str = ""
    priority: int = 5
    not_before: int | None = None
    not_after: int | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Something asked for that could not be had. `final`: it will not be tried again, and is named."""

    provider_id: str
    reason: str
    final: bool
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a source: applied with its cursor in one transaction.

    `cursor`: where to go on if the run ends after this page; None leaves the stored one.
    `last`: the round is complete, and the cursor is the one for the next round. `full`: this
    round lists everything inside `window` (None: everything there is), so that what is stored and
    not seen by its last page has `vanished`. `removed`: ids that the provider says are gone.
    `present`: ids that are there and are not wanted, which have not vanished where they are stored.
    `retracted`: pending ids that need no fetch any more (they were deleted before it). `far`: what
    is only wanted where it is stored already, such as a series going on behind the horizon.
    `lacking`: what this mailbox does not tell about its mails, in words; () that it tells all now,
    None that the page shows neither.
    """

    meetings: tuple[MeetingSeen, ...] = ()
    messages: tuple[MessageSeen, ...] = ()
    changes: tuple[LabelChange, ...] = ()
    attendance: tuple[AttendanceSeen, ...] = ()
    calls: tuple[Call, ...] = ()
    removed: tuple[str, ...] = ()
    listed: tuple[Listed, ...] = ()
    failed: tuple[Failure, ...] = ()
    cursor: str | None = None
    last: bool = False
    full: bool = False
    window: Window | None = None
    retracted: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    far: tuple[MeetingSeen, ...] = ()
    lacking: tuple[str, ...] | None = None


class CalendarSource(Protocol):
    """One mailbox's calendars. `parameters` is the hash of all that freezes with a cursor."""

    @property
    def parameters(self) -> str: ...

    def calendars(self) -> tuple[str, ...]:
        """The ids of the calendars that the settings choose, the primary one first."""
        ...

    def pages(self, calendar: str, cursor: str | None, window: Window) -> Iterator[Page]:
        """Pages from the cursor on (None: a full round over the window).

        Raises CursorLost where the provider no longer knows the cursor; TransientError,
        AuthError, ProviderError as they are.
        """
        ...

    def snapshot(self, calendar: str, window: Window) -> Iterator[Page]:
        """A full listing of an explicit window, that leaves the cursor alone (backfill, heal)."""
        ...


class MailSource(Protocol):
    """One mailbox's mail headers."""

    @property
    def parameters(self) -> str: ...

    def pages(self, cursor: str | None, since: int) -> Iterator[Page]:
        """List what is there (None) or what changed since the cursor; may yield `listed` ids.

        `since` [µs UTC]: older mail need not be listed where the provider can tell.
        Raises CursorLost, TransientError, AuthError, ProviderError.
        """
        ...

    def fetch(self, wanted: Sequence[Listed]) -> Iterator[Page]:
        """Pages that settle each wanted id as a message or a failure. Any order, any page size."""
        ...


class AttendanceSource(Protocol):
    """Records of who was in an online meeting."""

    def pages(self, meetings: Sequence[tuple[str, str, str, Window]]) -> Iterator[Page]:
        """For (series UID, recurrence id, online, slot) of past meetings: their records."""
        ...


class Mailer(Protocol):
    """Hands one finished mail over, at most once."""

    def send(self, mail: EmailMessage, recipients: Sequence[str]) -> str:
        """A reference to the handed-over mail. Raises DeliveryError; its `handed_over` is None
        where nobody knows whether it was taken: whatever else is raised says that nothing was
        sent. Never retries by itself once data was sent.
        """
        ...


class Limiter(Protocol):
    """Quota units and requests in flight, shared by all processes of one store."""

    def take(self, key: str, units: int) -> None:
        """Block until `units` may be spent on `key` (a provider, project and user).

        Raises TransientError where the wait would pass the run's budget, Stopped where asked to.
        """
        ...

    def refund(self, key: str, units: int) -> None:
        """Give units back that were taken for a request that was never sent."""
        ...
