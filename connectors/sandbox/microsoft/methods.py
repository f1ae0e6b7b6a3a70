"""What was asked of Graph, and how does it refuse?

An `Ask` is one request, alone or inside a batch, already matched to a method. Unknown options and
properties are refused with the codes that Graph gives them (facts/microsoft.md 1.2, 2.1, 2.4, 4, 9).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import quote, urlencode

from connectors.sandbox.microsoft.login import Grant
from connectors.sandbox.microsoft.values import Json, pack, unpack
from connectors.sandbox.server.faults import Fault
from connectors.sandbox.server.http import Reply
from connectors.sandbox.world.mailboxes import digest
from connectors.sandbox.world.people import Account
from connectors.sandbox.world.state import State

T = TypeVar("T")
_IMMUTABLE = re.compile(r'IdType\s*=\s*"?ImmutableId"?', re.IGNORECASE)
_ZONE = re.compile(r'outlook\.timezone\s*=\s*"([^"]+)"', re.IGNORECASE)
_PAGE = re.compile(r"odata\.maxpagesize\s*=\s*(\d+)", re.IGNORECASE)
_CALENDARS = frozenset({"Calendars.ReadBasic", "Calendars.Read", "Calendars.ReadBasic.All"})
_MAIL = frozenset({"Mail.ReadBasic", "Mail.Read", "Mail.ReadBasic.All"})
_CALENDAR = r"(?:/calendar|/calendars/(?P<calendar>[^/]+))?/calendarView"
_REPORTS = r"/onlineMeetings/(?P<meeting>[^/]+)/attendanceReports"
_DELTA = r"/(?:microsoft\.graph\.)?delta(?:\(\))?"


@dataclass(frozen=True, slots=True)
class Method:
    """One thing that can be asked. `scopes`: one of them is enough; `options`: what it understands."""

    id: str
    verb: str
    pattern: re.Pattern[str]
    scopes: frozenset[str]
    options: frozenset[str]

    @property
    def template(self) -> str:
        return re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", self.pattern.pattern)


def _method(
    name: str, path: str, scopes: frozenset[str], options: str, verb: str = "GET"
) -> Method:
    return Method(name, verb, re.compile(path), scopes, frozenset(options.split()))


_LIST = "$top $skip $skiptoken $select $orderby $count"
_WINDOW = "startDateTime endDateTime"
METHODS: tuple[Method, ...] = (
    _method("calendars.list", r"/calendars", _CALENDARS, _LIST),
    _method("calendarView.list", _CALENDAR, _CALENDARS, f"{_LIST} {_WINDOW} $filter"),
    # facts 1.2: $select, $filter, $expand, $orderby and $search are not supported
    _method(
        "calendarView.delta", _CALENDAR + _DELTA, _CALENDARS, f"{_WINDOW} $skiptoken $deltatoken"
    ),
    _method("events.get", r"/events/(?P<event>[^/]+)", _CALENDARS, "$select $expand"),
    _method(
        "events.instances", r"/events/(?P<event>[^/]+)/instances", _CALENDARS, f"{_LIST} {_WINDOW}"
    ),
    _method("mailFolders.list", r"/mailFolders", _MAIL, f"{_LIST} includeHiddenFolders"),
    _method("mailFolders.get", r"/mailFolders/(?P<folder>[^/]+)", _MAIL, "$select"),
    _method(
        "childFolders.list",
        r"/mailFolders/(?P<folder>[^/]+)/childFolders",
        _MAIL,
        f"{_LIST} includeHiddenFolders",
    ),
    _method(
        "messages.list",
        r"(?:/mailFolders/(?P<folder>[^/]+))?/messages",
        _MAIL,
        f"{_LIST} $filter $expand $search",
    ),
    _method(
        "messages.delta",
        r"/mailFolders/(?P<folder>[^/]+)/messages" + _DELTA,
        _MAIL,
        "$select $top $expand $filter $orderby changeType $skiptoken $deltatoken",
    ),
    _method("messages.get", r"/messages/(?P<message>[^/]+)", _MAIL, "$select $expand"),
    _method(
        "onlineMeetings.list",
        r"/onlineMeetings",
        frozenset({"OnlineMeetings.Read", "OnlineMeetings.Read.All"}),
        "$filter",
    ),
    _method(
        "attendanceReports.list",
        _REPORTS,
        frozenset({"OnlineMeetingArtifact.Read.All"}),
        "$top $skiptoken",
    ),
    _method(
        "attendanceReports.get",
        _REPORTS + r"/(?P<report>[^/]+)",
        frozenset({"OnlineMeetingArtifact.Read.All"}),
        "$expand",
    ),
    _method(
        "attendanceRecords.list",
        _REPORTS + r"/(?P<report>[^/]+)/attendanceRecords",
        frozenset({"OnlineMeetingArtifact.Read.All"}),
        "$top $skiptoken",
    ),
    _method("sendMail", r"/sendMail", frozenset({"Mail.Send"}), "", "POST"),
)

_PEOPLE = frozenset({"User.Read.All"})
_GROUPS = frozenset({"GroupMember.Read.All"})
#: What is asked of the organisation, and of no mailbox.
DIRECTORY: tuple[Method, ...] = (
    _method("users.list", r"/users", _PEOPLE, "$top $skiptoken $select"),
    _method("groups.list", r"/groups", _GROUPS, "$top $skiptoken $select $filter"),
    _method(
        "groups.transitiveMembers",
        r"/groups/(?P<group>[^/]+)/transitiveMembers",
        _GROUPS,
        "$top $skiptoken $select",
    ),
)


class Refused(Exception):
    """An error answer on its way out of a handler."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})

    @property
    def body(self) -> Json:
        number = f"{digest(self.code, self.message):016x}"
        inner = {"date": "2026-03-09T06:00:00", "request-id": number, "client-request-id": number}
        return {"error": {"code": self.code, "message": self.message, "innerError": inner}}

    def reply(self) -> Reply:
        return Reply(self.status, json.dumps(self.body).encode(), dict(self.headers))


def not_found() -> Refused:
    return Refused(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def sync_lost() -> Refused:
    text = "The sync state generation is not found; generation=12;[highest=20]."
    return Refused(410, "SyncStateNotFound", text)


def unknown_property(name: str, kind: str) -> Refused:
    text = f"Could not find a property named '{name}' on type 'Microsoft.OutlookServices.{kind}'."
    return Refused(400, "RequestBroker--ParseUri", text)


@dataclass(slots=True)
class Ask:
    """One request to Graph. `values` come from its path; `root` ends before `/me` or `/users/…`."""

    method: Method
    account: Account
    grant: Grant
    state: State
    values: Mapping[str, str]
    query: Mapping[str, str]
    prefer: str
    root: str
    path: str
    body: bytes = b""
    content_type: str = ""
    fault: Fault | None = None
    dialect: str = "full"

    @property
    def immutable(self) -> bool:
        return bool(_IMMUTABLE.search(self.prefer))

    @property
    def zone(self) -> str:
        """The Windows or IANA name that the answer's times are asked in."""
        found = _ZONE.search(self.prefer)
        return found.group(1) if found else "UTC"

    @property
    def shape(self) -> str:
        """How the answer itself is to be bent: `empty_page`, `repeated_page` or not at all."""
        kind = self.fault.kind if self.fault is not None else ""
        return kind if kind in ("empty_page", "repeated_page") else ""

    def may(self, *scopes: str) -> bool:
        return bool(self.grant.scopes & set(scopes))

    def token(self, name: str) -> list[object]:
        """What a link's token says; [] where there is none. Raises Refused where it is not ours."""
        text = self.query.get(name, "")
        if not text:
            return []
        found = unpack(text)
        if not found:
            raise sync_lost()
        return found

    def link(self, drop: Sequence[str] = (), **changed: object) -> str:
        """This request's own address with other `$` options, and without those to drop."""
        options = {**self.query, **{f"${name}": value for name, value in changed.items()}}
        kept = {k: str(v) for k, v in options.items() if k not in drop or k[1:] in changed}
        return f"{self.root}{quote(self.path)}?{urlencode(kept)}"

    def size(self, default: int, largest: int) -> int:
        """The page size that `$top` or the preference asks for."""
        asked = _PAGE.search(self.prefer)
        text = self.query.get("$top") or (asked.group(1) if asked else str(default))
        if not text.isdecimal() or int(text) < 1:
            raise Refused(400, "ErrorInvalidUrlQuery", f"Invalid value '{text}' for $top.")
        return min(int(text), largest)


def paged(ask: Ask, items: Sequence[T], show: Callable[[T], Json], size: int) -> Json:
    """One page of a plain list, with a link to the next."""
    token = ask.token("$skiptoken")
    skip = int(str(token[1])) if token else int(ask.query.get("$skip", "0"))
    shape = ask.shape
    after = skip if shape in ("empty_page", "repeated_page") else skip + size
    page = [] if shape == "empty_page" else items[skip : skip + size]
    shown: Json = {"value": [show(one) for one in page]}
    if after < len(items) or shape:
        shown["@odata.nextLink"] = ask.link(["$skip"], skiptoken=pack("s", after))
    return shown


def selected(full: Json, names: Sequence[str]) -> Json:
    """The chosen properties; what begins with @ and the id always come."""
    if not names:
        return full
    return {k: v for k, v in full.items() if k.startswith("@odata") or k in ("id", *names)}


def matched(
    methods: tuple[Method, ...], verb: str, path: str
) -> tuple[Method, dict[str, str]] | None:
    """The method of this path, with the values in it."""
    for method in methods:
        match = method.pattern.fullmatch(path) if method.verb == verb else None
        if match is not None:
            return method, {name: value for name, value in match.groupdict().items() if value}
    return None
