"""Why was a login to Microsoft 365 refused, and who must act?

Decided by `error`, `suberror` and `claims` as Microsoft asks; the AADSTS numbers only choose the
words of a hint (connectors.auth.login_hints; facts/microsoft.md 6). The texts of the answers are never passed on: they may hold
addresses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.errors import AuthError, ConfigError, NoshowError, TransientError
from connectors.auth.login_hints import MICROSOFT, LoginHint

CONNECT = "log in again: noshow connect microsoft"
_ADMIN = "noshow connect microsoft --explain shows a text for your administrator"
_APPS_OWN = {"invalid_client", "unauthorized_client", "invalid_request", "invalid_resource"}
_LATER = {"temporarily_unavailable", "server_error", "slow_down"}
_FOR_ADMIN = {65001, 90094, 90095}
_UNFINISHED = {
    "authorization_pending",
    "expired_token",
    "code_expired",
    "authorization_declined",
    "access_denied",
}


class ConsentWanted(AuthError):
    """A permission has not been granted, by the owner or by an administrator."""


def refusal(result: Any, *, device: bool = False) -> NoshowError:
    """The error that an answer of MSAL stands for; `device`: a device code was under way.

    None and {} mean that nothing is cached for the account: signed out.
    """
    if not isinstance(result, Mapping) or not result:
        return AuthError("this mailbox is not connected", hint="noshow connect microsoft")
    error, suberror = str(result.get("error") or ""), str(result.get("suberror") or "")
    numbers = [one for one in result.get("error_codes") or () if isinstance(one, int)]
    known = next((MICROSOFT[one] for one in numbers if one in MICROSOFT), LoginHint(""))
    words, again = known.words, f"{known.step}; then {CONNECT}" if known.step else CONNECT
    said = f"AADSTS{numbers[0]}" if numbers else error or "no reason given"
    if error in _LATER:
        return TransientError(
            f"the sign-in service is busy ({said})",
            hint="nothing to do: the next run tries again",
        )
    if suberror == "consent_required" or error == "consent_required" or _FOR_ADMIN & set(numbers):
        return ConsentWanted(
            f"Microsoft wants a consent first: {words or 'the permissions are new'} ({said})",
            hint=f"{CONNECT}; where an administrator must consent, {_ADMIN}",
        )
    if suberror == "message_only" or 53003 in numbers:
        hint = (
            'sign in on this machine instead: [microsoft] flow = "interactive"; or ask an '
            "administrator, many organisations block device codes"
            if device
            else f"ask an administrator; {_ADMIN}"
        )
        return AuthError(f"Microsoft refuses the login: {words or 'a policy'} ({said})", hint=hint)
    if error in _APPS_OWN:
        return ConfigError(
            f"Microsoft refuses the app itself: {words or error} ({said})",
            hint=known.step
            or "check client_id, tenant, and the app's secret or certificate in [microsoft] and "
            "at https://entra.microsoft.com",
        )
    if error == "interaction_required" or suberror in ("basic_action", "additional_action"):
        return AuthError(
            f"Microsoft asks the owner to sign in: {words or 'something must be confirmed'} ({said})",
            hint=again,
        )
    if error in _UNFINISHED:
        return AuthError(
            "the sign-in was not finished"
            if error not in ("access_denied", "authorization_declined")
            else "the sign-in was declined",
            hint="noshow connect microsoft",
        )
    return AuthError(
        f"Microsoft no longer accepts the login: {words or 'it was revoked or has ended'} ({said})",
        hint=again,
    )
