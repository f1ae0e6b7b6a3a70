"""By which ways can a mail leave, as the settings say? A folder, the terminal, a server, the provider."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import keyring
import keyring.errors

from config.errors import AuthError, ConfigError
from config.settings import Mailbox
from connectors.google.mailer import GmailMailer
from connectors.interfaces import Mailer
from connectors.mailer.folder import FolderMailer, StdoutMailer
from connectors.mailer.smtp import SmtpMailer
from connectors.microsoft.mailer import MicrosoftMailer
from jobs.context import Context
from jobs.providers.google import google_client, google_transport
from jobs.providers.microsoft import microsoft_graph, microsoft_transport


@dataclass(frozen=True, slots=True)
class Channel:
    """A way out. `local` (folder, stdout) takes a report at once, and there it is then.

    Of several that are not local, the next is tried only where the one before surely did not
    take the mail.
    """

    name: str
    mailer: Mailer
    local: bool = False


@contextmanager
def channel(context: Context, mailbox: Mailbox, way: str) -> Iterator[Channel]:
    """One way out of those that the settings name.

    Raises ConfigError where it is not set up, AuthError where nobody has logged in for sending.
    """
    with ExitStack() as open_:
        if way == "folder":
            yield Channel(way, FolderMailer(context.report_folder), local=True)
        elif way == "stdout":
            yield Channel(way, StdoutMailer(sys.stdout), local=True)
        elif way == "smtp":
            yield Channel(way, smtp_mailer(context))
        else:
            yield Channel(way, _providers_mailer(context, mailbox, open_))


def _providers_mailer(context: Context, mailbox: Mailbox, open_: ExitStack) -> Mailer:
    """The mailbox's own sending. Raises ConfigError where it has none, AuthError."""
    try:
        if mailbox.provider == "google":
            transport = open_.enter_context(google_transport(context))
            return GmailMailer(google_client(context, mailbox, "send", transport))
        if mailbox.provider == "microsoft":
            transport = open_.enter_context(microsoft_transport(context))
            return MicrosoftMailer(microsoft_graph(context, mailbox, "send", transport))
    except AuthError as error:
        raise AuthError(
            "nobody is logged in for sending",
            hint="noshow connect google|microsoft --for sending",
        ) from error
    raise ConfigError(
        f"the mailbox {mailbox.address} has no provider that could send",
        hint='set [report] deliver = ["folder"] or ["smtp"]',
    )


def smtp_mailer(context: Context) -> SmtpMailer:
    """The mail server of the settings; its password from there (environment) or the keyring.

    Raises ConfigError where the settings cannot serve.
    """
    plan = context.settings.smtp
    password = plan.password.get_secret_value() if plan.password is not None else ""
    if plan.user and not password:
        password = keyring_password(plan.host, plan.user)
    mailer = SmtpMailer(
        plan.host,
        plan.port_or_usual,
        security=plan.security,
        user=plan.user,
        password=password,
        ca_file=plan.ca_file,
        timeout=plan.timeout,
    )
    if plan.user and not password:
        raise ConfigError(
            "[smtp] user is to log in, and no password is there",
            hint="set NOSHOW__SMTP__PASSWORD, also for what runs noshow by itself, or put it into "
            "the keyring",
        )
    return mailer


def keyring_password(host: str, user: str) -> str:
    """The password that the keyring holds for `noshow smtp HOST`; "" where there is none."""
    try:
        return keyring.get_password(f"noshow smtp {host}", user) or ""
    except keyring.errors.KeyringError:
        return ""
