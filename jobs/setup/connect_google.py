"""How does the owner of a Google mailbox log in: in a browser here, by paste, or carried over?

Where the settings name a service account, it opens all mailboxes of its Workspace domain: nobody logs
in, and it is only proved that the domain allows it.
"""

from __future__ import annotations

import os
import webbrowser

import typer

from config.errors import AuthError, ConfigError, NoshowError
from config.settings import Mailbox
from connectors.auth.google import consent as google_consent
from connectors.auth.google import login as google
from connectors.auth.google import setup_guide as google_guide
from connectors.auth.vault import Entry, FileVault
from connectors.google.client import confirm_owner
from connectors.model.normal_forms import address as normal_address
from connectors.transport.client import Transport
from jobs.console.outcome import Outcome
from jobs.context import Context, own_addresses
from jobs.providers.access import login_name, vault
from jobs.providers.google import google_bearer, google_client, google_transport
from jobs.setup.login_transfer import Ways, taken, write_secret

_IN_THE_KEY = "client_id in the key file"


def run(context: Context, box: Mailbox, purpose: str, ways: Ways) -> Outcome:
    """Log this mailbox in for one purpose, and prove it. Raises ConfigError, AuthError."""
    plan = context.settings.google
    if ways.explain:
        return Outcome(lines=(_explanation(context, box, purpose),))
    if plan.service_account_file is not None:
        return _delegated(context, box, purpose, ways)
    name, logins = login_name("google", box, purpose), vault(context)
    if ways.if_needed and logins.has(name):
        return Outcome(lines=(f"{box.address} is logged in",))
    if ways.import_ is not None:
        stored = taken(ways.import_, "google", purpose, google.imported)
        said = f"took the login of {box.address} from {ways.import_}"
        return _kept(context, box, stored, said)
    if plan.client_file is None:
        typer.echo(_explanation(context, box, purpose))
        raise ConfigError(
            "[google] client_file is not set", hint="do the steps above, then this command again"
        )
    client = google_consent.client_from(
        plan.client_file, auth_uri=plan.auth_uri, token_uri=plan.token_uri
    )
    with google_transport(context) as transport:
        stored = _consented(client, purpose, transport, box, paste=ways.paste)
    if ways.export is not None:
        write_secret(ways.export, google.exported(stored))
        return Outcome(
            lines=(
                f"wrote {ways.export}; it is as secret as a password",
                f"on the server: noshow connect google --import {ways.export.name}, then delete it",
            )
        )
    return _kept(context, box, stored, f"{box.address} is logged in for {purpose}")


def _explanation(context: Context, box: Mailbox, purpose: str) -> str:
    """The steps at Google: for a service account where the settings name one, else for a login.

    Whoever reads several mailboxes is shown both.
    """
    key_file = context.settings.google.service_account_file
    if key_file is not None:
        return google_guide.delegation_guide(google.account_in(key_file).client_id, purpose)
    workspace = not normal_address(box.address).endswith("@gmail.com")
    steps = google_guide.guide(purpose, workspace=workspace)
    several = sum(one.provider == "google" for one in context.settings.mailbox) > 1
    if not (workspace and several):
        return steps
    return f"{steps}\n{google_guide.delegation_guide(_IN_THE_KEY, purpose)}"


def _delegated(context: Context, box: Mailbox, purpose: str, ways: Ways) -> Outcome:
    """Prove that the service account opens this mailbox. Raises ConfigError, AuthError."""
    if ways.export is not None or ways.import_ is not None:
        raise ConfigError(
            "a service account logs in by itself: there is no login to carry",
            hint="bring its key file to the other machine, and name it in [google] there",
        )
    if ways.if_needed:
        return Outcome(lines=(f"the service account opens {box.address}",))
    with google_transport(context) as transport:
        google_bearer(context, box, purpose, transport).token()
        if purpose == "read":
            account = google_client(context, box, purpose, transport).owner()
            confirm_owner(account, own_addresses(box))
    said = f"the service account opens {box.address} for {purpose}"
    return Outcome(lines=(said, "next: noshow sync"))


def _consented(
    client: google_consent.Client, purpose: str, transport: Transport, box: Mailbox, *, paste: bool
) -> google_consent.Stored:
    """Consent in a browser here, or anywhere with its last address pasted (over SSH)."""
    if paste or "SSH_CONNECTION" in os.environ:

        def ask(url: str) -> str:
            typer.echo(
                f"Open this in a browser on any machine:\n\n  {url}\n\n"
                "It ends on a page that cannot be shown; copy that page's whole address."
            )
            return str(typer.prompt("Paste it here"))

        return google_consent.connect_by_paste(client, purpose, transport, ask, address=box.address)

    def show(url: str) -> None:
        typer.echo(f"If no browser opens, open this:\n\n  {url}\n")
        webbrowser.open(url)

    return google_consent.connect_here(client, purpose, transport, show, address=box.address)


def _kept(context: Context, box: Mailbox, stored: google_consent.Stored, said: str) -> Outcome:
    """Keep the login if it works: what does not is better known now than on Monday.

    Raises AuthError where it is refused or opens another mailbox; then the one before is back.
    """
    name, logins = login_name("google", box, stored.purpose), vault(context)
    before = _before(logins, name)
    logins.write(name, stored.entry())
    try:
        with google_transport(context) as transport:
            google_bearer(context, box, stored.purpose, transport).token()
            if stored.purpose == "read":
                account = google_client(context, box, "read", transport).owner()
                confirm_owner(account, own_addresses(box))
    except NoshowError:
        if before is None:
            logins.forget(name)
        else:
            logins.write(name, before)
        raise
    warning = google.expiry_warning(
        stored, context.clock.micros(), testing=context.settings.google.testing
    )
    lines = (said, *((warning.text,) if warning is not None else ()), "next: noshow sync")
    return Outcome(lines=lines)


def _before(logins: FileVault, name: str) -> Entry | None:
    """The login that was there; None where there was none, or a damaged one."""
    try:
        return logins.read(name)
    except AuthError:
        return None
