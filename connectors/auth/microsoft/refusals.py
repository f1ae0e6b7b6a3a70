"""Why was a login to Microsoft 365 refused, and who must act?

Decided by `error`, `suberror` and `claims` as Microsoft asks; the AADSTS numbers only choose the
words of a hint (facts/microsoft.md 6). The texts of the answers are never passed on: they may hold
addresses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.errors import AuthError, ConfigError, NoshowError, TransientError

CONNECT = "log in again: noshow connect microsoft"
_ADMIN = "noshow connect microsoft --explain shows a text for your administrator"
#: Words for the numbers that say more than the error does.
_NUMBERS: Mapping[int, str] = {
    50053: "the account is locked",
    50057: "the account is disabled",
    50076: "the organisation now asks for a second factor",
    50079: "the organisation now asks to set a second factor up",
    50105: "the account is not assigned to this app",
    50173: "the password was changed",
    53000: "the organisation asks for a managed device",
    53003: "a Conditional Access policy blocks this way of signing in",
    65001: "the permissions have not been consented to",
    65004: "the consent was declined",
    70043: "the organisation limits how long logins last",
    70044: "the organisation limits how long logins last",
    90094: "an administrator must consent to the permissions",
    90095: "an administrator must consent to the permissions",
    500011: "the organisation does not know this resource",
    700016: "the organisation does not know this app",
    700082: "it was not used for 90 days",
    7000215: "the client secret is wrong",
    7000222: "the client secret has expired",
}
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
    words = next((_NUMBERS[one] for one in numbers if one in _NUMBERS), "")
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
            hint="check client_id, tenant, and the app's secret or certificate in [microsoft] and "
            "at https://entra.microsoft.com",
        )
    if error == "interaction_required" or suberror in ("basic_action", "additional_action"):
        return AuthError(
            f"Microsoft asks the owner to sign in: {words or 'something must be confirmed'} ({said})",
            hint=CONNECT,
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
        hint=CONNECT,
    )
