"""How does a Microsoft 365 mailbox of the settings become a way to Graph?

A person's login a purpose, or (`flow = "app"`) the app's own for all mailboxes and purposes. Outlook
suffers four requests of one app at a time, whatever mailbox and process they come from
(facts/microsoft.md 4): the lanes hold in this process, places of the store in all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from config.settings import Mailbox
from connectors.auth.microsoft.consent import Registration, Stored
from connectors.auth.microsoft.login import AppLogin, OwnersLogin
from connectors.microsoft.client import Graph, Places
from connectors.microsoft.concurrency import lanes_of
from connectors.store.store import Store
from connectors.transport.client import Transport
from connectors.transport.exchange import Bearer
from jobs.context import Context
from jobs.providers.access import login_name, transport_to, vault

#: So long a request waits for others of the same app, in whatever process, to end [s].
_PATIENCE = 600.0


def microsoft_transport(context: Context) -> Transport:
    """The way to Microsoft 365 that the settings choose, to be used as a context manager."""
    return transport_to(context, context.settings.microsoft.ca_file)


def registration(context: Context) -> Registration:
    """The app of the settings, as Entra knows it."""
    plan = context.settings.microsoft
    return Registration(plan.client_id, plan.tenant, plan.authority)


def microsoft_bearer(
    context: Context, mailbox: Mailbox, purpose: str, transport: Transport, *, name: str = ""
) -> Bearer:
    """Access tokens for one purpose: the app's own, or from the owner's login.

    `name`: the vault's name of the login, where it is not yet the mailbox's own.

    Raises AuthError where nobody has logged in for this purpose, ConfigError for an app whose
    credentials are missing.
    """
    plan = context.settings.microsoft
    if plan.flow == "app":
        return _app_login(context, transport)
    name = name or login_name("microsoft", mailbox, purpose)
    login = OwnersLogin(vault(context), name, purpose, transport, registration(context))
    login.stored()
    return login


def _app_login(context: Context, transport: Transport) -> Bearer:
    plan = context.settings.microsoft
    return AppLogin(
        registration(context),
        transport,
        certificate=plan.certificate_file,
        secret=plan.client_secret.get_secret_value() if plan.client_secret else "",
        graph_root=plan.graph_root,
    )


def directory_graph(context: Context, transport: Transport) -> Graph:
    """The app's own way to the organisation's directory. Raises ConfigError for missing credentials."""
    plan = context.settings.microsoft
    return Graph(
        transport,
        _app_login(context, transport),
        app=plan.client_id,
        account="directory",
        root=plan.graph_root,
        lanes=lanes_of(plan.client_id, plan.in_flight),
        places=places(context.store, plan.client_id, plan.in_flight),
    )


def microsoft_graph(
    context: Context, mailbox: Mailbox, purpose: str, transport: Transport, *, name: str = ""
) -> Graph:
    """One login's way to one mailbox. `name` and errors as of `microsoft_bearer`."""
    plan = context.settings.microsoft
    return Graph(
        transport,
        microsoft_bearer(context, mailbox, purpose, transport, name=name),
        app=plan.client_id,
        account=str(context.mailbox_id(mailbox)),
        root=plan.graph_root,
        # An app's own login has no "me".
        user=mailbox.address if plan.flow == "app" else "",
        lanes=lanes_of(plan.client_id, plan.in_flight),
        places=places(context.store, plan.client_id, plan.in_flight),
    )


def stored_microsoft_login(context: Context, mailbox: Mailbox, purpose: str) -> Stored | None:
    """The owner's login in the vault; None where there is none. Raises AuthError if unreadable."""
    box = vault(context)
    name = login_name("microsoft", mailbox, purpose)
    return Stored.read(box.read(name), purpose) if box.has(name) else None


def places(store: Store, app: str, width: int) -> Places:
    """So many places of an app's, in all processes of the store, while a block runs."""
    name, locks = f"graph {app}", store.locks

    @contextmanager
    def held(number: int) -> Iterator[None]:
        with ExitStack() as taken:
            # One after the other: two batches that each hold a half would wait for ever.
            with locks.slot(f"{name} turn", 1, wait=_PATIENCE):
                for _ in range(min(number, width)):
                    taken.enter_context(locks.slot(name, width, wait=_PATIENCE))
            yield

    return held
