"""How does one get Google on this machine's loopback?

    with GoogleSandbox(world) as google:
        login = google.issue_token("kate@ourco.example", [CALENDAR, MAIL])   # for the vault
        build("calendar", "v3", client_options={"api_endpoint": google.api_root + "calendar/v3/"})
        build("gmail", "v1", client_options={"api_endpoint": google.api_root})
        google.log.counts()                     # which endpoints were asked, over HTTP

It speaks the wire protocol of Calendar v3, Gmail v1 and Meet v2 as facts/google.md describes them:
what Google refuses, it refuses; what Google leaves out, it leaves out. `faults` switches
documented nastiness on, `quirks` what is not documented; `prices` and `enforce_quota` the quota.
`steady` is the server's counter of seconds (quota windows, access tokens), so that a test may
let time fly; refresh tokens and everything else age with the world's clock.
"""

from __future__ import annotations

import json
import ssl
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any

from connectors.sandbox import (
    google_batch,
    google_calendar,
    google_errors,
    google_fields,
    google_mail,
    google_meet,
    google_send,
    google_surface,
)
from connectors.sandbox.faults import SHAPING, WIRE, Fault, Faults
from connectors.sandbox.google_call import Call, Handler
from connectors.sandbox.google_errors import Refused
from connectors.sandbox.google_events import Quirks
from connectors.sandbox.google_login import CLIENT_ID, CLIENT_SECRET, GrantKind, Login
from connectors.sandbox.http import Listener, Reply, Request
from connectors.sandbox.quota import Prices, Quota
from connectors.sandbox.requestlog import Logged, RequestLog
from connectors.sandbox.world import World

_SCOPE = "https://www.googleapis.com/auth/"
#: The scopes that noshow asks for, by their full names.
CALENDAR = _SCOPE + "calendar.events.readonly"
CALENDAR_LIST = _SCOPE + "calendar.calendarlist.readonly"
MAIL = _SCOPE + "gmail.metadata"
SEND = _SCOPE + "gmail.send"
MEET = _SCOPE + "meetings.space.readonly"

_HANDLERS: Mapping[str, Handler] = {
    "calendar.calendarList.list": google_calendar.calendar_list,
    "calendar.events.list": google_calendar.events_list,
    "calendar.events.get": google_calendar.events_get,
    "calendar.events.instances": google_calendar.events_instances,
    "gmail.users.getProfile": google_mail.profile,
    "gmail.users.labels.list": google_mail.labels_list,
    "gmail.users.labels.get": google_mail.labels_get,
    "gmail.users.messages.list": google_mail.messages_list,
    "gmail.users.messages.get": google_mail.messages_get,
    "gmail.users.messages.send": google_send.send,
    "gmail.users.threads.list": google_mail.threads_list,
    "gmail.users.threads.get": google_mail.threads_get,
    "gmail.users.history.list": google_mail.history_list,
    "meet.conferenceRecords.list": google_meet.records_list,
    "meet.conferenceRecords.get": google_meet.records_get,
    "meet.conferenceRecords.participants.list": google_meet.participants_list,
    "meet.conferenceRecords.participants.participantSessions.list": google_meet.sessions_list,
    "meet.spaces.get": google_meet.spaces_get,
}
_BATCHES = ("/batch", "/batch/calendar/v3", "/batch/gmail/v1", "/batch/meet/v2")
_TOKEN_FAULTS = {
    "invalid_grant": {
        "error": "invalid_grant",
        "error_description": "Token has been expired or revoked.",
    },
    "invalid_rapt": {
        "error": "invalid_grant",
        "error_description": "reauth related error (invalid_rapt)",
        "error_subtype": "invalid_rapt",
    },
    "invalid_scope": {"error": "invalid_scope", "error_description": "Bad Request"},
}
_HTML = (
    b"<html><head><title>Sign in</title></head><body>Please sign in to the network.</body></html>"
)


class GoogleSandbox:
    """A running server; leave the `with` block or call `close()` to end it.

    `misuse` lists what a client did that Google allows but calls undefined; `crashes` the
    sandbox's own mistakes, which leaving the `with` block raises.
    """

    def __init__(
        self,
        world: World,
        *,
        tls: ssl.SSLContext | tuple[str, str] | None = None,
        faults: Faults | None = None,
        prices: Prices = "new",
        enforce_quota: bool = False,
        quirks: Quirks | None = None,
        access_seconds: float = 3599.0,
        steady: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.world = world
        self.faults = faults or Faults()
        self.quirks = quirks or Quirks()
        self.log = RequestLog()
        self.quota = Quota(prices, enforce=enforce_quota)
        self.login = Login(world, steady, access_seconds)
        self.misuse: list[str] = []
        self.crashes: list[Exception] = []
        self._steady = steady
        self._sleep = sleep
        self._listener = Listener(self._answer, tls)

    def __enter__(self) -> GoogleSandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
        if error is None and self.crashes:
            raise ExceptionGroup("the sandbox made mistakes", self.crashes)
        for crash in self.crashes:
            if error is not None:
                error.add_note("".join(traceback.format_exception(crash)))

    def close(self) -> None:
        self._listener.close()

    @property
    def api_root(self) -> str:
        """The root of all APIs, with a slash at its end. Calendar needs `calendar/v3/` appended."""
        return self._listener.root

    @property
    def token_uri(self) -> str:
        return self.api_root + "token"

    @property
    def auth_uri(self) -> str:
        """The consent page. Whoever opens it agrees at once, as `login` says."""
        return self.api_root + "o/oauth2/v2/auth"

    @property
    def revoke_uri(self) -> str:
        return self.api_root + "revoke"

    def issue_token(
        self, address: str, scopes: Iterable[str], kind: GrantKind = "production"
    ) -> dict[str, Any]:
        """An authorized-user login, as `Credentials.to_json()` keeps it and the vault stores it.

        `kind="testing"`: it dies 7 days of the world's time after now. Raises ValueError for
        somebody who has no account in the world.
        """
        refresh, grant = self.login.issue(address, scopes, kind)
        return {
            "type": "authorized_user",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": refresh,
            "token_uri": self.token_uri,
            "scopes": sorted(grant.scopes),
            "account": address,
            "universe_domain": "googleapis.com",
        }

    def client_secrets(self) -> dict[str, Any]:
        """The file that the Cloud console gives for a desktop client."""
        return {
            "installed": {
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "project_id": "noshow-sandbox",
                "auth_uri": self.auth_uri,
                "token_uri": self.token_uri,
                "redirect_uris": ["http://localhost"],
            }
        }

    def service_account(
        self, scopes: Iterable[str], email: str = "robot@noshow-sandbox.iam.gserviceaccount.com"
    ) -> dict[str, Any]:
        """The key file of a new service account that may act for everybody, for these scopes."""
        # Only here: making a key takes a moment, and most sandboxes need none.
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        self.login.register(email, public.decode(), scopes)
        return {
            "type": "service_account",
            "project_id": "noshow-sandbox",
            "private_key_id": "0a1b2c3d",
            "private_key": private.decode(),
            "client_email": email,
            "client_id": "1029384756",
            "token_uri": self.token_uri,
            "universe_domain": "googleapis.com",
        }

    def _answer(self, request: Request) -> Reply:
        flying = self.log.enter()
        try:
            if request.path in _BATCHES:
                return self._logged(request, "batch", request.path, flying, self._batch)
            doors = {
                "/token": ("oauth2.token", self.login.token),
                "/o/oauth2/v2/auth": ("oauth2.auth", self.login.consent),
                "/revoke": ("oauth2.revoke", self.login.end),
            }
            if request.path in doors:
                method, door = doors[request.path]
                return self._logged(request, method, request.path, flying, door)
            return self._api(request, flying, part=False)
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not look like weather
            self.crashes.append(error)
            return Reply(500, b'{"error": "the sandbox made a mistake"}')
        finally:
            self.log.leave()

    def _batch(self, request: Request) -> Reply:
        return google_batch.run(request, lambda part: self._api(part, 0, part=True))

    def _logged(
        self,
        request: Request,
        method: str,
        template: str,
        flying: int,
        door: Callable[[Request], Reply],
    ) -> Reply:
        """The doors that are no API methods: batches and the login."""
        began = self._steady()
        fault = self.faults.decide(method)
        reply = self._strike(fault, "oauth2.googleapis.com", method)
        if reply is None:
            reply = self._spoil(fault, door(request))
        self._write(request, method, template, "", 0, reply, began, flying, False, fault)
        return reply

    def _api(self, request: Request, flying: int, *, part: bool) -> Reply:
        began = self._steady()
        found = google_surface.find(request)
        if found is None or found[0].id not in _HANDLERS:
            unknown = google_errors.not_found().reply()
            self._write(request, "unknown", "unknown", "", 0, unknown, began, flying, part, None)
            return unknown
        method, path = found
        grant = self.login.bearer(request)
        who = grant.address if grant else ""
        fault = self.faults.decide(method.id, who)
        units = 0
        reply = self._strike(fault, method.service, method.id)
        if reply is None:
            try:
                call = self._admit(request, method, path, fault)
                units = self.quota.price(method.id)
                reply = self._carry_out(call)
            except Refused as refused:
                reply = refused.reply()
            reply = self._spoil(fault, reply)
        self._write(
            request, method.id, method.template, who, units, reply, began, flying, part, fault
        )
        return reply

    def _admit(
        self,
        request: Request,
        method: google_surface.Method,
        path: dict[str, str],
        fault: Fault | None,
    ) -> Call:
        """Check token, scope, parameters and quota, in Google's order. Raises Refused."""
        grant = self.login.bearer(request)
        if grant is None:
            raise google_errors.unauthenticated()
        if not grant.scopes & method.scopes:
            raise google_errors.insufficient(method.service, method.id)
        account = self.world.state.account_of(grant.address)
        if account is None:
            # A service account that acts for nobody has no mailbox (facts/google.md 4).
            raise google_errors.refusal(400, "failedPrecondition", "Precondition check failed.")
        values = google_surface.check(method, request)
        wait = self.quota.charge(account.address, method.id, self._steady())
        if wait is not None:
            raise google_errors.over_quota("too_many", wait)
        shape = fault.kind if fault is not None and fault.kind in SHAPING else ""
        return Call(
            world=self.world,
            account=account,
            grant=grant,
            method=method,
            path=path,
            values=values,
            quirks=self.quirks,
            body=request.body,
            shape=shape,
            misuse=self.misuse,
        )

    def _carry_out(self, call: Call) -> Reply:
        with self.world.lock:
            content: Any = _HANDLERS[call.method.id](call)
        mask = call.values.get("fields")
        if mask:
            api = call.method.id.partition(".")[0]
            content = google_fields.apply(mask, content, api, call.method.schema)
        return Reply(200, json.dumps(content, ensure_ascii=False).encode())

    def _strike(self, fault: Fault | None, service: str, method: str) -> Reply | None:
        """What a fault puts in place of the answer; None where the answer is made after all."""
        if fault is None:
            return None
        if fault.kind == "slow":
            self._sleep(fault.seconds)
            return None
        if fault.kind == "drop_before":
            return Reply(0, drop=True)
        if fault.kind in _TOKEN_FAULTS:
            return Reply(400, json.dumps(_TOKEN_FAULTS[fault.kind]).encode())
        if method == "oauth2.token" and fault.kind == "server_error":
            return Reply(fault.status, b'{"error": "internal_failure"}')
        made = google_errors.struck(fault, service, method)
        return made.reply() if made else None

    def _spoil(self, fault: Fault | None, reply: Reply) -> Reply:
        """Damage on the wire, after the request was processed."""
        if fault is None or fault.kind not in WIRE:
            return reply
        if fault.kind == "html":
            return Reply(200, _HTML, {"Content-Type": "text/html; charset=UTF-8"})
        if fault.kind == "truncated":
            reply.cut = 0.6
        else:
            reply.drop = True
        return reply

    def _write(
        self,
        request: Request,
        method: str,
        template: str,
        who: str,
        units: int,
        reply: Reply,
        began: float,
        flying: int,
        part: bool,
        fault: Fault | None,
    ) -> None:
        self.log.write(
            Logged(
                method=method,
                verb=request.verb,
                template=template,
                names=tuple(sorted(request.query)),
                mailbox=who,
                units=units,
                status=0 if reply.drop else reply.status,
                began=began,
                seconds=self._steady() - began,
                in_flight=flying,
                part=part,
                fault=fault.kind if fault else "",
                asked_page="pageToken" in request.query,
            )
        )
