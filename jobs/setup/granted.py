"""Do the logins have the permissions that they need, and no more?"""

from __future__ import annotations

from collections.abc import Iterator

from config.errors import NoshowError
from config.settings import Mailbox
from connectors.auth.expiry import WORDS
from jobs.context import Context
from jobs.providers import login_status
from jobs.setup.checks import Check, fail, ok, warn


def permissions(context: Context, box: Mailbox) -> Iterator[Check]:
    """One line a login of the mailbox's own; what an app or a service account may, only asking shows.

    A login that is missing or cannot be read is login_status's to name.
    """
    for purpose in login_status.purposes(context, box):
        try:
            found = _of(context, box, purpose)
        except NoshowError:
            continue
        if found is not None:
            yield compared(box, purpose, *found)


def compared(box: Mailbox, purpose: str, granted: frozenset[str], needed: frozenset[str]) -> Check:
    """What is said of these permissions (short names)."""
    word = WORDS[purpose]
    command = f"noshow connect {box.provider} -m {box.address}"
    command += "" if purpose == "read" else f" --for {word}"
    missing, more = sorted(needed - granted), sorted(granted - needed)
    about = f"{box.address}, {word}"
    if missing:
        return fail(about, f"not granted: {', '.join(missing)}", command)
    if more:
        said = f"more is granted than needed: {', '.join(more)}"
        return warn(about, said, f"revoke the app's access at the provider, then: {command}")
    return ok(about, f"granted and needed: {', '.join(sorted(needed))}")


def _of(
    context: Context, box: Mailbox, purpose: str
) -> tuple[frozenset[str], frozenset[str]] | None:
    """Granted and needed; None where the login is not the mailbox's own, or not there."""
    if box.provider == "google":
        from connectors.auth.google.consent import SCOPES
        from jobs.providers.google import stored_google_login

        if context.settings.google.service_account_file is not None:
            return None
        google = stored_google_login(context, box, purpose)
        return (_short(google.scopes), _short(SCOPES[purpose])) if google is not None else None
    from connectors.auth.microsoft.consent import scopes_for
    from jobs.providers.microsoft import stored_microsoft_login

    if context.settings.microsoft.flow == "app":
        return None
    graph = stored_microsoft_login(context, box, purpose)
    needed = scopes_for(purpose, context.settings.microsoft.calendar_scope)
    return (_short(graph.scopes), _short(needed)) if graph is not None else None


def _short(scopes: tuple[str, ...]) -> frozenset[str]:
    """Without addresses and without those that every login has."""
    names = {one.rpartition("/")[2] for one in scopes}
    return frozenset(names - {"openid", "profile", "email", "offline_access"})
