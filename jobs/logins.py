"""Is somebody logged in, for what, and for how long yet?"""

from __future__ import annotations

import requests

from config.errors import NoshowError
from config.settings import Mailbox
from connectors.auth.google import expiry_warning
from jobs import wiring
from jobs.context import Context

_PING_SECONDS = 10.0


def warnings(context: Context, mailbox: Mailbox) -> tuple[str, ...]:
    """What the report's first lines and `doctor` say of a login that ends soon or has ended."""
    if mailbox.provider != "google" or context.settings.google.service_account_file is not None:
        return ()
    try:
        stored = wiring.stored_google_login(context, mailbox, "read")
    except NoshowError as error:
        return (f"{mailbox.address}: {error.message}; {error.hint}",)
    if stored is None:
        return (f"{mailbox.address} is not logged in: noshow connect google -m {mailbox.address}",)
    warning = expiry_warning(
        stored, context.clock.micros(), testing=context.settings.google.testing
    )
    return (f"{mailbox.address}: {warning.text}",) if warning is not None else ()


def ping(context: Context, url: str) -> None:
    """Tell a monitoring service; it must never keep a report from going out."""
    try:
        requests.get(url, timeout=_PING_SECONDS)
    except requests.RequestException:
        context.say.say("the monitoring service could not be told")
