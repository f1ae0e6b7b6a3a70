"""Is a Microsoft 365 login still good, and where does the next access token come from?

    login = OwnersLogin(vault, name, "read", transport, registration)          # a person's consent
    login = AppLogin(registration, transport, certificate=path, graph_root=…)  # an app's own

Both are bearers for connectors.microsoft.client. MSAL decides about its cache; the vault keeps it
(atomic, 0600, a damaged one counts as signed out); one lock holds while a token is fetched. A
challenge in a refused request (continuous access evaluation) is passed on to MSAL.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# msal and cryptography are loaded where a token is asked for, or a certificate read.
from config.clock import MICROSECONDS, from_micros
from config.errors import AuthError, ConfigError
from config.sentences import counted, sentence
from connectors.auth.access_tokens import Tokens
from connectors.auth.expiry import Expiry, command
from connectors.auth.microsoft.consent import Registration, Stored, cache_of, make_app, public_app
from connectors.auth.microsoft.refusals import refusal
from connectors.auth.vault import FileVault
from connectors.transport.client import Transport

DAY = 86_400 * MICROSECONDS  # [µs]
#: A refresh token that nobody uses dies after 90 days (facts/microsoft.md 6).
IDLE_LIFE = 90 * DAY
_LASTS = 3_600.0
_CLAIMS = re.compile(r'claims="([^"]+)"')


def expiry_warning(stored: Stored, now: int) -> Expiry | None:
    """What to say about a login that dies within 14 days because nobody uses it.

    `now` [µs UTC]. None where no end is near: a login in use renews itself.
    """
    used = stored.worked_at if stored.worked_at is not None else stored.consented_at
    again = command("microsoft", stored.purpose)
    act = sentence("renew it: {command}", command=again)
    if stored.purpose == "read":
        act = sentence("sync, or: {command}", command=again)
    return _ending(sentence("The login to Microsoft 365"), used + IDLE_LIFE, now, act)


def certificate_warning(path: Path, now: int) -> Expiry | None:
    """What to say about an app's certificate that ends within 30 days. Raises ConfigError."""
    _, _, until = _certificate(path)
    at = round(until.timestamp()) * MICROSECONDS
    what = sentence("The app's certificate for Microsoft 365")
    return _ending(what, at, now, sentence("upload a new one"), days=30)


def _ending(what: str, at: int, now: int, act: str, days: int = 14) -> Expiry | None:
    left = (at - now) / DAY
    if left > days:
        return None
    day = from_micros(at).date()
    if left <= 0:
        text = sentence("{login} ended on {day}: {act}", login=what, day=day, act=act)
        return Expiry(at, left, text)
    days = max(1, int(left))
    text = counted(
        "{login} ends on {day}, in {count} days: {act}",
        "{login} ends on {day}, in {count} days: {act}",
        days, login=what, day=day, act=act,
    )  # fmt: skip
    return Expiry(at, left, text)


def exported(stored: Stored) -> str:
    """The login as a text to carry to another machine; it is as secret as the login itself."""
    return json.dumps(stored.entry(), indent=1, sort_keys=True)


def imported(text: str, purpose: str) -> Stored:
    """The login in an exported text. Raises AuthError where it is none for this purpose."""
    try:
        entry = json.loads(text)
    except ValueError:
        entry = None
    if not isinstance(entry, dict):
        raise AuthError(
            "this is no exported login", hint="make one: noshow connect microsoft --export"
        )
    return Stored.read(entry, purpose)


class _Challenged(Tokens):
    """Keeps what a refusal asked for until the next token is fetched."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self._claims = ""

    def challenged(self, header: str) -> None:
        """Remember the claims of a WWW-Authenticate header (base64 JSON, facts 4)."""
        found = _CLAIMS.search(header)
        if found is None:
            return
        text = found.group(1)
        try:
            claims = base64.b64decode(text + "=" * (-len(text) % 4)).decode()
            json.loads(claims)
        except (ValueError, binascii.Error):
            return
        self._claims = claims

    def _taken(self) -> str | None:
        claims, self._claims = self._claims, ""
        return claims or None


class OwnersLogin(_Challenged):
    """A Bearer from a person's consent in the vault.

    Raises AuthError with the cause where the login has died, ConfigError where the app itself is
    refused, else as the transport.
    """

    def __init__(
        self,
        vault: FileVault,
        name: str,
        purpose: str,
        transport: Transport,
        registration: Registration,
    ) -> None:
        super().__init__(transport)
        self._vault = vault
        self._name = name
        self._purpose = purpose
        self._registration = registration

    def stored(self) -> Stored:
        """The login as it lies in the vault now."""
        return Stored.read(self._vault.read(self._name), self._purpose)

    def _granted(self) -> tuple[str, float]:
        stored = self.stored()
        cache = cache_of(stored.cache)
        # The app and tenant of the consent: the settings may have changed since.
        registration = Registration(stored.client_id, stored.tenant, self._registration.authority)
        app = public_app(registration, self.transport, cache)
        account = next(
            (one for one in app.get_accounts() if one["home_account_id"] == stored.account), None
        )
        if account is None:
            raise refusal(None)
        claims = self._taken()
        result = app.acquire_token_silent_with_error(
            list(stored.scopes),
            account,
            # A token that was refused lies in the cache and still looks good.
            force_refresh=bool(self._token) and claims is None,
            claims_challenge=claims,
        )
        if not isinstance(result, Mapping) or "access_token" not in result:
            raise refusal(result)
        now = self.transport.clock.micros()
        # A token that still lay in the cache is a sign of life, too; a note of it a day will do.
        stale = stored.worked_at is None or now - stored.worked_at > DAY
        if cache.has_state_changed or stale:
            self._keep(stored, str(cache.serialize()))
        return str(result["access_token"]), _lasts(result)

    def _keep(self, before: Stored, cache: str) -> None:
        """Write the renewed login, unless somebody has logged in anew meanwhile."""
        now = self.transport.clock.micros()

        def change(entry: dict[str, Any]) -> dict[str, Any]:
            current = Stored.read(entry, self._purpose)
            if current.consented_at != before.consented_at:
                return entry
            return replace(current, cache=cache, worked_at=now).entry()

        self._vault.update(self._name, change)


class AppLogin(_Challenged):
    """A Bearer of an app that reads many mailboxes with its own certificate or secret.

    `certificate`: a PFX or PEM file with key and certificate. `graph_root` names the resource. The
    tenant must be a certain one. Raises ConfigError where the settings do not suffice.
    """

    def __init__(
        self,
        registration: Registration,
        transport: Transport,
        *,
        certificate: Path | None = None,
        secret: str = "",
        passphrase: str = "",
        graph_root: str = "https://graph.microsoft.com/v1.0/",
    ) -> None:
        super().__init__(transport)
        if registration.tenant.lower() in ("organizations", "common", "consumers"):
            raise ConfigError(
                "an app's own login needs a certain tenant",
                hint="set [microsoft] tenant to the organisation's domain or id",
            )
        if certificate is None and not secret:
            raise ConfigError(
                'flow = "app" needs a certificate or a secret',
                hint="set [microsoft] certificate_file, or NOSHOW__MICROSOFT__CLIENT_SECRET",
            )
        self._registration = registration
        self._credential: Any = (
            secret if certificate is None else _credential(certificate, passphrase)
        )
        parts = urlsplit(graph_root)
        self._scope = f"{parts.scheme}://{parts.netloc}/.default"
        import msal

        self._cache: Any = msal.TokenCache()

    def _granted(self) -> tuple[str, float]:
        import msal

        if self._token:
            # What was refused must not come out of the cache again.
            self._cache = msal.TokenCache()
        app = make_app(
            msal.ConfidentialClientApplication,
            self._registration,
            self.transport,
            token_cache=self._cache,
            credential=self._credential,
        )
        result = app.acquire_token_for_client([self._scope], claims_challenge=self._taken())
        if not isinstance(result, Mapping) or "access_token" not in result:
            raise refusal(result)
        return str(result["access_token"]), _lasts(result)


def _lasts(result: Mapping[str, Any]) -> float:
    try:
        return max(0.0, float(result.get("expires_in", _LASTS)))
    except (TypeError, ValueError):
        return _LASTS


def _credential(path: Path, passphrase: str = "") -> dict[str, str]:
    """MSAL's form of a certificate; it computes the SHA-256 thumbprint itself."""
    key, certificate, _ = _certificate(path, passphrase)
    return {"private_key": key, "public_certificate": certificate}


def _certificate(path: Path, passphrase: str = "") -> tuple[str, str, datetime]:
    """Key and certificate as PEM, and when it ends. Raises ConfigError."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs12

    secret = passphrase.encode() or None
    try:
        content = path.read_bytes()
        if b"-----BEGIN" in content:
            key: Any = serialization.load_pem_private_key(content, secret)
            certificate = x509.load_pem_x509_certificate(content)
        else:
            key, found, _ = pkcs12.load_key_and_certificates(content, secret)
            if key is None or found is None:
                raise ValueError("incomplete")
            certificate = found
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read ({error.strerror})",
            hint="set [microsoft] certificate_file to the PFX or PEM file",
        ) from error
    except (ValueError, TypeError) as error:
        raise ConfigError(
            f"{path.name} is no PFX or PEM file with a key and its certificate, or it is encrypted",
            hint="export both into one file without a passphrase, readable by its owner alone",
        ) from error
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    shown = certificate.public_bytes(serialization.Encoding.PEM)
    return pem.decode(), shown.decode(), certificate.not_valid_after_utc
