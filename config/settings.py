"""What may the settings file say? One model a table of `noshow.toml`.

Every key can also come from the environment (`NOSHOW__SMTP__HOST=...`, two underscores a level);
secrets never stand in the file. Loading and error texts: config.loading.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from config import written
from config.endpoints import endpoint, is_loopback
from config.policy import Policy

Provider = Literal["google", "microsoft", "files"]


def _placed(path: Path, info: ValidationInfo) -> Path:
    """The whole path: `~` is the user's home, and a relative one lies beside the settings file."""
    if any(sign < " " for sign in str(path)):
        raise ValueError("a path holds no line breaks and no zeros")
    try:
        whole = path.expanduser()
    except RuntimeError as error:
        raise ValueError(f"nobody's home is {path.parts[0]}") from error
    folder = (info.context or {}).get("folder")
    return folder / whole if folder is not None else whole


def _named(path: object) -> object:
    if path == "":
        raise ValueError("it names nothing; leave the key out")
    return path


def _not_all(days: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(days)) == len(WEEKDAYS):
        raise ValueError("it leaves no business day")
    return days


def _store_placed(url: str, info: ValidationInfo) -> str:
    """The same of a store's file."""
    kind, slashes, file = url.partition(":///")
    if not kind.startswith("sqlite") or not slashes or not file or file.startswith((":", "/")):
        return url
    return f"{kind}{slashes}{_placed(Path(file), info)}"


Place = Annotated[Path, BeforeValidator(_named), AfterValidator(_placed)]
Zone = Annotated[str, AfterValidator(written.zone)]
Address = Annotated[str, AfterValidator(written.address)]
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
    """Whose calendar and mail it is."""
    provider: Provider
    """`google`, `microsoft`, or `files` for imported exports."""
    name: str = ""
    """The owner's name, as the report greets them."""
    aliases: tuple[Address, ...] = ()
    """Other addresses that reach the owner; what they send is the owner's, too."""
    zone: Zone | None = None
    """The zone of this mailbox; unset: the common `zone`."""
    calendars: Annotated[tuple[str, ...], Field(min_length=1)] = ("primary",)
    """Which calendars are read, by id; `primary` is the owner's own."""


class Own(Table):
    """Our side: own domains, clients and holidays."""

    domains: tuple[Annotated[str, AfterValidator(written.domain)], ...] = ()
    """Colleagues at these domains, and below them, are never contacts."""
    clients: tuple[Annotated[str, AfterValidator(written.domain_or_address)], ...] = ()
    """Addresses or domains; a client is never paused."""
    countries: tuple[Annotated[str, AfterValidator(written.country)], ...] = ()
    """ISO codes; their public holidays are no business days."""
    weekend: Annotated[tuple[Weekday, ...], AfterValidator(_not_all)] = ("sat", "sun")
    """Days that are no business days."""


class StoreSettings(Table):
    """Where the facts lie. An empty url is SQLite in the state folder."""

    url: Annotated[str, AfterValidator(_store_placed)] = ""
    """Empty: SQLite in the state folder; or a PostgreSQL address with `postgresql+psycopg`."""
    keep_days: Annotated[int, Field(ge=210, le=36_500)] = 800
    """Evidence older than this is removed [d]."""


class SyncSettings(Table):
    """How far a sync looks."""

    past_days: Annotated[int, Field(ge=7, le=3650)] = 200
    """How far back the first look goes [d]."""
    ahead_days: Annotated[int, Field(ge=7, le=730)] = 120
    """How far ahead a look goes [d]."""
    workers: Annotated[int, Field(ge=1, le=64)] = 8
    """So many mailboxes are read at once; one that waits for its quota is not counted."""
    minutes: Annotated[float, Field(gt=0, le=10_080)] = 90.0
    """A run ends after this and goes on with the next one [min]."""
    ping_url: Ping = ""
    """A monitoring service that is told of each look."""


class Google(Table):
    """Google's login, endpoints and quota. Endpoints can point to a proxy or a stand-in."""

    client_file: Place | None = None
    """The desktop client that you downloaded from your own project."""
    service_account_file: Place | None = None
    """The key of a service account with domain-wide delegation, in its place."""
    calendar_root: Endpoint = "https://www.googleapis.com/calendar/v3/"
    """Where the calendar's interface is."""
    gmail_root: Endpoint = "https://gmail.googleapis.com/"
    """Where the mail's interface is."""
    meet_root: Endpoint = "https://meet.googleapis.com/"
    """Where the records of meetings are."""
    reports_root: Endpoint = "https://admin.googleapis.com/"
    """Where the audit log is."""
    token_uri: Endpoint = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address, no secret
    """Where logins are renewed."""
    auth_uri: Endpoint = "https://accounts.google.com/o/oauth2/auth"
    """Where logins begin."""
    ca_file: Place | None = None
    """A further certificate authority, in PEM, as a proxy needs it."""
    prices: Literal["new", "old"] = "new"
    """What a request costs of the quota: `new` for projects since May 2026, or `old`."""
    units_per_minute: Annotated[int, Field(ge=100)] | None = None
    """What your project may use; unset: by `prices`."""
    calendar_requests_per_minute: Annotated[int, Field(ge=10)] = 600
    """What the calendar may be asked."""
    attendance: bool = False
    """Read the records of Google Meet; a consent of their own."""
    audit_account: Address | None = None
    """A Workspace administrator in whose name the domain's audit log is read."""
    testing: bool = False
    """The consent screen is still in Testing: logins end after 7 days, and are warned of."""


class Microsoft(Table):
    """Microsoft 365's login and endpoints."""

    client_id: str = ""
    """The application's id at your organisation."""
    tenant: str = "organizations"
    """Your organisation's domain or id; `organizations`: any work account."""
    flow: Literal["device", "interactive", "app"] = "device"
    """How one logs in: a code typed in any browser, a browser here, or the application itself."""
    certificate_file: Place | None = None
    """The application's certificate, for `flow = "app"`."""
    client_secret: SecretStr | None = None
    """In place of a certificate; from the environment only."""
    client_secret_ends: date | None = None
    """When that secret ends: it is warned of before."""
    authority: Endpoint = "https://login.microsoftonline.com/"
    """Where logins are made."""
    graph_root: Endpoint = "https://graph.microsoft.com/v1.0/"
    """Where calendar and mail are."""
    ca_file: Place | None = None
    """A further certificate authority, in PEM, as a proxy needs it."""
    calendar_scope: Literal["Calendars.ReadBasic", "Calendars.Read"] = "Calendars.ReadBasic"
    """Which permission reads the calendar."""
    attendance: bool = False
    """Read the attendance reports of Teams; a permission of their own."""
    in_flight: Annotated[int, Field(ge=1, le=4)] = 4
    """So many requests at once; Microsoft allows 4 for a mailbox."""


class Report(Table):
    """What is reported, to whom, and how it travels."""

    deliver: Annotated[
        tuple[Literal["folder", "stdout", "smtp", "provider"], ...], Field(min_length=1)
    ] = ("folder",)
    """Any of `folder`, `stdout`, `smtp`, `provider` (through your own mailbox)."""
    folder: Place | None = None
    """Where reports are written; unset: in the state folder."""
    sender: Address | None = None
    """From whom a report comes; unset: the mailbox itself."""
    recipients: tuple[Address, ...] = ()
    """Who gets it; empty: the owner of each mailbox, and nobody else."""
    allowed: tuple[Address, ...] = ()
    """Further addresses that may get a report."""
    resend: Literal["once", "never"] = "once"
    """A report that was not seen is sent once more, or never."""
    language: Literal["en", "de"] = "en"
    """`en` or `de`: mails, page and drafts; commands stay English."""
    attach_page: bool = True
    """The page of all evidence goes along with the mail, below 1 MB."""
    page_url: Annotated[str, Field(pattern=r"^(https://\S+)?$")] = ""
    """Where the folder of reports is served, if it is."""
    ping_url: Ping = ""
    """A monitoring service that is told of each report."""
    processes: Annotated[int, Field(ge=0, le=64)] = 1
    """So many processes judge a store of a million mails together; 0: as many as there are cores."""


class Smtp(Table):
    """The mail server that hands reports over."""

    host: Annotated[str, AfterValidator(written.mail_server)] = ""
    """The server's name; empty: none."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Its port; unset: 465 for `security = "tls"`, else 587."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is made safe."""
    user: str = ""
    """The name to log in with; empty: no login."""
    password: SecretStr | None = None
    """From the environment, or the keyring, as said above; never from the file."""
    ca_file: Place | None = None
    """A further certificate authority, in PEM."""
    timeout: Annotated[float, Field(gt=0, le=3600)] = 60.0
    """How long to wait for an answer [s]."""

    @model_validator(mode="after")
    def _fits(self) -> Smtp:
        """Ports that are known for one way (RFC 8314): by the other both sides wait for each other."""
        if is_loopback(self.host):
            return self  # the end of a tunnel
        if self.port == 465 and self.security != "tls":
            raise ValueError('port 465 speaks TLS from its first sign on: set security = "tls"')
        if self.port in (25, 587) and self.security == "tls":
            raise ValueError(
                f'port {self.port} begins in the clear: set security = "starttls", or leave port out'
            )
        return self

    @property
    def port_or_usual(self) -> int:
        """The port, or the usual one of this way."""
        return self.port or (465 if self.security == "tls" else 587)


class Schedule(Table):
    """When the jobs are due."""

    sync_every_hours: Annotated[float, Field(gt=0, le=24)] = 2.0
    """How often it is looked [h]."""
    report_day: Weekday = "mon"
    """The day of the report."""
    report_time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "07:00"
    """And its time, in `zone`."""
    late_hours: Annotated[float, Field(gt=0, le=120)] = 48.0
    """A report this late is still made up for, once [h]."""
    heal_time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "03:30"
    """When the whole window is looked at again, every night."""


class Remind(Table):
    """The reminder of the working day before a meeting; off while `at` is empty."""

    at: Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d)?$")] = ""
    """When the reminder leaves; empty: off."""


class Fleet(Table):
    """Who does the work of `noshow team`; without a scheduler processes of this machine do it."""

    scheduler: Annotated[str, Field(pattern=r"^((tcp|tls)://[^\s/]+:\d+)?$")] = ""
    """A Dask scheduler, like `tcp://host:8786`; its workers need PostgreSQL as the store."""


class Team(Table):
    """Mailboxes that a directory names, beside those of `[[mailbox]]`; `noshow team sync` looks for them."""

    google_groups: tuple[Address, ...] = ()
    """Groups of your Google Workspace whose members are read, also by a group within."""
    google_everybody: bool = False
    """Everybody of the Workspace is read."""
    directory_account: Address | None = None
    """A Workspace administrator in whose name the service account reads the directory."""
    microsoft_groups: tuple[str, ...] = ()
    """Groups at Microsoft 365, by mail address or object id; needs `flow = "app"`."""
    microsoft_everybody: bool = False
    """Everybody of the organisation is read."""
    leave_out: tuple[Address, ...] = ()
    """These are never read, whatever group they are in."""
    lead: Address | None = None
    """Who gets the view over the whole team; each owner is told so in their own report. Unset: nobody."""

    @property
    def providers(self) -> tuple[Literal["google", "microsoft"], ...]:
        """Whose directories are asked."""
        found: list[Literal["google", "microsoft"]] = []
        if self.google_groups or self.google_everybody:
            found.append("google")
        if self.microsoft_groups or self.microsoft_everybody:
            found.append("microsoft")
        return tuple(found)


class Settings(Table):
    """The whole file. `zone` is the zone of mailboxes that name none."""

    zone: Zone = "UTC"
    """The zone of mailboxes that name none, and of the schedule."""
    mailbox: tuple[Mailbox, ...] = ()
    """One a person: `[[mailbox]]`."""
    own: Own = Own()
    store: StoreSettings = StoreSettings()
    sync: SyncSettings = SyncSettings()
    google: Google = Google()
    microsoft: Microsoft = Microsoft()
    report: Report = Report()
    smtp: Smtp = Smtp()
    schedule: Schedule = Schedule()
    remind: Remind = Remind()
    fleet: Fleet = Fleet()
    team: Team = Team()
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
        if self.team.lead and self.report.recipients:
            raise ValueError(
                "[team] lead needs every owner to get their own report, which tells them of it: leave "
                "[report] recipients empty"
            )
        if "google" in self.team.providers and (
            self.google.service_account_file is None or self.team.directory_account is None
        ):
            raise ValueError(
                "[team] asks Google's directory: that needs [google] service_account_file and "
                "[team] directory_account, an administrator of the Workspace"
            )
        if "microsoft" in self.team.providers and self.microsoft.flow != "app":
            raise ValueError(
                '[team] asks Microsoft\'s directory: that needs [microsoft] flow = "app"'
            )
        if self.fleet.scheduler and not self.store.url.startswith("postgres"):
            raise ValueError(
                "[fleet] scheduler sends work to other machines, which cannot share a SQLite file: "
                "set [store] url to a PostgreSQL database, or leave scheduler empty"
            )
        return self

    def zone_of(self, mailbox: Mailbox) -> str:
        """The mailbox's zone, else the common one."""
        return mailbox.zone or self.zone
