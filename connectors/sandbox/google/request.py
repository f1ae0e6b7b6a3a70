"""What happens to one request between its arrival and its answer?

In Google's order: a fault may strike; the token, its scope, the parameters and the quota are
checked; the method's handler answers; the mask is applied; a fault may damage the answer; and
the request is written into the log. Handlers run one at a time, under the world's lock.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from connectors.sandbox.google import errors, field_masks
from connectors.sandbox.google import methods as google_methods
from connectors.sandbox.google.apis import audit, directory, mail_send, meet
from connectors.sandbox.google.apis import calendar as google_calendar
from connectors.sandbox.google.apis import mail as google_mail
from connectors.sandbox.google.call import Call, Handler
from connectors.sandbox.google.errors import Refused
from connectors.sandbox.google.login import Grant, Login
from connectors.sandbox.google.methods import Method
from connectors.sandbox.google.quirks import Quirks
from connectors.sandbox.server.faults import SHAPING, WIRE, Fault, Faults
from connectors.sandbox.server.http import Reply, Request
from connectors.sandbox.server.quota import Quota
from connectors.sandbox.server.request_log import Logged, RequestLog
from connectors.sandbox.world.world import World

HANDLERS: Mapping[str, Handler] = {
    "calendar.calendarList.list": google_calendar.calendar_list,
    "calendar.events.list": google_calendar.events_list,
    "calendar.events.get": google_calendar.events_get,
    "calendar.events.instances": google_calendar.events_instances,
    "gmail.users.getProfile": google_mail.profile,
    "gmail.users.labels.list": google_mail.labels_list,
    "gmail.users.labels.get": google_mail.labels_get,
    "gmail.users.messages.list": google_mail.messages_list,
    "gmail.users.messages.get": google_mail.messages_get,
    "gmail.users.messages.send": mail_send.send,
    "gmail.users.threads.list": google_mail.threads_list,
    "gmail.users.threads.get": google_mail.threads_get,
    "gmail.users.history.list": google_mail.history_list,
    "meet.conferenceRecords.list": meet.records_list,
    "meet.conferenceRecords.get": meet.records_get,
    "meet.conferenceRecords.participants.list": meet.participants_list,
    "meet.conferenceRecords.participants.participantSessions.list": meet.sessions_list,
    "meet.spaces.get": meet.spaces_get,
    "reports.activities.list": audit.activities_list,
    "directory.users.list": directory.users_list,
    "directory.members.list": directory.members_list,
}
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


class Gate:
    """The way in for API methods, batches' parts and the login's doors of one sandbox."""

    def __init__(
        self,
        world: World,
        login: Login,
        *,
        faults: Faults,
        quirks: Quirks,
        quota: Quota,
        max_in_flight: int | None,
        steady: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self.world = world
        self.login = login
        self.faults = faults
        self.quirks = quirks
        self.quota = quota
        self.log = RequestLog()
        self.misuse: list[str] = []
        self._max_in_flight = max_in_flight
        self._steady = steady
        self._sleep = sleep
        self._lock = threading.Lock()
        self._flying: Counter[str] = Counter()

    def door(
        self, request: Request, method: str, flying: int, inside: Callable[[Request], Reply]
    ) -> Reply:
        """Answer what is no API method: a batch as a whole, or the login."""
        began = self._steady()
        fault = self.faults.decide(method)
        reply = self._strike(fault, "oauth2.googleapis.com", method)
        if reply is None:
            reply = _spoil(fault, inside(request))
        self._write(request, method, request.path, reply, began, flying=flying, fault=fault)
        return reply

    def api(self, request: Request, flying: int, *, part: bool) -> Reply:
        """Answer one API method; `part` says that it came inside a batch."""
        began = self._steady()
        found = google_methods.find(request)
        if found is None or found[0].id not in HANDLERS:
            reply = errors.not_found().reply()
            self._write(request, "unknown", "unknown", reply, began, flying=flying, part=part)
            return reply
        method, path = found
        grant = self.login.bearer(request)
        who = grant.address if grant else ""
        item = path.get("eventId") or path.get("id", "")
        fault = self.faults.decide(method.id, who, request.query, item)
        units = 0
        with self._in_flight(who) as crowded:
            struck = self._strike(fault, method.service, method.id)
            try:
                if struck is None and crowded:
                    raise errors.over_quota("too_many")
                if struck is None:
                    call = self._admit(request, method, path, grant, fault)
                    units = self.quota.price(method.id)
                    struck = self._carry_out(call)
            except Refused as refused:
                struck = refused.reply()
        reply = _spoil(fault, struck)
        self._write(
            request,
            method.id,
            method.template,
            reply,
            began,
            who=who,
            units=units,
            flying=flying,
            part=part,
            fault=fault,
        )
        return reply

    @contextmanager
    def _in_flight(self, who: str) -> Iterator[bool]:
        """Count one user's requests at once; True where they are too many."""
        with self._lock:
            self._flying[who] += 1
            crowded = self._max_in_flight is not None and self._flying[who] > self._max_in_flight
        try:
            yield crowded
        finally:
            with self._lock:
                self._flying[who] -= 1

    def _admit(
        self,
        request: Request,
        method: Method,
        path: dict[str, str],
        grant: Grant | None,
        fault: Fault | None,
    ) -> Call:
        """Check token, scope, parameters and quota, in Google's order. Raises Refused."""
        if grant is None:
            raise errors.unauthenticated()
        if not grant.scopes & method.scopes:
            raise errors.insufficient(method.service, method.id)
        account = self.world.state.account_of(grant.address)
        if account is None:
            # A service account that acts for nobody has no mailbox (facts/google.md 4).
            raise errors.refusal(400, "failedPrecondition", "Precondition check failed.")
        values = google_methods.check(method, request)
        wait = self.quota.charge(account.address, method.id, self._steady())
        if wait is not None:
            # Gmail says 429; Calendar may say 403 usageLimits as well (facts/google.md 2.2).
            calendar = method.id.startswith("calendar.")
            raise errors.over_quota("rate_403" if calendar else "minute", wait)
        return Call(
            world=self.world,
            account=account,
            grant=grant,
            method=method,
            path=path,
            values=values,
            quirks=self.quirks,
            body=request.body,
            shape=fault.kind if fault is not None and fault.kind in SHAPING else "",
            misuse=self.misuse,
        )

    def _carry_out(self, call: Call) -> Reply:
        with self.world.lock:
            content: Any = HANDLERS[call.method.id](call)
        mask = call.values.get("fields")
        if mask:
            api = call.method.id.partition(".")[0]
            content = field_masks.apply(mask, content, api, call.method.schema)
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
        made = errors.struck(fault, service, method)
        return made.reply() if made else None

    def _write(
        self,
        request: Request,
        method: str,
        template: str,
        reply: Reply,
        began: float,
        *,
        who: str = "",
        units: int = 0,
        flying: int = 0,
        part: bool = False,
        fault: Fault | None = None,
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


def _spoil(fault: Fault | None, reply: Reply) -> Reply:
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
