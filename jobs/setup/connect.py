"""How does a mailbox's owner log in? `noshow connect google|microsoft`, for one purpose at a time."""

from __future__ import annotations

from pathlib import Path

from config.errors import ConfigError
from config.settings import Mailbox
from connectors.auth.expiry import WORDS
from connectors.model.normal_forms import address as normal_address
from jobs.console.outcome import Outcome
from jobs.context import Context
from jobs.providers.google import auditor
from jobs.setup import connect_google, connect_microsoft
from jobs.setup.login_transfer import Ways, check_target

#: The words on the command line, and those of the vault.
PURPOSES = {word: purpose for purpose, word in WORDS.items()}


def run(
    context: Context,
    *,
    provider: str,
    mailbox: str = "",
    purpose: str = "reading",
    export: Path | None = None,
    import_: Path | None = None,
    paste: bool = False,
    browser: bool = False,
    explain: bool = False,
    if_needed: bool = False,
) -> Outcome:
    """Log one mailbox in for one purpose, and prove it by asking for a token.

    Raises ConfigError, AuthError.
    """
    if provider not in ("google", "microsoft"):
        raise ConfigError(f"{provider!r} is not one of google, microsoft")
    if purpose not in PURPOSES:
        raise ConfigError(f"{purpose!r} is not one of {', '.join(PURPOSES)}")
    ways = Ways(export, import_, paste, browser, explain, if_needed)
    word = PURPOSES[purpose]
    if not explain:
        _turned_on(context, provider, word)
        if export is not None:
            check_target(export)
    if provider == "microsoft":
        if word == "audit":
            raise ConfigError("the audit log is read of Google Workspace only")
        if word == "directory":
            raise ConfigError(
                "an app reads the directory with a permission of its own, and not with a login",
                hint="an administrator gives it User.Read.All and GroupMember.Read.All",
            )
        box = the_mailbox(context, "microsoft", mailbox)
        return connect_microsoft.run(context, box, word, ways)
    administrator = _administrator(context, word)
    box = administrator or the_mailbox(context, "google", mailbox)
    return connect_google.run(context, box, word, ways)


def _administrator(context: Context, purpose: str) -> Mailbox | None:
    """Who logs in for what concerns the whole organisation; None for a mailbox's own purposes."""
    if purpose == "audit":
        return auditor(context)
    account = context.settings.team.directory_account
    if purpose == "directory" and account is not None:
        return Mailbox(address=account, provider="google")
    return None


def _turned_on(context: Context, provider: str, purpose: str) -> None:
    """An extra is asked for only where the settings want it. Raises ConfigError."""
    plan = context.settings
    attendance = plan.google.attendance if provider == "google" else plan.microsoft.attendance
    if purpose == "attendance" and not attendance:
        raise ConfigError(
            "attendance records are turned off, so nobody is asked for them",
            hint=f"set attendance = true in [{provider}], then this command again",
        )
    if purpose == "directory" and not plan.team.providers:
        raise ConfigError(
            "no directory is asked, so nobody is asked for it",
            hint="name groups in [team], then this command again",
        )
    if purpose == "audit" and provider == "google" and plan.google.audit_account is None:
        raise ConfigError(
            "the audit log is turned off, so nobody is asked for it",
            hint="set audit_account in [google] to an administrator, then this command again",
        )


def the_mailbox(context: Context, provider: str, address: str) -> Mailbox:
    """The mailbox of this provider that is meant. Raises ConfigError where that is unclear."""
    boxes = [box for box in context.chosen() if box.provider == provider]
    if address:
        boxes = [box for box in boxes if normal_address(box.address) == normal_address(address)]
    if len(boxes) == 1:
        return boxes[0]
    if not boxes:
        raise ConfigError(
            f"no {provider} mailbox {address or ''} in the settings".replace("  ", " "),
            hint=f'add a [[mailbox]] with provider = "{provider}"',
        )
    names = ", ".join(box.address for box in boxes)
    raise ConfigError("which mailbox?", hint=f"say -m with one of: {names}")
