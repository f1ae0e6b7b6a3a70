"""Who may read what? The login endpoints of Microsoft Entra, as far as noshow asks them.

OIDC discovery, device code, the browser's authorisation with form_post, and the token endpoint for
device codes, authorisation codes, refresh tokens and an app's own credentials. Facts:
facts/microsoft.md 6; error words and codes as in its error matrix. Tokens are opaque; they live for
real seconds, whatever day the world plays.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from urllib.parse import parse_qs

import jwt
from cryptography.x509 import load_pem_x509_certificate

from connectors.sandbox.server.faults import Fault
from connectors.sandbox.server.http import Reply, Request
from connectors.sandbox.world.mailboxes import digest

TENANT = "9f1c6a52-0000-4000-8000-5a6d3b0c7e21"
#: What an app's own token may do, where an administrator has consented.
APP_ROLES = frozenset(
    {
        "Calendars.Read",
        "Mail.ReadBasic.All",
        "Mail.Send",
        "OnlineMeetings.Read.All",
        "OnlineMeetingArtifact.Read.All",
        "User.Read.All",
        "GroupMember.Read.All",
    }
)
_PLAIN = {"openid", "profile", "offline_access"}
#: code: (error, suberror, text). Facts 6; the texts are shortened.
TROUBLES: dict[int, tuple[str, str, str]] = {
    50076: ("invalid_grant", "basic_action", "multi-factor authentication is required"),
    50079: ("invalid_grant", "basic_action", "the user must enrol in multi-factor authentication"),
    50173: ("invalid_grant", "bad_token", "the grant was revoked by a password change"),
    53003: ("invalid_grant", "message_only", "blocked by Conditional Access policies"),
    65001: ("invalid_grant", "consent_required", "the user or administrator has not consented"),
    90094: ("invalid_grant", "consent_required", "an administrator must grant the permission"),
    700016: ("unauthorized_client", "", "application was not found in the directory"),
    700082: ("invalid_grant", "bad_token", "the refresh token has expired due to inactivity"),
    7000215: ("invalid_client", "", "invalid client secret provided"),
    7000222: ("invalid_client", "", "the provided client secret keys are expired"),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token stands for. `who` is "" for an app's own token. `until` in [s] of real time."""

    who: str
    scopes: frozenset[str]
    until: float


@dataclass(slots=True)
class _Flow:
    """One device code or authorisation code under way."""

    scopes: frozenset[str]
    who: str = ""
    polls: int = 0
    challenge: str = ""
    nonce: str = ""


class Authority:
    """The endpoints and what they have issued. Safe for threads.

    `trouble`: an AADSTS code of TROUBLES that every further token request meets; 0 for none.
    `approves`: the address that signs in wherever a person would have to; "" nobody does.
    `admin_only`: scopes that only an administrator may grant. `secret`: the app's secret.
    `lifetime` [s] of access tokens. `claims` keeps what clients claimed when they asked for tokens.
    """

    def __init__(self, addresses: frozenset[str], lifetime: float = 3600.0) -> None:
        self.addresses = addresses
        self.lifetime = lifetime
        self.trouble = 0
        self.approves = ""
        self.admin_only: frozenset[str] = frozenset()
        self.secret = ""
        self.app_roles = APP_ROLES
        self.certificate: bytes = b""
        self.root = ""
        self.claims: list[str] = []
        self._lock = threading.Lock()
        self._numbers = count(1)
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self._flows: dict[str, _Flow] = {}

    def grant_of(self, token: str) -> Grant | None:
        """What an access token stands for, None where it is unknown or has expired."""
        with self._lock:
            grant = self._access.get(token)
        return grant if grant is not None and grant.until > time.time() else None

    def expire(self) -> None:
        """Let every access token issued so far be refused; refresh tokens stay good."""
        with self._lock:
            self._access.clear()

    def revoke(self) -> None:
        """Let every token issued so far be refused."""
        with self._lock:
            self._access.clear()
            self._refresh.clear()

    def issue(
        self, who: str, scopes: frozenset[str], client_id: str, nonce: str = ""
    ) -> dict[str, object]:
        """A token answer as the token endpoint gives it. MSAL checks that its nonce comes back."""
        granted = scopes - _PLAIN - self.admin_only
        number = next(self._numbers)
        access = f"EwB-{digest('at', who, number, time.time_ns()):016x}"
        refresh = f"0.AX-{digest('rt', who, number, time.time_ns()):016x}"
        with self._lock:
            self._access[access] = Grant(who, granted, time.time() + self.lifetime)
            if who:
                self._refresh[refresh] = Grant(who, granted, time.time() + 90 * 86400)
        # Asked for by their short names, as MSAL apps do, Graph's scopes come back short.
        shown = " ".join([*sorted(granted), "openid", "profile", "email"])
        answer: dict[str, object] = {
            "token_type": "Bearer",
            "expires_in": int(self.lifetime),
            "ext_expires_in": int(self.lifetime),
            "access_token": access,
        }
        if not who:
            return answer
        person = digest("oid", who)
        claims = {
            "aud": client_id,
            "iss": f"{self.root}{TENANT}/v2.0",
            "iat": int(time.time()),
            "exp": int(time.time()) + 3600,
            "sub": f"{person:x}",
            "oid": f"{person:016x}",
            "tid": TENANT,
            "preferred_username": who,
            "nonce": nonce,
        }
        info = {"uid": f"{person:016x}", "utid": TENANT}
        return answer | {
            "scope": shown,
            "refresh_token": refresh,
            "id_token": f"{_b64({'alg': 'none', 'typ': 'JWT'})}.{_b64(claims)}.",
            "client_info": _b64(info),
        }

    def method(self, request: Request) -> str:
        """The name of the endpoint in the log; "" where it is none of the authority's."""
        _, _, tail = request.path.strip("/").partition("/")
        return {
            "v2.0/.well-known/openid-configuration": "login.discovery",
            "oauth2/v2.0/devicecode": "login.devicecode",
            "oauth2/v2.0/authorize": "login.authorize",
            "oauth2/v2.0/token": "login.token",
        }.get(tail, "")

    def answer(self, method: str, request: Request, fault: Fault | None) -> Reply:
        """One answer. Faults: invalid_grant, invalid_scope and the wire's own."""
        form = {k: v[-1] for k, v in parse_qs(request.body.decode("utf-8", "replace")).items()}
        tenant = request.path.strip("/").split("/", 1)[0]
        if fault is not None and fault.kind in ("invalid_grant", "invalid_scope"):
            return _refused(fault.kind, "bad_token", 70000, "the grant is not good")
        if method == "login.discovery":
            return _json(self._discovery(tenant))
        if method == "login.devicecode":
            return _json(self._device(form))
        if method == "login.authorize":
            return self._authorize(request)
        return self._token(form)

    def _discovery(self, tenant: str) -> dict[str, object]:
        base = f"{self.root}{tenant}"
        return {
            "issuer": f"{self.root}{TENANT}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "response_types_supported": ["code", "id_token"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def _device(self, form: dict[str, str]) -> dict[str, object]:
        number = next(self._numbers)
        code = f"dc-{digest('device', number, time.time_ns()):016x}"
        with self._lock:
            self._flows[code] = _Flow(_scopes(form.get("scope", "")))
        user = f"{digest('user', number):016x}"[:9].upper()
        return {
            "user_code": user,
            "device_code": code,
            "verification_uri": "https://microsoft.example/devicelogin",
            "expires_in": 900,
            "interval": 1,
            "message": f"To sign in, open https://microsoft.example/devicelogin and enter {user}.",
        }

    def _authorize(self, request: Request) -> Reply:
        """The sign-in page: here it signs `approves` in at once and posts the code back."""
        asked = {name: values[-1] for name, values in request.query.items()}
        back = asked.get("redirect_uri", "")
        if asked.get("response_mode") != "form_post" or not back.startswith("http://localhost"):
            return _refused("invalid_request", "", 50011, "the redirect URI is not registered", 400)
        fields = {"state": asked.get("state", "")}
        if self.approves:
            code = f"ac-{digest('code', next(self._numbers), time.time_ns()):016x}"
            with self._lock:
                self._flows[code] = _Flow(
                    _scopes(asked.get("scope", "")),
                    who=self.approves,
                    challenge=asked.get("code_challenge", ""),
                    nonce=asked.get("nonce", ""),
                )
            fields["code"] = code
        else:
            fields |= {"error": "access_denied", "error_description": "the user said no"}
        inputs = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
            for name, value in fields.items()
        )
        page = (
            f'<html><body><form method="post" action="{html.escape(back)}">{inputs}</form></html>'
        )
        return Reply(200, page.encode(), {"Content-Type": "text/html; charset=utf-8"})

    def _token(self, form: dict[str, str]) -> Reply:
        client = form.get("client_id", "")
        self.claims.append(form.get("claims", ""))
        if self.trouble:
            error, suberror, text = TROUBLES[self.trouble]
            return _refused(error, suberror, self.trouble, text)
        kind = form.get("grant_type", "").rpartition(":")[2]
        if kind == "client_credentials":
            return self._for_app(form, client)
        if kind == "refresh_token":
            with self._lock:
                grant = self._refresh.get(form.get("refresh_token", ""))
            if grant is None:
                return _refused("invalid_grant", "bad_token", 70000, "the token is not good")
            asked = _scopes(form.get("scope", "")) - _PLAIN
            if not asked <= grant.scopes:
                return _refused("invalid_grant", "consent_required", 65001, TROUBLES[65001][2])
            return _json(self.issue(grant.who, asked or grant.scopes, client))
        return self._by_code(kind, form, client)

    def _by_code(self, kind: str, form: dict[str, str], client: str) -> Reply:
        code = form.get("device_code" if kind == "device_code" else "code", "")
        with self._lock:
            flow = self._flows.get(code)
            if flow is not None:
                flow.polls += 1
        if flow is None:
            return _refused("expired_token", "", 70020, "the code has expired")
        if kind == "device_code":
            # Nobody is as fast as the first poll.
            if flow.polls < 2 or not self.approves:
                return _refused("authorization_pending", "", 70016, "the user has not signed in")
            flow.who = self.approves
        elif flow.challenge:
            proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(proof).rstrip(b"=").decode() != flow.challenge:
                return _refused("invalid_grant", "", 501481, "the code verifier does not match")
        if flow.scopes & self.admin_only:
            return _refused("invalid_grant", "consent_required", 90094, TROUBLES[90094][2])
        with self._lock:
            del self._flows[code]
        return _json(self.issue(flow.who, flow.scopes, client, flow.nonce))

    def _for_app(self, form: dict[str, str], client: str) -> Reply:
        if not form.get("scope", "").endswith("/.default"):
            return _refused("invalid_scope", "", 1002012, "ask for /.default", 400)
        if "client_assertion" in form:
            if not self._signed(form["client_assertion"]):
                return _refused("invalid_client", "", 700027, "the assertion's signature failed")
        elif not self.secret or form.get("client_secret") != self.secret:
            return _refused("invalid_client", "", 7000215, TROUBLES[7000215][2])
        return _json(self.issue("", self.app_roles, client))

    def _signed(self, assertion: str) -> bool:
        """Does the app's certificate vouch for this assertion? (RFC 7523.)"""
        if not self.certificate:
            return False
        key = load_pem_x509_certificate(self.certificate).public_key()
        try:
            jwt.decode(
                assertion,
                key,  # type: ignore[arg-type]
                algorithms=["RS256", "PS256"],
                options={"verify_aud": False},
            )
        except jwt.PyJWTError:
            return False
        return True


def _scopes(text: str) -> frozenset[str]:
    return frozenset(part.rpartition("/")[2] for part in text.split())


def _b64(value: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _json(body: dict[str, object], status: int = 200) -> Reply:
    return Reply(status, json.dumps(body).encode())


def _refused(error: str, suberror: str, code: int, text: str, status: int = 400) -> Reply:
    body: dict[str, object] = {
        "error": error,
        "error_description": f"AADSTS{code}: {text}",
        "error_codes": [code],
        "correlation_id": f"{digest('correlation', code):016x}",
        "trace_id": f"{digest('trace', code):016x}",
    }
    if suberror:
        body["suberror"] = suberror
    if suberror == "basic_action":
        body["claims"] = json.dumps({"access_token": {"capolids": {"essential": True}}})
    return _json(body, 401 if error == "invalid_client" else status)
