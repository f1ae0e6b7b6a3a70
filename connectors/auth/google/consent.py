"""How does the owner of a Google mailbox allow noshow to read it?

The installed-app flow (RFC 8252) with PKCE (RFC 7636): in a browser on this machine, which comes
back to a loopback port; or, over SSH, in any browser, whose last address is pasted here. The code
is exchanged through our transport, so that the token endpoint is a setting like all others and a
scope that the owner unticked is an answer and not an exception of a library.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from config.clock import MICROSECONDS
from config.errors import AuthError, ConfigError
from connectors.auth.access_tokens import ask_for_token
from connectors.auth.login_hints import GOOGLE, LoginHint
from connectors.transport.client import Transport

_ROOT = "https://www.googleapis.com/auth/"
#: What each purpose asks for; each has its own consent and its own token, never a mixture
#: (facts/google.md 2.1: a token with gmail.metadata and another mail scope stays restricted).
SCOPES: Mapping[str, tuple[str, ...]] = {
    "read": (f"{_ROOT}calendar.events.readonly", f"{_ROOT}gmail.metadata"),
    "send": (f"{_ROOT}gmail.send",),
    "attendance": (f"{_ROOT}meetings.space.readonly",),
    "audit": (f"{_ROOT}admin.reports.audit.readonly",),
    "directory": (
        f"{_ROOT}admin.directory.user.readonly",
        f"{_ROOT}admin.directory.group.member.readonly",
    ),
}
TOKEN_URI = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address, no secret
AUTH_URI = "https://accounts.google.com/o/oauth2/auth"
#: Nobody listens there: the browser shows an error page whose address holds the code.
_PASTE_BACK = "http://127.0.0.1:1/"


@dataclass(frozen=True, slots=True)
class Client:
    """The app as Google knows it: a desktop client's id and its (not really secret) secret."""

    client_id: str
    client_secret: str = field(repr=False)
    auth_uri: str = AUTH_URI
    token_uri: str = TOKEN_URI


@dataclass(frozen=True, slots=True)
class Consent:
    """A question to the owner that is under way. `url` is for their browser."""

    client: Client
    purpose: str
    url: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str = _PASTE_BACK


@dataclass(frozen=True, slots=True)
class Stored:
    """A login as it lies in the vault. Instants in microseconds UTC.

    `scopes` are the granted ones. `dies_at`: when the refresh token ends by Google's own word
    (None: no end was told). `worked_at`: when it last gave an access token.
    """

    purpose: str
    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)
    scopes: tuple[str, ...]
    consented_at: int
    dies_at: int | None = None
    worked_at: int | None = None

    def entry(self) -> dict[str, Any]:
        return {
            "version": 1,
            "provider": "google",
            "purpose": self.purpose,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
            "scopes": list(self.scopes),
            "consented_at": self.consented_at,
            "dies_at": self.dies_at,
            "worked_at": self.worked_at,
        }

    @classmethod
    def read(cls, entry: Mapping[str, Any], purpose: str) -> Stored:
        """The login in a vault's entry or an exported bundle.

        Raises AuthError where it is none of Google's, for another purpose, or incomplete.
        """
        if entry.get("provider") != "google" or entry.get("version") != 1:
            raise AuthError("this is no login for Google", hint="log in: noshow connect google")
        if entry.get("purpose") != purpose:
            raise AuthError(
                f"this login was not given for {purpose!r}", hint="log in: noshow connect google"
            )
        try:
            stored = cls(
                purpose=purpose,
                client_id=_filled(entry["client_id"]),
                client_secret=_filled(entry["client_secret"]),
                refresh_token=_filled(entry["refresh_token"]),
                scopes=tuple(_filled(scope) for scope in entry["scopes"]),
                consented_at=int(entry["consented_at"]),
                dies_at=_whole(entry.get("dies_at")),
                worked_at=_whole(entry.get("worked_at")),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise AuthError(
                "a saved login is incomplete and counts as signed out",
                hint="log in again: noshow connect google",
            ) from error
        _check_scopes(stored.scopes, purpose)
        return stored

    @classmethod
    def from_authorized_user(
        cls, info: Mapping[str, Any], purpose: str, consented_at: int
    ) -> Stored:
        """A login in the form that Google's own tools save (`type: authorized_user`).

        `consented_at` [µs UTC]. Raises AuthError where it is incomplete or for another purpose.
        """
        entry = {
            **info,
            "version": 1,
            "provider": "google",
            "purpose": purpose,
            "consented_at": consented_at,
        }
        return cls.read(entry, purpose)


def client_from(path: Path, *, auth_uri: str = AUTH_URI, token_uri: str = TOKEN_URI) -> Client:
    """The client in the JSON file that Google's console offers for download.

    The endpoints are the settings' and not the file's. Raises ConfigError.
    """
    hint = "download it again: Google Cloud console, Clients, type 'Desktop app'"
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        if "installed" not in held:
            kind = "a web client" if "web" in held else "no client"
            raise ConfigError(f"{path.name} is {kind}, a desktop client is needed", hint=hint)
        installed = held["installed"]
        return Client(
            _filled(installed["client_id"]),
            _filled(installed["client_secret"]),
            auth_uri,
            token_uri,
        )
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read ({error.strerror})",
            hint="set google.client_file to the file from Google's console",
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path.name} is no client file of Google", hint=hint) from error


def begin(
    client: Client, purpose: str, *, address: str = "", redirect_uri: str = _PASTE_BACK
) -> Consent:
    """A new question: everything secret in it is drawn anew. `address` preselects the account."""
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(SCOPES[purpose]),
        "state": state,
        "code_challenge": challenge.rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "access_type": "offline",
        # Without it a second consent gives no refresh token.
        "prompt": "consent",
    }
    if address:
        query["login_hint"] = address
    return Consent(
        client, purpose, f"{client.auth_uri}?{urlencode(query)}", state, verifier, redirect_uri
    )


def finish(consent: Consent, came_back: str, transport: Transport) -> Stored:
    """The login for the address that the browser came back to (whole, or its query alone).

    Raises AuthError where the owner refused, unticked a permission, or pasted something else;
    else as `Transport.send`.
    """
    query = parse_qs(urlsplit(came_back.strip().strip("'\"")).query or came_back.strip())
    refused = _one(query, "error")
    if refused:
        known = GOOGLE.get(refused, LoginHint("Google refused the consent"))
        raise AuthError(
            known.words,
            hint=f"{known.step or 'allow it with the account of the mailbox'}; then: "
            "noshow connect google",
        )
    code = _one(query, "code")
    if not code or not secrets.compare_digest(
        _one(query, "state").encode(), consent.state.encode()
    ):
        raise AuthError(
            "this is not the answer to this question",
            hint="paste the whole address of the page that the browser ended on",
        )
    answer = ask_for_token(
        transport,
        consent.client.token_uri,
        {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": consent.verifier,
            "redirect_uri": consent.redirect_uri,
            "client_id": consent.client.client_id,
            "client_secret": consent.client.client_secret,
        },
    )
    told = answer.data if isinstance(answer.data, dict) else {}
    if answer.status != 200:
        known = GOOGLE.get(reason(told), LoginHint(""))
        raise AuthError(
            f"Google did not accept the code ({reason(told)})",
            hint=f"{known.step or 'codes are valid for minutes and once'}: run noshow connect "
            "google again",
        )
    if not isinstance(told.get("refresh_token"), str):
        raise AuthError(
            "Google gave no lasting login",
            hint="remove noshow at https://myaccount.google.com/connections and connect again",
        )
    scopes = tuple(sorted(str(told.get("scope") or "").split()))
    _check_scopes(scopes, consent.purpose)
    now = transport.clock.micros()
    lifetime = _whole(told.get("refresh_token_expires_in"))
    return Stored(
        purpose=consent.purpose,
        client_id=consent.client.client_id,
        client_secret=consent.client.client_secret,
        refresh_token=told["refresh_token"],
        scopes=scopes,
        consented_at=now,
        # Google tells it for apps in "Testing" (7 days) and where the owner set an end.
        dies_at=None if not lifetime else now + lifetime * MICROSECONDS,
        worked_at=now,
    )


def connect_here(
    client: Client,
    purpose: str,
    transport: Transport,
    open_browser: Callable[[str], object],
    *,
    address: str = "",
    timeout: float = 300.0,
) -> Stored:
    """Consent in a browser on this machine, which comes back to a loopback port of ours.

    `open_browser` gets the address to open. Raises AuthError after `timeout` [s], else as `finish`.
    """
    from connectors.auth.browser_answer import BrowserAnswer

    with BrowserAnswer() as browser:
        consent = begin(client, purpose, address=address, redirect_uri=browser.redirect_uri)
        open_browser(consent.url)
        came_back = browser.wait(consent.state, timeout)
    if not came_back:
        raise AuthError(
            "nobody answered in the browser in time",
            hint="run noshow connect google again; over SSH, use --paste",
        )
    return finish(consent, came_back, transport)


def connect_by_paste(
    client: Client,
    purpose: str,
    transport: Transport,
    ask: Callable[[str], str],
    *,
    address: str = "",
) -> Stored:
    """Consent in a browser anywhere: `ask` shows the address and returns what was pasted."""
    consent = begin(client, purpose, address=address)
    return finish(consent, ask(consent.url), transport)


def error_code(told: Mapping[str, Any]) -> str:
    """The `error` of RFC 6749 5.2, and nothing that could be a text."""
    code = told.get("error")
    return code if isinstance(code, str) and code.isidentifier() else "no reason given"


def reason(told: Mapping[str, Any]) -> str:
    """The `error_subtype` where it is one that we have words for (`invalid_rapt`), else the error."""
    subtype = told.get("error_subtype")
    return subtype if isinstance(subtype, str) and subtype in GOOGLE else error_code(told)


def _check_scopes(granted: Iterable[str], purpose: str) -> None:
    missing = [scope for scope in SCOPES[purpose] if scope not in set(granted)]
    if missing:
        names = ", ".join(scope.removeprefix(_ROOT) for scope in missing)
        raise AuthError(
            f"not all permissions were given; missing: {names}",
            hint="run noshow connect google again and leave every box ticked",
        )


def _one(query: Mapping[str, list[str]], name: str) -> str:
    return query.get(name, [""])[0]


def _filled(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("empty")
    return value


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
