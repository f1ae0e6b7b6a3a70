"""Is a Google login still good, and where does the next access token come from?

A refresh token that the owner's consent gave, or a service account with domain-wide delegation.
google-auth makes and signs the grants; our transport carries them. When a login has died, the
reasons that fit its age and use are named (facts/google.md 4), since Google only says
`invalid_grant`.
"""

from __future__ import annotations

# google-auth is loaded where a token is asked for: `status` reads what is stored, and needs none.
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from config.clock import MICROSECONDS, from_micros
from config.errors import AuthError, ConfigError
from config.sentences import sentence
from connectors.auth.access_tokens import Tokens, ask_for_token
from connectors.auth.expiry import WORDS, Expiry, command
from connectors.auth.google.consent import SCOPES, TOKEN_URI, Stored, error_code, reason
from connectors.auth.login_hints import GOOGLE
from connectors.auth.vault import FileVault
from connectors.transport.client import Transport

# google-auth is typed in parts only.

DAY = 86_400 * MICROSECONDS  # [µs]
#: Refresh tokens of an app in "Testing" die after 7 days (facts/google.md 4).
TESTING_LIFE = 7 * DAY
_IDLE_LIFE = 180 * DAY
_PUBLISH = "publish the app or make it internal (https://console.cloud.google.com/auth/audience)"
_LASTS = 3_600.0


def expiry_warning(stored: Stored, now: int, *, testing: bool = False) -> Expiry | None:
    """What to say about a login that ends within 14 days; more urgently within 1 day.

    `now` [µs UTC]; `testing`: the settings say that the app's consent screen is in Testing, which
    ends every login after 7 days. None where no end is near or known.
    """
    at = stored.dies_at
    if at is None and testing:
        at = stored.consented_at + TESTING_LIFE
    if at is None or at - now > 14 * DAY:
        return None
    days = (at - now) / DAY
    day = from_micros(at).date()
    again = command("google", stored.purpose)
    what = sentence("The login to Google")
    if stored.purpose != "read":
        what = sentence("The login to Google for {purpose}", purpose=WORDS[stored.purpose])
    if days <= 0:
        text = sentence(
            "{login} ended on {day}. Log in again: {command}", login=what, day=day, command=again
        )
    elif days <= 1:
        text = sentence(
            "{login} ends within a day, on {day}. Log in now: {command}",
            login=what, day=day, command=again,
        )  # fmt: skip
    else:
        text = sentence(
            "{login} ends on {day}, in {days} days: {command}",
            login=what, day=day, days=str(int(days)), command=again,
        )  # fmt: skip
    if at - stored.consented_at <= TESTING_LIFE + DAY:
        # No link: a report drops those that it has not made itself.
        text = sentence(
            "{what} (the app is in Testing, where every login ends after 7 days: publish it or make "
            "it internal; {command} shows where)",
            what=text,
            command="noshow connect google --explain",
        )
    return Expiry(at, days, text)


def why_it_died(stored: Stored, code: str, now: int, *, testing: bool = False) -> AuthError:
    """The error for a refused refresh token, with the causes that its age and use leave.

    `code` is the endpoint's own (`invalid_grant`, `invalid_rapt`, ...); `now` [µs UTC]; `testing`: the settings
    say that the consent screen is in Testing. What decides is when the login last worked, not when
    its death is noticed: one that never worked past its seventh day fits Testing five weeks later,
    too; one that did cannot have been of Testing (facts/google.md 4).
    """
    again = command("google", stored.purpose)
    known = GOOGLE.get(code)
    if known is not None and code != "invalid_grant":
        return AuthError(
            f"Google refuses the login: {known.words} ({code})",
            hint=f"{known.step}, then: {again}" if known.step else f"log in again: {again}",
        )
    given = f"the login to Google of {from_micros(stored.consented_at):%Y-%m-%d}"
    told = stored.dies_at is not None and now >= stored.dies_at
    if told and (stored.dies_at or 0) > _testing_over(stored):
        return AuthError(
            f"{given} ended on the day that was set when it was given ({code})",
            hint=f"log in again: {again}",
        )
    # The clocks of both sides may differ: half a day is not worth a wrong reason.
    old_enough = now - stored.consented_at >= TESTING_LIFE - DAY // 2
    fits = old_enough and (stored.worked_at or 0) <= _testing_over(stored)
    if told or (fits and testing):
        return AuthError(
            f"{given} ended after 7 days ({code}): an app in Testing is logged out every 7 days",
            hint=f"{_PUBLISH}, then: {again}",
        )
    idle = now - (stored.worked_at if stored.worked_at is not None else stored.consented_at)
    unused = "it was not used for six months"
    others = (
        "it was revoked, the account's password was changed, or an administrator limits "
        "how long logins last"
    )
    # Where Google told another end than the seventh day, the app is not in Testing.
    if fits and stored.dies_at is None:
        return AuthError(
            f"{given} no longer works ({code}): probably the app is in Testing, where every login "
            f"ends after 7 days; else {unused if idle > _IDLE_LIFE else others}",
            hint=f"if it is in Testing, {_PUBLISH}; then: {again}",
        )
    return AuthError(
        f"Google no longer accepts the login of {from_micros(stored.consented_at):%Y-%m-%d} "
        f"({code}): {unused if idle > _IDLE_LIFE else others}",
        hint=f"log in again: {again}",
    )


def _testing_over(stored: Stored) -> int:
    """From when on [µs UTC] nobody would take this login for one of an app in Testing."""
    return stored.consented_at + TESTING_LIFE + DAY // 2


def exported(stored: Stored) -> str:
    """The login as a text to carry to another machine; it is as secret as the login itself."""
    return json.dumps(stored.entry(), indent=1, sort_keys=True)


def imported(text: str, purpose: str) -> Stored:
    """The login in an exported text. Raises AuthError where it is none for this purpose."""
    try:
        entry = json.loads(text)
    except ValueError as error:
        raise AuthError(
            "this is no exported login", hint="make one: noshow connect google --export"
        ) from error
    if not isinstance(entry, dict):
        raise AuthError(
            "this is no exported login", hint="make one: noshow connect google --export"
        )
    return Stored.read(entry, purpose)


class _Carrier:
    """google-auth's way out (its transport.Request): the grants it makes travel through our transport.

    `told` keeps the endpoint's last answer: its error code, and how long a token lasts, without
    google-auth's own clock and message texts between.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.told: Mapping[str, Any] = {}

    @property
    def lasts(self) -> float:
        """How long the granted token is good [s]."""
        try:
            return max(0.0, float(self.told.get("expires_in", _LASTS)))
        except (TypeError, ValueError):
            return _LASTS

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,  # noqa: ARG002 - google-auth's signature
        timeout: float | None = None,  # noqa: ARG002
        **_named: Any,
    ) -> _Carried:
        if method != "POST":
            raise ConfigError("a login asked for something else than a token")
        answer = ask_for_token(self.transport, url, dict(parse_qsl((body or b"").decode())))
        self.told = answer.data if isinstance(answer.data, dict) else {}
        return _Carried(answer.status, answer.headers, answer.content)


@dataclass(frozen=True, slots=True)
class _Carried:
    status: int
    headers: Mapping[str, str]
    data: bytes


class OwnersLogin(Tokens):
    """A Bearer from an owner's consent in the vault.

    `testing`: the settings say that the app's consent screen is in Testing.
    Raises AuthError with the likely cause where the login has died, else as the transport.
    """

    def __init__(
        self,
        vault: FileVault,
        name: str,
        purpose: str,
        transport: Transport,
        *,
        token_uri: str = TOKEN_URI,
        testing: bool = False,
    ) -> None:
        super().__init__(transport)
        self._vault = vault
        self._name = name
        self._purpose = purpose
        self._token_uri = token_uri
        self._testing = testing

    def stored(self) -> Stored:
        """The login as it lies in the vault now."""
        return Stored.read(self._vault.read(self._name), self._purpose)

    def _granted(self) -> tuple[str, float]:
        stored = self.stored()
        from google.auth.exceptions import GoogleAuthError
        from google.oauth2.credentials import Credentials

        kind: Any = Credentials
        login = kind(
            None,
            refresh_token=stored.refresh_token,
            token_uri=self._token_uri,
            client_id=stored.client_id,
            client_secret=stored.client_secret,
            # Refreshing with a scope that was not granted fails: none is named, all granted hold.
            scopes=None,
        )
        carrier = _Carrier(self.transport)
        now = self.transport.clock.micros()
        try:
            login.refresh(carrier)
        except GoogleAuthError as error:
            code = reason(carrier.told)
            raise why_it_died(stored, code, now, testing=self._testing) from error
        self._remember(stored, login.refresh_token, now)
        return str(login.token), carrier.lasts

    def _remember(self, stored: Stored, refresh_token: str, now: int) -> None:
        """Write down that it works, and a refresh token that was exchanged.

        Once a day is enough, but that it has outlived Testing is written when it is seen: a login
        that is revoked on the day after would else be taken for one of Testing.
        """
        known = stored.worked_at
        outlived = known is not None and known <= _testing_over(stored) < now
        fresh = known is not None and now - known < DAY and not outlived
        if fresh and refresh_token == stored.refresh_token:
            return

        def change(entry: dict[str, Any]) -> dict[str, Any]:
            current = Stored.read(entry, self._purpose)
            if current.refresh_token != stored.refresh_token:
                return entry  # somebody has logged in meanwhile: theirs is newer
            return replace(current, refresh_token=refresh_token, worked_at=now).entry()

        self._vault.update(self._name, change)


@dataclass(frozen=True, slots=True)
class Account:
    """A service account as its key file describes it. `client_id`: the number that delegation names."""

    client_id: str
    _login: Any = field(repr=False)

    def acting_for(self, subject: str, scopes: Sequence[str], token_uri: str) -> Any:
        """google-auth's credentials for one person of the domain."""
        scoped = self._login.with_scopes(list(scopes)).with_subject(subject)
        return scoped.with_token_uri(token_uri)


def account_in(key_file: Path) -> Account:
    """The service account of a key file. Raises ConfigError for one that is none."""
    from google.auth.exceptions import GoogleAuthError
    from google.oauth2.service_account import Credentials

    kind: Any = Credentials
    try:
        held = json.loads(key_file.read_text(encoding="utf-8"))
        login = kind.from_service_account_info({**held, "token_uri": TOKEN_URI})
        return Account(str(held.get("client_id") or "of the key file"), login)
    except OSError as error:
        raise ConfigError(
            f"{key_file} cannot be read ({error.strerror})",
            hint="set google.service_account_file to the key file",
        ) from error
    except (AttributeError, ValueError, TypeError, GoogleAuthError) as error:
        raise ConfigError(
            f"{key_file.name} is no key file of a service account",
            hint="make a new JSON key: https://console.cloud.google.com/iam-admin/serviceaccounts",
        ) from error


class ServiceAccount(Tokens):
    """A Bearer from a service account that acts for one person of its Workspace domain.

    Raises ConfigError for a key file that is none, AuthError where the domain does not allow it.
    """

    def __init__(
        self,
        key_file: Path,
        subject: str,
        purpose: str,
        transport: Transport,
        *,
        token_uri: str = TOKEN_URI,
    ) -> None:
        super().__init__(transport)
        account = account_in(key_file)
        self._scopes = SCOPES[purpose]
        self._client = account.client_id
        self._login = account.acting_for(subject, self._scopes, token_uri)

    def _granted(self) -> tuple[str, float]:
        from google.auth.exceptions import GoogleAuthError

        carrier = _Carrier(self.transport)
        try:
            self._login.refresh(carrier)
        except GoogleAuthError as error:
            raise self._refusal(carrier.told) from error
        return str(self._login.token), carrier.lasts

    def _refusal(self, told: Mapping[str, Any]) -> AuthError:
        code = error_code(told)
        said = str(told.get("error_description") or "").lower()
        if code in {"unauthorized_client", "access_denied"}:
            return AuthError(
                f"the Workspace domain does not allow this service account ({code})",
                hint=f"an administrator adds client id {self._client} with exactly the scopes "
                f"{','.join(self._scopes)} at "
                "https://admin.google.com/ac/owl/domainwidedelegation; it can take 24 hours",
            )
        if "jwt" in said or "iat" in said or "token must be" in said:
            return AuthError(
                f"Google refuses the service account's signature ({code})",
                hint="set this machine's clock right; if it is, make a new key",
            )
        return AuthError(
            f"the service account cannot act for this mailbox ({code})",
            hint="the mailbox must be a user of the Workspace domain (never @gmail.com), spelled "
            "as its primary address",
        )
