"""What does a refusal of a login mean, and what is to be done? One table for both providers.

The numbers are Microsoft's AADSTS codes (https://learn.microsoft.com/entra/identity-platform/reference-error-codes),
the words Google's errors of its OAuth pages
(https://developers.google.com/identity/protocols/oauth2/native-app#authorization-errors). Who must act
is decided by `error` and `suberror` (connectors.auth.microsoft.refusals), never by these: they choose
the words. `step` is the next thing to do, "" where it is to log in again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class LoginHint:
    """`words` say what happened, `step` what to do about it."""

    words: str
    step: str = ""


_APP = "at https://entra.microsoft.com, App registrations, the app"
_CLOCK = "set this machine's clock right (timedatectl set-ntp true)"
_ASSIGN = "ask an administrator to assign the account: Enterprise applications, the app, Users"
_POLICY = (
    'sign in on this machine instead: [microsoft] flow = "interactive"; else ask an administrator'
)
_CONSENT = "an administrator must consent: noshow connect microsoft --explain has a text for them"
_TENANT = "correct [microsoft] tenant: the organisation's domain or its directory id"
_SECRET = f"make a new secret or certificate {_APP}, Certificates & secrets"

MICROSOFT: Final[Mapping[int, LoginHint]] = MappingProxyType(
    {
        16000: LoginHint("several accounts are signed in there", "sign out of the others first"),
        50001: LoginHint("the organisation does not know this resource", _CONSENT),
        50011: LoginHint(
            "the app does not know the address that the browser comes back to",
            f"{_APP}, Authentication: add the platform Mobile and desktop with http://localhost",
        ),
        50020: LoginHint(
            "the account is not of this organisation",
            f"sign in with the mailbox's own account, or {_TENANT}",
        ),
        50034: LoginHint("the organisation does not know this account", _TENANT),
        50053: LoginHint("the account is locked", "wait, or ask an administrator to unlock it"),
        50055: LoginHint("the password has expired", "change it in a browser first"),
        50056: LoginHint("the password is missing or wrong"),
        50057: LoginHint("the account is disabled", "ask an administrator"),
        50058: LoginHint("nobody is signed in any more"),
        50059: LoginHint("the organisation cannot be told from the request", _TENANT),
        50072: LoginHint("the organisation now asks to set a second factor up"),
        50074: LoginHint("the organisation now asks for a second factor"),
        50076: LoginHint("the organisation now asks for a second factor"),
        50078: LoginHint("the second factor has to be shown again"),
        50079: LoginHint("the organisation now asks to set a second factor up"),
        50085: LoginHint("the login has ended by inactivity"),
        50089: LoginHint("the sign-in took too long"),
        50097: LoginHint("the organisation asks for a known device", _POLICY),
        50105: LoginHint("the account is not assigned to this app", _ASSIGN),
        50125: LoginHint("the sign-in was interrupted by a change of the password"),
        50126: LoginHint("the user name or the password is wrong"),
        50128: LoginHint("the organisation does not exist", _TENANT),
        50129: LoginHint("the device is not joined to the organisation", _POLICY),
        50131: LoginHint("a policy does not allow this place or device", _POLICY),
        50132: LoginHint("the sessions were ended for safety or by a new password"),
        50133: LoginHint("the session is not valid after a new password"),
        50140: LoginHint("the sign-in was interrupted at 'stay signed in'"),
        50144: LoginHint("the password has expired", "change it in a browser first"),
        50158: LoginHint("another service of the organisation has to be satisfied first"),
        50173: LoginHint("the password was changed"),
        50194: LoginHint("the app is registered for one organisation alone", _TENANT),
        51004: LoginHint("the organisation does not know this account", _TENANT),
        53000: LoginHint("the organisation asks for a managed device", _POLICY),
        53001: LoginHint("the organisation asks for a joined device", _POLICY),
        53002: LoginHint("the organisation does not allow this app's kind of sign-in", _POLICY),
        53003: LoginHint("a Conditional Access policy blocks this way of signing in", _POLICY),
        53004: LoginHint("a second factor must be set up first", "set it up in a browser first"),
        65001: LoginHint("the permissions have not been consented to", _CONSENT),
        65004: LoginHint("the consent was declined", "log in again and accept"),
        65005: LoginHint("the app asks for a permission that it does not list", _CONSENT),
        70000: LoginHint("the login is not valid any more"),
        70001: LoginHint(
            "the organisation does not know this app", f"correct client_id, or {_TENANT}"
        ),
        70002: LoginHint("the app's secret or certificate is not accepted", _SECRET),
        70003: LoginHint("the app may not log in in this way", f"{_APP}, Authentication"),
        70008: LoginHint("the login has ended by inactivity or age"),
        70011: LoginHint("a permission is not known there", "update noshow"),
        70016: LoginHint("nobody has typed the code yet"),
        70019: LoginHint("the code has expired", "log in again and type it within 15 minutes"),
        70020: LoginHint("the code has expired", "log in again and type it within 15 minutes"),
        70043: LoginHint("the organisation limits how long logins last"),
        70044: LoginHint("the organisation limits how long logins last"),
        75011: LoginHint(
            "another kind of sign-in was used before", "sign out in the browser first"
        ),
        80001: LoginHint("the organisation's own sign-in server cannot be reached"),
        90002: LoginHint("the organisation does not exist", _TENANT),
        90014: LoginHint("the request lacks a field", "update noshow"),
        90019: LoginHint("the organisation cannot be told from the request", _TENANT),
        90072: LoginHint("the account is of another organisation", _TENANT),
        90094: LoginHint("an administrator must consent to the permissions", _CONSENT),
        90095: LoginHint("an administrator must consent to the permissions", _CONSENT),
        130507: LoginHint("the access pass has ended", "ask an administrator for a new one"),
        135010: LoginHint("the account has no right to this app", _ASSIGN),
        500011: LoginHint("the organisation does not know this resource", _CONSENT),
        500133: LoginHint("the signed request is not valid at this time", _CLOCK),
        500208: LoginHint("the domain cannot sign in to this kind of account", _TENANT),
        530032: LoginHint("a security policy blocks the sign-in", _POLICY),
        530033: LoginHint("a policy blocks this app", _POLICY),
        530034: LoginHint("a policy blocks delegated administrators", _POLICY),
        650052: LoginHint("the organisation has no licence for this service", _CONSENT),
        650057: LoginHint("the app asks for a permission that it does not list", _CONSENT),
        700003: LoginHint("the device was removed from the organisation"),
        700016: LoginHint(
            "the organisation does not know this app", f"correct client_id, or {_TENANT}"
        ),
        700024: LoginHint("the signed request is not valid at this time", _CLOCK),
        700025: LoginHint("a public app must not show a secret", "take client_secret out"),
        700027: LoginHint("the certificate is not the app's", _SECRET),
        700030: LoginHint("the certificate is not valid", _SECRET),
        700038: LoginHint("the client id is not one", "correct [microsoft] client_id"),
        700082: LoginHint("it was not used for 90 days"),
        700084: LoginHint("the login of a browser app ends after a day", f"{_APP}, Authentication"),
        7000012: LoginHint("the login was given for another organisation"),
        7000014: LoginHint("the login was given for another way of signing in"),
        7000112: LoginHint("the app is disabled in the organisation", "ask an administrator"),
        7000113: LoginHint("the app is not allowed in the organisation", "ask an administrator"),
        7000114: LoginHint("the app may not act for users", _CONSENT),
        7000215: LoginHint(
            "the client secret is wrong", "put the secret's value, not its id, into the settings"
        ),
        7000216: LoginHint("the app's secret or certificate is missing", _SECRET),
        7000218: LoginHint(
            "the app is not allowed to log in without a secret",
            f'{_APP}, Authentication, Settings: "Allow public client flows" must be Yes',
        ),
        7000222: LoginHint("the client secret has expired", _SECRET),
    }
)

_CONSOLE = "https://console.cloud.google.com/auth/clients"
_AUDIENCE = "https://console.cloud.google.com/auth/audience"

GOOGLE: Final[Mapping[str, LoginHint]] = MappingProxyType(
    {
        "access_denied": LoginHint(
            "the consent was refused, or the account is no test user of an app in Testing",
            f"allow it with the mailbox's own account; in Testing, add it at {_AUDIENCE}",
        ),
        "admin_policy_enforced": LoginHint(
            "an administrator does not allow these permissions to this app",
            "ask to trust the app: https://admin.google.com/ac/owl/list?tab=configuredApps",
        ),
        "consent_required": LoginHint("the consent has to be given anew"),
        "deleted_client": LoginHint("the app was deleted", f"make a new client at {_CONSOLE}"),
        "disabled_client": LoginHint("the app is disabled", f"look at it at {_CONSOLE}"),
        "disallowed_useragent": LoginHint(
            "Google does not let this browser sign in", "open the address in another browser"
        ),
        "expired_token": LoginHint("the code has expired"),
        "interaction_required": LoginHint("Google asks the owner to sign in"),
        "invalid_client": LoginHint(
            "the app's id or secret is wrong", f"download the client's file again at {_CONSOLE}"
        ),
        "invalid_grant": LoginHint("the login or the code is not valid any more"),
        "invalid_rapt": LoginHint(
            "the Workspace asks to sign in again after some hours (session control)",
            "an administrator exempts trusted apps: https://admin.google.com, Security, Access and "
            "data control, Google Cloud session control; or use a service account",
        ),
        "invalid_request": LoginHint("the request is not as Google wants it", "update noshow"),
        "invalid_scope": LoginHint("a permission is not known there", "update noshow"),
        "login_required": LoginHint("Google asks the owner to sign in"),
        "org_internal": LoginHint(
            "the app is for its own organisation alone", f"make it External at {_AUDIENCE}"
        ),
        "rapt_required": LoginHint(
            "the Workspace asks to sign in again after some hours (session control)",
            "an administrator exempts trusted apps: https://admin.google.com, Security, Access and "
            "data control, Google Cloud session control; or use a service account",
        ),
        "redirect_uri_mismatch": LoginHint(
            "the client is not of the kind Desktop app",
            f"make one of that kind at {_CONSOLE}, and name its file",
        ),
        "unauthorized_client": LoginHint(
            "the app may not log in in this way",
            f"the client must be of the kind Desktop app: {_CONSOLE}",
        ),
        "unsupported_grant_type": LoginHint(
            "the app may not log in in this way",
            f"the client must be of the kind Desktop app: {_CONSOLE}",
        ),
        "unsupported_response_type": LoginHint(
            "the app may not log in in this way",
            f"the client must be of the kind Desktop app: {_CONSOLE}",
        ),
    }
)
