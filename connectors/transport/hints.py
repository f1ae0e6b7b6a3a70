"""What should a person do about a refusal, and where?

The table of connectors.transport.error_table says what an answer means; here stand the words for those
who must act, by the step and by what was asked: an API, its provider, or neither. Sources: the
reasons at https://developers.google.com/workspace/calendar/api/guides/errors,
https://developers.google.com/workspace/gmail/api/guides/handle-errors and
https://learn.microsoft.com/graph/errors; facts/google.md 2.1, 4, 5; facts/microsoft.md 4, 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

#: What can be asked, by its provider. A login endpoint and anything new are none of these ("").
PROVIDERS: Mapping[str, str] = {
    "calendar": "google",
    "gmail": "google",
    "meet": "google",
    "reports": "google",
    "directory": "google",
    "graph": "microsoft",
}


class Step(StrEnum):
    """What is to be done."""

    NOTHING = "nothing"
    LOGIN = "login"
    PERMISSION = "permission"  # the login was not given what the request needs
    ENABLE = "enable"  # the API is off in the provider's project
    BILLING = "billing"
    PROJECT = "project"  # the provider has shut or does not know the project
    POLICY = "policy"  # an administrator's rule keeps the app out
    MAILBOX = "mailbox"  # the account has no mailbox, or is not the one that is meant
    CLOSED = "closed"  # refused without a reason that says more
    MISSING = "missing"  # a list or a fixed place is not there
    SHARE = "share"  # somebody else's calendar shows too little
    TOMORROW = "tomorrow"  # the day's quota
    NETWORK = "network"  # something between here and the provider answered
    OURS = "ours"
    LOOK = "look"  # nobody here knows the reason


PROBE = "noshow doctor --probe shows what can be read"
_CONSOLE = "https://console.cloud.google.com"
_ENABLE = "the API is off in your project; enable it, wait five minutes, and sync: {}"
_LIBRARY = f"{_CONSOLE}/apis/library/{{}}.googleapis.com"

#: The words for everybody: those who are asked need no other.
_WORDS: Mapping[Step, str] = {
    Step.NOTHING: "",
    # Whoever prints it adds whose login it is (jobs.fetch.sync).
    Step.LOGIN: "log in again: noshow connect",
    Step.PERMISSION: "the login lacks a permission: run noshow connect again",
    Step.ENABLE: f"the provider has this API turned off for the app; {PROBE}",
    Step.BILLING: f"the provider wants to be paid for this API; {PROBE}",
    Step.PROJECT: "the provider has shut the app or does not know it: check it in its console",
    Step.POLICY: "an administrator's policy keeps this app out: ask them to allow its client id",
    Step.MAILBOX: "the account has no mailbox that can be read: check its address in the settings",
    Step.CLOSED: f"the account may not read this: ask its administrator; {PROBE}",
    Step.MISSING: f"check the provider's addresses in the settings; {PROBE}",
    Step.SHARE: "ask the calendar's owner to share it with all details, or take it out of "
    "`calendars` in the settings",
    Step.TOMORROW: "the quota of the day is used up; the next run goes on from here",
    Step.NETWORK: "something on the way answers in the provider's place: sign in to the network, "
    "and check the provider's addresses in the settings",
    Step.OURS: f"this is a mistake in noshow or a change of the API: update noshow; {PROBE}",
    Step.LOOK: f"the provider does not say why; {PROBE}, and it may be over with the next run",
}

#: More exact words, by the API or the provider.
_BETTER: Mapping[tuple[Step, str], str] = {
    (Step.PERMISSION, "google"): "the login lacks a permission: run noshow connect google again "
    "and leave every box ticked",
    (Step.PERMISSION, "microsoft"): "the login lacks a permission: noshow connect microsoft; where "
    "an administrator must consent, noshow connect microsoft --explain shows a text for them",
    (Step.ENABLE, "calendar"): _ENABLE.format(_LIBRARY.format("calendar-json")),
    (Step.ENABLE, "gmail"): _ENABLE.format(_LIBRARY.format("gmail")),
    (Step.ENABLE, "meet"): _ENABLE.format(_LIBRARY.format("meet")),
    (Step.ENABLE, "reports"): _ENABLE.format(_LIBRARY.format("admin")),
    (Step.ENABLE, "directory"): _ENABLE.format(_LIBRARY.format("admin")),
    (Step.BILLING, "google"): "your project needs an active billing account for this API: "
    f"{_CONSOLE}/billing/projects",
    (Step.BILLING, "microsoft"): "the organisation's licence does not cover this API: ask its "
    "administrator",
    (Step.PROJECT, "google"): "Google has suspended or deleted your project: look at "
    f"{_CONSOLE}/home/dashboard, then: noshow connect google",
    (Step.POLICY, "google"): "an administrator's policy keeps this app out: they allow its client "
    "id at https://admin.google.com/ac/owl",
    (Step.POLICY, "microsoft"): "a policy of the organisation keeps this app out; noshow connect "
    "microsoft --explain shows a text for your administrator",
    (Step.MAILBOX, "gmail"): "Gmail is off for this account, or the settings name another address "
    "than its primary one: the mailbox must open at https://mail.google.com",
    (Step.MAILBOX, "calendar"): "Calendar is off for this account, or the settings name another "
    "address than its primary one: it must open at https://calendar.google.com",
    (Step.MAILBOX, "microsoft"): "only Exchange Online mailboxes can be read; check the address",
    (Step.CLOSED, "calendar"): "the account may not read a calendar named in `calendars` of the "
    "settings: ask its owner to share it with all details, or take it out; "
    "noshow doctor --probe shows whether it helps",
    (Step.CLOSED, "gmail"): "Gmail refuses this login: noshow connect google with the mailbox's "
    "own account; if that does not help, an administrator has turned the access off",
    (Step.CLOSED, "meet"): "Meet shows its records to who owned or joined a meeting, in an "
    "organisation that keeps them; set attendance = false in [google] to do without",
    (Step.CLOSED, "reports"): "only an administrator may read the audit log: set audit_account in "
    "[google] to one, then: noshow connect google --for audit",
    (Step.PERMISSION, "directory"): "the service account may not read the directory: "
    "noshow connect google --for directory --explain says what an administrator adds",
    (Step.CLOSED, "directory"): "only an administrator may read the directory: set "
    "directory_account in [team] to one of the Workspace",
    (Step.MISSING, "directory"): "there is no such group in the Workspace: correct google_groups "
    "under [team] in the settings",
    (Step.CLOSED, "microsoft"): "the login lacks a permission, or a policy of the organisation "
    "keeps the app out; noshow connect microsoft --explain shows what an administrator can do",
    (Step.MISSING, "calendar"): "a calendar named in `calendars` of the settings is not there, or "
    "not shared with this account: ask its owner, or take it out; its own one is 'primary'",
    (Step.MISSING, "gmail"): "this account has no Gmail mailbox, or gmail_root in [google] leads "
    f"elsewhere; {PROBE}",
    (Step.MISSING, "microsoft"): "what was asked for is not in this mailbox: check `calendars` and "
    f"the address in the settings; {PROBE}",
}


def hint(step: Step, api: str = "") -> str:
    """The next step in words; "" only for Step.NOTHING. `api`: see PROVIDERS."""
    for place in (api, PROVIDERS.get(api, "")):
        if (step, place) in _BETTER:
            return _BETTER[step, place]
    return _WORDS[step]
