"""How do settings become sources and mailers? The only place that knows all providers."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import keyring
import keyring.errors

from config.errors import ConfigError
from config.settings import Mailbox
from connectors.auth import google as google_login
from connectors.auth.google_consent import Stored
from connectors.auth.vault import FileVault, Vault, entry_name
from connectors.base import AttendanceSource, CalendarSource, Limiter, MailSource
from connectors.google.calendar import GoogleCalendar
from connectors.google.client import NEW_PRICES, OLD_PRICES, Endpoints, Google
from connectors.google.mail import GoogleMail
from connectors.google.mailer import GmailMailer
from connectors.mailer.folder import FolderMailer, StdoutMailer
from connectors.mailer.smtp import SmtpMailer
from connectors.model.normal import address as normal_address
from connectors.store.limits import Rate
from connectors.transport.loop import Transport
from connectors.transport.wire import Bearer
from jobs.context import Context
from jobs.delivery import Channel

#: Units a Gmail user may spend in a minute (facts: quota of projects since, and before, May 2026).
UNITS_PER_MINUTE = {"new": 6_000, "old": 15_000}


@dataclass
class Sources:
    """What can be read of one mailbox; None where the provider has none or it is not allowed."""

    calendar: CalendarSource | None = None
    mail: MailSource | None = None
    attendance: AttendanceSource | None = None


def own_addresses(mailbox: Mailbox) -> frozenset[str]:
    """The mailbox's address and aliases in normal form."""
    return frozenset(normal_address(one) for one in (mailbox.address, *mailbox.aliases))


def vault(context: Context) -> Vault:
    """Where this installation keeps its logins."""
    return FileVault(context.paths.tokens)


def limiter(context: Context) -> Limiter:
    """The quota of every provider, shared by all processes of the store."""
    google = context.settings.google
    units = google.units_per_minute or UNITS_PER_MINUTE[google.prices]
    rates = {
        "gmail": Rate(units),
        "calendar": Rate(google.calendar_requests_per_minute),
        "graph": Rate(1_000, in_flight=context.settings.microsoft.in_flight),
    }
    return context.store.limiter(
        rates, budget=context.settings.sync.minutes * 60, should_stop=context.stop
    )


@contextmanager
def sources(context: Context, mailbox: Mailbox) -> Iterator[Sources]:
    """The mailbox's sources, over one transport that is closed at the end.

    Raises AuthError where nobody has logged in, ConfigError for settings that do not suffice.
    """
    if mailbox.provider == "google":
        with google_transport(context) as transport:
            yield _google(context, mailbox, transport)
    elif mailbox.provider == "microsoft":
        raise ConfigError(
            "mailboxes at Microsoft 365 cannot be read by this version",
            hint='export them and use provider = "files" with noshow import',
        )
    else:
        yield Sources()


@contextmanager
def google_transport(context: Context) -> Iterator[Transport]:
    """The way to Google that the settings choose."""
    with Transport(
        context.clock,
        limiter(context),
        ca_file=context.settings.google.ca_file,
        stopping=context.stop,
    ) as transport:
        yield transport


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
    )
    login.stored()
    return login


def login_name(provider: str, mailbox: Mailbox, purpose: str) -> str:
    """The vault's name of a mailbox's login for one purpose."""
    return entry_name(provider, normal_address(mailbox.address), purpose)


def google_client(context: Context, mailbox: Mailbox, purpose: str, transport: Transport) -> Google:
    """One login's way to Google."""
    plan = context.settings.google
    return Google(
        transport,
        google_bearer(context, mailbox, purpose, transport),
        account=str(context.mailbox_id(mailbox)),
        endpoints=Endpoints(plan.calendar_root, plan.gmail_root, plan.meet_root, plan.reports_root),
        prices=NEW_PRICES if plan.prices == "new" else OLD_PRICES,
    )


def _google(context: Context, mailbox: Mailbox, transport: Transport) -> Sources:
    client = google_client(context, mailbox, "read", transport)
    return Sources(
        calendar=GoogleCalendar(client, mailbox.calendars, own_addresses(mailbox)),
        mail=GoogleMail(client, addresses=own_addresses(mailbox)),
    )


@contextmanager
def channels(context: Context, mailbox: Mailbox, ways: Sequence[str]) -> Iterator[list[Channel]]:
    """The ways out that the settings name, in their order. Raises ConfigError, AuthError."""
    with ExitStack() as open_:
        yield [_channel(context, mailbox, way, open_) for way in ways]


def _channel(context: Context, mailbox: Mailbox, way: str, open_: ExitStack) -> Channel:
    if way == "folder":
        return Channel(way, FolderMailer(context.report_folder), local=True)
    if way == "stdout":
        return Channel(way, StdoutMailer(sys.stdout), local=True)
    if way == "smtp":
        return Channel(way, smtp_mailer(context))
    if mailbox.provider == "google":
        transport = open_.enter_context(google_transport(context))
        return Channel(way, GmailMailer(google_client(context, mailbox, "send", transport)))
    raise ConfigError(
        f"the mailbox {mailbox.address} has no provider that could send",
        hint='set [report] deliver = ["folder"] or ["smtp"]',
    )


def smtp_mailer(context: Context) -> SmtpMailer:
    """The mail server of the settings; its password from there (environment) or the keyring."""
    plan = context.settings.smtp
    password = plan.password.get_secret_value() if plan.password is not None else ""
    if plan.user and not password:
        password = keyring_password(plan.host, plan.user)
    return SmtpMailer(
        plan.host,
        plan.port,
        security=plan.security,
        user=plan.user,
        password=password,
        ca_file=plan.ca_file,
        timeout=plan.timeout,
    )


def keyring_password(host: str, user: str) -> str:
    """The password that the keyring holds for `noshow smtp HOST`; "" where there is none."""
    try:
        return keyring.get_password(f"noshow smtp {host}", user) or ""
    except keyring.errors.KeyringError:
        return ""


def stored_google_login(context: Context, mailbox: Mailbox, purpose: str) -> Stored | None:
    """The owner's login in the vault; None where there is none. Raises AuthError if unreadable."""
    box = vault(context)
    name = login_name("google", mailbox, purpose)
    return Stored.read(box.read(name), purpose) if box.has(name) else None
