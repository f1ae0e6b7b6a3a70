"""What must somebody do once, before noshow can use a Microsoft 365 mailbox?

Entra's admin centre as of November 2026, in words and links; a text to send to an administrator;
and the question before noshow asks for more than the least permission. Sources:
https://learn.microsoft.com/entra/identity-platform/quickstart-register-app,
https://learn.microsoft.com/entra/identity-platform/v2-admin-consent, facts/microsoft.md 3, 5, 6.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from connectors.auth.expiry import WORDS, command
from connectors.auth.microsoft.consent import (
    CALENDAR_BASIC,
    CALENDAR_FULL,
    Registration,
    scopes_for,
)

REDIRECT = "http://localhost"
_GRAPH = "https://graph.microsoft.com/"
_WHAT = {
    CALENDAR_BASIC: "meetings without their descriptions",
    CALENDAR_FULL: "meetings (their descriptions too, which noshow drops unread)",
    "Mail.ReadBasic": "the headers of mails, never a text of a mail",
    "Mail.Send": "sends the report to the mailbox's own addresses",
    "OnlineMeetings.Read": "finds the Teams meeting of an entry",
    "OnlineMeetingArtifact.Read.All": "who was in a Teams meeting that you organised",
}


def guide(purpose: str = "read", *, calendar: str = CALENDAR_BASIC) -> str:
    """The steps for one purpose, as plain text for a terminal.

    For reading the whole registration; every further purpose is a consent of its own, and told alone.
    """
    text = _TEXT if purpose == "read" else _FURTHER
    return text.format(
        redirect=REDIRECT,
        permissions=_permissions(scopes_for(purpose, calendar), "   "),
        word=WORDS[purpose],
        command=command("microsoft", purpose),
    )


def app_guide(purposes: Sequence[str] = ("read",)) -> str:
    """The steps for an app that reads many mailboxes with a certificate of its own."""
    words = {"read": "read", "send": "send for", "attendance": "see who attended for"}
    return _APP.format(
        permissions=_permissions(application_roles(purposes), "   "),
        word=words[purposes[0]],
        command=command("microsoft", purposes[0]),
    )


def application_roles(purposes: Sequence[str] = ("read",)) -> tuple[str, ...]:
    """The application permissions that stand for the delegated ones of these purposes."""
    roles = {
        "read": ("Calendars.ReadBasic.All", "Mail.ReadBasic.All"),
        "send": ("Mail.Send",),
        "attendance": ("OnlineMeetings.Read.All", "OnlineMeetingArtifact.Read.All"),
    }
    return tuple(dict.fromkeys(role for purpose in purposes for role in roles[purpose]))


def consent_link(
    registration: Registration, purposes: Sequence[str] = ("read",), calendar: str = CALENDAR_BASIC
) -> str:
    """The page on which an administrator consents for everybody in the organisation.

    With `organizations` as the tenant the administrator's own one is meant.
    """
    wanted = [scope for purpose in purposes for scope in scopes_for(purpose, calendar)]
    query = {
        "client_id": registration.client_id,
        "scope": " ".join(_GRAPH + scope for scope in wanted),
        "redirect_uri": REDIRECT,
    }
    return f"{registration.address}/v2.0/adminconsent?{urlencode(query, quote_via=quote)}"


def admin_letter(
    registration: Registration,
    purposes: Sequence[str] = ("read",),
    *,
    calendar: str = CALENDAR_BASIC,
    mailboxes: Sequence[str] = (),
) -> str:
    """A text ready to be sent to the organisation's administrator."""
    wanted = [scope for purpose in purposes for scope in scopes_for(purpose, calendar)]
    reads = "read" in purposes
    whom = ", ".join(mailboxes) or "my own mailbox"
    return _LETTER.format(
        client=registration.client_id,
        whom=whom,
        about=_READS if reads else ", ".join(WORDS[one] for one in purposes),
        permissions=_permissions(wanted, "  "),
        link=consent_link(registration, purposes, calendar),
    )


def fallback_question() -> str:
    """What is asked before Calendars.Read is asked for in place of Calendars.ReadBasic."""
    return _FALLBACK


def _permissions(scopes: Sequence[str], indent: str) -> str:
    width = max(len(scope) for scope in scopes)
    lines = []
    for scope in scopes:
        basic = scope.removesuffix(".All") if scope not in _WHAT else scope
        lines.append(f"{indent}{scope:<{width}}  {_WHAT.get(basic, '')}".rstrip())
    return "\n".join(lines)


_TEXT = """\
Connecting Microsoft 365 takes about ten minutes, once. noshow runs under an app of your own, so
that nobody else can see your data. If your organisation lets only administrators register apps, one
of them does the steps 1 to 3 and tells you the two ids of step 4.

1. Register an app: https://entra.microsoft.com, "App registrations", "New registration".
   A name ("noshow") is enough. Supported accounts: "this organizational directory only" (single
   tenant), or several directories where several organisations shall use it. Personal accounts
   do not work.

2. On its page "Authentication": "Add a platform" (newer pages: "Add Redirect URI"),
   "Mobile and desktop applications", and as a redirect URI write exactly:  {redirect}
   Below (newer pages: on the tab "Settings"), at "Allow public client flows": Yes. "Save".

3. On its page "API permissions": "Add a permission", "Microsoft Graph", "Delegated permissions":
{permissions}

4. Name the app in the settings; its "Overview" shows both ids:
   [microsoft]
   client_id = "<Application (client) ID>"
   tenant = "<Directory (tenant) ID>"

5. Log in: {command}
   It shows a code to type in any browser; sign in there as the mailbox's owner. Where the
   organisation blocks such codes: {command} --browser
   on a machine with a browser (or there with --export, and here with --import).

6. Only if that sign-in says "Need admin approval": an administrator has to consent once.
"""

_FURTHER = """\
For {word}, a consent of its own, besides the one for reading.
(No app yet? noshow connect microsoft --explain says how one is registered.)

1. On your app's page "API permissions" (https://entra.microsoft.com, "App registrations"): "Add a
   permission", "Microsoft Graph", "Delegated permissions":
{permissions}

2. Log in once more, for this alone: {command}
   The login for reading stays as it is.
"""

_APP = """\
For many mailboxes an administrator lets one app {word} them with a certificate; nobody logs in:

1. Register an app: https://entra.microsoft.com, "App registrations", "New registration", for "this
   organizational directory only", without a redirect URI. Its "Overview" shows both ids:
   [microsoft]
   client_id = "<Application (client) ID>"
   tenant = "<Directory (tenant) ID>"

2. On its page "Certificates & secrets" upload a certificate, and name key and certificate:
   [microsoft]
   flow = "app"
   certificate_file = "/path/to/app.pfx"
   (A secret works, too: NOSHOW__MICROSOFT__CLIENT_SECRET in the environment. It ends by itself.)

3. On its page "API permissions": "Microsoft Graph", "Application permissions", then "Grant admin
   consent":
{permissions}

4. These permissions reach every mailbox of the organisation. To keep them to a few, an Exchange
   administrator uses RBAC for Applications (New-ServicePrincipal, New-ManagementScope,
   New-ManagementRoleAssignment -App ... -Role "Application Mail.ReadBasic"):
   https://learn.microsoft.com/exchange/permissions-exo/application-rbac
   For attendance records, Teams wants a policy of its own, which takes up to 30 minutes:
   New-CsApplicationAccessPolicy, Grant-CsApplicationAccessPolicy.

5. Prove it: {command} -m you@ourco.example
"""

_READS = "reading calendar entries and the headers of mails, never a text of a mail"

_LETTER = """\
Subject: Consent for the app noshow

Hello,

I use noshow, a program on our own machine that tells me once a week which contacts cancel at the
last minute or never answer. It needs your consent for {about}: these delegated permissions, for
{whom}:

{permissions}

It acts as the signed-in person alone, and what it reads is stored on our machine. The app's client
id is {client}.

To consent, open this page as an administrator:

{link}

It ends on a page at http://localhost that cannot be shown; that is as it should be.

Thank you
"""

_FALLBACK = """\
The organisation does not grant Calendars.ReadBasic, with which Microsoft itself leaves the
descriptions of meetings out. Calendars.Read is often granted where the other is not. With it,
Microsoft sends descriptions along; noshow drops them as they arrive and stores none.

Ask for Calendars.Read instead?"""
