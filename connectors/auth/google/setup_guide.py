"""What must the owner of a Google mailbox do once, before noshow can use it?

Google's console as of November 2026, in words and links. Sources:
https://support.google.com/cloud/answer/15544987 (the first visit),
https://support.google.com/cloud/answer/15549945 (audience, testing, publishing),
https://developers.google.com/workspace/guides/configure-oauth-consent. Reading is what a project is
made for; every further purpose is a consent of its own, and is told alone.
"""

from __future__ import annotations

from connectors.auth.expiry import WORDS, command
from connectors.auth.google.consent import SCOPES

_APIS = {
    "read": (("Google Calendar API", "calendar-json"), ("Gmail API", "gmail")),
    "send": (("Gmail API", "gmail"),),
    "attendance": (("Google Meet REST API", "meet"),),
    "audit": (("Admin SDK API", "admin"),),
    "directory": (("Admin SDK API", "admin"),),
}
_WHAT = {
    "read": "It shows meetings and the headers of mails, never a text of a mail.",
    "send": "It sends mails in the name of the mailbox, and reads nothing.",
    "attendance": "It shows who was in a Google Meet call, and nothing else.",
    "audit": "It shows an administrator which answers and changes the domain's calendars had.",
    "directory": "It shows which people there are in the organisation and in its groups.",
}


def guide(purpose: str = "read", *, workspace: bool = True) -> str:
    """The steps for one purpose, as plain text for a terminal.

    `workspace`: the mailbox belongs to an organisation with Google Workspace (an internal app
    needs no review); else it is a personal account.
    """
    facts = {
        "apis": "\n".join(
            f"   {name}: https://console.cloud.google.com/apis/library/{slug}.googleapis.com"
            for name, slug in _APIS[purpose]
        ),
        "scopes": "\n".join(f"   {scope}" for scope in SCOPES[purpose]),
        "what": _WHAT[purpose],
        "word": WORDS[purpose],
        "command": command("google", purpose),
    }
    if purpose != "read":
        return _FURTHER.format(**facts)
    audience, after = (_INTERNAL, "") if workspace else (_EXTERNAL, _PUBLISH)
    return _TEXT.format(**facts, audience=audience, after=after)


def delegation_guide(client_id: str, purpose: str = "read") -> str:
    """The steps for a service account with domain-wide delegation (Workspace only)."""
    return _DELEGATION.format(
        client_id=client_id,
        scopes=",".join(SCOPES[purpose]),
        word=WORDS[purpose],
        what=_WHAT[purpose],
    )


_TEXT = """\
Connecting Google takes about ten minutes, once. noshow runs under your own project, so that
nobody else can see your data or your quota.

1. Make a project: https://console.cloud.google.com/projectcreate
   Its name is free. At the top of every page below, see that this project is chosen.

2. Enable in it:
{apis}

3. Set the login up: https://console.cloud.google.com/auth/overview
   On the first visit it says "not configured yet": "Get started", and four short pages:
   App information      App name: noshow. User support email: your address.
{audience}
   Contact information  your address.
   Finish               tick that you agree to the user data policy, "Continue", "Create".
   (No "Get started"? It was set up before: the same is under "Branding", and who may use it under
   "Audience": https://console.cloud.google.com/auth/audience)

4. Name the permissions: https://console.cloud.google.com/auth/scopes ("Data access")
   "Add or remove scopes"; put these under "Manually add scopes"; "Add to table", "Update", "Save":
{scopes}
   {what}
{after}
5. Make a client: https://console.cloud.google.com/auth/clients
   "Create client", type "Desktop app", "Create". Download its JSON file at once (its secret is
   shown this one time), and name it in the settings:
   [google]
   client_file = "/path/to/client_secret.json"

6. Log in: {command}
   In the browser choose the mailbox's own account and leave every box ticked. On a machine
   without a browser add --paste; or connect on your laptop with --export and bring the file
   here with --import.
"""

_INTERNAL = """\
   Audience             "Internal": no review, no warning page, and logins last. Greyed out? The
                        project is not your organisation's: make it while logged in there."""

_EXTERNAL = """\
   Audience             "External": a personal account has no other choice."""

_PUBLISH = """
   Then publish it: https://console.cloud.google.com/auth/audience, "Publish app", "Confirm". Its
   state is "In production" from then on, and logins last; in "Testing" each ends after 7 days.
   The console now says that the app needs verification: leave that alone. It is for apps that
   strangers use; yours works without, for up to 100 accounts. At the login a page says "Google
   hasn't verified this app": "Advanced", then "Go to noshow (unsafe)".
"""

_FURTHER = """\
For {word}, a consent of its own, besides the one for reading.
{what}
(No project yet? noshow connect google --explain says how one is made.)

1. In your project, enable what is not enabled yet:
{apis}

2. Add this permission: https://console.cloud.google.com/auth/scopes ("Data access")
{scopes}

3. Log in once more, for this alone: {command}
   The client and its file stay as they are. The login for reading stays, too.
"""

_DELEGATION = """\
For a whole Workspace domain, an administrator allows one service account, for {word}.
{what}

1. Make the account and a JSON key: https://console.cloud.google.com/iam-admin/serviceaccounts
   and name the file in the settings:
   [google]
   service_account_file = "/path/to/key.json"

2. Allow it: https://admin.google.com/ac/owl/domainwidedelegation
   Client ID:  {client_id}
   Scopes:     {scopes}
   Exactly these, separated by commas, besides those that stand there already. It can take up to
   24 hours.
"""
