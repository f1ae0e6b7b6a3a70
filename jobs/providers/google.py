"""How does a Google mailbox of the settings become clients, sources and a mailer?

One login a purpose: reading, sending, attendance, and the domain's audit log, which only an
administrator's login opens. The last two are asked for only where the settings turn them on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.errors import ConfigError
from config.settings import Mailbox
from connectors.auth.google import login as google_login
from connectors.auth.google.consent import Stored
from connectors.transport.client import Transport
from connectors.transport.exchange import Bearer
from jobs.context import Context
from jobs.providers.access import login_name, transport_to, vault

if TYPE_CHECKING:
    from connectors.google.client import Google


def google_transport(context: Context) -> Transport:
    """The way to Google that the settings choose, to be used as a context manager."""
    return transport_to(context, context.settings.google.ca_file)


def google_bearer(context: Context, mailbox: Mailbox, purpose: str, transport: Transport) -> Bearer:
    """Access tokens for one purpose: a service account where there is one, else the owner's login.

    Raises AuthError where nobody has logged in for this purpose.
    """
    plan = context.settings.google
    if plan.service_account_file is not None:
        return google_login.ServiceAccount(
            plan.service_account_file,
            mailbox.address,
            purpose,
            transport,
            token_uri=plan.token_uri,
        )
    login = google_login.OwnersLogin(
        vault(context),
        login_name("google", mailbox, purpose),
        purpose,
        transport,
        token_uri=plan.token_uri,
        testing=plan.testing,
    )
    login.stored()
    return login


def google_client(context: Context, mailbox: Mailbox, purpose: str, transport: Transport) -> Google:
    """One login's way to Google. Raises AuthError where nobody has logged in for this purpose."""
    from connectors.google.client import NEW_PRICES, OLD_PRICES, Endpoints, Google

    plan = context.settings.google
    return Google(
        transport,
        google_bearer(context, mailbox, purpose, transport),
        account=str(context.mailbox_id(mailbox)),
        endpoints=Endpoints(plan.calendar_root, plan.gmail_root, plan.meet_root, plan.reports_root),
        prices=NEW_PRICES if plan.prices == "new" else OLD_PRICES,
    )


def audit_client(context: Context, mailbox: Mailbox, transport: Transport) -> Google | None:
    """The way to the domain's audit log, asked on behalf of a mailbox; None where it is not read.

    Raises AuthError where the administrator of the settings has not logged in for it.
    """
    from connectors.google.client import Endpoints, Google

    administrator = auditor(context)
    if administrator is None:
        return None
    plan = context.settings.google
    return Google(
        transport,
        google_bearer(context, administrator, "audit", transport),
        account=str(context.mailbox_id(mailbox)),
        endpoints=Endpoints(plan.calendar_root, plan.gmail_root, plan.meet_root, plan.reports_root),
    )


def directory_client(context: Context, transport: Transport) -> Google:
    """The way to the Workspace's directory, as an administrator sees it. Raises ConfigError, AuthError."""
    from connectors.google.client import Endpoints, Google

    plan, address = context.settings.google, context.settings.team.directory_account
    if address is None:
        raise ConfigError(
            "nobody is named who may read the Workspace's directory",
            hint="set directory_account in [team] to an administrator",
        )
    administrator = Mailbox(address=address, provider="google")
    return Google(
        transport,
        google_bearer(context, administrator, "directory", transport),
        account="directory",
        endpoints=Endpoints(plan.calendar_root, plan.gmail_root, plan.meet_root, plan.reports_root),
    )


def auditor(context: Context) -> Mailbox | None:
    """The administrator whose login opens the audit log; need not be a mailbox that is read."""
    address = context.settings.google.audit_account
    return None if address is None else Mailbox(address=address, provider="google")


def stored_google_login(context: Context, mailbox: Mailbox, purpose: str) -> Stored | None:
    """The owner's login in the vault; None where there is none. Raises AuthError if unreadable."""
    box = vault(context)
    name = login_name("google", mailbox, purpose)
    return Stored.read(box.read(name), purpose) if box.has(name) else None
