"""How does one get Microsoft 365 on this machine's loopback?

    with MicrosoftSandbox(world) as microsoft:
        microsoft.authority, microsoft.graph_root, microsoft.ca_file     # what the settings name
        login = microsoft.issue_cache("kate@ourco.example")              # for the vault
        microsoft.log.counts()               # which endpoints were asked, over HTTP
        microsoft.log.undercut()             # whoever came back before Retry-After had passed

It speaks the login of Entra and the part of Graph v1.0 that noshow uses, over TLS, as
facts/microsoft.md describes them: what Graph refuses, it refuses; what Graph leaves out, it leaves
out. `faults` switches documented nastiness on; method ids look like `calendarView.delta`,
`messages.get`, `login.token` and `batch` (connectors.sandbox.microsoft.methods.METHODS).
`dialect`: "no_expand" refuses to expand an event message's event, "no_cast" also the properties of
subtypes in `$select`. `unreadable`: ids of messages that are refused however they are asked for.
`challenges`: so many answers are a 401 with a claims challenge. `strict`:
more than `lanes` requests in flight get 429 (facts 4). `sign_in.trouble` makes logins fail.
"""

from __future__ import annotations

import base64
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Literal

import msal

from connectors.sandbox.microsoft import calendar as microsoft_calendar
from connectors.sandbox.microsoft import directory, teams
from connectors.sandbox.microsoft import mail as microsoft_mail
from connectors.sandbox.microsoft.login import Authority, Grant
from connectors.sandbox.microsoft.methods import (
    DIRECTORY,
    METHODS,
    Ask,
    Method,
    Refused,
    matched,
    sync_lost,
)
from connectors.sandbox.microsoft.request_log import GraphLog, GraphLogged
from connectors.sandbox.server import tls
from connectors.sandbox.server.faults import WIRE, Fault, Faults
from connectors.sandbox.server.http import Listener, Reply, Request, parse
from connectors.sandbox.world.mailboxes import digest
from connectors.sandbox.world.people import Account
from connectors.sandbox.world.world import World

Dialect = Literal["full", "no_expand", "no_cast"]
READING = ("Calendars.ReadBasic", "Mail.ReadBasic")
SENDING = ("Mail.Send",)
ATTENDANCE = ("OnlineMeetings.Read", "OnlineMeetingArtifact.Read.All")
CLIENT_ID = "5b1f7c1e-0000-4000-8000-6e6f73686f77"
_VERSION = "/v1.0"
_LARGEST_BATCH = 20
_CHALLENGE = base64.b64encode(b'{"access_token":{"nbf":{"essential":true,"value":"1"}}}').decode()
_NOBODY = Account("", "", "UTC")
_HTML = b"<html><body>Please sign in to the network.</body></html>"


class MicrosoftSandbox:
    """A running server; leave the `with` block or call `close()` to end it."""

    def __init__(
        self,
        world: World,
        *,
        faults: Faults | None = None,
        dialect: Dialect = "full",
        strict: bool = True,
        lanes: int = 4,
        token_seconds: float = 3600.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.world = world
        self.faults = faults or Faults()
        self.dialect: Dialect = dialect
        self.strict = strict
        self.lanes = lanes
        self.challenges = 0
        self.unreadable: set[str] = set()
        self.log = GraphLog()
        self.sign_in = Authority(frozenset(world.state.accounts), token_seconds)
        self._sleep = sleep
        self._lock = threading.Lock()
        self._flying = 0
        self._folder = tempfile.TemporaryDirectory(prefix="noshow-sandbox-")
        made = tls.make(Path(self._folder.name))
        self.ca_file = made.ca_file
        self._listener = Listener(self._answer, made.context, lambda: self.world.now)
        self.sign_in.root = self._listener.root

    def __enter__(self) -> MicrosoftSandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._listener.close()
        self._folder.cleanup()

    @property
    def authority(self) -> str:
        """The root of all tenants' login endpoints, with a slash at its end."""
        return self._listener.root

    @property
    def graph_root(self) -> str:
        """The root of Graph v1.0, with a slash at its end."""
        return self._listener.root.rstrip("/") + _VERSION + "/"

    def issue_cache(
        self,
        address: str,
        scopes: Iterable[str] = READING,
        *,
        client_id: str = CLIENT_ID,
        tenant: str = "organizations",
    ) -> str:
        """MSAL's serialised token cache after a login of this person. Its access token is spent.

        Raises ValueError for somebody who has no account in the world.
        """
        if address not in self.world.state.accounts:
            raise ValueError("nobody of that address is served here")
        wanted = [*scopes]
        answer = self.sign_in.issue(address, frozenset(wanted), client_id)
        cache = msal.SerializableTokenCache()
        cache.add(
            {
                "client_id": client_id,
                "scope": wanted,
                "token_endpoint": f"{self.authority}{tenant}/oauth2/v2.0/token",
                "response": {**answer, "expires_in": 0},
                "params": {},
                "data": {},
            }
        )
        return str(cache.serialize())

    def _answer(self, request: Request) -> Reply:
        method = self.sign_in.method(request)
        if method:
            return self._login(method, request)
        if request.path == _VERSION + "/$batch":
            return self._batch(request)
        with _Flight(self, 1) as flying:
            return self._graph(request, flying, part=False, crowded=flying > self.lanes)

    def _login(self, method: str, request: Request) -> Reply:
        began = time.monotonic()
        fault = self.faults.decide(method)
        reply = self._strike(fault)
        if reply is None:
            reply = self._spoil(fault, self.sign_in.answer(method, request, fault))
        self._write(request, method, method, "", reply, began, 0, False, fault)
        return reply

    def _batch(self, request: Request) -> Reply:
        """Up to 20 parts, answered in no particular order; parts without a free lane get 429."""
        began = time.monotonic()
        try:
            parts = json.loads(request.body)["requests"]
            ids = [str(part["id"]) for part in parts]
        except (ValueError, KeyError, TypeError):
            return Refused(400, "BadRequest", "Invalid batch payload format.").reply()
        if not 0 < len(parts) <= _LARGEST_BATCH or len(set(ids)) < len(ids):
            return Refused(400, "BadRequest", "Batch: 1 to 20 requests with unique ids.").reply()
        fault = self.faults.decide("batch")
        reply = self._strike(fault)
        if reply is None:
            answers = []
            with _Flight(self, len(parts)) as flying:
                free = self.lanes - (flying - len(parts))
                for place, part in enumerate(parts):
                    inner = parse(
                        str(part["method"]).upper(),
                        _VERSION + str(part["url"]),
                        {
                            **part.get("headers", {}),
                            "Authorization": request.header("authorization"),
                        },
                        json.dumps(part.get("body")).encode() if "body" in part else b"",
                    )
                    made = self._graph(inner, flying, part=True, crowded=place >= free)
                    answers.append(
                        {
                            "id": str(part["id"]),
                            "status": made.status,
                            "headers": made.headers,
                            "body": json.loads(made.body) if made.body else None,
                        }
                    )
            answers.sort(key=lambda one: digest(one["id"], len(answers)))
            reply = self._spoil(fault, Reply(200, json.dumps({"responses": answers}).encode()))
        self._write(request, "batch", "/$batch", "", reply, began, 0, False, fault)
        return reply

    def _graph(self, request: Request, flying: int, *, part: bool, crowded: bool) -> Reply:
        began = time.monotonic()
        who, found = self._whose(request)
        method, values = found or (None, {})
        name = method.id if method else "unknown"
        fault = self.faults.decide(name, who.address if who else "")
        reply = self._strike(fault)
        if reply is None:
            try:
                if crowded and self.strict:
                    text = "Application is over its MailboxConcurrency limit."
                    raise Refused(429, "ApplicationThrottled", text, {"Retry-After": "1"})
                reply = self._carry_out(request, who, method, values, fault)
            except Refused as refused:
                reply = refused.reply()
            reply = self._spoil(None if part else fault, reply)
        reply.headers.setdefault("request-id", f"{digest(request.path, began):016x}")
        template = method.template if method else "unknown"
        address = who.address if who else ""
        self._write(request, name, template, address, reply, began, flying, part, fault)
        return reply

    def _whose(
        self, request: Request
    ) -> tuple[Account | None, tuple[Method, dict[str, str]] | None]:
        """Whose mailbox a path is about, and what is asked of it."""
        path = request.path.removeprefix(_VERSION)
        grant = self._grant(request)
        state = self.world.state
        if path.startswith("/me/"):
            who = state.account_of(grant.who) if grant else None
            path = path.removeprefix("/me")
        elif path.startswith("/users/"):
            address, _, rest = path.removeprefix("/users/").partition("/")
            who, path = state.account_of(address), "/" + rest
        else:
            return None, matched(DIRECTORY, request.verb, path)
        return who, matched(METHODS, request.verb, path)

    def _grant(self, request: Request) -> Grant | None:
        return self.sign_in.grant_of(request.header("authorization").removeprefix("Bearer "))

    def _carry_out(
        self,
        request: Request,
        who: Account | None,
        method: Method | None,
        values: dict[str, str],
        fault: Fault | None,
    ) -> Reply:
        """Check token, scope and options as Graph does, then ask the world. Raises Refused."""
        grant = self._grant(request)
        if grant is None or self._challenged():
            text = "Access token has expired or is not yet valid."
            header = f'Bearer realm="", error="insufficient_claims", claims="{_CHALLENGE}"'
            named = {"WWW-Authenticate": header} if grant is not None else {}
            raise Refused(401, "InvalidAuthenticationToken", text, named)
        if method is None:
            raise Refused(400, "BadRequest", "Resource not found for the segment.")
        everywhere = method in DIRECTORY
        if not everywhere and (who is None or (grant.who and grant.who != who.address)):
            raise Refused(404, "ErrorInvalidUser", "The requested user is invalid.")
        if not grant.scopes & method.scopes:
            if everywhere:
                raise directory.denied()
            raise Refused(403, "ErrorAccessDenied", "Access is denied. Check credentials.")
        query = {name: given[-1] for name, given in request.query.items()}
        for name in query:
            if name not in method.options:
                text = f"The query parameter '{name}' is not supported."
                raise Refused(400, "ErrorInvalidUrlQuery", text)
        ask = Ask(
            method=method,
            account=who or _NOBODY,
            grant=grant,
            state=self.world.state,
            values=values,
            query=query,
            prefer=request.header("prefer"),
            root=self._listener.root.rstrip("/"),
            path=request.path,
            body=request.body,
            content_type=request.header("content-type"),
            fault=fault,
            dialect=self.dialect,
        )
        if values.get("message") in self.unreadable:
            raise Refused(400, "ErrorInvalidProperty", "The property could not be read.")
        with self.world.lock:
            if method.id == "sendMail":
                self.world.post(microsoft_mail.posted(ask))
                return Reply(202)
            family = method.id.partition(".")[0]
            module = {
                "calendars": microsoft_calendar,
                "calendarView": microsoft_calendar,
                "events": microsoft_calendar,
                "mailFolders": microsoft_mail,
                "childFolders": microsoft_mail,
                "messages": microsoft_mail,
                "users": directory,
                "groups": directory,
            }.get(family, teams)
            content = module.answer(ask)
        text = json.dumps(content, ensure_ascii=False)
        return Reply(200, text.encode())

    def _challenged(self) -> bool:
        with self._lock:
            if self.challenges <= 0:
                return False
            self.challenges -= 1
            return True

    def _strike(self, fault: Fault | None) -> Reply | None:
        """What a fault puts in place of the answer; None where the answer is made after all."""
        if fault is None:
            return None
        if fault.kind == "slow":
            self._sleep(fault.seconds)
            return None
        if fault.kind == "drop_before":
            return Reply(0, drop=True)
        told = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
        made = {
            "gone": sync_lost(),
            "not_found": Refused(404, "ErrorItemNotFound", "The object was not found."),
            "too_many": Refused(429, "TooManyRequests", "Please retry again later.", told),
            "server_error": Refused(fault.status, "UnknownError", "", told),
            "expired_token": Refused(401, "InvalidAuthenticationToken", "Token has expired."),
            "forbidden": Refused(403, "ErrorAccessDenied", "Access is denied."),
        }.get(fault.kind)
        return made.reply() if made else None

    def _spoil(self, fault: Fault | None, reply: Reply) -> Reply:
        """Damage on the wire, after the request was processed."""
        if fault is None or fault.kind not in WIRE:
            return reply
        if fault.kind == "html":
            return Reply(200, _HTML, {"Content-Type": "text/html; charset=UTF-8"})
        if fault.kind == "truncated":
            return replace(reply, cut=0.6)
        return replace(reply, drop=True)

    def _write(
        self,
        request: Request,
        method: str,
        template: str,
        who: str,
        reply: Reply,
        began: float,
        flying: int,
        part: bool,
        fault: Fault | None,
    ) -> None:
        prefer = request.header("prefer").lower()
        self.log.write(
            GraphLogged(
                method=method,
                verb=request.verb,
                template=template,
                names=tuple(sorted(request.query)),
                mailbox=who,
                units=0 if method.startswith("login.") or method == "batch" else 1,
                status=0 if reply.drop else reply.status,
                began=began,
                seconds=time.monotonic() - began,
                in_flight=flying,
                part=part,
                fault=fault.kind if fault else "",
                asked_page="$skiptoken" in request.query,
                told=float(reply.headers.get("Retry-After", 0)),
                same=digest(
                    request.verb, request.path, sorted(request.query.items()), request.body
                ),
                immutable="immutableid" in prefer,
                utc='outlook.timezone="utc"' in prefer,
            )
        )


class _Flight:
    """Counts requests in flight while a `with` block runs; gives the count with them in it."""

    def __init__(self, sandbox: MicrosoftSandbox, width: int) -> None:
        self._sandbox = sandbox
        self._width = width

    def __enter__(self) -> int:
        with self._sandbox._lock:
            self._sandbox._flying += self._width
            return self._sandbox._flying

    def __exit__(self, *exc: object) -> None:
        with self._sandbox._lock:
            self._sandbox._flying -= self._width
