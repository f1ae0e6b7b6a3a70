"""Who may read what? Google's token endpoint and consent page.

Grants: refresh_token, authorization_code (with PKCE) and the service account's JWT. Refresh tokens
of a project in testing die after 7 days of the world's time; access tokens live
`access_seconds` of the server's steady clock. Errors as in facts/google.md 4.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode

from google.auth import exceptions as google_exceptions
from google.auth import jwt as google_jwt

from connectors.sandbox.server.http import Reply, Request
from connectors.sandbox.world.mailboxes import digest
from connectors.sandbox.world.world import World

GrantKind = Literal["production", "testing", "service"]
CLIENT_ID = "1020304050-sandbox.apps.googleusercontent.com"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105 - opens nothing but this sandbox
_TESTING_LIFE = 7 * 86_400_000_000
#: No token endpoint of Google's: these bodies carry no `error.code`.
_DEAD = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}


@dataclass(frozen=True, slots=True)
class Grant:
    """One consent: whose mailbox, which scopes, made when [µs UTC of the world]."""

    address: str
    scopes: frozenset[str]
    kind: GrantKind
    issued: int


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A robot that an administrator lets act for everybody, for exactly these scopes."""

    email: str
    certificate: str
    scopes: frozenset[str]


class Login:
    """The tokens of one sandbox. Safe for threads."""

    def __init__(self, world: World, steady: Callable[[], float], access_seconds: float) -> None:
        self._world = world
        self._steady = steady
        self._access_seconds = access_seconds
        self._lock = threading.Lock()
        self._made = 0
        self._refresh: dict[str, Grant] = {}
        self._access: dict[str, tuple[Grant, float]] = {}
        self._codes: dict[str, tuple[Grant, str, str]] = {}
        self._robots: dict[str, ServiceAccount] = {}
        #: What the consent page gives: None as asked; a set as the user left it ticked.
        self.ticked: frozenset[str] | None = None
        self.refuses_consent = False
        self.consents_as = ""
        self.project: GrantKind = "production"

    def issue(
        self, address: str, scopes: Iterable[str], kind: GrantKind = "production"
    ) -> tuple[str, Grant]:
        """A refresh token for somebody, without any page. Raises ValueError for a stranger."""
        if self._world.state.account_of(address) is None:
            raise ValueError("no such account in the world")
        grant = Grant(address, frozenset(scopes), kind, self._world.state.now)
        with self._lock:
            token = self._name("1//refresh")
            self._refresh[token] = grant
        return token, grant

    def register(self, email: str, public_key: str, scopes: Iterable[str]) -> None:
        """Let a service account act for everybody in the domain. `public_key` is PEM."""
        self._robots[email] = ServiceAccount(email, public_key, frozenset(scopes))

    def revoke(self, address: str) -> None:
        """The user takes all consents back, or changes the password (Gmail scopes die with it)."""
        with self._lock:
            for token, grant in list(self._refresh.items()):
                if grant.address == address:
                    del self._refresh[token]
            for token, (grant, _) in list(self._access.items()):
                if grant.address == address:
                    del self._access[token]

    def expire_access(self) -> None:
        """All access tokens are over now; refresh tokens live on."""
        with self._lock:
            self._access.clear()

    def bearer(self, request: Request) -> Grant | None:
        """Whose token the request bears; None for none, a strange or an expired one."""
        word, _, token = request.header("authorization").partition(" ")
        if word.lower() != "bearer":
            return None
        with self._lock:
            found = self._access.get(token.strip())
        if found is None or found[1] <= self._steady():
            return None
        return found[0]

    def _name(self, prefix: str) -> str:
        self._made += 1
        return f"{prefix}.{digest(prefix, self._made):016x}{digest(self._made, prefix):016x}"

    def _open(self, grant: Grant, *, refresh: str = "") -> Reply:
        with self._lock:
            token = self._name("ya29.sandbox")
            self._access[token] = (grant, self._steady() + self._access_seconds)
        body = {
            "access_token": token,
            "expires_in": int(self._access_seconds),
            "scope": " ".join(sorted(grant.scopes)),
            "token_type": "Bearer",
        }
        if refresh:
            body["refresh_token"] = refresh
        return _json(200, body)

    def token(self, request: Request) -> Reply:
        """POST /token."""
        form = {k: v[-1] for k, v in parse_qs(request.body.decode("utf-8", "replace")).items()}
        kind = form.get("grant_type", "")
        if kind == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return self._robot(form.get("assertion", ""), request)
        if form.get("client_id") != CLIENT_ID:
            return _json(
                401,
                {"error": "invalid_client", "error_description": "The OAuth client was not found."},
            )
        if form.get("client_secret") != CLIENT_SECRET:
            return _json(401, {"error": "invalid_client", "error_description": "Unauthorized"})
        if kind == "refresh_token":
            return self._refreshed(form)
        if kind == "authorization_code":
            return self._exchanged(form)
        return _json(
            400,
            {
                "error": "unsupported_grant_type",
                "error_description": f"Invalid grant_type: {kind}",
            },
        )

    def _refreshed(self, form: dict[str, str]) -> Reply:
        with self._lock:
            grant = self._refresh.get(form.get("refresh_token", ""))
        if grant is None:
            return _json(400, _DEAD)
        aged = self._world.state.now - grant.issued
        if grant.kind == "testing" and aged > _TESTING_LIFE:
            return _json(400, _DEAD)
        asked = frozenset(form.get("scope", "").split())
        if asked - grant.scopes:
            return _json(400, {"error": "invalid_scope", "error_description": "Bad Request"})
        return self._open(replace(grant, scopes=asked or grant.scopes))

    def _exchanged(self, form: dict[str, str]) -> Reply:
        with self._lock:
            found = self._codes.pop(form.get("code", ""), None)
        if found is None:
            return _json(
                400, {"error": "invalid_grant", "error_description": "Malformed auth code."}
            )
        grant, redirect, challenge = found
        if form.get("redirect_uri") != redirect:
            return _json(
                400, {"error": "redirect_uri_mismatch", "error_description": "Bad Request"}
            )
        if challenge:
            hashed = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(hashed).rstrip(b"=").decode() != challenge.rstrip("="):
                return _json(
                    400, {"error": "invalid_grant", "error_description": "Invalid code verifier."}
                )
        refresh, _ = self.issue(grant.address, grant.scopes, grant.kind)
        return self._open(grant, refresh=refresh)

    def _robot(self, assertion: str, request: Request) -> Reply:
        try:
            claims = _claims(assertion, None)
            robot = self._robots[str(claims.get("iss", ""))]
            _claims(assertion, robot.certificate)
        except (ValueError, KeyError, google_exceptions.GoogleAuthError):
            return _json(
                400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
            )
        if not str(claims.get("aud", "")).endswith(request.path):
            return _json(
                400, {"error": "invalid_grant", "error_description": "Invalid JWT: audience"}
            )
        asked = frozenset(str(claims.get("scope", "")).split())
        address = str(claims.get("sub", ""))
        if not asked or asked - robot.scopes:
            return _json(
                401,
                {
                    "error": "unauthorized_client",
                    "error_description": "Client is unauthorized to retrieve access tokens using "
                    "this method, or client not authorized for any of the scopes requested.",
                },
            )
        if address and self._world.state.account_of(address) is None:
            return _json(
                400, {"error": "invalid_grant", "error_description": "Invalid email or User ID"}
            )
        return self._open(Grant(address, asked, "service", self._world.state.now))

    def consent(self, request: Request) -> Reply:
        """GET /o/oauth2/v2/auth: a person looks at the page and goes on at once."""
        query = {name: values[-1] for name, values in request.query.items()}
        back = query.get("redirect_uri", "")
        if query.get("client_id") != CLIENT_ID or not back.startswith(
            ("http://localhost", "http://127.0.0.1")
        ):
            return Reply(
                400, b"<html>Error 400: invalid_request</html>", {"Content-Type": "text/html"}
            )
        state = {"state": query["state"]} if "state" in query else {}
        if self.refuses_consent:
            return _redirect(back, {"error": "access_denied", **state})
        asked = frozenset(query.get("scope", "").split())
        given = asked if self.ticked is None else asked & self.ticked
        who = query.get("login_hint") or self.consents_as or next(iter(self._world.state.accounts))
        with self._lock:
            code = self._name("4/code")
            grant = Grant(who, given, self.project, self._world.state.now)
            self._codes[code] = (grant, back, query.get("code_challenge", ""))
        return _redirect(back, {**state, "code": code, "scope": " ".join(sorted(given))})

    def end(self, request: Request) -> Reply:
        """POST /revoke."""
        form = parse_qs(request.body.decode("utf-8", "replace"))
        token = (form.get("token") or request.query.get("token") or [""])[-1]
        with self._lock:
            known = self._refresh.pop(token, None) or self._access.pop(token, None)
        return _json(200, {}) if known else _json(400, {"error": "invalid_token"})


def _claims(assertion: str, certificate: str | None) -> dict[str, Any]:
    """What a JWT claims; with a certificate its signature and its times are checked."""
    verify = certificate is not None
    found: dict[str, Any] = google_jwt.decode(  # type: ignore[no-untyped-call]
        assertion, certs=certificate, verify=verify, clock_skew_in_seconds=60
    )
    return found


def _json(status: int, body: dict[str, Any]) -> Reply:
    return Reply(status, json.dumps(body).encode(), {"Cache-Control": "no-store"})


def _redirect(back: str, query: dict[str, str]) -> Reply:
    mark = "&" if "?" in back else "?"
    return Reply(302, b"", {"Location": f"{back}{mark}{urlencode(query)}"})
