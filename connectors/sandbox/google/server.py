"""How does one get Google on this machine's loopback?

    with GoogleSandbox(world) as google:
        login = google.issue_token("kate@ourco.example", [CALENDAR, MAIL])   # for the vault
        build("calendar", "v3", client_options={"api_endpoint": google.api_root + "calendar/v3/"})
        build("gmail", "v1", client_options={"api_endpoint": google.api_root})
        google.log.counts()                     # which endpoints were asked, over HTTP

It speaks the wire protocol of Calendar v3, Gmail v1, Meet v2 and the Reports API's log as facts/google.md describes them:
what Google refuses, it refuses; what Google leaves out, it leaves out. `faults` switches
documented nastiness on, `quirks` what is not documented; `prices` and `enforce_quota` the quota,
and `max_in_flight` how many requests of one user Google suffers at once. For a quota that ends
midway: `Fault("quota_403", where="gmail.*", after=500, times=None)`.
`steady` is the server's counter of seconds (quota windows, access tokens), so that a test may
let time fly; refresh tokens and everything else age with the world's clock, which stands still
until somebody calls `world.advance_to`, or goes along with `follow` at every request.
"""

from __future__ import annotations

import ssl
import time
import traceback
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

from connectors.sandbox.google import batch as google_batch
from connectors.sandbox.google.login import CLIENT_ID, CLIENT_SECRET, GrantKind, Login
from connectors.sandbox.google.quirks import Quirks
from connectors.sandbox.google.request import Gate
from connectors.sandbox.server.faults import Faults
from connectors.sandbox.server.http import Listener, Reply, Request
from connectors.sandbox.server.quota import Prices, Quota
from connectors.sandbox.world.world import World

_SCOPE = "https://www.googleapis.com/auth/"
#: The scopes that noshow asks for, by their full names.
CALENDAR = _SCOPE + "calendar.events.readonly"
CALENDAR_LIST = _SCOPE + "calendar.calendarlist.readonly"
MAIL = _SCOPE + "gmail.metadata"
SEND = _SCOPE + "gmail.send"
MEET = _SCOPE + "meetings.space.readonly"
AUDIT = _SCOPE + "admin.reports.audit.readonly"
DIRECTORY = _SCOPE + "admin.directory.user.readonly"
GROUPS = _SCOPE + "admin.directory.group.member.readonly"

_BATCHES = ("/batch", "/batch/calendar/v3", "/batch/gmail/v1", "/batch/meet/v2")


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
        max_in_flight: int | None = None,
        quirks: Quirks | None = None,
        access_seconds: float = 3599.0,
        steady: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        follow: Callable[[], datetime] | None = None,
    ) -> None:
        self.world = world
        self._follow = follow
        self.faults = faults or Faults()
        self.quirks = quirks or Quirks()
        self.quota = Quota(prices, enforce=enforce_quota)
        self.login = Login(world, steady, access_seconds)
        self.crashes: list[Exception] = []
        self._gate = Gate(
            world,
            self.login,
            faults=self.faults,
            quirks=self.quirks,
            quota=self.quota,
            max_in_flight=max_in_flight,
            steady=steady,
            sleep=sleep,
        )
        self.log = self._gate.log
        self.misuse = self._gate.misuse
        #: How far this server's clock is ahead of the world's.
        self.ahead = timedelta(0)
        self._listener = Listener(self._answer, tls, lambda: self.world.now + self.ahead)

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
        gate = self._gate
        flying = self.log.enter()
        try:
            if self._follow is not None:
                with self.world.lock:
                    self.world.advance_to(max(self.world.now, self._follow()))
            if request.path in _BATCHES:
                return gate.door(request, "batch", flying, self._batch)
            doors = {
                "/token": ("oauth2.token", self.login.token),
                "/o/oauth2/v2/auth": ("oauth2.auth", self.login.consent),
                "/revoke": ("oauth2.revoke", self.login.end),
            }
            if request.path in doors:
                method, inside = doors[request.path]
                return gate.door(request, method, flying, inside)
            return gate.api(request, flying, part=False)
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not look like weather
            self.crashes.append(error)
            return Reply(500, b'{"error": "the sandbox made a mistake"}')
        finally:
            self.log.leave()

    def _batch(self, request: Request) -> Reply:
        return google_batch.run(request, lambda part: self._gate.api(part, 0, part=True))
