"""How does somebody allow noshow to read a Microsoft 365 mailbox?

By a device code (any browser, any machine; many organisations block it), or in a browser on this
machine that comes back to a loopback port. MSAL makes the questions, our transport carries them, so
that authority, CA file, retries and log lines are those of every other request. What MSAL keeps of
a login lies in the vault as MSAL writes it. Facts: facts/microsoft.md 5 and 6.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

# msal is loaded where somebody logs in: `status` reads what is stored, and needs none.
from config.errors import AuthError, ConfigError, ProviderError, Stopped
from connectors.auth.access_tokens import ask_for_token
from connectors.auth.microsoft.refusals import CONNECT, ConsentWanted, refusal
from connectors.transport.client import Transport
from connectors.transport.error_table import Asked
from connectors.transport.exchange import Answer, Call

# It writes addresses and whole requests into its log at DEBUG.
logging.getLogger("msal").setLevel(logging.ERROR)

AUTHORITY = "https://login.microsoftonline.com/"
CALENDAR_BASIC = "Calendars.ReadBasic"
CALENDAR_FULL = "Calendars.Read"
_CONTINUOUS_ACCESS = "CP1"


def scopes_for(purpose: str, calendar: str = CALENDAR_BASIC) -> tuple[str, ...]:
    """What each purpose asks for; each has its own consent and its own token, never a mixture.

    `calendar`: Calendars.ReadBasic, or Calendars.Read where the owner chose it. The scopes that
    MSAL adds by itself (offline_access, openid, profile) must not be named.
    """
    return {
        "read": (calendar, "Mail.ReadBasic"),
        "send": ("Mail.Send",),
        "attendance": ("OnlineMeetings.Read", "OnlineMeetingArtifact.Read.All"),
    }[purpose]


@dataclass(frozen=True, slots=True)
class Registration:
    """The app as Entra knows it. `tenant`: a domain or id, or `organizations` for any of them."""

    client_id: str
    tenant: str = "organizations"
    authority: str = AUTHORITY

    @property
    def address(self) -> str:
        """The authority's address. Raises ConfigError where the settings name no app."""
        if not self.client_id:
            raise ConfigError(
                "[microsoft] client_id is empty",
                hint="noshow connect microsoft shows how to register the app",
            )
        return f"{self.authority.rstrip('/')}/{self.tenant}"


@dataclass(frozen=True, slots=True)
class Stored:
    """A login as it lies in the vault. Instants in microseconds UTC.

    `account`: MSAL's id of the person; `username`: the name they signed in with; `scopes`: the
    granted ones; `worked_at`: when it last gave an access token; `cache`: MSAL's own text.
    """

    purpose: str
    client_id: str
    tenant: str
    account: str
    username: str
    scopes: tuple[str, ...]
    consented_at: int
    cache: str = field(repr=False)
    worked_at: int | None = None

    def entry(self) -> dict[str, Any]:
        return {
            "version": 1,
            "provider": "microsoft",
            "purpose": self.purpose,
            "client_id": self.client_id,
            "tenant": self.tenant,
            "account": self.account,
            "username": self.username,
            "scopes": list(self.scopes),
            "consented_at": self.consented_at,
            "worked_at": self.worked_at,
            "cache": self.cache,
        }

    @classmethod
    def read(cls, entry: Mapping[str, Any], purpose: str) -> Stored:
        """The login in a vault's entry or an exported bundle.

        Raises AuthError where it is none of Microsoft's, for another purpose, or damaged: damaged
        counts as signed out.
        """
        if entry.get("provider") != "microsoft" or entry.get("version") != 1:
            raise AuthError("this is no login for Microsoft 365", hint=CONNECT)
        if entry.get("purpose") != purpose:
            raise AuthError(f"this login was not given for {purpose!r}", hint=CONNECT)
        try:
            worked = entry.get("worked_at")
            stored = cls(
                purpose=purpose,
                client_id=str(entry["client_id"]),
                tenant=str(entry["tenant"]),
                account=str(entry["account"]),
                username=str(entry["username"]),
                scopes=tuple(str(scope) for scope in entry["scopes"]),
                consented_at=int(entry["consented_at"]),
                cache=str(entry["cache"]),
                worked_at=None if worked is None else int(worked),
            )
            cache_of(stored.cache)
        except (KeyError, TypeError, ValueError) as error:
            raise AuthError(
                "a saved login is damaged and counts as signed out", hint=CONNECT
            ) from error
        return stored


def cache_of(text: str) -> Any:
    """MSAL's token cache from its text. Raises ValueError where the text is damaged."""
    kept = json.loads(text)
    if not isinstance(kept, dict) or not all(isinstance(part, dict) for part in kept.values()):
        raise ValueError("no token cache")
    import msal

    cache = msal.SerializableTokenCache()
    cache.deserialize(text)
    return cache


def public_app(registration: Registration, transport: Transport, cache: Any) -> Any:
    """An MSAL app that asks over our transport.

    A new one for each login attempt: MSAL answers from its memory of a failure for a minute, even
    where the server has recovered. Raises ConfigError for an authority that is none.
    """
    import msal

    return make_app(
        msal.PublicClientApplication, registration, transport, token_cache=cache, credential=None
    )


def make_app(
    kind: Any,
    registration: Registration,
    transport: Transport,
    *,
    token_cache: Any,
    credential: Any,
) -> Any:
    """An MSAL app of either kind. Raises ConfigError."""
    address = registration.address
    try:
        return kind(
            registration.client_id,
            authority=address,
            client_credential=credential,
            token_cache=token_cache,
            http_client=_Carrier(transport),
            http_cache={},
            # The authority is a setting: nobody else is asked whether it is one.
            instance_discovery=False,
            client_capabilities=[_CONTINUOUS_ACCESS],
        )
    except ValueError as error:
        raise ConfigError(
            "the sign-in authority of [microsoft] cannot be used",
            hint="check authority (https) and tenant in the settings",
        ) from error
    except ProviderError as error:
        raise ConfigError(
            f"the sign-in authority of [microsoft] answers {error.status}",
            hint="check authority and tenant in the settings",
        ) from error


def by_device(
    registration: Registration,
    purpose: str,
    scopes: tuple[str, ...],
    transport: Transport,
    show: Callable[[str], None],
    stopping: Callable[[], bool] = lambda: False,
) -> Stored:
    """Sign in by a code that the person types in any browser. `show` gets the instructions.

    Raises AuthError with the cause where it does not come to a login, Stopped.
    """
    import msal

    cache = msal.SerializableTokenCache()
    app = public_app(registration, transport, cache)
    flow = app.initiate_device_flow(list(scopes))
    if "user_code" not in flow:
        raise refusal(flow, device=True)
    show(str(flow.get("message") or f"open {flow['verification_uri']}, enter {flow['user_code']}"))
    result = app.acquire_token_by_device_flow(
        flow, exit_condition=lambda now: stopping() or now.get("expires_at", 0) < time.time()
    )
    if stopping():
        raise Stopped("the login was broken off", hint=CONNECT)
    answer = _answer(result, device=True)
    return _stored(answer, registration, purpose, scopes, app, transport.clock.micros())


def by_browser(
    registration: Registration,
    purpose: str,
    scopes: tuple[str, ...],
    transport: Transport,
    *,
    login_hint: str = "",
    timeout: float = 300.0,
) -> Stored:
    """Sign in in a browser on this machine, within `timeout` [s].

    Raises AuthError with the cause where it does not come to a login.
    """
    import msal
    from msal.oauth2cli.authcode import _AuthCodeHandler

    # MSAL's page serves one connection after another and waits for each without end: one that
    # says nothing would keep the browser's answer out.
    _AuthCodeHandler.timeout = 5
    cache = msal.SerializableTokenCache()
    app = public_app(registration, transport, cache)
    try:
        result = app.acquire_token_interactive(
            list(scopes), login_hint=login_hint or None, timeout=timeout, prompt="select_account"
        )
    except (OSError, RuntimeError) as error:
        raise AuthError(
            f"the browser's answer could not be received ({type(error).__name__})",
            hint='use a device code instead: [microsoft] flow = "device"',
        ) from error
    answer = _answer(result, device=False)
    return _stored(answer, registration, purpose, scopes, app, transport.clock.micros())


def _answer(result: Any, *, device: bool) -> dict[str, Any]:
    """What MSAL was given. Raises AuthError where that is no login."""
    if not isinstance(result, dict) or "access_token" not in result:
        raise refusal(result, device=device)
    return result


def _stored(
    answer: dict[str, Any],
    registration: Registration,
    purpose: str,
    scopes: tuple[str, ...],
    app: Any,
    now: int,
) -> Stored:
    claims = answer.get("id_token_claims") or {}
    accounts = app.get_accounts()
    if not accounts:
        raise AuthError("the sign-in gave no account to remember", hint=CONNECT)
    return Stored(
        purpose=purpose,
        client_id=registration.client_id,
        tenant=registration.tenant,
        account=str(accounts[0]["home_account_id"]),
        username=str(claims.get("preferred_username") or accounts[0].get("username") or ""),
        scopes=_granted(str(answer.get("scope", "")), scopes),
        consented_at=now,
        cache=str(app.token_cache.serialize()),
        worked_at=now,
    )


def _granted(told: str, asked: tuple[str, ...]) -> tuple[str, ...]:
    """Which of the scopes asked for were granted. Raises ConsentWanted where one was not."""
    names = {scope.rpartition("/")[2].lower() for scope in told.split()}
    missing = [scope for scope in asked if scope.lower() not in names]
    if missing:
        raise ConsentWanted(
            f"the sign-in did not grant {', '.join(missing)}",
            hint="add it to the app's API permissions (noshow connect microsoft --explain), then: "
            "noshow connect microsoft",
        )
    return asked


@dataclass(frozen=True, slots=True)
class _Carried:
    """As much of a response of `requests` as MSAL looks at."""

    status_code: int
    text: str
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        """Nothing: the transport has raised already where an answer is none."""


class _Carrier:
    """MSAL's way out. 5xx and broken connections never reach it: the transport deals with them."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **_named: object,
    ) -> _Carried:
        query = f"?{urlencode(params)}" if params else ""
        call = Call(
            method="GET",
            url=url + query,
            name=urlsplit(url).path,
            asked=Asked.TOKEN,
            headers=dict(headers or {}),
        )
        return _carried(self._transport.send(call))

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        **_named: object,
    ) -> _Carried:
        query = f"?{urlencode(params)}" if params else ""
        form = dict(data or {})
        return _carried(ask_for_token(self._transport, url + query, form))

    def close(self) -> None:
        """Nothing: the transport is its owner's."""


def _carried(answer: Answer) -> _Carried:
    return _Carried(answer.status, answer.content.decode("utf-8", "replace"), answer.headers)
