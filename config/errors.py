"""Which errors can noshow raise, and who must act on each?

One root, one branch per person who must act. `hint` is the next thing to do, in words or as a
command to type; it is printed below the message. Messages never hold subjects, addresses of
contacts, or tokens: they end up in logs.
"""

from __future__ import annotations


class NoshowError(Exception):
    """The root: every error that noshow raises on purpose."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def told(self) -> str:
        """What happened and, where there is one, the next step."""
        return f"{self.message} -> {self.hint}" if self.hint else self.message


class ConfigError(NoshowError):
    """The settings, an argument or an input file are wrong: the user must change them.

    `problems` holds every mistake found at once, each with its place.
    """

    exit_code = 2

    def __init__(self, message: str, *, problems: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problems = problems


class AuthError(NoshowError):
    """A mailbox's consent is missing, expired or revoked: its owner must log in again."""

    exit_code = 4


class TransientError(NoshowError):
    """The network or a provider is busy or down: nobody acts, the next run goes on."""

    exit_code = 3

    def __init__(self, message: str, *, retry_after: float | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class ProviderError(NoshowError):
    """A provider answered in a way that its documentation does not allow, or refused for good.

    `status` is the HTTP status, `reason` the provider's own code where it gave one.
    """

    exit_code = 3

    def __init__(
        self, message: str, *, status: int | None = None, reason: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.reason = reason


class CursorLost(ProviderError):
    """A sync cursor is no longer valid (410, 404 on history, SyncStateNotFound): re-list."""


class ItemGone(ProviderError):
    """One item answered 404 or 410: it was deleted between listing and fetching."""


class StoreError(NoshowError):
    """The store cannot be read or written: its administrator must act (disk, rights, version)."""

    exit_code = 4


class Busy(StoreError):
    """Another noshow process holds the lock: skip, the other one does the work."""

    exit_code = 3


class SuspiciousSync(NoshowError):
    """A source that was full is suddenly empty: a person must look before anything is believed."""

    exit_code = 3


class DeliveryError(NoshowError):
    """A report could not be handed over.

    `handed_over` is None where it is unknown whether the other side took the mail.
    """

    exit_code = 4

    def __init__(self, message: str, *, handed_over: bool | None = False, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.handed_over = handed_over


class Stopped(NoshowError):
    """The run was asked to stop (Ctrl-C, SIGTERM) and did so after the current page."""

    exit_code = 130
