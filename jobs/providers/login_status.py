"""Is somebody logged in, for what, and for how long yet?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from config.clock import from_micros
from config.errors import NoshowError
from config.sentences import sentence
from config.settings import Mailbox
from connectors.auth.expiry import WORDS, Expiry
from jobs.context import Context

T = TypeVar("T")
#: An app's secret that ends within so many days is worth a word.
_SECRET_DAYS = 30


def warnings(context: Context, mailbox: Mailbox) -> tuple[str, ...]:
    """What the report's first lines and `doctor` say of a login that ends soon or has ended."""
    if mailbox.provider == "google":
        found = _google(context, mailbox)
    elif mailbox.provider == "microsoft":
        found = _microsoft(context, mailbox)
    else:
        return ()
    # The logins of several purposes often end together.
    return tuple(dict.fromkeys(found))


def purposes(context: Context, mailbox: Mailbox) -> tuple[str, ...]:
    """What the settings want this mailbox's own logins for, reading first."""
    plan = context.settings
    google_ = mailbox.provider == "google"
    attendance = plan.google.attendance if google_ else plan.microsoft.attendance
    return (
        "read",
        *(("send",) if "provider" in plan.report.deliver else ()),
        *(("attendance",) if attendance else ()),
    )


def _google(context: Context, mailbox: Mailbox) -> Iterator[str]:
    from connectors.auth.google import login as google
    from jobs.providers.google import auditor, stored_google_login

    if context.settings.google.service_account_file is not None:
        return
    wanted = [(mailbox, purpose) for purpose in purposes(context, mailbox)]
    administrator = auditor(context)
    if administrator is not None:
        wanted.append((administrator, "audit"))
    testing = context.settings.google.testing
    yield from _owners(
        context,
        wanted,
        stored_google_login,
        lambda stored, now: google.expiry_warning(stored, now, testing=testing),
    )


def _microsoft(context: Context, mailbox: Mailbox) -> Iterator[str]:
    from connectors.auth.microsoft import login as microsoft
    from jobs.providers.microsoft import stored_microsoft_login

    if context.settings.microsoft.flow == "app":
        yield from _credentials(context)
        return
    wanted = [(mailbox, purpose) for purpose in purposes(context, mailbox)]
    yield from _owners(context, wanted, stored_microsoft_login, microsoft.expiry_warning)


def _owners(
    context: Context,
    wanted: Sequence[tuple[Mailbox, str]],
    stored_login: Callable[[Context, Mailbox, str], T | None],
    expiry_warning: Callable[[T, int], Expiry | None],
) -> Iterator[str]:
    """What is to be said of the logins of persons: unreadable, missing, or ending soon."""
    for box, purpose in wanted:
        try:
            stored = stored_login(context, box, purpose)
        except NoshowError as error:
            yield f"{box.address}: {error.message}; {error.hint}"
            continue
        if stored is None:
            yield _missing(box.provider, box, purpose)
            continue
        warning = expiry_warning(stored, context.clock.micros())
        if warning is not None:
            yield sentence("{address}: {what}", address=box.address, what=warning.text)


def _credentials(context: Context) -> Iterator[str]:
    """When the app's certificate or secret ends, as far as the settings tell."""
    from connectors.auth.microsoft import login as microsoft

    plan, now = context.settings.microsoft, context.clock.micros()
    if plan.certificate_file is not None:
        try:
            warning = microsoft.certificate_warning(plan.certificate_file, now)
        except NoshowError as error:
            yield f"{error.message}; {error.hint}"
            return
        if warning is not None:
            yield warning.text
    elif plan.client_secret is None:
        yield sentence(
            "the app has neither certificate nor secret: see {command}",
            command="noshow connect microsoft --explain",
        )
    elif plan.client_secret_ends is not None:
        left = (plan.client_secret_ends - from_micros(now).date()).days
        day = plan.client_secret_ends
        if left <= 0:
            yield sentence(
                "The app's secret for Microsoft 365 ended on {day}: make a new one", day=day
            )
        elif left <= _SECRET_DAYS:
            yield sentence(
                "The app's secret for Microsoft 365 ends on {day}, in {days} days: make a new one",
                day=day,
                days=str(left),
            )


def _missing(provider: str, box: Mailbox, purpose: str) -> str:
    command = f"noshow connect {provider} -m {box.address}"
    if purpose == "read":
        return sentence(
            "{address} is not logged in: {command}", address=box.address, command=command
        )
    if purpose == "audit":
        command = f"noshow connect {provider}"
    word = WORDS[purpose]
    return sentence(
        "{address} is not logged in for {purpose}: {command}",
        address=box.address,
        purpose=word,
        command=f"{command} --for {word}",
    )
