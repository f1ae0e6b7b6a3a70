"""What must the owner of a Google mailbox do once, before noshow can read it?

Google's console as of November 2026, in words and links. Source: facts on OAuth apps, scopes and
publishing states at https://developers.google.com/workspace/guides/configure-oauth-consent and
https://support.google.com/cloud/answer/15549945 (audience, testing, publishing).
"""

from __future__ import annotations

from connectors.auth.google.consent import SCOPES

_APIS = {
    "read": (("Google Calendar API", "calendar-json"), ("Gmail API", "gmail")),
    "send": (("Gmail API", "gmail"),),
    "attendance": (("Google Meet REST API", "meet"),),
    "audit": (("Admin SDK API", "admin"),),
}


def guide(purpose: str = "read", *, workspace: bool = True) -> str:
    """The steps for one purpose, as plain text for a terminal.

    `workspace`: the mailbox belongs to an organisation with Google Workspace (an internal app
    needs no review); else it is a personal account.
    """
    apis = "\n".join(
        f"   {name}: https://console.cloud.google.com/apis/library/{slug}.googleapis.com"
        for name, slug in _APIS[purpose]
    )
    scopes = "\n".join(f"   {scope}" for scope in SCOPES[purpose])
    audience = _INTERNAL if workspace else _EXTERNAL
    return _TEXT.format(apis=apis, scopes=scopes, audience=audience)


def delegation_guide(client_id: str, purpose: str = "read") -> str:
    """The steps for a service account with domain-wide delegation (Workspace only)."""
    return _DELEGATION.format(client_id=client_id, scopes=",".join(SCOPES[purpose]))


_TEXT = """\
Connecting Google takes about ten minutes, once. noshow runs under your own project, so that
nobody else can see your data or your quota.

1. Make a project: https://console.cloud.google.com/projectcreate

2. Enable in it:
{apis}

3. Describe the app: https://console.cloud.google.com/auth/branding
   A name ("noshow") and your address are enough.

4. Choose who may use it: https://console.cloud.google.com/auth/audience
{audience}

5. Name the permissions: https://console.cloud.google.com/auth/scopes
{scopes}
   They show meetings and the headers of mails, never a text of a mail.

6. Make a client: https://console.cloud.google.com/auth/clients
   Type "Desktop app". Download its JSON file and name it in the settings:
   [google]
   client_file = "/path/to/client_secret.json"

7. Run this command again. In the browser choose the mailbox's own account and leave every box
   ticked. On a machine without a browser, use --paste; or connect on your laptop with --export
   and bring the file here with --import.
"""

_INTERNAL = """\
   "Internal". No review, no warning page, and logins last. (If "Internal" is greyed out, the
   project does not belong to your organisation.)"""

_EXTERNAL = """\
   "External", and then "Publish app", so that its state is "In production". In "Testing" every
   login ends after 7 days. You need no review for your own use: the warning page "Google hasn't
   verified this app" is yours to pass ("Advanced", "Go to noshow")."""

_DELEGATION = """\
For a whole Workspace domain, an administrator allows one service account to read for its users:

1. Make the account and a JSON key: https://console.cloud.google.com/iam-admin/serviceaccounts
   and name the file in the settings:
   [google]
   service_account_file = "/path/to/key.json"

2. Allow it: https://admin.google.com/ac/owl/domainwidedelegation
   Client ID:  {client_id}
   Scopes:     {scopes}
   Exactly these, separated by commas. It can take up to 24 hours.
"""
