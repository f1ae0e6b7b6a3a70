"""What may the settings file say? One model a table of `noshow.toml`.

Every key can also come from the environment (`NOSHOW__SMTP__HOST=...`, two underscores a level);
secrets come from the environment or the keyring only. Loading and error texts: config.loading.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from config.endpoints import endpoint
from config.policy import Policy

Provider = Literal["google", "microsoft", "files"]
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no time zone; write it like Europe/Berlin")
    ZoneInfo(name)
    return name


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError(f"{text!r} is no e-mail address")
    return text


Zone = Annotated[str, AfterValidator(_zone)]
Address = Annotated[str, AfterValidator(_address)]
Endpoint = Annotated[str, AfterValidator(endpoint)]
Ping = Annotated[str, Field(pattern=r"^(https?://[^\s/]+\S*)?$")]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Table(BaseModel):
    """A table of the settings file: unknown keys are mistakes, and nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Mailbox(Table):
    """One person's calendar and mail that we may read."""

    address: Address
    provider: Provider
    name: str = ""
    aliases: tuple[Address, ...] = ()
    zone: Zone | None = None
    calendars: tuple[str, ...] = ("primary",)


class Own(Table):
    """Our side: own domains, clients and holidays."""

    domains: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    weekend: tuple[Weekday, ...] = ("sat", "sun")


class StoreSettings(Table):
    """Where the facts lie. An empty url is SQLite in the state folder."""

    url: str = ""
    keep_days: Annotated[int, Field(ge=210)] = 800


class SyncSettings(Table):
    """How far a sync looks."""

    past_days: Annotated[int, Field(ge=7, le=3650)] = 200
    ahead_days: Annotated[int, Field(ge=7, le=730)] = 120
    workers: Annotated[int, Field(ge=1, le=16)] = 2
    minutes: Annotated[float, Field(gt=0)] = 90.0
    ping_url: Ping = ""


class Google(Table):
    """Google's login, endpoints and quota. Endpoints can point to a proxy or a stand-in."""

    client_file: Path | None = None
    service_account_file: Path | None = None
    calendar_root: Endpoint = "https://www.googleapis.com/calendar/v3/"
    gmail_root: Endpoint = "https://gmail.googleapis.com/"
    meet_root: Endpoint = "https://meet.googleapis.com/"
    reports_root: Endpoint = "https://admin.googleapis.com/"
    token_uri: Endpoint = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address, no secret
    auth_uri: Endpoint = "https://accounts.google.com/o/oauth2/auth"
    ca_file: Path | None = None
    prices: Literal["new", "old"] = "new"
    units_per_minute: Annotated[int, Field(ge=100)] | None = None
    calendar_requests_per_minute: Annotated[int, Field(ge=10)] = 600
    attendance: bool = False
    audit_account: Address | None = None
    testing: bool = False


class Microsoft(Table):
    """Microsoft 365's login and endpoints."""

    client_id: str = ""
    tenant: str = "organizations"
    flow: Literal["device", "interactive", "app"] = "device"
    certificate_file: Path | None = None
    client_secret: SecretStr | None = None
    client_secret_ends: date | None = None
    authority: Endpoint = "https://login.microsoftonline.com/"
    graph_root: Endpoint = "https://graph.microsoft.com/v1.0/"
    ca_file: Path | None = None
    calendar_scope: Literal["Calendars.ReadBasic", "Calendars.Read"] = "Calendars.ReadBasic"
    attendance: bool = False
    in_flight: Annotated[int, Field(ge=1, le=4)] = 4


class Report(Table):
    """What is reported, to whom, and how it travels."""

    deliver: tuple[Literal["folder", "stdout", "smtp", "provider"], ...] = ("folder",)
    folder: Path | None = None
    sender: Address | None = None
    recipients: tuple[Address, ...] = ()
    allowed: tuple[Address, ...] = ()
    resend: Literal["once", "never"] = "once"
    language: Literal["en", "de"] = "en"
    attach_page: bool = True
    page_url: Annotated[str, Field(pattern=r"^(https://\S+)?$")] = ""
    ping_url: Ping = ""


class Smtp(Table):
    """The mail server that hands reports over."""

    host: str = ""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: SecretStr | None = None
    ca_file: Path | None = None
    timeout: Annotated[float, Field(gt=0)] = 60.0


class Schedule(Table):
    """When the jobs are due."""

    sync_every_hours: Annotated[float, Field(gt=0, le=24)] = 2.0
    report_day: Weekday = "mon"
    report_time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "07:00"
    late_hours: Annotated[float, Field(gt=0, le=120)] = 48.0
    heal_time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "03:30"


class Remind(Table):
    """The reminder of the working day before a meeting; off while `at` is empty."""

    at: Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")] = ""


class Settings(Table):
    """The whole file. `zone` is the zone of mailboxes that name none."""

    zone: Zone = "UTC"
    mailbox: tuple[Mailbox, ...] = ()
    own: Own = Own()
    store: StoreSettings = StoreSettings()
    sync: SyncSettings = SyncSettings()
    google: Google = Google()
    microsoft: Microsoft = Microsoft()
    report: Report = Report()
    smtp: Smtp = Smtp()
    schedule: Schedule = Schedule()
    remind: Remind = Remind()
    policy: Policy = Policy()

    @field_validator("mailbox")
    @classmethod
    def _distinct(cls, boxes: tuple[Mailbox, ...]) -> tuple[Mailbox, ...]:
        seen: set[str] = set()
        for box in boxes:
            lower = box.address.lower()
            if lower in seen:
                raise ValueError(f"{box.address} is there twice")
            seen.add(lower)
        return boxes

    @model_validator(mode="after")
    def _fits(self) -> Settings:
        if "smtp" in self.report.deliver and not self.smtp.host:
            raise ValueError("[report] deliver names smtp, but [smtp] host is empty")
        return self

    def zone_of(self, mailbox: Mailbox) -> str:
        """The mailbox's zone, else the common one."""
        return mailbox.zone or self.zone
