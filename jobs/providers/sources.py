"""How do settings become sources? Beside jobs.providers.mailers the only place that knows all providers.

Attendance records and the audit log are extras: only where the settings turn them on, and a login
that is missing for them never keeps calendar and mail from being read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from config.errors import AuthError, ConfigError, NoshowError
from config.settings import Mailbox
from connectors.google.attendance import GoogleAttendance
from connectors.google.calendar.audit_log import GoogleAudit
from connectors.google.calendar.source import GoogleCalendar
from connectors.google.mail.source import GoogleMail
from connectors.interfaces import AttendanceSource, CalendarSource, MailSource
from connectors.microsoft.attendance import MicrosoftAttendance
from connectors.microsoft.calendar.source import MicrosoftCalendar
from connectors.microsoft.mail.source import MicrosoftMail
from connectors.transport.client import Transport
from jobs.console.progress import Units
from jobs.context import Context, own_addresses
from jobs.providers.access import gmail_units
from jobs.providers.google import audit_client, google_client, google_transport
from jobs.providers.microsoft import microsoft_graph, microsoft_transport

T = TypeVar("T")


@dataclass
class Sources:
    """What can be read of one mailbox; None where the provider has none or it is not turned on.

    `mail_units`: the quota units that reading the mail costs; None where it has no units.
    `refused`: the extras that are turned on and cannot be had, with the reason.
    """

    calendar: CalendarSource | None = None
    mail: MailSource | None = None
    attendance: AttendanceSource | None = None
    audit: GoogleAudit | None = None
    mail_units: Units | None = None
    refused: dict[str, NoshowError] = field(default_factory=dict)

    def allowed(self, name: str, make: Callable[[], T]) -> T | None:
        """What `make` makes; None, with the reason in `refused`, where its login is missing."""
        try:
            return make()
        except (AuthError, ConfigError) as error:
            self.refused[name] = error
            return None


@contextmanager
def sources(context: Context, mailbox: Mailbox) -> Iterator[Sources]:
    """The mailbox's sources, over one transport that is closed at the end.

    Raises AuthError where nobody has logged in, ConfigError for settings that do not suffice.
    """
    if mailbox.provider == "google":
        with google_transport(context) as transport:
            yield _google(context, mailbox, transport)
    elif mailbox.provider == "microsoft":
        with microsoft_transport(context) as transport:
            yield _microsoft(context, mailbox, transport)
    else:
        yield Sources()


def _google(context: Context, mailbox: Mailbox, transport: Transport) -> Sources:
    client = google_client(context, mailbox, "read", transport)
    addresses = own_addresses(mailbox)
    rules = context.settings.policy
    sought = partial(
        context.store.undated_changes.sought,
        context.mailbox_id(mailbox),
        least=rules.list_k,
        late_hours=rules.late_hours,
    )
    found = Sources(
        calendar=GoogleCalendar(client, mailbox.calendars, addresses),
        mail=GoogleMail(client, addresses=addresses, sought=sought),
        mail_units=Units(client.units, gmail_units(context)),
    )
    if context.settings.google.attendance:
        found.attendance = found.allowed(
            "attendance",
            lambda: GoogleAttendance(google_client(context, mailbox, "attendance", transport)),
        )
    log = found.allowed("audit", lambda: audit_client(context, mailbox, transport))
    found.audit = None if log is None else GoogleAudit(log, addresses)
    return found


def _microsoft(context: Context, mailbox: Mailbox, transport: Transport) -> Sources:
    graph = microsoft_graph(context, mailbox, "read", transport)
    addresses, zone = own_addresses(mailbox), context.settings.zone_of(mailbox)
    found = Sources(
        calendar=MicrosoftCalendar(graph, mailbox.calendars, addresses, zone),
        mail=MicrosoftMail(graph, addresses, zone),
    )
    if context.settings.microsoft.attendance:
        found.attendance = found.allowed(
            "attendance",
            lambda: MicrosoftAttendance(microsoft_graph(context, mailbox, "attendance", transport)),
        )
    return found
